"""The figures of probabilities beside outcomes that are known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from risicoscreener.evaluation import Curve, Estimate, Estimates, Sample
from risicoscreener.evaluation.calibration import (
    CalibrationHierarchy,
    CalibrationTest,
    ReliabilityDiagram,
    calibration_hierarchy,
    reliability_diagram,
)
from risicoscreener.evaluation.comparing import Comparison, compare
from risicoscreener.evaluation.discrimination import (
    Distribution,
    auc_estimate,
    average_precision_estimate,
    distribution,
    error_rates,
    precision_recall_curve,
    roc_curve,
)
from risicoscreener.evaluation.scoring import base_rate, scores
from risicoscreener.evaluation.utility import (
    DecisionCurve,
    at_cut_offs,
    decision_curve,
    net_benefit,
)
from risicoscreener.report.evaluation.performance import BandFound, Performance

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class BinaryPerformance(Performance):
    """How good the probabilities of a sample are."""

    sample: Sample

    @property
    def base_rate(self) -> float:
        """Share with the outcome."""
        return base_rate(self.sample, self.sample.weight)

    @property
    def mean_probability(self) -> float:
        """Weighted."""
        weight = self.sample.weight
        return float(weight @ self.sample.probability) / float(weight.sum())

    @cached_property
    def auc(self) -> Estimate:
        """After DeLong."""
        return auc_estimate(self.sample, level=self.options.level)

    @cached_property
    def discrimination(self) -> Estimates:
        """AUC, average precision and proper scores."""
        level = self.options.level
        precision = average_precision_estimate(self.sample, level=level, **self.drawing)
        return Estimates((self.auc, precision)) + scores(self.sample, level=level)

    @cached_property
    def roc(self) -> Curve:
        """With its band."""
        return roc_curve(self.sample, level=self.options.level, **self.drawing)

    @cached_property
    def precision_recall(self) -> Curve:
        """With its band."""
        return precision_recall_curve(self.sample, level=self.options.level, **self.drawing)

    @cached_property
    def distribution(self) -> Distribution:
        """Of the probabilities, by outcome."""
        return distribution(self.sample)

    @cached_property
    def hierarchy(self) -> CalibrationHierarchy:
        """All of calibration."""
        o = self.options
        return calibration_hierarchy(
            self.sample, level=o.level, replicates=o.replicates, seed=o.seed, jobs=o.jobs
        )

    @cached_property
    def reliability(self) -> ReliabilityDiagram:
        """By isotonic regression, with the parts of the Brier score."""
        o = self.options
        return reliability_diagram(self.sample, level=o.level, replicates=o.replicates, seed=o.seed)

    @property
    def average(self) -> Estimate:
        """Expected divided by observed."""
        return self.hierarchy.mean["expected_observed"]

    @property
    def slope(self) -> Estimate:
        """Of the outcome on the log odds."""
        return self.hierarchy.weak["calibration_slope"]

    @property
    def ici(self) -> Estimate:
        """Mean distance of the flexible curve."""
        return self.hierarchy.moderate["ici"]

    @property
    def calibration(self) -> Estimates:
        """On average, weak and moderate."""
        return self.hierarchy.estimates

    @property
    def curve(self) -> Curve:
        """The flexible calibration curve."""
        return self.hierarchy.curve

    @property
    def tests(self) -> tuple[CalibrationTest, ...]:
        """Of calibration."""
        return self.hierarchy.tests

    @property
    def grouped(self) -> pd.DataFrame:
        """Ten groups, with the lowest and highest probability in each."""
        return self.hierarchy.grouped.to_frame().drop(columns="weight")

    def _bands(self) -> tuple[BandFound, ...]:
        found = at_cut_offs(self.sample, self.options.cut_offs, level=self.options.level)
        return tuple(
            BandFound(
                band.low,
                band.high,
                band["events_in_band"].value,
                band["others_in_band"].value,
                band.estimates,
            )
            for band in found.bands
        )

    def error_rates(self, cut_off: float) -> Estimates:
        """At one cut-off."""
        return error_rates(self.sample, cut_off, level=self.options.level).estimates

    @cached_property
    def decision_curve(self) -> DecisionCurve:
        """Net benefit over cut-offs."""
        return decision_curve(self.sample, self.cut_offs_of_curve, level=self.options.level)

    def net_benefit(self, cut_off: float) -> Estimates:
        """At one cut-off."""
        return net_benefit(self.sample, cut_off, level=self.options.level)

    def gain(self, cut_off: float) -> Estimate:
        """Net benefit over the better of flagging everybody and nobody."""
        figures = self.net_benefit(cut_off)
        everybody = figures["net_benefit_all"].value > 0
        return figures["net_benefit_over_all" if everybody else "net_benefit"]

    def less(self, rival: Performance) -> Comparison:
        """Figures of a rival less these, person by person."""
        assert isinstance(rival, BinaryPerformance)
        return compare(
            self.sample,
            rival.sample,
            cut_offs=self.options.cut_offs,
            level=self.options.level,
        )
