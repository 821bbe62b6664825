"""Assessments of risk and needs (RISc) in dossiers, beside the deep assessments."""

from __future__ import annotations

import numpy as np
import pytest

from risicoscreener.features import compute_features

from .looking import facts, of_owner, present_stay

PUBLISHED_SHARE, TOLERANCE = 0.13, 0.04


def of_kind(cohort, *kinds):
    found = facts(cohort, "assessments")
    return found[found["kind"].isin(kinds)]


def test_as_many_releases_have_a_usable_assessment_of_needs_as_was_published(flow):
    done = of_kind(flow, "needs_assessment").dropna(subset="done_on")
    assert not done["owner"].duplicated().any()
    share = len(done) / len(flow.truth.persons)
    assert share == pytest.approx(PUBLISHED_SHARE, abs=TOLERANCE)


def test_an_assessment_of_needs_is_made_in_the_stay_and_says_nothing_for_or_against(cohort):
    found = of_kind(cohort, "needs_assessment")
    assert found["outcome"].isna().all()
    assert found["valid_until"].isna().all()
    assert (found["asked_on"].to_numpy() < of_owner(cohort, "release_on", found)).all()
    done = found.dropna(subset="done_on")
    assert (done["done_on"].to_numpy() < of_owner(cohort, "release_on", done)).all()


def test_assessments_of_needs_are_not_missing_at_random(flow):
    """In long stays and with more prior cases: differences of many standard errors."""
    persons, stay = flow.truth.persons, present_stay(flow).sort_index()
    has = np.zeros(len(persons), dtype=bool)
    has[of_kind(flow, "needs_assessment")["owner"]] = True
    days = (stay["released_on"] - stay["arrived_on"]).dt.days.to_numpy()
    for values in (np.log(days), np.log1p(persons["latent_prior_cases"].to_numpy())):
        error = np.hypot(*(values[k].std() / np.sqrt(k.sum()) for k in (has, ~has)))
        assert values[has].mean() - values[~has].mean() > 10 * error


def test_no_feature_takes_an_assessment_of_needs_for_a_deep_one(sentenced):
    """Those with that assessment alone have the features of people never assessed."""
    deep = of_kind(sentenced, "deep_risk_assessment", "offence_analysis")["owner"]
    needs = set(of_kind(sentenced, "needs_assessment")["owner"]) - set(deep)
    people = sentenced.truth.persons.iloc[sorted(needs)[:500]]
    names = ["deep_assessments_asked", "deep_assessments_done", "deep_assessment_state"]
    index = people[["release_on"]].rename(columns={"release_on": "as_of"}).reset_index()
    values = compute_features(sentenced.tables, index, names).values
    assert len(values) == 500
    assert (np.nan_to_num(values) == 0).all()
