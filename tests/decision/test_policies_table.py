"""The table of policies in the documentation is as the policies are."""

from __future__ import annotations

from policies_table import PAGE, page


def test_the_table_of_policies_is_up_to_date():
    assert PAGE.read_text("utf-8") == page(), "run python scripts/policies_table.py"
