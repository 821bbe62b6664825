"""How good predicted incidences by a horizon are, under censoring and competing events.

Start with `HorizonSample.of`.
"""

from __future__ import annotations

from risicoscreener.evaluation.time.benefit import (
    HorizonDecision,
    HorizonNetBenefit,
    horizon_decision_curve,
    horizon_net_benefit,
)
from risicoscreener.evaluation.time.c_index import c_harrell, c_uno, concordance_index
from risicoscreener.evaluation.time.calibration import (
    CurveErrors,
    HorizonCalibration,
    grouped_calibration,
    horizon_calibration,
)
from risicoscreener.evaluation.time.curves import IncidenceCurves, aalen_johansen, kaplan_meier
from risicoscreener.evaluation.time.follow_up import follow_up, follow_up_from_dates
from risicoscreener.evaluation.time.horizon import brier_at, horizon_weights
from risicoscreener.evaluation.time.measures import (
    follow_up_summary,
    horizon_auc,
    horizon_auc_event_free,
    horizon_brier,
    horizon_brier_reference,
    horizon_expected,
    horizon_expected_observed,
    horizon_incidence,
    horizon_performance,
    horizon_scaled_brier,
)
from risicoscreener.evaluation.time.outcome import TimeToEvent, as_time_to_event
from risicoscreener.evaluation.time.over_time import OverTime, over_time
from risicoscreener.evaluation.time.paired import compare_at_horizon
from risicoscreener.evaluation.time.ranking import concordance
from risicoscreener.evaluation.time.recalibration import (
    horizon_intercept,
    horizon_recalibration,
    horizon_slope,
)
from risicoscreener.evaluation.time.sample import HorizonSample

__all__ = [
    "CurveErrors",
    "HorizonCalibration",
    "HorizonDecision",
    "HorizonNetBenefit",
    "HorizonSample",
    "IncidenceCurves",
    "OverTime",
    "TimeToEvent",
    "aalen_johansen",
    "as_time_to_event",
    "brier_at",
    "c_harrell",
    "c_uno",
    "compare_at_horizon",
    "concordance",
    "concordance_index",
    "follow_up",
    "follow_up_from_dates",
    "follow_up_summary",
    "grouped_calibration",
    "horizon_auc",
    "horizon_auc_event_free",
    "horizon_brier",
    "horizon_brier_reference",
    "horizon_calibration",
    "horizon_decision_curve",
    "horizon_expected",
    "horizon_expected_observed",
    "horizon_incidence",
    "horizon_intercept",
    "horizon_net_benefit",
    "horizon_performance",
    "horizon_recalibration",
    "horizon_scaled_brier",
    "horizon_slope",
    "horizon_weights",
    "kaplan_meier",
    "over_time",
]
