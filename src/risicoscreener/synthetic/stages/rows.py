"""Rows of a table as columns with their owners, before they become dossier tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from risicoscreener.dossier.duplicates import find_repeats
from risicoscreener.dossier.schema import Column, TableSpec, persons, tables
from risicoscreener.synthetic.stages.draws import NO_DAY, Array

_ABSENT: dict[str, Any] = {
    "date": NO_DAY,
    "code": np.int8(-1),
    "flag": np.int8(-1),
    "integer": np.int32(-1),
    "number": np.nan,
    "text": "",
}
"""What stands for no value in a column of each kind."""


@dataclass(frozen=True)
class Rows:
    """Some rows of one table.

    Attributes
    ----------
    table
        Name of the table.
    owner
        Position of the person of each row, shape (n,), int32.
    columns
        Columns by name, shape (n,) each. Days are counted since 1970-01-01, codes by their place
        in the vocabulary; `NO_DAY`, -1, NaN and the empty text stand for no value.
    """

    table: str
    owner: Array
    columns: dict[str, Array]

    def __len__(self) -> int:
        return len(self.owner)

    def where(self, kept: Array | slice) -> Rows:
        """Only some of the rows."""
        return Rows(
            self.table, self.owner[kept], {name: v[kept] for name, v in self.columns.items()}
        )

    def with_columns(self, **columns: Any) -> Rows:
        """The same rows with more columns, or others; a single value is repeated."""
        return Rows(
            self.table,
            self.owner,
            self.columns | rows(self.table, self.owner, **columns).columns,
        )

    def moved(self, by: int) -> Rows:
        """The same rows, with owners counted from another start."""
        return Rows(self.table, self.owner + np.int32(by), self.columns)


def rows(table: str, owner: Array, **columns: Any) -> Rows:
    """Rows of a table; a single value is repeated."""
    spec = tables()[table].columns
    n = len(owner)
    full = {
        name: np.broadcast_to(np.asarray(v), n).astype(_dtype(spec[name]), copy=False)
        for name, v in columns.items()
    }
    return Rows(table, owner.astype(np.int32, copy=False), full)


def stack(parts: Sequence[Rows]) -> Rows:
    """Rows of one table together, in the order of the people and of time."""
    table = parts[0].table
    spec = tables()[table]
    given = [name for name in spec.columns if any(name in part.columns for part in parts)]
    owner = np.concatenate([part.owner for part in parts])
    columns = {
        name: np.concatenate([_column_of(part, spec.columns[name]) for part in parts])
        for name in given
    }
    assert spec.starts is not None
    key = owner.astype(np.int64) * 2**32 + columns[spec.starts]
    if (key[1:] >= key[:-1]).all():
        return Rows(table, owner, columns)
    order = np.argsort(key, kind="stable")
    return Rows(table, owner[order], {name: v[order] for name, v in columns.items()})


def as_extracted(part: Rows, day: int) -> Rows:
    """Rows as a register has them on a day: later facts, and what had yet to come true, are out.

    Parameters
    ----------
    day
        Days since 1970-01-01.
    """
    recorded = part.where(part.columns["recorded_at"] <= day)
    spec = tables()[part.table].columns
    columns = dict(recorded.columns)
    for name, values in recorded.columns.items():
        known_from = spec[name].known_from
        if known_from is not None and known_from in recorded.columns:
            later = recorded.columns[known_from] > day
            columns[name] = np.where(later, _ABSENT[spec[name].kind], values).astype(values.dtype)
    return Rows(part.table, recorded.owner, columns)


def told_apart(part: Rows) -> Rows:
    """Rows in which an event that is like an earlier one of the person has an id of its own.

    Two visits on a day that were recorded on one day would otherwise be one fact, given twice.
    """
    spec = tables()[part.table]
    days = part.owner.astype(np.int64) * 2**32 + part.columns[str(spec.starts)]
    is_close = np.zeros(len(days) + 1, dtype=bool)
    is_close[1:-1] = days[1:] == days[:-1]
    close = np.flatnonzero(is_close[1:] | is_close[:-1])
    fields = [
        lambda chosen, values=values: _numbered(values[chosen])
        for name, values in part.columns.items()
        if name != spec.starts
    ]
    again, _ = find_repeats(days, close, fields)
    unnamed = part.columns.get("fact_id")
    if unnamed is not None:
        again = again[unnamed[again] == ""]
    if not len(again):
        return part
    ids = _column_of(part, spec.columns["fact_id"]).astype("U24")
    place = again - np.searchsorted(part.owner, part.owner[again])
    ids[again] = np.char.add("event-", place.astype(np.str_))
    return Rows(part.table, part.owner, {**part.columns, "fact_id": ids})


def _numbered(values: Array) -> Array:
    """A number from 0 for each value, the same for equal ones."""
    if np.issubdtype(values.dtype, np.integer):
        return values.astype(np.int64) - values.min()
    return np.unique(values, return_inverse=True)[1]


def join(blocks: Sequence[Rows]) -> Rows:
    """The rows of successive blocks of people, which are in order already."""
    spec = tables()[blocks[0].table].columns
    given = [name for name in spec if any(name in block.columns for block in blocks)]
    columns = {
        name: np.concatenate([_column_of(block, spec[name]) for block in blocks]) for name in given
    }
    return Rows(blocks[0].table, np.concatenate([b.owner for b in blocks]), columns)


def repeat(counts: Array) -> tuple[Array, Array]:
    """For people with some rows each: the owner of every row and its place within the owner."""
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - first[owner]


def to_arrow(part: Rows, ids: pa.Array) -> pa.Table:
    """Rows as an Arrow table of the types that dossier tables have."""
    spec = tables()[part.table]
    owner = pa.DictionaryArray.from_arrays(pa.array(part.owner), ids)
    arrays = [_to_array(spec.columns[name], values) for name, values in part.columns.items()]
    return pa.table([owner, *arrays], names=["person_id", *part.columns])


def persons_to_arrow(ids: pa.Array, **columns: Array) -> pa.Table:
    """The persons table as Arrow."""
    spec: TableSpec = persons()
    arrays = [_to_array(spec.columns[name], values) for name, values in columns.items()]
    return pa.table([ids, *arrays], names=["person_id", *columns])


def _column_of(part: Rows, column: Column) -> Array:
    if column.name in part.columns:
        return part.columns[column.name]
    return np.full(len(part), _ABSENT[column.kind], dtype=_dtype(column))


def _dtype(column: Column) -> Any:
    if column.kind == "text":
        return np.str_
    return {"number": np.float64, "code": np.int8, "flag": np.int8}.get(column.kind, np.int32)


def _to_array(column: Column, values: Array) -> pa.Array:
    match column.kind:
        case "date":
            return pa.array(values, mask=values == NO_DAY).cast(pa.date32())
        case "code":
            indices = pa.array(values, mask=values < 0)
            return pa.DictionaryArray.from_arrays(indices, pa.array(column.codes))
        case "flag":
            return pa.array(values == 1, mask=values < 0)
        case "integer":
            return pa.array(values, mask=values < 0)
        case "number":
            return pa.array(values, mask=np.isnan(values))
    return pa.array(values, type=pa.string(), mask=values == "")
