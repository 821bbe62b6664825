"""Rubin's rules: one answer of fits on several completed data sets, with one covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import Calibration, Identity, Logistic
from risicoscreener.models.covariance import Uncertainty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.missing.imputation import Imputations
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.models.terms import Term


@dataclass(frozen=True)
class Pooled:
    """Pooled coefficients.

    Attributes
    ----------
    estimate, covariance
        ``(P,)`` and ``(P, P)``: mean over the imputations, and its total covariance.
    within, between
        Covariance within an imputation (mean), and between them.
    m
        Number of imputations.
    relative_increase
        ``(P,)``: by how much what is missing adds to the variance, as a share of ``within``.
    degrees_of_freedom
        ``(P,)``, of Student's t (Rubin 1987; Barnard and Rubin 1999 if those of the complete data
        are given).
    missing_information
        ``(P,)``: fraction of the information that is missing.
    """

    estimate: FloatArray
    covariance: FloatArray
    within: FloatArray
    between: FloatArray
    m: int
    relative_increase: FloatArray
    degrees_of_freedom: FloatArray
    missing_information: FloatArray

    @property
    def standard_error(self) -> FloatArray:
        """Standard error of each coefficient."""
        error: FloatArray = np.sqrt(np.diag(self.covariance))
        return error

    def intervals(self, level: float = 0.95) -> FloatArray:
        """Interval of each coefficient, ``(P, 2)``."""
        from scipy.stats import t

        half = t.ppf(0.5 + level / 2.0, self.degrees_of_freedom) * self.standard_error
        return np.column_stack([self.estimate - half, self.estimate + half])


def pool(
    estimates: npt.ArrayLike,
    covariances: npt.ArrayLike,
    *,
    complete_degrees_of_freedom: float | None = None,
) -> Pooled:
    """Rubin's rules (Rubin 1987, section 3.1).

    Parameters
    ----------
    estimates
        ``(m, P)``: the coefficients of each imputation.
    covariances
        ``(m, P, P)``.
    complete_degrees_of_freedom
        Residual degrees of freedom if nothing were missing; None is infinite.

    Raises
    ------
    ModelError
        For fewer than two imputations, other shapes, or a variance that is not positive.
    """
    each, within_each = np.asarray(estimates, np.float64), np.asarray(covariances, np.float64)
    if each.ndim != 2 or len(each) < 2 or within_each.shape != (*each.shape, each.shape[1]):
        raise ModelError(
            f"estimates {each.shape} and covariances {within_each.shape} were given; expected "
            "(m, P) and (m, P, P) with m at least 2."
        )
    m = len(each)
    within = within_each.mean(axis=0)
    if not (np.diag(within) > 0).all():
        raise ModelError("a coefficient has a variance that is not positive; fit it again.")
    between = np.atleast_2d(np.cov(each, rowvar=False, ddof=1))
    total = within + (1.0 + 1.0 / m) * between
    added = (1.0 + 1.0 / m) * np.diag(between)
    increase = added / np.diag(within)
    freedom = _degrees_of_freedom(added / np.diag(total), m, complete_degrees_of_freedom)
    missing = (increase + 2.0 / (freedom + 3.0)) / (1.0 + increase)
    return Pooled(each.mean(axis=0), total, within, between, m, increase, freedom, missing)


def _degrees_of_freedom(share: FloatArray, m: int, complete: float | None) -> FloatArray:
    with np.errstate(divide="ignore"):
        inverse = np.square(share) / (m - 1)
        if complete is not None:
            observed = (complete + 1.0) / (complete + 3.0) * complete * (1.0 - share)
            inverse = inverse + 1.0 / observed
        freedom: FloatArray = 1.0 / inverse
    return freedom


# -- programs ------------------------------------------------------------------------------------


def fit_pooled(
    estimator: Any,
    imputations: Imputations,
    y: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
) -> ScoringProgram:
    """Fit an estimator on each completed frame, with the same knots, and pool the programs.

    Parameters
    ----------
    estimator
        Unfitted `SplineLogisticClassifier`. The knots are those of a fit on the first frame.
    y, sample_weight, groups
        As for its ``fit``.

    Returns
    -------
    ScoringProgram
        See `pool_programs`. A feature of which every missing value was filled in has learnt
        nothing about being unknown: a person with such a value gets the mean of the term with the
        wide interval of its prior. `PatternSubmodels` serve such people better.
    """
    from sklearn.base import clone

    options: dict[str, Any] = {"sample_weight": sample_weight, "groups": groups}
    first, *others = imputations.frames
    programs = [clone(estimator).fit(first, y, **options).lower()]
    knots = [term.knots for term in programs[0].terms]
    for frame in others:
        again = clone(estimator).set_params(knots=knots)
        programs.append(again.fit(frame, y, **options).lower())
    return pool_programs(programs)


def pool_programs(programs: Sequence[ScoringProgram]) -> ScoringProgram:
    """The average of programs on the same knots, with Rubin's covariance.

    Coefficients are pooled before calibration; the intercept and slope of logistic maps are
    averaged. The interval takes the normal quantile: with 20 imputations the degrees of freedom
    of a linear predictor are so many that it hardly matters.

    Parameters
    ----------
    programs
        Two or more, each with a covariance.

    Raises
    ------
    ModelError
        If the programs do not have the same features, knots and link, or lack a covariance.
    """
    _check_alike(programs)
    uncertainties = [p.uncertainty for p in programs]
    centres = [
        np.mean([u.centres[i] for u in uncertainties], axis=0)  # type: ignore[union-attr]
        for i in range(len(programs[0].terms))
    ]
    moved = [_recentred(program, centres) for program in programs]
    pooled = pool([m.coefficients for m in moved], [m.covariance for m in moved])
    first = programs[0]
    root = np.asarray(np.linalg.cholesky(pooled.covariance), np.float64)
    level = first.uncertainty.level if first.uncertainty is not None else 0.95
    return msgspec.structs.replace(
        first,
        intercept=float(pooled.estimate[0]),
        terms=tuple(_mean_term([m.terms[i] for m in moved]) for i in range(len(programs[0].terms))),
        calibration=_mean_calibration([p.calibration for p in programs]),
        uncertainty=Uncertainty.from_factor(root, [c.tolist() for c in centres], level),
    )


@dataclass(frozen=True)
class _Recentred:
    """A program whose ramps are centred at given means: the same function, other coefficients."""

    coefficients: FloatArray
    covariance: FloatArray
    terms: tuple[Term, ...]


def _recentred(program: ScoringProgram, centres: Sequence[FloatArray]) -> _Recentred:
    """Move what the centres of the ramps take away from the terms to the intercept."""
    assert isinstance(program.uncertainty, Uncertainty)
    factor = program.uncertainty.matrix
    transform = np.eye(len(factor))
    coefficients, terms, position = [program.intercept], [], 1
    for term, new, old in zip(program.terms, centres, program.uncertainty.centres, strict=True):
        increments, moved = np.diff(term.values), new - np.array(old)
        last = position + len(increments)
        transform[0, position:last] = moved
        transform[last, position:last] = -moved
        coefficients += [*increments.tolist(), term.missing]
        shift = float(moved @ increments)
        terms.append(
            msgspec.structs.replace(
                term,
                values=tuple(value - shift for value in term.values),
                missing=term.missing - shift,
                reference=term.reference - shift,
            )
        )
        position = last + 1
    root = transform @ factor
    return _Recentred(transform @ np.array(coefficients), root @ root.T, tuple(terms))


def _mean_term(terms: Sequence[Term]) -> Term:
    return msgspec.structs.replace(
        terms[0],
        values=tuple(np.mean([t.values for t in terms], axis=0).tolist()),
        missing=float(np.mean([t.missing for t in terms])),
        reference=float(np.mean([t.reference for t in terms])),
    )


def _mean_calibration(maps: Sequence[Calibration]) -> Calibration:
    lines = [(c.intercept, c.slope) for c in maps if isinstance(c, Logistic)]
    if all(isinstance(c, Identity) for c in maps):
        return Identity()
    if len(lines) < len(maps):
        raise ModelError("only programs with a logistic map, or all without a map, can be pooled.")
    intercept, slope = np.mean(lines, axis=0)
    return Logistic(float(intercept), float(slope))


def _check_alike(programs: Sequence[ScoringProgram]) -> None:
    if len(programs) < 2:
        raise ModelError("pooling needs two or more programs.")
    first = programs[0]
    for program in programs:
        if not isinstance(program.uncertainty, Uncertainty):
            raise ModelError("a program to be pooled needs a covariance; fit it with one.")
        same = program.features == first.features and program.link == first.link
        if not same or any(
            a.knots != b.knots for a, b in zip(program.terms, first.terms, strict=True)
        ):
            raise ModelError("programs to be pooled need the same features, knots and link.")
