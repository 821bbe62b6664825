"""Newton's method on the likelihoods of this package, and their penalty by cross-validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from risicoscreener.models.estimators.penalised import Bounds, Fit, Sample, fit_penalised

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from risicoscreener.models.piecewise import FloatArray

TOLERANCE = 1e-14
PILOT_TOLERANCE = 1e-6


class Likelihood(Protocol):
    """Minus a log likelihood, as `fit_penalised` minimises it."""

    def deviance(self, coefficients: FloatArray) -> float:
        """Value at coefficients ``(P,)``."""
        ...

    def expansion(self, coefficients: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient ``(P,)`` and Hessian ``(P, P)``."""
        ...


def fit_likelihood(
    likelihood: Likelihood,
    penalty: FloatArray,
    start: FloatArray,
    bounds: Bounds | None = None,
    tolerance: float = TOLERANCE,
) -> Fit:
    """`fit_penalised` for any likelihood; it asks no more of a sample than `Likelihood` has."""
    bounds = Bounds.none(len(start)) if bounds is None else bounds
    return fit_penalised(
        cast("Sample", likelihood), penalty, bounds, start=start, tolerance=tolerance
    )


def best_penalty(
    likelihood_of: Callable[[FloatArray], Likelihood],
    weight: FloatArray,
    shares: FloatArray,
    penalties: Sequence[FloatArray],
    pilot: FloatArray,
    start: FloatArray,
) -> int:
    """Position of the penalty with the least held-out deviance.

    The deviance of what a fold holds out is that of all rows less that of the rows kept, which
    for a partial likelihood is the criterion of Verweij and Van Houwelingen (1993). Fits with
    other penalties than the pilot follow from its quadratic expansion.

    Parameters
    ----------
    likelihood_of
        Gives the likelihood of the rows with some weights ``(n,)``.
    weight, shares
        ``(n,)`` and ``(n, folds)``: the part of the weight that each fold holds out.
    """
    everyone = likelihood_of(weight)
    deviance = np.zeros(len(penalties))
    for share in shares.T:
        kept = likelihood_of(weight - share)
        fit = fit_likelihood(kept, pilot, start, tolerance=PILOT_TOLERANCE)
        gradient, information = kept.expansion(fit.coefficients)
        target = information @ fit.coefficients - gradient
        for i, penalty in enumerate(penalties):
            b = cho_solve(cho_factor(information + penalty, lower=True), target)
            deviance[i] += everyone.deviance(b) - kept.deviance(b)
    return int(deviance.argmin())
