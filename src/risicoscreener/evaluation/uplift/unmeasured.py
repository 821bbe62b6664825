"""How much may be wrong with 'everything that matters was measured' before the effect is gone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.figure import plain
from risicoscreener.evaluation.intervals import quantile, sampled_error, units_of
from risicoscreener.evaluation.resampling import check_replicates, replicate_weights
from risicoscreener.evaluation.uplift.compared import Compared

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
GAMMAS = (1.0, 1.1, 1.25, 1.5, 2.0, 3.0)


@dataclass(frozen=True, eq=False)
class EffectRange:
    """Bounds of the average effect by how far the odds of help may depend on the unmeasured.

    Attributes
    ----------
    gammas
        ``(g,)``: the most by which the odds of receiving the help, given all there is to know,
        may differ by a factor from those given the measured.
    lower, upper
        ``(g,)``: the effect lies between them.
    low, high
        ``(g,)``: with sampling error: lower limit of the lower bound, upper of the upper.
    level, n
        Of the interval; people.
    """

    gammas: FloatArray
    lower: FloatArray
    upper: FloatArray
    low: FloatArray
    high: FloatArray
    level: float
    n: int

    @property
    def tipping_point(self) -> Estimate:
        """The factor at which the interval first holds 0; linear on the scale of its logarithm."""
        sign = 1.0 if self.lower[0] > 0 else -1.0
        edge = self.low if sign > 0 else -self.high
        if edge[0] <= 0:
            return Estimate("tipping_point", 1.0, level=self.level, n=self.n)
        below = np.flatnonzero(edge <= 0)
        if not len(below):
            return Estimate("tipping_point", math.nan, n=self.n, problem="no_tipping_point")
        i = int(below[0])
        part = edge[i - 1] / (edge[i - 1] - edge[i])
        scale = np.log(self.gammas)
        found = math.exp(float(scale[i - 1] + part * (scale[i] - scale[i - 1])))
        return Estimate("tipping_point", found, level=self.level, n=self.n)

    def to_frame(self) -> pd.DataFrame:
        """A row for each factor."""
        import pandas as pd

        names = ("gammas", "lower", "upper", "low", "high")
        frame = pd.DataFrame({name: getattr(self, name) for name in names})
        return frame.rename(columns={"gammas": "gamma"})

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {key: plain(value) for key, value in vars(self).items()}

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, index=False)


def effect_range(
    compared: Compared,
    gammas: Sequence[float] = GAMMAS,
    *,
    level: float = 0.95,
    replicates: int = 200,
    seed: int = 0,
) -> EffectRange:
    """Bounds of the average effect under a marginal sensitivity model (Tan 2006).

    Of the weighted (Hajek) estimate: each weight ``1 + (1 - e) / e`` may be as small as
    ``1 + (1 - e) / (e gamma)`` or as large as ``1 + gamma (1 - e) / e``, and the worst choice is
    taken for each side. Intervals are percentiles of the bounds over bootstrap samples (Zhao, Small
    and Bhattacharya 2019), with the propensities taken as known.

    Parameters
    ----------
    gammas
        Ascending, from 1 on (1: all is measured).
    level, replicates, seed
        Of the bootstrap.

    Raises
    ------
    EvaluationError
        If a factor is below 1 or they do not ascend.
    """
    at = np.asarray(gammas, dtype=np.float64)
    if not len(at) or not (at >= 1).all() or (np.diff(at) <= 0).any():
        raise EvaluationError(f"gammas are {tuple(gammas)}; expected ascending numbers from 1 on")
    check_replicates(replicates, 10)
    arms = [_Arm.of(compared, helped) for helped in (True, False)]
    point = _bounds(arms, compared.weight, at)
    drawn = np.array(
        [_bounds(arms, w, at) for w in replicate_weights(compared.people, replicates, seed)]
    )
    tail = (1 - level) / 2
    low = np.nanquantile(drawn[:, 0], tail, axis=0)
    high = np.nanquantile(drawn[:, 1], 1 - tail, axis=0)
    return EffectRange(at, point[0], point[1], low, high, level, compared.people.people)


@dataclass(frozen=True, eq=False)
class _Arm:
    """People with, or without, the help, those with the wanted outcome apart."""

    rows: npt.NDArray[np.intp]
    outcome: FloatArray
    odds: FloatArray

    @classmethod
    def of(cls, compared: Compared, helped: bool) -> _Arm:
        rows = np.flatnonzero((compared.treated == 1) == helped)
        e = compared.propensity[rows] if helped else 1 - compared.propensity[rows]
        return cls(rows, compared.outcome[rows], (1 - e) / e)

    def mean(self, weight: FloatArray, gamma: float, up: bool) -> float:
        """The highest, or lowest, weighted mean; outcomes are 0 or 1, so all 1s get the most."""
        favoured = (self.outcome == 1) == up
        factor = np.where(favoured, gamma, 1 / gamma)
        w = weight[self.rows] * (1 + factor * self.odds)
        total = float(w.sum())
        return float(w @ self.outcome) / total if total > 0 else math.nan


def _bounds(arms: list[_Arm], weight: FloatArray, gammas: FloatArray) -> FloatArray:
    """Lower and upper bound for each factor, ``(2, g)``."""
    helped, others = arms
    return np.array(
        [
            [helped.mean(weight, g, up) - others.mean(weight, g, not up) for g in gammas]
            for up in (False, True)
        ]
    )


def e_value(compared: Compared, *, level: float = 0.95) -> Estimates:
    """``e_value`` of the average effect, and ``e_value_limit`` of its limit nearest to none.

    Of the ratio of the two risks of the *unwanted* outcome, doubly robust; its interval by the
    delta method. The second is 1 where the interval holds no effect (VanderWeele and Ding 2017).
    """
    share = compared.weight / compared.weight.sum()
    without = 1.0 - compared.scores_without
    helped = without - compared.scores
    risks = [float(share @ helped), float(share @ without)]
    people = compared.people
    figure = partial(Estimate, level=level, n=people.people, events=people.events)
    names = ("e_value", "e_value_limit")
    if not all(0 < risk < 1 for risk in risks):
        return Estimates(tuple(figure(name, math.nan, problem="not_defined") for name in names))
    log_ratio = math.log(risks[0] / risks[1])
    pull = share * (helped / risks[0] - without / risks[1])
    half = quantile(level, units_of(people)) * sampled_error(people, pull)
    sizes = abs(log_ratio), max(abs(log_ratio) - half, 0.0)
    return Estimates(
        tuple(figure(name, _e_value(size)) for name, size in zip(names, sizes, strict=True))
    )


def _e_value(log_ratio: float) -> float:
    ratio = math.exp(log_ratio)
    return ratio + math.sqrt(ratio * (ratio - 1))
