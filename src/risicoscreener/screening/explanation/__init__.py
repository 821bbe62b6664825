"""Why an outcome is what it is, what would change it, what to dispute and how; and the letters.

Reasons follow from the rule of the policy and from the contributions of the models that gave the
outcome, never from a second model.
"""

from risicoscreener.screening.explanation.explain import explain
from risicoscreener.screening.explanation.explanation import (
    Act,
    Explanation,
    FactUsed,
    HelpStep,
    Reason,
    Remedy,
    ToldToPerson,
    Waiting,
    WhatHelps,
)
from risicoscreener.screening.explanation.letter import Letter

__all__ = [
    "Act",
    "Explanation",
    "FactUsed",
    "HelpStep",
    "Letter",
    "Reason",
    "Remedy",
    "ToldToPerson",
    "Waiting",
    "WhatHelps",
    "explain",
]
