"""A person of whom the models may not speak gets a deep assessment, in whatever way that is so."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from cases import example
from risicoscreener import Screener
from risicoscreener.models import FeatureRange, PopulationRule, ScoringProgram
from risicoscreener.screening.result import ModelFound, ScreeningResult

MODEL = "violence_2y"


@pytest.fixture(scope="module")
def known(screener) -> ModelFound:
    """What the model says of a person who is granted leave."""
    result = screener.screen(example("grant"), "leave")
    assert result.outcome == "grant"
    return result.model(MODEL)


def screener_with(screener: Screener, **support: Any) -> Screener:
    """The same screener but for the support of one model."""
    models = tuple(
        model
        if model.name != MODEL
        else msgspec.structs.replace(
            model, program=with_support(model.program, **support), golden=()
        )
        for model in screener.bundle.models
    )
    bundle = msgspec.structs.replace(screener.bundle, models=models)
    return Screener(bundle, screener.policies, screener.definitions)


def with_support(program: ScoringProgram, **changes: Any) -> ScoringProgram:
    """Without a largest leverage there is no interval either: only what is tested can decide."""
    changed = msgspec.structs.replace(program.support, **changes)
    kept = None if changed.max_leverage is None else program.uncertainty
    return msgspec.structs.replace(program, support=changed, uncertainty=kept)


def first_known(known: ModelFound) -> Any:
    return next(c for c in known.contributions if c.value is not None)


def beyond_the_training_data(screener: Screener, known: ModelFound) -> dict[str, Any]:
    item, support = first_known(known), screener.bundle.model(MODEL).program.support
    ranges = list(support.ranges)
    ranges[support.features.index(item.feature)] = FeatureRange(
        item.value + 1.0, item.value + 3.0, item.value + 2.0
    )
    return {"ranges": tuple(ranges)}


def outside_the_population(screener: Screener, known: ModelFound) -> dict[str, Any]:
    item = first_known(known)
    return {"rules": (PopulationRule(item.feature, minimum=item.value + 1.0),)}


def an_unseen_combination(screener: Screener, known: ModelFound) -> dict[str, Any]:
    return {"max_leverage": 1e-9}


def too_far_from_typical(screener: Screener, known: ModelFound) -> dict[str, Any]:
    features = screener.bundle.model(MODEL).program.features
    return {"spreads": (1.0,) * len(features), "max_distance": 1e-9}


OUTSIDE = [
    beyond_the_training_data,
    outside_the_population,
    an_unseen_combination,
    too_far_from_typical,
]


@pytest.mark.parametrize("way", OUTSIDE, ids=lambda way: way.__name__)
def test_outside_support_asks_for_a_deep_assessment(screener, known, way):
    changed = screener_with(screener, **way(screener, known))
    result = changed.screen(example("grant"), "leave")
    assert result.model(MODEL).support == "outside"
    assert result.domain("certainty").level == "outside"
    assert result.outcome == "deep_assessment"


NOT_READ = "index_is_violent"
"""A feature of the model that the policy does not ask for itself."""


def a_feature_that_must_be_known(program: ScoringProgram) -> dict[str, Any]:
    return {"required": (NOT_READ,)}


def a_share_of_unknown_features(program: ScoringProgram) -> dict[str, Any]:
    return {"max_missing_share": 0.5 / len(program.terms)}


INSUFFICIENT = [a_feature_that_must_be_known, a_share_of_unknown_features]


@pytest.mark.parametrize("way", INSUFFICIENT, ids=lambda way: way.__name__)
def test_too_little_knowledge_asks_for_a_deep_assessment(screener, way):
    lenient = {"max_leverage": None}
    program = screener.bundle.model(MODEL).program
    assert screen_without(screener_with(screener, **lenient), NOT_READ).outcome == "grant"
    result = screen_without(screener_with(screener, **lenient, **way(program)), NOT_READ)
    assert result.model(MODEL).support == "insufficient"
    assert result.outcome == "deep_assessment"


def screen_without(screener: Screener, feature: str) -> ScreeningResult:
    """The person who is granted leave, but one feature is unknown."""
    known = screener.screen(example("grant"), "leave")
    values = {name: np.nan if x is None else x for name, x in known.values.items()}
    frame = pd.DataFrame([values | {feature: np.nan}], index=["x"])
    return screener.screen_features(frame, "leave", known.as_of).result(0)


@pytest.mark.parametrize("way", OUTSIDE[2:], ids=lambda way: way.__name__)
def test_an_unusual_combination_names_the_features_that_make_it_so(screener, known, way):
    changed = screener_with(screener, **way(screener, known))
    result = changed.screen(example("grant"), "leave")
    found = result.model(MODEL)
    assert 1 <= len(found.unusual) <= 3
    text = next(c.text.nl for c in found.contributions if c.feature == found.unusual[0])
    line = next(line for line in result.text("nl").splitlines() if "bijna niet voor" in line)
    assert text[1:] in line


def test_an_unknown_value_says_between_what_the_probability_would_lie(screener):
    result = screen_without(screener, "age_years")
    found = result.model(MODEL)
    (item,) = found.if_known
    assert item.feature == "age_years"
    assert (found.lowest, found.highest) == (item.lowest, item.highest)
    program = screener.bundle.model(MODEL).program
    place = program.features.index("age_years")
    row = [np.nan if result.values[n] is None else result.values[n] for n in program.features]
    bounds = program.support.ranges[place]
    tried = []
    for age in np.linspace(bounds.low, bounds.high, 2000):
        row[place] = age
        tried.append(program.score_one(row)[0])
    assert item.lowest == pytest.approx(min(tried), abs=1e-4)
    assert item.highest == pytest.approx(max(tried), abs=1e-4)
    assert "bekend was, zou de kans tussen" in result.text("nl")
    assert "were known, the probability would lie between" in result.text("en")


def test_nothing_is_said_of_unknown_values_where_all_is_known(screener, known):
    assert known.if_known == ()
    assert known.lowest is known.highest is None
    assert "were known" not in screener.screen(example("grant"), "leave").text("en")
