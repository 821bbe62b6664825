"""Missing data: what it means, fitting with it, scoring with it, and what it could change.

A table of contents; what imputes and fits is imported when its name is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from risicoscreener.models.missing.bounds import IfKnown, MissingBounds, Reach, missing_bounds
from risicoscreener.models.missing.meanings import (
    Condition,
    Meaning,
    MissingPolicy,
    MissingRule,
    meaning_texts,
)

if TYPE_CHECKING:
    from risicoscreener.models.missing.imputation import Imputations, multiple_imputation
    from risicoscreener.models.missing.patterns import (
        PatternSubmodels,
        Submodel,
        fit_pattern_submodels,
    )
    from risicoscreener.models.missing.pooling import Pooled, fit_pooled, pool, pool_programs

__all__ = [
    "Condition",
    "IfKnown",
    "Imputations",
    "Meaning",
    "MissingBounds",
    "MissingPolicy",
    "MissingRule",
    "PatternSubmodels",
    "Pooled",
    "Reach",
    "Submodel",
    "fit_pattern_submodels",
    "fit_pooled",
    "meaning_texts",
    "missing_bounds",
    "multiple_imputation",
    "pool",
    "pool_programs",
]

_LAZY = {
    "Imputations": "imputation",
    "PatternSubmodels": "patterns",
    "Pooled": "pooling",
    "Submodel": "patterns",
    "fit_pattern_submodels": "patterns",
    "fit_pooled": "pooling",
    "multiple_imputation": "imputation",
    "pool": "pooling",
    "pool_programs": "pooling",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
