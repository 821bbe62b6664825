"""Estimators in the manner of scikit-learn; those that are additive lower to a scoring program."""

from __future__ import annotations

from risicoscreener.models.estimators.base import AdditiveClassifier, RiskClassifier
from risicoscreener.models.estimators.boosting import AdditiveBoostingClassifier
from risicoscreener.models.estimators.folds import deal_folds
from risicoscreener.models.estimators.gradient_boosting import GradientBoostingReference
from risicoscreener.models.estimators.out_of_fold import (
    LEAST_CALIBRATION_SLOPE,
    logistic_calibration,
)
from risicoscreener.models.estimators.paired import PairedClassifier
from risicoscreener.models.estimators.scorecard import ScorecardClassifier
from risicoscreener.models.estimators.spline_logistic import SplineLogisticClassifier
from risicoscreener.models.estimators.stack import StackComparison, StackedClassifier

__all__ = [
    "LEAST_CALIBRATION_SLOPE",
    "AdditiveBoostingClassifier",
    "AdditiveClassifier",
    "GradientBoostingReference",
    "PairedClassifier",
    "RiskClassifier",
    "ScorecardClassifier",
    "SplineLogisticClassifier",
    "StackComparison",
    "StackedClassifier",
    "deal_folds",
    "logistic_calibration",
]
