"""What is known at one horizon: weights for the censored, calibration, Brier score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import Logistic, cloglog_many
from risicoscreener.models.estimators.out_of_fold import LEAST_CALIBRATION_SLOPE
from risicoscreener.models.estimators.penalised import Bounds
from risicoscreener.models.time.curves import CensoringCurve
from risicoscreener.models.time.outcome import TimeToEvent, as_time_to_event
from risicoscreener.models.time.penalties import fit_likelihood
from risicoscreener.models.time.person_period import Periods, PersonPeriods

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray

TINY = 1e-12
"""Probabilities closer than this to 0 or 1 are moved to it before a logarithm is taken."""


def horizon_weights(
    y: Any, horizon_days: float, cause: int = 1, censoring: TimeToEvent | None = None
) -> tuple[FloatArray, FloatArray]:
    """Outcome at a horizon, and inverse-probability-of-censoring weights.

    Parameters
    ----------
    y
        As `as_time_to_event` takes it.
    censoring
        On whom the time until censoring is estimated; by default the same people.

    Returns
    -------
    outcome, weight
        ``(n,)`` each: 1 for an event of the cause by the horizon, and the weight of each row
        over the probability of being followed that long; 0 for who was censored before.

    Raises
    ------
    ModelError
        If nobody was followed up to the horizon.

    Notes
    -----
    Censoring is taken to be independent of the features, as it is where follow-up ends with the
    day on which registers are read.
    """
    outcome = as_time_to_event(y)
    if horizon_days > outcome.longest:
        raise ModelError(
            f"a horizon of {horizon_days:g} days was asked; the longest follow-up is "
            f"{outcome.longest:g} days."
        )
    curve = CensoringCurve.fit(outcome if censoring is None else censoring)
    ended = (outcome.time <= horizon_days) & (outcome.cause != 0)
    followed = ~ended & (outcome.time >= horizon_days)
    until = np.where(ended, outcome.time, horizon_days)
    probability = curve.before(until)
    weight = np.zeros(len(outcome))
    known = (ended | followed) & (probability > 0)
    weight[known] = outcome.weight[known] / probability[known]
    return (ended & outcome.is_event(cause)).astype(np.float64), weight


def calibrate_incidence(
    predicted: FloatArray, y: Any, horizon_days: float, cause: int = 1
) -> Logistic:
    """Recalibration of predicted cumulative incidences at one horizon.

    ``log(-log(1 - F))`` becomes ``intercept + slope`` times itself, fitted on the outcomes at the
    horizon with weights for censoring (Gerds and others 2014). On this scale the map is that of
    a program with link ``cloglog``.

    Parameters
    ----------
    predicted
        ``(n,)``, by fits that did not see the row.
    y
        As `as_time_to_event` takes it.

    Returns
    -------
    The map; its slope is at least `LEAST_CALIBRATION_SLOPE`, so that it keeps the order.
    """
    event, weight = horizon_weights(y, horizon_days, cause)
    lp = complementary_log_log(predicted)
    likelihood = PersonPeriods(
        lp[:, None], np.ones(len(lp)), event == 1, weight, Periods(np.array([0.0, 1.0])), "cloglog"
    )
    if not weight @ event > 0:
        raise ModelError(f"no event within {horizon_days:g} days; nothing to calibrate on.")
    bounds = Bounds(np.array([LEAST_CALIBRATION_SLOPE, -np.inf]), np.full(2, np.inf))
    fit = fit_likelihood(likelihood, np.diag([1e-9, 0.0]), np.array([1.0, 0.0]), bounds)
    return Logistic(intercept=float(fit.coefficients[1]), slope=float(fit.coefficients[0]))


def recalibrated(predicted: FloatArray, calibration: Logistic) -> FloatArray:
    """Cumulative incidences after the map of `calibrate_incidence`."""
    return cloglog_many(calibration.before_link(complementary_log_log(predicted)))


def complementary_log_log(probability: FloatArray) -> FloatArray:
    """``log(-log(1 - p))``."""
    p = np.clip(probability, TINY, 1.0 - TINY)
    found: FloatArray = np.log(-np.log1p(-p))
    return found


def brier_at(predicted: FloatArray, y: Any, horizon_days: float, cause: int = 1) -> float:
    """Brier score at a horizon with weights for censoring (Graf 1999; Gerds and Schumacher 2006).

    Parameters
    ----------
    predicted
        ``(n,)``, cumulative incidence of the cause by the horizon.
    """
    event, weight = horizon_weights(y, horizon_days, cause)
    total = as_time_to_event(y).weight.sum()
    return float(weight @ np.square(event - predicted) / total)
