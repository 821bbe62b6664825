"""How well a fit does on people whom it did not see: cross-validation, and what it measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.metrics import brier_score_loss, roc_auc_score

from risicoscreener.errors import ModelError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.calibration import mean_calibration, weak_calibration
from risicoscreener.evaluation.discrimination import delong_error
from risicoscreener.models.calibration import LEAST_PROBABILITY, MOST_PROBABILITY, expit_many
from risicoscreener.models.checking import is_constant, says_nothing
from risicoscreener.models.estimators import SplineLogisticClassifier, deal_folds
from risicoscreener.models.risk_model import Performance

if TYPE_CHECKING:
    from risicoscreener.models.estimators import AdditiveClassifier
    from risicoscreener.models.piecewise import FloatArray


@dataclass(frozen=True)
class CrossValidation:
    """Linear predictor of each row by a fit without its fold (``(n,)``), and the performance."""

    linear_predictor: FloatArray
    performance: Performance


def cross_validate(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    estimator: AdditiveClassifier | None = None,
    sample_weight: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
    folds: int = 10,
) -> CrossValidation:
    """Score each row by a fit that did not see it, and measure the scores.

    Penalty and calibration are chosen anew in each fold, so the figures hold for the whole
    procedure.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    rows = np.arange(len(y)) if groups is None else np.asarray(groups)
    dealt = deal_folds(x, y, np.ones(len(y)), None if groups is None else rows, folds)
    if dealt is None:
        raise ModelError("too few people with or without the outcome to cross-validate.")
    estimator = SplineLogisticClassifier() if estimator is None else estimator
    lp, varies = np.empty(len(y)), False
    for held in dealt.T > 0:
        kept = ~held
        inner = None if groups is None else rows[kept]
        fit = clone(estimator).fit(x[kept], y[kept], sample_weight=weight[kept], groups=inner)
        lp[held] = fit.decision_function(x[held])
        varies = varies or not is_constant(lp[held])
    if not varies:
        raise says_nothing()
    method = f"{dealt.shape[1]}-fold cross-validation of the whole procedure"
    return CrossValidation(lp, measure_performance(y, lp, weight, method=method))


def measure_performance(
    y: FloatArray,
    linear_predictor: FloatArray,
    weight: FloatArray | None = None,
    *,
    method: str,
) -> Performance:
    """AUC, Brier score and logistic calibration of linear predictors, with 95% intervals.

    The interval of the AUC is DeLong's (1988), of the Brier score that of a mean, of the
    calibration Wald's; with weights the robust ones of the last, and none of the first two.

    Raises
    ------
    ModelError
        If the linear predictor is the same for everybody, or separates those with the outcome
        from those without it: it has no slope of calibration.
    """
    if is_constant(linear_predictor):
        raise says_nothing()
    weight = np.ones(len(y)) if weight is None else weight
    probability = np.clip(expit_many(linear_predictor), LEAST_PROBABILITY, MOST_PROBABILITY)
    people = Sample.of(probability, y, weight=weight)
    found = mean_calibration(people) + weak_calibration(people)
    intercept, slope = found["calibration_intercept"], found["calibration_slope"]
    if not (intercept.ok and slope.ok):
        raise ModelError(f"no performance can be stated: {slope.text('en')}.")
    auc = float(roc_auc_score(y, linear_predictor, sample_weight=weight))
    brier = float(brier_score_loss(y, probability, sample_weight=weight))
    intervals = {e.name: (e.low, e.high) for e in (intercept, slope) if e.has_interval}
    if (weight == 1).all():
        squared = np.square(y - probability)
        intervals["auc"] = _around(auc, delong_error(y, linear_predictor))
        intervals["brier"] = _around(brier, float(squared.std(ddof=1)) / np.sqrt(len(y)))
    return Performance(
        auc=auc,
        brier=brier,
        calibration_intercept=intercept.value,
        calibration_slope=slope.value,
        method=method,
        intervals=intervals,
    )


def _around(estimate: float, error: float) -> tuple[float, float]:
    return float(estimate - 1.96 * error), float(estimate + 1.96 * error)
