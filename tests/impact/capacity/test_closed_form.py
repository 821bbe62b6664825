"""What theory says, and that a forecast says the same."""

from __future__ import annotations

import numpy as np
import pytest

from impact.capacity.world import DAY, plain, steady
from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity import expected_occupancy, forecast, sinusoidal_occupancy


def test_a_wave_of_arrivals_gives_a_later_and_flatter_wave_of_people():
    t, mean_stay, period = np.arange(4000), 80.0, 365.25
    rate = 10 + 4 * np.sin(2 * np.pi * t / period)
    # Days are steps here: arrivals in the middle of each, stays cut at whole days.
    survival = np.exp(-(np.arange(3000) + 0.5) / mean_stay)
    found = expected_occupancy(rate, survival)[3000:]
    theory = sinusoidal_occupancy(t[3000:], 10, 4, period, mean_stay)
    np.testing.assert_allclose(found, theory, rtol=0.01)
    shift = 365.25 / (2 * np.pi) * np.arctan(2 * np.pi / period * mean_stay)
    assert 3000 + np.argmax(theory[:365]) == pytest.approx(
        3000 + (np.argmax(rate[3000:3365]) + shift) % 365.25, abs=2
    )


def test_a_constant_rate_gives_the_law_of_little():
    survival = np.linspace(1, 0, 101)[:-1]
    found = expected_occupancy(np.full(500, 3.0), survival)
    assert found[-1] == pytest.approx(3.0 * survival.sum())


def test_by_hand():
    found = expected_occupancy([2, 0, 1], [1, 0.5, 0.25])
    np.testing.assert_allclose(found, [2, 1, 1.5])


@pytest.mark.parametrize(
    ("rates", "survival", "said"),
    [([-1], [1], "rates go down to -1"), ([1], [0.5, 0.6], "survival"), ([1], [], "survival")],
)
def test_what_is_no_rate_or_no_survival(rates, survival, said):
    with pytest.raises(ImpactError, match=said):
        expected_occupancy(rates, survival)


@pytest.fixture(scope="module")
def made():
    stays = steady(rate=2.0, mean=60.0)
    return stays, forecast(stays, plain(), months=24, replicates=200)


def law(stays) -> tuple[float, np.ndarray]:
    """The rate, and the share still there after 0, 1, … days, from what was seen."""
    from risicoscreener.impact.capacity.donors import donors_of

    donors = donors_of(stays, "remand", ["PI-01"], plain())
    weights = donors.lengths.weights()
    survival = np.array([weights[donors.lengths.time > u].sum() for u in range(1500)])
    came = stays.arrived[stays.arrived >= stays.seen_from]
    weeks = (stays.seen_until - stays.seen_from) // 7
    return float((came >= stays.seen_until - 7 * weeks).sum() / (7 * weeks)), survival


def test_the_mean_number_inside_is_that_of_theory_day_by_day(made):
    stays, found = made
    rate, survival = law(stays)
    weekday = np.bincount(stays.arrived[stays.arrived >= stays.seen_from] % 7, minlength=7) + 1.0
    days = np.arange(DAY, DAY + found.n_days)
    rates = rate * (weekday / weekday.mean())[days % 7]
    expected = expected_occupancy(rates, survival)
    # Who is there at the end of the day before stayed for as many days, so far, as that is.
    age = (stays.seen_until - 1 - stays.arrived)[stays.inside]
    later = np.minimum(age[:, None] + np.arange(1, found.n_days + 1), len(survival) - 1)
    stock = (survival[later] / survival[age][:, None]).sum(axis=0)
    simulated = found.occupancy.mean(axis=0)
    error = found.occupancy.std(axis=0) / np.sqrt(found.replicates)
    off = (simulated - expected - stock) / error
    assert np.abs(off).max() < 4.5
    assert simulated.sum() == pytest.approx((expected + stock).sum(), rel=0.01)


def test_in_the_long_run_it_is_the_law_of_little(made):
    stays, found = made
    rate, survival = law(stays)
    late = found.occupancy[:, -200:].mean()
    assert late == pytest.approx(rate * survival.sum(), rel=0.02)


def test_in_the_long_run_the_number_inside_is_poisson(made):
    _, found = made
    last = found.occupancy[:, -1]
    # Weeks spread as Poisson in this world, up to the doubt whether they do.
    assert last.var() / last.mean() == pytest.approx(1.0, abs=0.3)
