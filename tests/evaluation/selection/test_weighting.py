"""Weighting the granted back to everybody, and knowing when that cannot work."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration import expected_observed
from risicoscreener.evaluation.discrimination import auc
from risicoscreener.evaluation.selection import PartlySeen, inverse_weighting

from .people import base_rate, drawn

MEASURES = {"base_rate": base_rate}


def test_weights_are_one_over_the_chance_of_a_logistic_regression():
    x, p, y, granted, _ = drawn(600)
    weighting = inverse_weighting(
        PartlySeen.of(p, y, granted),
        {"base_rate": base_rate, "auc": auc},
        features=x,
        replicates=10,
    )
    chance = sm.Logit(granted.astype(float), sm.add_constant(x)).fit(disp=0).predict()
    w = 1 / chance[granted]
    np.testing.assert_allclose(weighting.chance, chance, rtol=1e-7)
    found = weighting.estimates
    assert found["base_rate"].value == pytest.approx(np.average(y[granted], weights=w), abs=1e-8)
    expected = roc_auc_score(y[granted], p[granted], sample_weight=w)
    assert found["auc"].value == pytest.approx(expected, abs=1e-8)
    assert weighting.overlap.effective == pytest.approx(w.sum() ** 2 / (w**2).sum(), rel=1e-6)
    assert weighting.overlap.largest_share == pytest.approx(w.max() / w.sum(), rel=1e-6)
    assert found["auc"].n == granted.sum()


def test_the_figure_of_everybody_comes_back_where_granting_followed_what_is_measured():
    x, p, y, granted, _ = drawn(20_000, seed=3)
    partly = PartlySeen.of(p, y, granted)
    weighting = inverse_weighting(partly, MEASURES, features=x, replicates=10)
    assert y[granted].mean() < y.mean() - 0.05
    assert weighting.estimates["base_rate"].value == pytest.approx(y.mean(), abs=0.015)


def test_weighting_does_not_repair_what_only_the_decision_maker_saw():
    x, p, y, granted, _ = drawn(20_000, seed=3, hidden=1.0)
    weighting = inverse_weighting(PartlySeen.of(p, y, granted), MEASURES, features=x, replicates=10)
    assert weighting.estimates["base_rate"].value < y.mean() - 0.03


def test_known_chances_can_be_given_instead():
    _, p, y, granted, chance = drawn(400)
    weighting = inverse_weighting(
        PartlySeen.of(p, y, granted), MEASURES, chance=chance, replicates=10
    )
    expected = np.average(y[granted], weights=1 / chance[granted])
    assert weighting.estimates["base_rate"].value == pytest.approx(expected, abs=1e-12)
    assert weighting.overlap.features == ()


def test_truncation_is_counted_and_bounds_the_weights():
    _, p, y, granted, chance = drawn(400)
    weighting = inverse_weighting(
        PartlySeen.of(p, y, granted), MEASURES, chance=chance, truncate=0.3, replicates=10
    )
    assert weighting.overlap.truncated == (chance < 0.3).sum()
    assert weighting.sample.weight.max() == pytest.approx(1 / 0.3)


def test_trimming_leaves_people_out_and_says_how_many():
    _, p, y, granted, chance = drawn(400)
    weighting = inverse_weighting(
        PartlySeen.of(p, y, granted), MEASURES, chance=chance, trim=0.3, replicates=10
    )
    kept = chance >= 0.3
    assert weighting.overlap.trimmed == (~kept).sum()
    assert weighting.overlap.n == kept.sum()
    assert np.isnan(weighting.chance).sum() == (~kept).sum()
    expected = np.average(y[granted & kept], weights=1 / chance[granted & kept])
    assert weighting.estimates["base_rate"].value == pytest.approx(expected, abs=1e-12)


def test_weighting_balances_the_features():
    x, p, y, granted, _ = drawn(4000)
    overlap = inverse_weighting(
        PartlySeen.of(p, y, granted), MEASURES, features=x, names=["x"], replicates=10
    ).overlap
    frame = overlap.to_frame()
    assert frame.loc["x", "before"] == pytest.approx((x[granted].mean() - x.mean()) / x.std())
    assert abs(frame.loc["x", "after"]) < 0.05 < abs(frame.loc["x", "before"])


def test_people_who_are_hardly_ever_granted_make_the_overlap_poor():
    x, p, y, _, _ = drawn(2000)
    chance = np.where(x > 0.5, 0.01, 0.9)
    granted = np.random.default_rng(0).random(2000) < chance
    weighting = inverse_weighting(
        PartlySeen.of(p, y, granted), MEASURES, chance=chance, replicates=10
    )
    assert weighting.overlap.hardly_ever == pytest.approx((x > 0.5).mean())
    assert weighting.overlap.problem == "poor_overlap"
    assert weighting.estimates["base_rate"].problem == "poor_overlap"
    assert weighting.estimates["base_rate"].ok


@pytest.mark.parametrize(
    ("rare", "truncate", "part", "problem"),
    [
        (0.051, 0.02, 0.30, "poor_overlap"),  # few stand for many
        (0.04, 0.90, 0.15, "poor_overlap"),  # many have a low chance, although weights are alike
        (0.04, 0.90, 0.05, ""),
        (0.30, 0.02, 0.30, ""),
    ],
)
def test_overlap_is_poor_for_either_reason(rare, truncate, part, problem):
    rng = np.random.default_rng(6)
    chance = np.where(np.arange(2000) < part * 2000, rare, 0.95)
    p, y = rng.uniform(0.1, 0.9, 2000), rng.integers(0, 2, 2000)
    partly = PartlySeen.of(p, y, rng.random(2000) < chance)
    found = inverse_weighting(partly, MEASURES, chance=chance, truncate=truncate, replicates=10)
    assert found.overlap.problem == problem


def test_a_feature_that_decides_on_granting_alone_gives_a_problem_and_no_crash():
    x, p, y, _, _ = drawn(200)
    weighting = inverse_weighting(PartlySeen.of(p, y, x < 0), MEASURES, features=x, replicates=10)
    assert weighting.overlap.problem == "separated"
    assert not weighting.estimates["base_rate"].ok


def test_with_everybody_granted_nothing_is_weighted():
    x, p, y, granted, _ = drawn(200)
    weighting = inverse_weighting(
        PartlySeen.of(p, y, np.ones_like(granted)), MEASURES, features=x, replicates=10
    )
    assert weighting.estimates["base_rate"].value == pytest.approx(y.mean())
    assert weighting.overlap.effective == pytest.approx(200)


def test_constant_and_many_features_are_borne():
    x, p, y, granted, _ = drawn(300)
    features = np.column_stack([x, np.ones(300), x**2])
    weighting = inverse_weighting(
        PartlySeen.of(p, y, granted), MEASURES, features=features, replicates=10
    )
    reference = LogisticRegression(C=1e9, max_iter=1000, tol=1e-10)
    fitted = reference.fit(np.column_stack([x, x**2]), granted)
    expected = fitted.predict_proba(np.column_stack([x, x**2]))[:, 1]
    np.testing.assert_allclose(weighting.chance, expected, atol=1e-4)


def test_intervals_hold_the_figure_of_everybody():
    held = 0
    for seed in range(40):
        x, p, y, granted, _ = drawn(400, seed)
        found = inverse_weighting(
            PartlySeen.of(p, y, granted),
            {"expected_observed": expected_observed},
            features=x,
            replicates=40,
        ).estimates["expected_observed"]
        held += found.low <= 1.0 <= found.high  # the model is calibrated in the population
    assert held >= 34


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "either features or chance"),
        ({"chance": [0.5, 0.5], "features": [1, 2]}, "either features or chance"),
        ({"chance": [0.5, 0.0]}, r"chance\[1\] is 0; expected in \(0, 1\]"),
        ({"chance": [0.5]}, "chance has shape"),
        ({"features": [[1.0], [math.nan]]}, r"features\[1, 0\] is nan"),
        ({"features": [1.0]}, r"expected \(2, k\)"),
        ({"features": ["a", "b"]}, "no number"),
        ({"chance": [0.5, 0.5], "trim": 1.0}, "trim is 1.0"),
        ({"chance": [0.5, 0.5], "trim": 0.9}, "leaves nobody"),
        ({"chance": [0.5, 0.5], "names": ["a"]}, "1 names for 0 features"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes, message):
    with pytest.raises(EvaluationError, match=message):
        inverse_weighting(PartlySeen.of([0.2, 0.3], [0, 1]), MEASURES, replicates=10, **changes)
