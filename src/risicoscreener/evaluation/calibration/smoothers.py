"""The two ways to draw a flexible curve, with their settings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration.basis import KNOT_QUANTILES
from risicoscreener.evaluation.calibration.flexible import Errors, spline_errors, spline_fit
from risicoscreener.evaluation.calibration.inference import (
    fit_covariance,
    half_width,
)
from risicoscreener.evaluation.calibration.levels import KNOTS, Codes, levels_of
from risicoscreener.evaluation.calibration.loess import (
    SPAN,
    loess_errors,
    loess_heights,
    loess_influence,
    node_places,
)
from risicoscreener.evaluation.intervals import sampled_error
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]

POINTS = 150
"""Points of a curve: places at which somebody has that probability."""


class Points(NamedTuple):
    """A curve with its band, ``(k,)`` each, and why there is no band."""

    x: FloatArray
    y: FloatArray
    low: FloatArray
    high: FloatArray
    problem: str


@dataclass(frozen=True)
class SplineCurve:
    """Logistic regression on a restricted cubic spline of the log odds.

    The band follows from the covariance of the coefficients, of the sandwich with weights or
    clusters. Between the first and the last knot the curve bends, beyond them it is straight on
    the log odds.

    Attributes
    ----------
    knots
        3 to 7, at quantiles of the log odds (`KNOT_QUANTILES`).

    Raises
    ------
    EvaluationError
        For another number of knots.
    """

    knots: int = KNOTS

    def __post_init__(self) -> None:
        if self.knots not in KNOT_QUANTILES:
            known = ", ".join(map(str, KNOT_QUANTILES))
            raise EvaluationError(f"knots is {self.knots!r}; expected one of {known}")

    def errors(self, sample: Sample, weight: FloatArray) -> Errors:
        """ICI, E50, E90 and Emax in one pass."""
        return spline_errors(sample, weight, self.knots)

    def points(self, sample: Sample, level: float) -> Points:
        """The curve of a sample that has one."""
        levels = levels_of(sample)
        events, total = levels.counts(sample.weight)
        x, columns = levels.probability[levels.inside], levels.spline(self.knots)
        fit = spline_fit(levels, events, total, self.knots)
        places = _places(x, total[levels.inside])
        if not fit.determined:
            none = np.full(len(places), math.nan)
            return Points(x[places], fit.mean[places], none, none, "separated")
        covariance = fit_covariance(sample, levels, columns, fit)
        at = columns[:, places]
        error = np.sqrt(np.maximum((at * (covariance @ at)).sum(axis=0), 0.0))
        height, half = fit.coefficients @ at, half_width(sample, level) * error
        return Points(x[places], expit(height), expit(height - half), expit(height + half), "")


@dataclass(frozen=True)
class LoessCurve:
    """Local quadratic regression of the outcome on the probability (``stats::loess`` in R).

    The band follows from the squared residuals of rows or clusters.

    Attributes
    ----------
    span
        Share of the people that counts at a point.

    Raises
    ------
    EvaluationError
        If the span is not above 0 and at most 1.
    """

    span: float = SPAN

    def __post_init__(self) -> None:
        if not 0.0 < self.span <= 1.0:
            raise EvaluationError(f"span is {self.span!r}; expected a number above 0, at most 1")

    def errors(self, sample: Sample, weight: FloatArray) -> Errors:
        """ICI, E50, E90 and Emax in one pass."""
        return loess_errors(sample, weight, self.span)

    def points(self, sample: Sample, level: float) -> Points:
        """The curve of a sample that has one."""
        levels = levels_of(sample)
        events, total = levels.counts(sample.weight)
        used = total > 0
        x, events, people = levels.probability[used], events[used], total[used]
        nodes = node_places(len(x))
        fitted = loess_heights(x, events, people, x[nodes], self.span)
        at = x[_places(x, people)]
        height = loess_heights(x, events, people, at, self.span)
        residual = sample.outcome - np.interp(sample.probability, x[nodes], fitted)
        pull = loess_influence(levels, total, sample.weight * residual, at, self.span)
        half = half_width(sample, level) * np.array([sampled_error(sample, c) for c in pull.T])
        return Points(at, height, np.maximum(height - half, 0), np.minimum(height + half, 1), "")


Smoother = SplineCurve | LoessCurve


def check_smoother(smoother: Smoother) -> None:
    """Refuse what is no smoother, such as its name.

    Raises
    ------
    EvaluationError
        If it is not one of the two.
    """
    if not isinstance(smoother, Smoother):
        raise EvaluationError(f"smoother is {smoother!r}; expected SplineCurve() or LoessCurve()")


def _places(x: FloatArray, total: FloatArray) -> Codes:
    """Places of levels that are spread over the range and over the people."""
    used = np.flatnonzero(total > 0)
    wanted = np.linspace(x[used[0]], x[used[-1]], POINTS // 2)
    by_range = np.minimum(np.searchsorted(x[used], wanted), len(used) - 1)
    return used[np.union1d(by_range, node_places(len(used), POINTS // 2))]
