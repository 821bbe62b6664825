"""Risk models: from feature values to a calibrated probability with interval and support.

A table of contents. What fits and draws (scikit-learn, scipy, matplotlib) is imported when its
name is first used, so that scoring never pays for it: ``from risicoscreener.models import
ScorecardClassifier`` is the same class as in `risicoscreener.models.estimators`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from risicoscreener.features.sensitivity import Waiver
from risicoscreener.models.answers import Assessment, Assessments, Interval, Intervals, Scores
from risicoscreener.models.bundle import Bundle, HistoryEntry
from risicoscreener.models.bundle_proof import VerificationReport
from risicoscreener.models.calibration import (
    Beta,
    Calibration,
    Identity,
    Logistic,
    Spline,
    Table,
    VennAbers,
)
from risicoscreener.models.covariance import Uncertainty
from risicoscreener.models.curves import Curve
from risicoscreener.models.ensemble import Ensemble
from risicoscreener.models.piecewise import Piecewise
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.risk_model import (
    GoldenSet,
    GoldenVector,
    Performance,
    Provenance,
    RiskModel,
    SampleSizeNeeded,
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
    from risicoscreener.models.bundle_fitting import fit_bundle as fit_bundle
    from risicoscreener.models.calibrating import *  # noqa: F403
    from risicoscreener.models.difference import (
        BundleDifference as BundleDifference,
    )
    from risicoscreener.models.difference import (
        compare_bundles as compare_bundles,
    )
    from risicoscreener.models.enough import SampleSizeWarning as SampleSizeWarning
    from risicoscreener.models.estimators import *  # noqa: F403
    from risicoscreener.models.fitting import (
        fit_risk_model as fit_risk_model,
    )
    from risicoscreener.models.honesty import *  # noqa: F403
    from risicoscreener.models.kinds import (
        EstimatorRecipe as EstimatorRecipe,
    )
    from risicoscreener.models.kinds import (
        MemberRecipe as MemberRecipe,
    )
    from risicoscreener.models.kinds import (
        make_estimator as make_estimator,
    )
    from risicoscreener.models.missing import *  # noqa: F403
    from risicoscreener.models.performance import cross_validate as cross_validate
    from risicoscreener.models.plots import plot_curve as plot_curve
    from risicoscreener.models.recipe import (
        FollowUp as FollowUp,
    )
    from risicoscreener.models.recipe import (
        ModelRecipe as ModelRecipe,
    )
    from risicoscreener.models.recipe import (
        Recipe as Recipe,
    )
    from risicoscreener.models.time import *  # noqa: F403
    from risicoscreener.models.uncertainty import *  # noqa: F403
    from risicoscreener.models.updating import *  # noqa: F403

_NAMES_OF: dict[str, tuple[str, ...]] = {
    "bundle_fitting": ("fit_bundle",),
    "calibrating": (
        "CalibratedAdditive",
        "CalibrationChoice",
        "Method",
        "MethodResult",
        "StratifiedCalibration",
        "StratumCalibration",
        "calibrate",
        "choose_calibration",
        "fit_beta",
        "fit_calibration",
        "fit_centred_isotonic",
        "fit_cross_venn_abers",
        "fit_isotonic",
        "fit_logistic",
        "fit_spline",
        "fit_stratified",
        "fit_venn_abers",
        "method_names",
        "restricted_cubic_basis",
    ),
    "difference": ("BundleDifference", "compare_bundles"),
    "enough": ("SampleSizeWarning",),
    "estimators": (
        "AdditiveBoostingClassifier",
        "AdditiveClassifier",
        "GradientBoostingReference",
        "PairedClassifier",
        "LEAST_CALIBRATION_SLOPE",
        "RiskClassifier",
        "ScorecardClassifier",
        "SplineLogisticClassifier",
        "StackComparison",
        "StackedClassifier",
        "deal_folds",
        "logistic_calibration",
    ),
    "fitting": ("fit_risk_model",),
    "honesty": (
        "HeldOutPerformance",
        "LeakFinding",
        "LeakLimits",
        "LeakReport",
        "Part",
        "PartPerformance",
        "PredictionStability",
        "SampleSize",
        "SelectionStability",
        "Validation",
        "forward_in_time",
        "largest_r_squared",
        "later_facts_search",
        "leak_search",
        "nested_cross_validate",
        "prediction_stability",
        "r_squared_of_c_statistic",
        "required_sample_size",
        "required_sample_size_for_time_to_event",
        "required_sample_size_for_validation",
        "selected_features",
        "selection_stability",
    ),
    "kinds": ("EstimatorRecipe", "MemberRecipe", "make_estimator"),
    "missing": (
        "Condition",
        "IfKnown",
        "Imputations",
        "Meaning",
        "MissingBounds",
        "MissingPolicy",
        "MissingRule",
        "PatternSubmodels",
        "Pooled",
        "Reach",
        "Submodel",
        "fit_pattern_submodels",
        "fit_pooled",
        "meaning_texts",
        "missing_bounds",
        "multiple_imputation",
        "pool",
        "pool_programs",
    ),
    "performance": ("cross_validate",),
    "plots": ("plot_curve",),
    "recipe": ("FollowUp", "ModelRecipe", "Recipe"),
    "time": (
        "BaseRate",
        "CauseSpecificCox",
        "DiscreteTimeHazard",
        "IncidenceCurves",
        "RareEventModel",
        "SubdistributionHazard",
        "TimeToEvent",
        "aalen_johansen",
        "as_time_to_event",
        "base_rate",
        "brier_at",
        "calibrate_incidence",
        "concordance",
        "exact_interval",
        "exact_rate_interval",
        "follow_up",
        "follow_up_from_dates",
        "horizon_weights",
        "kaplan_meier",
        "recalibrated",
    ),
    "uncertainty": (
        "Bootstrap",
        "ConformalBands",
        "ConformalStratum",
        "Disagreement",
        "LeveragePart",
        "bootstrap",
        "bootstrap_ensemble",
        "conformal_bands",
        "cross_conformal",
        "disagreement",
        "explain_leverage",
        "out_of_fold_disagreement",
        "with_distance",
    ),
    "updating": (
        "Difference",
        "RUNGS",
        "Rung",
        "RungFit",
        "RungTest",
        "UpdateChoice",
        "UpdateComparison",
        "auc_difference",
        "choose_rung",
        "compare_update",
        "needed_sample_size_for_update",
        "update",
        "update_bundle",
    ),
}
"""Per part of the package the public names of it that are imported when first used."""

_LAZY = {name: part for part, names in _NAMES_OF.items() for name in names}

__all__ = [  # noqa: PLE0604
    "Assessment",
    "Assessments",
    "Beta",
    "Bundle",
    "Calibration",
    "Curve",
    "Ensemble",
    "FeatureRange",
    "GoldenSet",
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
    "SampleSizeNeeded",
    "Scores",
    "ScoringProgram",
    "Spline",
    "Support",
    "SupportColumns",
    "SupportResult",
    "Table",
    "Term",
    "Texts",
    "Training",
    "Uncertainty",
    "VennAbers",
    "VerificationReport",
    "Waiver",
    *_LAZY,
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
