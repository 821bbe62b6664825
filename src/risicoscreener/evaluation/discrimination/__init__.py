"""How well probabilities tell people with the outcome from people without it."""

from __future__ import annotations

from risicoscreener.evaluation.discrimination.area import auc, auc_errors_away, auc_estimate
from risicoscreener.evaluation.discrimination.curves import (
    Points,
    Precisions,
    RocHeights,
    average_precision,
    average_precision_estimate,
    precision_recall_curve,
    roc_curve,
)
from risicoscreener.evaluation.discrimination.distribution import Distribution, distribution
from risicoscreener.evaluation.discrimination.error_rates import (
    RATES,
    ErrorRates,
    RateAt,
    error_rates,
)
from risicoscreener.evaluation.discrimination.placements import (
    delong_error,
    placement_degrees,
    placement_error,
    placements,
)

__all__ = [
    "RATES",
    "Distribution",
    "ErrorRates",
    "Points",
    "Precisions",
    "RateAt",
    "RocHeights",
    "auc",
    "auc_errors_away",
    "auc_estimate",
    "average_precision",
    "average_precision_estimate",
    "delong_error",
    "distribution",
    "error_rates",
    "placement_degrees",
    "placement_error",
    "placements",
    "precision_recall_curve",
    "roc_curve",
]
