"""Uncertainty of a scoring program as the covariance of its coefficients."""

from __future__ import annotations

import base64
from functools import cached_property
from itertools import pairwise
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from msgspec import Meta, Struct

from risicoscreener.errors import ModelError
from risicoscreener.models.piecewise import FloatArray
from risicoscreener.models.terms import PairTerm, Term, chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

INTERVAL_ROWS = 2048
"""Rows of which an interval is computed at a time; with more their basis leaves the cache."""

STRIPS = 4
"""Strips of the factor; with more the products become too small to be fast."""


class Uncertainty(
    Struct, frozen=True, forbid_unknown_fields=True, dict=True, tag_field="kind", tag="covariance"
):
    """Covariance of the coefficients, as a lower-triangular factor ``L`` with ``cov = L @ L.T``.

    The coefficients are, in this order: the intercept, and per term one per segment between
    neighbouring knots (the increment over that segment) followed by one for an unknown value.
    The basis function of a segment is a ramp, ``clip((x - left) / (right - left), 0, 1)``, less
    its ``centre``; of an unknown value it is 1, and the ramps are then 0. So
    ``var(lp) = ||L.T @ basis||**2``.

    Parameters
    ----------
    level
        Coverage of the interval, such as 0.95.
    centres
        Per term, per segment: the mean of its ramp in the training data.
    factor
        The lower triangle of ``L``, row by row: little-endian float64 in base64, because the
        decimal text of some ten thousand numbers would be most of a bundle.
    """

    level: Annotated[float, Meta(gt=0, lt=1)]
    centres: tuple[tuple[float, ...], ...]
    factor: str

    def __repr__(self) -> str:
        return f"Uncertainty(level={self.level}, {len(self.matrix)} coefficients)"

    @classmethod
    def from_factor(
        cls, factor: FloatArray, centres: Sequence[Sequence[float]], level: float = 0.95
    ) -> Uncertainty:
        """Pack a lower-triangular factor of shape ``(P, P)``."""
        packed = factor[np.tril_indices(len(factor))].astype("<f8").tobytes()
        rows = tuple(tuple(float(c) for c in row) for row in centres)
        return cls(level=level, centres=rows, factor=base64.b64encode(packed).decode("ascii"))

    @cached_property
    def matrix(self) -> FloatArray:
        """The factor ``L``, shape ``(P, P)``, lower-triangular.

        Raises
        ------
        ModelError
            If the text is no base64, is of the wrong length or holds a number not finite.
        """
        size = 1 + sum(len(row) + 1 for row in self.centres)
        expected = size * (size + 1) // 2 * 8
        try:
            packed = base64.b64decode(self.factor, validate=True)
        except ValueError as error:
            raise ModelError("the covariance factor is not base64; fit the model again.") from error
        if len(packed) != expected:
            raise ModelError(
                f"the covariance factor has {len(packed)} bytes; {expected} were expected for "
                f"{size} coefficients. Fit the model again."
            )
        factor = np.zeros((size, size))
        factor[np.tril_indices(size)] = np.frombuffer(packed, "<f8")
        if not np.isfinite(factor).all():
            raise ModelError("the covariance factor holds NaN or infinity; fit the model again.")
        return factor

    def check(self, terms: Sequence[Term], pairs: Sequence[PairTerm]) -> None:
        """Every segment has a coefficient, and none is a jump or stands in a pair.

        Raises
        ------
        ModelError
            If a program of these parts cannot carry this covariance.
        """
        segments = tuple(len(term.knots) - 1 for term in terms)
        if tuple(len(row) for row in self.centres) != segments:
            raise ModelError("the covariance does not have one coefficient per segment of a term.")
        if pairs or any(len(set(term.knots)) < len(term.knots) for term in terms):
            raise ModelError(
                "a term with a jump, or a pair of features, cannot carry a covariance; separate "
                "the knots, or give an ensemble."
            )
        self.matrix  # noqa: B018  (an unusable factor fails here, not at the first interval)

    def errors(self, terms: Sequence[Term], pairs: Sequence[PairTerm]) -> CovarianceErrors:
        """What computes standard errors for a program of these parts."""
        assert not pairs
        return CovarianceErrors(terms, self)

    @property
    def quantile(self) -> float:
        """Standard normal quantile of the level."""
        return NormalDist().inv_cdf(0.5 + self.level / 2.0)


class CovarianceErrors:
    """The basis functions of `Uncertainty`, for a row and for a chunk of rows.

    Coefficients stand in the order: the ramps of all terms, the unknown values of all terms,
    the intercept; so that ramps and unknown values are two blocks without gaps. Ramps run from
    0 to the width of their segment: the division by it is done once, in the factor.
    """

    def __init__(self, terms: Sequence[Term], uncertainty: Uncertainty) -> None:
        self.slices = _ramp_slices(terms)
        self.lefts = _joined(term.knots[:-1] for term in terms)
        factor = uncertainty.matrix[_reorder(terms)]
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            self.widths = _joined(term.knots[1:] for term in terms) - self.lefts
            self.centres = _joined(uncertainty.centres) * self.widths
            factor[: len(self.widths)] /= self.widths[:, None]
        if not np.isfinite(self.centres).all():
            raise ModelError("knots are too far apart for an interval; fit the model again.")
        if not np.isfinite(factor).all():
            raise ModelError("two knots are too close for an interval; merge them.")
        self.size = len(factor)
        self.transposed: FloatArray = np.linalg.qr(factor.T).R  # upper-triangular in the new order

    @cached_property
    def pieces(self) -> FloatArray:
        """What each row of `first_rows` adds to ``L.T @ basis``: shape ``(rows, 2 P)``.

        First what it adds at the left end of the piece, then what each step beyond it adds.
        """
        factor = self.transposed.T
        ramps = factor[: len(self.widths)]
        table = np.zeros((len(self.lefts) + 3 * len(self.slices) + 1, 2, self.size))
        row = 0
        for position, own in enumerate(self.slices):
            knots = own.stop - own.start + 1
            table[row + 1 : row + knots, 1] = ramps[own]
            full = ramps[own] * self.widths[own, None]
            table[row + 2 : row + knots + 1, 0] = np.cumsum(full, axis=0)
            row += knots + 2
            unknown = factor[len(self.widths) + position]
            table[row - 1, 0] = unknown + self.centres[own] @ ramps[own]
        table[row, 0] = factor[-1] - self.centres @ ramps
        return table.reshape(len(table), -1)

    def standard_error_at(
        self, rows: Sequence[int] | NDArray[np.int64], steps: Sequence[float] | FloatArray
    ) -> float:
        """Standard error of the linear predictor of one person.

        Parameters
        ----------
        rows, steps
            Where the person is, as `straight.Passed` has it.
        """
        added = self.pieces.take(np.asarray(rows), 0).reshape(-1, self.size)
        rooted = np.asarray(steps).dot(added)
        return sqrt(rooted.dot(rooted))

    def standard_error_many(self, matrix: FloatArray) -> FloatArray:
        """Standard error of the linear predictor of each row of a matrix ``(n, F)``.

        Chunk by chunk in two reused buffers. The triangle of the factor is used in strips, and the
        basis functions of unknown values only where there are any: that leaves out half of the
        multiplications.
        """
        error = np.empty(len(matrix))
        width = min(len(matrix), INTERVAL_ROWS)
        basis, rooted = np.empty((self.size, width)), np.empty((self.size, width))
        strips: list[tuple[int, int, FloatArray]] = []
        seen: NDArray[np.intp] | None = None
        for rows in chunks(len(matrix), INTERVAL_ROWS):
            columns = np.ascontiguousarray(matrix[rows].T)
            b, r = basis[:, : columns.shape[1]], rooted[:, : columns.shape[1]]
            some = self._needed_functions(columns, b)
            if seen is None or not np.array_equal(some, seen):
                strips, seen = self._strips(some), some
            used = len(self.lefts) + len(some) + 1
            for top, bottom, part in strips:
                np.matmul(part, b[used - part.shape[1] : used], out=r[top:bottom])
            np.multiply(r, r, out=r)
            error[rows] = np.sqrt(r.sum(axis=0))
        return error

    def _strips(self, some: NDArray[np.intp]) -> list[tuple[int, int, FloatArray]]:
        """Strips of the factor: from which row to which, and the columns in which it is not zero.

        The columns are all ramps, the unknown values of the terms ``some``, and the offset: the
        intercept, less what ramps at their centres give.
        """
        n_ramps = len(self.lefts)
        columns = [*range(n_ramps), *(n_ramps + some)]
        offset = self.transposed[:, -1] - self.transposed[:, :n_ramps] @ self.centres
        needed = np.column_stack((self.transposed[:, columns], offset))
        cuts = [n_ramps * strip // STRIPS for strip in range(STRIPS + 1)]
        bounds = [(a, b) for a, b in pairwise([*cuts, self.size]) if a < b]
        return [(a, b, np.ascontiguousarray(needed[a:b, a:])) for a, b in bounds]

    def standard_error_in_runs(self, matrix: FloatArray, begins: NDArray[np.intp]) -> FloatArray:
        """As `standard_error_many` but for rounding, for rows that are much like the one before.

        The variance is the square of what the columns give that stay the same within each run, plus
        that of what the others give, plus twice their product. All but the few other columns is
        then computed once for each run.

        Parameters
        ----------
        matrix
            Shape ``(n, F)``.
        begins
            Where the runs begin, ascending from 0; in each most columns stay the same.
        """
        if 2 * len(begins) > len(matrix):
            return self.standard_error_many(matrix)
        run = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(matrix)))
        firsts = matrix[begins]
        moving = [c for c in range(matrix.shape[1]) if _moves(matrix[:, c], firsts[:, c], run)]
        places = self._places(moving)
        basis = np.empty((self.size, len(begins)))
        self._functions(np.ascontiguousarray(firsts.T), basis)
        basis[places] = 0.0
        staying = self.transposed @ basis
        variance = np.square(staying).sum(axis=0)
        factor = self.transposed[:, places]
        product, square = 2.0 * (factor.T @ staying), factor.T @ factor
        error = np.empty(len(matrix))
        for rows in chunks(len(matrix)):
            part = self._functions_of(moving, matrix[rows])
            total = square @ part
            total += product.take(run[rows], axis=1)
            total *= part
            total_variance = total.sum(axis=0) + variance.take(run[rows])
            error[rows] = np.sqrt(np.maximum(total_variance, 0.0))
        return error

    def _places(self, positions: Sequence[int]) -> list[int]:
        """Where the basis functions of some terms stand: their ramps, then their unknown values."""
        ramps = [i for p in positions for i in range(self.slices[p].start, self.slices[p].stop)]
        return [*ramps, *(len(self.lefts) + p for p in positions)]

    def _functions_of(self, positions: Sequence[int], matrix: FloatArray) -> FloatArray:
        """Basis functions of some terms, shape ``(places, rows)``, in the order of `_places`."""
        found = np.empty((len(self._places(positions)), len(matrix)))
        begin = 0
        for number, position in enumerate(positions, start=len(found) - len(positions)):
            column, ramps = np.ascontiguousarray(matrix[:, position]), self.slices[position]
            own = found[begin : begin + ramps.stop - ramps.start]
            self._ramps(column, ramps, own)
            found[number] = unknown = np.isnan(column)
            if unknown.any():
                np.copyto(own, 0.0, where=unknown)
            begin += len(own)
        return found

    def _functions(self, columns: FloatArray, out: FloatArray) -> None:
        """All basis functions of a chunk given as ``(F, rows)`` into ``out``, ``(P, rows)``."""
        unknown = np.isnan(columns)
        for position, ramps in enumerate(self.slices):
            self._ramps(columns[position], ramps, out[ramps])
            if unknown[position].any():
                np.copyto(out[ramps], 0.0, where=unknown[position])
        out[len(self.lefts) : -1] = unknown
        out[-1] = 1.0

    def _needed_functions(self, columns: FloatArray, out: FloatArray) -> NDArray[np.intp]:
        """What `_strips` is multiplied with, into ``out``; the terms that have unknown values.

        Ramps are not centred, and where a value is unknown they are their centre, since the offset
        takes the centres off.
        """
        unknown = np.isnan(columns)
        some = np.flatnonzero(unknown.any(axis=1))
        for position, ramps in enumerate(self.slices):
            self._clipped(columns[position], ramps, out[ramps])
        for position in some.tolist():
            ramps = self.slices[position]
            np.copyto(out[ramps], self.centres[ramps, None], where=unknown[position])
        end = len(self.lefts) + len(some)
        out[len(self.lefts) : end] = unknown[some]
        out[end] = 1.0
        return some

    def _ramps(self, column: FloatArray, ramps: slice, out: FloatArray) -> None:
        """Centred ramps of one term into ``out``, shape ``(segments, rows)``."""
        self._clipped(column, ramps, out)
        out -= self.centres[ramps, None]

    def _clipped(self, column: FloatArray, ramps: slice, out: FloatArray) -> None:
        """The same, not centred."""
        np.subtract(column, self.lefts[ramps, None], out=out)
        np.maximum(out, 0.0, out=out)
        np.minimum(out, self.widths[ramps, None], out=out)

    def term_standard_error(self, position: int, x: FloatArray) -> FloatArray:
        """Standard error of one centred term at each known ``x``."""
        ramps = self.slices[position]
        basis = np.empty((ramps.stop - ramps.start, len(x)))
        self._ramps(x, ramps, basis)
        error: FloatArray = np.sqrt(np.square(self.transposed[:, ramps] @ basis).sum(axis=0))
        return error


def _moves(column: FloatArray, first: FloatArray, run: NDArray[np.intp]) -> bool:
    """Whether a column is anywhere other than on the first row of its run."""
    same = column == first.take(run)
    if same.all():
        return False
    return not np.isnan(column[~same]).all() or not np.isnan(first[run[~same]]).all()


def _ramp_slices(terms: Sequence[Term]) -> tuple[slice, ...]:
    """Per term its rows in the block of ramps."""
    ends = np.cumsum([0, *(len(term.knots) - 1 for term in terms)]).tolist()
    return tuple(slice(a, b) for a, b in pairwise(ends))


def _reorder(terms: Sequence[Term]) -> list[int]:
    """Stored positions (intercept first, then term by term) in the order of `CovarianceErrors`."""
    ramps: list[int] = []
    unknown: list[int] = []
    position = 1
    for term in terms:
        last = position + len(term.knots) - 1
        ramps += range(position, last)
        unknown.append(last)
        position = last + 1
    return [*ramps, *unknown, 0]


def _joined(rows: Any) -> FloatArray:
    return np.array([number for row in rows for number in row], dtype=np.float64)
