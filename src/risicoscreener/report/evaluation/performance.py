"""The figures of one set of probabilities beside binary outcomes, each computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from risicoscreener.evaluation import Curve, Estimate, Estimates, Sample
from risicoscreener.evaluation.calibration import grouped, moderate, weak
from risicoscreener.evaluation.calibration.grouped import GroupedCalibration
from risicoscreener.evaluation.calibration.weak import CalibrationTest
from risicoscreener.evaluation.discrimination import (
    Distribution,
    ErrorRates,
    auc_estimate,
    average_precision_estimate,
    distribution,
    error_rates,
    precision_recall_curve,
    roc_curve,
)
from risicoscreener.evaluation.scoring import base_rate, scores
from risicoscreener.evaluation.utility import (
    Consequences,
    DecisionCurve,
    at_cut_offs,
    decision_curve,
    net_benefit,
)
from risicoscreener.report.evaluation.options import Options

HIGHEST_CUT_OFF = 0.99


@dataclass(frozen=True, eq=False)
class Performance:
    """How good the probabilities of a sample are."""

    sample: Sample
    options: Options

    @property
    def _drawing(self) -> dict[str, float | int]:
        o = self.options
        return {"level": o.level, "replicates": o.replicates, "seed": o.seed, "jobs": o.jobs}

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
        """Discrimination in one figure."""
        return auc_estimate(self.sample, level=self.options.level)

    @cached_property
    def discrimination(self) -> Estimates:
        """AUC, average precision and proper scores."""
        precision = average_precision_estimate(self.sample, **self._drawing)  # type: ignore[arg-type]
        overall = scores(self.sample, level=self.options.level)
        return Estimates((self.auc, precision)) + overall

    @cached_property
    def roc(self) -> Curve:
        """With its band."""
        return roc_curve(self.sample, **self._drawing)  # type: ignore[arg-type]

    @cached_property
    def precision_recall(self) -> Curve:
        """With its band."""
        return precision_recall_curve(self.sample, **self._drawing)  # type: ignore[arg-type]

    @cached_property
    def distribution(self) -> Distribution:
        """Of the probabilities, by outcome."""
        return distribution(self.sample)

    def error_rates(self, cut_off: float) -> ErrorRates:
        """At one cut-off."""
        return error_rates(self.sample, cut_off, level=self.options.level)

    @cached_property
    def average(self) -> Estimate:
        """Expected divided by observed."""
        return self.mean_calibration["expected_observed"]

    @cached_property
    def mean_calibration(self) -> Estimates:
        """Calibration on average."""
        return weak.mean_calibration(self.sample, level=self.options.level)

    @cached_property
    def weak_calibration(self) -> Estimates:
        """Intercept and slope."""
        return weak.weak_calibration(self.sample, level=self.options.level)

    @cached_property
    def moderate_calibration(self) -> Estimates:
        """Distances of the flexible curve."""
        return moderate.moderate_calibration(self.sample, **self._drawing)  # type: ignore[arg-type]

    @property
    def slope(self) -> Estimate:
        """Of the outcome on the log odds."""
        return self.weak_calibration["calibration_slope"]

    @property
    def ici(self) -> Estimate:
        """Mean distance of the flexible curve."""
        return self.moderate_calibration["ici"]

    @cached_property
    def tests(self) -> tuple[CalibrationTest, ...]:
        """Tests of calibration."""
        return weak.unreliability_test(self.sample), weak.spiegelhalter_test(self.sample)

    @cached_property
    def curve(self) -> Curve:
        """The flexible calibration curve."""
        return moderate.calibration_curve(self.sample, level=self.options.level)

    @cached_property
    def grouped(self) -> GroupedCalibration:
        """In ten groups."""
        return grouped.grouped_calibration(self.sample, level=self.options.level)

    @cached_property
    def consequences(self) -> Consequences:
        """Per 1,000 people at the cut-offs."""
        return at_cut_offs(self.sample, self.options.cut_offs, level=self.options.level)

    @cached_property
    def decision_curve(self) -> DecisionCurve:
        """Net benefit from 1% to twice the highest cut-off."""
        highest = min(max(2 * max(self.options.cut_offs), 0.3), HIGHEST_CUT_OFF)
        steps = [t / 100 for t in range(1, round(100 * highest) + 1)]
        return decision_curve(self.sample, steps, level=self.options.level)

    def net_benefit(self, cut_off: float) -> Estimates:
        """At one cut-off."""
        return net_benefit(self.sample, cut_off, level=self.options.level)

    def gain(self, cut_off: float) -> Estimate:
        """Net benefit over the better of flagging everybody and nobody, at one cut-off."""
        figures = self.net_benefit(cut_off)
        everybody = figures["net_benefit_all"].value > 0
        return figures["net_benefit_over_all" if everybody else "net_benefit"]
