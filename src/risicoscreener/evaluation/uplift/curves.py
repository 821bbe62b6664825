"""Qini and uplift curves as the field draws them, for help that was given by chance.

They compare counts of those with and without the help among the people in front. Where chance did
not decide who received it, that difference is no effect: `targeting_curve` and `rate` are for that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.estimate import Curve, Estimates
from risicoscreener.evaluation.resampling import bootstrap
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.uplift.compared import Compared, check_column

FloatArray = npt.NDArray[np.float64]
Kind = Literal["qini", "uplift"]
SHARES = np.linspace(0.0, 1.0, 41)


@dataclass(frozen=True, eq=False)
class Ranked:
    """Rows in order of priority, with where each run of ties begins; for any weights.

    Attributes
    ----------
    order
        ``(n,)``: highest priority first.
    starts
        Where each run of equal priorities begins.
    """

    order: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]

    @classmethod
    def of(cls, priority: FloatArray) -> Ranked:
        """Rank once, for all replicates."""
        order = np.argsort(-priority, kind="stable")
        new = np.r_[True, np.diff(priority[order]) != 0]
        return cls(order, np.flatnonzero(new))

    def sums(self, values: FloatArray) -> FloatArray:
        """Cumulative sums ``(k + 1,)`` at the end of each run of ties, from 0 on."""
        found: FloatArray = np.r_[0.0, np.cumsum(np.add.reduceat(values[self.order], self.starts))]
        return found


def qini_curve(
    compared: Compared,
    priority: npt.ArrayLike,
    *,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
) -> Curve:
    """Qini curve: wanted outcomes gained per person of everybody, by the part that is helped.

    At each part the wanted outcomes of those with the help in front, less those of those without,
    scaled to as many people (Radcliffe 2007).

    Parameters
    ----------
    priority
        ``(n,)``, highest first.
    level, replicates, seed
        Of the pointwise bootstrap band.
    """
    return _curve("qini", compared, priority, level, replicates, seed)


def uplift_curve(
    compared: Compared,
    priority: npt.ArrayLike,
    *,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
) -> Curve:
    """Uplift curve: difference of the shares with a wanted outcome in front, times the part."""
    return _curve("uplift", compared, priority, level, replicates, seed)


def uplift_scores(
    compared: Compared,
    priority: npt.ArrayLike,
    *,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
) -> Estimates:
    """``qini_coefficient`` and ``auuc``: area over that of a lottery, as part of the largest.

    The largest is that of a priority that knows outcomes: first who received the help and fared
    well, last who fared well without it (as in scikit-uplift). So real priorities stay far below
    1, and values of different data cannot be compared.
    """
    score = check_column(priority, len(compared), "priority")
    measures = {
        "qini_coefficient": _Normalised.of(compared, score, "qini"),
        "auuc": _Normalised.of(compared, score, "uplift"),
    }
    found = bootstrap(compared.people, measures, replicates=replicates, seed=seed)  # type: ignore[arg-type]
    estimates = (found.estimate(name, level) for name in measures)
    if compared.people.events in (0, compared.people.people):
        estimates = (replace(one, problem="one_class") for one in estimates)
    return Estimates(tuple(estimates))


def points(
    kind: Kind, compared: Compared, ranked: Ranked, weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """A curve at the end of each run of ties: people so far, and what was gained among them."""
    t, y = compared.treated, compared.outcome
    helped, others = ranked.sums(weight * t), ranked.sums(weight * (1 - t))
    good, good_others = ranked.sums(weight * t * y), ranked.sums(weight * (1 - t) * y)
    if kind == "qini":
        return helped + others, good - good_others * _over(helped, others)
    return helped + others, (_over(good, helped) - _over(good_others, others)) * (helped + others)


def _over(a: FloatArray, b: FloatArray) -> FloatArray:
    """Ratio, 0 where there is nothing to divide by."""
    return np.divide(a, b, out=np.zeros(len(a)), where=b > 0)


@dataclass(frozen=True, eq=False)
class _Normalised:
    """Measure of the area over that of a lottery, as part of the largest."""

    compared: Compared
    kind: Kind
    ranked: Ranked
    best: Ranked

    @classmethod
    def of(cls, compared: Compared, priority: FloatArray, kind: Kind) -> _Normalised:
        return cls(compared, kind, Ranked.of(priority), Ranked.of(_best(compared, kind)))

    def __call__(self, _: Sample, weight: FloatArray) -> float:
        outcomes = self.compared.outcome[weight > 0]
        if (outcomes == outcomes[0]).all():  # nobody fares better than others: nothing to gain
            return np.nan
        own, best = (self._area(ranked, weight) for ranked in (self.ranked, self.best))
        return own / best if best > 0 else np.nan

    def _area(self, ranked: Ranked, weight: FloatArray) -> float:
        x, y = points(self.kind, self.compared, ranked, weight)
        return float(np.trapezoid(y, x)) - float(x[-1] * y[-1]) / 2.0


def _best(compared: Compared, kind: Kind) -> FloatArray:
    """A priority that knows the outcomes."""
    t, y = compared.treated, compared.outcome
    if kind == "qini":
        return y * t - y * (1 - t)
    lost, kept = float(((y == 1) & (t == 0)).sum()), float(((y == 0) & (t == 1)).sum())
    found: FloatArray = 2.0 * (y == t) + (y if lost > kept else t)
    return found


@dataclass(frozen=True, eq=False)
class _AtShares:
    """Measure of a curve at fixed shares, per person."""

    compared: Compared
    kind: Kind
    ranked: Ranked

    def __call__(self, _: Sample, weight: FloatArray) -> FloatArray:
        x, y = points(self.kind, self.compared, self.ranked, weight)
        return np.interp(SHARES, x / x[-1], y / x[-1])


def _curve(
    kind: Kind,
    compared: Compared,
    priority: npt.ArrayLike,
    level: float,
    replicates: int,
    seed: int,
) -> Curve:
    score = check_column(priority, len(compared), "priority")
    measure = _AtShares(compared, kind, Ranked.of(score))
    return banded(f"{kind}_curve", compared, SHARES, measure, level, replicates, seed)


def banded(
    name: str,
    compared: Compared,
    x: FloatArray,
    measure: object,
    level: float,
    replicates: int,
    seed: int,
) -> Curve:
    """A curve of a measure that gives a value per place, with its bootstrap band."""
    found = bootstrap(compared.people, {"y": measure}, replicates=replicates, seed=seed)  # type: ignore[dict-item]
    low, high = found.interval("y", level)
    has_band = bool(np.isfinite(low).any())
    return Curve(
        name,
        x,
        np.asarray(found.point["y"]),
        low,
        high,
        level,
        found.method() if has_band else "",
        compared.people.people,
        compared.people.events,
        "" if has_band else found.problem(),
    )
