"""Restricted cubic splines, and the quantiles at which their knots stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

KNOT_QUANTILES: dict[int, tuple[float, ...]] = {
    3: (0.10, 0.50, 0.90),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.50, 0.725, 0.95),
    6: (0.05, 0.23, 0.41, 0.59, 0.77, 0.95),
    7: (0.025, 0.1833, 0.3417, 0.50, 0.6583, 0.8167, 0.975),
}
"""Where knots stand, by their number (Harrell 2015, Regression Modeling Strategies, table 2.3)."""


def restricted_cubic_basis(x: npt.ArrayLike, knots: Sequence[float]) -> FloatArray:
    """Basis ``(n, K - 1)`` of a restricted cubic spline with ``K`` knots, as ``rms::rcs``.

    The first column is ``x``, the others are cubic between the knots, linear beyond them, and
    divided by the squared distance between the first and the last knot.
    """
    x = np.asarray(x, np.float64)
    places = np.asarray(knots, np.float64)
    above = np.maximum(x[:, None] - places, 0.0)
    return np.column_stack([x, (above * above * above) @ cubes_of_basis(places)])


def cubes_of_basis(knots: npt.ArrayLike) -> FloatArray:
    """Coefficient ``(K, K - 2)`` of each truncated cube in each nonlinear column of the basis.

    Those of the last two knots make the spline linear beyond the last one.
    """
    t = np.asarray(knots, np.float64)
    inner = t[:-2]
    coefficients = np.zeros((len(t), len(inner)))
    coefficients[: len(inner)] = np.eye(len(inner))
    coefficients[-2] = -(t[-1] - inner) / (t[-1] - t[-2])
    coefficients[-1] = (t[-2] - inner) / (t[-1] - t[-2])
    return coefficients / (t[-1] - t[0]) ** 2


def weighted_quantiles(x: FloatArray, weight: FloatArray, levels: npt.ArrayLike) -> FloatArray:
    """Quantiles of sorted values; whole weights are numbers of people (type 7 of R).

    Weights that are not whole are scaled to add up to the number of rows.
    """
    if (weight != np.floor(weight)).any():
        weight = weight * (len(weight) / weight.sum())
    ends = np.cumsum(weight)
    position = np.maximum(ends[-1] - 1.0, 0.0) * np.asarray(levels, np.float64)
    whole = np.floor(position)
    last = len(x) - 1
    left = x[np.minimum(np.searchsorted(ends, whole, "right"), last)]
    right = x[np.minimum(np.searchsorted(ends, whole + 1.0, "right"), last)]
    quantiles: FloatArray = left + (position - whole) * (right - left)
    return quantiles
