"""Dossiers as the generator makes them are valid ones, that the library decides about."""

from __future__ import annotations

import pytest

from risicoscreener import screen_many
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.synthetic import simulate

PEOPLE = 300


@pytest.fixture(scope="module")
def dossiers():
    """People of whom the registers are read on the usual day."""
    return simulate(PEOPLE, seed=4, population="sentenced")


def test_frames_of_a_cohort_pass_validation(dossiers):
    frames = {name: dossiers.tables.to_pandas(name) for name in ("persons", *tables())}
    again = DossierTables.from_pandas(frames)
    assert len(again.person_ids) == PEOPLE
    for name in tables():
        assert again.tables[name].num_rows == dossiers.tables.tables[name].num_rows, name


def test_each_dossier_is_read_back_as_it_is(dossiers):
    for dossier in dossiers.tables.to_dossiers():
        assert read_dossier(dossier.to_json()) == dossier


@pytest.mark.parametrize("decision", ["leave", "low_security", "conditional_release"])
def test_every_dossier_can_be_decided_about(dossiers, decision):
    index = dossiers.truth.persons[["as_of"]].reset_index()
    screened = screen_many(dossiers.tables, decision, index)
    assert len(screened) == PEOPLE
    assert len(set(screened.outcomes)) > 1


def test_people_without_debts_homes_or_help_are_drawn_too():
    nothing = {
        "debts.mean_number": {"problematic": 1.0, "other": 0.0},
        "circumstances.problematic_debt": {"intercept": -60.0},
        "circumstances.homeless": {"intercept": -60.0},
        "liberties.requests_per_month": 0.0,
    }
    cohort = simulate(50, seed=4, changes=nothing)
    assert cohort.tables.tables["debts"].num_rows == 0
    assert (cohort.truth.interventions[["debt_help", "housing_help"]] == 0).all(axis=None)
