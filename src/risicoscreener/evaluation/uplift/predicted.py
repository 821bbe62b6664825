"""Do predicted effects hold: best linear predictor, effects by sorted group, calibration.

Predictions must not have seen the rows on which they are judged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Curve, Estimate, Estimates
from risicoscreener.evaluation.intervals import estimate_around, is_spread, sums_by_cluster
from risicoscreener.evaluation.uplift.compared import Compared, check_column

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
GROUPS = 5


@dataclass(frozen=True)
class EffectCalibration:
    """Whether predicted effects are those that people have.

    Attributes
    ----------
    estimates
        ``effect_slope`` and ``effect_in_the_large``.
    p_value
        One-sided, of a slope of 0 against one above it; NaN where predictions do not differ.
    """

    estimates: Estimates
    p_value: float

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        value = self.p_value if math.isfinite(self.p_value) else None
        return self.estimates.to_dict() | {"p_value": value}

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each figure."""
        return self.estimates.to_frame(lang)

    def _repr_html_(self) -> str:
        return self.estimates._repr_html_()


def effect_calibration(
    compared: Compared, predicted: npt.ArrayLike, *, level: float = 0.95
) -> EffectCalibration:
    """Slope and mean of the doubly robust scores on predicted effects.

    The slope is that of the best linear predictor of the effect by the prediction (Chernozhukov
    et al. 2025), by least squares with robust (HC1), or clustered, errors.

    Parameters
    ----------
    predicted
        ``(n,)``, made without the row. From several models with folds of their own, centre
        within the folds first: means of folds are no heterogeneity.

    Raises
    ------
    EvaluationError
        If a prediction is missing.
    """
    tau = check_column(predicted, len(compared), "predicted")
    people, w, s = compared.people, compared.weight, compared.scores
    share = w / w.sum()
    mean = float(share @ tau)
    large = float(share @ (s - tau))
    pull = share * (s - tau - large)
    in_large = estimate_around("effect_in_the_large", people, large, _error(pull, compared), level)
    centred = tau - mean
    spread = float(share @ centred**2)
    if not is_spread(math.sqrt(spread)):
        slope = Estimate("effect_slope", math.nan, level=level, problem="constant_score")
        return EffectCalibration(Estimates((slope, in_large)), math.nan)
    average = float(share @ s)
    value = float(share @ (centred * s)) / spread
    pull = share * centred * (s - average - value * centred) / spread
    error = _error(pull, compared, parameters=2)
    found = estimate_around("effect_slope", people, value, error, level)
    p = float(ndtr(-value / error)) if error > 0 else math.nan
    return EffectCalibration(Estimates((found, in_large)), p)


def _error(pull: FloatArray, compared: Compared, parameters: int = 1) -> float:
    """Robust standard error with the small-sample factor of statsmodels and Stata."""
    n, cluster = len(pull), compared.people.cluster
    sums = sums_by_cluster(pull, cluster)
    factor = n / (n - parameters) if n > parameters else math.nan
    if cluster is not None:
        units = len(sums)
        factor = (
            units / (units - 1) * (n - 1) / (n - parameters)
            if min(units - 1, n - parameters) > 0
            else math.nan
        )
    return math.sqrt(factor * float(sums @ sums)) if math.isfinite(factor) else math.nan


@dataclass(frozen=True)
class SortedEffects:
    """Effects in groups of people by predicted effect, lowest first.

    Attributes
    ----------
    predicted
        Mean predicted effect of each group.
    effects
        ``group_effect`` of each group.
    difference
        Of the highest group less the lowest.
    """

    predicted: tuple[float, ...]
    effects: tuple[Estimate, ...]
    difference: Estimate

    def curve(self) -> Curve:
        """Effect by predicted effect, with its band."""
        value, low, high = (
            np.array([getattr(e, side) for e in self.effects]) for side in ("value", "low", "high")
        )
        first = self.effects[0]
        return Curve(
            "effect_curve",
            np.array(self.predicted),
            value,
            low,
            high,
            level=first.level,
            method=first.method,
            n=sum(e.n for e in self.effects),
            problem=first.problem,
        )

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each group, and one for the difference."""
        frame = Estimates((*self.effects, self.difference)).to_frame(lang)
        frame.insert(1, "predicted", [*self.predicted, math.nan])
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "predicted": list(self.predicted),
            "effects": [e.to_dict() for e in self.effects],
            "difference": self.difference.to_dict(),
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True)


def sorted_effects(
    compared: Compared,
    predicted: npt.ArrayLike,
    *,
    groups: int = GROUPS,
    order: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> SortedEffects:
    """Sorted group average treatment effects (GATES), lowest predicted effect first.

    Parameters
    ----------
    predicted
        ``(n,)``, made without the row.
    groups
        Of as equal weight as ties allow; at least 2.
    order
        ``(n,)``: what people are sorted by, if not the prediction (ranks within folds).

    Raises
    ------
    EvaluationError
        If a prediction is missing, or they do not allow two groups.
    """
    if groups < 2:
        raise EvaluationError(f"groups is {groups!r}; expected a whole number of 2 or more")
    tau = check_column(predicted, len(compared), "predicted")
    by = tau if order is None else check_column(order, len(compared), "order")
    label = _groups(by, compared.weight, groups)
    places = np.unique(label)
    if len(places) < 2:
        raise EvaluationError("predicted effects do not differ; expected at least two groups")
    effects, means = [], []
    for place in places:
        part = label == place
        means.append(float(np.average(tau[part], weights=compared.weight[part])))
        effects.append(_contrast("group_effect", compared, part, None, level))
    apart = _contrast(
        "group_effect_difference", compared, label == places[-1], label == places[0], level
    )
    return SortedEffects(tuple(means), tuple(effects), apart)


def _groups(values: FloatArray, weight: FloatArray, groups: int) -> npt.NDArray[np.intp]:
    """Labels by weighted quantile; who ties is in one group."""
    levels, place = np.unique(values, return_inverse=True)
    sizes = np.bincount(place, weight, minlength=len(levels))
    middle = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    found: npt.NDArray[np.intp] = np.minimum((middle * groups).astype(np.intp), groups - 1)[place]
    return found


def _contrast(
    name: str,
    compared: Compared,
    part: npt.NDArray[np.bool_],
    less: npt.NDArray[np.bool_] | None,
    level: float,
) -> Estimate:
    """Mean score of a group, less that of another."""
    value, pull = 0.0, np.zeros(len(compared))
    for sign, mask in ((1.0, part), (-1.0, less)):
        if mask is None:
            continue
        share = compared.weight * mask
        share = share / share.sum()
        mean = float(share @ compared.scores)
        value += sign * mean
        pull += sign * share * (compared.scores - mean)
    found = estimate_around(name, compared.people, value, _error(pull, compared), level)
    counted = part if less is None else part | less
    rows = counted & (compared.weight > 0)
    return replace(found, n=int(rows.sum()), events=int((rows & (compared.outcome == 1)).sum()))
