"""The flow meets the published aggregates, and what it reaches is told with its error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from risicoscreener.errors import DataError
from risicoscreener.synthetic.aims.estimates import Estimate
from risicoscreener.synthetic.aims.targets import (
    Attainment,
    conflicts,
    measure,
    measure_trend,
    target_named,
    targets,
)

BINDING = [target for target in targets() if target.is_gate]
DOCS = Path(__file__).parents[2] / "docs" / "synthetic.md"


@pytest.mark.parametrize("target", BINDING, ids=lambda target: target.key)
def test_a_published_or_derived_target_is_met_within_sampling_error(target, reached):
    found = reached[target.key]
    assert target.meets(found.value, found.error), f"{found.value:.3f} ({found.error:.3f})"


def test_all_but_two_of_the_assumed_targets_are_met_too(reached):
    missed = [t.key for t in targets() if not t.is_gate and not t.meets(reached[t.key].value)]
    assert len(missed) <= 2, missed


def test_every_target_is_measured_and_nothing_else_is(reached):
    assert {target.key for target in targets()} == set(reached)
    assert all(np.isfinite(found.value) and found.error > 0 for found in reached.values())


def test_the_documentation_shows_what_is_reached_now(reached):
    shown = Attainment(targets(), {1: reached}).markdown()
    assert shown in DOCS.read_text("utf-8")


def test_sampling_error_is_what_parts_of_a_cohort_differ_by(flow, reached):
    """Parts of a cohort lie about a standard error from the whole."""
    from risicoscreener.synthetic import Cohort, Truth

    persons = flow.truth.persons
    size = 8000
    apart = []
    for first in range(0, len(persons), size):
        chosen = np.arange(first, first + size)
        ids = persons.index[chosen]
        leaves = flow.truth.liberties
        part = Cohort(
            flow.tables.select(chosen),
            Truth(
                persons.iloc[chosen],
                leaves[leaves["person_id"].isin(ids)].reset_index(drop=True),
                flow.truth.interventions.iloc[chosen],
            ),
        )
        found = measure(part)
        apart += [
            (found[key].value - reached[key].value) / found[key].error
            for key in found
            if found[key].error > 0
        ]
    # a fifth of the whole is a part of it, so that the spread is the root of 0.8 of an error
    assert 0.75 < np.sqrt(np.mean(np.square(apart))) < 1.1


def test_the_gates_are_the_confirmed_and_derived_rows():
    assert {t.confidence for t in targets() if t.is_gate} == {"confirmed", "derived"}
    assert {t.confidence for t in targets() if not t.is_gate} == {"recalled", "assumed"}


def test_a_target_is_met_at_its_tolerance_and_missed_beyond_it():
    target = target_named("any_2y")
    assert target.meets(45.0)
    assert target.meets(49.0)
    assert not target.meets(44.9)
    assert not target.meets(49.1)
    assert target.meets(49.1, error=0.1)
    assert not target.meets(49.4, error=0.1)
    assert not target.meets(np.nan)


def test_one_seed_that_misses_a_gate_is_a_miss_and_other_rows_are_none():
    gate, plausible = target_named("any_2y"), target_named("any_1y")

    def at(value, other=34.0):
        return {"any_2y": estimate(value), "any_1y": estimate(other)}

    assert Attainment((gate, plausible), {1: at(47.0), 2: at(48.0, 10.0)}).ok
    missed = Attainment((gate, plausible), {1: at(47.0), 2: at(50.0, 10.0)})
    assert [t.key for t in missed.missed()] == ["any_2y"]
    assert [t.key for t in missed.missed(gates_only=False)] == ["any_2y", "any_1y"]
    assert not missed.ok


def test_the_table_says_for_each_row_what_it_is_worth():
    rows = (target_named("any_2y"), target_named("any_1y"))
    shown = Attainment(rows, {7: {"any_2y": estimate(47.04), "any_1y": estimate(40.0)}})
    assert shown.markdown().splitlines() == [
        "| quantity | mark | target | tolerance | measured on | seed 7 | error | within |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| reoffending in two years | confirmed | 47 % | 2 | dossiers | 47.0 | 0.25 (binomial) "
        "| yes |",
        "| reoffending in one year | recalled | 34 % | 3 | dossiers | 40.0 | 0.25 (binomial) "
        "| no (not a gate) |",
    ]


def test_a_quantity_that_nobody_shows_is_not_within_and_is_said():
    rows = (target_named("any_2y"),)
    shown = Attainment(rows, {1: {"any_2y": Estimate(np.nan, np.nan, "binomial", 0)}})
    assert not shown.ok
    assert "| nobody | unknown | no |" in shown.markdown()
    assert shown.to_dict()["targets"][0]["reached"]["1"]["value"] is None


def test_conflicts_are_between_rows_that_there_are_and_say_what_was_chosen():
    known = {target.key for target in targets()}
    assert len(conflicts()) >= 10
    for conflict in conflicts():
        assert set(conflict.between) <= known
        assert len(conflict.why) > 40
        assert len(conflict.chosen) > 20


def test_the_conflict_of_men_women_and_all_follows_by_arithmetic():
    men, women, everyone, female = (
        target_named(key).target
        for key in ("detained_before_men", "detained_before_women", "detained_before", "female")
    )
    assert women * female / 100 + men * (1 - female / 100) == pytest.approx(58.8)
    assert everyone == 60


def test_the_trend_is_that_of_the_year_of_release():
    level = {2002: 0.5, 2003: 0.5, 2010: 0.0, 2030: 0.0}
    falls = measure_trend(
        4000, changes={"outcomes.level_by_year": {str(y): v for y, v in level.items()}}
    )
    flat = measure_trend(4000, changes={"outcomes.level_by_year": {"2002": 0.0, "2030": 0.0}})
    assert abs(flat.value) <= 1e-9
    assert falls.value < -6.0
    assert falls.error < 1.5


def test_an_unknown_target_is_named_with_the_nearest():
    with pytest.raises(DataError, match="there is no target 'any_2'; did you mean 'any_2y'"):
        target_named("any_2")


def test_a_target_is_not_changed_by_copying():
    changed = replace(target_named("any_2y"), target=50.0)
    assert changed.meets(51.0)
    assert target_named("any_2y").target == 47


def estimate(value):
    return Estimate(value, 0.25, "binomial", 100)
