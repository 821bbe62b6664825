"""What is computed from a dossier: one declarative definition each, as of a day."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

# At once, so that these functions are not hidden by the modules of their names.
from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.features.lineage import Lineage, lineage

if TYPE_CHECKING:
    from risicoscreener.features.definition import Feature
    from risicoscreener.features.index import Index
    from risicoscreener.features.kernels import register_kernel
    from risicoscreener.features.over_days import (
        FeatureDays,
        FeaturesOverDays,
        features_over_days,
    )
    from risicoscreener.features.plan import FeaturePlan, compile_plan
    from risicoscreener.features.sensitivity import Waiver, effective_sensitivity
    from risicoscreener.features.table import FeatureTable, compute_features

__all__ = [
    "Catalogue",
    "Feature",
    "FeatureDays",
    "FeaturePlan",
    "FeatureTable",
    "FeaturesOverDays",
    "Index",
    "Lineage",
    "Waiver",
    "catalogue",
    "compile_plan",
    "compute_features",
    "effective_sensitivity",
    "features_over_days",
    "lineage",
    "register_kernel",
]

_HOME = {
    "Feature": "definition",
    "register_kernel": "kernels",
    "FeaturePlan": "plan",
    "compile_plan": "plan",
    "Waiver": "sensitivity",
    "effective_sensitivity": "sensitivity",
    "FeatureTable": "table",
    "Index": "index",
    "compute_features": "table",
    "FeatureDays": "over_days",
    "FeaturesOverDays": "over_days",
    "features_over_days": "over_days",
}


def __getattr__(name: str) -> object:
    # The table form needs pyarrow, which a caller with one record does not pay for.
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
