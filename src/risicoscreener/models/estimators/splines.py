"""Linear splines as ramps: knots from weighted quantiles, and the design matrix of a fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray

TAIL_WEIGHT = 10.0
"""Least weight (people) at or beyond a boundary knot that is placed at a quantile."""

LEAST_WIDTH = 0.1
"""Part of an even width that a segment has at least, in a layout by people."""


def weighted_knots(
    x: FloatArray, weight: FloatArray, count: int, tail: float, even: float = 0.0
) -> FloatArray:
    """Knots of one feature: at its values if these are few, else between quantiles and even.

    Parameters
    ----------
    x, weight
        Values without NaN, and their positive weights; a weight of 2 is a value seen twice.
    count
        Largest number of knots, at least 2.
    tail
        Share of the weight at or beyond each boundary knot, but never less than that of
        `TAIL_WEIGHT` people: there the term is constant, and no knot is one person's value.
    even
        How far each inner knot is moved from its weighted quantile (0) to its place among evenly
        spaced knots (1). For functions that bend alike everywhere the best knots are much more
        even than quantiles: their density is that of the people to the power 1/5 (de Boor 1973).

    Returns
    -------
    Ascending distinct knots: one for a constant feature, a 0 if there are no values at all.
    """
    values, position = np.unique(x, return_inverse=True)
    if len(values) <= count:
        return values if len(values) else np.zeros(1)
    cumulative = np.cumsum(np.bincount(position, weight))
    tail = min(max(tail, TAIL_WEIGHT / cumulative[-1]), 0.25)
    levels = np.linspace(tail, 1.0 - tail, count) * cumulative[-1]
    # A level that a cumulative weight meets but for rounding belongs to that value.
    knots = values[np.searchsorted(cumulative, levels * (1.0 - 1e-12))]
    if even > 0.0:
        knots = (1.0 - even) * knots + even * np.linspace(knots[0], knots[-1], count)
    return _apart(np.unique(knots))


def _apart(knots: FloatArray) -> FloatArray:
    """Knots with room for a slope between them; of two that are closer the first stays."""
    least = 1e-9 * max(float(knots[-1] - knots[0]), float(np.abs(knots).max()), 1e-300)
    kept = [knots[0]]
    for knot in knots[1:]:
        if knot - kept[-1] > least:
            kept.append(knot)
    return np.array(kept)


@dataclass(frozen=True, slots=True)
class RampBasis:
    """The functions whose sum is the linear predictor, as `Uncertainty` describes them.

    Column 0 is the intercept. Then per feature one ramp per segment between neighbouring
    knots, centred at its mean over the known values, and one column that is 1 where the value
    is unknown. The coefficient of a ramp is the increment over its segment, so a non-negative
    coefficient is a non-decreasing term; the coefficient of an unknown value is its distance
    to the mean of the term.
    """

    knots: tuple[FloatArray, ...]
    centres: tuple[FloatArray, ...]

    @classmethod
    def fit(
        cls,
        x: FloatArray,
        weight: FloatArray,
        count: int | Sequence[Sequence[float]],
        tail: float,
        even: float = 0.0,
    ) -> RampBasis:
        """Knots and centres from an ``(n, F)`` matrix with NaN for unknown.

        ``count`` is the largest number of knots per feature, or per feature the knots; ``tail``
        and ``even`` are as of `weighted_knots`.

        Raises
        ------
        ValueError
            For knots of another number of features, that do not ascend, or are not finite.
        """
        if isinstance(count, int):
            knots = [weighted_knots(*_known(column, weight), count, tail, even) for column in x.T]
        else:
            knots = _given_knots(count, x.shape[1])
        centres = []
        for column, found in zip(x.T, knots, strict=True):
            known = ~np.isnan(column)
            total = weight[known].sum()
            ramps = _ramps(column[known], found)
            centres.append(weight[known] @ ramps / total if total > 0 else np.zeros(len(found) - 1))
        return cls(tuple(knots), tuple(centres))

    @property
    def segments(self) -> tuple[int, ...]:
        """Per feature its number of ramps."""
        return tuple(len(centre) for centre in self.centres)

    @property
    def size(self) -> int:
        """Number of columns: intercept, ramps and unknown values."""
        return 1 + sum(segments + 1 for segments in self.segments)

    @property
    def starts(self) -> tuple[int, ...]:
        """Per feature the column of its first ramp."""
        ends = np.cumsum([1, *(segments + 1 for segments in self.segments)])
        return tuple(int(end) for end in ends[:-1])

    def design(self, x: FloatArray) -> FloatArray:
        """The design matrix ``(n, size)`` of an ``(n, F)`` matrix."""
        columns = np.zeros((len(x), self.size))
        columns[:, 0] = 1.0
        for column, knots, centre, start in zip(
            x.T, self.knots, self.centres, self.starts, strict=True
        ):
            unknown = np.isnan(column)
            block = columns[:, start : start + len(centre)]
            block[:] = _ramps(column, knots) - centre
            block[unknown] = 0.0
            columns[unknown, start + len(centre)] = 1.0
        return columns

    def people(self, x: FloatArray, weight: FloatArray) -> tuple[FloatArray, ...]:
        """Per feature the share of the people in each segment, as widths for `penalty`.

        Shares are differences of mid-ranks at the knots, at least `LEAST_WIDTH` of an even one.
        A feature whose knots are its values keeps even widths.
        """
        return tuple(
            _shares_of_people(*_known(column, weight), knots)
            for column, knots in zip(x.T, self.knots, strict=True)
        )

    def penalty(
        self, shrinkage: float, smoothness: float, widths: Sequence[FloatArray] | None = None
    ) -> FloatArray:
        """Matrix ``S`` of the penalty ``b' S b / 2`` on the coefficients.

        With a feature laid out over its knots as the unit interval, ``shrinkage`` weighs the
        integral of the squared slope (towards no effect) and ``smoothness`` that of the squared
        second derivative (towards a straight line). In knots, not in units of the feature, so
        the penalty does not change if a feature is measured otherwise.

        Parameters
        ----------
        widths
            Per feature the width of each segment in that interval, with sum 1; by default all
            are the same.
        """
        s = np.zeros((self.size, self.size))
        for i, (m, start) in enumerate(zip(self.segments, self.starts, strict=True)):
            steep = np.full(m, float(m)) if widths is None else 1.0 / widths[i]
            block = slice(start, start + m)
            s[block, block] = shrinkage * np.diag(steep)
            if m > 1:
                bend = np.diff(np.diag(steep), axis=0)
                nearby = 2.0 / (1.0 / steep[1:] + 1.0 / steep[:-1])
                s[block, block] += smoothness * (bend.T @ (bend * nearby[:, None]))
            s[start + m, start + m] = shrinkage
        return s

    def bounds(self, directions: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """Bounds of the coefficients for directions -1, 0 or 1 per feature."""
        lower, upper = np.full(self.size, -np.inf), np.full(self.size, np.inf)
        for m, start, direction in zip(self.segments, self.starts, directions, strict=True):
            if direction > 0:
                lower[start : start + m] = 0.0
            elif direction < 0:
                upper[start : start + m] = 0.0
        return lower, upper


def _known(column: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The known values, and their weights."""
    known = ~np.isnan(column)
    return column[known], weight[known]


def _shares_of_people(x: FloatArray, weight: FloatArray, knots: FloatArray) -> FloatArray:
    """Widths of segments, with sum 1: the people between knots, but none far below even."""
    segments = len(knots) - 1
    even = np.full(segments, 1.0 / max(segments, 1))
    values, position = np.unique(x, return_inverse=True)
    if segments < 1 or len(values) <= len(knots):
        return even
    cumulative = np.concatenate([[0.0], np.cumsum(np.bincount(position, weight))])
    below, up_to = (cumulative[np.searchsorted(values, knots, side)] for side in ("left", "right"))
    shares = np.diff(below + up_to)
    if not shares.sum() > 0.0:
        return even
    floored = np.maximum(shares / shares.sum(), LEAST_WIDTH * even)
    widths: FloatArray = floored / floored.sum()
    return widths


def _given_knots(knots: Sequence[Sequence[float]], features: int) -> list[FloatArray]:
    """Knots that were given, checked."""
    found = [np.asarray(row, dtype=np.float64) for row in knots]
    if len(found) != features:
        raise ValueError(f"knots of {len(found)} features were given; X has {features}.")
    for row in found:
        if row.ndim != 1 or not len(row) or not np.isfinite(row).all() or (np.diff(row) <= 0).any():
            raise ValueError("knots must be one or more finite ascending numbers per feature.")
    return found


def _ramps(column: FloatArray, knots: FloatArray) -> FloatArray:
    """Per segment 0 left of it, 1 right of it and linear in between; NaN for NaN."""
    left, right = knots[:-1], knots[1:]
    ramps: FloatArray = np.clip((column[:, None] - left) / (right - left), 0.0, 1.0)
    return ramps
