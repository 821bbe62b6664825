"""Many people through a scoring program, as columns of numbers.

The answers are those for one person (`ScoringProgram`): the same operations in the same order, by
the compiled library where it is there and knows all parts of the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError
from risicoscreener.models.answers import Assessments, Intervals, Scores
from risicoscreener.models.compiled import Found, compiled
from risicoscreener.models.covariance import CovarianceErrors
from risicoscreener.models.pairs import add_pairs_many
from risicoscreener.models.terms import chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram


def score_many(program: ScoringProgram, matrix: npt.ArrayLike, *, contributions: bool) -> Scores:
    """Scores of the rows of a matrix; see `ScoringProgram.score_many`."""
    x = matrix_of(matrix, program.features)
    found = _found(program, x, contributions=contributions)
    if found is not None:
        lp = found.linear_predictor
        return Scores(program.probability_many(lp), lp, found.contributions)
    lp = np.empty(len(x))
    parts = np.empty(x.shape) if contributions else None
    with np.errstate(invalid="ignore"):  # an infinite value becomes NaN, refused below
        for rows in chunks(len(x)):
            columns = np.ascontiguousarray(x[rows].T)
            lp[rows] = _sum_terms(program, columns, None if parts is None else parts[rows])
    if np.isnan(lp).any():
        raise infinite(program.features, x[np.isnan(lp)][0].tolist())
    return Scores(program.probability_many(lp), lp, parts)


def found_many(
    program: ScoringProgram,
    values: FloatArray,
    columns: npt.NDArray[np.int64],
    k: int,
    *,
    contributions: bool,
) -> Found | None:
    """What the compiled library finds of rows; see `ScoringProgram.found_many`."""
    library = compiled(program)
    if library is None:
        return None
    found = library.score(np.asfortranarray(values), columns, k, contributions=contributions)
    if found is not None and np.isnan(found.linear_predictor).any():
        row = int(np.flatnonzero(np.isnan(found.linear_predictor))[0])
        raise infinite(program.features, values[row, columns].tolist())
    return found


def interval_many(
    program: ScoringProgram,
    matrix: npt.ArrayLike,
    linear_predictor: FloatArray | None,
    runs: npt.NDArray[np.intp] | None,
) -> Intervals | None:
    """The interval of each row of a matrix; see `ScoringProgram.interval_many`."""
    if program.uncertainty is None:
        return None
    x = matrix_of(matrix, program.features)
    lp = program.score_many(x).linear_predictor if linear_predictor is None else linear_predictor
    errors = program._errors
    if runs is not None and isinstance(errors, CovarianceErrors):
        error = errors.standard_error_in_runs(x, runs)
    else:
        found = _found(program, x)
        known = None if found is None else found.standard_error
        error = errors.standard_error_many(x) if known is None else known
    return program.intervals_of(lp, error)


def assess_many(
    program: ScoringProgram,
    matrix: npt.ArrayLike,
    *,
    contributions: bool,
    runs: npt.NDArray[np.intp] | None,
) -> Assessments:
    """Scores, intervals and support of the rows; see `ScoringProgram.assess_many`."""
    x = matrix_of(matrix, program.features)
    found = None if runs is not None else _found(program, x, contributions=contributions)
    if found is not None and found.standard_error is not None:
        lp = found.linear_predictor
        scores = Scores(program.probability_many(lp), lp, found.contributions)
        intervals: Intervals | None = program.intervals_of(lp, found.standard_error)
    else:
        scores = program.score_many(x, contributions=contributions)
        intervals = program.interval_many(x, scores.linear_predictor, runs=runs)
    support = None
    if program.support is not None:
        leverage = None if intervals is None else intervals.standard_error**2
        support = program.support.check_many(x, leverage)
    return Assessments(scores, intervals, support)


def infinite(features: Sequence[str], values: Sequence[float]) -> ModelError:
    """The error that names the features of which the value is infinite."""
    named = zip(features, values, strict=True)
    wrong = [name for name, x in named if x in (float("inf"), float("-inf"))]
    return ModelError(f"infinite value of {', '.join(wrong)}; give a number, or NaN for unknown.")


def matrix_of(matrix: npt.ArrayLike, features: Sequence[str]) -> FloatArray:
    """A matrix with a column for each feature; ModelError if it is none."""
    x = np.asarray(matrix, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] != len(features):
        raise ModelError(
            f"a matrix of shape {x.shape} was given; expected (n, {len(features)}), a "
            f"column for each of: {', '.join(features)}."
        )
    return x


def _found(program: ScoringProgram, x: FloatArray, *, contributions: bool = False) -> Found | None:
    """What the compiled library finds of the rows of a matrix; None where it does not."""
    if compiled(program) is None:
        return None
    columns = np.arange(len(program.terms), dtype=np.int64)
    return program.found_many(np.asfortranarray(x), columns, contributions=contributions)


def _sum_terms(
    program: ScoringProgram, columns: FloatArray, parts: FloatArray | None
) -> FloatArray:
    """Linear predictor of a chunk given as ``(F, rows)``; fills ``parts`` if given."""
    lp = np.full(columns.shape[1], program.intercept)
    for i, (term, function) in enumerate(zip(program.terms, program.functions, strict=True)):
        y = function.many(columns[i])
        np.copyto(y, term.missing, where=np.isnan(columns[i]))
        lp += y
        if parts is not None:
            parts[:, i] = y - term.reference
    add_pairs_many(program.pairs, program._pair_tables, columns, lp, parts)
    return lp
