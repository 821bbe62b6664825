"""Special conditions of conditional release, and supervision that follows from them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.synthetic.stages.circumstances import draw_circumstances
from risicoscreener.synthetic.stages.conditions import visible_risk
from risicoscreener.synthetic.stages.conduct import draw_conduct
from risicoscreener.synthetic.stages.draws import code
from risicoscreener.synthetic.stages.people import draw_people
from risicoscreener.synthetic.stages.stay import draw_stay

from .looking import facts, of_owner, present_stay

PUBLISHED_SHARE, PUBLISHED_MEAN = 0.70, 3.5


@pytest.fixture(scope="module")
def granted(sentenced):
    """Conditional releases that were granted, by position of the person."""
    liberties = facts(sentenced, "liberties")
    asked = liberties[liberties["kind"] == "conditional_release"]
    return asked[asked["decision"] == "granted"].set_index("owner")


def test_as_many_conditional_releases_have_special_conditions_as_was_published(granted):
    special = granted["special_conditions"]
    assert special.notna().all()
    assert (special > 0).mean() == pytest.approx(PUBLISHED_SHARE, abs=0.05)
    assert special[special > 0].mean() == pytest.approx(PUBLISHED_MEAN, abs=0.15)


def test_only_conditional_release_that_was_granted_has_conditions(cohort):
    liberties = facts(cohort, "liberties")
    with_conditions = liberties[liberties["special_conditions"].notna()]
    assert (with_conditions["kind"] == "conditional_release").all()
    assert (with_conditions["decision"] == "granted").all()


def test_conditions_are_attached_more_often_after_violence_and_misconduct(sentenced, granted):
    cases = facts(sentenced, "convictions")
    index = cases[cases["index_offence"]].drop_duplicates("owner").set_index("owner")
    violent = index["offence_class"].isin(vocabularies()["offence_class"].groups["violent"])
    conduct = facts(sentenced, "conduct")
    incidents = conduct[conduct["kind"] == "incident"]
    decided = granted["decided_on"].reindex(incidents["owner"]).to_numpy()
    known = incidents.loc[(incidents["recorded_at"] <= decided).to_numpy(), "owner"]
    any_special = granted["special_conditions"] > 0
    for group in (violent.reindex(granted.index), granted.index.isin(known)):
        one, other = any_special[group], any_special[~group]
        error = np.sqrt(0.25 / len(one) + 0.25 / len(other))
        assert one.mean() - other.mean() > 4 * error


def test_only_misconduct_recorded_by_the_day_counts_as_visible(block):
    people = draw_people(block)
    stay = draw_stay(block, people)
    state = draw_circumstances(block, people)
    conduct = draw_conduct(block, people, stay, state)
    day = (stay.arrived + stay.days // 2).astype(np.int32)
    counted = np.zeros(block.size)
    found = conduct.rows.columns
    for owner, kind, recorded in zip(
        conduct.rows.owner, found["kind"], found["recorded_at"], strict=True
    ):
        is_incident = kind == code("conduct_kind", "incident")
        counted[owner] += is_incident and recorded <= day[owner]
    assert 0.1 < (counted > 0).mean() < 0.9
    known = visible_risk(stay, conduct, day)["ln1p_incidents"]
    np.testing.assert_allclose(known, np.log1p(counted))


def test_supervision_is_that_of_conditions_and_of_partly_suspended_sentences(sentenced, granted):
    supervised = sentenced.truth.interventions["supervision"].to_numpy() == 1
    special = np.zeros(len(supervised), dtype=bool)
    special[granted.index[granted["special_conditions"] > 0]] = True
    partly = present_stay(sentenced).sort_index()["conditional_days"].to_numpy() > 0
    assert supervised[special].all()
    assert not supervised[~special & ~partly].any()
    assert 0.4 < supervised[partly].mean() < 0.8


def test_a_diagnosis_takes_the_place_of_a_positive_screening(cohort):
    care = facts(cohort, "identity_care")
    found = care[care["instrument"] == "diagnosis"]
    screened = care[care["instrument"] == "screener"].set_index(["owner", "fact_id"])
    before = screened.loc[pd.MultiIndex.from_frame(found[["owner", "supersedes"]])]
    assert len(found) > 300
    assert not found["owner"].duplicated().any()
    assert (before["finding"] == "yes").all()
    assert (before["from_on"].to_numpy() <= found["from_on"].to_numpy()).all()
    assert (before["recorded_at"].to_numpy() <= found["recorded_at"].to_numpy()).all()
    assert (found["from_on"].to_numpy() < of_owner(cohort, "release_on", found)).all()
    assert set(care["kind"][care["instrument"].notna()]) == {"intellectual_disability"}


def test_a_diagnosis_finds_fewer_than_a_screening_and_only_people_with_a_disability(flow):
    truth = flow.truth.persons
    assert truth["latent_diagnosable"].mean() == pytest.approx(0.10, abs=0.015)
    assert truth.loc[truth["latent_diagnosable"], "latent_disabled"].all()
    care = facts(flow, "identity_care")
    found = care[care["instrument"] == "diagnosis"]
    diagnosable = of_owner(flow, "latent_diagnosable", found)
    assert ((found["finding"] == "yes").to_numpy() == diagnosable).all()
    assert 0.1 < diagnosable.mean() < 0.5
