"""Proper scores of a sample with their intervals, beside those of a model that knows nobody."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.intervals import estimate_around, mean_error, sampled_error
from risicoscreener.evaluation.resampling import Measure
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.scoring.losses import (
    base_rate,
    brier,
    brier_reference,
    log_loss,
    log_loss_reference,
    log_losses,
    scaled_brier,
    squared_errors,
)

FloatArray = npt.NDArray[np.float64]


def scores(sample: Sample, *, level: float = 0.95) -> Estimates:
    """Brier score, scaled Brier score and log loss, with the values of a reference model.

    The reference gives everybody the share with the outcome; its values have no interval. The
    intervals of the means are normal ones, that of the scaled Brier score is linearised; with
    clusters the clusters are the units.
    """
    return Estimates(
        (
            brier_estimate(sample, level=level),
            _reference("brier_reference", brier_reference, sample, level),
            scaled_brier_estimate(sample, level=level),
            log_loss_estimate(sample, level=level),
            _reference("log_loss_reference", log_loss_reference, sample, level),
        )
    )


def brier_estimate(sample: Sample, *, level: float = 0.95) -> Estimate:
    """Brier score with the interval of a mean."""
    losses = squared_errors(sample.outcome, sample.probability)
    error = mean_error(losses, sample.weight, sample.cluster)
    value = brier(sample, sample.weight)
    return estimate_around("brier", sample, value, error, level, bounds=(0.0, 1.0))


def scaled_brier_estimate(sample: Sample, *, level: float = 0.95) -> Estimate:
    """Scaled Brier score; its interval takes in that the reference is estimated too."""
    value, weight = scaled_brier(sample, sample.weight), sample.weight
    if math.isnan(value):
        return estimate_around("scaled_brier", sample, value, math.nan, level, problem="one_class")
    score, reference = brier(sample, weight), brier_reference(sample, weight)
    share = base_rate(sample, weight)
    of_score = squared_errors(sample.outcome, sample.probability) - score
    of_reference = (1 - 2 * share) * (sample.outcome - share)
    pull = score / reference**2 * of_reference - of_score / reference
    error = sampled_error(sample, weight / weight.sum() * pull)
    return estimate_around("scaled_brier", sample, value, error, level, bounds=(-math.inf, 1.0))


def log_loss_estimate(sample: Sample, *, level: float = 0.95) -> Estimate:
    """Log loss with the interval of a mean; without a value if it is infinite."""
    value = log_loss(sample, sample.weight)
    if math.isinf(value):
        return estimate_around(
            "log_loss", sample, math.nan, math.nan, level, problem="infinite_loss"
        )
    losses = log_losses(sample.outcome, sample.probability)
    losses = np.where(sample.weight > 0, losses, 0.0)
    error = mean_error(losses, sample.weight, sample.cluster)
    return estimate_around("log_loss", sample, value, error, level, bounds=(0.0, math.inf))


def _reference(name: str, measure: Measure, sample: Sample, level: float) -> Estimate:
    value = measure(sample, sample.weight)
    return Estimate(name, value, level=level, n=sample.people, events=sample.events)
