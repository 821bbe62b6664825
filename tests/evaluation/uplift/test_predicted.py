"""Slopes and group effects are those of least squares with robust errors by statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from evaluation.uplift.people import trial
from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.uplift import effect_calibration, sorted_effects


@pytest.mark.parametrize("cluster", [False, True])
def test_the_slope_and_its_error_are_those_of_statsmodels(cluster):
    compared, x = trial(cluster=cluster)
    codes = compared.people.cluster
    options = {"cov_type": "HC1"}
    if cluster:
        options = {"cov_type": "cluster", "cov_kwds": {"groups": codes}}
    fit = sm.OLS(compared.scores, sm.add_constant(x)).fit(**options)
    found = effect_calibration(compared, x)
    slope = found["effect_slope"]
    assert slope.value == pytest.approx(fit.params[1])
    if not cluster:
        assert (slope.low, slope.high) == pytest.approx(tuple(fit.conf_int()[1]))
        assert found.p_value == pytest.approx(fit.pvalues[1] / 2)
    else:
        half = fit.bse[1] * 2.0009954  # Student's t with 59 degrees of freedom
        assert slope.high - slope.value == pytest.approx(half, rel=1e-5)


def test_group_effects_are_means_of_scores():
    compared, x = trial(500)
    found = sorted_effects(compared, x, groups=5)
    order = np.argsort(x)
    parts = [compared.scores[order[i * 100 : (i + 1) * 100]] for i in range(5)]
    assert [e.value for e in found.effects] == pytest.approx([p.mean() for p in parts])
    assert found.difference.value == pytest.approx(parts[-1].mean() - parts[0].mean())
    variance = sum(p.var() / 100 for p in (parts[0], parts[-1])) * 500 / 499
    half = (found.difference.high - found.difference.low) / 2
    assert half == pytest.approx(1.959964 * np.sqrt(variance), rel=1e-5)
    assert found.curve().ok
    assert len(found.to_frame()) == 6


def test_predictions_that_do_not_differ_have_no_slope():
    compared, _ = trial(100)
    found = effect_calibration(compared, np.full(100, 0.1))
    assert found["effect_slope"].problem == "constant_score"
    assert found["effect_in_the_large"].ok
    with pytest.raises(EvaluationError, match="do not differ"):
        sorted_effects(compared, np.full(100, 0.1))
