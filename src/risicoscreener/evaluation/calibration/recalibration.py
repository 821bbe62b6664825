"""Logistic recalibration of a sample: a shift of the log odds, or a shift and a slope.

A probability of exactly 0 or 1 has no log odds. If it came true it says nothing about intercept
and slope (any positive slope gives it likelihood 1), and is left out; if it did not, no intercept
and slope can explain it, and there is no answer (``infinite_loss``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.calibration.levels import Levels
from risicoscreener.evaluation.calibration.logistic import LogisticFit, fit_logistic

FloatArray = npt.NDArray[np.float64]

IDENTITY = np.array([0.0, 1.0])
"""Intercept and slope of a calibrated model."""


def shift_problem(levels: Levels, events: FloatArray, total: FloatArray) -> str:
    """Why the log odds cannot be shifted to fit, or nothing."""
    inside = levels.inside
    if events[: inside.start].any() or (total - events)[inside.stop :].any():
        return "infinite_loss"
    with_outcome, people = float(events[inside].sum()), float(total[inside].sum())
    if people <= 0:
        return "certain_only"
    return "one_class" if with_outcome <= 0 or with_outcome >= people else ""


def line_problem(levels: Levels, events: FloatArray, total: FloatArray) -> str:
    """Why there is no intercept and slope, or nothing."""
    problem = shift_problem(levels, events, total)
    if problem:
        return problem
    with_outcome = np.flatnonzero(events[levels.inside] > 0)
    without = np.flatnonzero((total - events)[levels.inside] > 0)
    lowest = min(with_outcome[0], without[0])
    highest = max(with_outcome[-1], without[-1])
    if lowest == highest:
        return "constant_score"
    if without[-1] <= with_outcome[0] or with_outcome[-1] <= without[0]:
        return "separated"
    return ""


def shift_fit(levels: Levels, events: FloatArray, total: FloatArray) -> LogisticFit:
    """The intercept with the log odds as offset."""
    inside = levels.inside
    return fit_logistic(
        levels.line[:1], events[inside], total[inside], offset=levels.log_odds, start=np.zeros(1)
    )


def line_fit(levels: Levels, events: FloatArray, total: FloatArray) -> LogisticFit:
    """Intercept and slope of the log odds."""
    inside = levels.inside
    return fit_logistic(levels.line, events[inside], total[inside], start=IDENTITY)
