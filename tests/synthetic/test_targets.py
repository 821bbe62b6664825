"""The flow meets the published aggregates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from synthetic_targets import PEOPLE, SEED, table, targets

SHOWN = [target for target in targets() if not target.absent]
BINDING = [target for target in SHOWN if target.mark in "CD"]
DOCS = Path(__file__).parents[2] / "docs" / "synthetic.md"


@pytest.mark.parametrize("target", BINDING, ids=lambda target: target.name)
def test_a_published_or_derived_target_is_met(target, reached):
    assert target.meets(reached[target.name]), f"{target.quantity}: {reached[target.name]:.3f}"


def test_all_but_two_of_the_assumed_targets_are_met_too(reached):
    missed = [t.name for t in SHOWN if t.mark in "MA" and not t.meets(reached[t.name])]
    assert len(missed) <= 2, missed


def test_every_target_is_either_measured_or_says_why_not(reached):
    assert {target.name for target in SHOWN} == set(reached)
    assert all(len(target.absent) > 20 for target in targets() if target.absent)


def test_the_documentation_shows_what_is_reached_now(reached):
    text = DOCS.read_text("utf-8")
    assert table(reached) in text
    assert re.search(rf"synthetic_targets\.py -n {PEOPLE} --seed {SEED}\b", text)


def test_a_target_is_met_at_its_tolerance_and_missed_beyond_it():
    target = next(t for t in targets() if t.name == "any_2y")
    assert target.meets(45.0)
    assert target.meets(49.0)
    assert not target.meets(44.9)
    assert not target.meets(49.1)
