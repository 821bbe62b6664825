"""What happens with screenings over time: whether people follow them, and whether they look."""

from __future__ import annotations

from risicoscreener.monitoring.following import (
    OverrideRow,
    OverrideTable,
    Share,
    decisions_in,
    overrides,
)
from risicoscreener.monitoring.unusual import UnusualDecider, unusual_deciders

__all__ = [
    "OverrideRow",
    "OverrideTable",
    "Share",
    "UnusualDecider",
    "decisions_in",
    "overrides",
    "unusual_deciders",
]
