"""What is done with a batch of nested dossiers, wherever it is: Spark, Dask or another process.

Each is a small object of plain values and bytes that takes an Arrow table of nested dossiers and
gives an Arrow table; people are never split over batches, so that nothing else is needed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.casting import as_one
from risicoscreener.dossier.problems import shown
from risicoscreener.errors import DossierError
from risicoscreener.features.index import Index
from risicoscreener.scale.checks import check_on_error
from risicoscreener.screening.screener import check_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.dossier.assembling import OnError
    from risicoscreener.scale.carried import CarriedFeatures, CarriedScreener

AS_OF = "as_of"
"""Column of nested dossiers with the day, or the list of days, of each person; optional."""
PROBLEMS = ("table", "row", "field", "value", "expected", "person_id")


@dataclass(frozen=True)
class Reading:
    """How nested dossiers are read, decided by who sends the work.

    Attributes
    ----------
    on_error, recorded_by
        As for `DossierTables.from_nested`.
    as_of
        Day for everyone; ``None`` if each row has a day or days of its own in the column as_of.
    """

    on_error: OnError
    recorded_by: dt.date
    as_of: dt.date | None

    @classmethod
    def of(cls, on_error: OnError, as_of: dt.date | str | None, *, has_days: bool) -> Reading:
        """How to read from now on: as today is when the work is sent, not when it is done.

        Parameters
        ----------
        as_of
            Day for everyone.
        has_days
            Whether the dossiers have the column as_of, which counts if no day is given; today is
            the day if they do not.

        Raises
        ------
        DossierError
            If the day is none that can be meant.
        ScaleError
            If ``on_error`` is neither ``raise`` nor ``quarantine``.
        """
        check_on_error(on_error)
        today = dt.date.today()
        if as_of is None:
            return cls(on_error, today, None if has_days else today)
        return cls(on_error, today, check_day(as_of))

    def read(self, nested: pa.Table) -> tuple[DossierTables, Index]:
        """The tables of some people, and for whom on which day pictures are wanted."""
        days = nested.column(AS_OF) if AS_OF in nested.column_names else None
        plain = nested if days is None else nested.drop_columns([AS_OF])
        found = DossierTables.from_nested(
            plain, on_error=self.on_error, recorded_by=self.recorded_by
        )
        if self.as_of is not None:
            return found, Index.same_day(found, self.as_of)
        return found, _index(found, as_one(plain.column("person_id")), days)


@dataclass(frozen=True)
class Screen:
    """Screens; gives the columns of `ScreenedTable.to_arrow` with codes as text."""

    carried: CarriedScreener
    reading: Reading
    n_threads: int = 1

    def __call__(self, nested: pa.Table) -> pa.Table:
        """Results of the people of a batch, in their order."""
        dossiers, index = self.reading.read(nested)
        return self.carried.screen(dossiers, index, self.n_threads)

    def schema(self) -> pa.Schema:
        """Columns of what it gives."""
        return self.carried.schema()


@dataclass(frozen=True)
class Features:
    """Computes features; gives person_id, as_of and numbers for each, null where unknown."""

    carried: CarriedFeatures
    names: tuple[str, ...]
    reading: Reading
    n_threads: int = 1

    def __call__(self, nested: pa.Table) -> pa.Table:
        """Values of the people of a batch, in their order."""
        from risicoscreener.features import compute_features

        dossiers, index = self.reading.read(nested)
        made = compute_features(
            dossiers,
            index,
            self.names,
            definitions=self.carried.catalogue(),
            n_threads=self.n_threads,
        )
        columns = [pa.array(made.values[:, i], from_pandas=True) for i in range(len(made.names))]
        days = pa.array(made.days, pa.int32()).cast(pa.date32())
        return pa.table([made.person_ids, days, *columns], schema=self.schema())

    def schema(self) -> pa.Schema:
        """Columns of what it gives."""
        fields = [pa.field("person_id", pa.string()), pa.field(AS_OF, pa.date32())]
        return pa.schema([*fields, *(pa.field(name, pa.float64()) for name in self.names)])


@dataclass(frozen=True)
class Problems:
    """Lists what is wrong: table, row (within the batch), field, value, expected, person_id."""

    recorded_by: dt.date

    def __call__(self, nested: pa.Table) -> pa.Table:
        """What is wrong with the people of a batch."""
        plain = nested.drop_columns([AS_OF]) if AS_OF in nested.column_names else nested
        found = DossierTables.from_nested(
            plain, on_error="quarantine", recorded_by=self.recorded_by
        ).problems
        rows = [(p.table, p.row, p.field, shown(p.value), p.expected, p.person_id) for p in found]
        columns: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) or [()] * len(PROBLEMS)
        arrays = [
            pa.array(column, field.type)
            for column, field in zip(columns, self.schema(), strict=True)
        ]
        return pa.table(arrays, schema=self.schema())

    def schema(self) -> pa.Schema:
        """Columns of what it gives."""
        kinds = {"row": pa.int64()}
        return pa.schema([pa.field(name, kinds.get(name, pa.string())) for name in PROBLEMS])


def _index(found: DossierTables, ids: pa.Array, days: pa.ChunkedArray | None) -> Index:
    """An index from the days of each row; those of a person who was set apart are left out."""
    if days is None:
        raise DossierError(f"no day is given, and the dossiers have no column {AS_OF}")
    given = as_one(days)
    counts = np.ones(len(given), dtype=np.int64)
    if pa.types.is_list(given.type) or pa.types.is_large_list(given.type):
        counts = pc.fill_null(pc.list_value_length(given), 0).to_numpy(zero_copy_only=False)
        given = given.flatten()
    row = np.repeat(np.arange(len(ids)), counts)
    if not pa.types.is_date32(given.type):
        raise DossierError(
            f"the column {AS_OF} holds {given.type}; expected days, or lists of them"
        )
    if given.null_count:
        first = int(np.flatnonzero(given.is_null().to_numpy(zero_copy_only=False))[0])
        raise DossierError(f"{AS_OF} of person {ids[int(row[first])]} is missing; expected a day")
    place = pc.index_in(ids.cast(pa.string()), found.person_ids)
    position = pc.fill_null(place, -1).to_numpy(zero_copy_only=False)[row]
    kept = position >= 0
    return Index(
        position[kept].astype(np.int32), given.cast(pa.int32()).to_numpy()[kept].astype(np.int32)
    )
