"""Kaplan-Meier and Aalen-Johansen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.time.people import people
from risicoscreener.errors import ModelError
from risicoscreener.models.time import TimeToEvent, aalen_johansen, horizon_weights, kaplan_meier

ROWS = st.lists(
    st.tuples(st.integers(1, 12), st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=30
)


def outcome(rows):
    time, cause, weight = np.array(rows, dtype=float).T
    return TimeToEvent(time, cause, weight, ("a", "b", "c"))


@given(ROWS)
def test_incidences_of_all_causes_and_survival_add_up_to_1(rows):
    curves = aalen_johansen(outcome(rows))
    np.testing.assert_allclose(curves.incidence.sum(axis=0) + curves.survival, 1.0, atol=1e-12)


@given(ROWS)
def test_incidence_does_not_fall_and_survival_does_not_rise(rows):
    curves = aalen_johansen(outcome(rows))
    assert (np.diff(curves.incidence, axis=1) >= 0).all()
    assert (np.diff(curves.survival) <= 0).all()


@given(ROWS)
def test_a_person_of_weight_2_is_two_persons(rows):
    y = outcome(rows)
    twice = np.repeat(np.arange(len(y)), y.weight.astype(int))
    several = TimeToEvent(y.time[twice], y.cause[twice], names=y.names)
    a, b = aalen_johansen(y), aalen_johansen(several)
    for name in ("survival", "survival_error", "incidence", "incidence_error"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), atol=1e-7)


@given(ROWS, st.integers(1, 12))
def test_what_happens_after_a_horizon_does_not_matter_at_it(rows, horizon):
    y = outcome(rows)
    horizon = min(horizon, y.longest)
    a, b = aalen_johansen(y), aalen_johansen(y.within(horizon))
    np.testing.assert_allclose(a.incidence_at([horizon]), b.incidence_at([horizon]), atol=1e-12)


def test_a_case_by_hand():
    # at risk 4, 3, 1: an event, a competing event beside a censoring, an event
    curves = aalen_johansen(TimeToEvent([1, 2, 2, 3], [1, 2, 0, 1]))
    np.testing.assert_allclose(curves.survival, [3 / 4, 3 / 4 * 2 / 3, 0])
    np.testing.assert_allclose(curves.incidence[0], [1 / 4, 1 / 4, 1 / 4 + 1 / 2])
    np.testing.assert_allclose(curves.incidence[1], [0, 1 / 4, 1 / 4])


def test_one_minus_kaplan_meier_with_competing_events_as_censored_is_too_high():
    group = people(4000, competing=True)
    truth = group.truth(600).mean()
    naive = 1 - kaplan_meier(group.y).survival_at([600])[0]
    assert abs(aalen_johansen(group.y).incidence_at([600])[0] - truth) < 0.02
    assert naive > truth + 0.04


def test_the_interval_of_the_incidence_covers_the_truth():
    inside = 0
    for seed in range(200):
        group = people(300, seed)
        low, high = aalen_johansen(group.y).incidence_interval(500)
        inside += low <= group.truth(500).mean() <= high
    assert 0.92 <= inside / 200 <= 0.99


def test_before_the_first_event_nothing_has_happened():
    curves = aalen_johansen(TimeToEvent([5.0, 9.0], [1, 0]))
    assert curves.incidence_at([0.0, 4.9, 5.0]).tolist() == [0.0, 0.0, 0.5]
    assert curves.survival_at([4.0]).tolist() == [1.0]
    assert curves.incidence_interval(4.0) == (0.0, 0.0)


def test_a_horizon_beyond_the_follow_up_is_refused():
    with pytest.raises(ModelError, match="follow-up ends at 9 days"):
        aalen_johansen(TimeToEvent([5.0, 9.0], [1, 0])).incidence_at([10.0])


@settings(max_examples=50)
@given(ROWS, st.integers(1, 12))
def test_weights_at_a_horizon_ignore_what_comes_after_it(rows, horizon):
    y = outcome(rows)
    horizon = min(horizon, y.longest)
    a, b = horizon_weights(y, horizon), horizon_weights(y.within(horizon), horizon)
    np.testing.assert_allclose(a, b, atol=1e-12)


def test_weighted_outcomes_at_a_horizon_have_the_aalen_johansen_mean():
    y = people(800, 3).y
    event, weight = horizon_weights(y, 400)
    assert weight @ event / len(y) == pytest.approx(
        aalen_johansen(y).incidence_at([400])[0], abs=1e-10
    )


def test_who_was_censored_before_the_horizon_has_no_weight():
    _, weight = horizon_weights(TimeToEvent([3, 9, 9], [0, 0, 1]), 9.0)
    assert weight.tolist() == pytest.approx([0.0, 1.5, 1.5])


def test_a_horizon_that_nobody_reached_is_refused():
    with pytest.raises(ModelError, match="longest follow-up is 9 days"):
        horizon_weights(TimeToEvent([3, 9], [0, 1]), 10.0)
