"""Risk models: from feature values to a calibrated probability with interval and support.

A table of contents. What fits and draws (scikit-learn, scipy, matplotlib) is imported when its
name is first used, so that scoring never pays for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from risicoscreener.features.sensitivity import Waiver
from risicoscreener.models.bundle import Bundle, HistoryEntry, VerificationReport
from risicoscreener.models.calibration import Calibration, Identity, Logistic, Table
from risicoscreener.models.covariance import Uncertainty
from risicoscreener.models.ensemble import Ensemble
from risicoscreener.models.piecewise import Piecewise
from risicoscreener.models.program import (
    Assessment,
    Assessments,
    Curve,
    Interval,
    Intervals,
    Scores,
    ScoringProgram,
)
from risicoscreener.models.risk_model import (
    GoldenVector,
    Performance,
    Provenance,
    RiskModel,
    Training,
)
from risicoscreener.models.support import (
    FeatureRange,
    OutsideFeature,
    PopulationRule,
    Support,
    SupportColumns,
    SupportResult,
)
from risicoscreener.models.terms import PairTerm, Term
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.models.estimators import SplineLogisticClassifier
    from risicoscreener.models.fitting import cross_validate, fit_risk_model
    from risicoscreener.models.plots import plot_curve

__all__ = [
    "Assessment",
    "Assessments",
    "Bundle",
    "Calibration",
    "Curve",
    "Ensemble",
    "FeatureRange",
    "GoldenVector",
    "HistoryEntry",
    "Identity",
    "Interval",
    "Intervals",
    "Logistic",
    "OutsideFeature",
    "PairTerm",
    "Performance",
    "Piecewise",
    "PopulationRule",
    "Provenance",
    "RiskModel",
    "Scores",
    "ScoringProgram",
    "SplineLogisticClassifier",
    "Support",
    "SupportColumns",
    "SupportResult",
    "Table",
    "Term",
    "Texts",
    "Training",
    "Uncertainty",
    "VerificationReport",
    "Waiver",
    "cross_validate",
    "fit_risk_model",
    "plot_curve",
]

_LAZY = {
    "SplineLogisticClassifier": "estimators",
    "cross_validate": "fitting",
    "fit_risk_model": "fitting",
    "plot_curve": "plots",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
