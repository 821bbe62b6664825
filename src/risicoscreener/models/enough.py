"""Whether a model was made on enough people for what it estimates, by the criteria of Riley."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import INVERSE_LINKS_MANY
from risicoscreener.models.risk_model import SampleSizeNeeded

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.models.risk_model import Training

LEAST_PARAMETERS = 1.0


class SampleSizeWarning(UserWarning):
    """A model was made on fewer people than it needs."""


def effective_parameters(program: ScoringProgram, x: FloatArray, weight: FloatArray) -> float:
    """How many free parameters a fitted program is worth, besides its intercept.

    With an interval: the trace of information times covariance, which for a penalised fit is its
    effective degrees of freedom (Gray 1992; Wood 2017, section 6.1.2). Without: what could have
    moved, each step or segment, each unknown value and each cell; that is an upper bound.

    Parameters
    ----------
    x, weight
        ``(n, F)`` and ``(n,)``: on what it was fitted.
    """
    intervals = program.interval_many(x)
    if intervals is None:
        unknown = np.isnan(x).any(axis=0)
        moves = [a != b for term in program.terms for a, b in pairwise(term.values)]
        terms = sum(moves) + int(unknown.sum())
        cells = sum(len(pair.values) * len(pair.values[0]) - 1 for pair in program.pairs)
        return max(float(terms + cells), LEAST_PARAMETERS)
    p = INVERSE_LINKS_MANY[program.link](program.score_many(x).linear_predictor)
    information = p * (1.0 - p) if program.link == "logit" else -np.log1p(-np.minimum(p, 1 - 1e-15))
    total = float(weight @ (information * np.square(intervals.standard_error)))
    return max(total - 1.0, LEAST_PARAMETERS)


def people_needed(parameters: float, prevalence: float, auc: float) -> SampleSizeNeeded:
    """How many people a model of a binary outcome needs (Riley et al. 2019, 2020).

    Parameters
    ----------
    parameters
        See `effective_parameters`.
    prevalence
        Share with the outcome.
    auc
        Cross-validated; the Cox-Snell R2 that the criteria ask follows from it
        (`r_squared_of_c_statistic`).

    Returns
    -------
    Without a number if there is none: features that say nothing need more than any.
    """
    from risicoscreener.models.honesty.sample_size import required_sample_size

    try:
        size = required_sample_size(
            parameters=parameters, prevalence=prevalence, c_statistic=min(max(auc, 0.5), 0.999)
        )
    except ModelError:
        return SampleSizeNeeded(parameters=parameters)
    return SampleSizeNeeded(
        parameters=parameters,
        n=size.n,
        events=size.events,
        decided_by=size.decided_by,
        target=size.targets[size.decided_by],
    )


def warn_if_too_few(name: str, training: Training) -> None:
    """Warn of a model that was made on fewer people than it needs."""
    needed = training.sample_size
    if needed is not None and not needed.enough(training.n):
        warnings.warn(
            f"model {name!r}: {needed.text('en', training.n)}", SampleSizeWarning, stacklevel=3
        )
