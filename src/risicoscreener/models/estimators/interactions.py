"""Interactions of two features: which are worth a try, their small trees, purification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.models.estimators.steps import sums_per_bin

if TYPE_CHECKING:
    from risicoscreener.models.estimators.steps import Growth
    from risicoscreener.models.piecewise import FloatArray

CELLS = 8
"""Most cells of known values on each side of a pair: enough to see the shape of an interaction,
and few enough that each holds people."""


@dataclass(frozen=True)
class Coarse:
    """The cells of one feature in pairs: neighbouring bins of its curve, joined.

    Attributes
    ----------
    kept
        Positions, among the edges of the curve, of the edges of the cells.
    cell_of_bin
        Cell of each bin; the last of both is for an unknown value.
    """

    kept: npt.NDArray[np.intp]
    cell_of_bin: npt.NDArray[np.intp]

    @classmethod
    def of(cls, weight: FloatArray) -> Coarse:
        """Cells of about the same weight, from the weight of each bin (the last: unknown)."""
        bins = len(weight) - 1
        kept = np.arange(bins - 1)
        if bins > CELLS:
            cumulative = np.cumsum(weight[:-1])
            levels = np.arange(1, CELLS) / CELLS * cumulative[-1]
            kept = np.unique(np.searchsorted(cumulative, levels * (1.0 - 1e-12)))
            kept = kept[kept < bins - 1]
        cell = np.searchsorted(kept, np.arange(bins), side="left")
        return cls(kept, np.append(cell, len(kept) + 1))

    @property
    def size(self) -> int:
        """Number of cells, that of unknown values included."""
        return len(self.kept) + 2


@dataclass(frozen=True)
class Grid:
    """The cells of two features: their positions, and the place of each row in the table."""

    first: int
    second: int
    shape: tuple[int, int]
    place: npt.NDArray[np.intp]
    directions: tuple[int, int]

    def sums(self, values: FloatArray) -> FloatArray:
        """Sum of the rows in each cell."""
        flat = sums_per_bin(self.place, values, self.shape[0] * self.shape[1])
        table: FloatArray = flat.reshape(self.shape)
        return table

    def gain(
        self, gradient: FloatArray, hessian: FloatArray, weight: FloatArray, growth: Growth
    ) -> float:
        """Twice the fall of the quadratic loss by the best quadrants (FAST, Lou et al. 2013)."""
        sums = self.sums(gradient), self.sums(hessian), self.sums(weight)
        found = _quadrants(sums, growth, self.directions)
        return 0.0 if found is None else found.gain

    def update(
        self, gradient: FloatArray, hessian: FloatArray, weight: FloatArray, growth: Growth
    ) -> FloatArray:
        """A Newton step that is constant in four quadrants; 0 where a value is unknown.

        Cuts whose quadrants go against a direction are not looked at, so the direction of a
        feature holds at every value of the other.
        """
        sums = self.sums(gradient), self.sums(hessian), self.sums(weight)
        found = _quadrants(sums, growth, self.directions)
        table = np.zeros(self.shape)
        if found is not None:
            a, b = found.cuts
            table[:a, :b], table[:a, b:-1] = found.values[0]
            table[a:-1, :b], table[a:-1, b:-1] = found.values[1]
        return table


@dataclass(frozen=True)
class _Quadrants:
    gain: float
    cuts: tuple[int, int]
    values: FloatArray


def _quadrants(
    sums: tuple[FloatArray, FloatArray, FloatArray], growth: Growth, directions: tuple[int, int]
) -> _Quadrants | None:
    """The best cut of each side; None if no cut is allowed and gains."""
    g, h, w = (_corners(table[:-1, :-1]) for table in sums)
    if not g.size:
        return None
    values = -g / (h + growth.shrinkage)
    allowed = (w >= growth.least * (1.0 - 1e-9)).all(axis=(0, 1))
    for axis, direction in enumerate(directions):
        allowed &= (direction * np.diff(values, axis=axis) >= 0.0).all(axis=(0, 1))
    whole = g.sum(axis=(0, 1)) ** 2 / (h.sum(axis=(0, 1)) + growth.shrinkage)
    gain = np.where(allowed, (values**2 * (h + growth.shrinkage)).sum(axis=(0, 1)) - whole, 0.0)
    a, b = np.unravel_index(int(gain.argmax()), gain.shape)
    if gain[a, b] <= 1e-12:
        return None
    return _Quadrants(float(gain[a, b]), (int(a) + 1, int(b) + 1), values[:, :, a, b])


def _corners(table: FloatArray) -> FloatArray:
    """Sums of the four quadrants at each cut, ``(2, 2, m, n)``."""
    upper_left = np.cumsum(np.cumsum(table, axis=0), axis=1)
    inner = upper_left[:-1, :-1]
    rows, columns = upper_left[:-1, -1:], upper_left[-1:, :-1]
    corners: FloatArray = np.array(
        [
            [inner, rows - inner],
            [columns - inner, upper_left[-1, -1] - rows - columns + inner],
        ]
    )
    return corners


def purified(table: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A table without what each feature adds by itself.

    The weighted least-squares sum of a row effect and a column effect is taken out, so that what
    remains has mean zero in each row and column: what is left of an interaction once the curves
    have taken what is theirs.

    Parameters
    ----------
    table, weight
        ``(m, n)``: values and weights of the cells.

    Returns
    -------
    table, rows, columns
        ``table + rows[:, None] + columns`` is the table that was given.

    References
    ----------
    Lengerich et al. (2020), Purifying interaction effects with the functional ANOVA, AISTATS;
    Hooker (2007), Generalized functional ANOVA diagnostics, JCGS 16, 709-732.
    """
    m = len(table)
    rows, columns = weight.sum(axis=1), weight.sum(axis=0)
    normal = np.block([[np.diag(rows), weight], [weight.T, np.diag(columns)]])
    target = np.concatenate([(weight * table).sum(axis=1), (weight * table).sum(axis=0)])
    effects = np.linalg.lstsq(normal, target, rcond=1e-12)[0]
    pure: FloatArray = table - effects[:m, None] - effects[m:]
    return pure, effects[:m], effects[m:]
