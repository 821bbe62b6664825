"""Maps with a few parameters, by maximum likelihood: logistic, beta, restricted cubic spline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError
from risicoscreener.evaluation.calibration.basis import (
    KNOT_QUANTILES,
    cubes_of_basis,
    restricted_cubic_basis,
    weighted_quantiles,
)
from risicoscreener.models.calibrating.data import CalibrationData
from risicoscreener.models.calibrating.register import settings
from risicoscreener.models.calibration import (
    LEAST_PROBABILITY,
    MOST_PROBABILITY,
    Beta,
    Logistic,
    Spline,
)
from risicoscreener.models.estimators.out_of_fold import (
    LEAST_CALIBRATION_SLOPE,
    logistic_calibration,
)
from risicoscreener.models.estimators.penalised import Bounds, Sample, fit_penalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray

RIDGE = 1e-9
"""Keeps a predictor that is the same for everyone from being singular; moves nothing else."""

BISECTIONS = 24
LARGEST_SMOOTHING = 1e12


def fit_logistic(
    lp: npt.ArrayLike, outcome: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> Logistic:
    """Logistic recalibration: intercept and slope of the outcome on the linear predictor.

    Parameters
    ----------
    lp
        ``(n,)``: log odds, of rows that the model has not seen.
    outcome
        ``(n,)``: 0 or 1.
    weight
        ``(n,)``, not negative; a weight of 2 is a row seen twice.

    Raises
    ------
    ModelError
        For input that cannot be used (see `CalibrationData.of`).

    References
    ----------
    Cox DR (1958). Two further applications of a model for binary regression. Biometrika 45.
    """
    data = CalibrationData.of(lp, outcome, weight)
    return logistic_calibration(data.lp, data.outcome, data.weight)


def fit_beta(
    lp: npt.ArrayLike, outcome: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> Beta:
    """Beta calibration: logistic regression of the outcome on log p and log (1 - p).

    Both coefficients are held at 0 or above in the direction that keeps the map rising. If the
    data want neither, the map is flattened to the lowest slope of logistic recalibration, so
    that people keep their order.

    Parameters are those of `fit_logistic`.

    References
    ----------
    Kull M, Silva Filho T, Flach P (2017). Beta calibration. AISTATS 54, 623-631.
    """
    data = CalibrationData.of(lp, outcome, weight)
    p = np.clip(data.probability, LEAST_PROBABILITY, MOST_PROBABILITY)
    design = np.column_stack([np.ones_like(p), np.log(p), -np.log1p(-p)])
    bounds = Bounds(np.array([-np.inf, 0.0, 0.0]), np.full(3, np.inf))
    sample = Sample(design, data.outcome, data.weight)
    fit = fit_penalised(sample, np.diag([0.0, RIDGE, RIDGE]), bounds)
    intercept, a, b = (float(c) for c in fit.coefficients)
    if a + b >= LEAST_CALIBRATION_SLOPE:
        return Beta(a=a, b=b, intercept=intercept)
    flat = logistic_calibration(data.lp, data.outcome, data.weight)
    return Beta(a=flat.slope, b=flat.slope, intercept=flat.intercept)


def fit_spline(
    lp: npt.ArrayLike,
    outcome: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    knots: int | Sequence[float] | None = None,
) -> Spline | Logistic:
    """Logistic regression of the outcome on a restricted cubic spline of the linear predictor.

    If the maximum-likelihood spline rises everywhere it is the answer. If it falls somewhere
    (or rises less than the data file ``methods.toml`` asks, which would make people tie), the
    integral of the squared second derivative is penalised, just enough that it does not.

    Parameters
    ----------
    lp, outcome, weight
        As for `fit_logistic`.
    knots
        Number of knots, at the quantiles of Harrell (2015, table 2.3), or the knots themselves.
        By default the number of ``methods.toml``.

    Returns
    -------
    The spline, or logistic recalibration if the predictors have too few distinct values for
    three knots or the outcome does not rise with the predictor at all.

    References
    ----------
    Harrell FE (2015). Regression Modeling Strategies, second edition. Springer.
    """
    data = CalibrationData.of(lp, outcome, weight)
    places = _knots(data, knots)
    if len(places) < 3:
        return logistic_calibration(data.lp, data.outcome, data.weight)
    basis = restricted_cubic_basis(data.lp, places)
    sample = Sample(np.column_stack([np.ones(len(basis)), basis]), data.outcome, data.weight)
    roughness = _roughness(places)
    found, coefficients = _rising_fit(sample, places, roughness, 0.0, None)
    if found is not None:
        return found
    low, high = -6.0, float(np.log10(LARGEST_SMOOTHING))
    best, coefficients = _rising_fit(sample, places, roughness, 10.0**high, coefficients)
    if best is None:
        return logistic_calibration(data.lp, data.outcome, data.weight)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        found, coefficients = _rising_fit(sample, places, roughness, 10.0**middle, coefficients)
        best, low, high = (best, middle, high) if found is None else (found, low, middle)
    return best


def _roughness(knots: tuple[float, ...]) -> FloatArray:
    """Matrix of the integral of the squared second derivative, in standard width of the knots."""
    t = np.array(knots)
    second = 6.0 * np.maximum(t[:, None] - t, 0.0) @ cubes_of_basis(knots)
    left, right, width = second[:-1], second[1:], np.diff(t)[:, None]
    bent = left.T @ (width * left) + right.T @ (width * right)
    bent += (left.T @ (width * right) + right.T @ (width * left)) / 2.0
    matrix = np.zeros((len(t), len(t)))
    matrix[2:, 2:] = bent / 3.0 * (t[-1] - t[0])
    return matrix


def _rising_fit(
    sample: Sample,
    knots: tuple[float, ...],
    roughness: FloatArray,
    smoothing: float,
    start: FloatArray | None,
) -> tuple[Spline | None, FloatArray]:
    """The fit with this smoothing, None if it rises too little somewhere; its coefficients."""
    size = len(roughness)
    penalty = smoothing * roughness + np.diag([0.0, *[RIDGE] * (size - 1)])
    fitted = fit_penalised(sample, penalty, Bounds.none(size), start).coefficients
    intercept, *coefficients = fitted.tolist()
    try:
        spline = Spline(knots, intercept, tuple(coefficients))
    except ModelError:
        return None, fitted
    return (spline if spline.least_slope >= settings().spline.least_slope else None), fitted


def _knots(data: CalibrationData, knots: int | Sequence[float] | None) -> tuple[float, ...]:
    chosen = settings().spline.knots if knots is None else knots
    if not isinstance(chosen, int):
        return tuple(float(knot) for knot in chosen)
    quantiles = KNOT_QUANTILES.get(chosen)
    if quantiles is None:
        known = ", ".join(map(str, KNOT_QUANTILES))
        raise ModelError(f"a calibration spline with {chosen} knots; known are {known}.")
    places = np.unique(weighted_quantiles(data.lp, data.weight, quantiles))
    return tuple(places.tolist())
