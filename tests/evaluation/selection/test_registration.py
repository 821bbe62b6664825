"""What is not registered yet."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.selection import (
    corrected_for_registration,
    lag_from_sample,
    share_registered,
)

HORIZON = 730.0


def exponential(days):
    return 1 - np.exp(-np.asarray(days) / 200.0)


def test_an_exponential_lag_has_a_closed_form():
    # cases spread over the horizon, read at its end: 1 - mean * (1 - exp(-H / mean)) / H
    share = share_registered([HORIZON], HORIZON, exponential)[0]
    expected = 1 - 200 / HORIZON * (1 - np.exp(-HORIZON / 200))
    assert share == pytest.approx(expected, abs=1e-5)


def test_the_share_is_the_integral_of_lag_over_what_happens():
    happening = stats.weibull_min(0.8, scale=500).cdf
    found = share_registered([900.0], HORIZON, exponential, happening=happening)[0]
    density = stats.weibull_min(0.8, scale=500).pdf
    top = integrate.quad(lambda t: density(t) * exponential(900 - t), 0, HORIZON)[0]
    assert found == pytest.approx(top / happening(HORIZON), abs=1e-4)


def test_with_long_follow_up_everything_is_registered_and_before_release_nothing():
    share = share_registered([1e6, -5.0, 0.0], HORIZON, exponential)
    assert share.tolist() == pytest.approx([1.0, 0.0, 0.0])


def test_observed_lags_are_a_step_at_each():
    lag = lag_from_sample([10, 30, 20, 40])
    assert lag(np.array([0.0, 9.9, 10.0, 25.0, 40.0, 99.0])).tolist() == [0, 0, 0.25, 0.5, 1, 1]
    weighted = lag_from_sample([10, 20], weight=[3, 1])
    assert weighted(np.array([15.0])).tolist() == [0.75]


def drawn(n: int, seed: int):
    """A calibrated model, what the register shows by now, and follow-up."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.1, 0.6, n)
    happens, at = rng.random(n) < p, rng.uniform(0, HORIZON, n)
    follow_up = rng.integers(400, 1200, n)
    known = happens & (at + rng.exponential(200, n) <= follow_up)
    return p, known, follow_up


def test_the_corrected_figure_is_right_where_the_shown_one_is_too_high():
    p, known, follow_up = drawn(30_000, 1)
    share = share_registered(follow_up, HORIZON, exponential)
    found = corrected_for_registration(Sample.of(p, known), share)
    shown, corrected, mean = found.estimates
    assert shown.value > 1.3
    assert corrected.low < 1.0 < corrected.high
    assert mean.value == pytest.approx(share.mean())


def test_intervals_hold_the_truth_as_often_as_they_say():
    held = 0
    for seed in range(150):
        p, known, follow_up = drawn(400, seed)
        share = share_registered(follow_up, HORIZON, exponential)
        one = corrected_for_registration(Sample.of(p, known), share).estimates
        corrected = one["expected_observed_registered"]
        held += corrected.low <= 1.0 <= corrected.high
    assert 136 <= held <= 149


def test_people_with_hardly_any_follow_up_are_left_out_and_counted():
    share = share_registered([900.0, 30.0, 900.0], HORIZON, exponential)
    found = corrected_for_registration(Sample.of([0.2, 0.3, 0.4], [1, 0, 0]), share)
    assert (found.used, found.left_out) == (2, 1)
    assert found.to_dict()["estimates"]["expected_observed"]["value"] == pytest.approx(0.6)


def test_without_events_there_is_no_figure_and_no_crash():
    found = corrected_for_registration(Sample.of([0.2, 0.3], [0, 0]), [1.0, 1.0])
    assert found.estimates["expected_observed_registered"].problem == "few_events"


def test_full_registration_changes_nothing():
    found = corrected_for_registration(Sample.of([0.2, 0.3, 0.6], [0, 1, 1]), [1.0] * 3)
    shown, corrected, _ = found.estimates
    assert (shown.value, shown.low, shown.high) == (
        corrected.value,
        corrected.low,
        corrected.high,
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: corrected_for_registration(s, [1.0, 1.5]), r"share\[1\] is 1.5"),
        (lambda s: corrected_for_registration(s, [1.0]), "share has shape"),
        (lambda s: corrected_for_registration(s, [0.1, 0.0]), "of nobody 20%"),
        (lambda s: share_registered([1.0], 0.0, exponential), "horizon_days is 0.0"),
        (lambda s: share_registered([np.nan], 9.0, exponential), "follow_up_days"),
        (
            lambda s: share_registered([9.0], 9.0, exponential, happening=lambda t: -t),
            "must not fall",
        ),
        (lambda s: lag_from_sample([]), "lags have shape"),
        (lambda s: lag_from_sample([3, -1]), r"lags\[1\] is -1"),
    ],
)
def test_what_cannot_be_meant_is_refused(call, message):
    with pytest.raises(EvaluationError, match=message):
        call(Sample.of([0.2, 0.3], [1, 0]))
