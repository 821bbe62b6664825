"""The flexible curve by local regression (Cleveland 1979), as ``stats::loess`` in R.

At each point the nearest share `SPAN` of the people counts, by tricube weights, in a quadratic
regression of the outcome on the probability. Up to `NODES` distinct probabilities are fitted one
by one; with more, as many of them, and between these the curve is straight.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.calibration.flexible import Errors, distances, one_class
from risicoscreener.evaluation.calibration.levels import Codes, Levels, levels_of
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]

SPAN = 0.75
DEGREE = 2
NODES = 300
WORST_CONDITION = 1e10
"""Of the normal equations; beyond it the generalised inverse decides."""

_BISECTIONS = 60


def loess_errors(sample: Sample, weight: FloatArray, span: float = SPAN) -> Errors:
    """ICI, E50, E90 and Emax of the curve by loess, in one pass (Austin and Steyerberg 2019)."""
    levels = levels_of(sample)
    events, total = levels.counts(weight)
    if one_class(events, total):
        return (math.nan,) * 4
    used = total > 0
    x = levels.probability[used]
    nodes = node_places(len(x))
    at_nodes = loess_heights(x, events[used], total[used], x[nodes], span)
    height = np.interp(x, x[nodes], at_nodes)
    return distances(x, height, total[used])


def node_places(count: int, most: int = NODES) -> Codes:
    """Which of so many sorted levels are fitted themselves."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))


def loess_heights(
    x: FloatArray, events: FloatArray, total: FloatArray, at: FloatArray, span: float = SPAN
) -> FloatArray:
    """Height ``(k,)`` of the curve at ``at``, kept within [0, 1].

    Parameters
    ----------
    x
        ``(m,)``: distinct probabilities in ascending order.
    events, total
        ``(m,)``: weight with the outcome and in all, the latter above 0.
    """
    share = events / total
    return np.array(
        [
            min(max(float(smoother @ share[part]), 0.0), 1.0)
            for part, smoother in _smoothers(x, total, at, span)
        ]
    )


def loess_influence(
    levels: Levels, total: FloatArray, residual: FloatArray, at: FloatArray, span: float = SPAN
) -> FloatArray:
    """How each row pulls at the height at each point, ``(n, k)``.

    Parameters
    ----------
    residual
        ``(n,)``: outcome minus height, times weight, of the rows.
    """
    used = np.flatnonzero(total > 0)
    x, people = levels.probability[used], total[used]
    pull = np.zeros((len(residual), len(at)))
    for place, (part, smoother) in enumerate(_smoothers(x, people, at, span)):
        per_weight = np.zeros(len(levels.probability))
        per_weight[used[part]] = smoother / people[part]
        pull[:, place] = per_weight[levels.of_rows] * residual
    return pull


def _smoothers(
    x: FloatArray, total: FloatArray, at: FloatArray, span: float
) -> list[tuple[slice, FloatArray]]:
    """Per point the levels that count, and what the share of each adds to the height."""
    width = _widths(x, total, at, span)
    first = np.searchsorted(x, at - width, "left")
    last = np.maximum(np.searchsorted(x, at + width, "right"), first + 1)
    found = []
    for point, reach, start, stop in zip(at, width, first, last, strict=True):
        part = slice(int(start), int(stop))
        found.append((part, _smoother(x[part] - point, total[part], float(reach))))
    return found


def _smoother(away: FloatArray, total: FloatArray, reach: float) -> FloatArray:
    """Weights of the shares in the local regression at distance 0."""
    if reach <= 0.0:
        near = total * (away == 0.0)
        return near / near.sum()
    scaled = away / reach
    tricube = np.maximum(1.0 - np.abs(scaled) ** 3, 0.0) ** 3
    weight = total * tricube
    degree = min(DEGREE, int((weight > 0).sum()) - 1)
    columns = scaled[:, None] ** np.arange(degree + 1)
    moments = columns.T @ (weight[:, None] * columns)
    if np.linalg.cond(moments) < WORST_CONDITION:
        at_zero = np.linalg.solve(moments, np.eye(degree + 1)[0])
        return weight * (columns @ at_zero)
    root = np.sqrt(weight)
    return np.linalg.pinv(columns * root[:, None])[0] * root


def _widths(x: FloatArray, total: FloatArray, at: FloatArray, span: float) -> FloatArray:
    """Distance from each point within which the span of the people lies.

    Whole weights are numbers of people; others are scaled to add up to the number of levels.
    """
    if (total != np.floor(total)).any():
        total = total * (len(total) / total.sum())
    mass = np.concatenate([[0.0], np.cumsum(total)])
    wanted = max(math.floor(mass[-1] * span + 1e-5), 1.0)
    low, high = np.full(len(at), -1.0), np.full(len(at), 1.0 + float(x[-1] - x[0]))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        inside = mass[np.searchsorted(x, at + middle, "right")]
        inside -= mass[np.searchsorted(x, at - middle, "left")]
        enough = (middle >= 0.0) & (inside >= wanted)
        high, low = np.where(enough, middle, high), np.where(enough, low, middle)
    first = np.minimum(np.searchsorted(x, at - high, "left"), len(x) - 1)
    last = np.maximum(np.searchsorted(x, at + high, "right") - 1, 0)
    return np.maximum(at - x[first], x[last] - at)
