"""Whether help does more for some than for others, and what choosing by that would gain.

Arrays in, figures out, as everywhere in `evaluation`. The outcome is a *wanted* one. All of it
supposes that whatever decided on who received the help *and* says something on the outcome is
among what the propensities and expectations were made of; `effect_range` and `e_value` say how
much may be wrong with that.
"""

from __future__ import annotations

from risicoscreener.evaluation.uplift.compared import Compared, HelpOverlap, help_overlap
from risicoscreener.evaluation.uplift.curves import qini_curve, uplift_curve, uplift_scores
from risicoscreener.evaluation.uplift.predicted import (
    EffectCalibration,
    SortedEffects,
    effect_calibration,
    sorted_effects,
)
from risicoscreener.evaluation.uplift.sequential import (
    SequentialTest,
    sequential_test,
    within_folds,
)
from risicoscreener.evaluation.uplift.targeting import rate, targeting_curve
from risicoscreener.evaluation.uplift.unmeasured import EffectRange, e_value, effect_range
from risicoscreener.evaluation.uplift.value import (
    average_effect,
    first_share,
    policy_difference,
    policy_value,
)

__all__ = [
    "Compared",
    "EffectCalibration",
    "EffectRange",
    "HelpOverlap",
    "SequentialTest",
    "SortedEffects",
    "average_effect",
    "e_value",
    "effect_calibration",
    "effect_range",
    "first_share",
    "help_overlap",
    "policy_difference",
    "policy_value",
    "qini_curve",
    "rate",
    "sequential_test",
    "sorted_effects",
    "targeting_curve",
    "uplift_curve",
    "uplift_scores",
    "within_folds",
]
