"""What a policy or a cut-off would do to people and to queues: months of decisions, simulated.

>>> from risicoscreener.impact import Settings, simulate              # doctest: +SKIP
>>> settings = Settings.of(start, "leave", capacity=20)               # doctest: +SKIP
>>> print(simulate(people, screener, settings).text("en"))            # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from risicoscreener.impact.cuts import CutChoice, Limits, choose_cuts
    from risicoscreener.impact.moves import PeopleComparison, compare_people, groups_of
    from risicoscreener.impact.people import People
    from risicoscreener.impact.policies import book_of, policy_from, policy_of
    from risicoscreener.impact.result import FIGURES, Impact
    from risicoscreener.impact.running import STATUSES, Run
    from risicoscreener.impact.screens import Screens, screen_days
    from risicoscreener.impact.settings import (
        Asking,
        Assessing,
        Assumption,
        Closure,
        Settings,
        Team,
        assumptions,
        by_prison,
    )
    from risicoscreener.impact.simulation import (
        ImpactComparison,
        capacity_needed,
        compare_impacts,
        over_capacities,
        simulate,
    )
    from risicoscreener.impact.spread import Spread

_HOME = {
    "FIGURES": "result",
    "STATUSES": "running",
    "Asking": "settings",
    "Assessing": "settings",
    "Assumption": "settings",
    "Closure": "settings",
    "CutChoice": "cuts",
    "Impact": "result",
    "ImpactComparison": "simulation",
    "Limits": "cuts",
    "People": "people",
    "PeopleComparison": "moves",
    "Run": "running",
    "Screens": "screens",
    "Settings": "settings",
    "Spread": "spread",
    "Team": "settings",
    "assumptions": "settings",
    "book_of": "policies",
    "by_prison": "settings",
    "capacity_needed": "simulation",
    "choose_cuts": "cuts",
    "compare_impacts": "simulation",
    "compare_people": "moves",
    "groups_of": "moves",
    "over_capacities": "simulation",
    "policy_from": "policies",
    "policy_of": "policies",
    "screen_days": "screens",
    "simulate": "simulation",
}

__all__ = [
    "FIGURES",
    "STATUSES",
    "Asking",
    "Assessing",
    "Assumption",
    "Closure",
    "CutChoice",
    "Impact",
    "ImpactComparison",
    "Limits",
    "People",
    "PeopleComparison",
    "Run",
    "Screens",
    "Settings",
    "Spread",
    "Team",
    "assumptions",
    "book_of",
    "by_prison",
    "capacity_needed",
    "choose_cuts",
    "compare_impacts",
    "compare_people",
    "groups_of",
    "over_capacities",
    "policy_from",
    "policy_of",
    "screen_days",
    "simulate",
]


def __getattr__(name: str) -> object:
    # What simulates needs numpy, simpy and scipy; who reads the assumptions does not.
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
