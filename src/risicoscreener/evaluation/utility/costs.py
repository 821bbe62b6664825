"""What wrong decisions cost, for any ratio of costs and any prevalence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Curve, Estimate
from risicoscreener.evaluation.intervals import (
    curve_around,
    estimate_around,
    mean_error,
    sampled_error,
)
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.utility.gain import check_cut_off, cut_offs_of

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CostCurve:
    """Expected cost of wrong decisions, as a share of the most that they can cost.

    The horizontal axis joins prevalence and costs in one number, the *probability cost*:
    ``p c_missed / (p c_missed + (1 - p) c_alarm)``. With equal costs it is the prevalence.

    Attributes
    ----------
    trivial
        `Curve` of acting on nobody or everybody, whichever is the cheaper.
    lowest
        `Curve` of the cheapest cut-off at each place, chosen on the same people: a bound that
        cannot be reached, without a band.
    at_cut_offs
        By cut-off the `Curve` of that cut-off, a straight line, with its band.
    """

    trivial: Curve
    lowest: Curve
    at_cut_offs: tuple[Curve, ...]

    @property
    def label(self) -> str:
        """Which model, as the user calls it."""
        return self.lowest.label

    def to_frame(self) -> pd.DataFrame:
        """A row for each probability cost; a column for each curve, with limits of the lines."""
        import pandas as pd

        columns = {"probability_cost": self.lowest.x, "trivial": self.trivial.y}
        columns["lowest"] = self.lowest.y
        for line in self.at_cut_offs:
            columns |= {line.label: line.y, f"{line.label} low": line.low}
            columns[f"{line.label} high"] = line.high
        return pd.DataFrame(columns)

    def to_dict(self) -> dict[str, Any]:
        """Plain values of each curve."""
        lines = [line.to_dict() for line in self.at_cut_offs]
        return {
            "trivial": self.trivial.to_dict(),
            "lowest": self.lowest.to_dict(),
            "at_cut_offs": lines,
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True, index=False)


def probability_cost(prevalence: float, cost_missed: float, cost_alarm: float) -> float:
    """Where a prevalence and two costs stand on the axis of a cost curve.

    Raises
    ------
    EvaluationError
        If the prevalence is not in [0, 1], a cost is negative, or nothing costs anything.
    """
    _check_costs(prevalence, cost_missed, cost_alarm)
    missed = prevalence * cost_missed
    total = missed + (1 - prevalence) * cost_alarm
    if total == 0:
        raise EvaluationError("nothing costs anything; expected a cost above 0")
    return missed / total


def cost_curve(
    sample: Sample,
    cut_offs: npt.ArrayLike = (),
    *,
    points: int = 101,
    level: float = 0.95,
    label: str = "",
) -> CostCurve:
    """Expected cost over all ratios of costs and prevalences (Drummond and Holte 2006).

    Parameters
    ----------
    cut_offs
        Of the policy: each gives a line.
    points
        Places on the axis of probability cost, from 0 to 1; at least 2.

    Raises
    ------
    EvaluationError
        If a cut-off is outside its range, or there are fewer points.

    References
    ----------
    Drummond and Holte (2006), Machine Learning 65:95-130.
    """
    if not isinstance(points, Integral) or points < 2:
        raise EvaluationError(f"points is {points!r}; expected a whole number of 2 or more")
    x = np.linspace(0, 1, points)
    cheapest = np.minimum(x, 1 - x)
    trivial = Curve("cost_trivial", x, cheapest, n=sample.people, events=sample.events)
    problem = "" if _both(sample) else "one_class"
    at, y = x[:0], x[:0]
    if not problem:
        missed, alarmed = _corners(sample)
        at, y = x, (np.outer(x, missed) + np.outer(1 - x, alarmed)).min(axis=1)
    lowest = Curve(
        "cost_lowest", at, y, n=sample.people, events=sample.events, problem=problem, label=label
    )
    places = [check_cut_off(cut_off) for cut_off in cut_offs_of(cut_offs)]
    lines = [] if problem else [_line(sample, cut_off, x, level) for cut_off in places]
    return CostCurve(trivial, lowest, tuple(lines))


def expected_cost(
    sample: Sample,
    cut_off: float,
    *,
    cost_missed: float,
    cost_alarm: float,
    prevalence: float | None = None,
    level: float = 0.95,
) -> Estimate:
    """Expected cost per person of acting on who is at or above a cut-off.

    Parameters
    ----------
    cost_missed, cost_alarm
        Of a person with the outcome below the cut-off, and of one without it from it on; in any
        unit, not negative.
    prevalence
        In the people to whom it is applied; that of the sample without it. Another one supposes
        that the model finds and spares as large shares of people there.

    Raises
    ------
    EvaluationError
        If a value is outside its range.
    """
    check_cut_off(cut_off)
    _check_costs(0.5 if prevalence is None else prevalence, cost_missed, cost_alarm)
    bounds = (0.0, max(cost_missed, cost_alarm))
    if prevalence is None:
        above = sample.probability >= cut_off
        cost = np.where(above, cost_alarm * (1 - sample.outcome), cost_missed * sample.outcome)
        value = float(sample.weight @ cost) / float(sample.weight.sum())
        error = mean_error(cost, sample.weight, sample.cluster)
        return estimate_around("expected_cost", sample, value, error, level, bounds=bounds)
    if not _both(sample):
        return Estimate("expected_cost", math.nan, level=level, problem="one_class")
    parts = prevalence * cost_missed, (1 - prevalence) * cost_alarm
    value, error = _weighed_rates(sample, cut_off, *parts)
    return estimate_around("expected_cost", sample, value, error, level, bounds=bounds)


def _check_costs(prevalence: float, cost_missed: float, cost_alarm: float) -> None:
    if not isinstance(prevalence, Real) or not 0 <= prevalence <= 1:
        raise EvaluationError(f"prevalence is {prevalence!r}; expected a number in [0, 1]")
    for name, cost in (("cost_missed", cost_missed), ("cost_alarm", cost_alarm)):
        if not isinstance(cost, Real) or not 0 <= cost < math.inf:
            raise EvaluationError(f"{name} is {cost!r}; expected a number of 0 or more")


def _both(sample: Sample) -> bool:
    return bool(sample.weight @ sample.outcome > 0 and sample.weight @ (1 - sample.outcome) > 0)


def _weighed_rates(
    sample: Sample, cut_off: float, of_missed: float, of_alarm: float
) -> tuple[float, float]:
    """A weighed sum of the share missed and the share wrongly alarmed, with its error."""
    y, weight = sample.outcome, sample.weight
    above = sample.probability >= cut_off
    events, others = float(weight @ y), float(weight @ (1 - y))
    missed = float(weight @ (y * ~above)) / events
    alarmed = float(weight @ ((1 - y) * above)) / others
    pull = of_missed * y * (~above - missed) / events
    pull += of_alarm * (1 - y) * (above - alarmed) / others
    value = of_missed * missed + of_alarm * alarmed
    return value, sampled_error(sample, weight * pull)


def _line(sample: Sample, cut_off: float, x: FloatArray, level: float) -> Curve:
    found = np.array([_weighed_rates(sample, cut_off, float(p), float(1 - p)) for p in x])
    values, errors = found.T
    name, label = "cost_at_cut_off", f"{cut_off:g}"
    return curve_around(name, sample, x, values, errors, level, bounds=(0.0, 1.0), label=label)


def _corners(sample: Sample) -> tuple[FloatArray, FloatArray]:
    """Shares missed and wrongly alarmed at the cut-offs on the convex hull of the ROC curve."""
    weight, y, starts = sample.weight, sample.outcome, sample.tie_starts
    events = np.r_[0.0, np.cumsum(np.add.reduceat(weight * y, starts))]
    others = np.r_[0.0, np.cumsum(np.add.reduceat(weight * (1 - y), starts))]
    missed, alarmed = events / events[-1], 1 - others / others[-1]
    kept: list[int] = []
    for i in range(len(missed)):
        while len(kept) > 1 and _is_above(missed, alarmed, kept[-2], kept[-1], i):
            kept.pop()
        kept.append(i)
    return missed[kept], alarmed[kept]


def _is_above(missed: FloatArray, alarmed: FloatArray, a: int, b: int, c: int) -> bool:
    """Whether the middle of three cut-offs is nowhere the cheapest."""
    left = (missed[b] - missed[a]) * (alarmed[c] - alarmed[a])
    right = (missed[c] - missed[a]) * (alarmed[b] - alarmed[a])
    return bool(left <= right)
