"""What a cut-off does: who is found, who is missed, who is alarmed wrongly."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.intervals import share_estimate
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

RATES: dict[str, Callable[[BoolArray, BoolArray], tuple[BoolArray, BoolArray]]] = {
    "sensitivity": lambda y, above: (y, above),
    "specificity": lambda y, above: (~y, ~above),
    "false_positive_rate": lambda y, above: (~y, above),
    "false_negative_rate": lambda y, above: (y, ~above),
    "ppv": lambda y, above: (above, y),
    "npv": lambda y, above: (~above, ~y),
    "share_above": lambda y, above: (np.ones(len(y), dtype=bool), above),
}
"""By name, from who has the outcome and who is at or above the cut-off: of whom, which."""


@dataclass(frozen=True)
class ErrorRates:
    """The two by two table of a cut-off and its rates.

    Attributes
    ----------
    cut_off
        Who is at or above it is pointed out.
    true_positives, false_positives, true_negatives, false_negatives
        Weight of these people: their number without weights.
    estimates
        By the names of `RATES`, with intervals after Wilson.
    """

    cut_off: float
    true_positives: float
    false_positives: float
    true_negatives: float
    false_negatives: float
    estimates: Estimates

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        counts = {k: v for k, v in asdict(self).items() if k != "estimates"}
        return counts | {"estimates": self.estimates.to_dict()}

    def to_frame(self, lang: str = "en") -> Any:
        """A row for each rate, with the cut-off."""
        return self.estimates.to_frame(lang).assign(cut_off=self.cut_off)

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(float_format="{:.4f}".format, escape=True))


def error_rates(sample: Sample, cut_off: float, *, level: float = 0.95) -> ErrorRates:
    """Error rates at a cut-off, with intervals after Wilson.

    With weights or clusters Wilson's interval is that of as many independent people as give the
    same standard error (Korn and Graubard 1998). A rate of nobody has no value.

    Parameters
    ----------
    cut_off
        In [0, 1]; probabilities at it count as above it.

    Raises
    ------
    EvaluationError
        If the cut-off is not a number in [0, 1].
    """
    above = is_above(sample, cut_off)
    y = sample.outcome == 1
    cells = [float(sample.weight[a & b].sum()) for a in (above, ~above) for b in (y, ~y)]
    found = [share_estimate(name, sample, *of(y, above), level) for name, of in RATES.items()]
    return ErrorRates(
        float(cut_off),
        true_positives=cells[0],
        false_positives=cells[1],
        false_negatives=cells[2],
        true_negatives=cells[3],
        estimates=Estimates(tuple(found)),
    )


@dataclass(frozen=True)
class RateAt:
    """One of the `RATES` at a cut-off: ``measure(sample, weight)``; NaN where it is of nobody."""

    name: str
    cut_off: float

    def __post_init__(self) -> None:
        if self.name not in RATES:
            raise EvaluationError(f"{self.name!r} is no rate; expected one of {', '.join(RATES)}")

    def __call__(self, sample: Sample, weight: FloatArray) -> float:
        """With these weights."""
        part, happened = RATES[self.name](sample.outcome == 1, is_above(sample, self.cut_off))
        total = float(weight[part].sum())
        return float(weight[part & happened].sum()) / total if total > 0 else math.nan


def is_above(sample: Sample, cut_off: float) -> BoolArray:
    """``(n,)``: who is at or above a cut-off.

    Raises
    ------
    EvaluationError
        If the cut-off is not a number in [0, 1].
    """
    if not isinstance(cut_off, Real) or not 0 <= cut_off <= 1:
        raise EvaluationError(f"cut_off is {cut_off!r}; expected a number in [0, 1]")
    return sample.probability >= cut_off
