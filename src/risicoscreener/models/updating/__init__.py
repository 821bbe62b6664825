"""Updating ladder: from an old model and new people to a model for the new people.

`choose_rung` says how far to go, `update` goes there, `compare_update` measures what it brought,
and `update_bundle` does all three and writes it in the history of a bundle.
"""

from __future__ import annotations

from risicoscreener.models.updating.bundles import update_bundle
from risicoscreener.models.updating.closed_test import (
    RungFit,
    RungTest,
    UpdateChoice,
    choose_rung,
)
from risicoscreener.models.updating.comparison import (
    Difference,
    UpdateComparison,
    auc_difference,
    compare_update,
)
from risicoscreener.models.updating.ladder import update
from risicoscreener.models.updating.sample_size import needed_sample_size_for_update
from risicoscreener.models.updating.wording import RUNGS, Rung

__all__ = [
    "RUNGS",
    "Difference",
    "Rung",
    "RungFit",
    "RungTest",
    "UpdateChoice",
    "UpdateComparison",
    "auc_difference",
    "choose_rung",
    "compare_update",
    "needed_sample_size_for_update",
    "update",
    "update_bundle",
]
