"""Sums over nodes are sums over people, so that replicates of large samples are quick."""

from __future__ import annotations

import numpy as np
import pytest

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.calibration import calibration_intercept, calibration_slope, ici
from risicoscreener.evaluation.calibration.flexible import (
    distances,
    spline_errors,
    spline_heights,
)
from risicoscreener.evaluation.calibration.levels import levels_of
from risicoscreener.evaluation.calibration.nodes import FEWEST_LEVELS, nodes_of
from risicoscreener.evaluation.calibration.recalibration import line_fit, shift_fit
from risicoscreener.evaluation.resampling import replicate_weights


def made(n=3 * FEWEST_LEVELS, spread=1.0, decimals=None, seed=0):
    rng = np.random.default_rng(seed)
    lp = rng.normal(-1.2, spread, n)
    y = rng.random(n) < 1 / (1 + np.exp(-0.9 * lp / spread - 0.1 - 0.1 * lp**2))
    p = 1 / (1 + np.exp(-lp))
    return Sample.of(p if decimals is None else np.round(p, decimals), y)


def indices_of_people(sample, weight):
    levels = levels_of(sample)
    events, total = levels.counts(weight)
    return distances(levels.probability, spline_heights(levels, events, total), total)


@pytest.mark.parametrize(("spread", "decimals"), [(1.0, None), (1.0, 5), (3.0, None)])
def test_replicates_by_nodes_are_those_of_the_people(spread, decimals):
    sample = made(spread=spread, decimals=decimals)
    assert nodes_of(sample) is not None
    levels = levels_of(sample)
    for weight in replicate_weights(sample, 3):
        counts = levels.counts(weight)
        line, shift = line_fit(levels, *counts), shift_fit(levels, *counts)
        slope = float(line.coefficients[1])
        assert calibration_slope(sample, weight) == pytest.approx(slope, abs=1e-9)
        large = float(shift.coefficients[0])
        assert calibration_intercept(sample, weight) == pytest.approx(large, abs=1e-9)
        people = indices_of_people(sample, weight)
        assert ici(sample, weight) == pytest.approx(people[0], abs=1e-9)
        assert spline_errors(sample, weight) == pytest.approx(people, abs=1e-8)


def test_weights_that_are_not_whole_are_no_other_matter():
    sample = made()
    weight = np.random.default_rng(1).uniform(0, 3, len(sample))
    assert ici(sample, weight) == pytest.approx(indices_of_people(sample, weight)[0], abs=1e-9)


def test_few_people_and_certain_probabilities_are_fitted_themselves():
    assert nodes_of(made(FEWEST_LEVELS - 1)) is None
    plain = made()
    certain = Sample.of(np.r_[0.0, plain.probability], np.r_[0.0, plain.outcome])
    assert nodes_of(certain) is None
    assert calibration_slope(certain, certain.weight) == pytest.approx(
        calibration_slope(plain, plain.weight), abs=1e-9
    )


def test_a_slope_too_steep_for_the_nodes_is_fitted_on_the_people():
    p = np.linspace(0.001, 0.999, 2 * FEWEST_LEVELS)
    rng = np.random.default_rng(2)
    steep = Sample.of(p, rng.random(len(p)) < 1 / (1 + np.exp(-60 * (np.log(p / (1 - p))))))
    nodes = nodes_of(steep)
    assert nodes is not None
    assert nodes.recalibration(steep.weight) is None
    assert calibration_slope(steep, steep.weight) == pytest.approx(60, rel=0.3)


def test_a_separated_or_one_sided_replicate_has_no_slope():
    p = np.linspace(0.001, 0.999, 2 * FEWEST_LEVELS)
    separated = Sample.of(p, p > 0.5)
    assert np.isnan(calibration_slope(separated, separated.weight))
    both = made()
    alone = np.where(both.outcome == 1, 1.0, 0.0)
    assert np.isnan(calibration_slope(both, alone))
    assert np.isnan(calibration_intercept(both, alone))
    assert np.isnan(ici(both, alone))
