"""Pilots over sites: who starts when, what can be found, what was found, and what that means.

Start with a design (`stepped_wedge`, `parallel`, `staggered`), ask for its `power`, draw lots with
`allocate`, and `analyse` the `cells_from` a table.
"""

from __future__ import annotations

from risicoscreener.evaluation.pilots.adoption import GroupTime, TwoWay, group_time, two_way
from risicoscreener.evaluation.pilots.allocating import Allocation, allocate
from risicoscreener.evaluation.pilots.analysis import analyse, effect_by
from risicoscreener.evaluation.pilots.cells import Cells, cells_from
from risicoscreener.evaluation.pilots.design import (
    PilotDesign,
    parallel,
    staggered,
    stepped_wedge,
)
from risicoscreener.evaluation.pilots.design_checks import NEVER
from risicoscreener.evaluation.pilots.interrupted import InterruptedFit, interrupted
from risicoscreener.evaluation.pilots.judging import (
    PilotJudgement,
    Recommendation,
    judge,
    recommend,
)
from risicoscreener.evaluation.pilots.marginal import MarginalFit, fit_marginal
from risicoscreener.evaluation.pilots.mixed import MixedFit, fit_mixed
from risicoscreener.evaluation.pilots.model import CellModel, cell_model
from risicoscreener.evaluation.pilots.needed import people_needed, periods_needed, sites_needed
from risicoscreener.evaluation.pilots.plan import METHODS, WRONG, AnalysisPlan, recommended
from risicoscreener.evaluation.pilots.power import Assumed, Power, effect_error, power
from risicoscreener.evaluation.pilots.randomisation import Randomisation, randomisation
from risicoscreener.evaluation.pilots.registering import (
    DecisionRule,
    Registration,
    read_registration,
    register,
)
from risicoscreener.evaluation.pilots.result import PilotEffect, PilotResult
from risicoscreener.evaluation.pilots.robust import robust_error
from risicoscreener.evaluation.pilots.simulating import (
    Operating,
    World,
    operating,
    simulated,
    simulated_power,
)
from risicoscreener.evaluation.pilots.variants import VariantEffects, analyse_variants
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
    "DecisionRule",
    "GroupTime",
    "InterruptedFit",
    "MarginalFit",
    "MixedFit",
    "Operating",
    "PilotDesign",
    "PilotEffect",
    "PilotJudgement",
    "PilotResult",
    "Power",
    "Randomisation",
    "Recommendation",
    "Registration",
    "TwoWay",
    "VariantEffects",
    "WildBootstrap",
    "World",
    "allocate",
    "analyse",
    "analyse_variants",
    "cell_model",
    "cells_from",
    "effect_by",
    "effect_error",
    "fit_marginal",
    "fit_mixed",
    "group_time",
    "interrupted",
    "judge",
    "operating",
    "parallel",
    "people_needed",
    "periods_needed",
    "power",
    "randomisation",
    "read_registration",
    "recommend",
    "recommended",
    "register",
    "robust_error",
    "simulated",
    "simulated_power",
    "sites_needed",
    "staggered",
    "stepped_wedge",
    "two_way",
    "wild_bootstrap",
]
