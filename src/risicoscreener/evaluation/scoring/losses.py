"""Losses of single predictions, and their means as measures: Brier score and log loss."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.caching import once_per_sample
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]

ALMOST_ALL = 1 - 1e-9
"""Share above which it is looked up whether anybody lacks the outcome."""


def squared_errors(outcome: FloatArray, probability: FloatArray) -> FloatArray:
    """Squared distance of each probability to its outcome, ``(n,)``."""
    found: FloatArray = np.square(probability - outcome)
    return found


def log_losses(outcome: FloatArray, probability: FloatArray) -> FloatArray:
    """Minus the log of the probability that each outcome was given, ``(n,)``.

    Infinite where a probability of 0 or 1 was wrong.
    """
    with np.errstate(divide="ignore"):
        found: FloatArray = -np.where(outcome == 1, np.log(probability), np.log1p(-probability))
    return found


def brier(sample: Sample, weight: FloatArray) -> float:
    """Mean squared error of the probabilities (Brier 1950)."""
    return float(weight @ _squared(sample) / weight.sum())


def brier_reference(sample: Sample, weight: FloatArray) -> float:
    """Brier score of a model that gives everybody the share with the outcome."""
    share = base_rate(sample, weight)
    return share * (1 - share)


def scaled_brier(sample: Sample, weight: FloatArray) -> float:
    """Part of the reference's Brier score that the model takes away; NaN with one class.

    1 is perfect, 0 as good as giving everybody the share with the outcome, below 0 worse. Also
    called index of prediction accuracy.
    """
    reference = brier_reference(sample, weight)
    return 1 - brier(sample, weight) / reference if reference > 0 else math.nan


def log_loss(sample: Sample, weight: FloatArray) -> float:
    """Mean minus log-likelihood of the outcomes; infinite if a probability of 0 or 1 was wrong."""
    losses, finite = _logarithmic(sample)
    if not finite:
        counted = weight > 0
        losses, weight = losses[counted], weight[counted]
    return float(weight @ losses / weight.sum())


def log_loss_reference(sample: Sample, weight: FloatArray) -> float:
    """Log loss of a model that gives everybody the share with the outcome."""
    share = base_rate(sample, weight)
    if not 0 < share < 1:
        return 0.0
    return -share * math.log(share) - (1 - share) * math.log1p(-share)


def base_rate(sample: Sample, weight: FloatArray) -> float:
    """The weighted share with the outcome."""
    share = float(weight @ sample.outcome / weight.sum())
    if share > ALMOST_ALL and not weight @ (1 - sample.outcome) > 0:
        return 1.0  # not a rounding beside it
    return min(share, 1.0)


@once_per_sample
def _squared(sample: Sample) -> FloatArray:
    return squared_errors(sample.outcome, sample.probability)


@once_per_sample
def _logarithmic(sample: Sample) -> tuple[FloatArray, bool]:
    """The log losses, and whether all are finite."""
    losses = log_losses(sample.outcome, sample.probability)
    return losses, bool(np.isfinite(losses).all())
