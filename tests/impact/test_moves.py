"""People under two policies: counted right, and small numbers not shown."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.decision import OUTCOMES
from risicoscreener.errors import ImpactError, RisicoscreenerError
from risicoscreener.impact.moves import compare_people


def screened(outcomes) -> SimpleNamespace:
    """What is asked of a screened table."""
    outcomes = np.asarray(outcomes, np.int8)
    ids = np.array([f"SYN-{i:06d}" for i in range(len(outcomes))])
    return SimpleNamespace(
        person_ids=ids,
        as_of=np.zeros(len(outcomes), np.int32),
        decided=SimpleNamespace(outcome=outcomes),
    )


def frame(n: int, **columns) -> pd.DataFrame:
    return pd.DataFrame(columns, index=[f"SYN-{i:06d}" for i in range(n)])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 400), st.integers(1, 6))
def test_what_is_shown_is_counted_right_and_no_small_number_is_shown(seed, n, prisons):
    rng = np.random.default_rng(seed)
    old = rng.choice([-1, 0, 1, 2], n, p=[0.02, 0.5, 0.28, 0.2])
    new = np.where(rng.random(n) < 0.8, old, rng.integers(0, 3, n))
    prison = rng.choice([f"P{i}" for i in range(prisons)], n)
    sex = np.where(rng.random(n) < 0.1, "female", "male")
    groups = frame(n, prison=prison, sex=sex)
    found = compare_people(screened(old), screened(new), groups)
    both = (old >= 0) & (new >= 0)
    assert (found.people, found.not_compared) == (both.sum(), (~both).sum())
    hidden = 0
    for group in found.groups:
        inside = both if not group.by else both & (groups[group.by].to_numpy() == group.label)
        if group.people is None:
            hidden += 1
        else:
            assert group.people == inside.sum()
            assert group.people == 0 or group.people >= 10
        for move in group.moves:
            count = (
                inside & (old == OUTCOMES.index(move.old)) & (new == OUTCOMES.index(move.new))
            ).sum()
            if move.people is None:
                hidden += 1
                assert move.share is None
                continue
            assert move.people == count
            assert count == 0 or count >= 5
            if move.share is not None:
                assert move.lower <= move.share <= move.upper
        if group.people is not None and all(m.people is not None for m in group.moves):
            assert sum(m.people for m in group.moves) == group.people
        elif group.people is not None:
            lacking = group.people - sum(m.people or 0 for m in group.moves)
            assert lacking == 0 or lacking >= 5
    assert found.withheld == hidden


def test_a_hidden_number_does_not_follow_from_the_others():
    old = [0] * 100
    new = [0] * 96 + [1] * 4
    groups = frame(100, prison=["A"] * 50 + ["B"] * 50)
    found = compare_people(screened(old), screened(new), groups)
    everybody = found.groups[0]
    assert everybody.move("deny", "deep_assessment").people is None
    assert everybody.people is None or everybody.move("deny", "deny").people is None


def test_shares_have_the_interval_of_wilson():
    old, new = [0] * 40, [0] * 30 + [2] * 10
    move = compare_people(screened(old), screened(new)).groups[0].move("deny", "grant")
    assert (move.people, move.share) == (10, 0.25)
    assert (move.lower, move.upper) == pytest.approx((0.1419, 0.4019), abs=5e-5)


def test_a_report_is_read_in_two_languages_as_a_table_and_as_plain_values():
    old, new = [0] * 40 + [2] * 40, [0] * 30 + [2] * 50
    groups = frame(80, sex=["male"] * 60 + [None] * 20)
    found = compare_people(screened(old), screened(new), groups, names=("leave/a", "leave/b"))
    assert "- van 'afwijzen' naar 'verlenen': 10, 12,5% (95%-interval 6," in found.text("nl")
    assert "- from 'deny' to 'grant': 10, 12.5% (95% interval 6." in found.text("en")
    assert "sex: ? (20)" in found.text("en")
    assert len(found.to_frame()) == 3 * len(found.groups)
    assert json.loads(json.dumps(found.to_dict()))["people"] == 80
    with pytest.raises(KeyError):
        found.groups[0].move("deny", "deep_assessment")
    with pytest.raises(RisicoscreenerError, match="language"):
        found.text("fr")


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (frame(3, sex=["m"] * 3), "no row for SYN-000003 and 0 others"),
        (frame(4, sex=["m"] * 4).iloc[[0, 1, 2, 3, 3]], "SYN-000003 twice"),
    ],
)
def test_groups_that_do_not_fit_are_refused(groups, said):
    with pytest.raises(ImpactError, match=said):
        compare_people(screened([0] * 4), screened([0] * 4), groups)


def test_a_column_that_divides_everybody_apart_is_refused():
    ids = frame(300, name=[str(i) for i in range(300)])
    with pytest.raises(ImpactError, match="name have 300 labels; expected at most 200"):
        compare_people(screened([0] * 300), screened([0] * 300), ids)


def test_two_screenings_of_other_people_are_refused():
    with pytest.raises(ImpactError, match="expected the same rows in both"):
        compare_people(screened([0] * 3), screened([0] * 4))
