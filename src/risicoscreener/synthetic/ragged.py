"""Tools for tables in which each person has any number of rows, without a loop over people."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from risicoscreener.dossier.schema import Column, TableSpec, persons, tables

EPOCH = dt.date(1970, 1, 1)
ABSENT = np.int32(-(2**31))
"""A day that is absent."""


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def logistic(x: np.ndarray) -> np.ndarray:
    """Inverse of the logit."""
    return 1.0 / (1.0 + np.exp(-x))


def happens(rng: np.random.Generator, probability: Any, size: int | None = None) -> np.ndarray:
    """Whether each of independent events happens."""
    shape = np.shape(probability) if size is None else (size,)
    return rng.random(shape) < probability


def owners(counts: np.ndarray) -> np.ndarray:
    """The person of each row, for a number of rows of each person."""
    return np.repeat(np.arange(len(counts)), counts)


def rank_in_owner(owner: np.ndarray) -> np.ndarray:
    """0, 1, 2 … within each run of an ascending owner column."""
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    lengths = np.diff(np.append(first, len(owner)))
    return np.arange(len(owner)) - np.repeat(first, lengths)


def count_by_owner(owner: np.ndarray, chosen: np.ndarray, n: int) -> np.ndarray:
    """How many chosen rows each person has."""
    return np.bincount(owner[chosen], minlength=n)


def choose(rng: np.random.Generator, shares: dict[str, float], size: int) -> np.ndarray:
    """Codes drawn by their shares, as text."""
    names = np.array(list(shares))
    weights = np.array(list(shares.values()))
    return names[rng.choice(len(names), size=size, p=weights / weights.sum())]


def between(rng: np.random.Generator, low: Any, high: Any) -> np.ndarray:
    """Whole days drawn evenly from low up to and including high (at least low)."""
    low, high = np.broadcast_arrays(np.asarray(low, np.int64), np.asarray(high, np.int64))
    width = np.maximum(high - low + 1, 1)
    return low + np.floor(rng.random(low.shape) * width).astype(np.int64)


@dataclass
class Rows:
    """Rows of one table: an owner for each and arrays for the columns that are set."""

    name: str
    owner: np.ndarray
    columns: dict[str, np.ndarray] = field(default_factory=dict)

    def keep(self, chosen: np.ndarray) -> Rows:
        """Only the chosen rows."""
        return Rows(self.name, self.owner[chosen], {k: v[chosen] for k, v in self.columns.items()})

    def __len__(self) -> int:
        return len(self.owner)


def joined(parts: list[Rows]) -> Rows:
    """Rows of several parts of one table, ordered by person."""
    names = sorted({name for part in parts for name in part.columns})
    spec = tables()[parts[0].name]
    columns = {}
    for name in names:
        columns[name] = np.concatenate(
            [
                part.columns[name]
                if name in part.columns
                else _blank(spec.columns[name], len(part))
                for part in parts
            ]
        )
    owner = np.concatenate([part.owner for part in parts])
    order = np.argsort(owner, kind="stable")
    return Rows(parts[0].name, owner, columns).keep(order)


def _blank(column: Column, n: int) -> np.ndarray:
    if column.kind == "date":
        return np.full(n, ABSENT)
    if column.default is not None:
        return np.full(n, column.default)
    return np.full(n, None, dtype=object)


def to_arrow(rows: Rows, ids: pa.Array) -> pa.Table:
    """An Arrow table with the columns of its schema; ``ids`` are those of all people."""
    spec = persons() if rows.name == "persons" else tables()[rows.name]
    owner = pa.array(rows.owner.astype(np.int32))
    arrays: dict[str, pa.Array] = {
        "person_id": ids if rows.name == "persons" else pa.DictionaryArray.from_arrays(owner, ids)
    }
    for name, values in rows.columns.items():
        arrays[name] = _array(spec, spec.columns[name], values)
    return pa.table(arrays)


def _array(spec: TableSpec, column: Column, values: np.ndarray) -> pa.Array:
    if column.kind == "date":
        days = np.asarray(values)
        absent = days == ABSENT
        return pa.array(days.astype(np.int32), mask=absent).cast(pa.date32())
    if column.kind == "code":
        place = {code: i for i, code in enumerate(column.codes)}
        distinct, inverse = np.unique(values.astype(str), return_inverse=True)
        unknown = [code for code in distinct if code not in place and code != "None"]
        if unknown:
            raise ValueError(f"{spec.name}.{column.name}: {unknown} are no codes")
        lookup = np.array([place.get(code, -1) for code in distinct], dtype=np.int8)
        indices = lookup[inverse]
        return pa.DictionaryArray.from_arrays(
            pa.array(indices, mask=indices < 0), pa.array(column.codes, pa.string())
        )
    return pa.array(values.tolist() if values.dtype == object else values)
