"""ROC and precision-recall curves, and average precision."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.discrimination.area import auc_problem
from risicoscreener.evaluation.estimate import Curve, Estimate
from risicoscreener.evaluation.intervals import estimate_around
from risicoscreener.evaluation.resampling import Measure, bootstrap
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]

GRID = np.linspace(0.0, 1.0, 201)
"""Where curves have their points."""


@dataclass(frozen=True, eq=False)
class Points:
    """Who is found and who is alarmed wrongly, at each distinct probability as cut-off.

    Attributes
    ----------
    cut_off
        ``(m,)`` in descending order; people at or above it are pointed out.
    events, others
        ``(m,)``: weight of those pointed out with, and without, the outcome.
    """

    cut_off: FloatArray
    events: FloatArray
    others: FloatArray

    @classmethod
    def of(cls, sample: Sample, weight: FloatArray) -> Points:
        """Those of a sample with these weights."""
        starts = sample.tie_starts
        events = weight * sample.outcome
        others = weight - events
        if len(starts) < len(sample):
            events, others = np.add.reduceat(events, starts), np.add.reduceat(others, starts)
        return cls(
            sample.probability[starts][::-1], np.cumsum(events[::-1]), np.cumsum(others[::-1])
        )

    @property
    def true_positive_rate(self) -> FloatArray:
        """``(m,)``."""
        return self.events / self.events[-1]

    @property
    def false_positive_rate(self) -> FloatArray:
        """``(m,)``."""
        return self.others / self.others[-1]

    @property
    def precision(self) -> FloatArray:
        """``(m,)``: share with the outcome of those pointed out; 1 where there is nobody."""
        alarmed = self.events + self.others
        return np.divide(self.events, alarmed, out=np.ones(len(alarmed)), where=alarmed > 0)

    @property
    def both_classes(self) -> bool:
        """Whether there is weight with and without the outcome."""
        return bool(self.events[-1] > 0 and self.others[-1] > 0)


def average_precision(sample: Sample, weight: FloatArray) -> float:
    """Mean precision over the people with the outcome, each at their own probability as cut-off.

    NaN if nobody has the outcome. The sum over steps of the precision-recall curve, without
    interpolation.
    """
    points = Points.of(sample, weight)
    if not points.events[-1] > 0:
        return math.nan
    return float(np.diff(points.events, prepend=0.0) @ points.precision) / float(points.events[-1])


def average_precision_estimate(
    sample: Sample, *, level: float = 0.95, replicates: int = 1000, seed: int = 0, jobs: int = 1
) -> Estimate:
    """Average precision, with an interval on the logit scale from the bootstrap standard error.

    With the t distribution of the number of people with the outcome, or of clusters. Percentiles
    hold the truth less often: the estimate is too high in small samples, and that of replicates
    once more (``docs/evaluation/coverage.md``; Boyd, Eng and Page 2013 on the logit scale).
    """
    problem = auc_problem(sample)
    if problem:
        value = math.nan if problem == "one_class" else average_precision(sample, sample.weight)
        counts = (sample.people, sample.events)
        return Estimate("average_precision", value, math.nan, math.nan, level, "", *counts, problem)
    found = bootstrap(
        sample,
        {"average_precision": average_precision},
        replicates=replicates,
        seed=seed,
        jobs=jobs,
    )
    estimate = found.estimate("average_precision", level)
    if not estimate.has_interval:
        return estimate
    units = sample.events if sample.cluster is None else sample.n_clusters
    made = estimate_around(
        "average_precision",
        sample,
        estimate.value,
        found.error("average_precision"),
        level,
        scale="logit",
        degrees=units - 1,
    )
    return replace(made, method=f"{found.method()}_logit")


@dataclass(frozen=True, eq=False)
class RocHeights:
    """Sensitivity at false positive rates, as a measure: ``(k,)``; NaN with one class.

    Between the points of the sample the curve is straight; where it is vertical its top counts.
    """

    at: FloatArray = field(default_factory=lambda: GRID)

    def __call__(self, sample: Sample, weight: FloatArray) -> FloatArray:
        """With these weights."""
        points = Points.of(sample, weight)
        if not points.both_classes:
            return np.full(len(self.at), math.nan)
        x, y = np.r_[0.0, points.false_positive_rate], np.r_[0.0, points.true_positive_rate]
        return np.interp(self.at, x, y)


@dataclass(frozen=True, eq=False)
class Precisions:
    """Precision at the highest cut-off that finds a share of the events: a measure, ``(k,)``."""

    at: FloatArray = field(default_factory=lambda: GRID[1:])

    def __call__(self, sample: Sample, weight: FloatArray) -> FloatArray:
        """With these weights."""
        points = Points.of(sample, weight)
        if not points.both_classes:
            return np.full(len(self.at), math.nan)
        wanted = self.at * points.events[-1] * (1.0 - 1e-12)
        return points.precision[np.searchsorted(points.events, wanted, side="left")]


def roc_curve(
    sample: Sample, *, level: float = 0.95, replicates: int = 500, seed: int = 0, jobs: int = 1
) -> Curve:
    """Sensitivity against the false positive rate, with a pointwise bootstrap band.

    The band is one of the sensitivity at each false positive rate: it is no band of the whole
    curve. All points of the sample are in `Points`.
    """
    heights = RocHeights()
    return _curve("roc", sample, heights.at, heights, level, (replicates, seed, jobs))


def precision_recall_curve(
    sample: Sample, *, level: float = 0.95, replicates: int = 500, seed: int = 0, jobs: int = 1
) -> Curve:
    """Precision against recall (sensitivity), with a pointwise bootstrap band.

    The last point, where everybody is pointed out, is the share with the outcome.
    """
    precisions = Precisions()
    options = (replicates, seed, jobs)
    return _curve("precision_recall", sample, precisions.at, precisions, level, options)


def _curve(
    name: str,
    sample: Sample,
    x: FloatArray,
    heights: Measure,
    level: float,
    options: tuple[int, int, int],
) -> Curve:
    """A curve on a grid with its band; without points if there is one class."""
    problem, counts = auc_problem(sample), (sample.people, sample.events)
    empty = np.empty(0)
    if problem == "one_class":
        return Curve(name, empty, empty, empty, empty, level, "", *counts, problem)
    if problem:
        y = heights(sample, sample.weight)
        return Curve(name, x, y, empty, empty, level, "", *counts, problem)
    replicates, seed, jobs = options
    found = bootstrap(sample, {name: heights}, replicates=replicates, seed=seed, jobs=jobs)
    low, high = found.interval(name, level)
    y, lacks = found.point[name], bool(np.isnan(low).any())
    method, problem = ("", found.problem()) if lacks else (found.method(), "")
    return Curve(name, x, y, low, high, level, method, *counts, problem)
