"""The group lasso: a penalty that takes whole groups of coefficients to exactly zero.

A quadratic is minimised by accelerated proximal steps, which find the groups that are zero and
the coefficients that rest on a bound, and then by Newton's method on the rest, where the penalty
is smooth, to the last digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve, pinvh

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray

MAX_PROXIMAL_STEPS = 20_000
STEPS_BETWEEN_POLISHES = 25
MAX_NEWTON_STEPS = 10
LEAST_PIVOT = 1e-6
"""Least pivot, as a share of the largest, of a matrix that is taken to be of full rank."""

SLACK = 1e-9
"""Share of a threshold by which a condition of the optimum may be missed for rounding."""


@dataclass(frozen=True)
class Groups:
    """The penalty ``sum over groups of weight * ||scale * coefficients||``.

    A group of one is the lasso (Tibshirani 1996), a larger one the group lasso (Yuan and Lin
    2006); a group of weight 0 is not penalised.

    Attributes
    ----------
    member
        ``(P,)``: the group of each coefficient, from 0.
    scale
        ``(P,)``, positive.
    weight
        ``(G,)``, not negative.
    """

    member: npt.NDArray[np.intp]
    scale: FloatArray
    weight: FloatArray

    def norms(self, scaled: FloatArray) -> FloatArray:
        """Euclidean norm of each group ``(G,)`` of coefficients times their scale."""
        return np.sqrt(np.bincount(self.member, np.square(scaled), len(self.weight)))

    def value(self, coefficients: FloatArray) -> float:
        """The penalty."""
        return float(self.weight @ self.norms(self.scale * coefficients))

    def present(self, coefficients: FloatArray) -> npt.NDArray[np.bool_]:
        """``(P,)``: the coefficient is of a group that is not zero or not penalised."""
        kept = (self.norms(self.scale * coefficients) > 0) | (self.weight == 0)
        present: npt.NDArray[np.bool_] = kept[self.member]
        return present

    def as_ridge(self, coefficients: FloatArray) -> FloatArray:
        """``(P,)``: the diagonal of the ridge penalty with the same gradient at this point.

        The group lasso is a normal prior whose precision is itself uncertain; this is the
        expected precision given the size of the group (Park and Casella 2008), and the
        local quadratic approximation of Fan and Li (2001). Infinite for a group of zeros.
        """
        norms = self.norms(self.scale * coefficients)
        with np.errstate(divide="ignore", invalid="ignore"):
            precision = np.where(self.weight > 0, self.weight / norms, 0.0)
        return precision[self.member] * np.square(self.scale)


def minimise_with_groups(
    hessian: FloatArray,
    target: FloatArray,
    groups: Groups,
    bounds: tuple[FloatArray, FloatArray],
    start: FloatArray,
) -> FloatArray:
    """Where ``b' hessian b / 2 - target' b`` plus the penalty of the groups is least.

    Parameters
    ----------
    bounds
        Lower and upper bound of each coefficient; of one in a penalised group 0 or infinite.
    start
        First guess.
    """
    scale = groups.scale
    scaled = _Scaled(
        hessian / np.outer(scale, scale),
        target / scale,
        groups,
        (bounds[0] * scale, bounds[1] * scale),
    )
    return scaled.minimise(start * scale) / scale


@dataclass(frozen=True)
class _Scaled:
    """The problem in coefficients times their scale, where groups are Euclidean balls."""

    hessian: FloatArray
    target: FloatArray
    groups: Groups
    bounds: tuple[FloatArray, FloatArray]

    def minimise(self, c: FloatArray) -> FloatArray:
        """Proximal steps with momentum (Beck and Teboulle 2009), restarted where it misleads.

        See O'Donoghue and Candes (2015) for the restart.
        """
        width = self._step_widths()
        threshold = np.zeros(len(self.groups.weight))
        threshold[self.groups.member] = width
        threshold *= self.groups.weight
        c = self._shrunk(c, 0.0 * threshold)
        ahead, momentum = c, 1.0
        for step in range(MAX_PROXIMAL_STEPS):
            if step % STEPS_BETWEEN_POLISHES == 0:
                polished = self._polished(c)
                if polished is not None:
                    return polished
            moved = self._shrunk(ahead - width * self._gradient(ahead), threshold)
            if (ahead - moved) @ ((moved - c) / width) > 0:
                momentum = 1.0
            following = (1.0 + np.sqrt(1.0 + 4.0 * momentum**2)) / 2.0
            ahead = moved + (momentum - 1.0) / following * (moved - c)
            c, momentum = moved, following
        return c

    def _gradient(self, c: FloatArray) -> FloatArray:
        """Gradient of the quadratic."""
        return self.hessian @ c - self.target

    def _step_widths(self) -> FloatArray:
        """``(P,)``: equal within a group, and short enough for all groups at once."""
        largest = np.empty(len(self.groups.weight))
        for group in range(len(largest)):
            own = np.flatnonzero(self.groups.member == group)
            block = self.hessian[np.ix_(own, own)]
            largest[group] = np.linalg.eigvalsh(block)[-1] if len(own) else 0.0
        largest = np.maximum(largest, 1e-10 * largest.max() + 1e-300)
        root = np.sqrt(largest)[self.groups.member]
        together = np.linalg.eigvalsh(self.hessian / np.outer(root, root))[-1]
        return 1.0 / (max(together, 1.0) * root**2)

    def _shrunk(self, c: FloatArray, threshold: FloatArray) -> FloatArray:
        """The proximal map: onto the bounds, then each group towards zero by its threshold."""
        within = np.clip(c, *self.bounds)
        norms = self.groups.norms(within)
        factor = np.where(norms > threshold, 1.0 - threshold / np.maximum(norms, 1e-300), 0.0)
        factor[threshold == 0] = 1.0
        shrunk: FloatArray = within * factor[self.groups.member]
        return shrunk

    def _polished(self, c: FloatArray) -> FloatArray | None:
        """The optimum with the zeros and bounds of ``c``, or None if it is not the optimum."""
        free = self.groups.present(c / self.groups.scale)
        free &= (c > self.bounds[0]) & (c < self.bounds[1])
        if not free.any():
            return c if self._is_optimal(c, free) else None
        for _ in range(MAX_NEWTON_STEPS):
            move = self._newton_step(c, free)
            if np.abs(move).max() <= 1e-12 * (np.abs(c).max() + 1e-300):
                return c + move if self._is_optimal(c + move, free) else None
            moved = self._damped(c, move)
            if moved is None:
                return None
            c = moved
        return None

    def _damped(self, c: FloatArray, move: FloatArray) -> FloatArray | None:
        """The longest of a few halvings of a move that stays within bounds and leads down."""
        value, length = self._value(c), 1.0
        while length > 1e-3:
            moved = c + length * move
            within = ((moved >= self.bounds[0]) & (moved <= self.bounds[1])).all()
            if within and self._value(moved) <= value + 1e-14 * abs(value):
                return moved
            length /= 2.0
        return None

    def _value(self, c: FloatArray) -> float:
        smooth = float(c @ self.hessian @ c) / 2.0 - float(self.target @ c)
        return smooth + float(self.groups.weight @ self.groups.norms(c))

    def _newton_step(self, c: FloatArray, free: npt.NDArray[np.bool_]) -> FloatArray:
        """Newton step of the free coefficients on the quadratic and the norms, smooth there."""
        norms = self.groups.norms(c)
        weight = np.where(norms > 0, self.groups.weight / np.maximum(norms, 1e-300), 0.0)
        pull = weight[self.groups.member]
        together = self.groups.member[:, None] == self.groups.member[None, :]
        unit = c / np.maximum(norms, 1e-300)[self.groups.member]
        bend = np.diag(pull) - together * pull[:, None] * np.outer(unit, unit)
        slope = self._gradient(c) + pull * c
        step = np.zeros_like(c)
        step[free] = _solved((self.hessian + bend)[np.ix_(free, free)], -slope[free])
        return step

    def _is_optimal(self, c: FloatArray, free: npt.NDArray[np.bool_]) -> bool:
        """The conditions of the optimum hold for what is zero or on a bound."""
        gradient = self._gradient(c)
        norms = self.groups.norms(c)
        absent = (norms == 0) & (self.groups.weight > 0)
        inward = np.where(absent[self.groups.member], np.clip(-gradient, *self._cone()), 0.0)
        allowed = self.groups.weight * (1.0 + SLACK)
        if (self.groups.norms(inward) > allowed)[absent].any():
            return False
        resting = ~free & ~absent[self.groups.member]
        slack = SLACK * (np.abs(self.target).max() + 1e-300)
        low = resting & (c <= self.bounds[0])
        high = resting & (c >= self.bounds[1])
        return bool((gradient[low] >= -slack).all() and (gradient[high] <= slack).all())

    def _cone(self) -> tuple[FloatArray, FloatArray]:
        """Where a coefficient may go from zero."""
        lower = np.where(self.bounds[0] >= 0, 0.0, -np.inf)
        return lower, np.where(self.bounds[1] <= 0, 0.0, np.inf)


def _solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """The solution of a symmetric system; of a singular one (two equal columns) the shortest."""
    try:
        factor = cho_factor(matrix, lower=True, check_finite=False)
        pivots = np.diag(factor[0])
        if pivots.min() > LEAST_PIVOT * pivots.max():
            found: FloatArray = cho_solve(factor, right, check_finite=False)
            return found
    except np.linalg.LinAlgError:
        pass
    shortest: FloatArray = pinvh(matrix, rtol=LEAST_PIVOT**2 * 100.0) @ right
    return shortest
