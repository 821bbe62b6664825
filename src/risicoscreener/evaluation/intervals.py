"""Intervals from standard errors: of means and what can be linearised to one, and of shares."""

from __future__ import annotations

import math
from functools import lru_cache
from numbers import Real

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtr, ndtri, stdtr, stdtrit

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Curve, Estimate
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


ROUNDING = 1e-12
"""Standard errors below it, of values of about 1 or as a part of larger ones, are rounding."""


def is_spread(error: float, value: float = 0.0) -> bool:
    """Whether a standard error is one, and not what rounding makes of 0."""
    return error > ROUNDING * max(1.0, abs(value))


@lru_cache(maxsize=1024)
def quantile(level: float, clusters: float | None = None) -> float:
    """How many standard errors lie between an estimate and a limit of its interval.

    Parameters
    ----------
    clusters
        If the error is one of clusters, their number: then of the t distribution with one degree
        of freedom fewer, otherwise of the normal one.

    Raises
    ------
    EvaluationError
        If the level does not lie between 0 and 1.
    """
    if not isinstance(level, Real) or not 0 < level < 1:
        raise EvaluationError(f"level is {level!r}; expected a number between 0 and 1")
    tail = 0.5 + level / 2
    if clusters is None:
        return float(ndtri(tail))
    return float(stdtrit(clusters - 1, tail)) if clusters > 1 else math.nan


def units_of(sample: Sample) -> int | None:
    """The number of clusters with weight, or None without: what `quantile` wants to know."""
    if sample.cluster is None:
        return None
    return int((np.bincount(sample.cluster, sample.weight) > 0).sum())


def sums_by_cluster(values: FloatArray, cluster: Codes | None) -> FloatArray:
    """Sum per cluster; the values themselves without clusters."""
    if cluster is None:
        return values
    found: FloatArray = np.bincount(cluster, values).astype(np.float64, copy=False)
    return found


def influence_error(influence: FloatArray, cluster: Codes | None = None) -> float:
    """Standard error of an estimate from what each row adds to its deviation.

    Parameters
    ----------
    influence
        ``(n,)``, adding up to 0: the influence function of each row times its share of the
        weight. Of a mean ``w (x - mean) / sum(w)``.
    cluster
        ``(n,)`` codes; the clusters are then the units that are sampled.

    Returns
    -------
    NaN with fewer than two units.

    References
    ----------
    Williams (2000), Biometrics 56:645-646.
    """
    pull = sums_by_cluster(influence, cluster)
    units = len(pull)
    if units < 2:
        return math.nan
    return math.sqrt(units / (units - 1) * float(pull @ pull))


def mean_error(values: FloatArray, weight: FloatArray, cluster: Codes | None = None) -> float:
    """Standard error of a weighted mean; without weights s / sqrt(n)."""
    kept, cluster = _counted(weight, cluster)
    values, weight = values[kept], weight[kept]
    share = weight / weight.sum()
    return influence_error(share * (values - share @ values), cluster)


def sampled_error(sample: Sample, influence: FloatArray) -> float:
    """Standard error of a figure whose rows pull at it by ``influence``, ``(n,)``.

    Rows and clusters without weight are no units.
    """
    kept, cluster = _counted(sample.weight, sample.cluster)
    return influence_error(influence[kept], cluster)


def _counted(
    weight: FloatArray, cluster: Codes | None
) -> tuple[npt.NDArray[np.bool_], Codes | None]:
    """Who has weight, and their clusters in codes without gaps."""
    kept = weight > 0
    if cluster is None or kept.all():
        return kept, cluster
    return kept, np.unique(cluster[kept], return_inverse=True)[1]


def estimate_around(
    name: str,
    sample: Sample,
    value: float,
    error: float,
    level: float = 0.95,
    *,
    scale: str = "plain",
    method: str = "normal",
    bounds: tuple[float, float] = (-math.inf, math.inf),
    problem: str = "no_spread",
    degrees: float | None = None,
) -> Estimate:
    """An estimate with the interval of its standard error, as far as there is one.

    Parameters
    ----------
    scale
        ``plain``; or ``logit`` for a value in (0, 1) whose interval is to stay there: it is made
        on the log odds and taken back.
    method
        How it is called without clusters; with them it is ``clustered``.
    bounds
        Limits are cut off here.
    problem
        What is said if there is no error, or one of 0 but for rounding.
    degrees
        Of freedom of the t distribution, where the error rests on few people; without it the
        normal distribution, with clusters the t distribution of their number.
    """
    clusters = units_of(sample) if degrees is None else degrees + 1
    half = quantile(level, clusters) * error
    known = math.isfinite(value) and half > 0 and is_spread(error, value)
    if scale == "logit" and known:
        known = 0 < value < 1
    low = high = math.nan
    if known and scale == "logit":
        half /= value * (1 - value)
        low, high = (float(expit(logit(value) + side * half)) for side in (-1, 1))
    elif known:
        low, high = max(value - half, bounds[0]), min(value + half, bounds[1])
    return Estimate(
        name,
        value,
        low,
        high,
        level,
        (method if sample.cluster is None else "clustered") if known else "",
        sample.people,
        sample.events,
        "" if known else problem,
    )


def two_sided(estimate: Estimate, error: float, sample: Sample) -> float:
    """P-value of an estimate of 0, by the normal distribution or with clusters by Student's t.

    NaN where the estimate has no interval.
    """
    if not estimate.has_interval:
        return math.nan
    distance, units = -abs(estimate.value) / error, units_of(sample)
    return 2 * float(ndtr(distance) if units is None else stdtr(units - 1, distance))


def curve_around(
    name: str,
    sample: Sample,
    x: FloatArray,
    values: FloatArray,
    errors: FloatArray,
    level: float = 0.95,
    *,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    problem: str = "no_spread",
    label: str = "",
) -> Curve:
    """A curve with the normal pointwise band of its standard errors, where there is one.

    Parameters
    ----------
    x, values, errors
        ``(k,)`` each.
    bounds
        The band is cut off here.
    problem
        What is said if there is no band anywhere.
    """
    spread = errors > ROUNDING * np.maximum(1.0, np.abs(values))
    half = quantile(level, units_of(sample)) * np.where(spread, errors, math.nan)
    banded = bool(np.isfinite(half).any())
    method = "normal" if sample.cluster is None else "clustered"
    return Curve(
        name,
        x,
        values,
        np.maximum(values - half, bounds[0]),
        np.minimum(values + half, bounds[1]),
        level,
        method if banded else "",
        sample.people,
        sample.events,
        "" if banded else problem,
        label,
    )


# -- shares ----------------------------------------------------------------------------------------


def wilson(share: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Interval of a share of ``n`` independent people (Wilson 1927, JASA 22:209-212)."""
    z2 = quantile(level) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return (0.0 if share == 0 else centre - half), (1.0 if share == 1 else centre + half)


def effective_number(
    sample: Sample, part: npt.NDArray[np.bool_], happened: FloatArray, level: float = 0.95
) -> float:
    """How many independent people would give a share its standard error.

    Without weights and clusters the number of people in the part. With them the number of Korn
    and Graubard (1998, Survey Methodology 24:193-201), lowered for few clusters. Where nobody or
    everybody has it, that number is not defined: then that of the weights (Kish 1965), and at
    most the number of clusters.

    Parameters
    ----------
    part
        ``(n,)``: who counts in the denominator.
    happened
        ``(n,)``, 0.0 or 1.0: who counts in the numerator.
    level
        Of the interval: it says how much few clusters lower the number.
    """
    kept = part & (sample.weight > 0)
    weight, hits = sample.weight[kept], happened[kept]
    if sample.cluster is None and (weight == 1).all():
        return float(len(weight))
    independent = float(weight.sum() ** 2 / (weight @ weight))
    clusters, cluster = None, None
    if sample.cluster is not None:
        labels, cluster = np.unique(sample.cluster[kept], return_inverse=True)
        clusters = len(labels)
        independent = min(independent, float(clusters))
    share = float(weight @ hits / weight.sum())
    error = mean_error(hits, weight, cluster)
    if not (0 < share < 1 and hits.any() and not hits.all() and is_spread(error)):
        return independent
    few = 1.0 if clusters is None else quantile(level) / quantile(level, clusters)
    return share * (1 - share) / error**2 * few**2


def share_estimate(
    name: str,
    sample: Sample,
    part: npt.NDArray[np.bool_],
    happened: npt.NDArray[np.bool_],
    level: float = 0.95,
) -> Estimate:
    """The weighted share of a part of the people to whom something happened, after Wilson.

    With weights or clusters Wilson's interval is that of `effective_number`.
    """
    quantile(level)
    kept = part & (sample.weight > 0)
    counts = (int(kept.sum()), int((kept & (sample.outcome == 1)).sum()))
    if not kept.any():
        return Estimate(name, math.nan, level=level, problem="nobody")
    hits, weight = happened.astype(np.float64), sample.weight[kept]
    value = float(weight @ hits[kept] / weight.sum())
    if hits[kept].all():
        value = 1.0  # not a rounding below it
    plain = sample.cluster is None and bool((sample.weight == 1).all())
    low, high = wilson(value, effective_number(sample, part, hits, level), level)
    method = "wilson" if plain else "wilson_effective"
    return Estimate(name, value, low, high, level, method, *counts)
