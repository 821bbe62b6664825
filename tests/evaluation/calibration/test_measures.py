"""Calibration as one number, against statsmodels and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.calibration import (
    calibration_intercept,
    calibration_slope,
    e50,
    e90,
    emax,
    expected_observed,
    ici,
    observed_expected_difference,
    recalibration,
    spline_errors,
)

from .people import overfitted

SCALARS = (calibration_intercept, calibration_slope, expected_observed, ici)


def statsmodels_fit(p, y, weight, offset):
    import statsmodels.api as sm

    lp = np.log(p / (1 - p))
    design = np.ones((len(p), 1)) if offset else sm.add_constant(lp)
    model = sm.GLM(
        y,
        design,
        family=sm.families.Binomial(),
        offset=lp if offset else None,
        freq_weights=weight,
    )
    return model.fit(tol=1e-14).params


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("decimals", [None, 1])
def test_intercept_and_slope_are_those_of_a_logistic_regression(weighted, decimals):
    p, y = overfitted(decimals=decimals)
    kept = (p > 0) & (p < 1)
    p, y = p[kept], y[kept]
    weight = np.random.default_rng(0).gamma(2, 1, len(p)) if weighted else np.ones(len(p))
    sample = Sample.of(p, y, weight=weight)
    both = statsmodels_fit(p, y, weight, offset=False)
    assert recalibration(sample, sample.weight) == pytest.approx(both, abs=1e-9)
    large = statsmodels_fit(p, y, weight, offset=True)
    assert calibration_intercept(sample, sample.weight) == pytest.approx(large[0], abs=1e-9)


@pytest.mark.parametrize(("spread", "slope"), [(6, -0.3), (10, 0.05), (0.01, 30.0)])
def test_a_slope_far_from_1_is_found_all_the_same(spread, slope):
    rng = np.random.default_rng(0)
    lp = np.clip(rng.normal(-1, spread, 500), -30, 30)
    y = (rng.random(500) < 1 / (1 + np.exp(-slope * (lp - lp.mean())))).astype(float)
    sample = Sample.of(1 / (1 + np.exp(-lp)), y)
    both = statsmodels_fit(sample.probability, sample.outcome, sample.weight, offset=False)
    assert recalibration(sample, sample.weight) == pytest.approx(both, rel=1e-7)


def test_the_number_expected_is_divided_by_the_number_observed():
    sample = Sample.of([0.2, 0.4, 0.6], [0, 1, 1], weight=[1, 1, 2])
    assert expected_observed(sample, sample.weight) == pytest.approx(1.8 / 3)
    assert observed_expected_difference(sample, sample.weight) == pytest.approx(1.2 / 4)


@pytest.mark.parametrize("measure", [*SCALARS, spline_errors])
def test_a_weight_of_two_is_a_row_seen_twice(measure):
    p, y = overfitted(150)
    weight = np.random.default_rng(1).integers(1, 4, len(p)).astype(float)
    often = np.repeat(np.arange(len(p)), weight.astype(int))
    once, repeated = Sample.of(p, y, weight=weight), Sample.of(p[often], y[often])
    assert measure(once, once.weight) == pytest.approx(measure(repeated, repeated.weight))


@pytest.mark.parametrize("measure", SCALARS)
def test_a_replicate_is_the_sample_of_the_rows_that_have_weight(measure):
    p, y = overfitted(300, decimals=1)
    sample = Sample.of(p.clip(0.1, 0.9), y)
    half = np.arange(300) % 2 == 0
    part = sample.where(half)
    assert measure(sample, half.astype(float)) == pytest.approx(measure(part, part.weight))


def test_a_calibrated_model_is_near_its_ideal_values():
    p, _ = overfitted(50_000)
    y = np.random.default_rng(4).random(len(p)) < p
    sample = Sample.of(p, y)
    assert calibration_slope(sample, sample.weight) == pytest.approx(1, abs=0.05)
    assert expected_observed(sample, sample.weight) == pytest.approx(1, abs=0.05)
    assert ici(sample, sample.weight) < 0.01


@pytest.mark.parametrize(
    ("p", "y"),
    [
        ([0.1, 0.2, 0.3], [0, 0, 0]),
        ([0.2, 0.2, 0.2], [0, 1, 0]),
        ([0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1]),
        ([0.1, 0.2, 0.2, 0.4], [1, 1, 0, 0]),
        ([0.0, 0.2, 0.3, 0.4], [1, 0, 1, 0]),
        ([0.5], [1]),
        ([0.0, 1.0], [0, 1]),
    ],
)
def test_a_slope_that_does_not_exist_is_no_number(p, y):
    sample = Sample.of(p, y)
    assert math.isnan(calibration_slope(sample, sample.weight))


def test_a_certainty_that_came_true_says_nothing_about_the_slope():
    p, y = overfitted(100)
    sample = Sample.of(p, y)
    certain = Sample.of([0.0, *p, 1.0, 1.0], [0, *y, 1, 1])
    assert recalibration(certain, certain.weight) == pytest.approx(
        recalibration(sample, sample.weight)
    )


def test_people_of_probability_0_count_in_the_index_by_their_own_share():
    p, y = overfitted(100)
    sample = Sample.of(p, y)
    certain = Sample.of([0.0, 0.0, *p], [0, 1, *y])
    assert ici(certain, certain.weight) == pytest.approx(
        (100 * ici(sample, sample.weight) + 2 * 0.5) / 102
    )


def test_each_index_alone_is_that_of_the_one_pass():
    sample = Sample.of(*overfitted(200))
    alone = [measure(sample, sample.weight) for measure in (ici, e50, e90, emax)]
    assert alone == list(spline_errors(sample, sample.weight))
