"""Rubin's rules, on coefficients and on programs."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pandas as pd
import pytest
from statsmodels.imputation.mice import MICE, MICEData

from risicoscreener.errors import ModelError
from risicoscreener.models import Logistic, ScoringProgram, SplineLogisticClassifier, Table
from risicoscreener.models.missing import (
    Imputations,
    fit_pooled,
    multiple_imputation,
    pool,
    pool_programs,
)


def test_the_rules_by_hand():
    found = pool([[1.0], [2.0], [3.0]], [[[0.5]], [[0.7]], [[0.6]]])
    assert found.estimate == pytest.approx([2.0])
    assert found.within[0, 0] == pytest.approx(0.6)
    assert found.between[0, 0] == pytest.approx(1.0)
    total = 0.6 + 4 / 3
    assert found.covariance[0, 0] == pytest.approx(total)
    assert found.relative_increase == pytest.approx([4 / 3 / 0.6])
    share = (4 / 3) / total
    assert found.degrees_of_freedom == pytest.approx([2 / share**2])
    r, v = 4 / 3 / 0.6, 2 / share**2
    assert found.missing_information == pytest.approx([(r + 2 / (v + 3)) / (r + 1)])


def test_degrees_of_freedom_of_a_small_sample_are_those_of_barnard_and_rubin():
    found = pool([[1.0], [2.0], [3.0]], [[[0.5]], [[0.7]], [[0.6]]], complete_degrees_of_freedom=20)
    share = (4 / 3) / (0.6 + 4 / 3)
    old, observed = 2 / share**2, 21 / 23 * 20 * (1 - share)
    assert found.degrees_of_freedom == pytest.approx([old * observed / (old + observed)])


def test_without_differences_nothing_is_added():
    found = pool(np.ones((5, 2)), np.tile(np.eye(2), (5, 1, 1)))
    np.testing.assert_allclose(found.covariance, np.eye(2))
    assert np.isinf(found.degrees_of_freedom).all()
    np.testing.assert_allclose(found.intervals(), 1.0 + 1.959964 * np.array([[-1, 1], [-1, 1]]))


def test_the_rules_are_those_of_statsmodels():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    frame = pd.DataFrame({"y": x @ [1.0, 0.5] + rng.normal(size=200), "a": x[:, 0], "b": x[:, 1]})
    frame.loc[rng.random(200) < 0.3, "a"] = np.nan
    state = np.random.get_state()
    np.random.seed(0)
    import statsmodels.api as sm

    mice = MICE("y ~ a + b", sm.OLS, MICEData(frame))
    theirs = mice.fit(2, 6)
    np.random.set_state(state)
    fits = mice.results_list
    found = pool([f.params for f in fits], [f.cov_params() for f in fits])
    np.testing.assert_allclose(found.estimate, theirs.params, rtol=1e-12)
    np.testing.assert_allclose(found.covariance, theirs.cov_params(), rtol=1e-10)
    added = (1 + 1 / 6) * np.diag(found.between) / np.diag(found.covariance)
    np.testing.assert_allclose(added, theirs.frac_miss_info, rtol=1e-10)


@pytest.mark.parametrize(
    ("estimates", "covariances", "match"),
    [
        ([[1.0]], [[[1.0]]], "at least 2"),
        ([[1.0], [2.0]], [[1.0], [1.0]], "expected"),
        ([[1.0], [2.0]], [[[0.0]], [[0.0]]], "not positive"),
    ],
)
def test_what_cannot_be_pooled_is_refused(estimates, covariances, match):
    with pytest.raises(ModelError, match=match):
        pool(estimates, covariances)


# -- programs ------------------------------------------------------------------------------------

KNOTS = [[-1.0, 0.0, 1.0], [-1.0, 1.0]]


def program(seed: int, n: int = 300, **settings) -> ScoringProgram:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2)) + 0.2 * seed
    y = (rng.random(n) < 1 / (1 + np.exp(-x[:, 0]))).astype(float)
    x[rng.random(n) < 0.1, 1] = np.nan
    estimator = SplineLogisticClassifier(
        **{"knots": KNOTS, "shrinkage": 1.0, "smoothness": 0.1, "calibration": None} | settings
    )
    return estimator.fit(x, y).lower(["a", "b"])


PROGRAMS = [program(seed) for seed in range(4)]
GRID = np.array(
    [[a, b] for a in (-2.0, -0.4, 0.3, 5.0, math.nan) for b in (-0.7, 0.2, 3.0, math.nan)]
)


def test_a_pooled_program_is_the_mean_of_the_programs():
    pooled = pool_programs(PROGRAMS)
    expected = np.mean([p.score_many(GRID).linear_predictor for p in PROGRAMS], axis=0)
    np.testing.assert_allclose(pooled.score_many(GRID).linear_predictor, expected, atol=1e-12)
    assert pooled.reference == pytest.approx(np.mean([p.reference for p in PROGRAMS]))


def test_its_variance_is_rubins_for_each_person_known_or_not():
    pooled = pool_programs(PROGRAMS)
    within = np.mean([p.interval_many(GRID).standard_error ** 2 for p in PROGRAMS], axis=0)
    between = np.var([p.score_many(GRID).linear_predictor for p in PROGRAMS], axis=0, ddof=1)
    expected = np.sqrt(within + 1.25 * between)
    np.testing.assert_allclose(pooled.interval_many(GRID).standard_error, expected, rtol=1e-9)


def test_equal_programs_pool_to_themselves():
    pooled = pool_programs([PROGRAMS[1]] * 3)
    np.testing.assert_allclose(
        pooled.interval_many(GRID).standard_error,
        PROGRAMS[1].interval_many(GRID).standard_error,
        rtol=1e-9,
    )


def test_calibrations_are_averaged():
    found = pool_programs([program(seed, calibration="logistic", folds=3) for seed in range(2)])
    each = [program(seed, calibration="logistic", folds=3).calibration for seed in range(2)]
    assert found.calibration == Logistic(
        np.mean([c.intercept for c in each]), np.mean([c.slope for c in each])
    )


def test_programs_that_differ_are_refused():
    with pytest.raises(ModelError, match="two or more"):
        pool_programs(PROGRAMS[:1])
    with pytest.raises(ModelError, match="same features, knots and link"):
        pool_programs([PROGRAMS[0], program(1, knots=[[-1.0, 1.0], [-1.0, 1.0]])])
    with pytest.raises(ModelError, match="needs a covariance"):
        pool_programs([PROGRAMS[0], msgspec.structs.replace(PROGRAMS[0], uncertainty=None)])
    table = msgspec.structs.replace(PROGRAMS[0], calibration=Table((0.5,), (0.5,)))
    with pytest.raises(ModelError, match="logistic map"):
        pool_programs([table, table])


def test_a_fit_on_imputations_is_wider_than_one_that_takes_them_for_real():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(500, 2))
    x[:, 1] += 0.5 * x[:, 0]
    y = (rng.random(500) < 1 / (1 + np.exp(-1.5 * x[:, 0]))).astype(float)
    frame = pd.DataFrame(x, columns=["a", "b"])
    frame.loc[rng.random(500) < 0.5, "a"] = np.nan
    made: Imputations = multiple_imputation(frame, outcome=y, m=8, iterations=4)
    estimator = SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1, knots=3, calibration=None)
    pooled = fit_pooled(estimator, made, y)
    assert pooled.features == ("a", "b")
    one = estimator.fit(made.frames[0], y).lower()
    far = np.column_stack([np.linspace(1.0, 2.0, 9), np.zeros(9)])
    ratio = pooled.interval_many(far).standard_error / one.interval_many(far).standard_error
    assert ratio.min() > 1.1
