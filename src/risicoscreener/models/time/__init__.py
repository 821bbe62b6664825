"""Outcomes with a time: incidence at any horizon from one fit, under competing events."""

from __future__ import annotations

from risicoscreener.models.time.cox import CauseSpecificCox
from risicoscreener.models.time.curves import IncidenceCurves, aalen_johansen, kaplan_meier
from risicoscreener.models.time.discrete import DiscreteTimeHazard
from risicoscreener.models.time.horizon import (
    brier_at,
    calibrate_incidence,
    horizon_weights,
    recalibrated,
)
from risicoscreener.models.time.outcome import (
    TimeToEvent,
    as_time_to_event,
    follow_up,
    follow_up_from_dates,
)
from risicoscreener.models.time.ranking import concordance
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
