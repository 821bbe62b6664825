"""Calibration on linear predictors of rows by fits that did not see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import Calibration, Identity, Logistic
from risicoscreener.models.estimators.penalised import Bounds, Fit, Sample, fit_penalised

if TYPE_CHECKING:
    from risicoscreener.models.calibrating import Method
    from risicoscreener.models.piecewise import FloatArray

LEAST_CALIBRATION_SLOPE = 0.05


def logistic_calibration(lp: FloatArray, outcome: FloatArray, weight: FloatArray) -> Logistic:
    """Intercept and slope of the outcome on the linear predictor.

    A slope that is not positive says that the predictor carries no signal out of fold; it is
    set to `LEAST_CALIBRATION_SLOPE` with the intercept that then fits, so that the map stays
    increasing and the probabilities lie close to the prevalence.
    """
    sample = Sample(np.column_stack([np.ones_like(lp), lp]), outcome, weight)
    bounds = Bounds(np.array([-np.inf, LEAST_CALIBRATION_SLOPE]), np.full(2, np.inf))
    ridge = np.diag([0.0, 1e-6])  # keeps a constant predictor from being singular
    fit: Fit = fit_penalised(sample, ridge, bounds)
    return Logistic(intercept=float(fit.coefficients[0]), slope=float(fit.coefficients[1]))


def check_calibration(calibration: Any) -> None:
    """Raise ValueError if a parameter ``calibration`` is no method and not None."""
    from risicoscreener.models.calibrating.register import check_method

    if calibration is None:
        return
    try:
        check_method(calibration)
    except ModelError as error:
        raise ValueError(f"calibration is {calibration!r}: {error}") from error


def calibrate_out_of_fold(
    lp: FloatArray,
    outcome: FloatArray,
    shares: FloatArray,
    calibration: Method | None,
) -> Calibration:
    """The calibration map of predictors out of fold.

    Parameters
    ----------
    lp
        ``(n, folds)``: of each row by the fit without that fold's share of it.
    outcome
        ``(n,)``, 0 or 1.
    shares
        ``(n, folds)``, as from `deal_folds`.
    calibration
        Name of a method of `risicoscreener.models.calibrating`, or None for no map.

    Raises
    ------
    ModelError
        If there are fewer events than the method needs. The logistic map, which needs few, is
        fitted to any number here.
    """
    from risicoscreener.models.calibrating.register import fit_calibration

    if calibration is None:
        return Identity()
    rows, fold = np.nonzero(shares > 0)
    held, outcomes, weight = lp[rows, fold], outcome[rows], shares[rows, fold]
    if calibration == "logistic":
        return logistic_calibration(held, outcomes, weight)
    return fit_calibration(calibration, held, outcomes, weight, folds=fold)


def averaged_out_of_fold(lp: FloatArray, shares: FloatArray) -> FloatArray:
    """One predictor per row ``(n,)``: the mean of those of its shares."""
    averaged: FloatArray = (lp * shares).sum(axis=1) / shares.sum(axis=1)
    return averaged
