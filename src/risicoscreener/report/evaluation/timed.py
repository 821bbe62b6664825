"""The figures of probabilities by a horizon, under censoring and competing events."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation import Curve, Estimate, Estimates
from risicoscreener.evaluation.calibration import CalibrationTest
from risicoscreener.evaluation.comparing import Comparison
from risicoscreener.evaluation.resampling import bootstrap
from risicoscreener.evaluation.time import (
    HorizonCalibration,
    HorizonNetBenefit,
    HorizonSample,
    compare_at_horizon,
    concordance_index,
    follow_up_summary,
    grouped_calibration,
    horizon_calibration,
    horizon_decision_curve,
    horizon_incidence,
    horizon_net_benefit,
    horizon_performance,
)
from risicoscreener.evaluation.utility import DecisionCurve
from risicoscreener.evaluation.utility.gain import odds
from risicoscreener.report.evaluation.performance import PER, BandFound, Performance

if TYPE_CHECKING:
    import pandas as pd

ON_AVERAGE = ("horizon_incidence", "horizon_expected", "horizon_expected_observed")


@dataclass(frozen=True)
class OverEverybody:
    """Net benefit of the model less that of flagging everybody: ``measure(sample, weight)``."""

    cut_off: float

    def __call__(self, sample: HorizonSample, weight: npt.NDArray[np.float64]) -> float:
        """The difference with these weights."""
        share = horizon_incidence(sample, weight)
        everybody = share - (1 - share) * odds(self.cut_off)
        return HorizonNetBenefit(self.cut_off)(sample, weight) - everybody


@dataclass(frozen=True, eq=False)
class TimedPerformance(Performance):
    """How good the probabilities by a horizon are."""

    sample: HorizonSample

    @cached_property
    def _overall(self) -> Estimates:
        return horizon_performance(self.sample, level=self.options.level)

    @property
    def base_rate(self) -> float:
        """Incidence by the horizon (Aalen-Johansen)."""
        return self._overall["horizon_incidence"].value

    @property
    def mean_probability(self) -> float:
        """Weighted."""
        return self._overall["horizon_expected"].value

    @property
    def auc(self) -> Estimate:
        """At the horizon, against everybody else."""
        return self._overall["horizon_auc"]

    @cached_property
    def discrimination(self) -> Estimates:
        """AUC, C index and Brier score."""
        ranked = Estimates(tuple(one for one in self._overall if one.name not in ON_AVERAGE))
        return ranked + concordance_index(self.sample, level=self.options.level)

    @cached_property
    def follow_up(self) -> Estimates:
        """How far follow-up reaches."""
        return follow_up_summary(self.sample)

    @cached_property
    def details(self) -> HorizonCalibration:
        """All of calibration."""
        return horizon_calibration(self.sample, level=self.options.level, **self.drawing)

    @property
    def average(self) -> Estimate:
        """Expected divided by observed by the horizon."""
        return self._overall["horizon_expected_observed"]

    @property
    def slope(self) -> Estimate:
        """Of what people were at the horizon on the transformed probability."""
        return self.details.weak["horizon_slope"]

    @property
    def ici(self) -> Estimate:
        """Mean distance of the flexible curve."""
        return self.details.errors["horizon_ici"]

    @property
    def calibration(self) -> Estimates:
        """On average, weak and moderate."""
        average = Estimates(tuple(self._overall[name] for name in ON_AVERAGE))
        return average + self.details.weak + self.details.errors

    @property
    def curve(self) -> Curve:
        """The flexible calibration curve."""
        return self.details.curve

    @property
    def tests(self) -> tuple[CalibrationTest, ...]:
        """None for a horizon."""
        return ()

    @property
    def grouped(self) -> pd.DataFrame:
        """Ten groups, observed after Aalen and Johansen."""
        names = {"expected": "mean_probability", "observed": "observed_share"}
        return self.details.to_frame().rename(columns=names)

    def _bands(self) -> tuple[BandFound, ...]:
        edges = [0.0, *self.options.cut_offs, 1.0]
        place = np.searchsorted(edges[1:-1], self.sample.probability, side="right")
        return tuple(
            self._band(low, high, place == i) for i, (low, high) in enumerate(pairwise(edges))
        )

    def _band(self, low: float, high: float, inside: npt.NDArray[np.bool_]) -> BandFound:
        weight = self.sample.weight
        if not weight[inside].any():
            return BandFound(low, high, 0.0, 0.0, Estimates(()))
        people = PER * float(weight[inside].sum()) / float(weight.sum())
        figures = grouped_calibration(
            self.sample.where(inside), groups=1, level=self.options.level
        )[0]
        share = figures["horizon_incidence"].value
        share = share if np.isfinite(share) else 0.0
        return BandFound(low, high, people * share, people * (1 - share), figures)

    def error_rates(self, cut_off: float) -> Estimates:  # noqa: ARG002
        """None: of some people the state at the horizon is not known."""
        return Estimates(())

    @cached_property
    def decision_curve(self) -> DecisionCurve:
        """Net benefit over cut-offs; of the differences there is no band."""
        cut_offs = self.cut_offs_of_curve
        found = horizon_decision_curve(self.sample, cut_offs, level=self.options.level)
        model, everybody = found.model, found.everybody
        x, nowhere = model.x, np.full(len(model.x), np.nan)
        return DecisionCurve(
            model=model,
            everybody=everybody,
            nobody=Curve("net_benefit_none", x, np.zeros(len(x)), n=model.n, events=model.events),
            over_everybody=Curve("net_benefit_over_all", x, model.y - everybody.y),
            standardised=Curve("standardised_net_benefit", x, nowhere),
            avoided=Curve("interventions_avoided", x, nowhere),
        )

    def net_benefit(self, cut_off: float) -> Estimates:
        """At one cut-off."""
        return horizon_net_benefit(self.sample, cut_off, level=self.options.level)

    def gain(self, cut_off: float) -> Estimate:
        """Net benefit over the better of flagging everybody and nobody."""
        figures = self.net_benefit(cut_off)
        if not figures["horizon_net_benefit_all"].value > 0:
            return figures["horizon_net_benefit"]
        name = "net_benefit_over_all"
        measure: Any = OverEverybody(cut_off)
        found = bootstrap(self.sample, {name: measure}, **self.drawing)  # type: ignore[arg-type]
        return found.estimate(name, self.options.level)

    def less(self, rival: Performance) -> Comparison:
        """Figures of a rival less these, person by person."""
        assert isinstance(rival, TimedPerformance)
        return compare_at_horizon(
            self.sample,
            rival.sample,
            cut_offs=self.options.cut_offs,
            level=self.options.level,
        )
