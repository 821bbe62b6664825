"""The flexible curve in a sample by splines, and how far it lies from the diagonal."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.calibration.basis import weighted_quantiles
from risicoscreener.evaluation.calibration.levels import KNOTS, Levels, levels_of
from risicoscreener.evaluation.calibration.logistic import LogisticFit, fit_logistic
from risicoscreener.evaluation.calibration.nodes import nodes_of
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]

ERROR_NAMES = ("ici", "e50", "e90", "emax")
Errors = tuple[float, float, float, float]


def spline_fit(
    levels: Levels, events: FloatArray, total: FloatArray, knots: int = KNOTS
) -> LogisticFit:
    """Logistic regression of the outcome on the spline of the log odds, of the levels inside.

    A replicate starts from the fit of the sample itself.
    """
    inside = levels.inside
    start = levels.spline_start(knots)
    return fit_logistic(levels.spline(knots), events[inside], total[inside], start=start)


def with_certain(
    levels: Levels, events: FloatArray, total: FloatArray, inside: FloatArray
) -> FloatArray:
    """Heights at all levels ``(m,)``, given those inside; NaN at a 0 or 1 that nobody has.

    People with a probability of exactly 0 or 1 are not on the curve: of them it is their own
    share with the outcome.
    """
    height = np.full(len(total), math.nan)
    there = total > 0
    height[there] = events[there] / total[there]
    height[levels.inside] = inside
    return height


def curve_problem(levels: Levels, events: FloatArray, total: FloatArray) -> str:
    """Why there is no curve of the levels inside, or nothing."""
    inside = levels.inside
    with_outcome, people = float(events[inside].sum()), float(total[inside].sum())
    if people <= 0:
        return "certain_only"
    if with_outcome <= 0 or with_outcome >= people:
        return "one_class"
    used = np.flatnonzero(total[inside] > 0)
    return "constant_score" if used[0] == used[-1] else ""


def spline_heights(
    levels: Levels, events: FloatArray, total: FloatArray, knots: int = KNOTS
) -> FloatArray:
    """Height of the flexible curve at each level, ``(m,)``.

    If all people inside have one probability or one outcome, it is their share with the outcome.
    """
    inside = levels.inside
    problem = curve_problem(levels, events, total)
    if not problem:
        return with_certain(levels, events, total, spline_fit(levels, events, total, knots).mean)
    people = max(float(total[inside].sum()), math.ulp(0.0))
    share = np.full(len(levels.log_odds), float(events[inside].sum()) / people)
    return with_certain(levels, events, total, share)


def spline_errors(sample: Sample, weight: FloatArray, knots: int = KNOTS) -> Errors:
    """ICI, E50, E90 and Emax of the flexible curve, in one pass; NaN with one class."""
    levels = levels_of(sample)
    events, total = levels.counts(weight)
    if one_class(events, total):
        return (math.nan,) * 4
    nodes = nodes_of(sample) if knots == KNOTS else None
    quick = None if nodes is None else nodes.observed(weight)
    if quick is not None:
        return distances(levels.probability, quick[levels.starts], total)
    return distances(levels.probability, spline_heights(levels, events, total, knots), total)


def one_class(events: FloatArray, total: FloatArray) -> bool:
    """Whether all people, or none, have the outcome."""
    with_outcome = float(events.sum())
    return with_outcome <= 0 or with_outcome >= float(total.sum())


def distances(probability: FloatArray, observed: FloatArray, total: FloatArray) -> Errors:
    """Mean, median, 90th percentile and maximum of the distance over people."""
    used = total > 0
    distance, weight = np.abs(observed - probability)[used], total[used]
    order = np.argsort(distance)
    half, ninety = weighted_quantiles(distance[order], weight[order], (0.5, 0.9))
    return mean_distance(distance, weight), float(half), float(ninety), float(distance[order[-1]])


def mean_distance(distance: FloatArray, weight: FloatArray) -> float:
    """Mean over people."""
    return float(distance @ weight) / float(weight.sum())
