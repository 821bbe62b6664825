"""Net benefit at one cut-off and over many: what the model is worth, and beside what."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Curve, Estimate, Estimates
from risicoscreener.evaluation.intervals import (
    curve_around,
    estimate_around,
    mean_error,
    sampled_error,
)
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.utility.gain import check_cut_off, cut_offs_of, odds

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]

PER = 1000
"""People for which consequences are counted."""


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit over cut-offs, of the model and of what can be done without one.

    Attributes
    ----------
    model, everybody, nobody
        `Curve` each: acting on who is at or above the cut-off, on everybody, on nobody (0).
    over_everybody
        `Curve` of the difference between model and everybody, with the interval of the difference.
    standardised
        `Curve` of the net benefit of the model as a share of the prevalence: 1 at best.
    avoided
        `Curve` of interventions avoided per 1,000 people beside acting on everybody, with as many
        events found in the balance.
    """

    model: Curve
    everybody: Curve
    nobody: Curve
    over_everybody: Curve
    standardised: Curve
    avoided: Curve

    @property
    def label(self) -> str:
        """Which model, as the user calls it."""
        return self.model.label

    def to_frame(self) -> pd.DataFrame:
        """A row for each cut-off: values, and the limits of those that have them."""
        import pandas as pd

        columns: dict[str, FloatArray] = {"cut_off": self.model.x}
        for part in fields(self):
            curve: Curve = getattr(self, part.name)
            columns[part.name] = curve.y
            if part.name not in {"nobody"}:
                columns |= {f"{part.name}_low": curve.low, f"{part.name}_high": curve.high}
        return pd.DataFrame(columns)

    def to_dict(self) -> dict[str, Any]:
        """Plain values of each curve."""
        return {part.name: getattr(self, part.name).to_dict() for part in fields(self)}

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True, index=False)


def decision_curve(
    sample: Sample,
    cut_offs: npt.ArrayLike | None = None,
    *,
    level: float = 0.95,
    label: str = "",
) -> DecisionCurve:
    """Net benefit over a range of cut-offs (Vickers and Elkin 2006).

    A cut-off states how many wrong alarms one event found is worth: at 0.20 that is 4. Choose the
    range before looking: cut-offs that someone could defend for the decision. The band is
    pointwise, and says nothing on the best cut-off.

    Parameters
    ----------
    cut_offs
        ``(k,)`` ascending, from 0 to below 1; 0.01, 0.02, ..., 0.99 without it.
    label
        Of the model, for a picture of several.

    Raises
    ------
    EvaluationError
        If a cut-off is outside its range, or they do not ascend.
    """
    at = _grid(cut_offs)
    found = [_gains(sample, float(t)) for t in at]
    names = ("net_benefit", "net_benefit_all", "net_benefit_over_all")
    model, everybody, over = (
        _curve(name, sample, at, [gains[name] for gains in found], level, label) for name in names
    )
    standard, avoided = (
        _curve(name, sample, at, [gains[name] for gains in found], level, label)
        for name in ("standardised_net_benefit", "interventions_avoided")
    )
    nobody = Curve("net_benefit_none", at, np.zeros(len(at)), n=sample.people, events=sample.events)
    return DecisionCurve(model, everybody, nobody, over, standard, avoided)


def net_benefit(sample: Sample, cut_off: float, *, level: float = 0.95) -> Estimates:
    """Net benefit at one cut-off, with everything that it must be compared with.

    Returns
    -------
    ``net_benefit`` of the model, ``net_benefit_all`` of acting on everybody,
    ``net_benefit_over_all`` (the difference), ``standardised_net_benefit``,
    ``interventions_avoided`` per 1,000, and ``test_trade_off``: the number of people who must be
    scored for one event more found, in the balance, than the best of acting on everybody and on
    nobody (Baker et al. 2009).
    """
    gains = _gains(sample, check_cut_off(cut_off))
    figures = [
        estimate_around(name, sample, value, error, level, problem=problem)
        for name, (value, error, problem) in gains.items()
    ]
    best = "net_benefit" if gains["net_benefit_all"][0] <= 0 else "net_benefit_over_all"
    gain = next(figure for figure in figures if figure.name == best)
    return Estimates((*figures, _trade_off(gain)))


def _trade_off(gain: Estimate) -> Estimate:
    """1 over a gain; an interval only if the whole interval of the gain is above 0."""
    value = 1 / gain.value if gain.value > 0 else math.nan
    bounded = gain.has_interval and gain.low > 0
    return Estimate(
        "test_trade_off",
        value,
        1 / gain.high if bounded else math.nan,
        1 / gain.low if bounded else math.nan,
        gain.level,
        gain.method if bounded else "",
        gain.n,
        gain.events,
        "" if bounded else "no_gain" if not gain.value > 0 else "gain_uncertain",
    )


Gain = tuple[float, float, str]
"""A value, its standard error, and what is said if there is no error."""


def _gains(sample: Sample, cut_off: float) -> dict[str, Gain]:
    """By name what acting from a cut-off on gains."""
    y, exchange = sample.outcome, odds(cut_off)
    above = sample.probability >= cut_off
    worth = y - (1 - y) * exchange
    spared = -worth * ~above
    found = {
        "net_benefit": _mean(sample, worth * above),
        "net_benefit_all": _mean(sample, worth),
        "net_benefit_over_all": _mean(sample, spared),
        "standardised_net_benefit": _share_of_prevalence(sample, worth * above),
        "interventions_avoided": (math.nan, math.nan, "not_defined"),
    }
    if exchange > 0:
        found["interventions_avoided"] = _mean(sample, spared * (PER / exchange))
    return found


def _mean(sample: Sample, values: FloatArray) -> Gain:
    value = float(sample.weight @ values) / float(sample.weight.sum())
    return value, mean_error(values, sample.weight, sample.cluster), "no_spread"


def _share_of_prevalence(sample: Sample, values: FloatArray) -> Gain:
    share = sample.weight / sample.weight.sum()
    prevalence = float(share @ sample.outcome)
    if prevalence == 0:
        return math.nan, math.nan, "one_class"
    value = float(share @ values) / prevalence
    influence = share * (values - value * sample.outcome) / prevalence
    return value, sampled_error(sample, influence), "no_spread"


def _curve(
    name: str, sample: Sample, at: FloatArray, gains: list[Gain], level: float, label: str
) -> Curve:
    values = np.array([value for value, _, _ in gains])
    errors = np.array([error for _, error, _ in gains])
    problem = gains[-1][2]
    return curve_around(name, sample, at, values, errors, level, problem=problem, label=label)


def _grid(cut_offs: npt.ArrayLike | None) -> FloatArray:
    if cut_offs is None:
        return np.arange(1, 100) / 100
    at = np.array([check_cut_off(cut_off) for cut_off in cut_offs_of(cut_offs)])
    if not len(at):
        raise EvaluationError("cut_offs have shape (0,); expected (k,) with k of 1 or more")
    if (np.diff(at) <= 0).any():
        raise EvaluationError("cut_offs do not ascend; expected the lowest first")
    return at
