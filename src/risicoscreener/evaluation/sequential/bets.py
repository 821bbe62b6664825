"""What bets against a model multiply their stake by: likelihood ratios of a period.

Each function gives ``(bets,)`` log factors for `EProcess.advance`. They are sums over people, so
that their order does not matter. Each bet is against the edge of what is tolerated: within it the
expectation of the factor is at most 1, because likelihood ratios rise with the outcome.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sample import as_numbers

FloatArray = npt.NDArray[np.float64]

STEPS = (0.1, 0.2, 0.4, 0.8)
"""How far beyond the edge each bet lies, in log odds (or log rate): 0.1 is a factor of 1.11."""


def bets_of(edge: float, steps: tuple[float, ...] = STEPS) -> FloatArray:
    """Log odds that are bet on, ``(2 len(steps),)``: above the upper edge, then below the lower.

    Parameters
    ----------
    edge
        What is tolerated either way, in log odds; 0 or more.

    Raises
    ------
    EvaluationError
        If the edge is not a number of 0 or more.
    """
    if not 0 <= edge < math.inf:
        raise EvaluationError(f"the tolerated edge is {edge!r}; expected log odds, 0 or more")
    beyond = edge + np.array(steps)
    return np.concatenate([beyond, -beyond])


def calibration_factors(
    probability: npt.ArrayLike,
    outcome: npt.ArrayLike,
    *,
    edge: float = 0.0,
    steps: tuple[float, ...] = STEPS,
) -> FloatArray:
    """Bets that outcomes are more, or less, frequent than predicted.

    The hypothesis: each outcome has, given the past, a probability of which the odds differ from
    those predicted by no more than ``edge`` in log odds. A bet says that they differ by more.

    Parameters
    ----------
    probability, outcome
        ``(n,)`` predicted probability in [0, 1], and 0 or 1; n may be 0.
    edge
        Tolerated difference in log odds.

    Raises
    ------
    EvaluationError
        If lengths differ or a value is outside its range.
    """
    p, y = checked_outcomes(probability, outcome)
    bets = bets_of(edge, steps)
    edges = np.where(bets > 0, edge, -edge)
    events = float(y.sum())
    found: FloatArray = events * (bets - edges) - (_log_total(p, bets) - _log_total(p, edges))
    return found


def share_factors(
    hits: float, n: float, low: float, high: float, *, steps: tuple[float, ...] = STEPS
) -> FloatArray:
    """Bets that a share is above, or below, what it is expected to lie between.

    Parameters
    ----------
    hits, n
        How many of how many.
    low, high
        The share that is expected; the hypothesis is that each one counts with a probability
        between them, given the past.

    Raises
    ------
    EvaluationError
        If counts or shares are outside their range.
    """
    if not 0 <= hits <= n:
        raise EvaluationError(f"{hits} of {n}; expected a count of 0 or more and no more than all")
    if not 0 <= low <= high <= 1:
        raise EvaluationError(f"expected shares are {low!r} to {high!r}; expected 0 to 1 in order")
    bets = bets_of(0.0, steps)
    null = np.where(bets > 0, high, low)
    # A share of exactly 0 or 1 stays it under every bet on odds.
    grown = np.log1p(null * np.expm1(bets))
    found: FloatArray = hits * bets - n * grown
    return found


def volume_factors(
    count: float, low: float, high: float, *, steps: tuple[float, ...] = STEPS
) -> FloatArray:
    """Bets that a count is above, or below, what is expected: a Poisson e-process.

    Parameters
    ----------
    count
        What was counted in the period.
    low, high
        The expected number lies between them.

    Raises
    ------
    EvaluationError
        If a number is negative, or they are not in order.
    """
    if count < 0 or not 0 <= low <= high < math.inf:
        raise EvaluationError(
            f"counted {count!r}, expected {low!r} to {high!r}; expected numbers of 0 or more, the "
            "lowest first"
        )
    bets = bets_of(0.0, steps)
    null = np.where(bets > 0, high, low)
    found: FloatArray = count * bets - null * np.expm1(bets)
    return found


def shifted(probability: FloatArray, log_odds: float) -> FloatArray:
    """Probabilities with other odds, ``(n,)``."""
    odds_ratio = math.exp(log_odds)
    found: FloatArray = probability * odds_ratio / (1 - probability + probability * odds_ratio)
    return found


def checked_outcomes(
    probability: npt.ArrayLike, outcome: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Probabilities and outcomes as arrays; errors as of `calibration_factors`."""
    p, y = as_numbers(probability, "probability"), as_numbers(outcome, "outcome")
    if p.ndim != 1 or p.shape != y.shape:
        raise EvaluationError(
            f"probability has shape {p.shape}, outcome {y.shape}; expected (n,) both"
        )
    for name, values, expected, wrong in (
        ("probability", p, "a number in [0, 1]", ~((p >= 0) & (p <= 1))),
        ("outcome", y, "0 or 1", ~((y == 0) | (y == 1))),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            raise EvaluationError(f"{name}[{row}] is {values[row]:g}; expected {expected}")
    return p, y


def _log_total(p: FloatArray, shift: FloatArray) -> FloatArray:
    """Sum over people of ``log(1 - p + p e^shift)``, for each shift."""
    found: FloatArray = np.log1p(p[None, :] * np.expm1(shift)[:, None]).sum(axis=1)
    return found
