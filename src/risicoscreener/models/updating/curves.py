"""The terms of a program as increments between their knots, for refitting them where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from risicoscreener.models.estimators.splines import RampBasis
from risicoscreener.models.piecewise import Piecewise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.terms import Term

STIFF = 1e8
"""Penalty on what may not move: the flat stretches of a step function."""


@dataclass(frozen=True)
class Curves:
    """Terms as ``intercept + design @ coefficients``.

    Per term there is a coefficient for each segment between neighbouring knots (the increment
    over it; of a knot given twice, the jump) and one for an unknown value. Ramps are centred, as
    in `Uncertainty`.

    Attributes
    ----------
    coefficients
        ``(P,)``: those of the terms as they are.
    intercept
        What the terms add at the centre: part of the intercept of a program on centred ramps.
    """

    terms: tuple[Term, ...]
    centres: tuple[FloatArray, ...]
    coefficients: FloatArray
    intercept: float

    @classmethod
    def of(
        cls,
        terms: Sequence[Term],
        x: FloatArray,
        weight: FloatArray,
        around: Sequence[Sequence[float]] | None = None,
    ) -> Curves:
        """The terms around given centres, or around their means in ``x``, shape ``(n, F)``."""
        centres, coefficients, intercept = [], [], 0.0
        for place, (term, column) in enumerate(zip(terms, x.T, strict=True)):
            given = None if around is None else np.array(around[place], dtype=float)
            centre = _means(term.knots, column, weight) if given is None else given
            increments = np.diff(term.values)
            shift = term.values[0] + float(centre @ increments)
            centres.append(centre)
            coefficients += [*increments, term.missing - shift]
            intercept += shift
        return cls(tuple(terms), tuple(centres), np.array(coefficients, dtype=float), intercept)

    @property
    def size(self) -> int:
        """Number of coefficients ``P``."""
        return len(self.coefficients)

    @property
    def starts(self) -> list[int]:
        """Per term the place of its first coefficient."""
        widths = [len(centre) + 1 for centre in self.centres]
        return [0, *np.cumsum(widths)[:-1].tolist()]

    def design(self, x: FloatArray) -> FloatArray:
        """The design matrix ``(n, P)`` of an ``(n, F)`` matrix."""
        columns = np.zeros((len(x), self.size))
        for term, centre, start, column in zip(
            self.terms, self.centres, self.starts, x.T, strict=True
        ):
            unknown = np.isnan(column)
            block = _ramps(term.knots, column) - centre
            block[unknown] = 0.0
            columns[:, start : start + len(centre)] = block
            columns[unknown, start + len(centre)] = 1.0
        return columns

    def penalty(self, shrinkage: float, smoothness: float) -> FloatArray:
        """The penalty of `RampBasis`; a term with jumps moves at its jumps only."""
        basis = RampBasis(tuple(np.array(term.knots) for term in self.terms), self.centres)
        s = basis.penalty(shrinkage, smoothness)[1:, 1:]
        for term, start in zip(self.terms, self.starts, strict=True):
            jumps = np.diff(term.knots) == 0
            if jumps.any():
                m = int(jumps.sum())
                block = slice(start, start + len(jumps))
                s[block, block] = np.diag(np.where(jumps, shrinkage * m, STIFF))
        return s

    def bounds(self, directions: Mapping[str, int]) -> tuple[FloatArray, FloatArray]:
        """Bounds of the coefficients for directions -1, 0 or 1 by name of feature."""
        lower, upper = np.full(self.size, -np.inf), np.full(self.size, np.inf)
        for term, centre, start in zip(self.terms, self.centres, self.starts, strict=True):
            direction = directions.get(term.feature, 0)
            segments = slice(start, start + len(centre))
            if direction > 0:
                lower[segments] = 0.0
            elif direction < 0:
                upper[segments] = 0.0
        return lower, upper

    def rebuilt(
        self, coefficients: FloatArray, x: FloatArray, weight: FloatArray
    ) -> tuple[Term, ...]:
        """The terms with other coefficients; their reference is their mean in ``x``."""
        terms = []
        for term, centre, start, column in zip(
            self.terms, self.centres, self.starts, x.T, strict=True
        ):
            increments = coefficients[start : start + len(centre)]
            missing = float(coefficients[start + len(centre)])
            values = np.concatenate([[0.0], np.cumsum(increments)]) - centre @ increments
            found = Piecewise(term.knots, values.tolist(), term.feature).many(column)
            found = np.where(np.isnan(column), missing, found)
            terms.append(
                msgspec.structs.replace(
                    term,
                    values=tuple(values.tolist()),
                    missing=missing,
                    reference=float(weight @ found / weight.sum()),
                )
            )
        return tuple(terms)


def _means(knots: Sequence[float], x: FloatArray, weight: FloatArray) -> FloatArray:
    """Weighted mean of each ramp over the known values; 0 if there are none."""
    known = ~np.isnan(x)
    if not known.any():
        return np.zeros(len(knots) - 1)
    found: FloatArray = np.average(_ramps(knots, x[known]), axis=0, weights=weight[known])
    return found


def _ramps(knots: Sequence[float], x: FloatArray) -> FloatArray:
    """Per segment 0 left of it, 1 right of it, linear in between; at a jump the right value."""
    count = len(knots)
    columns = [Piecewise(knots, np.tri(count)[:, j].tolist()).many(x) for j in range(1, count)]
    return np.column_stack(columns) if columns else np.zeros((len(x), 0))
