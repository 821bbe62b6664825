"""OVP and OGP, version 1: the service's own tests, every weight, and their limits."""

from __future__ import annotations

import math
from typing import Any

import pytest

from risicoscreener.instruments import Instrument, verify

VIOLENCE: dict[str, Any] = {
    "sex": "female",
    "birth_date": "1950-01-01",
    "followup_date": "2020-01-01",
    "sanctions": 0,
    "violent_sanctions": 0,
    "recognises_impact": True,
    "no_fixed_abode": False,
    "unemployed": False,
    "alcohol_problem": 0,
    "excessive_alcohol": 0,
    "psychiatric_treatment": False,
    "temper_control": 0,
    "attitudes": 0,
}
GENERAL: dict[str, Any] = {
    "ogrs3_two_years": 1,
    "no_fixed_abode": False,
    "unemployed": False,
    "offending_activities": 0,
    "drug_misuse": 0,
    "drug_motivation": 0,
    "problem_solving": 0,
    "awareness_of_consequences": 0,
    "understands_others": 0,
    "attitudes": 0,
}


def load(id: str) -> Instrument:
    return Instrument.load(id, "1.0")


def violence(**changes: Any) -> float | None:
    return load("ovp").score(VIOLENCE | changes).scores[0].points


def general(**changes: Any) -> float | None:
    return load("ogp").score(GENERAL | changes).scores[0].points


@pytest.mark.parametrize(("id", "vectors"), [("ovp", 6), ("ogp", 4)])
def test_every_golden_vector_is_reproduced(id: str, vectors: int) -> None:
    found = verify(load(id))
    assert found.vectors == vectors
    assert found.ok, str(found)


# -- OVP -------------------------------------------------------------------------------------


def test_points_of_violence_go_from_nought_to_a_hundred() -> None:
    worst = {
        "sex": "male",
        "birth_date": "2001-06-01",
        "sanctions": 60,
        "violent_sanctions": 30,
        "recognises_impact": False,
        "no_fixed_abode": True,
        "unemployed": True,
        "alcohol_problem": 2,
        "excessive_alcohol": 2,
        "psychiatric_treatment": True,
        "temper_control": 2,
        "attitudes": 2,
    }
    assert violence() == 0
    assert violence(**worst) == 5 + 25 + 5 + 20 + 5 + 4 + 4 + 4 + 10 + 4 + 6 + 6


@pytest.mark.parametrize(
    ("age", "points"),
    [(18, 20), (20, 17), (22, 14), (24, 12), (26, 10), (31, 8), (36, 6), (41, 4), (46, 2), (51, 0)],
)
def test_an_age_group_of_violence_starts_on_the_birthday(age: int, points: int) -> None:
    assert violence(birth_date=f"{2020 - age}-01-01") == points


@pytest.mark.parametrize(
    ("violent", "points"), [(0, 5), (1, 9), (2, 12), (4, 16), (17, 29), (18, 30), (40, 30)]
)
def test_violent_sanctions_have_their_own_table(violent: int, points: int) -> None:
    assert violence(sanctions=max(1, violent), violent_sanctions=violent) == points


@pytest.mark.parametrize(
    ("other", "points"), [(2, 0), (3, 2), (4, 2), (5, 3), (10, 3), (11, 4), (20, 4), (21, 5)]
)
def test_sanctions_without_violence_have_theirs(other: int, points: int) -> None:
    assert violence(sanctions=other) == 5 + points


@pytest.mark.parametrize("together", range(5))
def test_two_and_a_half_points_per_level_of_alcohol_are_rounded_up(together: int) -> None:
    first = min(2, together)
    found = violence(alcohol_problem=first, excessive_alcohol=together - first)
    assert found == math.ceil(2.5 * together)


def test_the_reported_percentage_is_never_below_one() -> None:
    (one, two) = load("ovp").score(VIOLENCE).scores
    assert one.probability == pytest.approx(1 / (1 + math.exp(4.5215)))
    assert (one.percentage, two.percentage) == (1.0, 2.0)


def test_someone_younger_than_eighteen_has_no_score() -> None:
    result = load("ovp").score(VIOLENCE | {"birth_date": "2002-01-02"})
    assert [problem.code for problem in result.problems] == ["adult"]


def test_more_violent_sanctions_than_sanctions_have_no_score() -> None:
    result = load("ovp").score(VIOLENCE | {"violent_sanctions": 1})
    assert [problem.code for problem in result.problems] == ["violent_within_all"]


# -- OGP -------------------------------------------------------------------------------------


def test_points_of_the_general_predictor_go_to_ninety_nine() -> None:
    """A hundred is out of reach: OGRS3 reports 99 % at most."""
    worst = {name: 2 for name, value in GENERAL.items() if value == 0 and value is not False}
    worst |= {"ogrs3_two_years": 99, "no_fixed_abode": True, "unemployed": True}
    assert general() == 1
    assert general(**worst) == 59 + 5 + 5 + 5 + 15 + 5 + 5


@pytest.mark.parametrize("percentage", range(1, 100))
def test_six_tenths_of_ogrs3_are_rounded_halves_up(percentage: int) -> None:
    assert general(ogrs3_two_years=percentage) == math.floor(0.6 * percentage + 0.5)


@pytest.mark.parametrize("together", range(5))
def test_points_for_drugs_are_rounded_halves_up(together: int) -> None:
    first = min(2, together)
    found = general(drug_misuse=first, drug_motivation=together - first)
    assert found == 1 + math.floor(3.75 * together + 0.5)


@pytest.mark.parametrize("together", range(7))
def test_points_for_thinking_are_rounded_halves_up(together: int) -> None:
    parts = [min(2, max(0, together - 2 * i)) for i in range(3)]
    found = general(
        problem_solving=parts[0], awareness_of_consequences=parts[1], understands_others=parts[2]
    )
    assert found == 1 + math.floor(5 * together / 6 + 0.5)


def test_the_probability_of_ogrs3_feeds_the_general_predictor() -> None:
    ogrs3 = Instrument.load("ogrs3", "2009").score(
        {
            "sex": "male",
            "birth_date": "1990-01-01",
            "first_sanction_date": "2006-01-01",
            "conviction_date": "2012-01-01",
            "followup_date": "2012-06-01",
            "offence": "theft_non_motor",
            "previous_sanctions": 9,
        }
    )
    whole = math.floor(100 * (ogrs3.scores[1].probability or 0.0) + 0.5)
    assert load("ogp").score(GENERAL | {"ogrs3_two_years": whole}).ok


@pytest.mark.parametrize("id", ["ovp", "ogp"])
@pytest.mark.parametrize("horizon", ["one_year", "two_years"])
def test_the_lowered_program_says_the_same(id: str, horizon: str) -> None:
    instrument = load(id)
    person = VIOLENCE if id == "ovp" else GENERAL
    model = instrument.model(horizon=horizon)
    place = instrument.horizons.index(horizon)
    for changes in ({}, {"unemployed": True}, {"attitudes": 2, "no_fixed_abode": True}):
        result = instrument.score(person | changes)
        values = instrument.feature_values(person | changes)
        assert model.program.assess_one(values).probability == pytest.approx(
            result.scores[place].probability, abs=1e-12
        )
