"""Rates of arrivals: level, season, spread, and where a rate is that wanders."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity.arrivals import WEEK, _level_now, fit_arrivals

LAST = 19723
YEARS = 4
FIRST = LAST - 365 * YEARS


def arrivals(rate, seed=0, first=FIRST) -> np.ndarray:
    days = np.arange(first, LAST)
    return np.repeat(days, np.random.default_rng(seed).poisson(rate(days)))


def test_without_terms_the_rate_is_the_mean_of_the_weeks():
    came = arrivals(lambda d: np.full(len(d), 3.0))
    found = fit_arrivals("remand", came, FIRST, LAST, trend=False, harmonics=0)
    weeks = (LAST - FIRST) // WEEK
    whole = came[came >= LAST - weeks * WEEK]
    rate = found.mean(np.arange(LAST, LAST + 7), 0.0)
    assert rate.mean() == pytest.approx(len(whole) / (weeks * WEEK), rel=1e-6)
    # Of a Poisson count N the log has standard error 1 / sqrt(N).
    error = np.sqrt(found.covariance[0, 0] / found.dispersion)
    assert error == pytest.approx(1 / np.sqrt(len(whole)), rel=1e-6)


def test_season_and_trend_are_found():
    def rate(days):
        season = 0.3 * np.sin(2 * np.pi * days / 365.25)
        return 20 * np.exp(season - 0.1 * (LAST - days) / 365.25)

    found = fit_arrivals("remand", arrivals(rate), FIRST, LAST, trend=True, harmonics=1)
    ahead = np.arange(LAST, LAST + 365)
    np.testing.assert_allclose(found.mean(ahead, 365), rate(ahead), rtol=0.12)
    still = found.mean(ahead, 0.0)
    assert still[-1] < found.mean(ahead, 365)[-1]


def test_a_short_history_gets_no_season_and_no_trend():
    came = arrivals(lambda d: np.full(len(d), 3.0), first=LAST - 400)
    found = fit_arrivals("remand", came, LAST - 400, LAST, trend=True, harmonics=2)
    assert (found.has_trend, found.harmonics, len(found.coefficients)) == (False, 0, 1)


def test_weeks_that_spread_more_than_poisson_are_drawn_so():
    rng = np.random.default_rng(5)
    weeks = rng.gamma(7.0, 1 / 7.0, YEARS * 53).repeat(WEEK)
    came = arrivals(lambda d: 3.0 * weeks[d - LAST])
    found = fit_arrivals("remand", came, FIRST, LAST, trend=False, harmonics=0)
    assert found.dispersion == pytest.approx(1 + 21 / 7, rel=0.3)
    ahead = np.arange(LAST, LAST + 70)
    rates = np.array(
        [
            found.draw(ahead, np.random.default_rng(i), trend_days=0, certain=True)
            for i in range(800)
        ]
    )
    sums = rates.reshape(800, 10, WEEK).sum(axis=2)
    assert sums.mean() == pytest.approx(found.per_week, rel=0.02)
    spread = sums.var() / sums.mean() + 1  # of the rate, and of Poisson around it
    assert spread == pytest.approx(found.dispersion, rel=0.1)


def test_the_level_of_a_rate_that_wanders_is_that_of_statsmodels():
    rng = np.random.default_rng(2)
    wander, noise = 0.3, 0.05
    step = wander**2 * WEEK / 365.25
    seen = rng.normal(0, np.sqrt(step), 150).cumsum() + rng.normal(0, np.sqrt(noise), 150)
    level, doubt = _level_now(seen, np.full(150, noise), wander)
    model = sm.tsa.UnobservedComponents(seen, "llevel", use_exact_diffuse=True)
    smoothed = model.smooth([noise, step])
    assert np.expm1(level) == pytest.approx(float(smoothed.filtered_state[0, -1]), abs=1e-3)
    assert doubt == pytest.approx(float(smoothed.filtered_state_cov[0, 0, -1]), rel=1e-3)


def test_a_rate_that_wanders_is_followed():
    came = arrivals(lambda d: np.where(d < LAST - 200, 4.0, 2.0))
    still = fit_arrivals("remand", came, FIRST, LAST, trend=False, harmonics=0)
    follows = fit_arrivals("remand", came, FIRST, LAST, trend=False, harmonics=0, wander=0.5)
    day = np.arange(LAST, LAST + 7)
    assert still.mean(day, 0).mean() > 3.4
    assert follows.mean(day, 0).mean() == pytest.approx(2.0, abs=0.35)
    far = np.arange(LAST, LAST + 365)
    rates = [
        follows.draw(far, np.random.default_rng(i), trend_days=0)[-7:].mean() for i in range(300)
    ]
    assert np.std(np.log(rates)) > 0.5


@pytest.mark.parametrize(
    ("first", "came", "said"),
    [
        (LAST - 30, [LAST - 3], "arrivals were watched for 30 days; expected at least 56"),
        (LAST - 90, [LAST - 200], "nobody of kind 'isd' came"),
    ],
)
def test_too_little_to_tell(first, came, said):
    with pytest.raises(ImpactError, match=said):
        fit_arrivals("isd", np.array(came), first, LAST, trend=False, harmonics=0)
