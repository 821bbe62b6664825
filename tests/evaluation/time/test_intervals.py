"""Intervals are made of the influence of people, on the scale of each figure."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtri, stdtrit

from evaluation.time.samples import people
from risicoscreener.evaluation.intervals import influence_error
from risicoscreener.evaluation.resampling import bootstrap
from risicoscreener.evaluation.time import (
    HorizonSample,
    aalen_johansen,
    grouped_calibration,
    horizon_calibration,
    horizon_net_benefit,
    horizon_performance,
)
from risicoscreener.evaluation.time.benefit import moved_net_benefit
from risicoscreener.evaluation.time.calibration import Spline
from risicoscreener.evaluation.time.horizon import complementary_log_log
from risicoscreener.evaluation.time.influence import influence
from risicoscreener.evaluation.time.measures import linear_brier, linear_expected_observed


def test_with_clusters_an_interval_takes_the_t_distribution_of_their_number():
    sample = people(300, clusters=15)
    one = horizon_performance(sample, level=0.9)["horizon_brier"]
    error = influence_error(influence(sample, linear_brier(sample, sample.weight)), sample.cluster)
    assert (one.high - one.low) / 2 == pytest.approx(stdtrit(14, 0.95) * error, rel=1e-12)
    assert one.method == "clustered"


def test_a_ratio_has_an_interval_that_is_symmetric_in_its_logarithm():
    sample = people(300)
    one = horizon_performance(sample)["horizon_expected_observed"]
    made = linear_expected_observed(sample, sample.weight)
    error = influence_error(influence(sample, made), None)
    half = ndtri(0.975) * error / one.value
    assert math.log(one.high / one.value) == pytest.approx(half, rel=1e-12)
    assert math.log(one.value / one.low) == pytest.approx(half, rel=1e-12)


def test_a_ratio_below_1_has_an_interval_too():
    base = people(300)
    low = HorizonSample.of(base.probability / 3, base.time, base.cause, horizon_days=500)
    one = horizon_performance(low)["horizon_expected_observed"]
    assert one.low < one.value < one.high < 1


def test_an_incidence_has_nearly_the_log_log_interval_of_the_delta_method():
    sample = people(500, 7)
    one = horizon_performance(sample)["horizon_incidence"]
    expected = aalen_johansen(sample.outcomes()).incidence_interval(500)
    assert (one.low, one.high) == pytest.approx(expected, rel=0.005)


def test_who_is_just_at_a_cut_off_is_above_it():
    sample = HorizonSample.of([0.1, 0.3, 0.3], [9, 9, 4], [0, 0, 1], horizon_days=9)
    found = horizon_net_benefit(sample, 0.3)["horizon_net_benefit"].value
    assert found == pytest.approx(1 / 3 - 1 / 3 * 0.3 / 0.7)


@pytest.mark.parametrize("cut_off", [0.2, 0.5])
def test_what_people_change_in_a_net_benefit_is_its_derivative(cut_off):
    from risicoscreener.evaluation.time import HorizonNetBenefit

    sample, measure = people(120, 2), HorizonNetBenefit(cut_off)
    _, moved = moved_net_benefit(sample, cut_off)
    for row in (5, 60, 115):
        step = np.zeros(len(sample))
        step[row] = 1e-4
        ahead, back = (measure(sample, sample.weight + s) for s in (step, -step))
        assert moved[row] == pytest.approx((ahead - back) / 2e-4, rel=1e-5, abs=1e-9)


def test_a_group_ends_with_who_has_the_quantile():
    p = np.linspace(0.1, 0.9, 101)
    sample = HorizonSample.of(p, np.full(101, 9.0), np.arange(101) % 2, horizon_days=9)
    sizes = [g["horizon_incidence"].n for g in grouped_calibration(sample, groups=4)]
    assert sizes == [26, 25, 25, 25]


def test_the_band_of_the_curve_is_as_wide_as_the_bootstrap_has_it():
    sample = people(500, 9)
    spline, places = Spline.of(sample), np.array([20, 50, 80])
    curve = horizon_calibration(sample, replicates=0).curve
    columns = spline.at(complementary_log_log(curve.x[places]))
    drawn = bootstrap(
        sample, {"lp": lambda s, w: spline.fit(s, w).coefficients @ columns}, replicates=300
    )
    low, high = (complementary_log_log(side[places]) for side in (curve.low, curve.high))
    np.testing.assert_allclose((high - low) / 2 / ndtri(0.975), drawn.error("lp"), rtol=0.2)
