"""Bets on the calibration slope that a shift of the level leaves alone.

Given how many people of a group have the outcome, who they are says nothing of the level: the
intercept drops out of the conditional likelihood. So a base rate that drifts raises no alarm here,
and one that is raised is about the order and the spread of the probabilities.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sample import as_numbers
from risicoscreener.evaluation.sequential.bets import checked_outcomes

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

SLOPE_STEPS = (0.1, 0.2, 0.4, 0.8)
"""How far beyond the tolerated slope each bet lies."""
LARGEST_GROUP = 400
"""Larger groups are cut: within each part the number with the outcome is given."""
BISECTIONS = 40
"""The point need not be exact: any gives the same answer, up to rounding."""


def slope_bets(edge: float, steps: tuple[float, ...] = SLOPE_STEPS) -> FloatArray:
    """Slopes that are bet on, ``(2 len(steps),)``: steeper ones, then flatter ones.

    Raises
    ------
    EvaluationError
        If ``edge`` is not a number of 0 or more.
    """
    if not 0 <= edge < math.inf:
        raise EvaluationError(f"the tolerated edge is {edge!r}; expected 0 or more")
    beyond = edge + np.array(steps)
    return np.concatenate([1 + beyond, 1 - beyond])


def slope_factors(
    probability: npt.ArrayLike,
    outcome: npt.ArrayLike,
    *,
    predictor: npt.ArrayLike | None = None,
    offset: npt.ArrayLike | None = None,
    edge: float = 0.0,
    steps: tuple[float, ...] = SLOPE_STEPS,
    cohort: npt.ArrayLike | None = None,
    cohorts: int = 1,
) -> FloatArray:
    """Log factors of bets on the slope, for `EProcess.advance`.

    The hypothesis: within each cohort the log odds of the outcome are those predicted, up to a
    shift of the cohort, times a slope that differs from 1 by at most ``edge``.

    Parameters
    ----------
    probability, outcome
        ``(n,)``: predicted probability, above 0 and below 1, and 0 or 1; n may be 0.
    predictor, offset
        ``(n,)`` each: log odds are their sum, up to a constant in each cohort; the slope is that of
        the predictor. The log odds of the probability, and nothing, without them.
    edge
        Tolerated difference of the slope from 1.
    cohort, cohorts
        ``(n,)`` whole numbers from 0, and how many there are; each may have a level of its own.
        Without them all people are one.

    Returns
    -------
    ndarray of shape (bets,), or (cohorts, bets) if cohorts are given.

    Raises
    ------
    EvaluationError
        If lengths differ, or a value is outside its range.

    Notes
    -----
    Given that ``d`` of a cohort have the outcome, a set of ``d`` people has probability
    proportional to ``exp(s T) / C_d(s)`` with slope ``s``, the sum ``T`` of their predictors, and
    the elementary symmetric polynomial ``C_d`` of ``exp(s x + o)``. A factor is the ratio of two of
    these. They are computed as those of a sum of independent events (Hirji, Mehta & Patel 1987,
    JASA 82:1110-1117, for the recursion).
    """
    p, y = checked_outcomes(probability, outcome)
    if ((p <= 0) | (p >= 1)).any():
        row = int(np.argmax((p <= 0) | (p >= 1)))
        raise EvaluationError(f"probability[{row}] is {p[row]:g}; expected above 0 and below 1")
    x = np.log(p) - np.log1p(-p) if predictor is None else as_numbers(predictor, "predictor")
    fixed = np.zeros(p.shape) if offset is None else as_numbers(offset, "offset")
    codes = np.zeros(p.shape, np.intp) if cohort is None else np.asarray(cohort, np.intp)
    for name, values in (("predictor", x), ("offset", fixed), ("cohort", codes)):
        if values.shape != p.shape or not np.isfinite(values).all():
            raise EvaluationError(
                f"{name} has shape {values.shape} or missing values; expected {p.shape}"
            )
    slopes = slope_bets(edge, steps)
    found = np.zeros((cohorts, len(slopes)))
    parts = [rows for rows in _parts(x, codes) if 0 < y[rows].sum() < len(rows)]
    if parts:
        factors = _of_parts(x, fixed, y, parts, edge, slopes)
        np.add.at(found, codes[[rows[0] for rows in parts]], factors)
    return found if cohort is not None else found[0]


def _parts(x: FloatArray, codes: Codes) -> list[Codes]:
    """Rows of each cohort; of one that is large in parts, each with people of all risks."""
    order = np.lexsort((x, codes))
    starts = np.flatnonzero(np.diff(codes[order]) > 0) + 1
    found = []
    for rows in np.split(order, starts):
        parts = -(-len(rows) // LARGEST_GROUP)
        found += [rows[i::parts] for i in range(parts)]
    return found


def _of_parts(
    x: FloatArray,
    fixed: FloatArray,
    y: FloatArray,
    parts: list[Codes],
    edge: float,
    slopes: FloatArray,
) -> FloatArray:
    """Log factors of each part, ``(parts, bets)``."""
    longest = max(map(len, parts))
    events = np.array([int(y[rows].sum()) for rows in parts])
    centred, offsets = np.zeros((len(parts), longest)), np.full((len(parts), longest), -np.inf)
    sums = np.empty(len(parts))
    for place, rows in enumerate(parts):
        of_part = x[rows] - x[rows].mean()
        centred[place, : len(rows)] = of_part
        offsets[place, : len(rows)] = fixed[rows] - fixed[rows].mean()
        sums[place] = of_part @ y[rows]
    both = np.concatenate([slopes, [1 + edge, 1 - edge]])
    logs = _log_symmetric(both[None, :, None] * centred[:, None, :] + offsets[:, None, :], events)
    edges = np.where(slopes > 1, 1 + edge, 1 - edge)
    at_edge = np.where(slopes > 1, logs[:, -2:-1], logs[:, -1:])
    found: FloatArray = (slopes - edges) * sums[:, None] - logs[:, :-2] + at_edge
    return found


def _log_symmetric(log_odds: FloatArray, degree: Codes) -> FloatArray:
    """Log of elementary symmetric polynomials of odds.

    Parameters
    ----------
    log_odds
        ``(parts, slopes, people)``; minus infinity where there is nobody.
    degree
        ``(parts,)``: how many of each part have the outcome, more than nobody and less than all.

    Returns
    -------
    ndarray of shape (parts, slopes).

    Notes
    -----
    With ``t`` such that independent events of odds ``t exp(x)`` number ``d`` in the mean, their
    number is ``d`` with a probability that is neither tiny nor beyond what a number can hold.
    """
    there = np.isfinite(log_odds)
    high = 60.0 + np.abs(np.where(there, log_odds, 0.0)).max(axis=2)
    low = -high
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        above = _expit(log_odds + middle[..., None]).sum(axis=2) > degree[:, None]
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    log_t = (low + high) / 2
    chance = _expit(log_odds + log_t[..., None])
    counts = np.zeros((*log_t.shape, int(degree.max()) + 1))
    counts[..., 0] = 1.0
    for i in range(log_odds.shape[2]):
        one = chance[..., i : i + 1]
        grown = counts[..., :-1] * one
        counts *= 1 - one
        counts[..., 1:] += grown
    of_degree = np.take_along_axis(counts, degree[:, None, None], axis=2)[..., 0]
    total = np.logaddexp(0.0, log_odds + log_t[..., None]).sum(axis=2)
    found: FloatArray = np.log(of_degree) - degree[:, None] * log_t + total
    return found


def _expit(x: FloatArray) -> FloatArray:
    found: FloatArray = np.where(x > -700, 1 / (1 + np.exp(-np.clip(x, -700, 700))), 0.0)
    return found
