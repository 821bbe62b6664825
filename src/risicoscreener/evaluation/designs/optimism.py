"""How much a procedure flatters itself on its own people: bootstrap optimism, .632 and .632+."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.designs.people import Codes, FloatArray, People, each
from risicoscreener.evaluation.designs.performance import (
    MEASURES,
    WITHOUT_INFORMATION,
    performance,
    within_bounds,
)
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.resampling import Measure
from risicoscreener.evaluation.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

SEEN_SHARE = 0.632
"""Share of the people that is in a bootstrap sample of many: 1 - 1/e."""

LEAST_SPREAD = 1e-12
"""Differences below it are rounding."""

MOST_WITHOUT = 0.05
"""Largest share of resamples without a value of a measure with which it is still corrected."""


@dataclass(frozen=True, eq=False, repr=False)
class Optimism:
    """Apparent performance, and what is left of it.

    Attributes
    ----------
    apparent
        On the people fitted on.
    corrected
        Apparent less the mean optimism of bootstrap samples (Harrell, Lee and Mark 1996). The
        interval is apparent less the quantiles of the optimism: a basic bootstrap interval of the
        performance of this very model, with all people in the place of everybody. With many
        features for few people it is too narrow and too high, as the correction is too small.
    of_632, of_632_plus
        Weighed means of the apparent and the out-of-bag figure (Efron 1983; Efron and Tibshirani
        1997, Journal of the American Statistical Association 92:548-560); without intervals. For
        measures without a value of no information there is no .632+.
    in_resample, in_original, out_of_bag
        By measure ``(B,)``: the model of each bootstrap sample in that sample, in all people, and
        in the people who are not in it; NaN where it has no value.
    """

    apparent: Estimates
    corrected: Estimates
    of_632: Estimates
    of_632_plus: Estimates
    in_resample: Mapping[str, FloatArray]
    in_original: Mapping[str, FloatArray]
    out_of_bag: Mapping[str, FloatArray]

    def __repr__(self) -> str:
        return f"corrected for optimism\n{self.corrected}"

    def optimism(self, name: str) -> float:
        """Mean difference between the figure in bootstrap samples and in all people."""
        return _mean(self.in_resample[name] - self.in_original[name])

    def monte_carlo_error(self, name: str) -> float:
        """Standard error of the mean optimism from the number of resamples alone."""
        found = self.in_resample[name] - self.in_original[name]
        there = found[np.isfinite(found)]
        return float(there.std(ddof=1) / math.sqrt(len(there))) if len(there) > 1 else math.nan

    def to_frame(self) -> pd.DataFrame:
        """A row for each measure: apparent, optimism, corrected with limits, .632 and .632+."""
        import pandas as pd

        rows = {
            one.name: {
                "apparent": one.value,
                "optimism": self.optimism(one.name),
                "corrected": self.corrected[one.name].value,
                "low": self.corrected[one.name].low,
                "high": self.corrected[one.name].high,
                "0.632": self.of_632[one.name].value,
                "0.632+": self.of_632_plus[one.name].value,
            }
            for one in self.apparent
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    def to_dict(self) -> dict[str, Any]:
        """Plain values of the figures."""
        names = ("apparent", "corrected", "of_632", "of_632_plus")
        return {name: getattr(self, name).to_dict() for name in names}

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True)


def bootstrap_optimism(
    estimator: Any,
    X: Any,  # noqa: N803
    y: npt.ArrayLike,
    *,
    measures: Mapping[str, Measure] | None = None,
    groups: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    resamples: int = 200,
    seed: int = 0,
    jobs: int = 1,
    level: float = 0.95,
) -> Optimism:
    """Repeat the whole procedure in bootstrap samples, and see how much it flatters itself.

    Parameters
    ----------
    estimator
        A classifier of scikit-learn; what it chooses in `fit` is chosen anew in each sample. It
        must do all that was done with these people: a choice of features made before is not
        corrected for.
    X, y
        ``(n, F)``, a matrix or a frame; ``(n,)``, 0 or 1.
    measures
        By name (with a text) ``measure(sample, weight)``; those of `MEASURES` without it.
    groups
        ``(n,)`` person of each row: people are drawn, not rows. Someone drawn twice stays one
        person in the fit.
    resamples
        How many bootstrap samples.
    jobs
        Processes beside each other.

    Notes
    -----
    A flexible model that fits its people perfectly makes the mean optimism too small; then trust
    .632+ or cross-validation (Iba et al. 2021).

    Raises
    ------
    EvaluationError
        If the data are not as expected, or an outcome is too rare.
    """
    quantile(level)  # refuses what is no level
    people = People.of(X, y, sample_weight, groups)
    everyone = np.ones(len(people), bool)
    if not people.usable(everyone):
        raise EvaluationError("too few people with or without the outcome to fit on")
    drawn = people.resamples(resamples, seed)
    wanted = MEASURES if measures is None else measures
    probability = people.predict(people.fit(estimator, everyone))
    return _optimism(estimator, people, probability, drawn, wanted, jobs, level)


def _optimism(
    estimator: Any,
    people: People,
    probability: FloatArray,
    drawn: Iterable[Codes],
    measures: Mapping[str, Measure],
    jobs: int,
    level: float,
) -> Optimism:
    work = partial(_one, estimator, people, tuple(measures.values()))
    found = np.array(list(each(work, drawn, jobs)))  # (B, 3, measures)
    seen, original, unseen = (
        dict(zip(measures, found[:, kind].T, strict=True)) for kind in range(3)
    )
    sample = people.sample(probability)
    apparent = _apparent(sample, measures, level)
    corrected, plain, plus = [], [], []
    for one, (name, measure) in zip(apparent, measures.items(), strict=True):
        corrected.append(_corrected(one, seen[name] - original[name]))
        outside = _mean(unseen[name])
        plain.append(_bare(one, (1 - SEEN_SHARE) * one.value + SEEN_SHARE * outside))
        nothing = _without_information(measure, sample)
        plus.append(_bare(one, weigh_632_plus(one.value, outside, nothing)))
    return Optimism(
        apparent,
        Estimates(tuple(corrected)),
        Estimates(tuple(plain)),
        Estimates(tuple(plus)),
        seen,
        original,
        unseen,
    )


def _one(
    estimator: Any, people: People, measures: tuple[Measure, ...], places: Codes
) -> FloatArray:
    """A model of one bootstrap sample: in it, in all, and in those outside, ``(3, measures)``."""
    sample = people.sample(people.predict(people.fit(estimator, places)))
    times = sample.sorted(np.bincount(places, minlength=len(people))).astype(np.float64)
    weights = (sample.weight * times, sample.weight, sample.weight * (times == 0))
    return np.array([[_measured(m, sample, w) for m in measures] for w in weights])


def _without_information(measure: Measure, sample: Sample) -> float:
    known = WITHOUT_INFORMATION.get(measure)
    return math.nan if known is None else known(sample)


def _measured(measure: Measure, sample: Sample, weight: FloatArray) -> float:
    return float(measure(sample, weight)) if weight.any() else math.nan


def _apparent(sample: Sample, measures: Mapping[str, Measure], level: float) -> Estimates:
    """Each figure, with its analytic interval if it is one of the usual ones."""
    usual = {one.name: one for one in performance(sample, level=level)}
    figures = []
    for name, measure in measures.items():
        if MEASURES.get(name) is measure:
            figures.append(usual[name])
            continue
        value = float(measure(sample, sample.weight))
        problem = "" if math.isfinite(value) else "not_defined"
        n, events = sample.people, sample.events
        figures.append(Estimate(name, value, level=level, n=n, events=events, problem=problem))
    return Estimates(tuple(figures))


def _corrected(one: Estimate, optimism: FloatArray) -> Estimate:
    there = optimism[np.isfinite(optimism)]
    if not one.ok or len(there) < (1 - MOST_WITHOUT) * len(optimism):
        return _bare(one, math.nan, "")
    value = one.value - float(there.mean())
    tail = (1 - one.level) / 2
    least, most = np.quantile(there, [tail, 1 - tail])
    if not most - least > LEAST_SPREAD:
        return _bare(one, value, "no_spread")
    corrected = replace(
        one,
        value=value,
        low=float(one.value - most),
        high=float(one.value - least),
        method="optimism_bootstrap",
        problem="",
    )
    return within_bounds(corrected)


def weigh_632_plus(apparent: float, outside: float, nothing: float) -> float:
    """The .632+ of an apparent and an out-of-bag figure (Efron and Tibshirani 1997).

    Parameters
    ----------
    nothing
        The figure of a model without information.
    """
    span = nothing - apparent
    if not math.isfinite(span) or not math.isfinite(outside):
        return math.nan
    overfitting = (outside - apparent) / span if abs(span) > LEAST_SPREAD else math.inf
    if overfitting > 1:
        overfitting, outside = 1.0, nothing
    overfitting = max(overfitting, 0.0)
    weight = SEEN_SHARE / (1 - (1 - SEEN_SHARE) * overfitting)
    return (1 - weight) * apparent + weight * outside


def _bare(one: Estimate, value: float, why: str = "no_interval_632") -> Estimate:
    """The same figure with another value, and why it has no interval."""
    problem = why if math.isfinite(value) else one.problem or "not_defined"
    return replace(one, value=value, low=math.nan, high=math.nan, method="", problem=problem)


def _mean(values: FloatArray) -> float:
    there = values[np.isfinite(values)]
    if len(there) < (1 - MOST_WITHOUT) * len(values):
        return math.nan
    return float(there.mean())
