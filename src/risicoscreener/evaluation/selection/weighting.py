"""Weighting those who were granted back to everybody, and whether that can work at all.

If granting depended on nothing but what is measured, a granted person who had a chance of one in
four to be granted stands for four people. Where some people are hardly ever granted nobody stands
for them: the diagnostics of overlap say so, and no weighting repairs it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration.logistic import fit_logistic
from risicoscreener.evaluation.estimate import Estimates
from risicoscreener.evaluation.figure import plain
from risicoscreener.evaluation.resampling import Measure, bootstrap
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.selection.seen import PartlySeen, check_features, separates

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

TRUNCATE_AT = 0.02
"""Lowest chance of being granted that is used as it is: nobody stands for more than 50 people."""

HARDLY_EVER = 0.05
"""A chance of being granted below which people have next to no counterpart."""
MOST_HARDLY_EVER = 0.10
"""Part of the people with so low a chance above which overlap is called poor."""
LEAST_EFFECTIVE = 0.25
"""Effective part of the granted people below which overlap is called poor."""


class Balance:
    """What tells how alike groups are, by feature, before and after weighting."""

    features: tuple[str, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            name: [plain(v) for v in value] if isinstance(value, tuple) else plain(value)
            for name, value in vars(self).items()
        }

    def to_frame(self) -> pd.DataFrame:
        """By feature the difference ``before`` and ``after`` weighting."""
        import pandas as pd

        return pd.DataFrame({"before": self.before, "after": self.after}, index=list(self.features))


@dataclass(frozen=True)
class Overlap(Balance):
    """Whether the people who were granted can stand for the others.

    Attributes
    ----------
    n, seen
        People, and those with a seen outcome, after trimming.
    effective
        How many equally weighted people the weighted ones are worth (Kish 1965).
    largest_share
        Part of all weight that one person carries.
    lowest_chance
        Of being granted, over everybody, before truncation.
    hardly_ever
        Part of the people with a chance below 0.05.
    truncated
        People whose chance was raised to the lowest one that is used.
    trimmed
        People left out because of their chance: the figures are not about them.
    features, before, after
        By feature the difference between the granted and everybody in standard deviations,
        unweighted and weighted. After weighting it should be near 0 (below 0.1 in size).
    problem
        ``poor_overlap``, or empty.
    """

    n: int
    seen: int
    effective: float
    largest_share: float
    lowest_chance: float
    hardly_ever: float
    truncated: int
    trimmed: int
    features: tuple[str, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]
    problem: str


@dataclass(frozen=True, eq=False)
class Weighting:
    """Figures of everybody by weighting the granted, with what they lean on.

    Attributes
    ----------
    estimates
        The measures, with bootstrap intervals in which the chances are estimated anew.
    overlap
        Diagnostics.
    chance
        ``(n,)`` of being granted, in the order in which people were given; NaN for who was
        trimmed.
    sample
        The granted with their weights, for measures and pictures of others.
    """

    estimates: Estimates
    overlap: Overlap
    chance: FloatArray
    sample: Sample

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"estimates": self.estimates.to_dict(), "overlap": self.overlap.to_dict()}

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each figure; the diagnostics are in `Overlap.to_frame`."""
        return self.estimates.to_frame(lang)

    def _repr_html_(self) -> str:
        balance = self.overlap.to_frame().to_html(float_format="{:.4f}".format, escape=True)
        return self.estimates._repr_html_() + balance


def inverse_weighting(
    partly: PartlySeen,
    measures: Mapping[str, Measure],
    *,
    features: npt.ArrayLike | None = None,
    chance: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    truncate: float = TRUNCATE_AT,
    trim: float = 0.0,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
    jobs: int = 1,
) -> Weighting:
    """Measures of everybody from those granted, each weighted by 1 over the chance to be granted.

    It is right if all that decided on granting *and* says something on the outcome is among the
    features, the model of granting is right, and everybody could have been granted. None of the
    three can be read from the data; see `sensitivity` for the first.

    Parameters
    ----------
    partly
        Everybody on whom was decided.
    measures
        By name ``measure(sample, weight)``.
    features
        ``(n, k)``, in the order in which people were given, without missing values: what the
        decision rested on, the predicted probability too if it was seen. The chance is a logistic
        regression on them; give squares or splines as columns of their own.
    chance
        ``(n,)``: chances that are known, or estimated elsewhere, instead of `features`. The
        intervals then take them as known.
    names
        Of the features.
    truncate
        Chances below it are raised to it. That bounds the weights and biases the figures; how
        many it concerns is in `Overlap.truncated`.
    trim
        People with a chance below it are left out altogether.
    level, replicates, seed, jobs
        Of the bootstrap intervals.

    Raises
    ------
    EvaluationError
        If not exactly one of `features` and `chance` is given, a chance is not in (0, 1], a
        feature is missing, or `truncate` or `trim` is out of range.

    References
    ----------
    Horvitz and Thompson (1952), JASA 47:663-685; Hajek (1971); Crump et al. (2009), Biometrika
    96:187-199 for trimming; Austin and Stuart (2015), Statistics in Medicine 34:3661-3679.
    """
    if (features is None) == (chance is None):
        raise EvaluationError("give either features or chance, and not both")
    if not 0 <= truncate <= 1:
        raise EvaluationError(f"truncate is {truncate!r}; expected a number in [0, 1]")
    model = _Chances.of(partly, features, chance)
    partly, model, trimmed = _trim(partly, model, trim)
    weigh = _Weighted(partly, model, truncate, tuple(measures.values()))
    found = bootstrap(
        partly.people,
        {tuple(measures): weigh},
        replicates=replicates,
        seed=seed,
        jobs=jobs,
    )
    full = model.given(partly.people.weight, partly.seen)
    sample = weigh.sample(np.maximum(full, truncate), partly.people.weight)
    overlap = _overlap(partly, model, full, truncate, sample, trimmed, names)
    estimates = [
        replace(
            found.estimate(name, level),
            n=int(partly.seen.sum()),
            events=partly.naive.events,
        )
        for name in measures
    ]
    if overlap.problem:
        estimates = [e if e.problem else replace(e, problem=overlap.problem) for e in estimates]
    everybody = np.full(len(full) + trimmed, math.nan)
    everybody[partly.people.order] = full
    return Weighting(Estimates(tuple(estimates)), overlap, everybody, sample)


@dataclass(frozen=True, eq=False)
class _Chances:
    """Columns of the model of granting, or chances that are given; rows in sorted order."""

    columns: FloatArray | None
    fixed: FloatArray | None
    features: FloatArray | None
    start: FloatArray | None = None

    @classmethod
    def of(
        cls, partly: PartlySeen, features: npt.ArrayLike | None, chance: npt.ArrayLike | None
    ) -> _Chances:
        order, n = partly.people.order, len(partly)
        if chance is not None:
            given = np.asarray(chance, dtype=np.float64)
            if given.shape != (n,):
                raise EvaluationError(f"chance has shape {given.shape}; expected ({n},)")
            wrong = ~((given > 0) & (given <= 1))
            if wrong.any():
                row = int(np.argmax(wrong))
                raise EvaluationError(f"chance[{row}] is {given[row]:g}; expected in (0, 1]")
            return cls(None, given[order], None)
        x = check_features(features, n)[order]  # type: ignore[arg-type]
        used = x[:, np.ptp(x, axis=0) > 0]
        scaled = (used - used.mean(axis=0)) / used.std(axis=0)
        columns = np.vstack([np.ones(n), scaled.T])
        return replace(cls(columns, None, x), start=_point(columns, partly))

    def given(self, weight: FloatArray, seen: Mask) -> FloatArray:
        """The chance of each row under these weights; 1 for all if everybody was granted."""
        if self.fixed is not None:
            return self.fixed
        assert self.columns is not None
        if seen.all():
            return np.ones(len(seen))
        fit = fit_logistic(self.columns, weight * seen, weight, start=self.start)
        chance = expit(fit.coefficients @ self.columns)
        apart = separates(chance, seen)
        return chance if fit.determined and not apart else np.full(len(seen), math.nan)

    def where(self, kept: Mask) -> _Chances:
        """Without some rows."""
        parts = [v if v is None else v[..., kept] for v in (self.columns, self.fixed)]
        rest = None if self.features is None else self.features[kept]
        return _Chances(parts[0], parts[1], rest, self.start)


def _point(columns: FloatArray, partly: PartlySeen) -> FloatArray | None:
    w = partly.people.weight
    if partly.seen.all():
        return None
    fit = fit_logistic(columns, w * partly.seen, w)
    return fit.coefficients if fit.determined else None


@dataclass(frozen=True, eq=False)
class _Weighted:
    """All measures of the weighted granted people: ``measure(sample, weight)``."""

    partly: PartlySeen
    model: _Chances
    truncate: float
    measures: tuple[Measure, ...]

    def __call__(self, _: Sample, weight: FloatArray) -> FloatArray:
        chance = self.model.given(weight, self.partly.seen)
        seen = self.partly.seen
        if np.isnan(chance).any() or not weight[seen].sum() > 0:
            return np.full(len(self.measures), math.nan)
        inverse = weight[seen] / np.maximum(chance[seen], self.truncate)
        part = self.partly.naive
        return np.array([measure(part, inverse) for measure in self.measures], dtype=np.float64)

    def sample(self, chance: FloatArray, weight: FloatArray) -> Sample:
        """The granted with their weights."""
        seen = self.partly.seen
        inverse = weight[seen] / chance[seen]
        return replace(self.partly.naive, weight=np.where(np.isnan(inverse), 0.0, inverse))


def _trim(partly: PartlySeen, model: _Chances, trim: float) -> tuple[PartlySeen, _Chances, int]:
    if not 0 <= trim < 1:
        raise EvaluationError(f"trim is {trim!r}; expected a number from 0 to below 1")
    if trim == 0:
        return partly, model, 0
    kept = ~(model.given(partly.people.weight, partly.seen) < trim)
    if not (kept & partly.seen).any():
        raise EvaluationError(f"trimming at {trim:g} leaves nobody with a seen outcome")
    part = PartlySeen(partly.people.where(kept), partly.seen[kept])
    return part, model.where(kept), int((~kept).sum())


def _overlap(
    partly: PartlySeen,
    model: _Chances,
    chance: FloatArray,
    truncate: float,
    sample: Sample,
    trimmed: int,
    names: Sequence[str] | None,
) -> Overlap:
    w, everybody = sample.weight, partly.people.weight
    total, squares = float(w.sum()), float((w**2).sum())
    effective = total**2 / squares if squares > 0 else 0.0
    rare = float(everybody[chance < HARDLY_EVER].sum() / everybody.sum())
    poor = rare > MOST_HARDLY_EVER or effective < LEAST_EFFECTIVE * partly.seen.sum()
    problem = "separated" if np.isnan(chance).any() else "poor_overlap" if poor else ""
    before, after = _balance(partly, model.features, w)
    titles = tuple(names) if names is not None else tuple(f"x{i}" for i in range(len(before)))
    if len(titles) != len(before):
        raise EvaluationError(f"{len(titles)} names for {len(before)} features")
    return Overlap(
        n=len(partly),
        seen=int(partly.seen.sum()),
        effective=effective,
        largest_share=float(w.max() / total) if total > 0 else math.nan,
        lowest_chance=float(chance.min()),
        hardly_ever=rare,
        truncated=int((chance < truncate).sum()),
        trimmed=trimmed,
        features=titles,
        before=before,
        after=after,
        problem=problem,
    )


def _balance(
    partly: PartlySeen, features: FloatArray | None, inverse: FloatArray
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Standardised differences between the granted and everybody, unweighted and weighted."""
    if features is None:
        return (), ()
    w, seen = partly.people.weight, partly.seen
    mean = np.average(features, axis=0, weights=w)
    spread = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=w))
    spread[spread == 0] = 1.0

    def apart(weights: FloatArray) -> tuple[float, ...]:
        if not weights.sum() > 0:
            return (math.nan,) * len(mean)
        there = np.average(features[seen], axis=0, weights=weights)
        return tuple(((there - mean) / spread).tolist())

    return apart(w[seen]), apart(inverse)
