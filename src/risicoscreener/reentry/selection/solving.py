"""Who gets a place: the highest sum of values that fits, and chance among equals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ReentryError

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
NOWHERE = -1
LEAST_GAIN = 1e-12


def place(
    value: FloatArray,
    lot: Codes,
    hours: FloatArray,
    open_to: Sequence[Sequence[int]],
    capacity: FloatArray,
    candidates: npt.NDArray[np.bool_],
) -> Codes:
    """The cell of each person, or -1: the highest sum of values within the capacity.

    Parameters
    ----------
    value
        ``(n,)``, above 0; equal values are settled by the lot.
    lot
        ``(n,)``: a permutation of 0 to n - 1, lowest first.
    hours
        ``(n,)``: what each takes.
    open_to
        Of each the cells in which they can begin.
    capacity
        ``(k,)`` hours of each cell.
    candidates
        ``(n,)``: who may be placed.

    Returns
    -------
    ``(n,)`` places of cells, -1 for nobody's.
    """
    found = np.full(len(value), NOWHERE, dtype=np.intp)
    able = np.array([bool(cells) for cells in open_to], dtype=bool)
    rows = np.flatnonzero(candidates & able)
    if not len(rows):
        return found
    order = rows[np.lexsort((lot[rows], -value[rows]))]
    alike = len({float(h) for h in hours[order]}) == 1
    alone = all(len(open_to[int(i)]) == 1 for i in order)
    if alike and alone:
        left = capacity.copy()
        for i in order:
            cell = open_to[int(i)][0]
            if hours[i] <= left[cell] + LEAST_GAIN:
                found[i], left[cell] = cell, left[cell] - hours[i]
        return found
    cells = [open_to[int(i)] for i in order]
    found[order] = _optimal(_descending(value[order], lot[order]), hours[order], cells, capacity)
    return found


def _descending(value: FloatArray, lot: Codes) -> FloatArray:
    """Values with a little of the lot, far below the smallest difference that counts."""
    levels = np.unique(value)
    step = float(np.diff(levels).min()) if len(levels) > 1 else max(float(levels[0]), 1e-6)
    found: FloatArray = value + step * 1e-3 * (1.0 - np.argsort(np.argsort(lot)) / max(len(lot), 1))
    return found


def _optimal(
    value: FloatArray, hours: FloatArray, open_to: Sequence[Sequence[int]], capacity: FloatArray
) -> Codes:
    """The same by integer programming: for other hours for each, or several cells to begin in."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    pairs = [(i, cell) for i, cells in enumerate(open_to) for cell in cells]
    person, cell = (np.array(side, dtype=np.intp) for side in zip(*pairs, strict=True))
    column = np.arange(len(pairs))
    once = coo_array((np.ones(len(pairs)), (person, column)), shape=(len(value), len(pairs)))
    fits = coo_array((hours[person], (cell, column)), shape=(len(capacity), len(pairs)))
    scale = float(np.abs(value).max()) or 1.0
    solved = milp(
        -value[person] / scale,
        integrality=np.ones(len(pairs)),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(once.tocsr(), ub=1.0),
            LinearConstraint(fits.tocsr(), ub=capacity),
        ],
        options={"mip_rel_gap": 0.0},
    )
    if solved.x is None:
        raise ReentryError(f"no allocation was found: {solved.message}")
    found = np.full(len(value), NOWHERE, dtype=np.intp)
    taken = solved.x > 0.5
    found[person[taken]] = cell[taken]
    return found
