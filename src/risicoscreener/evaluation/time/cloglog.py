"""Regression of what people were at a horizon, on the scale ``log(-log(1 - F))``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from risicoscreener.evaluation.estimate import FloatArray

MOST_STEPS = 60
SMALL_DECREMENT = 1e-13
"""Gain in log-likelihood of a step, as a share of the weight, after which it is the last."""
LEAST_INFORMATION = 1e-7
"""Share of the information that a direction needs; with less, its coefficient runs away."""

LEAST_LEFT = 1e-9
"""Share of what people can teach that is left at a maximum; where the outcomes are separated it
falls to nothing."""


@dataclass(frozen=True, eq=False)
class CloglogFit:
    """Maximum weighted likelihood of a binary outcome with the complementary log-log link.

    Attributes
    ----------
    coefficients
        ``(k,)``.
    determined
        Whether the likelihood has one maximum: no direction separates the outcomes.
    columns, outcome, weight, offset
        What was fitted.
    """

    coefficients: FloatArray
    determined: bool
    columns: FloatArray
    outcome: FloatArray
    weight: FloatArray
    offset: FloatArray | float

    @cached_property
    def slopes(self) -> FloatArray:
        """``(k, n)``: derivative of each coefficient to the weight of each row."""
        lp = self.coefficients @ self.columns + self.offset
        first, second = _derivatives(lp, self.outcome)
        information = (self.columns * (second * self.weight)) @ self.columns.T
        return np.asarray(np.linalg.solve(information, self.columns * first), dtype=np.float64)


def fit_cloglog(
    columns: FloatArray,
    outcome: FloatArray,
    weight: FloatArray,
    *,
    offset: FloatArray | float = 0.0,
    start: FloatArray | None = None,
) -> CloglogFit:
    """Newton's method; the log-likelihood is concave.

    Parameters
    ----------
    columns
        ``(k, n)``: the design matrix, a row for each column of it.
    outcome, weight
        ``(n,)``: 0 or 1, and not negative.
    offset
        Part of the linear predictor that is not fitted.
    start
        ``(k,)``; zeros without it.
    """
    beta = np.zeros(len(columns)) if start is None else start.copy()
    known = _log_likelihood(beta @ columns + offset, outcome, weight)
    small = SMALL_DECREMENT * float(weight.sum())
    determined = False
    for _ in range(MOST_STEPS):
        first, second = _derivatives(beta @ columns + offset, outcome)
        information = (columns * (second * weight)) @ columns.T
        gradient = columns @ (first * weight)
        try:
            step = np.asarray(np.linalg.solve(information, gradient), dtype=np.float64)
        except np.linalg.LinAlgError:
            break
        gain = float(gradient @ step)
        if not np.isfinite(gain):
            break
        if gain <= small:
            # With next to no information left a step may go anywhere, promising to gain nothing.
            last = _log_likelihood((beta + step) @ columns + offset, outcome, weight)
            if last >= known - small:
                beta = beta + step
                determined = _well_conditioned(information, np.square(columns) @ weight)
            break
        beta, known = _climb(beta, step, known, columns, offset, outcome, weight)
    return CloglogFit(beta, determined, columns, outcome, weight, offset)


def _climb(
    beta: FloatArray,
    step: FloatArray,
    known: float,
    columns: FloatArray,
    offset: FloatArray | float,
    outcome: FloatArray,
    weight: FloatArray,
) -> tuple[FloatArray, float]:
    """The step, halved until the likelihood does not fall."""
    for _ in range(MOST_STEPS):
        found = _log_likelihood((beta + step) @ columns + offset, outcome, weight)
        if found >= known - 1e-12 * abs(known):
            break
        step = step / 2.0
    return beta + step, found


def _log_likelihood(lp: FloatArray, outcome: FloatArray, weight: FloatArray) -> float:
    hazard = np.exp(np.minimum(lp, 500.0))
    event = np.log(-np.expm1(-np.maximum(hazard, 1e-300)))
    return float(weight @ np.where(outcome == 1, event, -hazard))


def _derivatives(lp: FloatArray, outcome: FloatArray) -> tuple[FloatArray, FloatArray]:
    """First derivative of the log-likelihood of each row to its lp, and minus the second."""
    hazard = np.exp(np.clip(lp, -500.0, 500.0))
    ratio = hazard * np.exp(-hazard) / -np.expm1(-hazard)
    first = np.where(outcome == 1, ratio, -hazard)
    second = np.where(outcome == 1, ratio * (hazard + ratio - 1.0), hazard)
    return first, second


def _well_conditioned(information: FloatArray, people: FloatArray) -> bool:
    """Whether each coefficient, and each mix of them, is held by what is left to be learnt.

    ``people`` is what the diagonal would be if every row still taught all it can.
    """
    if not (np.diag(information) > LEAST_LEFT * people).all():
        return False
    scale = np.sqrt(np.diag(information))
    return bool(np.linalg.eigvalsh(information / np.outer(scale, scale))[0] > LEAST_INFORMATION)
