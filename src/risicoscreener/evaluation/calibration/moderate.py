"""The flexible curve in a sample, and how far it lies from the diagonal."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.calibration.basis import weighted_quantiles
from risicoscreener.evaluation.calibration.levels import KNOTS, Levels, levels_of
from risicoscreener.evaluation.calibration.logistic import LogisticFit, fit_logistic
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]

ERROR_NAMES = ("ici", "e50", "e90", "emax")


def spline_fit(
    levels: Levels, events: FloatArray, total: FloatArray, knots: int = KNOTS
) -> LogisticFit:
    """Logistic regression of the outcome on the spline of the log odds, of the levels inside.

    A replicate starts from the fit of the sample itself.
    """
    inside = levels.inside
    start = levels.spline_start(knots)
    return fit_logistic(levels.spline(knots), events[inside], total[inside], start=start)


def observed_by_level(
    levels: Levels, events: FloatArray, total: FloatArray, knots: int = KNOTS
) -> FloatArray:
    """Height of the flexible curve at each level, ``(m,)``; NaN at a 0 or 1 that nobody has.

    People with a probability of exactly 0 or 1 are not on the curve: of them it is their own
    share with the outcome.
    """
    height = np.full(len(total), math.nan)
    there = total > 0
    height[there] = events[there] / total[there]
    inside = levels.inside
    if total[inside].any():
        height[inside] = spline_fit(levels, events, total, knots).mean
    return height


def spline_errors(sample: Sample, weight: FloatArray) -> tuple[float, float, float, float]:
    """ICI, E50, E90 and Emax of the flexible curve, in one pass; NaN with one class."""
    levels = levels_of(sample)
    events, total = levels.counts(weight)
    with_outcome, people = float(events.sum()), float(total.sum())
    if with_outcome <= 0 or with_outcome >= people:
        return (math.nan,) * 4
    return distances(levels.probability, observed_by_level(levels, events, total), total)


def distances(
    probability: FloatArray, observed: FloatArray, total: FloatArray
) -> tuple[float, float, float, float]:
    """Mean, median, 90th percentile and maximum of the distance over people."""
    used = total > 0
    distance, weight = np.abs(observed - probability)[used], total[used]
    order = np.argsort(distance)
    half, ninety = weighted_quantiles(distance[order], weight[order], (0.5, 0.9))
    mean = float(distance @ weight) / float(weight.sum())
    return mean, float(half), float(ninety), float(distance[order[-1]])
