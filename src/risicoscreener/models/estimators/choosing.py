"""The family of penalties of a spline logistic, three ways to choose among them, and the doubt.

Each way makes one fit per part of the data with a middle penalty; the fits with the others follow
from its quadratic expansion, so that a wide grid costs little more than one fit. The same fits say
how far the coefficients depend on the choice (`spread_over_penalties`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy.linalg import cholesky

from risicoscreener.models.estimators.groups import Groups
from risicoscreener.models.estimators.penalised import (
    Expansion,
    Sample,
    covariance_factor,
    first_guess,
)

if TYPE_CHECKING:
    from risicoscreener.models.estimators.splines import RampBasis
    from risicoscreener.models.piecewise import FloatArray

SHRINKAGES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
SMOOTHNESSES = (0.0, 0.01, 0.1, 1.0)
PILOT = (1.0, 0.03)
PATH = tuple(np.geomspace(1.0, 0.003, 10).tolist())
"""Shrinkages of the elastic net, as parts of the least one that leaves no feature at all."""

LEAST_IMPORTANCE = 0.01
"""Part of the largest term of a pilot fit that a smaller one counts as, at least."""

LEAST_CHANCE = 1e-4
"""A penalty that is less probable than this beside the others adds nothing to the doubt."""

Layout = Literal["knots", "people"]
LAYOUTS: tuple[Layout, ...] = ("knots", "people")


class Pair(NamedTuple):
    """Weights of a penalty, and what counts as the distance between knots in it.

    ``knots``: all segments are as wide. ``people``: a segment is as wide as the share of the
    people in it, so that a term may turn quickly where many are and hardly where few are.
    """

    shrinkage: float
    smoothness: float
    layout: Layout = "knots"


@dataclass(frozen=True)
class Penalty:
    """A quadratic penalty and, for the elastic net, the norms of groups."""

    quadratic: FloatArray
    groups: Groups | None = None

    def as_quadratic(self, coefficients: FloatArray) -> FloatArray:
        """The quadratic penalty with the same gradient; infinite for features that left."""
        if self.groups is None:
            return self.quadratic
        return self.quadratic + np.diag(self.groups.as_ridge(coefficients))

    def covariance_factor(self, coefficients: FloatArray, information: FloatArray) -> FloatArray:
        """Lower-triangular factor of the posterior covariance; 0 for features that left."""
        if self.groups is None:
            return covariance_factor(information, self.quadratic)
        present = np.flatnonzero(self.groups.present(coefficients))
        block = np.ix_(present, present)
        factor = np.zeros_like(information)
        factor[block] = covariance_factor(
            information[block], self.as_quadratic(coefficients)[block]
        )
        return factor

    def effective_parameters(self, coefficients: FloatArray, information: FloatArray) -> float:
        """Trace of the hat matrix (Gray 1992): parameters that the penalty leaves free."""
        factor = self.covariance_factor(coefficients, information)
        return float(np.einsum("ij,ik,kj->", factor, information, factor, optimize=True))


@dataclass(frozen=True)
class PenaltyFamily:
    """The penalties with one basis and one share of the group lasso.

    All columns of a feature (its ramps and its unknown value) form a group, so that a feature
    leaves as a whole and not by single segments, which would be a choice of knots. The size of
    a group is measured as the shrinkage does, so that it hardly depends on the number of knots.
    Groups have weights inverse to their size in a pilot fit (adaptive: Zou 2006; Wang and Leng
    2008), so that what is large is shrunk less than what is small.
    """

    basis: RampBasis
    l1_ratio: float = 0.0
    people: tuple[FloatArray, ...] | None = None

    @property
    def pilot(self) -> FloatArray:
        """The quadratic penalty in the middle of the grid."""
        return self.basis.penalty(*PILOT)

    def at(self, pair: Pair | tuple[float, float], importance: FloatArray | None = None) -> Penalty:
        """The penalty with this shrinkage, smoothness and layout.

        Parameters
        ----------
        importance
            Per feature the size of its term in a pilot fit; not needed without group lasso.
        """
        shrinkage, smoothness, layout = Pair(*pair)
        widths = self._widths(layout)
        quadratic = self.basis.penalty(shrinkage * (1.0 - self.l1_ratio), smoothness, widths)
        if self.l1_ratio == 0:
            return Penalty(quadratic)
        assert importance is not None
        return Penalty(quadratic, self._groups(shrinkage * self.l1_ratio, importance, layout))

    def _widths(self, layout: Layout) -> tuple[FloatArray, ...] | None:
        return self.people if layout == "people" else None

    def _groups(self, size: float, importance: FloatArray, layout: Layout = "knots") -> Groups:
        """The groups of all features, and the intercept (first) without a penalty."""
        widths = [1, *(segments + 1 for segments in self.basis.segments)]
        largest = float(importance.max(initial=0.0))
        floored = np.maximum(importance, LEAST_IMPORTANCE * largest) if largest > 0 else 1.0
        weight = size * np.mean(importance) / floored if largest > 0 else size
        weights = np.broadcast_to(weight, importance.shape)
        ridge = np.diag(self.basis.penalty(1.0, 0.0, self._widths(layout)))
        return Groups(
            np.repeat(np.arange(len(widths)), widths),
            np.sqrt([1.0, *ridge[1:]]),
            np.concatenate([[0.0], weights]),
        )

    def importance(self, coefficients: FloatArray) -> FloatArray | None:
        """Per feature the size of its term, for the weights of the groups; None without groups."""
        if self.l1_ratio == 0:
            return None
        groups = self._groups(1.0, np.ones(len(self.basis.segments)))
        return groups.norms(groups.scale * coefficients)[1:]

    def grid(
        self,
        shrinkage: float | None,
        smoothness: float | None,
        sample: Sample,
        importance: FloatArray | None,
        layouts: Sequence[Layout] = ("knots",),
    ) -> list[Pair]:
        """The pairs to choose from; a value that is given is kept."""
        smoothnesses = SMOOTHNESSES if smoothness is None else (smoothness,)
        found: list[Pair] = []
        for layout in layouts:
            shrinkages = self._shrinkages(shrinkage, sample, importance, layout)
            found += [Pair(*pair, layout) for pair in product(shrinkages, smoothnesses)]
        return found

    def _shrinkages(
        self,
        given: float | None,
        sample: Sample,
        importance: FloatArray | None,
        layout: Layout,
    ) -> Sequence[float]:
        if given is not None:
            return (given,)
        if importance is None:
            return SHRINKAGES
        least = self._least_that_leaves_none(sample, importance, layout)
        return [least * part for part in PATH]

    def _least_that_leaves_none(
        self, sample: Sample, importance: FloatArray, layout: Layout
    ) -> float:
        groups = self._groups(self.l1_ratio, importance, layout)
        gradient, _ = sample.expansion(first_guess(sample))
        pull = groups.norms(gradient / groups.scale)[1:] / groups.weight[1:]
        return max(float(pull.max(initial=0.0)), 1e-3)


def path(
    expansion: Expansion, family: PenaltyFamily, grid: Sequence[Pair]
) -> list[tuple[Penalty, FloatArray]]:
    """Penalty and coefficients of each pair of the grid, from one expansion."""
    importance = family.importance(expansion.coefficients)
    found: list[tuple[Penalty, FloatArray]] = []
    for penalty in (family.at(pair, importance) for pair in grid):
        near = found[-1][1] if found else None
        found.append((penalty, expansion.fit(penalty.quadratic, penalty.groups, near)))
    return found


def coefficients_of(
    expansion: Expansion, family: PenaltyFamily, grid: Sequence[Pair]
) -> FloatArray:
    """Coefficients ``(P, pairs)``."""
    return np.column_stack([found for _, found in path(expansion, family, grid)])


def held_out_deviance(
    folds: Sequence[Expansion],
    shares: FloatArray,
    family: PenaltyFamily,
    grid: Sequence[Pair],
) -> FloatArray:
    """Half the deviance of what each fold holds out, ``(folds, pairs)``."""
    scores = [
        fold.sample.only(share).deviance(coefficients_of(fold, family, grid))
        for fold, share in zip(folds, shares.T, strict=True)
    ]
    return np.array(scores)


def corrected_deviance(
    whole: Expansion,
    resampled: FloatArray,
    family: PenaltyFamily,
    grid: Sequence[Pair],
) -> FloatArray:
    """Half the deviance of each pair, corrected for optimism by the bootstrap.

    Fits to each bootstrap sample are judged on that sample and on the data; the mean of the
    difference is the optimism, and is added to the apparent deviance (Efron 1983; Harrell, Lee
    and Mark 1996).

    Parameters
    ----------
    resampled
        ``(n, replicates)``: weight of each row in each bootstrap sample.
    """
    sample = whole.sample
    optimism = np.zeros(len(grid))
    for weight in resampled.T:
        drawn = sample.only(weight)
        around = Expansion.around_pilot(drawn, family.pilot, whole.coefficients)
        fits = coefficients_of(around, family, grid)
        optimism += sample.deviance(fits) - drawn.deviance(fits)
    apparent = sample.deviance(coefficients_of(whole, family, grid))
    return np.asarray(apparent + optimism / resampled.shape[1])


def information_criterion(
    whole: Expansion, family: PenaltyFamily, grid: Sequence[Pair]
) -> FloatArray:
    """Half of Akaike's criterion with effective parameters (Gray 1992), of each pair."""
    return np.array(
        [
            float(whole.sample.deviance(found))
            + penalty.effective_parameters(found, whole.information)
            for penalty, found in path(whole, family, grid)
        ]
    )


# -- the doubt about the penalty -----------------------------------------------------------------


def spread_over_penalties(
    whole: Expansion, family: PenaltyFamily, grid: Sequence[Pair], chosen: Pair
) -> FloatArray:
    """How far the coefficients depend on the penalty, ``(P, k)``: ``R @ R.T`` adds to a covariance.

    It is the mean of ``(b_k - b)(b_k - b)'`` over the penalties of the grid, each as probable as
    its marginal likelihood (Laplace) makes it, with ``b`` the coefficients with the chosen one.
    So it is the second term of the covariance of Kass and Steffey (1989), as Wood, Pya and
    Säfken (2016) use it for smooth models, summed over a grid instead of linearised. Only for
    penalties without group lasso.
    """
    penalties = [family.at(pair).quadratic for pair in grid]
    found = [whole.fit(penalty) for penalty in penalties]
    evidence = np.array([_log_evidence(whole, *one) for one in zip(penalties, found, strict=True)])
    chance = np.exp(evidence - evidence.max())
    chance /= chance.sum()
    at = whole.fit(family.at(chosen).quadratic)
    kept = np.flatnonzero(chance > LEAST_CHANCE)
    apart = np.array(found)[kept] - at
    return np.asarray((np.sqrt(chance[kept])[:, None] * apart).T)


def _log_evidence(whole: Expansion, quadratic: FloatArray, b: FloatArray) -> float:
    """Log marginal likelihood of a penalty taken as the prior, but for a constant (Laplace)."""
    prior = _log_determinant(quadratic[1:, 1:])  # the intercept has none
    posterior = _log_determinant(whole.information + quadratic)
    fitted = float(whole.sample.deviance(b)) + float(b @ quadratic @ b) / 2.0
    return (prior - posterior) / 2.0 - fitted


def _log_determinant(matrix: FloatArray) -> float:
    root = cholesky(matrix, lower=True, check_finite=False)
    return 2.0 * float(np.log(np.diag(root)).sum())


def widened(factor: FloatArray, spread: FloatArray) -> FloatArray:
    """Lower-triangular factor of the covariance ``factor @ factor.T + spread @ spread.T``."""
    upper: FloatArray = np.linalg.qr(np.hstack([factor, spread]).T).R
    signs = np.where(np.diag(upper) < 0.0, -1.0, 1.0)
    return np.tril((upper * signs[:, None]).T)
