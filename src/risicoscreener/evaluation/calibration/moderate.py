"""Moderate calibration: the flexible curve with its band, and its distance from the diagonal.

References
----------
Van Calster et al. (2016), Journal of Clinical Epidemiology 74:167-176. Austin and Steyerberg
(2019), Statistics in Medicine 38:4051-4065. Harrell (2015), Regression Modeling Strategies.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.calibration.flexible import ERROR_NAMES, curve_problem
from risicoscreener.evaluation.calibration.inference import interval_method, lacking
from risicoscreener.evaluation.calibration.levels import levels_of
from risicoscreener.evaluation.calibration.smoothers import Smoother, SplineCurve
from risicoscreener.evaluation.estimate import Curve, Estimate, Estimates
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.resampling import Kind, bootstrap
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]

SPLINE = SplineCurve()
INTERVAL: Kind = "percentile"


def calibration_curve(
    sample: Sample, *, smoother: Smoother = SPLINE, level: float = 0.95, label: str = ""
) -> Curve:
    """The share with the outcome as a smooth function of the probability, with pointwise band.

    Parameters
    ----------
    smoother
        `SplineCurve` or `LoessCurve`. The band of both is that of the curve that the smoother
        would find in very many people; it does not hold what a smoother cannot follow.
    label
        Which model or group, for a picture of several.

    Returns
    -------
    Without points, and with a problem, if all people have one probability or one outcome.
    """
    quantile(level)
    bare = Curve(
        "calibration_curve",
        np.empty(0),
        np.empty(0),
        level=level,
        n=len(sample),
        events=sample.events,
        label=label,
    )
    levels = levels_of(sample)
    problem = curve_problem(levels, *levels.counts(sample.weight))
    if problem:
        return replace(bare, problem=problem)
    x, y, low, high, problem = smoother.points(sample, level)
    problem = lacking(sample) or problem
    if problem:
        low = high = np.full(len(x), math.nan)
    method = "" if problem else interval_method(sample)
    return replace(bare, x=x, y=y, low=low, high=high, method=method, problem=problem)


def moderate_calibration(
    sample: Sample,
    *,
    smoother: Smoother = SPLINE,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
    jobs: int = 1,
) -> Estimates:
    """How far the flexible curve lies from the diagonal, over people.

    Parameters
    ----------
    smoother
        `SplineCurve` or `LoessCurve`.
    replicates
        Of the bootstrap that gives intervals; 0 for none. The indices are never below 0, and on
        the average larger than in very many people, the more so the fewer the people; so an
        interval never holds 0, and is no test of calibration.
    seed, jobs
        As of `bootstrap`.

    Returns
    -------
    ``ici``, ``e50``, ``e90`` and ``emax``: mean, median, 90th percentile and maximum of the
    distance between probability and curve.
    """
    quantile(level)
    values = smoother.errors(sample, sample.weight)
    problem = lacking(sample) if math.isfinite(values[0]) else "one_class"
    if not problem and replicates:
        found = bootstrap(
            sample, {ERROR_NAMES: smoother.errors}, replicates=replicates, seed=seed, jobs=jobs
        )
        return Estimates(tuple(found.estimate(name, level, INTERVAL) for name in ERROR_NAMES))
    n, events = len(sample), sample.events
    return Estimates(
        tuple(
            Estimate(name, value, level=level, n=n, events=events, problem=problem)
            for name, value in zip(ERROR_NAMES, values, strict=True)
        )
    )
