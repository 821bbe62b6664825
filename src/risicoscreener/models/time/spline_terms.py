"""Coefficients of a `RampBasis` as the terms of a scoring program, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.errors import ModelError
from risicoscreener.models.terms import Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.estimators.splines import RampBasis
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram


def terms_of(
    basis: RampBasis, coefficients: FloatArray, references: FloatArray, names: Sequence[str]
) -> tuple[Term, ...]:
    """The terms of coefficients ``(P,)``, intercept first.

    Parameters
    ----------
    references
        ``(F,)``, mean of each term in the training data.
    """
    terms = []
    for position, name in enumerate(names):
        values, missing = knot_values(basis, coefficients, position)
        terms.append(
            Term(
                feature=name,
                knots=tuple(basis.knots[position].tolist()),
                values=tuple(values.tolist()),
                missing=missing,
                reference=float(references[position]),
            )
        )
    return tuple(terms)


def knot_values(
    basis: RampBasis, coefficients: FloatArray, position: int
) -> tuple[FloatArray, float]:
    """Value of a term at each knot, and for an unknown value."""
    start, centre = basis.starts[position], basis.centres[position]
    increments = coefficients[start : start + len(centre)]
    values = np.concatenate([[0.0], np.cumsum(increments)]) - centre @ increments
    return values, float(coefficients[start + len(centre)])


def mean_terms(
    basis: RampBasis, coefficients: FloatArray, x: FloatArray, weight: FloatArray
) -> FloatArray:
    """Weighted mean of each term, ``(F,)``."""
    means = []
    for position, column in enumerate(x.T):
        values, missing = knot_values(basis, coefficients, position)
        term = np.interp(column, basis.knots[position], values)
        means.append(np.average(np.where(np.isnan(column), missing, term), weights=weight))
    return np.array(means)


def coefficients_of(program: ScoringProgram, basis: RampBasis) -> FloatArray:
    """The coefficients ``(P,)`` on a basis with the knots of a program: the way back.

    Raises
    ------
    ModelError
        For a program with pairs or a jump, which no ramps make.
    """
    if program.pairs or any(len(set(t.knots)) < len(t.knots) for t in program.terms):
        raise ModelError(
            f"a program with a jump or a pair of features ({', '.join(program.features)}) cannot "
            "be continued; give one of splines."
        )
    coefficients = np.zeros(basis.size)
    coefficients[0] = program.intercept
    for term, start, centre in zip(program.terms, basis.starts, basis.centres, strict=True):
        increments = np.diff(term.values)
        mean = term.values[0] + centre @ increments
        coefficients[start : start + len(centre)] = increments
        coefficients[start + len(centre)] = term.missing - mean
        coefficients[0] += mean
    return coefficients
