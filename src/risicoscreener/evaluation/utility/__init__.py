"""What decisions by predicted probabilities bring: net benefit, costs, consequences for people."""

from __future__ import annotations

from risicoscreener.evaluation.utility.consequences import Band, Consequences, at_cut_offs
from risicoscreener.evaluation.utility.costs import (
    CostCurve,
    cost_curve,
    expected_cost,
    probability_cost,
)
from risicoscreener.evaluation.utility.curves import DecisionCurve, decision_curve, net_benefit
from risicoscreener.evaluation.utility.gain import NetBenefit, TreatAll, net_benefit_at
from risicoscreener.evaluation.utility.reclassification import Reclassification, reclassification

__all__ = [
    "Band",
    "Consequences",
    "CostCurve",
    "DecisionCurve",
    "NetBenefit",
    "Reclassification",
    "TreatAll",
    "at_cut_offs",
    "cost_curve",
    "decision_curve",
    "expected_cost",
    "net_benefit",
    "net_benefit_at",
    "probability_cost",
    "reclassification",
]
