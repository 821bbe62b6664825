"""Support: a person unlike the training data, or of whom too little is known, gets no number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.errors import ModelError
from risicoscreener.models import FeatureRange, PopulationRule, ScoringProgram, Support, Term

from .strategies import programs, rows


def support(**changes: Any) -> Support:
    fields: dict[str, Any] = {
        "features": ("age_years", "priors", "debts"),
        "ranges": (
            FeatureRange(18.0, 70.0, 33.0),
            FeatureRange(0.0, 40.0, 3.0),
            FeatureRange(0.0, 9.0, 1.0),
        ),
        "rules": (PopulationRule("age_years", minimum=18.0),),
        "required": ("priors",),
        "max_missing_share": 0.34,
        "max_leverage": 0.5,
    }
    return Support(**(fields | changes))


NAN = math.nan


@pytest.mark.parametrize(
    ("values", "leverage", "status"),
    [
        ([30.0, 2.0, 1.0], 0.1, "inside"),
        ([18.0, 40.0, 9.0], 0.5, "inside"),
        ([30.0, 2.0, NAN], 0.1, "inside"),
        ([30.0, NAN, 1.0], 0.1, "insufficient"),
        ([NAN, 2.0, 1.0], 0.1, "insufficient"),
        ([30.0, NAN, NAN], 0.1, "insufficient"),
        ([17.9, 2.0, 1.0], 0.1, "outside"),
        ([30.0, 41.0, 1.0], 0.1, "outside"),
        ([30.0, 2.0, -1.0], 0.1, "outside"),
        ([30.0, 2.0, 1.0], 0.51, "outside"),
        ([30.0, NAN, 12.0], 0.1, "insufficient"),
        ([17.0, NAN, NAN], 0.9, "outside"),
    ],
)
def test_the_status_is_population_then_knowledge_then_training_data(
    values: list[float], leverage: float, status: str
) -> None:
    assert support().check_one(values, leverage).status == status
    many = support().check_many(np.array([values]), np.array([leverage]))
    assert many.labels().tolist() == [status]


def test_a_result_names_what_is_outside_and_what_is_typical() -> None:
    found = support().check_one([17.0, 55.0, 1.0], 0.1)
    assert [(o.feature, o.value, o.reason) for o in found.outside] == [
        ("age_years", 17.0, "population"),
        ("age_years", 17.0, "range"),
        ("priors", 55.0, "range"),
    ]
    assert (found.outside[2].low, found.outside[2].high, found.outside[2].typical) == (0, 40, 3)


def test_a_result_names_what_must_be_known() -> None:
    found = support().check_one([NAN, NAN, 1.0])
    assert found.unknown_required == ("age_years", "priors")
    assert found.missing_share == pytest.approx(2 / 3)


def test_the_sentences_are_in_dutch_and_english() -> None:
    found = support().check_one([17.0, NAN, 1.0], 0.9)
    english, dutch = " ".join(found.sentences("en")), " ".join(found.sentences("nl"))
    assert "age_years is 17; the model holds from 18 up to and including ∞" in english
    assert "Must be known: priors" in english
    assert "hardly occurred" in english
    assert "Moet bekend zijn: priors" in dutch
    assert "kwam in de gegevens van het model bijna niet voor" in dutch


@st.composite
def checked(draw: Any) -> tuple[ScoringProgram, list[list[float]]]:
    program = draw(programs())
    return program, draw(st.lists(rows(len(program.terms)), min_size=1, max_size=6))


@given(checked())
def test_one_and_many_agree_on_support(case: tuple[ScoringProgram, list[list[float]]]) -> None:
    program, inputs = case
    many = program.assess_many(inputs).support
    assert many is not None
    for i, values in enumerate(inputs):
        one = program.assess_one(values).support
        assert one is not None
        assert one.status == many.labels()[i]
        assert one.missing_share == many.missing_share[i]
        assert one.leverage_exceeded == many.leverage_exceeded[i]
        ranged = {o.feature for o in one.outside if o.reason == "range"}
        barred = {o.feature for o in one.outside if o.reason == "population"}
        names = np.array(program.features)
        assert ranged == set(names[many.outside_range[i]].tolist())
        assert barred == set(names[many.outside_population[i]].tolist())


def test_a_rule_on_an_unknown_feature_is_refused() -> None:
    with pytest.raises(ModelError, match="shoe_size"):
        support(required=("shoe_size",))


def test_a_range_upside_down_is_refused() -> None:
    with pytest.raises(ModelError, match="low <= typical <= high"):
        FeatureRange(3.0, 1.0, 2.0)


def test_support_of_other_features_than_the_terms_is_refused() -> None:
    with pytest.raises(ModelError, match="other features"):
        ScoringProgram(intercept=0.0, terms=(Term("x", (0.0,), (0.0,), 0.0),), support=support())
    with pytest.raises(ModelError, match="one range per feature"):
        support(features=("age_years",))
