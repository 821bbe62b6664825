"""What each row of a table must keep in itself: the order of its dates, dated values, agreements.

All checks of a table go over its rows together, some rows at a time, so that what one check
reads is still in the cache for the next, and nothing as long as the table is made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from risicoscreener.dossier.schema import EPOCH

if TYPE_CHECKING:
    from risicoscreener.dossier.agreements import Agreement
    from risicoscreener.dossier.checked import CheckedTable

ROWS = 65_536
"""Rows looked at together."""

_BEFORE_ALL_DAYS = np.iinfo(np.int32).min
Expected = str | Callable[[int], str]


@dataclass(slots=True)
class _Rows:
    """Some rows of a table, of which what several checks need is unpacked once.

    Attributes
    ----------
    born
        Day of birth of the person of each row; before all days where that is not known.
    """

    table: CheckedTable
    begin: int
    n: int
    born: np.ndarray
    _given: dict[str, np.ndarray | None] = field(default_factory=dict)

    def given(self, name: str) -> np.ndarray | None:
        """Whether a field has a value in each row; ``None`` if it has one in every row."""
        if name not in self._given:
            column = self.table.columns[name]
            self._given[name] = None
            if column.null_count:
                valid = column.slice(self.begin, self.n).is_valid()
                self._given[name] = valid.to_numpy(zero_copy_only=False)
        return self._given[name]

    def values(self, name: str) -> np.ndarray:
        """A field as numbers: days, positions of codes; anything where it has no value."""
        column = self.table.columns[name]
        if pa.types.is_dictionary(column.type):
            column = column.indices
        elif pa.types.is_date32(column.type):
            column = column.view(pa.int32())
        kind = np.dtype(column.type.to_pandas_dtype())
        if column.null_count == len(column):  # then there may be no numbers at all
            return np.zeros(self.n, kind)
        begin = kind.itemsize * (column.offset + self.begin)
        return np.frombuffer(column.buffers()[1], kind, self.n, begin)

    def where(self, condition: np.ndarray, *names: str) -> np.ndarray:
        """Where a condition holds and each of some fields has a value; changes ``condition``."""
        for name in names:
            given = self.given(name)
            if given is not None:
                condition &= given
        return condition


@dataclass(frozen=True, slots=True)
class _Check:
    """One thing that each row must keep.

    Attributes
    ----------
    field
        The field that a problem names.
    wrong
        For some rows whether each does not keep it.
    expected
        What was expected instead, for all rows or for each.
    read
        A row in which one of these could not be read is not wrong in this as well.
    """

    field: str
    wrong: Callable[[_Rows], np.ndarray]
    expected: Expected
    read: tuple[str, ...] = ()


def check_rows(table: CheckedTable, birth: np.ndarray, recorded_by: dt.date | None) -> None:
    """Set apart each row that does not keep what is asked of it alone.

    Parameters
    ----------
    birth
        Day of birth of each person, and of nobody at the end; see `birth_days`.
    recorded_by
        Last day on which a fact can have been recorded; no limit if ``None``.
    """
    checks = [*_time_checks(table, recorded_by), *_agreement_checks(table)]
    found: list[list[np.ndarray]] = [[] for _ in checks]
    for begin in range(0, len(table.owner), ROWS):
        owner = table.owner[begin : begin + ROWS]
        rows = _Rows(table, begin, len(owner), birth[owner])  # nobody is -1, and so the last
        for check, wrong in zip(checks, found, strict=True):
            places = np.flatnonzero(check.wrong(rows))
            if len(places):
                wrong.append(places + begin)
    for check, wrong in zip(checks, found, strict=True):
        if wrong:
            rows_wrong = table.where_read(np.concatenate(wrong), check.read)
            table.reject(rows_wrong, check.field, check.expected)


def birth_days(people: CheckedTable) -> np.ndarray:
    """Day of birth of each person, before all days where not known, and one more for nobody."""
    birth = people.days("birth_date")
    days = np.full(len(people.owner) + 1, _BEFORE_ALL_DAYS, dtype=np.int32)
    if birth is not None:
        known = True if birth.known is None else birth.known
        days[:-1] = np.where(known, birth.values, _BEFORE_ALL_DAYS)
    return days


def _time_checks(table: CheckedTable, recorded_by: dt.date | None) -> Iterator[_Check]:
    spec = table.spec
    dates = [
        name
        for name, column in spec.columns.items()
        if column.kind == "date" and _has_values(table, name)
    ]
    for name in dates:
        yield _Check(name, _is_before_birth(name), "a day on or after the day of birth")
    for earlier, later in spec.order:
        if earlier in dates and later in dates:
            yield _Check(later, _is_before(later, earlier), _after(table, earlier))
    for name, day in spec.dated:
        if _has_values(table, name):
            said = f"no value without {day}, the day from which it is known"
            yield _Check(name, _is_undated(name, day), said, (day,))
    if recorded_by is not None and "recorded_at" in dates:
        yield _Check("recorded_at", _is_late(recorded_by), f"a day on or before {recorded_by}")


def _has_values(table: CheckedTable, name: str) -> bool:
    column = table.columns[name]
    return bool(column.null_count < len(column))


def _is_before_birth(name: str) -> Callable[[_Rows], np.ndarray]:
    return lambda rows: rows.where(rows.values(name) < rows.born, name)


def _is_before(later: str, earlier: str) -> Callable[[_Rows], np.ndarray]:
    return lambda rows: rows.where(rows.values(later) < rows.values(earlier), earlier, later)


def _after(table: CheckedTable, earlier: str) -> Callable[[int], str]:
    return lambda row: f"on or after {earlier} ({table.columns[earlier][row].as_py()})"


def _is_undated(name: str, day: str) -> Callable[[_Rows], np.ndarray]:
    def wrong(rows: _Rows) -> np.ndarray:
        dated = rows.given(day)
        if dated is None:
            return np.zeros(0, dtype=bool)
        return rows.where(~dated, name)

    return wrong


def _is_late(recorded_by: dt.date) -> Callable[[_Rows], np.ndarray]:
    last = (recorded_by - EPOCH).days
    return lambda rows: rows.where(rows.values("recorded_at") > last, "recorded_at")


def _agreement_checks(table: CheckedTable) -> Iterator[_Check]:
    for agreement in table.spec.agreements:
        expected: Expected = agreement.expected()
        if agreement.at_most is not None:
            expected = _at_most(table, agreement)
        yield _Check(agreement.field, _disagrees(agreement), expected, agreement.fields())


def _at_most(table: CheckedTable, agreement: Agreement) -> Callable[[int], str]:
    bounds = table.columns[str(agreement.at_most)]
    return lambda row: agreement.expected(bounds[row].as_py())


def _disagrees(agreement: Agreement) -> Callable[[_Rows], np.ndarray]:
    """For some rows whether each does not keep an agreement."""
    name = agreement.field

    def wrong(rows: _Rows) -> np.ndarray:
        if agreement.needed:
            given = rows.given(name)
            if given is None:
                return np.zeros(0, dtype=bool)
            found = ~given
        elif agreement.codes:
            found = rows.where(~_is_one_of(rows, name, agreement.codes), name)
        elif agreement.low is not None:
            found = rows.where(rows.values(name) < agreement.low, name)
        else:
            bound = str(agreement.at_most)
            found = rows.where(rows.values(name) > rows.values(bound), name, bound)
        for other, codes in agreement.where:
            if codes:
                found &= _is_one_of(rows, other, codes)
            rows.where(found, other)
        return found

    return wrong


def _is_one_of(rows: _Rows, name: str, codes: tuple[str, ...]) -> np.ndarray:
    """Whether a field is one of some codes, where it has a value."""
    places = rows.values(name)
    vocabulary = rows.table.spec.columns[name].codes
    found: np.ndarray = places == vocabulary.index(codes[0])
    for code in codes[1:]:
        found |= places == vocabulary.index(code)
    return found
