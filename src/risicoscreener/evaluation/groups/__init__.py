"""Groups of people beside each other: figures, differences, what cannot be alike, and proxies."""

from __future__ import annotations

from risicoscreener.evaluation.groups.contrasts import (
    Contrast,
    Contrasts,
    Spread,
    contrasts,
    group_measures,
)
from risicoscreener.evaluation.groups.disclosure import Disclosure
from risicoscreener.evaluation.groups.impossibility import (
    Impossibility,
    implied_false_positive_rate,
    impossibility,
)
from risicoscreener.evaluation.groups.proxies import Proxies, ProxyFeature, proxies
from risicoscreener.evaluation.groups.shifts import Shift, prediction_shift
from risicoscreener.evaluation.groups.table import AtCutOff, Group, GroupTable, by_group

__all__ = [
    "AtCutOff",
    "Contrast",
    "Contrasts",
    "Disclosure",
    "Group",
    "GroupTable",
    "Impossibility",
    "Proxies",
    "ProxyFeature",
    "Shift",
    "Spread",
    "by_group",
    "contrasts",
    "group_measures",
    "implied_false_positive_rate",
    "impossibility",
    "prediction_shift",
    "proxies",
]
