"""Uncertainty of a scoring program as bootstrap replicates of its coefficients.

For programs whose coefficients have no covariance that can be trusted: steps of trees, points of
a scorecard, interactions, a choice of features.
"""

from __future__ import annotations

import base64
from bisect import bisect_right
from functools import cached_property
from math import inf, nextafter
from typing import TYPE_CHECKING, Annotated

import numpy as np
from msgspec import Meta, Struct

from risicoscreener.errors import ModelError
from risicoscreener.models.piecewise import FloatArray, Piecewise
from risicoscreener.models.terms import PairTerm, Term, cell_one, cells, chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.program import ScoringProgram

MIN_REPLICATES = 10
"""Fewest replicates: with less, the standard error is itself too uncertain to show."""

ROWS_AT_A_TIME = 1024


class Ensemble(
    Struct, frozen=True, forbid_unknown_fields=True, dict=True, tag_field="kind", tag="ensemble"
):
    """Replicates of the coefficients of a program, on its own knots.

    The standard error of a linear predictor is the standard deviation over the ``B`` replicates;
    the interval takes the quantile of Student's t with ``B - 1`` degrees of freedom, because so
    few replicates estimate it (Efron and Tibshirani 1993, chapter 12).

    Parameters
    ----------
    level
        Coverage of the interval, such as 0.95.
    size
        Number of coefficients ``C``: the intercept, per term its values at the knots and for an
        unknown value, per pair its cells row by row.
    draws
        The ``(B, C)`` matrix, row by row: little-endian float64 in base64. Every replicate is
        centred: its terms and pairs have mean zero in its own training data, and the means are
        in its intercept; so the spread of a term is that of its shape, not of the intercept.
    """

    level: Annotated[float, Meta(gt=0, lt=1)]
    size: Annotated[int, Meta(ge=1)]
    draws: str

    def __repr__(self) -> str:
        return f"Ensemble(level={self.level}, {len(self.matrix)} replicates)"

    @classmethod
    def from_draws(cls, draws: FloatArray, level: float = 0.95) -> Ensemble:
        """Pack centred replicates of shape ``(B, C)``."""
        packed = np.ascontiguousarray(draws, dtype="<f8").tobytes()
        return cls(level=level, size=draws.shape[1], draws=base64.b64encode(packed).decode("ascii"))

    @classmethod
    def from_programs(
        cls, program: ScoringProgram, replicates: Sequence[ScoringProgram], level: float = 0.95
    ) -> Ensemble:
        """Replicates of a program, put on its knots and centred.

        Exact where a replicate has its knots, and the edges of its pairs, among those of the
        program. A pair that a replicate lacks is zero in it.

        Raises
        ------
        ModelError
            If a replicate has other features, or a pair that the program lacks.
        """
        rows = [_coefficients(program, replicate) for replicate in replicates]
        return cls.from_draws(np.array(rows).reshape(len(rows), -1), level)

    @cached_property
    def matrix(self) -> FloatArray:
        """The replicates, shape ``(B, C)``.

        Raises
        ------
        ModelError
            If the text is no base64, is of the wrong length, holds a number that is not finite,
            or fewer than `MIN_REPLICATES` replicates.
        """
        try:
            packed = base64.b64decode(self.draws, validate=True)
        except ValueError as error:
            raise ModelError("the replicates are not base64; fit the model again.") from error
        count, rest = divmod(len(packed), self.size * 8)
        if rest or count < MIN_REPLICATES:
            raise ModelError(
                f"the replicates have {len(packed)} bytes; at least {MIN_REPLICATES} times "
                f"{self.size} numbers of 8 bytes were expected. Fit the model again."
            )
        matrix: FloatArray = np.frombuffer(packed, "<f8").reshape(count, self.size)
        if not np.isfinite(matrix).all():
            raise ModelError("the replicates hold NaN or infinity; fit the model again.")
        return matrix

    def check(self, terms: Sequence[Term], pairs: Sequence[PairTerm]) -> None:
        """Every knot, unknown value and cell has a coefficient.

        Raises
        ------
        ModelError
            If a program of these parts cannot carry these replicates.
        """
        needed = 1 + sum(len(term.knots) + 1 for term in terms)
        needed += sum(len(pair.values) * len(pair.values[0]) for pair in pairs)
        if self.size != needed:
            raise ModelError(
                f"the replicates have {self.size} coefficients; the program has {needed}."
            )
        self.matrix  # noqa: B018  (unusable replicates fail here, not at the first interval)

    def errors(self, terms: Sequence[Term], pairs: Sequence[PairTerm]) -> EnsembleErrors:
        """What computes standard errors for a program of these parts."""
        return EnsembleErrors(terms, pairs, self)

    @cached_property
    def quantile(self) -> float:
        """Quantile of Student's t at the level, with one degree of freedom less than replicates."""
        from scipy.special import stdtrit

        return float(stdtrit(len(self.matrix) - 1, 0.5 + self.level / 2.0))


def _coefficients(program: ScoringProgram, replicate: ScoringProgram) -> list[float]:
    """The centred coefficients of a replicate, in the order of `Ensemble`."""
    theirs = {frozenset((pair.first, pair.second)): pair for pair in replicate.pairs}
    strange = theirs.keys() - {frozenset((pair.first, pair.second)) for pair in program.pairs}
    if replicate.features != program.features or strange:
        raise ModelError(
            "a replicate has other features than the program, or a pair that it lacks."
        )
    found = [replicate.reference]
    for term, other in zip(program.terms, replicate.terms, strict=True):
        found += [y - other.reference for y in (*_at_knots(term, other), other.missing)]
    for pair in program.pairs:
        found += _in_cells(pair, theirs.get(frozenset((pair.first, pair.second))))
    return found


def _in_cells(pair: PairTerm, other: PairTerm | None) -> list[float]:
    """The centred table of ``other`` in the cells of ``pair``; zeros if there is none."""
    if other is None:
        return [0.0 for row in pair.values for _ in row]
    if other.first != pair.first:
        other = other.turned()
    table = other.on_edges(pair.first_edges, pair.second_edges).values
    return [y - other.reference for row in table for y in row]


def _at_knots(term: Term, other: Term) -> list[float]:
    """The function of ``other`` at the knots of ``term``; at a jump first what lies left of it."""
    if other.knots == term.knots:
        return list(other.values)
    function = Piecewise(other.knots, other.values, other.feature)
    left_of_jump = [a == b for a, b in zip(term.knots, (*term.knots[1:], None), strict=True)]
    return [
        function.one(nextafter(knot, -inf) if jumps else knot)
        for knot, jumps in zip(term.knots, left_of_jump, strict=True)
    ]


class EnsembleErrors:
    """Standard errors of linear predictors, for a row and for a matrix."""

    def __init__(
        self, terms: Sequence[Term], pairs: Sequence[PairTerm], ensemble: Ensemble
    ) -> None:
        self.draws = np.ascontiguousarray(ensemble.matrix.T)  # (C, B)
        self.terms = []
        start = 1
        for term in terms:
            self.terms.append((term.knots, start))
            start += len(term.knots) + 1
        features = [term.feature for term in terms]
        self.pairs = []
        for pair in pairs:
            places = features.index(pair.first), features.index(pair.second)
            self.pairs.append((*places, pair.first_edges, pair.second_edges, start))
            start += len(pair.values) * len(pair.values[0])

    def standard_error_one(self, values: Sequence[float]) -> float:
        """Standard error of the linear predictor of one row."""
        rows, weights = [0], [1.0]
        for x, (knots, start) in zip(values, self.terms, strict=True):
            if x != x:
                rows.append(start + len(knots))
                weights.append(1.0)
                continue
            right = bisect_right(knots, x)
            if right in (0, len(knots)):
                rows.append(start + min(right, len(knots) - 1))
                weights.append(1.0)
                continue
            share = (x - knots[right - 1]) / (knots[right] - knots[right - 1])
            rows += [start + right - 1, start + right]
            weights += [1.0 - share, share]
        for first, second, edges, others, start in self.pairs:
            row = cell_one(edges, values[first])
            rows.append(start + row * (len(others) + 2) + cell_one(others, values[second]))
            weights.append(1.0)
        return float((np.array(weights) @ self.draws[rows]).std(ddof=1))

    def standard_error_many(self, matrix: FloatArray) -> FloatArray:
        """Standard error of the linear predictor of each row of a matrix ``(n, F)``."""
        error = np.empty(len(matrix))
        for rows in chunks(len(matrix), ROWS_AT_A_TIME):
            error[rows] = self._predictors(matrix[rows]).std(axis=1, ddof=1)
        return error

    def _predictors(self, matrix: FloatArray) -> FloatArray:
        """Linear predictor of each row by each replicate, ``(n, B)``."""
        lp = np.repeat(self.draws[:1], len(matrix), axis=0)
        for position, column in enumerate(matrix.T):
            lp += self._term(position, column)
        for first, second, edges, others, start in self.pairs:
            row = cells(edges, matrix[:, first])
            lp += self.draws[start + row * (len(others) + 2) + cells(others, matrix[:, second])]
        return lp

    def _term(self, position: int, x: FloatArray) -> FloatArray:
        """One term at each value by each replicate, ``(n, B)``."""
        knots, start = self.terms[position]
        places = np.array(knots)
        right = np.searchsorted(places, x, side="right")
        a, b = np.maximum(right - 1, 0), np.minimum(right, len(knots) - 1)
        width = places[b] - places[a]
        share = np.divide(x - places[a], width, out=np.zeros_like(x), where=width > 0)
        share = np.where(np.isnan(x), 0.0, share)[:, None]
        a = np.where(np.isnan(x), len(knots), a)
        b = np.where(np.isnan(x), len(knots), b)
        mixed: FloatArray = (1.0 - share) * self.draws[start + a] + share * self.draws[start + b]
        return mixed

    def term_standard_error(self, position: int, x: FloatArray) -> FloatArray:
        """Standard error of one centred term at each known ``x``."""
        return self._term(position, x).std(axis=1, ddof=1)
