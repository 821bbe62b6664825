"""Standard errors of calibration measures, and when they become intervals."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.calibration.levels import Levels
from risicoscreener.evaluation.calibration.logistic import LogisticFit
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.intervals import (
    is_spread,
    quantile,
    sums_by_cluster,
    units_of,
)
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]

FEWEST_PEOPLE = 10
"""People with, and people without, the outcome; below it there is no interval."""


def is_plain(sample: Sample) -> bool:
    """Whether rows are independent and count alike."""
    return sample.cluster is None and bool((sample.weight == 1).all())


def interval_method(sample: Sample) -> str:
    """Name in ``texts/methods.toml`` of the analytic intervals of a sample."""
    if sample.cluster is not None:
        return "clustered"
    return "normal" if is_plain(sample) else "sandwich"


def half_width(sample: Sample, level: float) -> float:
    """How many standard errors lie between an estimate and a limit of its interval."""
    return quantile(level, units_of(sample))


def lacking(sample: Sample) -> str:
    """Why no interval can be trusted, or nothing."""
    with_outcome = sample.events
    without = int((sample.weight > 0).sum()) - with_outcome
    if min(with_outcome, without) < FEWEST_PEOPLE:
        return "few_events"
    return "few_clusters" if sample.n_clusters < 2 else ""


def fit_covariance(
    sample: Sample, levels: Levels, columns: FloatArray, fit: LogisticFit
) -> FloatArray:
    """Covariance of coefficients: of the model, or the sandwich with weights or clusters.

    The sandwich has the factor units / (units - 1), as ``sandwich::vcovCL`` in R; rows of weight
    0 are no units.
    """
    bread: FloatArray = np.linalg.inv(fit.information).astype(np.float64)
    if is_plain(sample):
        return bread
    at = np.full(len(levels.probability), -1)
    at[levels.inside] = np.arange(len(fit.mean))
    place = at[levels.of_rows]
    used = (place >= 0) & (sample.weight > 0)
    place = place[used]
    residual = sample.weight[used] * (sample.outcome[used] - fit.mean[place])
    influence = residual * (bread @ columns[:, place])
    codes = (
        None if sample.cluster is None else np.unique(sample.cluster[used], return_inverse=True)[1]
    )
    sums = np.stack([sums_by_cluster(row, codes) for row in influence])
    units = sums.shape[1]
    return sums @ sums.T * (units / (units - 1)) if units > 1 else np.full(bread.shape, math.nan)


def with_interval(
    name: str,
    sample: Sample,
    value: float,
    error: float,
    level: float,
    *,
    problem: str = "",
    ratio: bool = False,
) -> Estimate:
    """The figure with its interval, of its logarithm for a ratio, or why there is none.

    Parameters
    ----------
    error
        Standard error, of the logarithm for a ratio.
    problem
        Why there is no value; an interval may lack for other reasons.
    """
    if not math.isfinite(value):
        problem = problem or "not_defined"
    problem = problem or lacking(sample)
    if not problem and not is_spread(error, 0.0 if ratio else value):
        problem = "no_spread"
    half = math.nan if problem else half_width(sample, level) * error
    low, high = value - half, value + half
    if ratio:
        low, high = value * math.exp(-half), value * math.exp(half)
    return Estimate(
        name,
        value,
        low,
        high,
        level,
        "" if problem else interval_method(sample),
        sample.people,
        sample.events,
        problem,
    )
