"""Facts of one table as arrays: all that stand, or those that were known on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.casting import as_one
from risicoscreener.dossier.schema import EPOCH, TableSpec, tables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DataError
from risicoscreener.synthetic.stages.draws import Array

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier.tables import DossierTables

UNKNOWN = -1
"""The code of a value that is absent."""


@dataclass(frozen=True)
class Facts:
    """Some rows of a table, with the person of each.

    Attributes
    ----------
    rows
        Positions in the Arrow table, shape (n,).
    owner
        Position of the person of each row, shape (n,).
    known_on
        For each row the day on which it is looked at; ``None`` if all has come true.
    """

    spec: TableSpec
    table: pa.Table
    n_persons: int
    rows: Array
    owner: Array
    known_on: Array | None = None

    @classmethod
    def standing(cls, dossiers: DossierTables, name: str) -> Facts:
        """All facts that no correction took back."""
        owner, table = dossiers.owners(name), dossiers.tables[name]
        rows = np.arange(table.num_rows)
        rows = rows[_in_force(table, owner, rows)]
        return cls(tables()[name], table, dossiers.n_persons, rows, owner[rows])

    @classmethod
    def visible(cls, dossiers: DossierTables, name: str, as_of: Array) -> Facts:
        """The facts that were known on a day of each person, in days since 1970-01-01."""
        owner, table = dossiers.owners(name), dossiers.tables[name]
        recorded = _days(table, "recorded_at")
        rows = np.flatnonzero(recorded <= as_of[owner])
        rows = rows[_in_force(table, owner, rows)]
        return cls(tables()[name], table, dossiers.n_persons, rows, owner[rows], as_of[owner[rows]])

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, kept: Array) -> Facts:
        """Only some of the rows."""
        known_on = None if self.known_on is None else self.known_on[kept]
        return Facts(
            self.spec, self.table, self.n_persons, self.rows[kept], self.owner[kept], known_on
        )

    def days(self, name: str) -> Array:
        """Days since 1970-01-01 in a date column, NaN where there is none."""
        return np.where(self._is_true_yet(name), _days(self.table, name)[self.rows], np.nan)

    def numbers(self, name: str) -> Array:
        """A column of numbers or flags, NaN where there is none."""
        values = _floats(self.table.column(name), pa.float64())[self.rows]
        return np.where(self._is_true_yet(name), values, np.nan)

    def codes(self, name: str) -> Array:
        """Places in the vocabulary of a coded column, `UNKNOWN` where there is no value."""
        column = as_one(self.table.column(name))
        places = column.indices.fill_null(UNKNOWN).to_numpy(zero_copy_only=False)[self.rows]
        return np.where(self._is_true_yet(name), places, UNKNOWN)

    def texts(self, name: str) -> pa.Array:
        """A column of texts."""
        return as_one(self.table.column(name)).take(pa.array(self.rows))

    def has(self, name: str, *wanted: str, vocabulary: str | None = None) -> Array:
        """Whether each row has one of some codes; ``@group`` needs the name of the vocabulary."""
        codes = self.spec.columns[name].codes
        if vocabulary is not None:
            wanted = vocabularies()[vocabulary].expand(wanted)
        return np.isin(self.codes(name), [codes.index(code) for code in wanted])

    def count(self, chosen: Array | None = None) -> Array:
        """Number of (chosen) rows of each person, shape (n persons,)."""
        owner = self.owner if chosen is None else self.owner[chosen]
        return np.bincount(owner, minlength=self.n_persons).astype(np.float64)

    def total(self, values: Array) -> Array:
        """Sum over the rows of each person of what is known, shape (n persons,)."""
        return np.bincount(self.owner, np.nan_to_num(values), minlength=self.n_persons)

    def last(self, by: Array, values: Array) -> Array:
        """Value in the row of each person that comes last, NaN for people without rows."""
        order = np.lexsort((by, self.owner))
        found = np.full(self.n_persons, np.nan)
        found[self.owner[order]] = values[order]
        return found

    def least(self, values: Array) -> Array:
        """Smallest known value of each person, NaN where there is none."""
        return -self.last(np.where(np.isnan(values), -np.inf, -values), -values)

    def _is_true_yet(self, name: str) -> Array | bool:
        known_from = self.spec.columns[name].known_from
        if known_from is None or self.known_on is None:
            return True
        return _days(self.table, known_from)[self.rows] <= self.known_on


def _days(table: pa.Table, name: str) -> Array:
    return _floats(as_one(table.column(name)).cast(pa.int32()), pa.float64())


def _floats(column: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> Array:
    return as_one(column).cast(kind).to_numpy(zero_copy_only=False)


def _in_force(table: pa.Table, owner: Array, rows: Array) -> Array:
    """Which rows neither are withdrawn nor were replaced by another of the rows."""
    void = as_one(table.column("void"))
    stands = ~void.fill_null(False).to_numpy(zero_copy_only=False)[rows]
    correcting = rows[as_one(table.column("supersedes")).is_valid().to_numpy(False)[rows]]
    named = rows[as_one(table.column("fact_id")).is_valid().to_numpy(False)[rows]]
    if not len(correcting):
        return stands
    targets = _keys(table, "supersedes", owner, correcting)
    replaced = named[pc.is_in(_keys(table, "fact_id", owner, named), targets).to_numpy(False)]
    return stands & ~np.isin(rows, replaced)


def _keys(table: pa.Table, column: str, owner: Array, rows: Array) -> pa.Array:
    """The id of a fact together with its person."""
    ids = as_one(table.column(column)).take(pa.array(rows)).cast(pa.string())
    people = pa.array(owner[rows]).cast(pa.string())
    return pc.binary_join_element_wise(people, ids, " ")


def index_days(dossiers: DossierTables, as_of: dt.date | pd.Series[Any] | pd.DataFrame) -> Array:
    """The day on which each person is looked at, in days since 1970-01-01.

    Parameters
    ----------
    as_of
        One day for all; a series of days by ``person_id``; or a frame with the columns
        ``person_id`` and ``as_of``, such as `Truth.persons` with its index as a column.

    Returns
    -------
    numpy.ndarray
        Shape (n persons,).

    Raises
    ------
    DataError
        If someone has no day, or more than one.
    """
    import pandas as pd

    if isinstance(as_of, dt.date):
        return np.full(dossiers.n_persons, float((as_of - EPOCH).days))
    if isinstance(as_of, pd.DataFrame):
        as_of = _as_series(as_of)
    if not as_of.index.is_unique:
        twice = as_of.index[as_of.index.duplicated()][0]
        raise DataError(f"as_of has several days for {twice!r}; expected one day for each person")
    days = pd.to_datetime(as_of.reindex(dossiers.person_ids.to_pandas()))
    if days.isna().any():
        who = days.index[days.isna()][0]
        raise DataError(f"as_of has no day for {who!r}; expected one day for each person")
    found: Array = days.to_numpy().astype("datetime64[D]").astype(np.float64)
    return found


def _as_series(frame: pd.DataFrame) -> pd.Series[Any]:
    absent = [name for name in ("person_id", "as_of") if name not in frame]
    if absent:
        raise DataError(f"as_of lacks the columns {absent}; expected person_id and as_of")
    return frame.set_index("person_id")["as_of"]


def known(values: Array, where: Array) -> Array:
    """Values where they are known, NaN elsewhere."""
    return np.where(where, values, np.nan)


def any_of(arrays: Iterable[Array]) -> Array:
    """Whether any of several conditions holds."""
    return np.logical_or.reduce(list(arrays))
