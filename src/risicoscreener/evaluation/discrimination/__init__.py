"""How well probabilities tell people with the outcome from people without it."""

from __future__ import annotations

from risicoscreener.evaluation.discrimination.area import auc, auc_estimate
from risicoscreener.evaluation.discrimination.placements import (
    delong_error,
    placement_error,
    placements,
)

__all__ = ["auc", "auc_estimate", "delong_error", "placement_error", "placements"]
