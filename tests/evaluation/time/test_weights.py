"""Who is known stands for all, and every figure knows what each person changes in it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings

from evaluation.time.samples import ROWS, people, tied
from risicoscreener.evaluation.resampling import bootstrap
from risicoscreener.evaluation.time import (
    HorizonSample,
    aalen_johansen,
    concordance,
    horizon_incidence,
    horizon_weights,
)
from risicoscreener.evaluation.time.c_index import linear_harrell, linear_uno
from risicoscreener.evaluation.time.influence import (
    influence,
    nobody_followed,
)
from risicoscreener.evaluation.time.measures import (
    linear_auc,
    linear_auc_event_free,
    linear_brier,
    linear_brier_reference,
    linear_expected,
    linear_expected_observed,
    linear_incidence,
    linear_scaled_brier,
)
from risicoscreener.evaluation.time.recalibration import linear_intercept, linear_slope

MADE = {
    "incidence": linear_incidence,
    "expected": linear_expected,
    "expected_observed": linear_expected_observed,
    "brier": linear_brier,
    "reference": linear_brier_reference,
    "scaled_brier": linear_scaled_brier,
    "auc": linear_auc,
    "auc_event_free": linear_auc_event_free,
    "harrell": linear_harrell,
    "uno": linear_uno,
    "intercept": linear_intercept,
    "slope": linear_slope,
}
STEP = 1e-4


@given(ROWS)
def test_weights_of_who_is_known_add_up_to_those_of_all(rows):
    sample = tied(rows)
    assume(not nobody_followed(sample))
    assert sample.known_weight(sample.weight).sum() == pytest.approx(sample.weight.sum())


@given(ROWS)
def test_the_weighted_share_is_the_incidence_of_aalen_and_johansen(rows):
    sample = tied(rows)
    assume(sample.time.max() >= sample.horizon_days)
    curves = aalen_johansen(sample.outcomes())
    found = horizon_incidence(sample, sample.weight)
    assert found == pytest.approx(curves.incidence_at([sample.horizon_days])[0], abs=1e-12)


@given(ROWS)
def test_weights_and_outcomes_are_those_of_horizon_weights(rows):
    sample = tied(rows)
    assume(sample.time.max() >= sample.horizon_days)
    outcome, weight = horizon_weights(sample.outcomes(), sample.horizon_days)
    np.testing.assert_allclose(sample.known_weight(sample.weight), weight, atol=1e-12)
    np.testing.assert_array_equal(sample.outcome, outcome)


@given(ROWS)
def test_what_happens_after_the_horizon_does_not_matter(rows):
    sample = tied(rows)
    cut = sample.outcomes().within(sample.horizon_days)
    same = HorizonSample.of(
        sample.probability, cut.time, cut.cause, horizon_days=8.0, weight=cut.weight
    )
    for made in (linear_brier, linear_auc, linear_uno, linear_harrell):
        one, other = made(sample, sample.weight), made(same, same.weight)
        assert one.value == pytest.approx(other.value, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", MADE)
@settings(max_examples=25, deadline=None)
@given(rows=ROWS)
def test_the_influence_of_a_person_is_the_derivative_to_their_weight(name, rows):
    sample, made = tied(rows), MADE[name]
    found = made(sample, sample.weight)
    assume(abs(found.value) < 5 and not nobody_followed(sample))  # not nearly separated
    moved = influence(sample, found)
    assert moved.sum() == pytest.approx(0.0, abs=1e-7)
    for row in (0, len(sample) // 2, len(sample) - 1):
        step = np.zeros(len(sample))
        step[row] = STEP
        ahead, back = (made(sample, sample.weight + s).value for s in (step, -step))
        derivative = (ahead - back) / (2 * STEP)
        expected = pytest.approx(sample.weight[row] * derivative, rel=1e-4, abs=1e-5)
        assert moved[row] == expected


@pytest.mark.parametrize("name", MADE)
def test_the_error_is_that_of_the_bootstrap(name):
    sample, made = people(300, 3), MADE[name]
    moved = influence(sample, made(sample, sample.weight))
    drawn = bootstrap(sample, {"x": lambda s, w: made(s, w).value}, replicates=200)
    assert np.sqrt(moved @ moved) == pytest.approx(drawn.error("x"), rel=0.15)


def test_with_each_person_in_twice_the_error_of_clusters_is_that_of_one_each():
    once = people(300, 1)
    twice = HorizonSample.of(
        np.repeat(once.probability, 2),
        np.repeat(once.time, 2),
        np.repeat(once.cause, 2),
        horizon_days=once.horizon_days,
        cluster=np.repeat(np.arange(300), 2),
    )
    for made in MADE.values():
        a, b = influence(once, made(once, once.weight)), influence(twice, made(twice, twice.weight))
        sums = np.bincount(twice.cluster, b)
        assert np.sqrt(sums @ sums) == pytest.approx(np.sqrt(a @ a), rel=1e-6)


@settings(max_examples=60)
@given(ROWS)
def test_concordance_is_the_sum_over_pairs(rows):
    sample = tied(rows, horizon=12.0)
    time, cause, w, p = sample.time, sample.cause, sample.weight, sample.probability
    won = met = 0.0
    for i in np.flatnonzero(cause == 1):
        later = (time > time[i]) | ((time == time[i]) & (cause == 0)) | (cause == 2)
        pair = w[i] * w * later
        met += pair.sum()
        won += pair @ ((p[i] > p) + 0.5 * (p[i] == p))
    expected = won / met if met else np.nan
    assert concordance(sample.outcomes(), p) == pytest.approx(expected, nan_ok=True)


# -- groups of censoring ---------------------------------------------------------------------------


def grouped(seed=5, n=600):
    one = people(n, seed)
    group = np.random.default_rng(seed).integers(0, 3, n)
    return (
        one,
        group,
        HorizonSample.of(
            one.probability,
            one.time,
            one.cause,
            horizon_days=one.horizon_days,
            censoring_by=np.array(["a", "b", "c"])[group],
        ),
    )


def test_with_groups_of_censoring_incidence_and_brier_score_are_the_mean_over_groups():
    one, group, sample = grouped()
    for made in (linear_incidence, linear_brier):
        parts = [one.where(group == g) for g in range(3)]
        values = [made(part, part.weight).value for part in parts]
        mean = np.average(values, weights=[len(part) for part in parts])
        assert made(sample, sample.weight).value == pytest.approx(mean, abs=1e-12)


@pytest.mark.parametrize("name", ["incidence", "brier", "auc", "slope", "uno"])
def test_with_groups_of_censoring_the_influence_is_the_derivative_too(name):
    sample, made = grouped()[2], MADE[name]
    moved = influence(sample, made(sample, sample.weight))
    for row in (3, 300, 590):
        step = np.zeros(len(sample))
        step[row] = STEP
        ahead, back = (made(sample, sample.weight + s).value for s in (step, -step))
        assert moved[row] == pytest.approx((ahead - back) / (2 * STEP), rel=1e-4, abs=1e-9)


def test_groups_that_are_followed_for_different_times_bias_figures_only_if_they_are_not_heeded():
    rng = np.random.default_rng(8)
    n = 40_000
    high = rng.random(n) < 0.5
    first = rng.exponential(np.where(high, 400.0, 2000.0))
    end = rng.uniform(0, np.where(high, 600.0, 3000.0))
    time, cause = np.minimum(first, end), (first <= end).astype(int)
    truth = -np.expm1(-500 / np.where(high, 400.0, 2000.0)).mean()
    plain, heeded = (
        HorizonSample.of(0.2 + 0.5 * high, time, cause, horizon_days=500, censoring_by=by)
        for by in (None, high)
    )
    assert abs(horizon_incidence(heeded, heeded.weight) - truth) < 0.01
    assert abs(horizon_incidence(plain, plain.weight) - truth) > 0.02
