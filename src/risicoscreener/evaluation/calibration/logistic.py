"""Logistic regression of few columns by Newton's method, fast enough to be repeated often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

FloatArray = npt.NDArray[np.float64]

MOST_STEPS = 60
SMALL_DECREMENT = 1e-12
"""Half of this is what a step gains in log-likelihood when it is the last, in rows of weight 1."""

LARGEST_LAST = 1e-3
"""What the last step may change in a probability. Where the outcomes are separated there is next
to no information left, and a step from it goes anywhere while it promises to gain nothing."""

OVERSHOT = -0.9
LEAST_INFORMATION = 1e-9
"""Rows' worth of information that a direction needs. Where the outcomes are separated it falls
with each step, and is far below this when the last step is small."""


@dataclass(frozen=True)
class LogisticFit:
    """Maximum likelihood fit.

    Attributes
    ----------
    coefficients
        ``(k,)``.
    mean
        ``(m,)``: fitted probability of each row.
    converged
        False if the steps did not come to rest.
    columns, total
        As they were given.
    """

    coefficients: FloatArray
    mean: FloatArray
    converged: bool
    columns: FloatArray
    total: FloatArray

    @property
    def information(self) -> FloatArray:
        """``(k, k)``: its inverse is the covariance of the coefficients if the model is true."""
        return _information(self.columns, self.total, self.mean)

    @property
    def determined(self) -> bool:
        """Whether all coefficients are finite: no direction separates the outcomes."""
        if not self.converged:
            return False
        spread = (self.columns * self.total) @ self.columns.T
        try:
            root = np.linalg.inv(np.linalg.cholesky(spread))
        except np.linalg.LinAlgError:
            return False
        least = np.linalg.eigvalsh(root @ self.information @ root.T)[0]
        return bool(least * len(self.total) > LEAST_INFORMATION)


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
    step, gain = np.zeros(len(columns)), np.inf
    mean = total
    small = SMALL_DECREMENT * float(total.sum()) / len(total)
    converged = False
    for _ in range(MOST_STEPS):
        mean = expit(beta @ columns + offset)
        expected = total * mean
        gradient = columns @ (events - expected)
        if gradient @ step < OVERSHOT * gain:  # beyond the top of the likelihood
            step, gain = step / 2.0, gain / 2.0
            beta = beta - step
            continue
        try:
            step = np.linalg.solve(_information(columns, total, mean), gradient)
        except np.linalg.LinAlgError:
            break
        gain = float(gradient @ step)
        if gain <= small:
            last = expit((beta + step) @ columns + offset)
            converged = bool(np.abs(last - mean).max() < LARGEST_LAST)
            if converged:
                beta, mean = beta + step, last
            break
        beta = beta + step
    return LogisticFit(beta, mean, converged, columns, total)


def _information(columns: FloatArray, total: FloatArray, mean: FloatArray) -> FloatArray:
    return (columns * (total * mean * (1.0 - mean))) @ columns.T
