"""Net benefit of a cut-off for an event by a horizon."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.estimate import Curve, Estimate, Estimates, FloatArray
from risicoscreener.evaluation.time.influence import (
    Linear,
    estimate,
    estimate_moved,
    influence,
    nobody_followed,
)
from risicoscreener.evaluation.time.measures import linear_incidence
from risicoscreener.evaluation.time.sample import HorizonSample
from risicoscreener.evaluation.utility.gain import check_cut_off, odds

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class HorizonNetBenefit:
    """Net benefit of acting on who is at or above a cut-off: ``measure(sample, weight)``.

    ``share above * (incidence above - (1 - incidence above) * cut_off / (1 - cut_off))``, with
    the incidence by the horizon of Aalen and Johansen among those above (Vickers, Cronin, Elkin
    and Gonen 2008, BMC Medical Informatics and Decision Making 8:53). Censoring is estimated
    among them as well, so that it may differ between who is above and below.
    """

    cut_off: float

    def __post_init__(self) -> None:
        check_cut_off(self.cut_off)

    def __call__(self, sample: HorizonSample, weight: FloatArray) -> float:
        """The net benefit with these weights, in the order of the sample."""
        start = _first_above(sample, self.cut_off)
        above = weight[start:]
        if not above.sum() > 0:
            return 0.0
        part = sample.where(np.arange(len(sample)) >= start)
        return float(above.sum()) / float(weight.sum()) * _gain(part, above, self.cut_off)


@dataclass(frozen=True, eq=False)
class HorizonDecision:
    """Net benefit over cut-offs, of the model and of acting on everybody; nobody has 0.

    Attributes
    ----------
    model, everybody
        Curves ``horizon_net_benefit`` and ``horizon_net_benefit_all`` of the cut-off.
    """

    model: Curve
    everybody: Curve

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"model": self.model.to_dict(), "everybody": self.everybody.to_dict()}

    def to_frame(self) -> pd.DataFrame:
        """A row for each cut-off."""
        frame = self.model.to_frame().rename(columns={"x": "cut_off", "y": "model"})
        return frame.assign(everybody=self.everybody.y)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, index=False)


def horizon_net_benefit(sample: HorizonSample, cut_off: float, *, level: float = 0.95) -> Estimates:
    """``horizon_net_benefit`` and ``horizon_net_benefit_all`` at a cut-off, with intervals.

    Raises
    ------
    EvaluationError
        If the cut-off is not from 0 to below 1.
    """
    check_cut_off(cut_off)
    share = linear_incidence(sample, sample.weight)
    factor = 1.0 + odds(cut_off)
    everybody = Linear.without(share.problem)
    if share.known is not None:
        everybody = Linear(share.value * factor - odds(cut_off), share.known * factor)
    return Estimates(
        (
            _model(sample, cut_off, level),
            estimate("horizon_net_benefit_all", sample, everybody, level),
        )
    )


def horizon_decision_curve(
    sample: HorizonSample, cut_offs: npt.ArrayLike | None = None, *, level: float = 0.95
) -> HorizonDecision:
    """Net benefit over cut-offs, with pointwise bands.

    Parameters
    ----------
    cut_offs
        Ascending, from 0 to below 1; by default each hundredth up to the highest prediction.
    """
    if cut_offs is None:
        cut_offs = np.arange(1, max(2, int(np.ceil(100 * min(sample.probability[-1], 0.99))))) / 100
    x = np.atleast_1d(np.asarray(cut_offs, dtype=np.float64))
    rows = [horizon_net_benefit(sample, float(c), level=level) for c in x]
    curves = [
        _as_curve(name, x, [row[name] for row in rows], level)
        for name in ("horizon_net_benefit", "horizon_net_benefit_all")
    ]
    return HorizonDecision(*curves)


def _as_curve(name: str, x: FloatArray, found: list[Estimate], level: float) -> Curve:
    y, low, high = (
        np.array([getattr(e, side) for e in found]) for side in ("value", "low", "high")
    )
    methods = [e.method for e in found if e.method]
    problems = [e.problem for e in found if not e.ok]
    return Curve(
        name,
        x,
        y,
        low,
        high,
        level,
        methods[0] if methods else "",
        found[0].n,
        found[0].events,
        problems[0] if problems else "",
    )


def _model(sample: HorizonSample, cut_off: float, level: float) -> Estimate:
    name, start = "horizon_net_benefit", _first_above(sample, cut_off)
    above = np.arange(len(sample)) >= start
    if not sample.weight[above].sum() > 0:
        return Estimate(name, 0.0, level=level, n=len(sample), events=sample.events)
    part = sample.where(above)
    share = linear_incidence(part, part.weight)
    if share.known is None or nobody_followed(part):
        return estimate_moved(name, sample, math.nan, None, level, problem="short_follow_up")
    total = float(sample.weight.sum())
    size = float(part.weight.sum()) / total
    gain = _gain(part, part.weight, cut_off)
    moved = sample.weight * (above * gain - size * gain) / total
    moved[above] += size * (1.0 + odds(cut_off)) * influence(part, share)
    return estimate_moved(name, sample, size * gain, moved, level)


def _gain(part: HorizonSample, weight: FloatArray, cut_off: float) -> float:
    """Net benefit per person above the cut-off."""
    return linear_incidence(part, weight).value * (1.0 + odds(cut_off)) - odds(cut_off)


def _first_above(sample: HorizonSample, cut_off: float) -> int:
    return int(np.searchsorted(sample.probability, cut_off, side="left"))
