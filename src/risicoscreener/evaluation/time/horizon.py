"""What is known at one horizon, with weights for who was followed too short."""

from __future__ import annotations

from typing import Any

import numpy as np

from risicoscreener.errors import OutcomeError
from risicoscreener.evaluation.estimate import FloatArray
from risicoscreener.evaluation.time.curves import CensoringCurve
from risicoscreener.evaluation.time.outcome import TimeToEvent, as_time_to_event, numbers_for

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
    OutcomeError
        If nobody was followed up to the horizon.

    Notes
    -----
    Censoring is taken to be independent of the features, as it is where follow-up ends with the
    day on which registers are read.
    """
    outcome = as_time_to_event(y)
    if not horizon_days <= outcome.longest:  # nor NaN
        raise OutcomeError(
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
    outcome = as_time_to_event(y)
    expected = numbers_for(predicted, "predicted", len(outcome))
    event, weight = horizon_weights(outcome, horizon_days, cause)
    return float(weight @ np.square(event - expected) / outcome.weight.sum())
