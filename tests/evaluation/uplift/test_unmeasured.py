"""Bounds are the worst that can be chosen; E-values those that were published."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from evaluation.uplift.people import trial
from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.uplift import Compared, average_effect, e_value, effect_range
from risicoscreener.evaluation.uplift.unmeasured import _e_value


def test_the_e_value_is_that_of_the_paper():
    # VanderWeele and Ding (2017): a risk ratio of 3.9 (1.8 to 8.7) has E-values of 7.2 and 3.0
    assert round(_e_value(math.log(3.9)), 1) == 7.3
    assert int(_e_value(math.log(3.9)) * 10) / 10 == 7.2
    assert _e_value(math.log(1.8)) == pytest.approx(3.0, abs=1e-9)


def test_an_effect_of_nothing_needs_nothing_to_be_explained_away():
    compared, _ = trial(400, slope=0.0)
    found = e_value(compared)
    assert found["e_value"].value >= 1.0
    assert found["e_value_limit"].value == 1.0


def test_bounds_are_the_worst_of_all_choices_of_weights():
    rng = np.random.default_rng(7)
    y, t = rng.integers(0, 2, 10), np.repeat([1, 0], 5)
    e = rng.uniform(0.2, 0.8, 10)
    compared = Compared.of(y, t, e)
    gamma = 1.7
    odds = np.where(t == 1, (1 - e) / e, e / (1 - e))
    found = []
    for choice in itertools.product([1 / gamma, gamma], repeat=10):
        w = 1 + np.array(choice) * odds
        means = [np.average(y[t == arm], weights=w[t == arm]) for arm in (1, 0)]
        found.append(means[0] - means[1])
    bounds = effect_range(compared, [1.0, gamma], replicates=10)
    assert bounds.lower[1] == pytest.approx(min(found))
    assert bounds.upper[1] == pytest.approx(max(found))


def test_without_anything_unmeasured_the_bounds_are_the_weighted_effect():
    compared, _ = trial()
    bounds = effect_range(compared, replicates=50)
    weighted = average_effect(compared)["average_effect_ipw"].value
    assert bounds.lower[0] == pytest.approx(weighted)
    assert bounds.upper[0] == pytest.approx(weighted)
    assert (np.diff(bounds.lower) < 0).all()
    assert (np.diff(bounds.upper) > 0).all()


def test_the_tipping_point_lies_where_the_lower_limit_passes_nothing():
    compared, _ = trial(4000, slope=0.5)
    bounds = effect_range(compared, replicates=50)
    found = bounds.tipping_point.value
    low = np.interp(np.log(found), np.log(bounds.gammas), bounds.low)
    assert low == pytest.approx(0.0, abs=1e-9)
    assert bounds.low[0] > 0


def test_factors_below_one_are_refused():
    compared, _ = trial(40)
    with pytest.raises(EvaluationError, match="ascending numbers from 1 on"):
        effect_range(compared, [0.5, 1.0])
