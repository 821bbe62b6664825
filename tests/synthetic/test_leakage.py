"""What is visible on the index day does not come from the outcome, nor from what is for audit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risicoscreener.dossier.schema import tables
from risicoscreener.features import compute_features
from risicoscreener.synthetic import load_parameters, simulate
from risicoscreener.synthetic.aims.targets import COMPLETE

from .looking import visible

N = 4096
P = load_parameters()


def opposite(path):
    return {name: -value for name, value in P[path].items()}


CHANGES = {
    "outcomes.any_2y": opposite("outcomes.any_2y"),
    "outcomes.violent_share": opposite("outcomes.violent_share"),
    "outcomes.serious_share": {"intercept": 2.0},
    "followup.death": {"intercept": -1.0},
    "followup.new_detention": {"intercept": -1.0},
    "interventions.supervision": {"intercept": 1.0},
    "outcomes.custodial_factor": 0.2,
    "outcomes.own_curve": {"ceiling": 0.9, "rate": 2.0, "shape": 0.5},
    "registration.detection_odds_ratio": 0.2,
}


@pytest.fixture(scope="module", params=["flow", "sentenced"])
def two_futures(request):
    usual = simulate(N, seed=7, population=request.param)
    return usual, simulate(N, seed=7, population=request.param, changes=CHANGES)


def test_the_two_futures_differ(two_futures):
    usual, other = (cohort.truth.persons for cohort in two_futures)
    assert (usual["any_2y"] != other["any_2y"]).mean() > 0.2


@pytest.mark.parametrize("name", tables())
def test_facts_visible_on_the_index_day_do_not_depend_on_what_comes_after(two_futures, name):
    usual, other = (visible(cohort, name) for cohort in two_futures)
    pd.testing.assert_frame_equal(usual, other)


def test_no_feature_on_the_index_day_depends_on_what_comes_after(two_futures):
    usual, other = (
        compute_features(cohort.tables, cohort.truth.persons[["as_of"]].reset_index()).values
        for cohort in two_futures
    )
    np.testing.assert_array_equal(usual, other)


def test_leave_does_not_depend_on_what_comes_after_release(two_futures):
    usual, other = (cohort.truth.liberties for cohort in two_futures)
    pd.testing.assert_frame_equal(usual, other)


def test_how_leaves_end_is_not_visible_the_day_before_the_decision(sentenced):
    path = "liberties.failure"
    p = load_parameters("sentenced")
    changes = COMPLETE | {path: {**p[path], "intercept": -60.0}}
    never = simulate(N, seed=3, population="sentenced", changes=changes)
    often = sentenced.truth.liberties
    assert never.truth.liberties["failed"].sum() == 0
    first = often.drop_duplicates("person_id")
    first = first[first["person_id"].isin(never.truth.persons.index)].head(2000)
    frames = [compute_features(c.tables, first[["person_id", "as_of"]]) for c in (sentenced, never)]
    np.testing.assert_array_equal(frames[0].values, frames[1].values)


def test_attributes_for_audit_are_only_in_the_audit_table(cohort):
    audit = cohort.tables.to_pandas("audit")
    assert set(audit["attribute"]) == {"origin_group", "neighbourhood_income"}
    values = set(audit["value"])
    for name, table in cohort.tables.tables.items():
        if name == "audit":
            continue
        for column in table.columns:
            if str(column.type).startswith(("dictionary", "string")) and table.num_rows < 2_000_000:
                assert not values & set(column.unique().drop_null().to_pylist()), name
    assert not [c for c in cohort.truth.persons if "abroad" in c or "origin" in c]


def test_everybody_has_each_attribute_for_audit_once(cohort):
    audit = cohort.tables.to_pandas("audit")
    assert not audit.duplicated(["person_id", "attribute"]).any()
    assert len(audit) == 2 * len(cohort.truth.persons)
