"""Screening of many people on each of many days: the features are filled in, the chain is the same.

Features come from `features.over_days` instead of a scan of all facts for each day; models and
policies see the same values, in the same blocks, as in a screening of many.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from risicoscreener.features.changing_days import DailyPlan
from risicoscreener.features.in_blocks import BlocksOverDays
from risicoscreener.features.index import Index
from risicoscreener.features.many import EventTables
from risicoscreener.features.over_days import Stretches
from risicoscreener.screening.block import Block
from risicoscreener.screening.sources import FromDossiers
from risicoscreener.screening.table import DecisionColumns, ModelColumns, ScreenedTable

if TYPE_CHECKING:
    import datetime as dt

    from risicoscreener.dossier import DossierTables
    from risicoscreener.screening.route import Route

BLOCK_ROWS = 2**17
"""About how many people times days a table has that a caller is given."""


class FromStretches:
    """Features of some people on all days, as `Stretches` have them; rows are whole people."""

    def __init__(self, stretches: Stretches, source: FromDossiers) -> None:
        self.stretches = stretches
        self.person_ids, self.days = source.person_ids, source.days
        self.quarantined = source.quarantined

    def values(self, rows: slice) -> np.ndarray:
        """Filled in between changes."""
        n_days = len(self.stretches.days)
        return self.stretches.fill(slice(rows.start // n_days, rows.stop // n_days))


class ScreenedOverDays(BlocksOverDays[ScreenedTable]):
    """Tables of screenings, made one after the other each time they are iterated over.

    A table holds all days of some people, or, if only changes are wanted, for each person the
    first day and each day on which the outcome is another than the day before.
    """

    def __init__(
        self,
        route: Route,
        dossiers: DossierTables,
        first: dt.date,
        last: dt.date,
        *,
        only_changes: bool = False,
        people_at_once: int | None = None,
        n_threads: int | None = None,
    ) -> None:
        super().__init__(
            route.plan,
            dossiers,
            first,
            last,
            rows_at_once=BLOCK_ROWS,
            people_at_once=people_at_once,
            n_threads=n_threads,
        )
        self._route, self._only_changes = route, only_changes
        self._daily = DailyPlan(route.plan)

    def _block(self, events: EventTables, people: slice) -> ScreenedTable:
        n_days = len(self.days)
        stretches = Stretches(self._daily, events, people, self.days)
        positions = np.repeat(np.arange(people.start, people.stop, dtype=np.int32), n_days)
        at = Index(positions, np.tile(self.days, stretches.n_people))
        source = FromDossiers(self._route.plan, self._dossiers, at, events)
        filled = FromStretches(stretches, source)
        table = ScreenedTable(self._route, source)
        for some in stretches.parts():
            rows = slice(some.start * n_days, some.stop * n_days)
            block = Block(self._route, filled, rows, stretches.begins(some))
            table.fill(block, rows.start)
        return self._changes(table, at, events) if self._only_changes else table

    def _changes(self, table: ScreenedTable, at: Index, events: EventTables) -> ScreenedTable:
        """The rows of a table on whose day the outcome is another than the day before."""
        outcome = table.decided.outcome.reshape(-1, len(self.days))
        changed = np.ones(outcome.shape, dtype=bool)
        changed[:, 1:] = outcome[:, 1:] != outcome[:, :-1]
        rows = np.flatnonzero(changed)
        chosen = Index(at.positions[rows], at.days[rows])
        source = FromDossiers(self._route.plan, self._dossiers, chosen, events)
        found = ScreenedTable(self._route, source)
        _copy_rows(table.decided, found.decided, rows)
        for name, columns in table.models.items():
            _copy_rows(columns, found.models[name], rows)
        return found


_Columns = TypeVar("_Columns", DecisionColumns, ModelColumns)


def _copy_rows(whole: _Columns, part: _Columns, rows: np.ndarray) -> None:
    for each in fields(whole):
        getattr(part, each.name)[:] = getattr(whole, each.name)[rows]
