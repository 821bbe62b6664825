"""Calibration intercept and slope at a horizon."""

from __future__ import annotations

import numpy as np

from risicoscreener.evaluation.estimate import Estimates, FloatArray
from risicoscreener.evaluation.time.cloglog import CloglogFit, fit_cloglog
from risicoscreener.evaluation.time.horizon import complementary_log_log
from risicoscreener.evaluation.time.influence import Linear, estimate
from risicoscreener.evaluation.time.sample import HorizonSample, Mask


def horizon_recalibration(sample: HorizonSample, *, level: float = 0.95) -> Estimates:
    """Calibration intercept and slope at the horizon, on the scale ``log(-log(1 - F))``.

    ``horizon_intercept`` is what is added to the predictions, their slope kept at 1;
    ``horizon_slope`` is their slope beside a free intercept. A binomial likelihood of who is
    known, with weights for censoring, is maximised (Gerds and others 2014); without censoring it
    is that of all people. `risicoscreener.models.time.calibrate_incidence` fits the same map.

    Notes
    -----
    Probabilities of exactly 0 or 1 have no place on this scale, and are left out.
    """
    made = {"horizon_intercept": linear_intercept, "horizon_slope": linear_slope}
    return Estimates(
        tuple(
            estimate(name, sample, make(sample, sample.weight), level)
            for name, make in made.items()
        )
    )


def horizon_intercept(sample: HorizonSample, weight: FloatArray) -> float:
    """Calibration intercept with the slope kept at 1; 0 is right on average."""
    return linear_intercept(sample, weight).value


def horizon_slope(sample: HorizonSample, weight: FloatArray) -> float:
    """Calibration slope; below 1 predictions are too extreme."""
    return linear_slope(sample, weight).value


def linear_intercept(sample: HorizonSample, weight: FloatArray) -> Linear:
    """Intercept with its derivative."""
    lp, inside = linear_predictor(sample)
    known = sample.known_weight(weight) * inside
    if not _both(sample, known):
        return Linear.without("one_class")
    return _last_of(fit_cloglog(np.ones((1, len(lp))), sample.outcome, known, offset=lp), inside)


def linear_slope(sample: HorizonSample, weight: FloatArray) -> Linear:
    """Slope with its derivative."""
    lp, inside = linear_predictor(sample)
    known = sample.known_weight(weight) * inside
    if not _both(sample, known):
        return Linear.without("one_class")
    if np.ptp(lp[known > 0]) == 0:
        return Linear.without("constant_score")
    if _parted(lp[known > 0], sample.outcome[known > 0] == 1):
        return Linear.without("separated")
    centre = float(known @ lp) / float(known.sum())
    columns = np.stack([np.ones(len(lp)), lp - centre])
    start = np.array([centre, 1.0])
    return _last_of(fit_cloglog(columns, sample.outcome, known, start=start), inside)


def _last_of(fit: CloglogFit, inside: Mask) -> Linear:
    if not fit.determined:
        return Linear.without("separated")
    return Linear(float(fit.coefficients[-1]), fit.slopes[-1] * inside)


def _parted(lp: FloatArray, event: Mask) -> bool:
    """Whether all events lie on one side of all others."""
    with_event, without = lp[event], lp[~event]
    return bool(with_event.min() >= without.max() or with_event.max() <= without.min())


def _both(sample: HorizonSample, known: FloatArray) -> bool:
    """Whether some have the event and some have not."""
    return bool((known[sample.outcome == 1] > 0).any() and (known[sample.outcome == 0] > 0).any())


def linear_predictor(sample: HorizonSample) -> tuple[FloatArray, Mask]:
    """``log(-log(1 - p))`` of each row, and who has one: not a prediction of 0 or 1."""
    p = sample.probability
    inside = (p > 0) & (p < 1)
    lp = np.zeros(len(p))
    lp[inside] = complementary_log_log(p[inside])
    return lp, inside
