"""How probabilities become a band and how certain that band is."""

from __future__ import annotations

import math

import pytest
from msgspec.structs import replace

from decision.golden_cases import CASES
from risicoscreener.decision import CompiledPolicy, Score

RISK, CERTAINTY = 2, 3
LOW = Score(0.01, 0.01, 0.01, True)


@pytest.fixture
def weigh(leave):
    inputs, _ = next(c for c in CASES if c.policy == leave.id).arguments(leave)

    def found(failure: Score, violence: Score = LOW) -> tuple[str, str, tuple[int, ...]]:
        decided = leave.decide_one(inputs, [failure, violence])
        levels = [
            d.levels[level].id for d, level in zip(leave.domains, decided.levels, strict=True)
        ]
        return levels[RISK], levels[CERTAINTY], decided.bands

    return found


@pytest.mark.parametrize(
    ("probability", "band"),
    [
        (0.0, "low"),
        (0.0499, "low"),
        (0.05, "moderate"),
        (0.1499, "moderate"),
        (0.15, "high"),
        (1.0, "high"),
    ],
)
def test_a_probability_at_a_cut_is_in_the_band_above(weigh, probability, band):
    assert weigh(Score(probability, None, None, True))[0] == band


def test_the_risk_is_the_worst_band_of_the_models_that_the_policy_reads(weigh):
    assert weigh(Score(0.06, None, None, True), Score(0.30, None, None, True)) == (
        "high",
        "certain",
        (1, 2),
    )


@pytest.mark.parametrize(
    ("lower", "upper", "certainty"),
    [
        (0.05, 0.10, "certain"),
        (0.0499, 0.10, "near_cut"),
        (0.06, 0.15, "near_cut"),
        (None, None, "certain"),
        (math.nan, math.nan, "certain"),
        (None, 0.2, "near_cut"),
    ],
)
def test_an_interval_that_crosses_a_cut_is_near_it(weigh, lower, upper, certainty):
    assert weigh(Score(0.08, lower, upper, True))[1] == certainty


def test_an_interval_that_cannot_change_the_worst_band_is_certain(weigh):
    assert weigh(Score(0.04, 0.02, 0.06, True), Score(0.30, 0.27, 0.33, True))[1] == "certain"


def test_an_interval_that_would_raise_the_worst_band_is_near_a_cut(weigh):
    assert weigh(Score(0.01, None, None, True), Score(0.09, 0.05, 0.11, True))[1] == "near_cut"


def test_a_model_that_may_not_speak_is_outside_whatever_its_interval(weigh):
    assert weigh(Score(0.01, 0.0, 0.9, False)) == ("low", "outside", (0, 0))


@pytest.mark.parametrize("probability", [math.nan, math.inf, -math.inf, -0.1, 1.1])
def test_what_is_no_probability_counts_as_highest_band_and_outside(weigh, probability):
    assert weigh(Score(probability, 0.0, 0.01, True)) == ("high", "outside", (2, 0))


def test_unknown_unusable_rows_count_as_unusable_rows(leave):
    inputs, scores = next(c for c in CASES if c.policy == leave.id).arguments(leave)
    inputs[leave.inputs.index("quarantined_rows")] = math.nan
    decided = leave.decide_one(inputs, scores)
    assert leave.policy.rules[decided.rule].id == "dossier_flawed"


@pytest.mark.parametrize(
    ("probability", "certainty"),
    [
        (0.0, "certain"),
        (1.0, "certain"),
        (math.nextafter(0.0, -1.0), "outside"),
        (math.nextafter(1.0, 2.0), "outside"),
    ],
)
def test_a_probability_lies_between_nothing_and_one(weigh, probability, certainty):
    assert weigh(Score(probability, None, None, True))[1] == certainty


def test_a_policy_may_read_one_model(leave):
    alone = CompiledPolicy(replace(leave.policy, models=leave.policy.models[:1]))
    inputs, _ = next(c for c in CASES if c.policy == leave.id).arguments(leave)
    assert (alone.shape, alone.inputs) == (leave.shape, leave.inputs)
    assert alone.decide_one(inputs, [Score(0.06, None, None, True)]).bands == (1,)
