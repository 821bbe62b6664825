"""Bins of one feature: by quantiles, or optimal for an outcome; and step functions on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from scipy.special import xlogy

from risicoscreener.models.terms import Term, cells

if TYPE_CHECKING:
    import numpy.typing as npt

    from risicoscreener.models.piecewise import FloatArray

T = TypeVar("T")

PREBINS = 32
"""Quantile bins from which `optimal_edges` joins its own: enough to place an edge well, and few
enough that an edge does not follow single people."""

SLACK = 0.25
"""Part of a prebin by which its edges may move to a rounder number: the bins are for people."""

COST_PER_BIN = 0.1
"""Log-likelihood that a bin must gain: keeps a feature whole along which nothing changes. Against
noise a penalty on the points does better, as it can also halve a step."""


def quantile_edges(x: FloatArray, weight: FloatArray, count: int, slack: float = 0.0) -> FloatArray:
    """Edges of at most ``count`` bins of about the same weight.

    Between any two neighbouring values if there are no more than ``count`` of them. Without
    slack, edges depend on the order of the values alone but for where exactly they lie between
    two values (see `roundest`), so an increasing transformation of the feature divides the rows
    the same way.

    Parameters
    ----------
    x, weight
        ``(n,)``: values without NaN, and their positive weights; a weight of 2 is a value seen
        twice.
    count
        Largest number of bins, at least 1.
    slack
        Part of a bin by which an edge may move, to either side, to a rounder number.

    Returns
    -------
    Ascending edges; a bin holds the values from its edge on to below the next.
    """
    values, position = np.unique(x, return_inverse=True)
    last = len(values) - 1
    first = second = np.arange(last)  # an edge lies above the first, at or below what follows
    if len(values) > count:
        cumulative = np.cumsum(np.bincount(position, weight))
        levels = np.arange(1, count)[:, None] + slack * np.array([-1.0, 1.0])
        # A level that a cumulative weight meets but for rounding belongs to that value.
        scaled = levels / count * cumulative[-1] * (1.0 - 1e-12)
        first, second = np.minimum(np.searchsorted(cumulative, scaled), last - 1).T
    edges = [roundest(values[i], values[j + 1]) for i, j in zip(first, second, strict=True)]
    return np.unique(np.array(edges, dtype=np.float64))


def roundest(left: float, right: float) -> float:
    """The number with the fewest digits in ``(left, right]``; of several, nearest the middle.

    People read edges, and an edge with all digits would be one person's value.

    Examples
    --------
    >>> roundest(24.0, 25.0), roundest(24.0, 40.0), roundest(0.1234, 0.1291)
    (25.0, 30.0, 0.126)
    """
    width = right - left
    if not math.isfinite(width):
        return float(right)
    exponent = math.floor(math.log10(width)) + 1
    for digits in range(-exponent, 3 - exponent):
        found = _nearest_multiple(float(left), float(right), digits)
        if found is not None:
            return found
    return float(right)


def _nearest_multiple(left: float, right: float, digits: int) -> float | None:
    """The number of so many decimals in ``(left, right]`` nearest the middle, if there is one."""
    try:
        scale = 10.0**digits
        lowest, highest = math.floor(left * scale) + 1, math.floor(right * scale)
        middle = round((left + right) / 2.0 * scale)
        chosen = min(max(middle, lowest), highest)
        found = float(chosen * 10**-digits) if digits <= 0 else chosen / 10**digits
    except (OverflowError, ZeroDivisionError, ValueError):
        return None
    return found if lowest <= highest and left < found <= right else None


# -- optimal bins ------------------------------------------------------------------------------


@dataclass(frozen=True)
class BinLimits:
    """What a bin must hold, and how many there may be.

    Attributes
    ----------
    bins
        Most bins of known values.
    share
        Least share of all weight in a bin.
    events
        Least weight with, and without, the outcome that a bin of its size holds at the rate of
        everybody. Not what it happens to hold: that would forbid the bins that tell most.
    """

    bins: int
    share: float
    events: float


@dataclass(frozen=True)
class Sums:
    """Cumulated sums over the prebins of one feature, of what its known rows hold."""

    edges: FloatArray
    code: npt.NDArray[np.intp]

    @classmethod
    def of(cls, known: FloatArray, weight: FloatArray) -> Sums:
        """The prebins of known values."""
        edges = quantile_edges(known, weight, PREBINS, SLACK) if len(known) else np.zeros(0)
        return cls(edges, cells(tuple(edges), known))

    def between(self, values: FloatArray) -> FloatArray:
        """Sum of the rows in the prebins ``i`` to below ``j``, ``(B + 1, B + 1)``."""
        counts = np.bincount(self.code, values, minlength=len(self.edges) + 1)
        cumulated = np.concatenate([[0.0], np.cumsum(counts)])
        difference: FloatArray = cumulated[None, :] - cumulated[:, None]
        return difference


def optimal_edges(
    x: FloatArray,
    outcome: FloatArray,
    weight: FloatArray,
    limits: BinLimits,
    direction: int = 0,
) -> FloatArray:
    """Edges of the bins with the largest log-likelihood of the outcome, feature by feature.

    Exact, by dynamic programming over the last bin, among all ways to join `PREBINS` quantile
    bins.

    Parameters
    ----------
    x
        ``(n,)``, NaN for unknown: these rows count for the least share only.
    outcome, weight
        ``(n,)``: 0 or 1, and positive weights; a weight of 2 is a row seen twice.
    limits
        What a bin must hold.
    direction
        1: the share of events does not fall from bin to bin; -1: it does not rise; 0: free.

    Returns
    -------
    Ascending edges; none if the feature is better left whole.

    References
    ----------
    Navas-Palencia (2020), Optimal binning: mathematical programming formulation,
    arXiv:2001.08025, solves the same problem for other objectives by integer programming.
    """
    known = ~np.isnan(x)
    sums = Sums.of(x[known], weight[known])
    total, events = sums.between(weight[known]), sums.between((weight * outcome)[known])
    events = np.clip(events, 0.0, np.maximum(total, 0.0))
    rate = np.divide(events, total, out=np.zeros_like(total), where=total > 0)
    gain = xlogy(events, rate) + xlogy(total - events, 1.0 - rate)
    value = _within(_least(limits, outcome, weight), total, gain)
    return _chosen(sums.edges, _best_chain(value, rate, limits.bins, direction))


def curve_edges(
    x: FloatArray,
    outcome: FloatArray,
    weight: FloatArray,
    limits: BinLimits,
    curve: FloatArray,
    spread: FloatArray,
) -> FloatArray:
    """Edges of the bins that stay nearest a curve that was fitted together with other features.

    What is least is the expected loss of log-likelihood when the curve is replaced by its mean
    in each bin: ``sum(spread * (curve - mean)**2) / 2``. Compared with `optimal_edges`, the bins
    follow what the feature adds to the others, and not the chances of this sample.

    Parameters
    ----------
    x, outcome, weight, limits
        As for `optimal_edges`.
    curve
        ``(n,)``: value of the curve at each row, on the scale of the linear predictor.
    spread
        ``(n,)``: weight times variance of the outcome, ``w p (1 - p)``.

    Returns
    -------
    Ascending edges; none where the curve is flat.
    """
    known = ~np.isnan(x)
    sums = Sums.of(x[known], weight[known])
    height = curve[known] - curve[known].mean() if known.any() else curve[known]
    size, first, second = (sums.between(spread[known] * height**power) for power in (0, 1, 2))
    squared = np.divide(first**2, size, out=np.zeros_like(size), where=size > 0)
    loss = np.maximum(second - squared, 0.0) / 2.0
    value = _within(_least(limits, outcome, weight), sums.between(weight[known]), -loss)
    return _chosen(sums.edges, _best_chain(value, np.zeros_like(value), limits.bins, 0))


def _least(limits: BinLimits, outcome: FloatArray, weight: FloatArray) -> float:
    """Least weight in a bin."""
    total, events = float(weight.sum()), float(weight @ outcome)
    rarest = min(events, total - events) / total
    return max(limits.share * total, limits.events / rarest)


def _within(least: float, weight: FloatArray, gain: FloatArray) -> FloatArray:
    """Gain of each bin less its cost; minus infinity where it holds too little."""
    # Sums are equal but for rounding, however the rows were given.
    allowed = (weight > 0) & (weight >= least * (1.0 - 1e-9))
    return np.where(allowed, gain - COST_PER_BIN, -np.inf)


def _chosen(edges: FloatArray, starts: Sequence[int]) -> FloatArray:
    return edges[[start - 1 for start in starts if start > 0]]


def _best_chain(value: FloatArray, rate: FloatArray, most: int, direction: int) -> list[int]:
    """Starts of the bins of the best division of the prebins; empty if none is allowed.

    ``best[i, j]`` is the value of the best division of the prebins below ``j`` whose last bin
    starts at ``i``: enough to know the rate that the next bin may not pass.
    """
    size = len(value)
    best = np.full((size, size), -np.inf)
    best[0] = value[0]
    layers, origins = [best], [np.zeros((size, size), dtype=np.intp)]
    for _ in range(1, most):
        following = np.full((size, size), -np.inf)
        origin = np.zeros((size, size), dtype=np.intp)
        for i in range(1, size - 1):
            before = layers[-1][:i, i]
            ordered = direction * (rate[i][None, :] - rate[:i, i][:, None]) >= 0.0
            candidates = np.where(ordered, before[:, None], -np.inf)
            origin[i] = candidates.argmax(axis=0)
            following[i] = value[i] + candidates.max(axis=0)
        layers.append(following)
        origins.append(origin)
    ends = [layer[:, -1] for layer in layers]
    level = int(np.argmax([end.max() for end in ends]))
    if not np.isfinite(ends[level].max()):
        return []
    starts, end = [int(ends[level].argmax())], size - 1
    for depth in range(level, 0, -1):
        start = starts[0]
        starts.insert(0, int(origins[depth][start, end]))
        end = start
    return starts


# -- step functions ----------------------------------------------------------------------------


def step_term(
    feature: str,
    edges: FloatArray | Sequence[float],
    values: FloatArray | Sequence[float],
    reference: float,
    *,
    merge: bool = True,
) -> Term:
    """A term that is constant within each bin.

    Parameters
    ----------
    feature
        Its name.
    edges
        ``m`` ascending edges.
    values
        ``m + 2`` numbers: one per bin, and one for an unknown value.
    reference
        Mean of the term in the training data.
    merge
        Leave out edges at which nothing changes.
    """
    *levels, missing = (float(value) for value in values)
    knots, heights = [], []
    for edge, (left, right) in zip(edges, pairwise(levels), strict=True):
        if left != right or not merge:
            knots += [float(edge)] * 2
            heights += [left, right]
    if not knots:
        knots, heights = [0.0], [levels[0]]
    return Term(feature, tuple(knots), tuple(heights), missing, reference)


def knot_heights(levels: Sequence[T]) -> list[T]:
    """What stands at the knots of a term of `step_term` that does not merge: two for each edge."""
    return [side for pair in pairwise(levels) for side in pair] or [levels[0]]


def codes_of(edges: Sequence[FloatArray], x: FloatArray) -> npt.NDArray[np.intp]:
    """The bin of each value of an ``(n, F)`` matrix; NaN is in one more, the last."""
    columns = [cells(tuple(row), column) for row, column in zip(edges, x.T, strict=True)]
    return np.column_stack(columns)
