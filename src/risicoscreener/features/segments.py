"""The rows of one table for a block of index rows, flat, and those of them that match a filter."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from risicoscreener.dossier.schema import Column, TableSpec
from risicoscreener.features.events import FAR, EventTables, first_of_each
from risicoscreener.features.plan import Condition, RowFilter


@dataclass
class Segments:
    """The rows of one table for a block of index rows, flat.

    Attributes
    ----------
    rows
        Positions of the rows in the table, or a slice of it.
    segment
        Index row (within the block) of each row, ascending.
    today
        The day of its index row, for each row; one day if it is that for the whole block.
    counts
        Number of rows of each index row, shape (n,).
    """

    events: EventTables
    table: TableSpec
    rows: np.ndarray | slice
    segment: np.ndarray
    today: np.ndarray | np.int32
    counts: np.ndarray
    _taken: dict[str, np.ndarray] = field(default_factory=dict)
    _conditions: dict[Condition, np.ndarray] = field(default_factory=dict)

    def take(self, name: str) -> np.ndarray:
        """A column at the rows of this block."""
        if name not in self._taken:
            self._taken[name] = self.events.rows(self.table.name, name, self.rows)
        return self._taken[name]

    @cached_property
    def has_visible(self) -> np.ndarray:
        """For each index row whether any of its rows is visible, shape (n,)."""
        begins = np.cumsum(self.counts) - self.counts
        found = self.counts > 0
        if found.any():
            found[found] = np.logical_or.reduceat(self.visible, begins[found])
        return found

    def today_of(self, chosen: np.ndarray) -> np.ndarray | np.int32:
        """The day of some rows."""
        return self.today[chosen] if isinstance(self.today, np.ndarray) else self.today

    @cached_property
    def visible(self) -> np.ndarray:
        """Whether each row could be known on its day and was neither void nor replaced."""
        seen = self.take("recorded_at") <= self.today
        if self.events.has_void(self.table.name):
            seen &= self.take("void") <= 0
        replaced = self.events.replaced_on(self.table.name)
        if replaced is not None:
            seen &= replaced[self.rows] > self.today
        return seen

    @cached_property
    def open(self) -> np.ndarray:
        """Whether each spell is open on its day."""
        return self.take(str(self.table.ends)) > self.today

    def holds(self, condition: Condition) -> np.ndarray:
        """Whether each row meets a condition, as far as known on its day."""
        if condition not in self._conditions:
            self._conditions[condition] = self._holds(condition)
        return self._conditions[condition]

    def _holds(self, condition: Condition) -> np.ndarray:
        column = self.table.columns[condition.field]
        met = meets(condition, column, self.take(condition.field))
        if condition.known_from:
            met = met & (self.take(condition.known_from) <= self.today)
        return ~met if condition.test == "absent" else met

    def matching(self, row_filter: RowFilter, reach: float = math.inf) -> Rows:
        """The rows that match, of no more days ago than ``reach``."""
        masks = [self.visible, *(self.holds(each) for each in row_filter.conditions)]
        if row_filter.open:
            masks.append(self.open)
        on = self.take(row_filter.on)
        if row_filter.on != self.table.starts:
            masks.append(on <= self.today)
        if reach < math.inf:
            masks.append(on >= self.today - np.int32(reach))
        chosen = np.flatnonzero(all_of(masks))
        return Rows(
            chosen, self.today_of(chosen) - on[chosen], self.segment[chosen], len(self.counts)
        )


@dataclass
class Rows:
    """Rows that match a filter.

    Attributes
    ----------
    chosen
        Positions within the rows of the block.
    ago
        How many days ago each was.
    segment
        Index row of each, ascending.
    """

    chosen: np.ndarray
    ago: np.ndarray
    segment: np.ndarray
    n: int

    def where(self, mask: np.ndarray) -> Rows:
        """Those of the rows for which a mask is true."""
        kept = np.flatnonzero(mask)
        return Rows(self.chosen[kept], self.ago[kept], self.segment[kept], self.n)

    @cached_property
    def first(self) -> np.ndarray:
        """Positions at which an index row has its first row."""
        return first_of_each(self.segment)

    @cached_property
    def counts(self) -> np.ndarray:
        """Number of rows of each index row, shape (n,)."""
        return np.bincount(self.segment, minlength=self.n)


def all_of(masks: list[np.ndarray]) -> np.ndarray:
    """Where all masks are true."""
    joined = masks[0]
    for i, mask in enumerate(masks[1:]):
        joined = np.logical_and(joined, mask, out=joined if i else None)
    return joined


def meets(condition: Condition, column: Column, values: np.ndarray) -> np.ndarray:
    """Whether values meet a condition once they are known; for "absent", whether there are any."""
    if condition.test in ("present", "absent"):
        return _present(column, values)
    if condition.test == "in":
        met = np.zeros(len(values), dtype=bool)
        for code in condition.codes:
            met |= values == column.codes.index(code)
    elif condition.test == "flag":
        met = values == int(condition.flag)
    else:
        met = (values >= condition.low) & (values <= condition.high)
        if condition.test == "days":
            met &= _present(column, values)
    return met


def _present(column: Column, values: np.ndarray) -> np.ndarray:
    if column.kind == "date":
        return values < FAR
    if column.kind in ("integer", "number"):
        return ~np.isnan(values)
    return values >= 0
