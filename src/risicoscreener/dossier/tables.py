"""Dossiers as tables: one Arrow table for each part, canonical in type and order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.assembling import (
    Assembled,
    Frame,
    OnError,
    assemble,
    id_of_owner,
)
from risicoscreener.dossier.casting import Form, as_one
from risicoscreener.dossier.files import Format, parts_of, read_folder, write_folder
from risicoscreener.dossier.frames import frame_of, frame_of_arrow, frame_of_pandas
from risicoscreener.dossier.nested import from_nested, to_nested
from risicoscreener.dossier.problems import Problem
from risicoscreener.dossier.record import Dossier, Person
from risicoscreener.dossier.schema import TableSpec, persons, tables
from risicoscreener.dossier.validation import NO_PERSON
from risicoscreener.errors import DossierError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd


@dataclass(frozen=True)
class DossierTables:
    """The dossiers of many people, as tables.

    Made by `from_frames`, `from_arrow`, `read` or `from_dossiers`, which validate: types and
    codes are canonical, each fact belongs to a person, facts stand in the order of the persons
    (within a person in the order in which they were given).

    Attributes
    ----------
    tables
        Every table by name, ``persons`` included; a part that was not given is empty.
    problems
        What was found wrong, if bad rows were set apart.
    quarantined_rows
        For each person how many of their rows were set apart, shape (n persons,).
    """

    tables: dict[str, pa.Table]
    problems: tuple[Problem, ...] = ()
    quarantined_rows: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int32))

    def __post_init__(self) -> None:
        if len(self.quarantined_rows) != self.n_persons:
            object.__setattr__(self, "quarantined_rows", np.zeros(self.n_persons, dtype=np.int32))

    @classmethod
    def _of(cls, made: Assembled) -> DossierTables:
        return cls(made.tables, made.problems, made.quarantined_rows)

    @property
    def n_persons(self) -> int:
        """Number of people."""
        return int(self.tables["persons"].num_rows)

    @property
    def person_ids(self) -> pa.Array:
        """The ids, in the order of the persons table."""
        return as_one(self.tables["persons"].column("person_id"))

    @property
    def quarantine(self) -> pd.DataFrame:
        """The problems as a table: table, row, field, value, expected, person_id."""
        import pandas as pd

        names = ["table", "row", "field", "value", "expected", "person_id"]
        rows = [[getattr(p, n) for n in names] for p in self.problems]
        return pd.DataFrame(rows, columns=names)

    @classmethod
    def from_arrow(
        cls,
        raw: Mapping[str, pa.Table],
        *,
        on_error: OnError = "raise",
        recorded_by: dt.date | None = None,
        from_text: bool = False,
    ) -> DossierTables:
        """Tables from Arrow.

        Parameters
        ----------
        raw
            Table name to Arrow table, each with a `person_id` column; ``persons`` is required.
        on_error
            ``raise`` on any problem, or ``quarantine``: set bad rows apart and count them.
        recorded_by
            Last day on which a fact can have been recorded; no limit if ``None``.
        from_text
            Whether numbers and flags may be written as text, as in CSV.

        Raises
        ------
        DossierError
            With every problem, if ``on_error`` is ``raise``; always for unknown tables or
            columns and for a missing persons table.
        """
        given = {name: frame_of_arrow(name, table) for name, table in raw.items()}
        form = Form.TEXT if from_text else Form.FRAME
        return cls._of(assemble(given, form, on_error, recorded_by))

    @classmethod
    def from_pandas(
        cls,
        frames: Mapping[str, pd.DataFrame],
        *,
        on_error: OnError = "raise",
        recorded_by: dt.date | None = None,
    ) -> DossierTables:
        """Tables from pandas frames, table name to frame; otherwise as `from_arrow`."""
        raw = {name: frame_of_pandas(name, frame) for name, frame in frames.items()}
        return cls._of(assemble(raw, Form.FRAME, on_error, recorded_by))

    @classmethod
    def from_frames(
        cls,
        frames: Mapping[str, Any],
        *,
        on_error: OnError = "raise",
        recorded_by: dt.date | None = None,
    ) -> DossierTables:
        """Tables from frames of any library, also of several libraries.

        Of pandas, Polars (lazy ones too), PyArrow, relations of DuckDB, or anything with
        ``__arrow_c_stream__``; otherwise as `from_arrow`. A reader of batches can be read once.
        The frame ``quarantined`` may be among them, as `write` makes it.
        """
        raw = {name: frame_of(name, frame) for name, frame in frames.items()}
        before = raw.pop(_QUARANTINED, None)
        found = cls._of(assemble(raw, Form.FRAME, on_error, recorded_by))
        if before is not None:
            found.quarantined_rows[:] += _counts_of(before, found.person_ids)
        return found

    @classmethod
    def from_dossiers(
        cls,
        dossiers: Iterable[Dossier],
        *,
        on_error: OnError = "raise",
        recorded_by: dt.date | None = None,
    ) -> DossierTables:
        """Tables from records; `to_dossiers` gives them back."""
        listed = list(dossiers)
        raw = {"persons": _frame_of_objects(persons(), [(d.person_id, d.person) for d in listed])}
        for name, spec in tables().items():
            rows = [(d.person_id, row) for d in listed for row in getattr(d, name)]
            raw[name] = _frame_of_objects(spec, rows)
        return cls._of(assemble(raw, Form.RECORD, on_error, recorded_by))

    def to_dossiers(self) -> Iterator[Dossier]:
        """Records, one for each person, in the order of the persons table."""
        people = self.tables["persons"].to_pylist()
        ends = np.arange(len(people) + 1)
        rows, bounds = {}, {}
        for name in tables():
            rows[name] = self.tables[name].drop_columns(["person_id"]).to_pylist()
            bounds[name] = np.searchsorted(self.owners(name), ends)
        for i, person in enumerate(people):
            parts: dict[str, Any] = {
                name: [
                    spec.row(**{k: v for k, v in row.items() if v is not None})
                    for row in rows[name][bounds[name][i] : bounds[name][i + 1]]
                ]
                for name, spec in tables().items()
            }
            person_id = person.pop("person_id")
            yield Dossier(person_id=person_id, person=Person(**person), **parts)

    def to_nested(self, *, as_text: bool = False) -> pa.Table:
        """One row for each person, in which each table is a list of rows; `from_nested` reads it.

        Columns: person_id, birth_date, sex, a ``list<struct<...>>`` for each table of facts, and
        quarantined_rows. Facts are not copied.

        Parameters
        ----------
        as_text
            Codes as text instead of dictionaries, as Spark needs them.
        """
        return to_nested(self, as_text=as_text)

    @classmethod
    def from_nested(
        cls,
        nested: pa.Table,
        *,
        on_error: OnError = "raise",
        recorded_by: dt.date | None = None,
    ) -> DossierTables:
        """Tables from a nested form, validated; a list that is null has no rows.

        A table or an optional field may be absent. Rows in problems count through the lists of
        all persons.

        Raises
        ------
        DossierError
            As `from_arrow`, and if a table of facts is no list of rows.
        """
        raw, before = from_nested(nested)
        found = cls._of(assemble(raw, Form.FRAME, on_error, recorded_by))
        found.quarantined_rows[:] += _counts_of(before, found.person_ids)
        return found

    def to_pandas(self, name: str) -> pd.DataFrame:
        """One table as a pandas frame: codes as categories, days as ``datetime64[ns]``."""
        frame: pd.DataFrame = self.tables[name].to_pandas(date_as_object=False)
        return frame

    def select(self, positions: np.ndarray) -> DossierTables:
        """The people at some positions, with their facts.

        Parameters
        ----------
        positions
            Positions in the persons table, strictly increasing, or a mask of all persons.
        """
        chosen = _positions(positions, self.n_persons)
        place = np.full(self.n_persons, NO_PERSON, dtype=np.int32)
        place[chosen] = np.arange(len(chosen), dtype=np.int32)
        people = self.tables["persons"].take(pa.array(chosen)).combine_chunks()
        ids = as_one(people.column("person_id"))
        parts = {"persons": people}
        for name in tables():
            owner = place[self.owners(name)]
            keep = owner != NO_PERSON
            kept = self.tables[name].filter(pa.array(keep)).combine_chunks()
            parts[name] = kept.set_column(
                0, kept.schema.field("person_id"), id_of_owner(owner[keep], ids)
            )
        return DossierTables(parts, (), self.quarantined_rows[chosen])

    def owners(self, name: str) -> np.ndarray:
        """For each row of a table the position of its person, ascending, dtype int32."""
        column = as_one(self.tables[name].column("person_id"))
        positions: np.ndarray = column.indices.to_numpy(zero_copy_only=False)
        return positions.astype(np.int32, copy=False)

    def write(
        self, folder: str | Path, format: Format = "parquet", *, part: int | None = None
    ) -> None:
        """Write each table to a file of its own, after which `read` gives them back.

        If rows were set apart, a file ``quarantined`` says of whom and how many; what was wrong
        with them (`problems`) is not written.

        Parameters
        ----------
        part
            Number of this group of people, from 0, if several are written to one folder: each
            table is then a folder of parts, such as ``debts.parquet/part-00000.parquet``.

        Raises
        ------
        DossierError
            If the folder has dossiers in the other format, or whole where parts are written.
        """
        counted = pa.table({"person_id": self.person_ids, "rows": pa.array(self.quarantined_rows)})
        counted = counted.filter(pc.greater(counted.column("rows"), 0))
        write_folder(Path(folder), {**self.tables, _QUARANTINED: counted}, format, part)

    @classmethod
    def read(
        cls,
        folder: str | Path,
        *,
        on_error: OnError = "raise",
        recorded_by: dt.date | None = None,
        part: str | None = None,
    ) -> DossierTables:
        """Tables from a folder of Parquet or CSV files named after the tables.

        A table may also be a folder of files with its parts, which are read in the order of
        their names.

        Parameters
        ----------
        part
            Name of the files of one part, such as ``part-00000.parquet``; all if ``None``.

        Raises
        ------
        DossierError
            If the folder or ``persons`` is absent, a file cannot be read, the parts of a table
            have different columns, or (with ``raise``) on any problem in the rows.
        """
        return cls._read(Path(folder), part, on_error, recorded_by)

    @classmethod
    def read_parts(
        cls,
        folder: str | Path,
        *,
        on_error: OnError = "raise",
        recorded_by: dt.date | None = None,
    ) -> Iterator[DossierTables]:
        """The parts of a folder in turn, each as `read` would give it; one if there are no parts.

        Each part has people of its own with all their facts, as `write` makes them, so that a
        folder of any size is gone through in the memory of one part.

        Raises
        ------
        DossierError
            As `read`, and if tables do not have parts of the same names.
        """
        folder = Path(folder)
        parts: list[str] | list[None] = parts_of(folder) or [None]
        for part in parts:
            yield cls._read(folder, part, on_error, recorded_by)

    @classmethod
    def _read(
        cls, folder: Path, part: str | None, on_error: OnError, recorded_by: dt.date | None
    ) -> DossierTables:
        raw, found_as = read_folder(folder, part)
        before = raw.pop(_QUARANTINED, None)
        found = cls.from_arrow(
            raw, on_error=on_error, recorded_by=recorded_by, from_text=found_as == "csv"
        )
        if before is not None:
            found.quarantined_rows[:] += _counts_of(before, found.person_ids)
        return found


_QUARANTINED = "quarantined"


def _counts_of(given: pa.Table | Frame, ids: pa.Array) -> np.ndarray:
    """Rows set apart before for each person, from the table that `write` made."""
    counts = np.zeros(len(ids), dtype=np.int32)
    try:
        table = pa.table(given.by_name()) if isinstance(given, Frame) else given
        place = pc.index_in(table.column("person_id").cast(pa.string()), ids)
        rows = table.column("rows").cast(pa.int32())
        if rows.null_count or pc.any(pc.less(rows, 0)).as_py():
            raise ValueError("expected a count in each row")
        known = place.is_valid()
        np.add.at(counts, place.filter(known).to_numpy(), rows.filter(known).to_numpy())
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        what = f"the table {_QUARANTINED} is not one that `write` made: {reason}"
        raise DossierError(what) from None
    return counts


def _positions(given: np.ndarray, n: int) -> np.ndarray:
    positions = np.asarray(given)
    if positions.dtype == bool and len(positions) == n:
        return np.flatnonzero(positions)
    positions = positions.astype(np.int64) if not positions.size else positions
    if not np.issubdtype(positions.dtype, np.integer) or positions.ndim != 1:
        raise ValueError("expected positions as whole numbers, or a mask with each person")
    outside = positions.size and (positions[0] < 0 or positions[-1] >= n)
    if outside or (np.diff(positions) <= 0).any():
        raise ValueError(f"expected strictly increasing positions from 0 to {n - 1}")
    return positions.astype(np.int64)


def _frame_of_objects(spec: TableSpec, rows: Sequence[tuple[str, Any]]) -> Frame:
    """Columns of Python values from pairs of a person's id and a row object."""
    columns = [[person_id for person_id, _ in rows]]
    columns += [[getattr(row, name) for _, row in rows] for name in spec.columns]
    return Frame(["person_id", *spec.columns], columns, len(rows))


def concatenate(parts: Iterable[DossierTables]) -> DossierTables:
    """Several sets of dossiers as one; no person may occur in two of them.

    Rows are not validated again. Problems are joined (their ``row`` counts in the part in which
    they were found), and so are the counts of rows set apart.

    Raises
    ------
    DossierError
        If a person occurs in more than one part, or if there is no part.
    """
    listed = list(parts)
    if not listed:
        raise DossierError("there is nothing to concatenate; expected at least one set of tables")
    people = pa.concat_tables([part.tables["persons"] for part in listed]).combine_chunks()
    ids = as_one(people.column("person_id"))
    check_disjoint(ids)
    offsets = np.cumsum([0, *(part.n_persons for part in listed)])
    joined = {"persons": people}
    for name in tables():
        owner = [part.owners(name) + offset for part, offset in zip(listed, offsets, strict=False)]
        facts = [part.tables[name].drop_columns(["person_id"]) for part in listed]
        whole = pa.concat_tables(facts).combine_chunks()
        column = id_of_owner(np.concatenate(owner), ids)
        joined[name] = whole.add_column(0, listed[0].tables[name].schema.field(0), column)
    problems = tuple(problem for part in listed for problem in part.problems)
    quarantined = np.concatenate([part.quarantined_rows for part in listed])
    return DossierTables(joined, problems, quarantined)


def check_disjoint(ids: pa.Array) -> None:
    """No id of a person occurs twice among those of several sets of dossiers.

    Raises
    ------
    DossierError
        That names each person who is in more than one.
    """
    counts = ids.value_counts()
    twice = counts.filter(pc.greater(counts.field("counts"), 1)).field("values").to_pylist()
    found = [Problem("persons", -1, "person_id", i, "each person in one part", i) for i in twice]
    if found:
        raise DossierError("the same person is in more than one set of dossiers", tuple(found))
