"""The figures of one set of probabilities, each computed once: the parts that every kind shares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from risicoscreener.evaluation import Curve, Estimate, Estimates
from risicoscreener.evaluation.calibration import CalibrationTest
from risicoscreener.evaluation.comparing import Comparison
from risicoscreener.report.evaluation.options import Options

if TYPE_CHECKING:
    import pandas as pd

PER = 1000
HIGHEST_CUT_OFF = 0.99
LEAST_RANGE = 0.3


@dataclass(frozen=True)
class BandFound:
    """The people between two cut-offs.

    Attributes
    ----------
    low, high
        The cut-offs; 0 and 1 at the ends.
    with_outcome, without_outcome
        Of 1,000 people.
    estimates
        More figures, with intervals where they have one.
    """

    low: float
    high: float
    with_outcome: float
    without_outcome: float
    estimates: Estimates


@dataclass(frozen=True, eq=False)
class Performance(ABC):
    """How good probabilities are, whether outcomes have a time or not."""

    options: Options

    @property
    @abstractmethod
    def base_rate(self) -> float:
        """Share with the outcome; NaN where it is not known."""

    @property
    @abstractmethod
    def mean_probability(self) -> float:
        """Weighted."""

    @property
    @abstractmethod
    def auc(self) -> Estimate:
        """Discrimination in one figure."""

    @property
    @abstractmethod
    def average(self) -> Estimate:
        """Expected divided by observed."""

    @property
    @abstractmethod
    def slope(self) -> Estimate:
        """Of the outcome on the transformed probability."""

    @property
    @abstractmethod
    def ici(self) -> Estimate:
        """Mean distance of the flexible curve."""

    @property
    @abstractmethod
    def discrimination(self) -> Estimates:
        """Discrimination and overall error."""

    @property
    @abstractmethod
    def calibration(self) -> Estimates:
        """On average, weak and moderate."""

    @property
    @abstractmethod
    def curve(self) -> Curve:
        """The flexible calibration curve."""

    @property
    @abstractmethod
    def grouped(self) -> pd.DataFrame:
        """Ten groups: n, events, mean_probability, observed_share, low, high."""

    @property
    @abstractmethod
    def tests(self) -> tuple[CalibrationTest, ...]:
        """Of calibration."""

    @cached_property
    def bands(self) -> tuple[BandFound, ...]:
        """Between the cut-offs, lowest first."""
        return self._bands()

    @abstractmethod
    def _bands(self) -> tuple[BandFound, ...]: ...

    @abstractmethod
    def error_rates(self, cut_off: float) -> Estimates:
        """At one cut-off; empty where there are none."""

    @abstractmethod
    def net_benefit(self, cut_off: float) -> Estimates:
        """At one cut-off."""

    @abstractmethod
    def gain(self, cut_off: float) -> Estimate:
        """Net benefit over the better of flagging everybody and nobody, at one cut-off."""

    @abstractmethod
    def less(self, rival: Performance) -> Comparison:
        """Figures of a rival of the same kind, on the same people, less these; the AUC first."""

    @property
    def drawing(self) -> dict[str, int]:
        """How a bootstrap is drawn."""
        return {
            "replicates": self.options.replicates,
            "seed": self.options.seed,
            "jobs": self.options.jobs,
        }

    @property
    def cut_offs_of_curve(self) -> list[float]:
        """From 1% to twice the highest cut-off."""
        highest = min(max(2 * max(self.options.cut_offs), LEAST_RANGE), HIGHEST_CUT_OFF)
        return [t / 100 for t in range(1, round(100 * highest) + 1)]
