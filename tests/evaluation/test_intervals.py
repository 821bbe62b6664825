"""Intervals of means and shares are those of others, with and without clusters."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.intervals import (
    effective_number,
    estimate_around,
    influence_error,
    mean_error,
    quantile,
    share_estimate,
    wilson,
)


def everybody(sample):
    return np.ones(len(sample), dtype=bool)


@given(st.integers(1, 500), st.floats(0, 1), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilsons_interval_is_that_of_statsmodels(n, part, level):
    events = round(part * n)
    found = wilson(events / n, n, level)
    expected = proportion_confint(events, n, 1 - level, method="wilson")
    assert found == pytest.approx(expected, abs=1e-10)
    assert 0 <= found[0] <= events / n <= found[1] <= 1


def test_the_error_of_a_mean_is_the_standard_deviation_by_the_root_of_n():
    x = np.random.default_rng(0).normal(size=50)
    assert mean_error(x, np.ones(50)) == pytest.approx(x.std(ddof=1) / math.sqrt(50), rel=1e-12)


def test_the_error_of_a_weighted_clustered_mean_is_that_of_a_regression_on_a_constant():
    rng = np.random.default_rng(1)
    x, w, c = rng.normal(size=200), rng.uniform(0.5, 3, 200), rng.integers(0, 40, 200)
    fit = sm.WLS(x, np.ones(200), weights=w).fit(
        cov_type="cluster", cov_kwds={"groups": c, "use_correction": False}
    )
    assert mean_error(x, w, c) == pytest.approx(fit.bse[0] * math.sqrt(40 / 39), rel=1e-10)


def test_rows_without_weight_do_not_count_as_units():
    x, w = np.array([1.0, 2.0, 4.0, 99.0]), np.array([1.0, 1.0, 1.0, 0.0])
    assert mean_error(x, w) == pytest.approx(mean_error(x[:3], w[:3]), rel=1e-12)


def test_one_unit_has_no_error():
    assert math.isnan(influence_error(np.zeros(1)))
    assert math.isnan(influence_error(np.zeros(3), np.zeros(3, dtype=np.intp)))


def test_clusters_take_the_t_distribution():
    assert quantile(0.95) == pytest.approx(1.959963985)
    assert quantile(0.95, 5) == pytest.approx(2.776445105)
    assert math.isnan(quantile(0.95, 1))
    with pytest.raises(EvaluationError, match="level is 95"):
        quantile(95)


def test_the_effective_number_without_design_is_the_number_of_people():
    sample = Sample.of(np.linspace(0, 1, 40), [0, 1] * 20)
    assert effective_number(sample, sample.probability > 0.5, sample.outcome) == 20
    alone = Sample.of(np.linspace(0, 1, 40), [0, 1] * 20, cluster=np.arange(40))
    few = (quantile(0.95) / quantile(0.95, 40)) ** 2
    assert effective_number(alone, everybody(alone), alone.outcome) == pytest.approx(39 * few)


def test_copies_of_one_person_count_as_one():
    y = np.random.default_rng(3).random(60) < 0.3
    copied = Sample.of(
        np.repeat(np.linspace(0, 1, 60), 4), np.repeat(y, 4), cluster=np.repeat(np.arange(60), 4)
    )
    few = (quantile(0.95) / quantile(0.95, 60)) ** 2
    found = effective_number(copied, everybody(copied), copied.outcome)
    assert found == pytest.approx(59 * few)


def test_a_share_of_nobody_or_everybody_in_clusters_counts_the_clusters():
    sample = Sample.of(np.linspace(0, 1, 40), np.zeros(40), cluster=np.arange(40) // 4)
    assert effective_number(sample, everybody(sample), sample.outcome) == 10.0
    found = share_estimate("auc", sample, everybody(sample), sample.outcome == 1)
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(wilson(0.0, 10)[1])
    weighted = Sample.of([0.1, 0.2, 0.3], [1, 1, 1], weight=[1.1, 2.7, 0.3])
    found = share_estimate("auc", weighted, everybody(weighted), weighted.outcome == 1)
    assert (found.value, found.high, found.method) == (1.0, 1.0, "wilson_effective")
    assert 0 < found.low < 1


def test_a_share_of_no_people_has_no_value():
    sample = Sample.of([0.1, 0.2], [0, 1])
    found = share_estimate("auc", sample, sample.probability > 0.5, sample.outcome == 1)
    assert (found.problem, found.n) == ("nobody", 0)
    assert math.isnan(found.value)


def test_a_logit_interval_stays_between_nothing_and_one():
    sample = Sample.of([0.1, 0.2], [0, 1])
    plain = estimate_around("auc", sample, 0.98, 0.02)
    logit = estimate_around("auc", sample, 0.98, 0.02, scale="logit")
    assert plain.high > 1 > logit.high > 0.98 > logit.low
    assert math.log(logit.high / (1 - logit.high)) == pytest.approx(
        math.log(0.98 / 0.02) + quantile(0.95) * 0.02 / (0.98 * 0.02)
    )
    assert estimate_around("auc", sample, 0.98, 0.02, bounds=(0, 1)).high == 1.0


@pytest.mark.parametrize(("value", "error"), [(0.5, 0.0), (0.5, math.nan), (math.nan, 0.1)])
def test_no_error_is_no_interval(value, error):
    found = estimate_around("auc", Sample.of([0.1, 0.2], [0, 1]), value, error)
    assert (found.problem, found.method, found.has_interval) == ("no_spread", "", False)


def test_on_the_logit_scale_one_has_no_interval():
    found = estimate_around("auc", Sample.of([0.1, 0.2], [0, 1]), 1.0, 0.1, scale="logit")
    assert not found.has_interval
