"""Pilots over sites: who starts when, what can be found, what was found, and what that means.

Start with a design (`stepped_wedge`, `parallel`, `staggered`), ask for its `power`, draw lots with
`allocate`, and `analyse` the `cells_from` a table.
"""

from __future__ import annotations

from risicoscreener.evaluation.pilots.adoption import GroupTime, TwoWay, group_time, two_way
from risicoscreener.evaluation.pilots.allocating import Allocation, allocate
from risicoscreener.evaluation.pilots.analysis import (
    METHODS,
    WRONG,
    AnalysisPlan,
    PilotEffect,
    PilotResult,
    analyse,
    recommended,
)
from risicoscreener.evaluation.pilots.cells import Cells, cells_from
from risicoscreener.evaluation.pilots.design import (
    NEVER,
    PilotDesign,
    parallel,
    staggered,
    stepped_wedge,
)
from risicoscreener.evaluation.pilots.interrupted import InterruptedFit, interrupted
from risicoscreener.evaluation.pilots.marginal import MarginalFit, fit_marginal
from risicoscreener.evaluation.pilots.mixed import MixedFit, fit_mixed
from risicoscreener.evaluation.pilots.model import CellModel, cell_model
from risicoscreener.evaluation.pilots.power import (
    Assumed,
    Power,
    effect_error,
    people_needed,
    power,
    sites_needed,
)
from risicoscreener.evaluation.pilots.randomisation import Randomisation, randomisation
from risicoscreener.evaluation.pilots.robust import robust_error
from risicoscreener.evaluation.pilots.simulating import (
    Operating,
    World,
    operating,
    simulated,
    simulated_power,
)
from risicoscreener.evaluation.pilots.wild import WildBootstrap, wild_bootstrap

__all__ = [
    "METHODS",
    "NEVER",
    "WRONG",
    "Allocation",
    "AnalysisPlan",
    "Assumed",
    "CellModel",
    "Cells",
    "GroupTime",
    "InterruptedFit",
    "MarginalFit",
    "MixedFit",
    "Operating",
    "PilotDesign",
    "PilotEffect",
    "PilotResult",
    "Power",
    "Randomisation",
    "TwoWay",
    "WildBootstrap",
    "World",
    "allocate",
    "analyse",
    "cell_model",
    "cells_from",
    "effect_error",
    "fit_marginal",
    "fit_mixed",
    "group_time",
    "interrupted",
    "operating",
    "parallel",
    "people_needed",
    "power",
    "randomisation",
    "recommended",
    "robust_error",
    "simulated",
    "simulated_power",
    "sites_needed",
    "staggered",
    "stepped_wedge",
    "two_way",
    "wild_bootstrap",
]
