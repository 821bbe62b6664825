"""How many new people each rung of the ladder needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from risicoscreener.models.honesty.sample_size import (
    QUANTILE_95,
    SampleSize,
    _predictors,
    _sized,
    people_for_slope,
    required_sample_size,
)
from risicoscreener.models.updating.wording import Rung, check_rung

if TYPE_CHECKING:
    import numpy.typing as npt

    from risicoscreener.models.piecewise import FloatArray


def needed_sample_size_for_update(
    linear_predictor: npt.ArrayLike | tuple[float, float],
    *,
    rung: str,
    parameters: float | None = None,
    prevalence: float | None = None,
    risk_margin: float = 0.05,
    slope_width: float = 0.4,
    shrinkage: float = 0.9,
) -> SampleSize:
    """New people needed to update a model on a rung.

    A new intercept needs the overall risk within a margin; a slope also an interval of the slope
    of a given width (Riley et al. 2021); terms the criteria of making a model (Riley et al.
    2019, 2020), with the parameters that are estimated and the R2 that the old model has in such
    people if it is calibrated there.

    Parameters
    ----------
    linear_predictor
        Calibrated log odds of the old model in people like the new ones: ``(m,)`` values, or mean
        and standard deviation of a normal distribution as a tuple.
    rung
        From `RUNGS`; ``none`` needs nobody.
    parameters
        For a refit or an extension: coefficients to estimate, or with shrinkage to the old model
        their effective number (the degrees of freedom in `UpdateChoice.fits`).
    prevalence
        Expected share with the outcome; by default that which the old model expects.
    risk_margin
        Half the 95% interval of the overall risk.
    slope_width
        Width of the 95% interval of the slope.
    shrinkage
        Least expected shrinkage factor of terms that are estimated.

    Raises
    ------
    ModelError
        For an unknown rung, or terms without ``parameters``.
    """
    from risicoscreener.errors import ModelError

    chosen: Rung = check_rung(rung)
    z = _predictors(linear_predictor)
    share = float(expit(z).mean()) if prevalence is None else prevalence
    if chosen in ("refit", "extension", "refit_and_extension"):
        if parameters is None:
            raise ModelError(
                f"how many people {chosen} needs depends on the coefficients that it estimates; "
                "give parameters."
            )
        r_squared = _r_squared(z)
        return required_sample_size(
            parameters=parameters,
            prevalence=share,
            r_squared=r_squared,
            shrinkage=shrinkage,
            risk_margin=risk_margin,
        )
    criteria = {"overall_risk": (QUANTILE_95 / risk_margin) ** 2 * share * (1.0 - share)}
    if chosen == "none":
        criteria = {"overall_risk": 0.0}
    if chosen == "logistic":
        criteria["calibration_slope"] = people_for_slope(z, slope_width)
    targets = {"overall_risk": risk_margin, "calibration_slope": slope_width}
    return _sized(criteria, targets, share, None)


def _r_squared(z: FloatArray) -> float:
    """Cox-Snell R2 of a calibrated model with these log odds."""
    p = expit(z)
    fitted = p * np.log(p) + (1.0 - p) * np.log1p(-p)
    mean = p.mean()
    null = mean * np.log(mean) + (1.0 - mean) * np.log1p(-mean)
    return float(-np.expm1(2.0 * (null - fitted.mean())))
