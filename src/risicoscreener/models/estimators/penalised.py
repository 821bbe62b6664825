"""Penalised logistic regression by Newton's method.

The loss is ``sum(w * log loss) + b' S b / 2`` with a penalty matrix ``S``, and the norms of
groups of coefficients if there are any (elastic net). Bounds on the coefficients (monotone terms)
make each Newton step a small bounded least-squares problem, groups one of the group lasso.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular
from scipy.optimize import lsq_linear
from scipy.special import expit

from risicoscreener.errors import ModelError
from risicoscreener.models.estimators.groups import Groups, minimise_with_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray

BLOCK_ROWS = 20_000
MAX_STEPS = 100


@dataclass(frozen=True)
class Sample:
    """Design matrix ``(n, P)``, outcome 0 or 1 and weight of each row."""

    design: FloatArray
    outcome: FloatArray
    weight: FloatArray

    def reweighted(self, weight: FloatArray) -> Sample:
        """Give the rows other weights; they are not copied."""
        return Sample(self.design, self.outcome, weight)

    def only(self, weight: FloatArray) -> Sample:
        """Give the rows other weights and copy those that are not 0."""
        chosen = weight > 0
        return Sample(self.design[chosen], self.outcome[chosen], weight[chosen])

    def deviance(self, coefficients: FloatArray) -> FloatArray | float:
        """Half the weighted deviance, for coefficients ``(P,)`` or ``(P, k)``."""
        lp = self.design @ coefficients
        loss = np.logaddexp(0.0, lp) - (self.outcome * lp.T).T
        half: FloatArray = self.weight @ loss
        return half

    def expansion(self, coefficients: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient ``(P,)`` and Hessian ``(P, P)`` of half the deviance."""
        size = self.design.shape[1]
        gradient, hessian = np.zeros(size), np.zeros((size, size))
        for start in range(0, len(self.design), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            block = self.design[rows]
            probability = expit(block @ coefficients)
            gradient += block.T @ (self.weight[rows] * (probability - self.outcome[rows]))
            spread = self.weight[rows] * probability * (1.0 - probability)
            rooted = block * np.sqrt(spread)[:, None]
            hessian += rooted.T @ rooted
        return gradient, hessian


@dataclass(frozen=True)
class Bounds:
    """Lower and upper bound of each coefficient."""

    lower: FloatArray
    upper: FloatArray

    @classmethod
    def none(cls, size: int) -> Bounds:
        """No bounds on ``size`` coefficients."""
        return cls(np.full(size, -np.inf), np.full(size, np.inf))

    @property
    def free(self) -> bool:
        """Nothing is bounded."""
        return bool(np.isinf(self.lower).all() and np.isinf(self.upper).all())


@dataclass(frozen=True)
class Fit:
    """Coefficients at the optimum, with the Hessian of half the deviance there."""

    coefficients: FloatArray
    information: FloatArray
    steps: int


def fit_penalised(
    sample: Sample,
    penalty: FloatArray,
    bounds: Bounds,
    start: FloatArray | None = None,
    tolerance: float = 1e-10,
    groups: Groups | None = None,
) -> Fit:
    """Coefficients that minimise the penalised loss within the bounds.

    Parameters
    ----------
    penalty
        The matrix ``S``.
    groups
        The groups of coefficients whose norms are penalised too.
    start
        First guess; without it all zero but for the intercept (column 0).
    tolerance
        Stops when a step can lower the loss by less than this share of it.

    Raises
    ------
    ModelError
        If `MAX_STEPS` steps do not suffice.
    """
    b = first_guess(sample) if start is None else start.copy()
    b = np.clip(b, bounds.lower, bounds.upper)
    penalised = _Loss(sample, penalty, groups)
    loss = penalised(b)
    for step in range(MAX_STEPS):
        gradient, information = sample.expansion(b)
        slope = gradient + penalty @ b
        hessian = information + penalty
        direction = minimise_quadratic(hessian, slope, b, bounds, groups) - b
        decrease = -float(slope @ direction) + penalised.norm(b) - penalised.norm(b + direction)
        if decrease <= tolerance * (abs(loss) + 1.0):
            return Fit(b + direction, information, step)  # the last digits are free
        b, loss = _line_search(penalised, (b, loss), direction, decrease)
    raise ModelError(
        f"the fit did not converge in {MAX_STEPS} steps; raise the shrinkage, or look for a "
        "feature that separates the outcome."
    )


def first_guess(sample: Sample) -> FloatArray:
    """All coefficients zero but the intercept, which gives the prevalence."""
    b = np.zeros(sample.design.shape[1])
    events = float(sample.weight @ sample.outcome)
    others = float(sample.weight.sum()) - events
    b[0] = np.log(max(events, 1e-8) / max(others, 1e-8))
    return b


@dataclass(frozen=True)
class _Loss:
    """What a fit minimises, as a function of the coefficients."""

    sample: Sample
    penalty: FloatArray
    groups: Groups | None

    def __call__(self, b: FloatArray) -> float:
        return float(self.sample.deviance(b)) + float(b @ self.penalty @ b) / 2.0 + self.norm(b)

    def norm(self, b: FloatArray) -> float:
        """The part that is not smooth."""
        return 0.0 if self.groups is None else self.groups.value(b)


def _line_search(
    penalised: _Loss,
    reached: tuple[FloatArray, float],
    direction: FloatArray,
    decrease: float,
) -> tuple[FloatArray, float]:
    """The longest of the steps 1, 1/2, 1/4, ... that lowers the loss enough (Armijo)."""
    b, loss = reached
    length = 1.0
    while length > 1e-8:
        candidate = b + length * direction
        found = penalised(candidate)
        if found <= loss - 1e-4 * length * decrease + 1e-12 * abs(loss):
            return candidate, found
        length /= 2.0
    return reached


def minimise_quadratic(
    hessian: FloatArray,
    slope: FloatArray,
    at: FloatArray,
    bounds: Bounds,
    groups: Groups | None = None,
) -> FloatArray:
    """Where the quadratic with this slope and Hessian ``at`` a point is least, within bounds.

    With groups: where the sum of the quadratic and the norms of the groups is.
    """
    if groups is not None:
        limits = (bounds.lower, bounds.upper)
        return minimise_with_groups(hessian, hessian @ at - slope, groups, limits, at)
    free: FloatArray = at - cho_solve(cho_factor(hessian, lower=True), slope)
    if bounds.free or ((free >= bounds.lower) & (free <= bounds.upper)).all():
        return free
    root = cholesky(hessian)  # ||root (b - free)||**2 is the quadratic but for a constant
    solved = lsq_linear(root, root @ free, (bounds.lower, bounds.upper), method="bvls", tol=1e-14)
    found: FloatArray = np.clip(solved.x, bounds.lower, bounds.upper)
    return found


def covariance_factor(information: FloatArray, penalty: FloatArray) -> FloatArray:
    """Lower-triangular ``L`` with ``L @ L.T`` the inverse of ``H = information + penalty``.

    Cholesky of ``H`` with rows and columns reversed gives ``H = U @ U.T`` with ``U``
    upper-triangular, and ``L`` is the transposed inverse of that ``U``.
    """
    hessian = information + penalty
    reversed_root = cholesky(hessian[::-1, ::-1], lower=True)
    inverse = solve_triangular(reversed_root, np.eye(len(hessian)), lower=True)
    return np.tril(inverse[::-1, ::-1].T)


@dataclass(frozen=True)
class Expansion:
    """The quadratic expansion of half the deviance around a fit with a pilot penalty.

    Fits with other penalties follow from it, one linear system each.
    """

    sample: Sample
    coefficients: FloatArray
    information: FloatArray
    target: FloatArray

    @classmethod
    def around_pilot(
        cls, sample: Sample, pilot: FloatArray, start: FloatArray | None = None
    ) -> Expansion:
        """Fit with the pilot penalty and expand there."""
        fit = fit_penalised(sample, pilot, Bounds.none(len(pilot)), start, tolerance=1e-6)
        gradient, information = sample.expansion(fit.coefficients)
        target = information @ fit.coefficients - gradient
        return cls(sample, fit.coefficients, information, target)

    def fit(
        self, penalty: FloatArray, groups: Groups | None = None, near: FloatArray | None = None
    ) -> FloatArray:
        """Coefficients with another penalty, where the expansion and it are least.

        Parameters
        ----------
        near
            A first guess, such as the coefficients with a similar penalty.
        """
        hessian = self.information + penalty
        if groups is None:
            solver = cho_factor(hessian, lower=True, check_finite=False)
            found: FloatArray = cho_solve(solver, self.target, check_finite=False)
            return found
        free = Bounds.none(len(hessian))
        limits = (free.lower, free.upper)
        start = self.coefficients if near is None else near
        return minimise_with_groups(hessian, self.target, groups, limits, start)


def expansions_of_folds(sample: Sample, shares: FloatArray, pilot: FloatArray) -> list[Expansion]:
    """Per fold the expansion of what it does not hold out, which takes no part in it.

    Parameters
    ----------
    shares
        ``(n, folds)``: the part of the weight of each row that a fold holds out.
    """
    kept = (sample.reweighted(sample.weight - share) for share in shares.T)
    return [Expansion.around_pilot(part, pilot) for part in kept]


def cross_validated_deviance(
    sample: Sample,
    shares: FloatArray,
    penalties: Sequence[FloatArray],
    pilot: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Held-out deviance per fold and quadratic penalty, and the coefficients that gave it.

    In each fold one fit is made with the ``pilot`` penalty; the fits with the other penalties
    follow from its quadratic expansion, so a wide grid costs little more than one fit.

    Returns
    -------
    deviance
        ``(folds, penalties)``, half the deviance of the part held out.
    coefficients
        ``(folds, penalties, P)``.
    """
    folds = expansions_of_folds(sample, shares, pilot)
    found = np.array([[fold.fit(penalty) for penalty in penalties] for fold in folds])
    deviance = [
        sample.only(share).deviance(fits.T) for share, fits in zip(shares.T, found, strict=True)
    ]
    return np.array(deviance), found
