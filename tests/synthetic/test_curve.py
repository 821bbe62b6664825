"""The hazard after release: the published curve, and probabilities when other events come first."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter
from scipy.integrate import quad

from risicoscreener.synthetic import load_parameters
from risicoscreener.synthetic.stages.curve import NEVER, Curve, horizons, reference_days, whole_days

P = load_parameters()
CURVE = Curve.of_person(P)
levels = st.floats(0.01, 8.0)
hazards = st.floats(0.0, 0.05)


def hazard_on(day):
    """The hazard per day for a level of one, read off the knots."""
    j = min(int(np.searchsorted(CURVE.days, day, side="right")), len(CURVE.days) - 1)
    return (CURVE.hazard[j] - CURVE.hazard[j - 1]) / (CURVE.days[j] - CURVE.days[j - 1])


def by_quadrature(level, competing, day):
    """The integral of the hazard of a case times the chance that nothing happened before."""

    def density(t):
        return level * hazard_on(t) * np.exp(-level * CURVE.at(t) - competing * t)

    edges = [*CURVE.days[CURVE.days < day], day]
    return sum(quad(density, a, b)[0] for a, b in pairwise(edges))


def test_at_the_knots_the_curve_is_that_of_the_parameters():
    spec, years = P["outcomes.own_curve"], 1461 / 365.25
    share = spec["ceiling"] * (1 - np.exp(-spec["rate"] * years ** spec["shape"]))
    assert 1 - np.exp(-CURVE.at(1461)) == pytest.approx(share)


@given(levels, hazards, st.sampled_from(sorted(horizons(P).values())))
def test_the_probability_by_a_horizon_is_the_integral_that_defines_it(level, competing, day):
    found = CURVE.incidence(np.array([level]), np.array([competing]), {"h": day})["h"][0]
    assert found == pytest.approx(by_quadrature(level, competing, day), rel=1e-9)


@given(levels)
def test_without_competing_events_the_probability_is_one_minus_survival(level):
    found = CURVE.incidence(np.array([level]), np.zeros(1), horizons(P))
    for name, day in horizons(P).items():
        assert found[name][0] == pytest.approx(-np.expm1(-level * CURVE.at(day)), rel=1e-12)


@given(levels, hazards, hazards)
def test_more_competing_events_leave_less_room_for_a_case(level, one, other):
    low, high = sorted([one, other])
    chances = CURVE.incidence(np.full(2, level), np.array([low, high]), horizons(P))
    assert all(chance[1] <= chance[0] + 1e-15 for chance in chances.values())


def test_nobody_without_any_hazard_has_a_case():
    assert CURVE.incidence(np.zeros(1), np.zeros(1), horizons(P))["5y"][0] == 0.0


def test_the_probability_agrees_with_the_aalen_johansen_estimator_on_simulated_times():
    rng, n, level, competing = np.random.default_rng(1), 40_000, 1.3, 0.0006
    case = CURVE.time_of(rng.exponential(size=n) / level)
    other = rng.exponential(1.0 / competing, size=n)
    end = CURVE.days[-1]
    time = np.minimum(np.minimum(case, other), end)
    event = np.where(time == end, 0, np.where(case < other, 1, 2))
    fitted = AalenJohansenFitter(calculate_variance=False).fit(time, event, event_of_interest=1)
    estimated = fitted.cumulative_density_.iloc[:, 0]
    found = CURVE.incidence(np.array([level]), np.array([competing]), horizons(P))
    for name, day in horizons(P).items():
        chance = found[name][0]
        noise = np.sqrt(chance * (1 - chance) / n)
        assert abs(estimated[estimated.index <= day].iloc[-1] - chance) < 4 * noise


@given(st.floats(0.001, 0.999))
def test_the_level_of_a_chance_gives_that_chance_at_the_reference_horizon(chance):
    day = reference_days(P)
    level = CURVE.level(np.array([chance]), day)
    assert -np.expm1(-level * CURVE.at(day)) == pytest.approx(chance, rel=1e-9)


def test_days_are_counted_from_one_and_never_is_never():
    days = whole_days(np.array([0.0, 0.2, 1.0, 1.01, np.inf]))
    assert days.tolist() == [1, 1, 1, 2, NEVER]


def test_times_beyond_the_last_knot_are_infinite():
    assert CURVE.time_of(np.array([CURVE.hazard[-1] * 1.01]))[0] == np.inf
    assert CURVE.time_of(np.array([CURVE.hazard[3]]))[0] == CURVE.days[3]
