"""Dossiers in nested form: one row for each person, in which each table is a list of rows.

What Spark, Dask and one Parquet file can split anywhere without parting a person from a fact:
columns ``person_id``, those of the person, and for each table of facts ``list<struct<...>>``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.assembling import Frame
from risicoscreener.dossier.casting import arrow_type, as_one
from risicoscreener.dossier.problems import Problem
from risicoscreener.dossier.schema import TableSpec, persons, tables
from risicoscreener.errors import DossierError

if TYPE_CHECKING:
    from risicoscreener.dossier.tables import DossierTables

SET_APART = "quarantined_rows"
"""Column with how many rows of each person were set apart before; optional when read."""


def nested_schema() -> pa.Schema:
    """Arrow schema of the nested form with codes as text, as Spark and Parquet have them."""
    fields = [pa.field("person_id", pa.string(), nullable=False), *_plain_fields(persons())]
    fields += [
        pa.field(name, pa.list_(pa.struct(_plain_fields(spec)))) for name, spec in tables().items()
    ]
    return pa.schema([*fields, pa.field(SET_APART, pa.int32())])


def to_nested(dossiers: DossierTables, *, as_text: bool) -> pa.Table:
    """The nested form of tables; see `DossierTables.to_nested`."""
    people = dossiers.tables["persons"]
    columns = {name: as_one(people.column(name)) for name in people.column_names}
    ends = np.arange(dossiers.n_persons + 1)
    for name in tables():
        offsets = np.searchsorted(dossiers.owners(name), ends).astype(np.int32)
        facts = as_one(dossiers.tables[name].drop_columns(["person_id"]).to_struct_array())
        columns[name] = pa.ListArray.from_arrays(pa.array(offsets), facts)
    columns[SET_APART] = pa.array(dossiers.quarantined_rows, pa.int32())
    whole = pa.table(columns)
    return whole.cast(nested_schema()) if as_text else whole


def from_nested(nested: pa.Table) -> tuple[dict[str, Frame], pa.Table]:
    """Each table as it was given, and for each person how many rows were set apart before.

    Raises
    ------
    DossierError
        If it is no table, has other columns, or a table of facts is no list of rows.
    """
    if not isinstance(nested, (pa.Table, pa.RecordBatch)):
        raise DossierError(f"expected a pyarrow Table of nested dossiers, not {_kind(nested)}")
    if isinstance(nested, pa.RecordBatch):
        nested = pa.Table.from_batches([nested])
    _check_columns(nested)
    of_person = ["person_id", *(name for name in persons().columns if name in nested.column_names)]
    columns: list[Any] = [nested.column(name) for name in of_person]
    frames = {"persons": Frame(of_person, columns, nested.num_rows)}
    ids = as_one(columns[0])
    if pa.types.is_dictionary(ids.type):
        ids = ids.dictionary_decode()
    for name in tables():
        if name in nested.column_names:
            frames[name] = _facts(nested.column(name), ids)
    return frames, pa.table({"person_id": ids, "rows": _set_apart(nested)})


def _plain_fields(spec: TableSpec) -> list[pa.Field]:
    found = []
    for column in spec.columns.values():
        kind = pa.string() if column.kind == "code" else arrow_type(column)
        found.append(pa.field(column.name, kind, nullable=not column.required))
    return found


def _check_columns(nested: pa.Table) -> None:
    given = nested.column_names
    known = ("person_id", *persons().columns, *tables(), SET_APART)
    found = [
        Problem("nested", -1, name, name, f"one of the columns {', '.join(known)}")
        for name in dict.fromkeys(given)
        if name not in known
    ]
    twice = [name for name in dict.fromkeys(given) if given.count(name) > 1]
    found += [Problem("nested", -1, name, name, "each column once") for name in twice]
    if "person_id" not in given:
        found.append(Problem("nested", -1, "person_id", "absent", "a column person_id"))
    for name in tables():
        if name in given and not twice and not _holds_rows(nested.column(name).type):
            kind = str(nested.column(name).type)
            found.append(Problem("nested", -1, name, kind, "a list of rows, as list<struct<...>>"))
    if found:
        raise DossierError("the table is not one of nested dossiers", tuple(found))


def _set_apart(nested: pa.Table) -> pa.ChunkedArray | pa.Array:
    """Rows set apart before, for each person; none where that is not said."""
    if SET_APART not in nested.column_names or pa.types.is_null(nested.column(SET_APART).type):
        return pa.array(np.zeros(nested.num_rows, np.int32))
    counts = nested.column(SET_APART)
    whole = pa.types.is_integer(counts.type)
    if not whole or pc.any(pc.less(counts, 0)).as_py():
        shown = pc.min(counts).as_py() if whole else str(counts.type)
        problem = Problem("nested", -1, SET_APART, shown, "a count of rows for each person")
        raise DossierError("the table is not one of nested dossiers", (problem,))
    return pc.fill_null(counts, 0)


def _holds_rows(kind: pa.DataType) -> bool:
    if pa.types.is_null(kind):
        return True
    is_list = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    holds = any(of_kind(kind) for of_kind in is_list)
    return holds and (pa.types.is_struct(kind.value_type) or pa.types.is_null(kind.value_type))


def _facts(column: pa.ChunkedArray, ids: pa.Array) -> Frame:
    """The rows of all lists under each other, with whose they are; nothing is copied of them."""
    kind = column.type
    if pa.types.is_null(kind):
        return Frame(["person_id"], [ids.slice(0, 0)], 0)
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    owner = np.repeat(np.arange(len(column), dtype=np.int32), lengths)
    person = pa.DictionaryArray.from_arrays(pa.array(owner), ids)
    if pa.types.is_null(kind.value_type):  # rows without a field, if there are any
        return Frame(["person_id"], [person], len(owner))
    rows = pa.chunked_array([chunk.flatten() for chunk in column.chunks], kind.value_type)
    names = ["person_id", *(field.name for field in kind.value_type)]
    return Frame(names, [person, *rows.flatten()], len(rows))


def _kind(value: object) -> str:
    return type(value).__name__
