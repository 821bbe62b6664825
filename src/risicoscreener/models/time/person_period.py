"""Likelihood of a hazard in intervals: a row per person and interval, which is never written out.

The linear predictor of person ``i`` in interval ``j`` is ``g_j + x_i b``: a sum of a part of the
interval and a part of the person. So gradient and Hessian follow from the sums over rows and
over columns of an ``(n, J)`` table, and 100,000 people in 24 months cost as much as some tens of
passes over the design matrix of the people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import expit

if TYPE_CHECKING:
    import numpy.typing as npt

    from risicoscreener.models.piecewise import FloatArray

HazardLink = Literal["cloglog", "logit"]
BLOCK_CELLS = 2_000_000


@dataclass(frozen=True)
class Periods:
    """Intervals of time ``(edge_j, edge_j+1]``, the first from 0.

    Attributes
    ----------
    edges
        ``(J + 1,)``, ascending days from 0.
    """

    edges: FloatArray

    @property
    def count(self) -> int:
        """Number of intervals."""
        return len(self.edges) - 1

    def of(self, time: FloatArray) -> npt.NDArray[np.intp]:
        """The interval in which each time lies; day 0 is in the first."""
        return np.clip(np.searchsorted(self.edges, time, side="left") - 1, 0, self.count - 1)

    def exposure(self, time: FloatArray) -> FloatArray:
        """Share of each interval before each time, ``(n, J)``."""
        share: FloatArray = (time[:, None] - self.edges[:-1]) / np.diff(self.edges)
        return np.clip(share, 0.0, 1.0)


@dataclass(frozen=True)
class PersonPeriods:
    """Minus the log likelihood of a hazard in intervals.

    Of each interval without the event the share before the end of follow-up counts, as
    ``share * log(1 - hazard)``: the hazard is constant within an interval. The interval with the
    event counts as ``log(hazard)``.

    Attributes
    ----------
    design
        ``(n, P)``, without a column of ones: the level is that of the intervals.
    time, event, weight
        ``(n,)``: end of follow-up, whether it ended with the event, weight.
    """

    design: FloatArray
    time: FloatArray
    event: npt.NDArray[np.bool_]
    weight: FloatArray
    periods: Periods
    link: HazardLink

    def reweighted(self, weight: FloatArray) -> PersonPeriods:
        """Give the rows other weights; they are not copied."""
        return replace(self, weight=weight)

    def first_guess(self) -> FloatArray:
        """The same hazard for all in every interval."""
        exposed = self.weight @ self.periods.exposure(self.time).sum(axis=1)
        rate = (self.weight[self.event].sum() + 1e-8) / max(exposed, 1e-8)
        guess = np.zeros(self.size)
        guess[self.design.shape[1] :] = np.log(min(rate, 0.5))
        return guess

    @property
    def size(self) -> int:
        """Number of coefficients: those of the design, then one per interval."""
        return self.design.shape[1] + self.periods.count

    def deviance(self, coefficients: FloatArray) -> float:
        """Minus the log likelihood."""
        total = 0.0
        for rows in self._blocks():
            lp, survived, happened = self._table(rows, coefficients)
            free, loss = _losses(lp, self.link)
            total += float(self.weight[rows] @ (survived * free).sum(axis=1))
            total += float(self.weight[rows] @ np.where(happened, loss, 0.0).sum(axis=1))
        return total

    def expansion(self, coefficients: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient and Hessian, for the coefficients of the design and then of the intervals."""
        p = self.design.shape[1]
        gradient, hessian = np.zeros(self.size), np.zeros((self.size, self.size))
        for rows in self._blocks():
            x = self.design[rows]
            lp, survived, happened = self._table(rows, coefficients)
            slope, bend = _derivatives(lp, survived, happened, self.link)
            slope *= self.weight[rows][:, None]
            bend *= self.weight[rows][:, None]
            gradient[:p] += x.T @ slope.sum(axis=1)
            gradient[p:] += slope.sum(axis=0)
            hessian[:p, :p] += x.T @ (x * bend.sum(axis=1)[:, None])
            hessian[:p, p:] += x.T @ bend
            hessian[range(p, self.size), range(p, self.size)] += bend.sum(axis=0)
        hessian[p:, :p] = hessian[:p, p:].T
        return gradient, hessian

    def _blocks(self) -> list[slice]:
        size = max(1, BLOCK_CELLS // self.periods.count)
        return [slice(start, start + size) for start in range(0, len(self.time), size)]

    def _table(
        self, rows: slice, coefficients: FloatArray
    ) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
        """Linear predictor, share survived and whether it happened, each ``(rows, J)``."""
        p = self.design.shape[1]
        lp = (self.design[rows] @ coefficients[:p])[:, None] + coefficients[p:]
        survived = self.periods.exposure(self.time[rows])
        happened = np.zeros(lp.shape, dtype=bool)
        positions = np.flatnonzero(self.event[rows])
        last = self.periods.of(self.time[rows][positions])
        happened[positions, last] = True
        survived[positions, last] = 0.0
        return lp, survived, happened


def cumulative_hazard(lp: FloatArray, link: HazardLink) -> FloatArray:
    """``-log(1 - hazard)`` of an interval."""
    if link == "cloglog":
        found: FloatArray = np.exp(np.minimum(lp, 700.0))
        return found
    return np.logaddexp(0.0, lp)


def _losses(lp: FloatArray, link: HazardLink) -> tuple[FloatArray, FloatArray]:
    """``-log(1 - hazard)`` and ``-log(hazard)``."""
    free = cumulative_hazard(lp, link)
    if link == "logit":
        return free, free - lp
    return free, -np.log(-np.expm1(-np.maximum(free, 1e-300)))


def _derivatives(
    lp: FloatArray, survived: FloatArray, happened: npt.NDArray[np.bool_], link: HazardLink
) -> tuple[FloatArray, FloatArray]:
    """First and second derivative to the linear predictor of the loss of each cell."""
    if link == "logit":
        p = expit(lp)
        both = survived + happened
        return both * p - happened, both * p * (1.0 - p)
    e = np.exp(np.minimum(lp, 700.0))
    slope, bend = survived * e, survived * e
    hit = e[happened]
    # d/dlp of -log(1 - exp(-e)) is -q with q = e / (exp(e) - 1), and dq/dlp = q (1 - e - q)
    q = np.where(hit > 1e-12, hit / np.expm1(np.clip(hit, 1e-300, 700.0)), 1.0)
    slope[happened] -= q
    bend[happened] += np.maximum(q * (hit + q - 1.0), 0.0)
    return slope, bend
