"""Input in time that cannot be used is refused in words, and not answered with a number."""

from __future__ import annotations

import numpy as np
import pytest

from risicoscreener.errors import EvaluationError, OutcomeError
from risicoscreener.evaluation.time import (
    HorizonSample,
    TimeToEvent,
    aalen_johansen,
    brier_at,
    concordance,
    follow_up,
    follow_up_from_dates,
    grouped_calibration,
    horizon_decision_curve,
    horizon_weights,
)

TIME, CAUSE = np.array([100.0, 200.0, 300.0, 400.0]), np.array([1, 0, 2, 1])
Y = TimeToEvent(TIME, CAUSE)
P = np.array([0.4, 0.3, 0.2, 0.1])


@pytest.mark.parametrize("risk", [[0.1], [0.1, np.nan, 0.2, 0.3], ["a"] * 4])
def test_a_risk_that_is_missing_or_no_number_has_no_concordance_and_no_score(risk):
    with pytest.raises(OutcomeError, match="risk"):
        concordance(Y, risk)
    with pytest.raises(OutcomeError, match="predicted"):
        brier_at(risk, Y, 300)


@pytest.mark.parametrize("cause", [0, -1, 3])
def test_a_cause_that_is_not_there_has_no_incidence(cause):
    with pytest.raises(OutcomeError, match="expected a number from 1 to 2"):
        aalen_johansen(Y).incidence_at([200.0], cause)
    with pytest.raises(OutcomeError, match="expected a number from 1 to 2"):
        aalen_johansen(Y).incidence_interval(200.0, cause)


def test_a_missing_horizon_and_a_level_of_95_are_refused():
    curves = aalen_johansen(Y)
    with pytest.raises(OutcomeError, match="horizon is missing"):
        curves.incidence_at([np.nan])
    with pytest.raises(OutcomeError, match="nan days"):
        horizon_weights(Y, np.nan)
    with pytest.raises(EvaluationError, match="level is 95"):
        curves.incidence_interval(200.0, level=95)


@pytest.mark.parametrize("cut_offs", [[], [0.3, 0.2], [[0.1, 0.2]], [np.nan]])
def test_cut_offs_of_a_curve_ascend(cut_offs):
    sample = HorizonSample.of(P, TIME, CAUSE, horizon_days=300)
    with pytest.raises(EvaluationError, match="cut_off"):
        horizon_decision_curve(sample, cut_offs)
    with pytest.raises(EvaluationError, match="groups is 0"):
        grouped_calibration(sample, groups=0)


def test_the_day_of_reading_is_one_or_one_for_each():
    for observed in ([900.0, 900.0], "soon"):
        with pytest.raises(OutcomeError, match="observed"):
            follow_up(TIME, observed)
    with pytest.raises(OutcomeError, match="extracted has 3 rows"):
        follow_up_from_dates(["2020-01-01"] * 2, [None] * 2, ["2021-01-01"] * 3)


def test_a_competing_event_does_not_take_the_name_of_the_event():
    with pytest.raises(OutcomeError, match="two names"):
        follow_up([10.0, np.nan], 900.0, competing={"event": [5.0, 6.0]})
