"""Which figures a validation design gives, and on what scale they are pooled."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.calibration import (
    calibration_intercept,
    calibration_slope,
    expected_observed,
)
from risicoscreener.evaluation.calibration.weak import mean_calibration, weak_calibration
from risicoscreener.evaluation.discrimination import auc, auc_errors_away, auc_estimate
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.intervals import quantile, units_of
from risicoscreener.evaluation.resampling import Measure
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.scoring import (
    base_rate,
    brier,
    brier_estimate,
    log_loss,
    scaled_brier,
    scaled_brier_estimate,
)
from risicoscreener.evaluation.scoring.losses import log_losses

FloatArray = npt.NDArray[np.float64]

MEASURES: Mapping[str, Measure] = {
    "auc": auc,
    "brier": brier,
    "scaled_brier": scaled_brier,
    "calibration_slope": calibration_slope,
    "calibration_intercept": calibration_intercept,
    "expected_observed": expected_observed,
}
"""What is measured without being asked."""


def performance(sample: Sample, *, level: float = 0.95) -> Estimates:
    """The figures of `MEASURES` with their analytic intervals."""
    mean, weak = mean_calibration(sample, level=level), weak_calibration(sample, level=level)
    return Estimates(
        (
            auc_estimate(sample, level=level),
            brier_estimate(sample, level=level),
            scaled_brier_estimate(sample, level=level),
            weak["calibration_slope"],
            mean["calibration_intercept"],
            mean["expected_observed"],
        )
    )


BOUNDS: Mapping[str, tuple[float, float]] = {
    "auc": (0.0, 1.0),
    "brier": (0.0, 1.0),
    "scaled_brier": (-math.inf, 1.0),
    "expected_observed": (0.0, math.inf),
}
"""Between which values a figure can lie; the others lie anywhere."""


def within_bounds(estimate: Estimate) -> Estimate:
    """The estimate with limits that the figure can have."""
    least, most = BOUNDS.get(estimate.name, (-math.inf, math.inf))
    if not estimate.has_interval:
        return estimate
    return replace(estimate, low=max(estimate.low, least), high=min(estimate.high, most))


def errors_away(name: str, sample: Sample, level: float = 0.95) -> float:
    """How many standard errors the limits of one of these figures lie from its value.

    On the scale on which it is pooled.
    """
    if name == "auc":
        return auc_errors_away(sample, level)
    return quantile(level, units_of(sample))


def _brier_without_information(sample: Sample) -> float:
    share, weight = base_rate(sample, sample.weight), sample.weight / sample.weight.sum()
    mean = float(weight @ sample.probability)
    return share - 2 * share * mean + float(weight @ np.square(sample.probability))


def _log_loss_without_information(sample: Sample) -> float:
    share, weight = base_rate(sample, sample.weight), sample.weight / sample.weight.sum()
    ones, zeros = np.ones(len(sample)), np.zeros(len(sample))
    p = sample.probability
    return share * float(weight @ log_losses(ones, p)) + (1 - share) * float(
        weight @ log_losses(zeros, p)
    )


def _scaled_brier_without_information(sample: Sample) -> float:
    share = base_rate(sample, sample.weight)
    if not 0 < share < 1:
        return math.nan
    return 1 - _brier_without_information(sample) / (share * (1 - share))


WITHOUT_INFORMATION: Mapping[Measure, Callable[[Sample], float]] = {
    auc: lambda _: 0.5,
    brier: _brier_without_information,
    scaled_brier: _scaled_brier_without_information,
    log_loss: _log_loss_without_information,
    calibration_slope: lambda _: 0.0,
}
"""Per measure its value if outcomes had nothing to do with predictions (Efron and Tibshirani 1997).

Over all pairs of a prediction and an outcome. Calibration in the large has no such value.
"""
