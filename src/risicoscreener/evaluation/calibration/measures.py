"""Calibration in one number each: functions of a sample and a weight.

Each is NaN where it cannot be determined, so that they can be bootstrapped; `weak_calibration`,
`moderate_calibration` and their like give the same numbers with an interval or a problem.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.calibration.flexible import spline_errors
from risicoscreener.evaluation.calibration.levels import levels_of
from risicoscreener.evaluation.calibration.nodes import nodes_of
from risicoscreener.evaluation.calibration.recalibration import (
    line_fit,
    line_problem,
    shift_fit,
    shift_problem,
)
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]


def observed_expected_difference(sample: Sample, weight: FloatArray) -> float:
    """Share with the outcome minus mean probability: 0 if both are alike."""
    return float(weight @ (sample.outcome - sample.probability)) / float(weight.sum())


def expected_observed(sample: Sample, weight: FloatArray) -> float:
    """Expected number with the outcome divided by the number observed; NaN without events."""
    observed = float(weight @ sample.outcome)
    return float(weight @ sample.probability) / observed if observed > 0 else math.nan


def calibration_intercept(sample: Sample, weight: FloatArray) -> float:
    """Calibration in the large: what to add to all log odds so that the mean is right.

    The intercept of a logistic regression with the log odds as offset (slope 1).
    """
    nodes = nodes_of(sample)
    quick = None if nodes is None else nodes.shift(weight)
    if quick is not None:
        return quick
    levels = levels_of(sample)
    events, total = levels.counts(weight)
    if shift_problem(levels, events, total):
        return math.nan
    fit = shift_fit(levels, events, total)
    return float(fit.coefficients[0]) if fit.determined else math.nan


def calibration_slope(sample: Sample, weight: FloatArray) -> float:
    """Slope of the outcome on the log odds: below 1 if probabilities are too extreme (Cox 1958)."""
    return recalibration(sample, weight)[1]


def recalibration(sample: Sample, weight: FloatArray) -> tuple[float, float]:
    """Intercept and slope of the outcome on the log odds, fitted together, in one pass."""
    nodes = nodes_of(sample)
    quick = None if nodes is None else nodes.recalibration(weight)
    if quick is not None:
        return quick
    levels = levels_of(sample)
    events, total = levels.counts(weight)
    if line_problem(levels, events, total):
        return math.nan, math.nan
    fit = line_fit(levels, events, total)
    if not fit.determined:
        return math.nan, math.nan
    return float(fit.coefficients[0]), float(fit.coefficients[1])


def ici(sample: Sample, weight: FloatArray) -> float:
    """Integrated calibration index: mean distance of the flexible curve from the probability."""
    nodes = nodes_of(sample)
    quick = None if nodes is None else nodes.distance(sample.probability, weight)
    return spline_errors(sample, weight)[0] if quick is None else quick


def e50(sample: Sample, weight: FloatArray) -> float:
    """Median distance of the flexible curve from the probability."""
    return spline_errors(sample, weight)[1]


def e90(sample: Sample, weight: FloatArray) -> float:
    """90th percentile of the distance of the flexible curve from the probability."""
    return spline_errors(sample, weight)[2]


def emax(sample: Sample, weight: FloatArray) -> float:
    """Largest distance of the flexible curve from the probability of somebody."""
    return spline_errors(sample, weight)[3]
