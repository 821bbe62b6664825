"""Net benefit of a cut-off for an event by a horizon."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Curve, Estimate, Estimates, FloatArray
from risicoscreener.evaluation.time.influence import (
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
    model, everybody, over_everybody
        Curves over cut-offs: of the model, of acting on everybody, and their difference.
    label
        Which model, as the user calls it.
    """

    model: Curve
    everybody: Curve
    over_everybody: Curve
    label: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        curves = {name: getattr(self, name).to_dict() for name in NAMES}
        return {"label": self.label, **curves}

    def to_frame(self) -> pd.DataFrame:
        """A row for each cut-off."""
        frame = self.model.to_frame().rename(columns={"x": "cut_off", "y": "model"})
        return frame.assign(everybody=self.everybody.y, over_everybody=self.over_everybody.y)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, index=False)


NAMES = {
    "model": "horizon_net_benefit",
    "everybody": "horizon_net_benefit_all",
    "over_everybody": "horizon_net_benefit_over_all",
}
"""Curves of a `HorizonDecision` with the measure of each."""


def horizon_net_benefit(sample: HorizonSample, cut_off: float, *, level: float = 0.95) -> Estimates:
    """Net benefit at a cut-off with intervals: of the model, of everybody, and the difference.

    ``horizon_net_benefit``, ``horizon_net_benefit_all`` and ``horizon_net_benefit_over_all``.

    Raises
    ------
    EvaluationError
        If the cut-off is not from 0 to below 1.
    """
    check_cut_off(cut_off)
    (model, by_model), (everybody, by_all) = (
        moved_net_benefit(sample, cut_off),
        _everybody(sample, cut_off),
    )
    moved = None if by_model is None or by_all is None else by_model - by_all
    found = ((model, by_model), (everybody, by_all), (model - everybody, moved))
    short = "short_follow_up" if math.isnan(model) else ""
    problems = (short, "", short)
    return Estimates(
        tuple(
            estimate_moved(name, sample, value, row, level, problem=problem)
            for name, (value, row), problem in zip(NAMES.values(), found, problems, strict=True)
        )
    )


def horizon_decision_curve(
    sample: HorizonSample,
    cut_offs: npt.ArrayLike | None = None,
    *,
    level: float = 0.95,
    label: str = "",
) -> HorizonDecision:
    """Net benefit over cut-offs, with pointwise bands.

    Parameters
    ----------
    cut_offs
        Ascending, from 0 to below 1; by default each hundredth up to the highest prediction.
    label
        Of the model.

    Raises
    ------
    EvaluationError
        If there are none, they do not ascend, or one is not from 0 to below 1.
    """
    if cut_offs is None:
        cut_offs = np.arange(1, max(2, int(np.ceil(100 * min(sample.probability[-1], 0.99))))) / 100
    x = np.atleast_1d(np.asarray(cut_offs, dtype=np.float64))
    if x.ndim != 1 or not len(x) or (np.diff(x) <= 0).any():
        raise EvaluationError(f"cut_offs are {x.tolist()}; expected ascending numbers")
    rows = [horizon_net_benefit(sample, float(c), level=level) for c in x]
    curves = {side: _as_curve(x, [row[name] for row in rows]) for side, name in NAMES.items()}
    return HorizonDecision(**curves, label=label)


def _as_curve(x: FloatArray, found: list[Estimate]) -> Curve:
    sides = ("value", "low", "high")
    y, low, high = (np.array([getattr(e, side) for e in found]) for side in sides)
    first = found[0]
    method = next((e.method for e in found if e.method), "")
    problem = next((e.problem for e in found if not e.ok), "")
    return Curve(first.name, x, y, low, high, first.level, method, first.n, first.events, problem)


Moved = tuple[float, FloatArray | None]
"""A value, and what each row adds to its deviation."""


def _everybody(sample: HorizonSample, cut_off: float) -> Moved:
    share = linear_incidence(sample, sample.weight)
    factor = 1.0 + odds(cut_off)
    if share.known is None:
        return math.nan, None
    return share.value * factor - odds(cut_off), factor * influence(sample, share)


def moved_net_benefit(sample: HorizonSample, cut_off: float) -> Moved:
    """Net benefit of acting at and above a cut-off."""
    above = np.arange(len(sample)) >= _first_above(sample, cut_off)
    if not sample.weight[above].sum() > 0:
        return 0.0, np.zeros(len(sample))
    part = sample.where(above)
    share = linear_incidence(part, part.weight)
    if share.known is None or nobody_followed(part):
        return math.nan, None
    total = float(sample.weight.sum())
    size = float(part.weight.sum()) / total
    gain = _gain(part, part.weight, cut_off)
    moved = sample.weight * (above * gain - size * gain) / total
    moved[above] += size * (1.0 + odds(cut_off)) * influence(part, share)
    return size * gain, moved


def _gain(part: HorizonSample, weight: FloatArray, cut_off: float) -> float:
    """Net benefit per person above the cut-off."""
    return linear_incidence(part, weight).value * (1.0 + odds(cut_off)) - odds(cut_off)


def _first_above(sample: HorizonSample, cut_off: float) -> int:
    return int(np.searchsorted(sample.probability, cut_off, side="left"))
