"""What a picture computes, prepared once for all people: which value reads which table.

The kinds of decision read many of the same features and models. Here each feature and each model
is there once, and for each table the features that a new row of it can touch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from risicoscreener.features.definition import OF_ROWS
from risicoscreener.features.one import compile_one
from risicoscreener.screening.route import JUDGMENT

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.features import FeaturePlan
    from risicoscreener.screening.route import Route
    from risicoscreener.screening.screener import Screener

WATCHED = (
    "deep_assessment_state",
    "deep_assessment_days_valid",
    "victims_not_informed",
    "liberty_offences_detention",
    "served_days",
)
"""Features that alerts read, whether or not a policy does."""


def kinds_of(screener: Screener, kinds: str | Iterable[str] | None) -> tuple[str, ...]:
    """The kinds of decision that are asked for, each once; all by default."""
    if kinds is None:
        return tuple(screener.kinds)
    return (kinds,) if isinstance(kinds, str) else tuple(dict.fromkeys(kinds))


class PictureRoutes:
    """The routes of some kinds of decision, joined.

    Parameters
    ----------
    screener
        Models, policies and definitions.
    kinds
        Kinds of decision; all by default.

    Raises
    ------
    PolicyError
        If there is no such kind.
    """

    def __init__(self, screener: Screener, kinds: str | Iterable[str] | None = None) -> None:
        self.screener = screener
        self.kinds = kinds_of(screener, kinds)
        self.routes: dict[str, Route] = {kind: screener.route(kind) for kind in self.kinds}
        names = [name for route in self.routes.values() for name in route.names]
        names += [name for name in WATCHED if name in screener.definitions]
        self.plan: FeaturePlan = screener.definitions.plan(list(dict.fromkeys(names)))
        self.place = {name: i for i, name in enumerate(self.plan.names)}
        self.columns = {
            kind: tuple(self.place[name] for name in route.names)
            for kind, route in self.routes.items()
        }
        self._partial: dict[frozenset[str], tuple[tuple[int, ...], _Values]] = {}
        self._tables = {name: _tables_of(name, self.plan) for name in self.plan.names}

    @cached_property
    def values_of(self) -> _Values:
        """All values of a dossier on a day, NaN where unknown."""
        return compile_one(self.plan)

    @cached_property
    def of_requirements(self) -> tuple[FeaturePlan, _Values]:
        """What the requirements of all kinds read: the plan, and what computes it."""
        versions = [view.compiled for route in self.routes.values() for view in route.policies]
        names = {
            version.inputs[slot]
            for version in versions
            for clause in version.requirement_clauses
            for slot, _, _ in clause.tests
        }
        if any(route.by_judgment for route in self.routes.values()):
            names.add(JUDGMENT)
        definitions = self.screener.definitions
        plan = definitions.plan(sorted(name for name in names if name in definitions))
        return plan, compile_one(plan)

    def touched_by(self, tables: Iterable[str]) -> tuple[tuple[int, ...], _Values]:
        """The values that rows of some tables can touch: their positions, and what computes them.

        A row of the detentions touches also what is counted since the arrival; whether a register
        was consulted touches what is made of the table that it is about, so give that table.
        """
        wanted = frozenset(tables)
        if wanted not in self._partial:
            names = [name for name in self.plan.names if self._tables[name] & wanted]
            plan = self.screener.definitions.plan(names)
            function = compile_one(plan) if names else _nothing
            self._partial[wanted] = tuple(self.place[name] for name in names), function
        return self._partial[wanted]

    def reads(self, kind: str, table: str) -> bool:
        """Whether a kind of decision reads a table."""
        return any(table in self._tables[name] for name in self.routes[kind].names)


_Values = Callable[["Dossier", dt.date], Sequence[float]]


def _nothing(_dossier: Dossier, _day: dt.date) -> Sequence[float]:
    return ()


def _tables_of(name: str, plan: FeaturePlan) -> frozenset[str]:
    """The tables that a feature, and all that it is made of, is computed from."""
    feature = plan.features[name]
    found = {table for needed in feature.inputs for table in _tables_of(needed, plan)}
    if feature.aggregate in OF_ROWS:
        found.add(str(feature.table))
        if feature.since_arrival:
            found.add("detentions")
    return frozenset(found)
