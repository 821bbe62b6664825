"""Who receives help and how people fare either way, expected without the own row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ReentryError

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

KNOTS, TAIL, EVEN = 4, 0.02, 0.5
PENALTY = 1.0
"""Of slope and of bend, each: that of one person for a term over its whole range."""
FEWEST = 20
"""People with, and without, help and outcome in what a fold leaves."""
LEAST = 0.01
"""Chances beyond it and 1 less it are taken as these before anybody is left out."""


@dataclass(frozen=True, eq=False)
class Expectations:
    """Cross-fitted nuisances, ``(n,)`` each, and the fold of each row."""

    propensity: FloatArray
    with_help: FloatArray
    without: FloatArray
    fold: Codes


def dealt(
    received: FloatArray, outcome: FloatArray, folds: int, seed: int, cluster: Codes | None = None
) -> Codes:
    """A fold for each row, ``(n,)``: by chance, with each kind of row spread evenly.

    With clusters these are dealt as a whole.
    """
    rng = np.random.default_rng(seed)
    if cluster is not None:
        units = int(cluster.max()) + 1
        if units < folds:
            raise ReentryError(f"{units} clusters for {folds} folds; expected at least as many")
        of_unit: Codes = rng.permutation(np.arange(units) % folds)
        return of_unit[cluster]
    found = np.empty(len(received), dtype=np.intp)
    for place, kind in enumerate(np.unique(2 * received + outcome)):
        rows = np.flatnonzero(2 * received + outcome == kind)
        found[rng.permutation(rows)] = (np.arange(len(rows)) + place) % folds
    return found


def expectations(
    x: FloatArray, received: FloatArray, outcome: FloatArray, fold: Codes
) -> Expectations:
    """Propensity, and outcome with and without help, of each row by fits without its fold.

    Each is a penalised additive logistic regression (`RampBasis`) on all columns; unknown is a
    value of its own.

    Raises
    ------
    ReentryError
        If a fold leaves too few people of a kind.
    """
    e, m1, m0 = (np.empty(len(x)) for _ in range(3))
    for number in np.unique(fold):
        held, kept = fold == number, fold != number
        _check_enough(received[kept], outcome[kept])
        e[held] = fitted(x[kept], received[kept], x[held])
        for target, arm in ((m1, 1.0), (m0, 0.0)):
            rows = kept & (received == arm)
            target[held] = fitted(x[rows], outcome[rows], x[held])
    return Expectations(np.clip(e, LEAST, 1 - LEAST), m1, m0, fold)


def fitted(x: FloatArray, y: FloatArray, at: FloatArray) -> FloatArray:
    """Probabilities at other rows of a penalised additive logistic regression."""
    from scipy.special import expit

    from risicoscreener.models.estimators.penalised import Bounds, Sample, fit_penalised
    from risicoscreener.models.estimators.splines import RampBasis

    weight = np.ones(len(x))
    basis = RampBasis.fit(x, weight, KNOTS, TAIL, EVEN)
    sample = Sample(basis.design(x), y, weight)
    fit = fit_penalised(
        sample, basis.penalty(PENALTY, PENALTY), Bounds.none(basis.size), tolerance=1e-7
    )
    found: FloatArray = expit(basis.design(at) @ fit.coefficients)
    return found


def _check_enough(received: FloatArray, outcome: FloatArray) -> None:
    for arm, with_help in ((1.0, "with"), (0.0, "without")):
        good = float(outcome[received == arm].sum())
        fewest = min(good, float((received == arm).sum()) - good)
        if fewest < FEWEST:
            raise ReentryError(
                f"{fewest:.0f} people {with_help} the help have one of the two outcomes in what a "
                f"fold leaves; expected at least {FEWEST} with and without a new offence. The "
                "data cannot tell for whom help adds value"
            )
