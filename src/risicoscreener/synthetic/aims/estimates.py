"""Estimates with standard errors: shares, means, ratios, differences, areas under the curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from risicoscreener.synthetic.stages.draws import Array


@dataclass(frozen=True)
class Estimate:
    """A quantity of a cohort, and how far that of another cohort of its size would lie from it.

    Attributes
    ----------
    value
        In the unit of its target; NaN if the cohort has nobody to measure it on.
    error
        Standard error in the same unit.
    method
        How the standard error follows, in a few words.
    n
        Number of units that it was measured on: people, movements or cases.
    """

    value: float
    error: float
    method: str
    n: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data; a number that there is not is ``None``."""
        numbers = {"value": self.value, "error": self.error}
        shown = {name: None if np.isnan(number) else number for name, number in numbers.items()}
        return {**shown, "method": self.method, "n": self.n}


def share(happened: Array, scale: float = 100.0) -> Estimate:
    """A share of independent people, by default in percent: binomial.

    Parameters
    ----------
    happened
        Zeros and ones, shape (n,).
    """
    n = len(happened)
    if not n:
        return _nobody("binomial")
    p = float(np.mean(happened))
    return Estimate(scale * p, scale * float(np.sqrt(p * (1.0 - p) / n)), "binomial", n)


def mean(values: Array) -> Estimate:
    """A mean over independent people: standard deviation over the root of their number."""
    n = len(values)
    if not n:
        return _nobody("mean")
    spread = float(np.std(values, ddof=1)) if n > 1 else np.nan
    return Estimate(float(np.mean(values)), spread / float(np.sqrt(n)), "mean", n)


def ratio(above: Array, below: Array, scale: float = 1.0) -> Estimate:
    """A ratio of two sums over independent people, by linearisation (delta method).

    Parameters
    ----------
    above, below
        Parts of the numerator and the denominator of each person, shape (n,).

    Notes
    -----
    With r the ratio of the sums of a and b, the standard error is that of the sum of a - r b over
    the sum of b. A mean over the rows of people with several rows is such a ratio: their sum over
    their number.
    """
    total = float(np.sum(below))
    if total == 0.0:
        return _nobody("linearised by person")
    r = float(np.sum(above)) / total
    rest = above - r * below
    error = float(np.sqrt(len(rest) * np.var(rest, ddof=1))) / total if len(rest) > 1 else np.nan
    return Estimate(scale * r, scale * error, "linearised by person", int(total))


def mean_by_row(values: Array, owner: Array, n_persons: int, scale: float = 1.0) -> Estimate:
    """A mean over rows of which people have several: clustered by person.

    Parameters
    ----------
    values, owner
        Value and position of the person of each row, shape (rows,).
    """
    above = np.bincount(owner, np.asarray(values, dtype=np.float64), minlength=n_persons)
    below = np.bincount(owner, minlength=n_persons).astype(np.float64)
    found = ratio(above, below, scale)
    return Estimate(found.value, found.error, "clustered by person", len(owner))


def paired_difference(later: Array, earlier: Array, scale: float = 100.0) -> Estimate:
    """A difference in shares between two cohorts of the same people, person by person."""
    found = mean(later.astype(np.float64) - earlier.astype(np.float64))
    return Estimate(scale * found.value, scale * found.error, "paired by person", found.n)


def area(outcome: Array, score: Array) -> Estimate:
    """Area under the receiver operating characteristic, with the error of DeLong (1988).

    Parameters
    ----------
    outcome
        Zeros and ones, shape (n,).
    score
        Higher for those with more risk, shape (n,).
    """
    return _area(outcome, score)


def area_gain(outcome: Array, score: Array, simpler: Array) -> Estimate:
    """How much larger the area of one score is than that of another on the same people."""
    return _area(outcome, score, simpler)


def _area(outcome: Array, score: Array, simpler: Array | None = None) -> Estimate:
    """The mean placement, or that of one score less that of another."""
    from risicoscreener.evaluation.discrimination import placement_error, placements

    event = np.asarray(outcome) == 1
    if not 0 < np.sum(event) < len(event):
        return _nobody("DeLong")
    placed = placements(event, np.asarray(score, dtype=np.float64))
    if simpler is not None:
        placed = placed - placements(event, np.asarray(simpler, dtype=np.float64))
    error = placement_error(event, placed)
    return Estimate(float(np.mean(placed[event])), error, "DeLong", len(event))


def _nobody(method: str) -> Estimate:
    return Estimate(np.nan, np.nan, method, 0)
