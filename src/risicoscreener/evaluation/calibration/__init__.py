"""Do probabilities mean what they say: of the people who get 30%, do 30 in 100 have the outcome."""

from __future__ import annotations

from risicoscreener.evaluation.calibration.measures import (
    calibration_intercept,
    calibration_slope,
    expected_observed,
    ici,
    observed_expected_difference,
    recalibration,
)
from risicoscreener.evaluation.calibration.moderate import spline_errors

__all__ = [
    "calibration_intercept",
    "calibration_slope",
    "expected_observed",
    "ici",
    "observed_expected_difference",
    "recalibration",
    "spline_errors",
]
