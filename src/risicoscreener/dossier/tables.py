"""Dossiers as tables: one Arrow table for each part, canonical in type and order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier import validation as check
from risicoscreener.dossier.casting import Unfit, arrow_type, cast_column, cast_objects
from risicoscreener.dossier.problems import Problem
from risicoscreener.dossier.record import Dossier, Person
from risicoscreener.dossier.schema import Column, TableSpec, id_column, persons, tables
from risicoscreener.errors import DossierError

if TYPE_CHECKING:
    import pandas as pd

OnError = Literal["raise", "quarantine"]
PERSON_ID = pa.dictionary(pa.int32(), pa.string())


def arrow_schema(spec: TableSpec) -> pa.Schema:
    """Arrow schema of a canonical table."""
    id_type = pa.string() if spec.starts is None else PERSON_ID
    fields = [pa.field("person_id", id_type, nullable=False)]
    fields += [
        pa.field(c.name, arrow_type(c), nullable=not c.required) for c in spec.columns.values()
    ]
    return pa.schema(fields)


@dataclass(frozen=True)
class DossierTables:
    """The dossiers of many people, as tables.

    Made by `from_arrow`, `from_pandas`, `read` or `from_dossiers`, which validate: types and
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

    @property
    def n_persons(self) -> int:
        """Number of people."""
        return int(self.tables["persons"].num_rows)

    @property
    def person_ids(self) -> pa.Array:
        """The ids, in the order of the persons table."""
        column = self.tables["persons"].column("person_id").combine_chunks()
        return column

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
        return build(raw, partial(cast_column, from_text=from_text), on_error, recorded_by)

    @classmethod
    def from_pandas(
        cls,
        frames: Mapping[str, pd.DataFrame],
        *,
        on_error: OnError = "raise",
        recorded_by: dt.date | None = None,
    ) -> DossierTables:
        """Tables from pandas frames, table name to frame; otherwise as `from_arrow`."""
        raw = {name: _arrow_of_frame(frame) for name, frame in frames.items()}
        return build(raw, cast_any, on_error, recorded_by)

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
        raw = {"persons": columns_of_objects(persons(), [(d.person_id, d.person) for d in listed])}
        for name, spec in tables().items():
            rows = [(d.person_id, row) for d in listed for row in getattr(d, name)]
            raw[name] = columns_of_objects(spec, rows)
        return build(raw, cast_any, on_error, recorded_by)

    def to_dossiers(self) -> Iterator[Dossier]:
        """Records, one for each person, in the order of the persons table."""
        people = self.tables["persons"].to_pylist()
        rows = {name: self.tables[name].drop_columns(["person_id"]).to_pylist() for name in tables()}
        bounds = {
            name: np.searchsorted(self.owners(name), np.arange(len(people) + 1)) for name in tables()
        }
        for i, person in enumerate(people):
            parts = {
                name: [
                    spec.row(**{k: v for k, v in row.items() if v is not None})
                    for row in rows[name][bounds[name][i] : bounds[name][i + 1]]
                ]
                for name, spec in tables().items()
            }
            person_id = person.pop("person_id")
            yield Dossier(person_id=person_id, person=Person(**person), **parts)

    def to_pandas(self, name: str) -> pd.DataFrame:
        """One table as a pandas frame: codes as categories, days as ``datetime64[ns]``."""
        return self.tables[name].to_pandas(date_as_object=False)

    def select(self, positions: np.ndarray) -> DossierTables:
        """The people at some positions (strictly increasing), with their facts."""
        chosen = np.asarray(positions, dtype=np.int64)
        place = np.full(self.n_persons, -1, dtype=np.int64)
        place[chosen] = np.arange(len(chosen))
        ids = self.person_ids.take(pa.array(chosen))
        parts = {"persons": self.tables["persons"].take(pa.array(chosen))}
        for name in tables():
            owner = place[self.owners(name)]
            kept = self.tables[name].filter(pa.array(owner >= 0))
            parts[name] = _with_owner(kept, owner[owner >= 0], ids)
        return DossierTables(parts, (), self.quarantined_rows[chosen])

    def owners(self, name: str) -> np.ndarray:
        """For each row of a table the position of its person, ascending, dtype int32."""
        column = self.tables[name].column("person_id").combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0) if column.num_chunks else pa.array([], PERSON_ID)
        return column.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)

    def write(self, folder: str | Path, format: Literal["parquet", "csv"] = "parquet") -> None:
        """Write each table to a file of its own, after which `read` gives them back."""
        import pyarrow.csv
        import pyarrow.parquet

        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for name, table in self.tables.items():
            path = target / f"{name}.{format}"
            partial_path = path.with_suffix(".partial")
            if format == "parquet":
                pyarrow.parquet.write_table(table, partial_path)
            else:
                pyarrow.csv.write_csv(_as_text(table), partial_path)
            partial_path.replace(path)

    @classmethod
    def read(
        cls,
        folder: str | Path,
        *,
        on_error: OnError = "raise",
        recorded_by: dt.date | None = None,
    ) -> DossierTables:
        """Tables from a folder of Parquet or CSV files named after the tables.

        Raises
        ------
        DossierError
            If the folder or ``persons`` is absent, a file cannot be read, or (with ``raise``)
            on any problem in the rows.
        """
        raw, from_text = _read_folder(Path(folder))
        return cls.from_arrow(
            raw, on_error=on_error, recorded_by=recorded_by, from_text=from_text
        )


def _read_folder(folder: Path) -> tuple[dict[str, pa.Table], bool]:
    if not folder.is_dir():
        raise DossierError(f"{folder} is not a folder; expected one with persons.parquet or .csv")
    for suffix in ("parquet", "csv"):
        paths = sorted(folder.glob(f"*.{suffix}"))
        if any(path.stem == "persons" for path in paths):
            return {path.stem: _read_file(path) for path in paths}, suffix == "csv"
    raise DossierError(f"{folder} has no persons.parquet and no persons.csv")


def _read_file(path: Path) -> pa.Table:
    import pyarrow.csv
    import pyarrow.parquet

    try:
        if path.suffix == ".parquet":
            return pyarrow.parquet.read_table(path, read_dictionary=["person_id"])
        return pyarrow.csv.read_csv(
            path,
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=_text_types(path),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowTypeError, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise DossierError(f"{path.name} cannot be read as {path.suffix[1:]}: {reason}") from None


def _text_types(path: Path) -> dict[str, pa.DataType]:
    """Read every CSV column as text: its kind is decided by the schema, not guessed."""
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        header = lines.readline().rstrip("\r\n")
    return {name.strip('"'): pa.string() for name in header.split(",")}


def _as_text(table: pa.Table) -> pa.Table:
    columns = [
        c.cast(pa.string()) if pa.types.is_dictionary(c.type) else c for c in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def columns_of_objects(spec: TableSpec, rows: Sequence[tuple[str, Any]]) -> dict[str, list[Any]]:
    """Columns of Python values from pairs of a person's id and a row object."""
    columns: dict[str, list[Any]] = {"person_id": [person_id for person_id, _ in rows]}
    for name in spec.columns:
        columns[name] = [getattr(row, name) for _, row in rows]
    return columns


def _arrow_of_frame(frame: pd.DataFrame) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name in frame.columns:
        series = frame[name]
        try:
            columns[str(name)] = pa.array(series, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            columns[str(name)] = [None if _is_na(v) else v for v in series.tolist()]
    return columns


def _is_na(value: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def cast_any(column: Column, values: Any) -> tuple[pa.Array, list[Unfit]]:
    if isinstance(values, list):
        return cast_objects(column, values)
    return cast_column(column, values)


def _names(raw: Any) -> list[str]:
    return list(raw.column_names) if isinstance(raw, pa.Table) else list(raw)


def _length(raw: Any) -> int:
    if isinstance(raw, pa.Table):
        return int(raw.num_rows)
    return max((len(values) for values in raw.values()), default=0)


def build(
    raw: Mapping[str, Any], cast: check.Caster, on_error: OnError, recorded_by: dt.date | None
) -> DossierTables:
    shape = check.unknown_names(raw)
    if "persons" not in raw:
        shape.append(Problem("persons", -1, "", "absent", "a table with one row for each person"))
    for name, spec in {"persons": persons(), **tables()}.items():
        if name in raw:
            shape += check.unknown_columns(spec, _names(raw[name]))
            if "person_id" not in _names(raw[name]) and _length(raw[name]):
                shape.append(Problem(name, -1, "person_id", "absent", "a column person_id"))
    if shape:
        raise DossierError("the tables are not those of a dossier", tuple(shape))
    people = _persons(raw["persons"], cast)
    ids = people.person_ids
    assert ids is not None
    birth = people.days("birth_date")
    checked = {}
    for name, spec in tables().items():
        checked[name] = _facts(spec, raw.get(name, {}), ids, cast)
        check.check_facts(checked[name], birth, recorded_by)
    found = [*people.problems, *(p for table in checked.values() for p in table.problems)]
    if found and on_error == "raise":
        raise DossierError(f"{len(found)} problem(s) in the dossier tables", tuple(found))
    return _assemble(people, checked, tuple(found))


def _persons(raw: Any, cast: check.Caster) -> check.CheckedTable:
    n = _length(raw)
    ids, unfit_ids = cast(id_column(), raw["person_id"]) if n else (pa.array([], pa.string()), [])
    columns, bad, unfit = check.check_columns(persons(), raw, n, cast)
    nulls = np.flatnonzero(ids.is_null().to_numpy(zero_copy_only=False)).tolist()
    listed = {u.row for u in unfit_ids}
    unfit_ids += [Unfit(row, None, "a value") for row in nulls if row not in listed]
    bad[[u.row for u in unfit_ids]] = True
    table = check.check_persons(columns, bad, ids)
    unfit = [*(("person_id", u) for u in unfit_ids), *unfit]
    table.problems = [table.problem(u.row, f, u.value, u.expected) for f, u in unfit] + [
        p for p in table.problems if p.row not in {u.row for u in unfit_ids}
    ]
    return table


def _facts(spec: TableSpec, raw: Any, ids: pa.Array, cast: check.Caster) -> check.CheckedTable:
    n = _length(raw)
    given = raw["person_id"] if n else pa.array([], PERSON_ID)
    columns, bad, unfit = check.check_columns(spec, raw, n, cast)
    encoded = _encode_ids(given)
    table = check.CheckedTable(spec, columns, _owner_rows(encoded, ids), bad, person_ids=encoded)
    table.problems = [table.problem(u.row, f, u.value, u.expected) for f, u in unfit]
    return table


def _encode_ids(given: Any) -> pa.DictionaryArray:
    if isinstance(given, list):
        given = pa.array([v if isinstance(v, str) else None for v in given], pa.string())
    if isinstance(given, pa.ChunkedArray):
        given = given.unify_dictionaries().combine_chunks()
        if isinstance(given, pa.ChunkedArray):
            given = given.chunk(0) if given.num_chunks else pa.array([], PERSON_ID)
    if not pa.types.is_dictionary(given.type):
        if not pa.types.is_string(given.type) and not pa.types.is_large_string(given.type):
            given = given.cast(pa.string())
        given = given.dictionary_encode()
    return given


def _owner_rows(encoded: pa.DictionaryArray, ids: pa.Array) -> np.ndarray:
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    if encoded.dictionary.equals(ids):
        return indices
    place = pc.index_in(encoded.dictionary.cast(pa.string()), ids).fill_null(-1)
    lookup = np.append(place.to_numpy(zero_copy_only=False).astype(np.int32), np.int32(-1))
    return lookup[indices]


def _assemble(
    people: check.CheckedTable,
    checked: dict[str, check.CheckedTable],
    problems: tuple[Problem, ...],
) -> DossierTables:
    kept = np.flatnonzero(~people.bad)
    place = np.full(len(people.bad) + 1, -1, dtype=np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    assert people.person_ids is not None
    ids = people.person_ids.take(pa.array(kept)) if people.bad.any() else people.person_ids
    quarantined = np.zeros(len(kept), dtype=np.int32)
    rows = _persons_table(people, kept, ids)
    _count_duplicates(people, ids, quarantined)
    parts = {"persons": rows}
    for name, table in checked.items():
        owner = place[table.owner]
        lost = owner[table.bad & (owner >= 0)]
        quarantined += np.bincount(lost, minlength=len(kept)).astype(np.int32)
        parts[name] = _canonical(table, owner, ids)
    return DossierTables(parts, problems, quarantined)


def _persons_table(people: check.CheckedTable, kept: np.ndarray, ids: pa.Array) -> pa.Table:
    whole = pa.table({"person_id": people.person_ids, **people.columns})
    chosen = whole.take(pa.array(kept)) if len(kept) < whole.num_rows else whole
    return chosen.set_column(0, "person_id", ids).cast(arrow_schema(people.spec))


def _count_duplicates(people: check.CheckedTable, ids: pa.Array, quarantined: np.ndarray) -> None:
    """A person whose row was given twice is doubtful, though the first row is kept."""
    if not people.bad.any():
        return
    assert people.person_ids is not None
    removed = people.person_ids.filter(pa.array(people.bad))
    again = pc.index_in(removed, ids).drop_null().to_numpy(zero_copy_only=False)
    np.add.at(quarantined, again, 1)


def _canonical(table: check.CheckedTable, owner: np.ndarray, ids: pa.Array) -> pa.Table:
    keep = ~table.bad & (owner >= 0)
    whole = pa.table(table.columns)
    if not keep.all():
        whole, owner = whole.filter(pa.array(keep)), owner[keep]
    if len(owner) > 1 and (np.diff(owner) < 0).any():
        order = np.argsort(owner, kind="stable")
        whole, owner = whole.take(pa.array(order)), owner[order]
    whole = whole.add_column(0, "person_id", _id_column(owner, ids))
    return whole.cast(arrow_schema(table.spec))


def _id_column(owner: np.ndarray, ids: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(owner.astype(np.int32, copy=False)), ids)


def _with_owner(table: pa.Table, owner: np.ndarray, ids: pa.Array) -> pa.Table:
    return table.set_column(0, "person_id", _id_column(owner, ids))


def concatenate(parts: Iterable[DossierTables]) -> DossierTables:
    """Several sets of dossiers as one; no person may occur in two of them.

    Raises
    ------
    DossierError
        If a person occurs in more than one part.
    """
    listed = list(parts)
    raw = {
        name: pa.concat_tables([part.tables[name] for part in listed])
        for name in ("persons", *tables())
    }
    return DossierTables.from_arrow(raw)
