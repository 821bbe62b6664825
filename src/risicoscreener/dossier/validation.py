"""Checks of dossier tables: all problems at once, bad rows set apart with their reasons.

A record is checked by the same code, as tables of one person (`reading`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.casting import Unfit
from risicoscreener.dossier.problems import Problem
from risicoscreener.dossier.schema import Column, TableSpec, persons, tables

Caster = Callable[[Column, Any], "tuple[pa.Array, list[Unfit]]"]

_NO_PERSON = -1


@dataclass(slots=True)
class CheckedTable:
    """A table as canonical columns, with the rows that cannot be used and why.

    Attributes
    ----------
    owner
        For each row the position of its person in the persons table, -1 if there is none.
    bad
        For each row whether it is set apart.
    """

    spec: TableSpec
    columns: dict[str, pa.Array]
    owner: np.ndarray
    bad: np.ndarray
    problems: list[Problem] = field(default_factory=list)
    person_ids: pa.Array | None = None

    def reject(self, rows: np.ndarray, name: str, expected: str | Callable[[int], str]) -> None:
        """Set rows apart because of one field."""
        self.bad[rows] = True
        values = self.columns[name] if name in self.columns else self.person_ids
        for row in rows.tolist():
            value = values[row].as_py() if values is not None else None
            shown = value.isoformat() if isinstance(value, dt.date) else value
            said = expected if isinstance(expected, str) else expected(row)
            self.problems.append(self.problem(row, name, shown, said))

    def problem(self, row: int, name: str, value: Any, expected: str) -> Problem:
        """A problem in a row of this table."""
        whose = self.person_ids[row].as_py() if self.person_ids is not None and row >= 0 else None
        return Problem(self.spec.name, row, name, value, expected, whose)

    def days(self, name: str) -> np.ndarray:
        """A date column as days since 1970-01-01, NaN where absent."""
        return self.columns[name].cast(pa.int32()).cast(pa.float64()).to_numpy(zero_copy_only=False)


def check_columns(
    spec: TableSpec, raw: Mapping[str, Any], n_rows: int, cast: Caster
) -> tuple[dict[str, pa.Array], np.ndarray, list[tuple[str, Unfit]]]:
    """Columns of a table as their canonical types, with the rows that are unfit and why."""
    bad = np.zeros(n_rows, dtype=bool)
    columns: dict[str, pa.Array] = {}
    found: list[tuple[str, Unfit]] = []
    for name, column in spec.columns.items():
        given = raw[name] if name in raw else pa.nulls(n_rows)
        values, unfit = cast(column, given)
        unfit_rows = {u.row for u in unfit}
        if values.null_count and column.required:
            empty = np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False)).tolist()
            unfit += [Unfit(r, None, "a value") for r in empty if r not in unfit_rows]
        elif values.null_count and column.default is not None:
            values = _fill(values, column)
        found += [(name, u) for u in unfit]
        bad[[u.row for u in unfit]] = True
        columns[name] = values
    return columns, bad, found


def _fill(values: pa.Array, column: Column) -> pa.Array:
    if column.kind != "code":
        return values.fill_null(column.default)
    indices = values.indices.fill_null(column.codes.index(column.default))
    return pa.DictionaryArray.from_arrays(indices, values.dictionary)


def check_persons(columns: dict[str, pa.Array], bad: np.ndarray, ids: pa.Array) -> CheckedTable:
    """The persons table, in which each `person_id` may occur once."""
    table = CheckedTable(persons(), columns, np.arange(len(ids)), bad, person_ids=ids)
    if pc.count_distinct(ids, mode="all").as_py() < len(ids):
        codes = ids.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
        _, first = np.unique(codes, return_index=True)
        again = np.setdiff1d(np.arange(len(ids)), first)
        table.reject(again, "person_id", "each person once")
    return table


def check_facts(table: CheckedTable, birth: np.ndarray, recorded_by: dt.date | None) -> None:
    """Check the rows of a table against each other, against the person, and in time."""
    _check_owner(table)
    _check_time(table, birth, recorded_by)
    _check_links(table)


def _check_owner(table: CheckedTable) -> None:
    orphans = np.flatnonzero(table.owner == _NO_PERSON)
    if len(orphans):
        table.reject(orphans, "person_id", "a person of the persons table")


def _check_time(table: CheckedTable, birth: np.ndarray, recorded_by: dt.date | None) -> None:
    spec = table.spec
    dates = {name: table.days(name) for name, c in spec.columns.items() if c.kind == "date"}
    born = np.where(table.owner >= 0, birth[table.owner], np.nan) if len(birth) else np.nan
    with np.errstate(invalid="ignore"):
        for name, days in dates.items():
            early = np.flatnonzero(days < born)
            if len(early):
                table.reject(early, name, "a day on or after the day of birth")
        for earlier, later in spec.order:
            wrong = np.flatnonzero(dates[earlier] > dates[later])
            if len(wrong):
                other = table.columns[earlier]
                table.reject(
                    wrong, later, lambda r, e=earlier, o=other: f"on or after {e} ({o[r].as_py()})"
                )
        if recorded_by is not None:
            late = np.flatnonzero(dates["recorded_at"] > (recorded_by - dt.date(1970, 1, 1)).days)
            if len(late):
                table.reject(late, "recorded_at", f"a day on or before {recorded_by}")


def _check_links(table: CheckedTable) -> None:
    """Each `fact_id` once for a person; `supersedes` names an earlier fact of the same person."""
    ids, links = table.columns["fact_id"], table.columns["supersedes"]
    void = table.columns["void"].fill_null(False).to_numpy(zero_copy_only=False)
    if links.null_count == len(links):
        unlinked = np.flatnonzero(void)
        if len(unlinked):
            table.reject(unlinked, "void", "false, unless `supersedes` names the withdrawn fact")
        if ids.null_count == len(ids):
            return
    known: dict[tuple[int, str], int] = {}
    recorded = table.days("recorded_at")
    for row, fact_id in enumerate(ids.to_pylist()):
        if fact_id is None:
            continue
        key = (int(table.owner[row]), fact_id)
        if key in known:
            table.reject(np.array([row]), "fact_id", f"an id not used before (row {known[key]})")
        known.setdefault(key, row)
    for row, link in enumerate(links.to_pylist()):
        if link is None:
            if void[row]:
                table.reject(np.array([row]), "void", "false, unless `supersedes` is given")
            continue
        target = known.get((int(table.owner[row]), link))
        if target is None or target == row:
            table.reject(np.array([row]), "supersedes", "the fact_id of another fact of the person")
        elif recorded[target] > recorded[row]:
            table.reject(np.array([row]), "supersedes", "a fact recorded on or before this one")


def unknown_names(given: Mapping[str, Any]) -> list[Problem]:
    """Tables that no dossier has."""
    known = ("persons", *tables())
    return [
        Problem(name, -1, "", name, f"one of the tables {', '.join(known)}")
        for name in given
        if name not in known
    ]


def unknown_columns(spec: TableSpec, given: list[str]) -> list[Problem]:
    """Columns that a table does not have."""
    known = ("person_id", *spec.columns)
    return [
        Problem(spec.name, -1, name, name, f"one of the columns {', '.join(known)}")
        for name in given
        if name not in known
    ]
