"""Checks of dossier tables: all problems at once, bad rows set apart with their reasons.

A record is checked by the same code, as tables of one person (`reading`).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier import stays
from risicoscreener.dossier.casting import Form, Unfit, cast_any
from risicoscreener.dossier.checked import CheckedTable
from risicoscreener.dossier.duplicates import check_duplicates
from risicoscreener.dossier.links import rows_in_cycles, rows_that_lead_to
from risicoscreener.dossier.problems import Problem
from risicoscreener.dossier.row_checks import check_rows
from risicoscreener.dossier.schema import Column, TableSpec, persons, tables

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_PERSON = -1
ORPHANED = "a person of the persons table"
PERSON_SET_APART = "a person whose own row is sound"


def read_columns(
    spec: TableSpec, raw: Mapping[str, Any], n_rows: int, form: Form
) -> tuple[dict[str, pa.Array], list[tuple[str, Unfit]]]:
    """Columns of a table as their canonical types, and the values that are unfit and why.

    A gap in a frame or in CSV means that nothing was given, and so the default; a record leaves
    the field out for that, and a null in it is a problem.
    """
    columns: dict[str, pa.Array] = {}
    found: list[tuple[str, Unfit]] = []
    for name, column in spec.columns.items():
        given = raw[name] if n_rows and name in raw else None
        values, unfit = cast_any(column, pa.nulls(n_rows) if given is None else given, form)
        has_default = column.default is not None
        if values.null_count and (column.required or (has_default and form is Form.RECORD)):
            unfit = unfit + absent_values(values, unfit)
        if values.null_count and has_default:
            values = _fill(values, column)
        found += [(name, u) for u in unfit]
        columns[name] = values
    return columns, found


def absent_values(values: pa.Array, unfit: list[Unfit]) -> list[Unfit]:
    """Rows without a value, apart from those in which the value was unfit."""
    listed = {u.row for u in unfit}
    empty = np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False)).tolist()
    return [Unfit(row, None, "a value") for row in empty if row not in listed]


def _fill(values: pa.Array, column: Column) -> pa.Array:
    if column.kind != "code":
        return values.fill_null(column.default)
    indices = values.indices.fill_null(column.codes.index(column.default))
    return pa.DictionaryArray.from_arrays(indices, values.dictionary)


def check_persons(
    columns: dict[str, pa.Array], ids: pa.Array, given_ids: Any, unfit: list[tuple[str, Unfit]]
) -> CheckedTable:
    """The persons table; that each occurs once is asked apart, by `persons_again`."""
    n = len(ids)
    owner = np.arange(n, dtype=np.int32)
    table = CheckedTable(persons(), columns, owner, np.zeros(n, dtype=bool), ids, given_ids)
    table.reject_unfit(unfit)
    return table


def persons_again(ids: pa.Array) -> np.ndarray:
    """Rows with an id that an earlier row has."""
    if len(ids.unique()) == len(ids):
        return np.zeros(0, dtype=np.int64)
    codes = ids.dictionary_encode().indices
    values = codes.fill_null(NO_PERSON).to_numpy(zero_copy_only=False)
    _, first = np.unique(values, return_index=True)
    return np.setdiff1d(np.flatnonzero(values != NO_PERSON), first)


def check_facts(
    table: CheckedTable, people: CheckedTable, birth: np.ndarray, recorded_by: dt.date | None
) -> None:
    """Check the rows of a table against each other, against the person, and in time.

    Parameters
    ----------
    birth
        As `row_checks.birth_days` gives it of the people.
    """
    _check_owner(table, people)
    check_rows(table, birth, recorded_by)
    supersedes = _check_links(table)
    check_duplicates(table)
    if table.spec.name == stays.TABLE:
        stays.check_stays(table, supersedes)


def _check_owner(table: CheckedTable, people: CheckedTable) -> None:
    if not table.in_order or table.owner[0] == NO_PERSON:
        orphans = np.flatnonzero(table.owner == NO_PERSON)
        table.reject(orphans, "person_id", ORPHANED)
    if people.bad.any() and len(table.owner):
        lost = people.bad[table.owner] & (table.owner != NO_PERSON)
        table.reject(np.flatnonzero(lost), "person_id", PERSON_SET_APART)


def _check_links(table: CheckedTable) -> dict[int, int]:
    """Each `fact_id` once for a person; `supersedes` names an earlier fact of the same person.

    Returns
    -------
    dict
        Row of a fact to the row of the fact that it supersedes.
    """
    ids, links = table.columns["fact_id"], table.columns["supersedes"]
    void = table.columns["void"]
    if pc.any(void, min_count=0).as_py():
        unlinked = np.flatnonzero(pc.and_(void, links.is_null()).to_numpy(zero_copy_only=False))
        unread = [problem.row for problem in table.problems if problem.field == "supersedes"]
        what = "false, unless `supersedes` names the withdrawn fact"
        table.reject(np.setdiff1d(unlinked, unread), "void", what)
    if ids.null_count < len(ids) or links.null_count < len(links):
        return _check_ids_and_targets(table, ids, links)
    return {}


def _check_ids_and_targets(table: CheckedTable, ids: pa.Array, links: pa.Array) -> dict[int, int]:
    id_keys, link_keys = _keys(table.owner, ids, links)
    with_id = np.flatnonzero(id_keys >= 0)
    known, position = np.unique(id_keys[with_id], return_index=True)
    first = with_id[position]
    if len(first) < len(with_id):
        again = np.setdiff1d(with_id, first)
        earlier = first[np.searchsorted(known, id_keys)]
        table.reject(again, "fact_id", lambda row: f"an id not used before (row {earlier[row]})")
    linked = np.flatnonzero(link_keys >= 0)
    if not len(linked):
        return {}
    return _check_targets(table, linked, _targets(link_keys[linked], known, first))


def _keys(owner: np.ndarray, ids: pa.Array, links: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """One number for each pair of person and id, for both columns; -1 where there is none."""
    codes = pa.chunked_array([ids, links]).dictionary_encode().unify_dictionaries()
    n_codes = max(len(chunk.dictionary) for chunk in codes.chunks) + 1
    keys = []
    for chunk in codes.chunks:
        code = chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        known = (code >= 0) & (owner != NO_PERSON)
        keys.append(np.where(known, owner * np.int64(n_codes) + code, -1))
    return keys[0], keys[1]


def _targets(link_keys: np.ndarray, known: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Row that each link names, -1 if there is none."""
    if not len(known):
        return np.full(len(link_keys), -1)
    place = np.minimum(np.searchsorted(known, link_keys), len(known) - 1)
    return np.where(known[place] == link_keys, first[place], -1)


def _check_targets(table: CheckedTable, linked: np.ndarray, target: np.ndarray) -> dict[int, int]:
    dangling = (target < 0) | (target == linked)
    what = "the fact_id of another fact of the person"
    table.reject(linked[dangling], "supersedes", what)
    linked, target = linked[~dangling], target[~dangling]
    recorded = table.days("recorded_at")
    if recorded is not None:
        known = True if recorded.known is None else recorded.known[linked] & recorded.known[target]
        late = known & (recorded.values[target] > recorded.values[linked])
        table.reject(linked[late], "supersedes", "a fact recorded on or before this one")
    supersedes = dict(zip(linked.tolist(), target.tolist(), strict=True))
    circular = np.array(rows_in_cycles(supersedes), dtype=np.int64)
    table.reject(circular, "supersedes", "a fact that does not in turn supersede this one")
    _follow(table, supersedes)
    return supersedes


def _follow(table: CheckedTable, supersedes: dict[int, int]) -> None:
    """A fact that names one set apart is set apart too: what remains has no loose links."""
    sources = {row for row in supersedes.values() if table.bad[row]}
    followers = rows_that_lead_to(sources, supersedes)
    rows = np.array([row for row in followers if not table.bad[row]], dtype=np.int64)
    what = "a fact that is not itself set apart (row {})"
    table.reject(rows, "supersedes", lambda row: what.format(supersedes[row]))


def unknown_names(given: Mapping[str, Any]) -> list[Problem]:
    """Tables that no dossier has."""
    known = ("persons", *tables())
    return [
        Problem(str(name), -1, "", name, f"one of the tables {', '.join(known)}")
        for name in given
        if name not in known
    ]


def wrong_columns(spec: TableSpec, given: list[str], n_rows: int) -> list[Problem]:
    """Columns that a table does not have, has twice, or lacks as a whole."""
    known = ("person_id", *spec.columns)
    found = [
        Problem(spec.name, -1, name, name, f"one of the columns {', '.join(known)}")
        for name in dict.fromkeys(given)
        if name not in known
    ]
    twice = [name for name in dict.fromkeys(given) if given.count(name) > 1]
    found += [Problem(spec.name, -1, name, name, "each column once") for name in twice]
    required = ["person_id", *(c.name for c in spec.columns.values() if c.required)]
    if n_rows:
        missing = [name for name in required if name not in given]
        found += [Problem(spec.name, -1, name, "absent", f"a column {name}") for name in missing]
    return found
