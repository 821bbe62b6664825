"""Piecewise-linear functions of one number, for one value and for a column, to the last bit."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import isfinite, isnan
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray = npt.NDArray[np.float64]

MAX_KNOTS = 200
"""Most knots of one function. A column counts the knots at its left in one byte."""


class Piecewise:
    """A function linear between its knots and constant outside them.

    Constant outside, because a straight line continued beyond the data says something about
    people whom nobody has seen. A knot given twice is a jump: at the knot the right value holds.

    The function is stored as ``K + 1`` pieces: ``y = starts[i] + slopes[i] * (x - anchors[i])``
    with ``i`` the number of knots at or left of ``x``. ``one`` and ``many`` carry out these
    three operations in the same order, so their answers are the same IEEE double.

    Parameters
    ----------
    knots
        ``K >= 1`` finite numbers, not decreasing.
    values
        The function at each knot.
    name
        What the function belongs to, for the message of an error.

    Raises
    ------
    ModelError
        For no knots or too many, unequal lengths, a decreasing or infinite knot, or two knots
        so close that the slope between them is infinite.
    """

    __slots__ = ("anchors", "knots", "slopes", "starts")

    def __init__(self, knots: Sequence[float], values: Sequence[float], name: str = "term") -> None:
        _check(knots, values, name)
        self.knots = tuple(float(knot) for knot in knots)
        self.anchors = (self.knots[0], *self.knots)
        self.starts = (float(values[0]), *(float(value) for value in values))
        self.slopes = (0.0, *_slopes(self.knots, self.starts[1:], name), 0.0)

    def one(self, x: float) -> float:
        """The function at one number; NaN for NaN."""
        piece = 0 if isnan(x) else bisect_right(self.knots, x)
        return self.starts[piece] + self.slopes[piece] * (x - self.anchors[piece])

    def many(self, x: FloatArray) -> FloatArray:
        """The function at each element of a 1-d array; NaN for NaN."""
        piece = self._pieces(x)
        y = np.subtract(x, _take(self.anchors, piece))
        y *= _take(self.slopes, piece)
        y += _take(self.starts, piece)
        return y

    def _pieces(self, x: FloatArray) -> npt.NDArray[np.intp]:
        """Knots at or left of each element. Comparing with a few knots beats a binary search."""
        if len(self.knots) > 24:
            found = np.searchsorted(np.array(self.knots), x, side="right")
            return np.where(np.isnan(x), 0, found)
        count = np.zeros(x.shape, np.uint8)
        for knot in self.knots:
            count += (x >= knot).view(np.uint8)
        return count.astype(np.intp)


def _take(table: Sequence[float], index: npt.NDArray[np.intp]) -> FloatArray:
    return np.array(table).take(index, mode="clip")  # clip: numpy skips its bounds check


def _check(knots: Sequence[float], values: Sequence[float], name: str) -> None:
    if not 1 <= len(knots) <= MAX_KNOTS:
        raise ModelError(
            f"{name!r} has {len(knots)} knots; between 1 and {MAX_KNOTS} were expected. "
            "Fit it with fewer knots."
        )
    if len(values) != len(knots):
        raise ModelError(
            f"{name!r} has {len(knots)} knots and {len(values)} values; give one value per knot."
        )
    if not all(isfinite(number) for number in (*knots, *values)):
        raise ModelError(f"{name!r} has a knot or a value that is not finite; fit the model again.")
    if any(right < left for left, right in pairwise(knots)):
        raise ModelError(f"the knots of {name!r} decrease; give them in ascending order.")


def _slopes(knots: Sequence[float], values: Sequence[float], name: str) -> list[float]:
    slopes = []
    for i in range(len(knots) - 1):
        width = knots[i + 1] - knots[i]
        slope = (values[i + 1] - values[i]) / width if width else 0.0
        if not isfinite(slope):
            raise ModelError(
                f"{name!r}: knots {knots[i]!r} and {knots[i + 1]!r} are too close for a slope; "
                "merge them, or give one knot twice for a jump."
            )
        slopes.append(slope)
    return slopes
