"""Outcomes with a time: incidence at any horizon from one fit, under competing events."""

from __future__ import annotations

from risicoscreener.evaluation.time.curves import IncidenceCurves, aalen_johansen, kaplan_meier
from risicoscreener.evaluation.time.follow_up import follow_up, follow_up_from_dates
from risicoscreener.evaluation.time.horizon import brier_at, horizon_weights
from risicoscreener.evaluation.time.outcome import TimeToEvent, as_time_to_event
from risicoscreener.evaluation.time.ranking import concordance
from risicoscreener.models.time.cox import CauseSpecificCox
from risicoscreener.models.time.discrete import DiscreteTimeHazard
from risicoscreener.models.time.horizon import calibrate_incidence, recalibrated
from risicoscreener.models.time.rare import (
    BaseRate,
    RareEventModel,
    base_rate,
    exact_interval,
    exact_rate_interval,
)
from risicoscreener.models.time.subdistribution import SubdistributionHazard

__all__ = [
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
]
