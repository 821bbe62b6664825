"""Registered is not committed: what unequal detection makes of calibration by group.

A model that is calibrated on registered outcomes in both groups overstates the committed ones of
the group in which more is registered. By how much follows from two numbers that no register
holds: the part of offences that is registered, and the odds ratio of being registered between the
groups. So they are varied, and the question is how large the second must be before a conclusion
turns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import expit, logit

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Curve, Estimate
from risicoscreener.evaluation.intervals import quantile, sampled_error, units_of
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.selection.seen import check_mask

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Unit = Literal["case", "person"]

ODDS_RATIOS = (1.0, 1.25, 1.5, 2.0, 3.0)
WIDEST = 12.0
"""Log odds ratio beyond which no tipping point is looked for."""


@dataclass(frozen=True, eq=False)
class LabelBias:
    """Calibration of a group beside that of others, on registered and on committed outcomes.

    Attributes
    ----------
    on_registered
        Expected over observed of the group over that of the others, on registered outcomes:
        ``relative_calibration``. Above 1 the model is hard on the group.
    on_committed
        The same on committed outcomes over a range of odds ratios: a curve with its band.
    tipping_point
        The odds ratio of detection at which the model is as hard on the group as on the others
        on committed outcomes. Where it lies below 1 the conclusion *hard on the group* needs the
        group to be detected less than others.
    detected
        Part of the cases (or of the people with a case) of the others that is registered.
    unit
        What is detected: each ``case``, or a ``person`` who has one.
    """

    on_registered: Estimate
    on_committed: Curve
    tipping_point: Estimate
    detected: float
    unit: Unit

    def to_frame(self) -> pd.DataFrame:
        """A row per odds ratio."""
        return self.on_committed.to_frame().rename(columns={"x": "odds_ratio", "y": "relative"})

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "on_registered": self.on_registered.to_dict(),
            "on_committed": self.on_committed.to_dict(),
            "tipping_point": self.tipping_point.to_dict(),
            "detected": self.detected,
            "unit": self.unit,
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True, index=False)


def detected_in_group(detected: float, odds_ratio: float) -> float:
    """Part that is registered in a group whose odds of it are `odds_ratio` times `detected`'s.

    >>> round(detected_in_group(0.5, 2.0), 4)
    0.6667
    """
    return float(expit(logit(_share(detected)) + math.log(_positive(odds_ratio))))


def registered_rate(committed: npt.ArrayLike, detected: float, unit: Unit = "case") -> FloatArray:
    """Probability of a registered outcome from that of a committed one.

    Parameters
    ----------
    committed
        ``(n,)`` probabilities of at least one case.
    detected
        Part that is registered.
    unit
        ``person``: a person with the outcome is found or is not: ``committed * detected``.
        ``case``: cases follow a Poisson process and each is found or is not, so that more cases
        are more chances to be found: ``1 - (1 - committed) ** detected``.
    """
    p = np.asarray(committed, dtype=np.float64)
    d = _share(detected)
    return p * d if unit == "person" else -np.expm1(d * np.log1p(-p))


def committed_rate(registered: npt.ArrayLike, detected: float, unit: Unit = "case") -> FloatArray:
    """Probability of a committed outcome from that of a registered one: the inverse.

    By person it is at most 1.
    """
    p = np.asarray(registered, dtype=np.float64)
    d = _share(detected)
    if unit == "person":
        return np.minimum(p / d, 1.0)
    return -np.expm1(np.log1p(-np.minimum(p, 1.0)) / d) if (p < 1).all() else _with_ones(p, d)


def _with_ones(p: FloatArray, d: float) -> FloatArray:
    found = np.ones(p.shape)
    found[p < 1] = -np.expm1(np.log1p(-p[p < 1]) / d)
    return found


def label_bias(
    sample: Sample,
    group: npt.ArrayLike,
    *,
    detected: float,
    odds_ratios: npt.ArrayLike = ODDS_RATIOS,
    unit: Unit = "case",
    level: float = 0.95,
) -> LabelBias:
    """Calibration by group under unequal registration.

    The model is taken to be calibrated on registered outcomes within each group up to the factor
    that is observed (expected over observed). What it says of committed outcomes follows person
    by person from `committed_rate`.

    Parameters
    ----------
    sample
        Probabilities of a registered outcome, and registered outcomes.
    group
        ``(n,)`` booleans in the order in which people were given: of the group, or of the others.
    detected
        Part that is registered among the others.
    odds_ratios
        Odds of being registered in the group over those of the others.
    unit
        See `registered_rate`.
    level
        Of the intervals: on the log scale, of the observed outcomes, with clusters as units if
        the sample has them. That `detected` and the odds ratios are not known is not in them.

    Raises
    ------
    EvaluationError
        If all or none are of the group, or a parameter is out of range.

    References
    ----------
    Biderman and Reiss (1967); Fogliato, Chouldechova and G'Sell (2020), AISTATS, on fairness
    evaluations under biased labels.
    """
    member = check_mask(group, "group")
    if member.shape != (len(sample),) or member.all() or not member.any():
        raise EvaluationError(
            f"group has {int(member.sum())} of {len(member)} people for a sample of {len(sample)}; "
            "expected some in the group and some not"
        )
    member = sample.sorted(member)
    ratios = np.array(
        [_positive(r) for r in np.atleast_1d(np.asarray(odds_ratios, float)).tolist()]
    )
    common = {"level": level, "n": sample.people, "events": sample.events}
    parts = _parts(sample, member)
    relative = parts[0].over / parts[1].over
    if not math.isfinite(relative):
        return _no_answer(ratios, detected, unit, common)
    error = _error(sample, member)
    reach = quantile(level, units_of(sample)) * error
    known: dict[str, Any] = {"method": "normal" if sample.cluster is None else "clustered"}
    if not math.isfinite(reach):  # one cluster
        known = {"problem": "few_clusters"}
    registered = Estimate(
        "relative_calibration",
        relative,
        relative * math.exp(-reach),
        relative * math.exp(reach),
        **known,
        **common,  # type: ignore[arg-type]
    )
    factors = np.array([_factor(parts, detected, r, unit) for r in ratios])
    line = relative * factors
    curve = Curve(
        "relative_calibration",
        ratios,
        line,
        line * math.exp(-reach),
        line * math.exp(reach),
        label="committed",
        **known,
        **common,  # type: ignore[arg-type]
    )
    points = [_tipping(parts, detected, unit, relative * math.exp(r)) for r in (0.0, reach, -reach)]
    tipping = _tipping_estimate(points, known, common)
    return LabelBias(registered, curve, tipping, float(detected), unit)


@dataclass(frozen=True)
class _Part:
    """Registered risks of one group, and expected over observed."""

    risk: FloatArray
    weight: FloatArray
    over: float


def _parts(sample: Sample, member: npt.NDArray[np.bool_]) -> tuple[_Part, _Part]:
    def part(who: npt.NDArray[np.bool_]) -> _Part:
        p, w = sample.probability[who], sample.weight[who]
        observed = float(w @ sample.outcome[who])
        expected = float(w @ p)
        over = expected / observed if observed > 0 and expected > 0 else math.nan
        # the risk that the register shows, at the level that was observed
        risk = np.minimum(p / over, 1.0 - 1e-12) if math.isfinite(over) else p
        return _Part(risk, w, over)

    return part(member), part(~member)


def _factor(parts: tuple[_Part, _Part], detected: float, odds_ratio: float, unit: Unit) -> float:
    """Registered over committed, of the group over that of the others."""
    shares = (detected_in_group(detected, odds_ratio), _share(detected))
    shown = []
    for part, share in zip(parts, shares, strict=True):
        committed = committed_rate(part.risk, share, unit)
        shown.append(float(part.weight @ part.risk) / float(part.weight @ committed))
    return shown[0] / shown[1]


def _tipping(parts: tuple[_Part, _Part], detected: float, unit: Unit, relative: float) -> float:
    """The odds ratio at which a relative calibration is 1 on committed outcomes; NaN if none."""
    if not math.isfinite(relative):
        return math.nan

    def above(log_ratio: float) -> float:
        return math.log(relative * _factor(parts, detected, math.exp(log_ratio), unit))

    if above(-WIDEST) * above(WIDEST) > 0:
        return math.nan
    return math.exp(float(brentq(above, -WIDEST, WIDEST, xtol=1e-12)))


def _tipping_estimate(
    points: list[float], known: dict[str, Any], common: dict[str, Any]
) -> Estimate:
    value, low, high = points
    if not math.isfinite(value):
        return Estimate("tipping_point", math.nan, problem="no_tipping_point", **common)
    if not (math.isfinite(low) and math.isfinite(high)):
        problem = known.get("problem", "unstable")
        return Estimate("tipping_point", value, problem=problem, **common)
    return Estimate("tipping_point", value, low, high, **known, **common)


def _error(sample: Sample, member: npt.NDArray[np.bool_]) -> float:
    """Standard error of the log of the ratio of two expected over observed.

    From what each person adds to the log of observed over expected of their group.
    """
    w, residual = sample.weight, np.zeros(len(sample))
    for who, sign in ((member, 1.0), (~member, -1.0)):
        observed = float(w[who] @ sample.outcome[who])
        over = float(w[who] @ sample.probability[who]) / observed
        gap = sample.outcome[who] - sample.probability[who] / over
        residual[who] = sign * w[who] * gap / observed
    return sampled_error(sample, residual)


def _no_answer(
    ratios: FloatArray, detected: float, unit: Unit, common: dict[str, Any]
) -> LabelBias:
    missing = np.full(len(ratios), math.nan)
    return LabelBias(
        Estimate("relative_calibration", math.nan, problem="few_events", **common),
        Curve("relative_calibration", ratios, missing, problem="few_events", **common),
        Estimate("tipping_point", math.nan, problem="few_events", **common),
        float(detected),
        unit,
    )


def _share(value: float) -> float:
    if not 0 < value < 1:
        raise EvaluationError(f"detected is {value!r}; expected a number between 0 and 1")
    return float(value)


def _positive(value: float) -> float:
    if not (math.isfinite(value) and value > 0):
        raise EvaluationError(f"odds_ratio is {value!r}; expected a number above 0")
    return float(value)
