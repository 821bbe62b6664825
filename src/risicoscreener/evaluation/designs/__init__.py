"""Designs of validation: who is fitted on, who is predicted for, and what that tells."""

from __future__ import annotations

from risicoscreener.evaluation.designs.holding_out import Grid
from risicoscreener.evaluation.designs.instability import Instability, instability
from risicoscreener.evaluation.designs.optimism import Optimism, bootstrap_optimism
from risicoscreener.evaluation.designs.performance import MEASURES, performance
from risicoscreener.evaluation.designs.random_effects import (
    Pooled,
    Summary,
    random_effects,
    summarise,
)
from risicoscreener.evaluation.designs.validation import (
    Part,
    Validation,
    apparent,
    cross_validate,
    external,
    forward_in_time,
    internal_external,
)

__all__ = [
    "MEASURES",
    "Grid",
    "Instability",
    "Optimism",
    "Part",
    "Pooled",
    "Summary",
    "Validation",
    "apparent",
    "bootstrap_optimism",
    "cross_validate",
    "external",
    "forward_in_time",
    "instability",
    "internal_external",
    "performance",
    "random_effects",
    "summarise",
]
