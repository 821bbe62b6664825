"""The area under the ROC curve (c-statistic), with DeLong's interval."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.discrimination.placements import (
    placement_degrees,
    placement_error,
    sorted_placements,
)
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.intervals import ROUNDING, estimate_around, quantile, units_of
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]

SCALES = ("logit", "plain")

FEW_OTHERS = 1e-6
"""Weight without the outcome, beside that with it, below which a difference of sums is rounding."""


def auc(sample: Sample, weight: FloatArray) -> float:
    """Area under the ROC curve with these weights; ties count half, NaN with one class."""
    events = weight * sample.outcome
    if len(sample.tie_starts) == len(sample):
        upto, total = np.cumsum(weight), float(events.sum())
        if float(upto[-1]) - total > FEW_OTHERS * total:
            return _area_without_ties(events, upto)
        others = weight - events
    else:
        others = np.add.reduceat(weight - events, sample.tie_starts)
        events = np.add.reduceat(events, sample.tie_starts)
    below = np.cumsum(others)
    pairs = float(events.sum()) * float(below[-1])
    if not pairs > 0:
        return math.nan
    return _within(float(events @ below - 0.5 * (events @ others)) / pairs)


def _area_without_ties(events: FloatArray, upto: FloatArray) -> float:
    """From the weight of events, and the running weight of all: few arrays, for replicates.

    Of the weight below and at each event, that of events adds up to ``(E**2 + sum(e**2)) / 2``.
    """
    total = float(events.sum())
    pairs = total * (float(upto[-1]) - total)
    if not pairs > 0:
        return math.nan
    return _within(float(events @ upto - 0.5 * (total * total + events @ events)) / pairs)


def _within(area: float) -> float:
    """The area without the rounding that puts it beyond 0 or 1."""
    return min(max(area, 0.0), 1.0)


def auc_problem(sample: Sample) -> str:
    """Why the AUC of a sample has no value or no interval; empty if it has both."""
    counted = sample.weight > 0
    with_outcome = int((counted & (sample.outcome == 1)).sum())
    fewest = min(with_outcome, int(counted.sum()) - with_outcome)
    if fewest < 2:
        return "few_events" if fewest else "one_class"
    if np.ptp(sample.probability[counted]) == 0:
        return "constant_score"
    return ""


def auc_errors_away(sample: Sample, level: float = 0.95) -> float:
    """How many standard errors of the log odds the limits of `auc_estimate` lie from its value."""
    if sample.cluster is not None or auc_problem(sample):
        return quantile(level, units_of(sample))
    event = sample.outcome == 1
    placed = sorted_placements(event, sample.tie_starts, sample.weight)
    return quantile(level, placement_degrees(event, placed, sample.weight) + 1)


def auc_estimate(sample: Sample, *, level: float = 0.95, scale: str = "logit") -> Estimate:
    """Area under the ROC curve with an interval after DeLong, with clusters after Obuchowski.

    Parameters
    ----------
    scale
        ``logit``: the interval is made on the log odds of the area, with the t distribution of
        `placement_degrees`, so that it stays below 1 and holds its level better where the area
        is large or few have the outcome (``docs/evaluation/coverage.md``). ``plain``: normal,
        around the area itself, cut off at 0 and 1, as most programs do.

    Returns
    -------
    Without a value if everybody has the same outcome. Without an interval if one of the classes
    has fewer than two people (``few_events``), if everybody has the same probability
    (``constant_score``) and if probabilities separate the outcomes completely (``separated``).

    Raises
    ------
    EvaluationError
        For another scale, or a level that is not between 0 and 1.
    """
    if scale not in SCALES:
        raise EvaluationError(f"scale is {scale!r}; expected {' or '.join(SCALES)}")
    value, problem = auc(sample, sample.weight), auc_problem(sample)
    event = sample.outcome == 1
    error, degrees = math.nan, None
    if not problem:
        placed = sorted_placements(event, sample.tie_starts, sample.weight)
        error = placement_error(event, placed, sample.weight, sample.cluster)
        if scale == "logit" and sample.cluster is None:
            degrees = placement_degrees(event, placed, sample.weight)
        few = "few_events" if math.isnan(error) else "no_spread"
        problem = "separated" if min(value, 1.0 - value) < ROUNDING else few
    method = "logit_delong" if scale == "logit" else "delong"
    return estimate_around(
        "auc",
        sample,
        value,
        error,
        level,
        scale=scale,
        method=method,
        bounds=(0.0, 1.0),
        problem=problem,
        degrees=degrees,
    )
