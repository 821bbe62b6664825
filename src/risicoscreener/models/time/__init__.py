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
from risicoscreener.models.time.subdistribution import SubdistributionHazard

__all__ = [
    "CauseSpecificCox",
    "DiscreteTimeHazard",
    "IncidenceCurves",
    "SubdistributionHazard",
    "TimeToEvent",
    "aalen_johansen",
    "as_time_to_event",
    "brier_at",
    "calibrate_incidence",
    "concordance",
    "follow_up",
    "follow_up_from_dates",
    "horizon_weights",
    "kaplan_meier",
    "recalibrated",
]
