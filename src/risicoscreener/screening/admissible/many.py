"""First and last admissible day of many people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.dossier.schema import day_number
from risicoscreener.errors import DossierError
from risicoscreener.features.many import EventTables
from risicoscreener.screening.admissible.horizon import (
    DAYS_AHEAD,
    MOST_DAYS_AHEAD,
    horizon,
)
from risicoscreener.screening.picture.known import known_tables
from risicoscreener.screening.picture.levels import PolicyLevels
from risicoscreener.screening.screener import check_day, default_screener

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from risicoscreener.dossier import DossierTables
    from risicoscreener.screening.screener import Screener

NEVER = np.iinfo(np.int32).min
"""Stands for no day."""
ROWS_AT_ONCE = 131_072
"""Index rows whose levels are held at once."""


@dataclass(frozen=True)
class AdmissibleTable:
    """For n people the first and last day on which one kind of decision is admissible.

    Attributes
    ----------
    positions
        Position of each person in the persons table, shape (n,).
    possible_from, possible_until
        Days since 1970-01-01, shape (n,), int32; `NEVER` where no day that was looked at is.
    now
        Whether it is admissible on the day of the picture, shape (n,), bool.
    last
        Last day that was looked at, shape (n,).
    """

    decision: str
    as_of: dt.date
    person_ids: Any
    possible_from: np.ndarray
    possible_until: np.ndarray
    now: np.ndarray
    last: np.ndarray

    def to_frame(self) -> pd.DataFrame:
        """A frame by person_id: decision, as_of, now, possible_from, possible_until, last."""
        import pandas as pd

        def days(numbers: np.ndarray) -> Any:
            known = numbers.astype("datetime64[D]").astype("datetime64[ns]")
            known[numbers == NEVER] = np.datetime64("NaT")
            return known

        return pd.DataFrame(
            {
                "decision": self.decision,
                "as_of": pd.Timestamp(self.as_of),
                "now": self.now,
                "possible_from": days(self.possible_from),
                "possible_until": days(self.possible_until),
                "last": days(self.last),
            },
            index=pd.Index(self.person_ids.to_pylist(), name="person_id"),
        )


def admissible_many(
    dossiers: DossierTables | Mapping[str, Any],
    decision: str,
    as_of: dt.date | str,
    *,
    days_ahead: int = DAYS_AHEAD,
    screener: Screener | None = None,
) -> AdmissibleTable:
    """First and last admissible day of many people; the same days as `admissible` gives.

    Parameters
    ----------
    dossiers
        Validated tables, or frames by table name.
    as_of
        Day of the picture, the same for everyone.
    days_ahead
        How far is looked ahead at most; less for who is released earlier.

    Raises
    ------
    DossierError
        If the dossiers, the day or the number of days cannot be meant.
    PolicyError
        If there is no such kind of decision.
    """
    from risicoscreener.screening.many import tables_of

    if not isinstance(days_ahead, int) or not 0 <= days_ahead <= MOST_DAYS_AHEAD:
        raise DossierError(
            f"days_ahead is {days_ahead!r}; expected a whole number from 0 to {MOST_DAYS_AHEAD}"
        )
    screener = default_screener() if screener is None else screener
    levels = PolicyLevels(screener, decision)
    day = check_day(as_of, today=screener.today())
    tables = known_tables(tables_of(dossiers, screener.today()), day)
    n = tables.n_persons
    everyone, today = np.arange(n, dtype=np.int32), np.full(n, day_number(day), np.int32)
    _, release = horizon(screener, tables, everyone, today)
    limit = today.astype(np.int64) + days_ahead
    last = np.where(release >= today, np.minimum(release, limit), limit).astype(np.int32)
    events = EventTables(tables)
    events.prepare(levels.plan)
    from_, until = np.full(n, NEVER, np.int32), np.full(n, NEVER, np.int32)
    now = np.zeros(n, dtype=bool)
    for people in _groups(last - today + 1):
        counts = last[people] - today[people] + 1
        positions = np.repeat(everyone[people], counts)
        ahead = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        days = (today[0] + ahead).astype(np.int32)
        met = levels.at(events, positions, days).all_met
        owner, when = positions[met], days[met]
        # Days of one person ascend: written from the last to the first, the first day remains.
        from_[owner[::-1]] = when[::-1]
        until[owner] = when
        now[owner[when == today[0]]] = True
    return AdmissibleTable(decision, day, tables.person_ids, from_, until, now, last)


def _groups(counts: np.ndarray) -> Iterator[slice]:
    """People in groups of about `ROWS_AT_ONCE` index rows."""
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(counts):
        reached = ends[begin] - counts[begin] + ROWS_AT_ONCE
        end = max(begin + 1, int(np.searchsorted(ends, reached, side="right")))
        yield slice(begin, end)
        begin = end
