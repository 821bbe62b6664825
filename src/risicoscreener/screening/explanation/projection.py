"""What a dossier would give on later days if nothing more became known."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.decision.outcome import OUTCOMES
from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.schema import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from risicoscreener.decision import CompiledPolicy, Decided, DecidedColumns
    from risicoscreener.decision.outcome import Outcome
    from risicoscreener.dossier import Dossier
    from risicoscreener.features.plan import FeaturePlan
    from risicoscreener.screening.route import Route

HORIZON_DAYS = 1096
"""How far ahead is looked: three years."""
ONE_DAY = dt.timedelta(days=1)
MET = 0


class Projection:
    """One dossier as known on a day, screened by one kind of decision on each later day.

    All days go through the chain at once, as many people do; nothing here has a rule of its own.

    Parameters
    ----------
    route
        The kind of decision.
    dossier
        The dossier; what was not known on ``start`` is left out.
    start
        The day of the picture.
    at
        Position of the version that applies on that day.
    last
        Last day on which the models may decide, by their own rule; later days are looked at with
        the same models all the same, since what the law asks of a day stays true.
    """

    def __init__(
        self,
        route: Route,
        dossier: Dossier,
        start: dt.date,
        at: int,
        last: dt.date | None = None,
    ) -> None:
        from risicoscreener.screening.block import Block

        self.start, self._last = start, last
        later = _LaterDays(route.plan, as_known(dossier, start), start)
        self._decided = Block(route, later, slice(0, HORIZON_DAYS)).decided
        self._of_version = self._decided.get(at)
        self._versions, self._at = route.policies, at

    def requirement_met(self, position: int) -> dt.date | None:
        """The first day on which a requirement of the version is met."""
        return self._first(lambda columns: columns.requirements[:, position] == MET)

    def level_reached(self, domain: int, level: int) -> dt.date | None:
        """The first day on which a domain of the version is at a level or a better one."""
        return self._first(lambda columns: columns.levels[:, domain] <= level)

    def better_than(
        self, case: Decided, fixed: Collection[str] = ()
    ) -> tuple[dt.date, Outcome] | None:
        """The first day with more liberty than in a case, and the outcome then.

        The fixed domains stay as they are in that case.
        """
        now, found = OUTCOMES.index(case.outcome), []
        names = [domain.id for domain in self._versions[self._at].compiled.domains]
        levels = {n: i for n, i in zip(names, case.levels, strict=True) if n in fixed}
        for at, (rows, columns) in self._decided.items():
            then = _outcomes(self._versions[at].compiled, columns, levels)
            better = np.flatnonzero(then > now)
            if len(better):
                first = int(better[0])
                found.append((int(rows[first]), OUTCOMES[then[first]]))
        if not found:
            return None
        row, then = min(found)
        return self._day(row), then

    def may_decide(self, day: dt.date | None) -> bool:
        """Whether the models may still decide on a day, if there is one."""
        return day is None or self._last is None or day <= self._last

    def _first(self, holds: Callable[[DecidedColumns], np.ndarray]) -> dt.date | None:
        if self._of_version is None:
            return None
        rows, columns = self._of_version
        found = np.flatnonzero(holds(columns))
        return self._day(int(rows[found[0]])) if len(found) else None

    def _day(self, row: int) -> dt.date:
        return self.start + (row + 1) * ONE_DAY


def _outcomes(
    compiled: CompiledPolicy, columns: DecidedColumns, fixed: Mapping[str, int]
) -> np.ndarray:
    """The outcome of each row if some domains were at these levels; unfixed if it has no such."""
    places = {
        d: fixed[domain.id] for d, domain in enumerate(compiled.domains) if domain.id in fixed
    }
    if not places:
        return columns.outcome
    levels = columns.levels.copy()
    for d, level in places.items():
        levels[:, d] = min(level, compiled.shape[d] - 1)
    return compiled.outcomes[tuple(levels.T)]


class _LaterDays:
    """Features of one dossier on each of the days after a day: a source of rows to screen."""

    def __init__(self, plan: FeaturePlan, dossier: Dossier, start: dt.date) -> None:
        import pyarrow as pa

        from risicoscreener.dossier import DossierTables
        from risicoscreener.features.many import EventTables

        first = (start - EPOCH).days + 1
        self.plan = plan
        self.person_ids = pa.array([dossier.person_id] * HORIZON_DAYS)
        self.days = np.arange(first, first + HORIZON_DAYS, dtype=np.int32)
        self.events = EventTables(DossierTables.from_dossiers([dossier]))
        self.events.prepare(plan)

    def values(self, rows: slice) -> np.ndarray:
        """Values of the features on some of the days."""
        from risicoscreener.features.many import compute_block

        days = self.days[rows]
        return compute_block(self.plan, self.events, np.zeros(len(days), np.int32), days)

    def quarantined(self, rows: slice) -> np.ndarray:
        """Nobody reads a dossier with unusable rows ahead."""
        return np.zeros(len(self.days[rows]))
