"""Recalibration of cumulative incidences at one horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.errors import ModelError
from risicoscreener.evaluation.time.horizon import complementary_log_log, horizon_weights
from risicoscreener.models.calibration import Logistic, cloglog_many
from risicoscreener.models.estimators.out_of_fold import LEAST_CALIBRATION_SLOPE
from risicoscreener.models.estimators.penalised import Bounds
from risicoscreener.models.time.penalties import fit_likelihood
from risicoscreener.models.time.person_period import Periods, PersonPeriods

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray


def calibrate_incidence(
    predicted: FloatArray, y: Any, horizon_days: float, cause: int = 1
) -> Logistic:
    """Recalibration of predicted cumulative incidences at one horizon.

    ``log(-log(1 - F))`` becomes ``intercept + slope`` times itself, fitted on the outcomes at the
    horizon with weights for censoring (Gerds and others 2014). On this scale the map is that of
    a program with link ``cloglog``.

    Parameters
    ----------
    predicted
        ``(n,)``, by fits that did not see the row.
    y
        As `as_time_to_event` takes it.

    Returns
    -------
    The map; its slope is at least `LEAST_CALIBRATION_SLOPE`, so that it keeps the order.
    """
    event, weight = horizon_weights(y, horizon_days, cause)
    lp = complementary_log_log(predicted)
    likelihood = PersonPeriods(
        lp[:, None], np.ones(len(lp)), event == 1, weight, Periods(np.array([0.0, 1.0])), "cloglog"
    )
    if not weight @ event > 0:
        raise ModelError(f"no event within {horizon_days:g} days; nothing to calibrate on.")
    bounds = Bounds(np.array([LEAST_CALIBRATION_SLOPE, -np.inf]), np.full(2, np.inf))
    fit = fit_likelihood(likelihood, np.diag([1e-9, 0.0]), np.array([1.0, 0.0]), bounds)
    return Logistic(intercept=float(fit.coefficients[1]), slope=float(fit.coefficients[0]))


def recalibrated(predicted: FloatArray, calibration: Logistic) -> FloatArray:
    """Cumulative incidences after the map of `calibrate_incidence`."""
    return cloglog_many(calibration.before_link(complementary_log_log(predicted)))
