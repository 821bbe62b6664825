"""VRAG-R: 260 answers of an R calculator, the borders of its categories, and what is unknown."""

from __future__ import annotations

from typing import Any

import pytest

from risicoscreener.instruments import Instrument, InstrumentResult, golden_files, verify

LOWEST: dict[str, Any] = {
    "lived_with_both_parents": True,
    "school_problems": "none",
    "substance_indicators": 0,
    "married": True,
    "other_charges": 0,
    "failed_conditional_release": False,
    "age_at_offence": 46,
    "violent_charges": 0,
    "prior_admissions": 0,
    "conduct_problems": 0,
    "sexual_offences": "none",
    "antisocial_lifestyle": 0,
}
HIGHEST: dict[str, Any] = {
    "lived_with_both_parents": False,
    "school_problems": "severe",
    "substance_indicators": 6,
    "married": False,
    "other_charges": 18,
    "failed_conditional_release": True,
    "age_at_offence": 25,
    "violent_charges": 19,
    "prior_admissions": 5,
    "conduct_problems": 5,
    "sexual_offences": "female_14_or_older",
    "antisocial_lifestyle": 8,
}


@pytest.fixture(scope="module")
def vrag() -> Instrument:
    return Instrument.load("vrag_r", "2013")


def first(result: InstrumentResult) -> tuple[float | None, str | None, float | None]:
    score = result.scores[0]
    return score.points, score.band, score.probability


def test_every_golden_vector_is_reproduced(vrag: Instrument) -> None:
    found = verify(vrag)
    assert found.vectors == 260
    assert found.ok, str(found)


def test_the_golden_vectors_reach_all_nine_categories(vrag: Instrument) -> None:
    bands = {case.expected["band"] for file in golden_files(vrag) for case in file.cases}
    assert bands == {f"category_{n}" for n in range(1, 10)}


def test_the_score_goes_from_minus_34_to_46(vrag: Instrument) -> None:
    assert first(vrag.score(LOWEST)) == (-34, "category_1", 0.09)
    assert first(vrag.score(HIGHEST)) == (46, "category_9", 0.76)


@pytest.mark.parametrize("name", sorted(HIGHEST))
def test_each_item_of_the_highest_score_raises_the_lowest(vrag: Instrument, name: str) -> None:
    raised = vrag.score(LOWEST | {name: HIGHEST[name]}).scores[0].points
    assert raised is not None
    assert raised > -34


@pytest.mark.parametrize("name", sorted(LOWEST))
def test_nothing_is_prorated(vrag: Instrument, name: str) -> None:
    result = vrag.score(LOWEST | {name: None})
    assert [(p.code, p.fields) for p in result.problems] == [("missing", (name,))]
    assert not result.ok


def test_twelve_years_are_never_less_likely_than_five(vrag: Instrument) -> None:
    for file in golden_files(vrag):
        for case in file.cases[::10]:
            five, twelve = vrag.score(case.inputs).scores
            assert (twelve.probability or 0.0) > (five.probability or 0.0)


@pytest.mark.parametrize("horizon", ["five_years", "twelve_years"])
def test_the_lowered_program_says_the_same(vrag: Instrument, horizon: str) -> None:
    model = vrag.model(horizon=horizon)
    place = vrag.horizons.index(horizon)
    for file in golden_files(vrag):
        for case in file.cases[::5]:
            probability = model.program.assess_one(vrag.feature_values(case.inputs)).probability
            wanted = vrag.score(case.inputs).scores[place].probability
            assert probability == pytest.approx(wanted, abs=1e-12)
