"""What a decision at a cut-off gains, as functions of a sample and a weight."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sample import Sample, as_numbers

FloatArray = npt.NDArray[np.float64]


def check_cut_off(cut_off: float) -> float:
    """The cut-off, if it lies between 0 and 1.

    Raises
    ------
    EvaluationError
        Otherwise: at 1 a wrong alarm would weigh infinitely.
    """
    if not isinstance(cut_off, Real) or not 0 <= cut_off < 1:
        raise EvaluationError(f"cut_off is {cut_off!r}; expected a number from 0 to below 1")
    return float(cut_off)


def cut_offs_of(given: npt.ArrayLike) -> list[float]:
    """One cut-off or several, as a list.

    Raises
    ------
    EvaluationError
        If something is no number.
    """
    found = np.atleast_1d(as_numbers(given, "cut_offs"))
    if found.ndim != 1:
        raise EvaluationError(f"cut_offs have shape {found.shape}; expected (k,)")
    return [float(one) for one in found]


def odds(cut_off: float) -> float:
    """Wrong alarms that one event found is worth, by the choice of the cut-off."""
    return cut_off / (1 - cut_off)


@dataclass(frozen=True)
class NetBenefit:
    """Net benefit of acting on who is at or above a cut-off: ``measure(sample, weight)``.

    ``events found / n - others alarmed / n * cut_off / (1 - cut_off)`` (Vickers and Elkin 2006,
    Medical Decision Making 26:565-574).
    """

    cut_off: float

    def __post_init__(self) -> None:
        check_cut_off(self.cut_off)

    def __call__(self, sample: Sample, weight: FloatArray) -> float:
        """The net benefit with these weights, in the order of the sample."""
        start = int(np.searchsorted(sample.probability, self.cut_off, side="left"))
        above = weight[start:]
        events = float(above @ sample.outcome[start:])
        others = float(above.sum()) - events
        return (events - others * odds(self.cut_off)) / float(weight.sum())


def net_benefit_at(cut_off: float) -> NetBenefit:
    """The measure of net benefit at a cut-off, for `bootstrap` and comparisons.

    Raises
    ------
    EvaluationError
        If the cut-off is not from 0 to below 1.
    """
    return NetBenefit(cut_off)


@dataclass(frozen=True)
class TreatAll:
    """Net benefit of acting on everybody, judged at a cut-off: ``measure(sample, weight)``."""

    cut_off: float

    def __post_init__(self) -> None:
        check_cut_off(self.cut_off)

    def __call__(self, sample: Sample, weight: FloatArray) -> float:
        """The net benefit with these weights."""
        rate = float(weight @ sample.outcome) / float(weight.sum())
        return rate - (1 - rate) * odds(self.cut_off)
