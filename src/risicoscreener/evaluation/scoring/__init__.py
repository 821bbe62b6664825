"""How far probabilities lie from what happened, in one figure: proper scores."""

from __future__ import annotations

from risicoscreener.evaluation.scoring.losses import (
    base_rate,
    brier,
    brier_reference,
    log_loss,
    log_loss_reference,
    log_losses,
    scaled_brier,
    squared_errors,
)
from risicoscreener.evaluation.scoring.scores import (
    brier_estimate,
    log_loss_estimate,
    scaled_brier_estimate,
    scores,
)

__all__ = [
    "base_rate",
    "brier",
    "brier_estimate",
    "brier_reference",
    "log_loss",
    "log_loss_estimate",
    "log_loss_reference",
    "log_losses",
    "scaled_brier",
    "scaled_brier_estimate",
    "scores",
    "squared_errors",
]
