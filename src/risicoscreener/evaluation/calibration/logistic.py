"""Logistic regression of few columns by Newton's method, fast enough to be repeated often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

FloatArray = npt.NDArray[np.float64]

MOST_STEPS = 60
SMALL_DECREMENT = 1e-12
"""Half of this is what a step still gains in log-likelihood when it is the last."""
OVERSHOT = -0.9
LEAST_INFORMATION = 1e-9
"""Share of the information that a direction needs; with less, its coefficient runs away."""


@dataclass(frozen=True)
class LogisticFit:
    """Maximum likelihood fit.

    Attributes
    ----------
    coefficients
        ``(k,)``.
    mean
        ``(m,)``: fitted probability of each row.
    information
        ``(k, k)``: its inverse is the covariance of the coefficients if the model is true.
    converged
        False if the steps did not come to rest.
    """

    coefficients: FloatArray
    mean: FloatArray
    information: FloatArray
    converged: bool

    @property
    def determined(self) -> bool:
        """Whether all coefficients are finite: no direction separates the outcomes."""
        if not self.converged:
            return False
        scale = np.sqrt(np.diag(self.information))
        if not (scale > 0).all():
            return False
        correlation = self.information / np.outer(scale, scale)
        return bool(np.linalg.eigvalsh(correlation)[0] > LEAST_INFORMATION)


def fit_logistic(
    columns: FloatArray,
    events: FloatArray,
    total: FloatArray,
    *,
    offset: FloatArray | float = 0.0,
    start: FloatArray | None = None,
) -> LogisticFit:
    """Maximise the likelihood of ``events`` out of ``total`` given ``columns``.

    Parameters
    ----------
    columns
        ``(k, m)``: the design matrix, a row for each column of it.
    events, total
        ``(m,)``: weight of the people with the outcome, and of all people, of each row.
    offset
        ``(m,)`` or a number: part of the linear predictor that is not fitted.
    start
        ``(k,)``; zeros without it.

    Returns
    -------
    A fit that is not `LogisticFit.determined` if the likelihood has no maximum.
    """
    beta = np.zeros(len(columns)) if start is None else start.copy()
    step, slope_before = np.zeros(len(columns)), np.inf
    mean, information = total, np.eye(len(columns))
    for _ in range(MOST_STEPS):
        mean = expit(beta @ columns + offset)
        expected = total * mean
        gradient = columns @ (events - expected)
        if gradient @ step < OVERSHOT * slope_before:  # the likelihood falls where we arrived
            step /= 2.0
            slope_before /= 2.0
            beta = beta - step
            continue
        information = (columns * (expected * (1.0 - mean))) @ columns.T
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return LogisticFit(beta, mean, information, converged=False)
        slope_before = float(gradient @ step)
        beta = beta + step
        if slope_before <= SMALL_DECREMENT:
            mean = expit(beta @ columns + offset)
            return LogisticFit(beta, mean, information, bool(np.isfinite(beta).all()))
    return LogisticFit(beta, mean, information, converged=False)
