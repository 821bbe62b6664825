"""Do probabilities mean what they say: of the people who get 30%, do 30 in 100 have the outcome.

Start with `calibration_hierarchy`. `calibration_slope`, `ici`, `spline_errors` and their like are
measures of a sample and a weight, for `bootstrap` and comparisons.
"""

from __future__ import annotations

from risicoscreener.evaluation.calibration.by_group import (
    CalibrationByGroup,
    CalibrationOfGroup,
    calibration_by,
)
from risicoscreener.evaluation.calibration.corp import score_decomposition, score_parts
from risicoscreener.evaluation.calibration.flexible import spline_errors
from risicoscreener.evaluation.calibration.grouped import (
    CalibrationGroup,
    GroupedCalibration,
    grouped_calibration,
)
from risicoscreener.evaluation.calibration.hierarchy import (
    CalibrationHierarchy,
    calibration_hierarchy,
)
from risicoscreener.evaluation.calibration.loess import loess_errors
from risicoscreener.evaluation.calibration.measures import (
    calibration_intercept,
    calibration_slope,
    e50,
    e90,
    emax,
    expected_observed,
    ici,
    observed_expected_difference,
    recalibration,
)
from risicoscreener.evaluation.calibration.moderate import (
    calibration_curve,
    ici_by_chance,
    moderate_calibration,
)
from risicoscreener.evaluation.calibration.reliability import (
    Pool,
    ReliabilityDiagram,
    reliability_diagram,
)
from risicoscreener.evaluation.calibration.smoothers import LoessCurve, SplineCurve
from risicoscreener.evaluation.calibration.weak import (
    CalibrationTest,
    mean_calibration,
    spiegelhalter_test,
    unreliability_test,
    weak_calibration,
)

__all__ = [
    "CalibrationByGroup",
    "CalibrationGroup",
    "CalibrationHierarchy",
    "CalibrationOfGroup",
    "CalibrationTest",
    "GroupedCalibration",
    "LoessCurve",
    "Pool",
    "ReliabilityDiagram",
    "SplineCurve",
    "calibration_by",
    "calibration_curve",
    "calibration_hierarchy",
    "calibration_intercept",
    "calibration_slope",
    "e50",
    "e90",
    "emax",
    "expected_observed",
    "grouped_calibration",
    "ici",
    "ici_by_chance",
    "loess_errors",
    "mean_calibration",
    "moderate_calibration",
    "observed_expected_difference",
    "recalibration",
    "reliability_diagram",
    "score_decomposition",
    "score_parts",
    "spiegelhalter_test",
    "spline_errors",
    "unreliability_test",
    "weak_calibration",
]
