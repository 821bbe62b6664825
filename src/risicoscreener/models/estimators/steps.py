"""Small trees of one feature: the step function that lowers the loss most, from sums per bin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from risicoscreener.models.piecewise import FloatArray


def sums_per_bin(code: npt.NDArray[np.intp], values: FloatArray, size: int) -> FloatArray:
    """Sum of the rows in each of ``size`` bins."""
    return np.bincount(code, values, minlength=size).astype(np.float64, copy=False)


@dataclass(frozen=True)
class Growth:
    """What a tree may look like.

    Attributes
    ----------
    leaves
        Most leaves of known values.
    least
        Least weight in a leaf.
    shrinkage
        Added to the second derivative in a leaf: draws its value towards 0.
    """

    leaves: int
    least: float
    shrinkage: float


@dataclass(frozen=True)
class _Leaf:
    """Bins ``first`` to below ``end``, between the values of the leaves beside it."""

    first: int
    end: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class _Split:
    gain: float
    at: int
    left: float
    right: float


def step_update(
    gradient: FloatArray,
    hessian: FloatArray,
    weight: FloatArray,
    growth: Growth,
    direction: int = 0,
) -> FloatArray:
    """A Newton step that is a tree over the bins of one feature.

    Leaves are split one after another where that lowers the quadratic loss most; a split against
    the direction is not looked at, so each tree, and any sum of them, has the direction exactly.

    Parameters
    ----------
    gradient, hessian, weight
        Sums ``(bins + 1,)`` of the derivatives of the loss and of the weight per bin; the last
        is of unknown values, which are a leaf of their own.
    growth
        What the tree may look like.
    direction
        1 (not falling), -1 (not rising) or 0.

    Returns
    -------
    ``(bins + 1,)``; 0 for all known values if no split is allowed.
    """
    found = np.zeros(len(weight))
    if weight[-1] > 0:
        found[-1] = -gradient[-1] / (hessian[-1] + growth.shrinkage)
    sums = np.zeros((3, len(weight)))
    np.cumsum([gradient[:-1], hessian[:-1], weight[:-1]], axis=1, out=sums[:, 1:])
    leaves = [_Leaf(0, len(weight) - 1, 0.0, -np.inf, np.inf)]
    splits = [_best_split(sums, leaves[0], growth, direction)]
    while len(leaves) < growth.leaves:
        chosen = max(range(len(leaves)), key=lambda i: splits[i].gain)
        split = splits[chosen]
        if split.gain <= 0.0:
            break
        leaf = leaves[chosen]
        leaves[chosen : chosen + 1] = [
            replace(leaf, end=split.at, value=split.left),
            replace(leaf, first=split.at, value=split.right),
        ]
        leaves = _bounded(leaves, direction)
        splits = [_best_split(sums, leaf, growth, direction) for leaf in leaves]
    if len(leaves) > 1:
        for leaf in leaves:
            found[leaf.first : leaf.end] = leaf.value
    return found


def _bounded(leaves: list[_Leaf], direction: int) -> list[_Leaf]:
    """Leaves with what their neighbours allow their parts to be."""
    if direction == 0:
        return leaves
    values = [-np.inf * direction, *(leaf.value for leaf in leaves), np.inf * direction]
    limits = [sorted((values[i], values[i + 2])) for i in range(len(leaves))]
    return [replace(leaf, low=a, high=b) for leaf, (a, b) in zip(leaves, limits, strict=True)]


def _best_split(sums: FloatArray, leaf: _Leaf, growth: Growth, direction: int) -> _Split:
    """Where a leaf is best split; gain 0 if it may not be."""
    nothing = _Split(0.0, leaf.first, leaf.value, leaf.value)
    if leaf.end - leaf.first < 2:
        return nothing
    inner = sums[:, leaf.first + 1 : leaf.end]
    g, h, w = inner - sums[:, leaf.first, None]
    g_all, h_all, w_all = sums[:, leaf.end] - sums[:, leaf.first]
    h_left, h_right = h + growth.shrinkage, h_all - h + growth.shrinkage
    left, right = -g / h_left, (g - g_all) / h_right
    # Twice the fall of the quadratic loss, on top of that of the leaf as it is.
    gain = left**2 * h_left + right**2 * h_right - g_all**2 / (h_all + growth.shrinkage)
    slack = 1e-9 * growth.least  # sums are equal but for rounding, however rows were given
    allowed = (w >= growth.least - slack) & (w_all - w >= growth.least - slack)
    if direction:
        allowed &= direction * (right - left) >= 0.0
        lowest, highest = np.minimum(left, right), np.maximum(left, right)
        allowed &= (lowest >= leaf.low) & (highest <= leaf.high)
    gain = np.where(allowed, gain, 0.0)
    best = int(gain.argmax())
    if gain[best] <= 1e-12 * (1.0 + abs(g_all)):
        return nothing
    return _Split(float(gain[best]), leaf.first + 1 + best, float(left[best]), float(right[best]))
