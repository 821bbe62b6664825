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
from risicoscreener.evaluation.calibration.smoothers import Smoother, SplineCurve, check_smoother
from risicoscreener.evaluation.estimate import Curve, Estimate, Estimates
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.resampling import (
    MOST_WITHOUT,
    Kind,
    bootstrap,
    check_replicates,
    check_seed,
)
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]

SPLINE = SplineCurve()
INTERVAL: Kind = "widest"
"""An index is a distance: chance makes it too high in a sample, and once more in its replicates.
Percentiles mirrored in the value allow for that at the low end, plain ones reach the high end; each
alone holds the truth too seldom (`docs/evaluation/coverage.md`)."""

FEWEST_REPLICATES = 20
PARTED = "separated"


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
    Without points, and with a problem, if all people have one probability or one outcome, or if
    fewer than 10 have, or have not, the outcome.
    """
    quantile(level)
    check_smoother(smoother)
    bare = Curve(
        "calibration_curve",
        np.empty(0),
        np.empty(0),
        level=level,
        n=sample.people,
        events=sample.events,
        label=label,
    )
    levels = levels_of(sample)
    lack = lacking(sample)
    problem = curve_problem(levels, *levels.counts(sample.weight)) or _too_few(lack)
    if problem:
        return replace(bare, problem=problem)
    x, y, low, high, problem = smoother.points(sample, level)
    problem = lack or problem
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
        Of the bootstrap that gives intervals; 0 for none. The indices are never below 0, and by
        chance larger than in very many people, the more so the fewer the people. Intervals
        reach from the lower of plain and mirrored percentiles to the higher to allow for it;
        `ici_by_chance` says what chance alone gives.
    seed, jobs
        As of `bootstrap`.

    Returns
    -------
    ``ici``, ``e50``, ``e90`` and ``emax``: mean, median, 90th percentile and maximum of the
    distance between probability and curve. Without a value if fewer than 10 people have, or have
    not, the outcome: a curve through them says nothing. Without an interval, as the curve is
    without a band, if probabilities separate the outcomes.
    """
    quantile(level)
    check_smoother(smoother)
    values = smoother.errors(sample, sample.weight)
    problem = lacking(sample) if math.isfinite(values[0]) else "one_class"
    if not problem and calibration_curve(sample, smoother=smoother, level=level).problem == PARTED:
        problem = PARTED
    if _too_few(problem):
        values = (math.nan,) * 4
    if not problem and replicates:
        found = bootstrap(
            sample, {ERROR_NAMES: smoother.errors}, replicates=replicates, seed=seed, jobs=jobs
        )
        return Estimates(
            tuple(_not_below_0(found.estimate(name, level, INTERVAL)) for name in ERROR_NAMES)
        )
    n, events = sample.people, sample.events
    return Estimates(
        tuple(
            Estimate(name, value, level=level, n=n, events=events, problem=problem)
            for name, value in zip(ERROR_NAMES, values, strict=True)
        )
    )


def _too_few(lack: str) -> str:
    """The reason, if it is one against a curve at all."""
    return lack if lack == "few_events" else ""


def _not_below_0(estimate: Estimate) -> Estimate:
    if not estimate.has_interval:
        return estimate
    return replace(estimate, low=max(estimate.low, 0.0), high=max(estimate.high, 0.0))


def ici_by_chance(
    sample: Sample,
    *,
    smoother: Smoother = SPLINE,
    level: float = 0.95,
    replicates: int = 200,
    seed: int = 0,
) -> Estimate:
    """The ICI that these probabilities would show by chance if they were calibrated.

    Outcomes are drawn from the probabilities; rows are taken for independent. An ICI that lies
    within the limits is no sign of miscalibration.

    Parameters
    ----------
    smoother
        As of `moderate_calibration`.
    replicates
        Draws; at least 20.

    Returns
    -------
    Mean over the draws, with the limits between which a share `level` of them lies.

    Raises
    ------
    EvaluationError
        For fewer draws, another smoother, or a seed that is none.
    """
    quantile(level)
    check_smoother(smoother)
    check_replicates(replicates, FEWEST_REPLICATES)
    check_seed(seed)
    n, events = sample.people, sample.events
    if sample.cluster is not None:
        return Estimate(
            "ici_by_chance", math.nan, level=level, n=n, events=events, problem="dependent_rows"
        )
    rng = np.random.default_rng(seed)
    found = np.empty(replicates)
    for place in range(replicates):
        outcome = (rng.random(len(sample)) < sample.probability).astype(np.float64)
        found[place] = smoother.errors(replace(sample, outcome=outcome), sample.weight)[0]
    found = found[np.isfinite(found)]
    if len(found) < (1.0 - MOST_WITHOUT) * replicates:
        return Estimate(
            "ici_by_chance", math.nan, level=level, n=n, events=events, problem="few_events"
        )
    low, high = np.quantile(found, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    mean = float(found.mean())
    return Estimate("ici_by_chance", mean, float(low), float(high), level, "consistency", n, events)
