"""How far unmeasured selection would have to go to change a figure.

Of the people who were not granted nothing is known but what is measured. Suppose that their odds
of the outcome are `odds_ratio` times those of granted people who look the same: 1 says that
granting saw nothing that the measured does not tell, 2 that those denied had twice the odds. For
each odds ratio every figure of everybody follows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration.logistic import fit_logistic
from risicoscreener.evaluation.estimate import Curve, Estimate
from risicoscreener.evaluation.resampling import Measure, bootstrap
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.selection.seen import PartlySeen, check_features, separates

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]

ODDS_RATIOS = (0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
LEAST, MOST = 1e-6, 1.0 - 1e-6
"""Probabilities beyond these enter the model of the outcome as these."""


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Measures of everybody for a range of unmeasured selection.

    Attributes
    ----------
    odds_ratios
        ``(g,)``, ascending: odds of the outcome of people who were not granted over those of
        granted people who look the same.
    names
        Of the measures.
    values
        ``(g, k)``.
    replicates
        ``(R, g, k)``.
    level, n, events
        As of an `Estimate`.
    problem
        Set if the model of the outcome could not be fitted.
    """

    odds_ratios: FloatArray
    names: tuple[str, ...]
    values: FloatArray
    replicates: FloatArray = field(repr=False)
    level: float = 0.95
    n: int = 0
    events: int = 0
    problem: str = ""
    clustered: bool = False

    @property
    def method(self) -> str:
        """How the intervals are made."""
        return "clustered_bootstrap" if self.clustered else "bootstrap"

    def curve(self, name: str) -> Curve:
        """A measure over the odds ratios, with its band."""
        place = self._place(name)
        y, (low, high) = self.values[:, place], self._limits(self.replicates[:, :, place])
        banded = bool(np.isfinite(low).all() and np.isfinite(high).all())
        without = "unstable" if np.isfinite(y).all() else "not_defined"
        return Curve(
            name,
            self.odds_ratios,
            y,
            low,
            high,
            self.level,
            self.method if banded else "",
            self.n,
            self.events,
            self.problem or ("" if banded else without),
        )

    def tipping_point(self, name: str, threshold: float) -> Estimate:
        """The odds ratio nearest to 1 at which a measure reaches a threshold.

        Linear between the odds ratios that were computed, on the scale of their logarithm. Its
        interval has the same of each replicate; if that many do not reach the threshold in the
        range, a limit is not there.

        Returns
        -------
        Estimate
            ``tipping_point``, with the problem ``no_tipping_point`` if the threshold is not
            reached between the lowest and the highest odds ratio.
        """
        place, scale = self._place(name), np.log(self.odds_ratios)
        found = _crossing(scale, self.values[:, place] - threshold)
        common = {"level": self.level, "n": self.n, "events": self.events}
        if not math.isfinite(found):
            problem = self.problem or "no_tipping_point"
            return Estimate("tipping_point", math.nan, problem=problem, **common)  # type: ignore[arg-type]
        of_each = np.array(
            [_crossing(scale, one - threshold) for one in self.replicates[:, :, place]]
        )
        there = of_each[np.isfinite(of_each)]
        if len(there) < self.level * len(of_each) or len(there) == 0:
            return Estimate("tipping_point", math.exp(found), problem="unstable", **common)  # type: ignore[arg-type]
        tails = [(1 - self.level) / 2, (1 + self.level) / 2]
        low, high = np.exp(np.quantile(there, tails))
        return Estimate(
            "tipping_point",
            math.exp(found),
            float(low),
            float(high),
            method=self.method,
            **common,  # type: ignore[arg-type]
        )

    def to_frame(self) -> pd.DataFrame:
        """A row per odds ratio and measure: ``value``, ``low``, ``high``."""
        import pandas as pd

        parts = []
        for name in self.names:
            curve = self.curve(name).to_frame().rename(columns={"x": "odds_ratio", "y": "value"})
            parts.append(curve.assign(name=name))
        return pd.concat(parts, ignore_index=True)[["name", "odds_ratio", "value", "low", "high"]]

    def to_dict(self) -> dict[str, Any]:
        """By name the curve."""
        return {name: self.curve(name).to_dict() for name in self.names}

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True, index=False)

    def _place(self, name: str) -> int:
        if name not in self.names:
            raise EvaluationError(f"no measure {name!r} here; expected one of {self.names}")
        return self.names.index(name)

    def _limits(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        missing = np.full(values.shape[1], math.nan)
        if self.problem or np.isnan(values).mean() > 1 - self.level:
            return missing, missing
        tails = [(1 - self.level) / 2, (1 + self.level) / 2]
        low, high = np.nanquantile(values, tails, axis=0)
        return low, high


def sensitivity(
    partly: PartlySeen,
    measures: Mapping[str, Measure],
    odds_ratios: Sequence[float] = ODDS_RATIOS,
    *,
    features: npt.ArrayLike | None = None,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
    jobs: int = 1,
) -> Sensitivity:
    """Measures of everybody if people who were not granted differ by an odds ratio.

    The probability of the outcome is fitted in the granted by a logistic regression on the log
    odds of the predicted probability and the features. A person who was not granted enters every
    measure with the outcome and without it, weighted by the probability of each after their odds
    are multiplied by the odds ratio.

    Parameters
    ----------
    partly
        Everybody on whom was decided.
    measures
        By name ``measure(sample, weight)``.
    odds_ratios
        Above 0. An odds ratio r as the most that one believes gives the range of values between
        1/r and r.
    features
        ``(n, k)`` in the order given: what else says something on the outcome.
    level, replicates, seed, jobs
        Of the bootstrap intervals, in which the model is fitted anew.

    Raises
    ------
    EvaluationError
        If an odds ratio is not above 0, or a feature is missing.

    References
    ----------
    Robins, Rotnitzky and Scharfstein (2000) for the tilt by an odds ratio; Rosenbaum (2002),
    Observational Studies, chapter 4; Cinelli and Hazlett (2020) on tipping points.
    """
    ratios = np.unique(np.asarray(odds_ratios, dtype=np.float64))
    if not len(ratios) or not (np.isfinite(ratios) & (ratios > 0)).all():
        raise EvaluationError(f"odds_ratios are {list(odds_ratios)}; expected numbers above 0")
    tilt = _Tilted.of(partly, np.log(ratios), tuple(measures.values()), features)
    found = bootstrap(partly.people, {"all": tilt}, replicates=replicates, seed=seed, jobs=jobs)
    shape = (len(ratios), len(measures))
    values = np.reshape(found.point["all"], shape)
    return Sensitivity(
        ratios,
        tuple(measures),
        values,
        np.reshape(found.values["all"], (-1, *shape)),
        level,
        len(partly),
        partly.naive.events,
        "" if tilt.fitted else "separated",
        found.clustered,
    )


@dataclass(frozen=True, eq=False)
class _Tilted:
    """All measures at all odds ratios, ``(g * k,)``: ``measure(sample, weight)``."""

    columns: FloatArray
    partly: PartlySeen
    shifts: FloatArray
    measures: tuple[Measure, ...]
    whole: Sample
    row: npt.NDArray[np.intp]
    start: FloatArray | None
    """`whole` has the seen once and each unseen twice, with and without the outcome; `row` is
    the person of each of its rows."""

    @classmethod
    def of(
        cls,
        partly: PartlySeen,
        shifts: FloatArray,
        measures: tuple[Measure, ...],
        features: npt.ArrayLike | None,
    ) -> _Tilted:
        people, seen = partly.people, partly.seen
        p = np.clip(people.probability, LEAST, MOST)
        columns = [np.ones(len(p)), np.log(p) - np.log1p(-p)]
        if features is not None:
            columns += list(check_features(features, len(p))[people.order].T)
        design = _used(np.array(columns))
        hidden = np.flatnonzero(~seen)
        row = np.r_[np.flatnonzero(seen), hidden, hidden]
        outcome = np.r_[people.outcome[seen], np.ones(len(hidden)), np.zeros(len(hidden))]
        whole = Sample.of(people.probability[row], outcome)
        w = people.weight[seen]
        fit = fit_logistic(design[:, seen], w * people.outcome[seen], w)
        apart = separates(fit.mean, people.outcome[seen])
        start = fit.coefficients if fit.determined and not apart else None
        return cls(design, partly, shifts, measures, whole, row[whole.order], start)

    @property
    def fitted(self) -> bool:
        """Whether the model of the outcome has an answer in the sample, or is not needed."""
        return self.start is not None or bool(self.partly.seen.all())

    def __call__(self, sample: Sample, weight: FloatArray) -> FloatArray:
        seen = self.partly.seen
        nothing = np.full(len(self.shifts) * len(self.measures), math.nan)
        if not self.fitted:
            return nothing
        lp = np.zeros(len(seen))
        if self.start is not None:
            w = weight[seen]
            fit = fit_logistic(self.columns[:, seen], w * sample.outcome[seen], w, start=self.start)
            if not fit.determined:
                return nothing
            lp = fit.coefficients @ self.columns
        base, known = weight[self.row], seen[self.row]
        found = []
        for shift in self.shifts:
            event = expit(lp + shift)[self.row]
            part = np.where(self.whole.outcome == 1, event, 1.0 - event)
            found += [m(self.whole, np.where(known, base, base * part)) for m in self.measures]
        return np.array(found, dtype=np.float64)


def _used(columns: FloatArray) -> FloatArray:
    """Standardised, without those that are constant, the intercept apart."""
    rest = columns[1:][np.ptp(columns[1:], axis=1) > 0]
    scaled = (rest - rest.mean(axis=1, keepdims=True)) / rest.std(axis=1, keepdims=True)
    return np.vstack([columns[:1], scaled])


def _crossing(scale: FloatArray, above: FloatArray) -> float:
    """Where a curve is 0, nearest to 0 on the scale; NaN if nowhere."""
    if np.isnan(above).any():
        return math.nan
    exact = scale[above == 0]
    left, right = above[:-1], above[1:]
    change = np.flatnonzero(left * right < 0)
    part = left[change] / (left[change] - right[change])
    between = scale[change] + part * (scale[change + 1] - scale[change])
    found = np.r_[exact, between]
    return float(found[np.argmin(np.abs(found))]) if len(found) else math.nan
