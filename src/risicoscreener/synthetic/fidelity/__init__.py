"""What a cohort is like, whether that is as it should be, and how two cohorts differ."""

from __future__ import annotations

from risicoscreener.synthetic.fidelity.comparison import Comparison, Differences, compare
from risicoscreener.synthetic.fidelity.dependence import (
    Dependence,
    StructureCheck,
    check_structure,
    dependence,
)
from risicoscreener.synthetic.fidelity.description import Description, describe
from risicoscreener.synthetic.fidelity.marginals import Marginals, marginals
from risicoscreener.synthetic.fidelity.quantities import quantities, reoffended
from risicoscreener.synthetic.fidelity.telling_apart import ToldApart, tell_apart
from risicoscreener.synthetic.fidelity.timing import TimeStructure, time_structure

__all__ = [
    "Comparison",
    "Dependence",
    "Description",
    "Differences",
    "Marginals",
    "StructureCheck",
    "TimeStructure",
    "ToldApart",
    "check_structure",
    "compare",
    "dependence",
    "describe",
    "marginals",
    "quantities",
    "reoffended",
    "tell_apart",
    "time_structure",
]
