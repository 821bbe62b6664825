"""One person is in one place: stays of one person that run at the same time contradict each other.

A stay runs from its arrival up to but not including its release, without an end while that is
not known; a stay that was withdrawn or replaced by a correction does not count.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from risicoscreener.dossier.links import rows_linked_to

if TYPE_CHECKING:
    import numpy as np

    from risicoscreener.dossier.checked import CheckedTable
    from risicoscreener.dossier.record import Detention

TABLE = "detentions"
_LINKED = "a fact that does not stand in one chain of corrections with a stay that is set apart"
_NO_END = 2**31 - 1
_SHIFT = 2**31


def stays_overlap(rows: list[Detention]) -> bool:
    """Whether any stays of one person run at the same time."""
    if len(rows) < 2:
        return False
    gone = {row.supersedes for row in rows if row.supersedes is not None}
    spells = sorted(
        (row.arrived_on, row.released_on or dt.date.max)
        for row in rows
        if not row.void and row.fact_id not in gone
    )
    reached = dt.date.min
    for arrived, released in spells:
        if arrived == released:
            continue
        if arrived < reached:
            return True
        reached = max(reached, released)
    return False


def check_stays(table: CheckedTable, supersedes: dict[int, int]) -> None:
    """Set apart each stay that begins while an earlier one runs, and what is linked to it.

    Of two stays the later by arrival is named, and on one day of arrival the one given later.

    Parameters
    ----------
    supersedes
        Row of a fact to the row of the fact that it supersedes.
    """
    import numpy as np

    found = _overlapping(table, supersedes)
    if found is None:
        return
    rows, earlier = found
    place = dict(zip(rows.tolist(), earlier.tolist(), strict=True))
    released = table.columns["released_on"]

    def expected(row: int) -> str:
        end = released[place[row]].as_py()
        said = "which is still running" if end is None else f"which ends on {end}"
        return f"no arrival during another stay (row {place[row]}, {said})"

    table.reject(rows, "arrived_on", expected)
    linked = [row for row in rows_linked_to(place, supersedes) if not table.bad[row]]
    table.reject(np.array(linked, dtype=np.int64), "fact_id", _LINKED)


def _overlapping(
    table: CheckedTable, supersedes: dict[int, int]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows that begin during an earlier stay, and the row of that stay; ``None`` if none does."""
    import numpy as np

    arrived, released = table.days("arrived_on"), table.days("released_on")
    if arrived is None or len(table.owner) < 2:
        return None
    ends = np.full(len(table.owner), _NO_END, dtype=np.int64)
    if released is not None:
        known = slice(None) if released.known is None else released.known
        ends[known] = released.values[known]
    counts = ~table.bad & (table.owner >= 0) & (ends > arrived.values)
    void = table.columns["void"]
    if void.true_count:
        counts &= ~void.fill_null(False).to_numpy(zero_copy_only=False)
    counts[[target for row, target in supersedes.items() if not table.bad[row]]] = False
    rows = np.flatnonzero(counts)
    owner = table.owner[rows].astype(np.int64) << 32
    begins = owner | (arrived.values[rows].astype(np.int64) + _SHIFT)
    if (begins[1:] < begins[:-1]).any():
        order = np.argsort(begins, kind="stable")
        rows, owner, begins = rows[order], owner[order], begins[order]
    reached = np.maximum.accumulate(owner | (ends[rows] + _SHIFT))
    # What the stays of the person before reached is less than any day of this one.
    during = np.flatnonzero(begins[1:] < reached[:-1]) + 1
    if not len(during):
        return None
    return rows[during], rows[np.searchsorted(reached, reached[during - 1])]
