"""A table while it is checked: canonical columns, rows set apart, and the problems found."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from risicoscreener.dossier.casting import Unfit, is_time, python_value
from risicoscreener.dossier.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from risicoscreener.dossier.schema import TableSpec


@dataclass(slots=True)
class Days:
    """A date column as days since 1970-01-01; ``known`` is ``None`` if no value is absent."""

    values: np.ndarray
    known: np.ndarray | None

    def rows(self, condition: np.ndarray, other: Days | None = None) -> np.ndarray:
        """Rows in which a condition on known values holds."""
        for known in (self.known, other.known if other is not None else None):
            if known is not None:
                condition &= known
        return np.flatnonzero(condition)


def is_ascending(values: np.ndarray, at_a_time: int = 65_536) -> bool:
    """Whether no value is less than the one before it."""
    for begin in range(0, len(values) - 1, at_a_time):
        piece = values[begin : begin + at_a_time + 1]
        if (piece[1:] < piece[:-1]).any():
            return False
    return True


@dataclass(slots=True)
class CheckedTable:
    """A table as canonical columns, with the rows that cannot be used and why.

    Attributes
    ----------
    owner
        For each row the position of its person in the persons table, -1 if there is none.
    bad
        For each row whether it is set apart.
    person_ids
        For each row the id of its person, null where it is no text.
    given_ids
        The ids as they were given, to show in problems.
    unreadable
        By field the rows in which its value could not be read, or is absent and may not be.
    """

    spec: TableSpec
    columns: dict[str, pa.Array]
    owner: np.ndarray
    bad: np.ndarray
    person_ids: pa.Array
    given_ids: Any = None
    problems: list[Problem] = field(default_factory=list)
    unreadable: dict[str, list[int]] = field(default_factory=dict)
    _in_order: bool | None = None

    def reject(self, rows: np.ndarray, name: str, expected: str | Callable[[int], str]) -> None:
        """Set rows apart because of one field."""
        self.bad[rows] = True
        values = self.columns.get(name, self.given_ids)
        for row in rows.tolist():
            value = values[row]
            value = python_value(value) if isinstance(value, pa.Scalar) else value
            said = expected if isinstance(expected, str) else expected(row)
            self.problems.append(self.problem(row, name, value, said))

    def reject_unfit(self, found: list[tuple[str, Unfit]]) -> None:
        """Set rows apart because of values that could not be read."""
        self.bad[[unfit.row for _, unfit in found]] = True
        self.problems += [self.problem(u.row, name, u.value, u.expected) for name, u in found]
        for name, unfit in found:
            self.unreadable.setdefault(name, []).append(unfit.row)

    def where_read(self, rows: np.ndarray, names: Iterable[str]) -> np.ndarray:
        """Those of some rows in which each of these fields was read."""
        unread = [row for name in names for row in self.unreadable.get(name, [])]
        return np.setdiff1d(rows, unread) if unread else rows

    @property
    def in_order(self) -> bool:
        """Whether the rows stand in the order of the persons, those of nobody first."""
        if self._in_order is None:
            self._in_order = is_ascending(self.owner)
        return self._in_order

    def problem(self, row: int, name: str, value: Any, expected: str) -> Problem:
        """A problem in a row of this table."""
        shown = value.isoformat() if isinstance(value, dt.date) and is_time(value) else value
        return Problem(self.spec.name, row, name, shown, expected, self.person_ids[row].as_py())

    def days(self, name: str) -> Days | None:
        """A date column as numbers, without a copy; ``None`` if nothing in it is known."""
        column = self.columns[name]
        if column.null_count == len(column):
            return None
        buffer = column.buffers()[1]
        values = np.frombuffer(buffer, np.int32, len(column), 4 * column.offset)
        known = None
        if column.null_count:
            known = column.is_valid().to_numpy(zero_copy_only=False)
        return Days(values, known)
