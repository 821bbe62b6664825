"""Intervals of measures at a horizon, from what each person adds to them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

import numpy as np
from scipy.special import expit, logit

from risicoscreener.evaluation.estimate import Estimate, FloatArray
from risicoscreener.evaluation.intervals import quantile, sampled_error, units_of
from risicoscreener.evaluation.resampling import FEWEST_CLUSTERS
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.time.sample import HorizonSample

ROUNDING = 1e-12
"""An error that is not above this is one of rounding: there is no spread."""

LEAST_FOLLOWED = 0.1
"""Share that is followed up to the horizon, below which a figure has no interval."""


@dataclass(frozen=True, eq=False)
class Linear:
    """A value with its derivatives to the weights.

    Attributes
    ----------
    value
        The estimate; NaN without one.
    known
        ``(n,)``: derivative to the weights of `HorizonSample.known_weight`.
    own
        ``(n,)``: derivative to the weights of the people themselves, where they count directly.
    problem
        Why there is no value; a name in ``texts/problems.toml``.
    """

    value: float
    known: FloatArray | None = None
    own: FloatArray | None = None
    problem: str = ""

    @classmethod
    def without(cls, problem: str) -> Linear:
        """No value, and why."""
        return cls(math.nan, problem=problem)


def influence(sample: HorizonSample, linear: Linear) -> FloatArray:
    """What each row adds to the deviation of an estimate, ``(n,)``; it sums to 0.

    The weight of a row times the derivative of the estimate to it (infinitesimal jackknife):
    directly, through the weights of who is known, and through the estimate of censoring.
    """
    moved = np.zeros(len(sample))
    if linear.known is not None:
        pull = sample.known_weight(sample.weight) * linear.known
        moved += pull + sample.weight * sample.through_censoring(pull, sample.weight)
    if linear.own is not None:
        moved += sample.weight * linear.own
    return moved


def estimate(
    name: str, sample: HorizonSample, linear: Linear, level: float = 0.95, scale: str = "plain"
) -> Estimate:
    """The value with the interval of its `influence`, or why it has none.

    Parameters
    ----------
    scale
        On which the interval is symmetric: a name in `SCALES`.
    """
    moved = influence(sample, linear) if math.isfinite(linear.value) else None
    return estimate_moved(name, sample, linear.value, moved, level, scale, linear.problem)


def estimate_moved(
    name: str,
    sample: HorizonSample,
    value: float,
    moved: FloatArray | None,
    level: float = 0.95,
    scale: str = "plain",
    problem: str = "",
) -> Estimate:
    """As `estimate`, for a value of which it is known how each row moves it."""
    quantile(level)
    if nobody_followed(sample):
        value = math.nan
    problem = why_no_interval(sample) or problem
    low = high = math.nan
    if not math.isfinite(value):
        problem = problem or "not_defined"
    elif not problem and moved is not None:
        error = error_of(sample, moved)
        low, high = limits(value, error, sample, level, scale)
        problem = "" if math.isfinite(low) else "no_spread"
    method = "" if problem else ("influence" if sample.cluster is None else "clustered")
    return Estimate(name, value, low, high, level, method, sample.people, sample.events, problem)


def error_of(sample: HorizonSample, moved: FloatArray) -> float:
    """Standard error of an estimate from its `influence`; who has no weight is no unit."""
    return sampled_error(as_binary(sample), moved)


def as_binary(sample: HorizonSample) -> Sample:
    """For what looks at weights and clusters alone, which both samples have."""
    return cast("Sample", sample)


def limits(
    value: float, error: float, sample: HorizonSample, level: float, scale: str
) -> tuple[float, float]:
    """Interval of a value with a standard error, symmetric on a scale; NaN if there is none."""
    half = quantile(level, units_of(as_binary(sample))) * error
    there, back, slope = SCALES[scale]
    bounded = {"log": value > 0, "logit": 0 < value < 1, "cloglog": 0 < value < 1}
    if not half > ROUNDING or not bounded.get(scale, True):
        return math.nan, math.nan
    low, high = (back(there(value) + side * half * slope(value)) for side in (-1.0, 1.0))
    return float(low), float(high)


def nobody_followed(sample: HorizonSample) -> bool:
    """Whether in some group nobody reached the horizon, while some were lost before it."""
    kept = sample.weight > 0
    reached, lost = kept & (sample.time >= sample.horizon_days), kept & ~sample.known
    if sample.group is None:
        return not reached.any() and bool(lost.any())
    return bool(np.setdiff1d(sample.group[lost], sample.group[reached]).size)


def followed_to_horizon(sample: HorizonSample, weight: FloatArray) -> float:
    """Probability of being followed up to the horizon if no event comes before it.

    With groups, in the group that was followed least.
    """
    return float(sample.followed(weight)[weight > 0].min())


def why_no_interval(sample: HorizonSample) -> str:
    """Why figures of a sample have no interval whatever they are; empty if they can have one."""
    if nobody_followed(sample) or followed_to_horizon(sample, sample.weight) < LEAST_FOLLOWED:
        return "short_follow_up"
    clusters = units_of(as_binary(sample))
    return "few_clusters" if clusters is not None and clusters < FEWEST_CLUSTERS else ""


def _cloglog(p: float) -> float:
    return math.log(-math.log1p(-p))


def _from_cloglog(x: float) -> float:
    return -math.expm1(-math.exp(x))


Function = Callable[[float], float]
SCALES: MappingProxyType[str, tuple[Function, Function, Function]] = MappingProxyType(
    {
        "plain": (lambda v: v, lambda x: x, lambda _: 1.0),
        "log": (math.log, math.exp, lambda v: 1.0 / v),
        "logit": (logit, expit, lambda v: 1.0 / (v * (1.0 - v))),
        "cloglog": (_cloglog, _from_cloglog, lambda v: -1.0 / ((1.0 - v) * math.log1p(-v))),
    }
)
"""For each scale the way there, the way back, and its derivative."""
