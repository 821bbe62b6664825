"""What a batch keeps of a program's answers: no contributions, only the strongest reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.models.answers import Intervals
from risicoscreener.models.compiled import BARRED, LACKING, OUTSIDE, Found
from risicoscreener.models.program import ScoringProgram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.missing import PatternSubmodels
    from risicoscreener.models.piecewise import FloatArray


@dataclass(frozen=True, slots=True)
class Brief:
    """What a program says of ``n`` people, in short.

    Attributes
    ----------
    probability
        Shape ``(n,)``.
    intervals
        None if the program carries no uncertainty.
    status
        Positions in `support.STATUSES`, int8; None if the program has no support.
    reasons
        Positions of the features with the largest contributions, the largest first, shape
        ``(n, k)``, int16.
    """

    probability: FloatArray
    intervals: Intervals | None
    status: npt.NDArray[np.int8] | None
    reasons: npt.NDArray[np.int16]


def brief_many(
    program: ScoringProgram | PatternSubmodels,
    values: FloatArray,
    columns: Sequence[int],
    k: int,
    *,
    runs: npt.NDArray[np.intp] | None = None,
) -> Brief:
    """The answers of ``program.assess_many`` in short.

    Parameters
    ----------
    values
        Shape ``(n, at least all columns)``.
    columns
        Column of each feature of the program.
    k
        How many reasons are wanted; fewer if there are fewer features.
    runs
        As for `ScoringProgram.interval_many`.
    """
    if isinstance(program, ScoringProgram):
        found = program.found_many(values, np.array(columns, dtype=np.int64), k)
        if found is not None:
            return _of_found(program, found, values, columns, runs)
    assessed = program.assess_many(values[:, list(columns)], contributions=True, runs=runs)
    assert assessed.scores.contributions is not None
    return Brief(
        assessed.scores.probability,
        assessed.intervals,
        None if assessed.support is None else assessed.support.status,
        strongest(assessed.scores.contributions, k),
    )


def _of_found(
    program: ScoringProgram,
    found: Found,
    values: FloatArray,
    columns: Sequence[int],
    runs: npt.NDArray[np.intp] | None,
) -> Brief:
    lp, error = found.linear_predictor, found.standard_error
    if error is not None and runs is None:
        intervals: Intervals | None = program.intervals_of(lp, error)
    elif program.uncertainty is not None:
        intervals = program.interval_many(values[:, list(columns)], lp, runs=runs)
    else:
        intervals = None
    status = None
    if program.support is not None:
        leverage = None if intervals is None else intervals.standard_error**2
        outside, lacking, barred = ((found.flags & bit) > 0 for bit in (OUTSIDE, LACKING, BARRED))
        status = program.support.status_of(
            barred, lacking, outside, program.support.shares(found.missing), leverage
        )
    return Brief(program.probability_many(lp), intervals, status, found.reasons)


def strongest(contributions: FloatArray, k: int) -> npt.NDArray[np.int16]:
    """Positions of the ``k`` largest absolute values of each row, ties in column order.

    Parameters
    ----------
    contributions
        Shape (n, F).

    Returns
    -------
    ndarray of shape (n, min(k, F)), int16.
    """
    size = np.abs(contributions)
    k = min(k, size.shape[1])
    best = np.empty((len(size), k), dtype=np.int16)
    rows = np.arange(len(size))
    for place in range(k):
        best[:, place] = size.argmax(axis=1)
        size[rows, best[:, place]] = -1.0
    return best
