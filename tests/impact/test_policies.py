"""Policies from files, for scenarios."""

from __future__ import annotations

from risicoscreener.decision.book import shipped_parts
from risicoscreener.impact import policy_of


def test_a_file_can_use_the_parts_that_the_shipped_policies_share(tmp_path):
    part = shipped_parts()["conditions"][0]
    path = tmp_path / "own.toml"
    path.write_text(
        'amends = "leave/2021-07-01"\nvalid_from = 2023-01-01\n'
        f'[[conditions]]\nlike = "{part["id"]}"\nwhen = {{}}\n',
        "utf-8",
    )
    assert policy_of(path).id == "leave/2023-01-01"
    assert part["id"] in [condition.id for condition in policy_of(path).policy.conditions]
