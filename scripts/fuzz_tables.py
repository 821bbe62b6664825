"""Damages tables and records of decisions: the types and values of columns, and cells of SQLite."""

from __future__ import annotations

import io
import random
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fuzz_mutators import HOSTILE, of_bytes

_TYPES = (
    *(pa.string(), pa.large_string(), pa.int8(), pa.int64(), pa.uint64(), pa.float16()),
    *(pa.float64(), pa.bool_(), pa.date32(), pa.date64(), pa.timestamp("ns"), pa.null()),
    *(pa.timestamp("us", "Europe/Amsterdam"), pa.decimal128(20, 3), pa.binary(), pa.duration("s")),
    *(pa.time64("us"), pa.dictionary(pa.int8(), pa.string()), pa.list_(pa.string())),
)


def of_parquet(rng: random.Random, data: bytes) -> bytes:
    """A Parquet file with columns of other types or values; at times its bytes."""
    if rng.random() < 0.3:
        return of_bytes(rng, data)
    out = io.BytesIO()
    try:
        table = damaged(rng, pq.read_table(io.BytesIO(data)))
        pq.write_table(table, out, row_group_size=rng.choice((1, 7, 1000)))
    except (pa.ArrowException, ValueError, OverflowError, TypeError, KeyError, OSError):
        return of_bytes(rng, data)
    return out.getvalue() if rng.random() < 0.9 else of_bytes(rng, out.getvalue())


def of_arrow(rng: random.Random, data: bytes) -> bytes:
    """A table as a stream of Arrow with columns of other types or values."""
    table = pa.ipc.open_stream(data).read_all()
    try:
        return as_stream(damaged(rng, table))
    except (pa.ArrowException, ValueError, OverflowError, TypeError, KeyError):
        return as_stream(table.slice(rng.randrange(table.num_rows + 1)))


def as_stream(table: pa.Table) -> bytes:
    """A table as a stream of Arrow."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def damaged(rng: random.Random, table: pa.Table) -> pa.Table:
    """A table with some columns of another type, name or content, lost, doubled or cut up."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        table = _damaged_once(rng, table)
    return table


def _damaged_once(rng: random.Random, table: pa.Table) -> pa.Table:
    if not table.num_columns:
        return table
    at = rng.randrange(table.num_columns)
    name, column = table.column_names[at], table.column(at)
    match rng.randrange(9):
        case 0:
            return table.remove_column(at)
        case 1:
            return table.append_column(rng.choice((name, "x", "")), column)
        case 2:
            return table.set_column(at, rng.choice(("x", "", name.upper(), name + " ")), column)
        case 3:
            return pa.concat_tables([table] * rng.choice((2, 5)))
        case 4:
            return table.slice(rng.randrange(table.num_rows + 1), rng.randrange(5))
        case 5:
            return table.set_column(at, name, _as_type(rng, column))
        case _:
            return table.set_column(at, name, _with_values(rng, column))


def _as_type(rng: random.Random, column: pa.ChunkedArray) -> Any:
    kind = rng.choice(_TYPES)
    if pa.types.is_null(kind):
        return pa.nulls(len(column))
    if pa.types.is_list(kind):
        return pa.array([[str(v)] for v in column.to_pylist()], kind)
    try:
        return column.cast(kind, safe=False)
    except (pa.ArrowException, NotImplementedError):
        return pa.nulls(len(column), kind)


def _with_values(rng: random.Random, column: pa.ChunkedArray) -> Any:
    values = column.to_pylist()
    if not values:
        return column
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    alike = [v for v in HOSTILE if isinstance(v, (str, int, float)) and not isinstance(v, bool)]
    for _ in range(rng.choice((1, 2, len(values)))):
        value = rng.choice([None, *alike])
        at = rng.randrange(len(values))
        try:
            pa.array([value], kind)
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            value = values[rng.randrange(len(values))]
        values[at] = value
    return pa.array(values, kind)


def of_sqlite(rng: random.Random, data: bytes) -> bytes:
    """A record in SQLite with cells or tables changed as by whoever owns the file."""
    if rng.random() < 0.4:
        return of_bytes(rng, data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.db"
        path.write_bytes(data)
        connection = sqlite3.connect(path)
        try:
            for _ in range(rng.choice((1, 1, 2, 4))):
                _tampered(rng, connection)
            connection.commit()
        except (sqlite3.Error, OverflowError, UnicodeError):
            connection.rollback()
        finally:
            connection.close()
        return path.read_bytes()


def _tampered(rng: random.Random, connection: sqlite3.Connection) -> None:
    run = connection.execute
    for (trigger,) in run("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        run(f"DROP TRIGGER {trigger}")
    run("PRAGMA ignore_check_constraints = ON")
    tables = [t for (t,) in run("SELECT name FROM sqlite_master WHERE type = 'table'")]
    table = rng.choice([t for t in tables if not t.startswith("sqlite_")])
    columns = [row[1] for row in run(f"PRAGMA table_info({table})")]
    column = rng.choice(columns)
    rows = run(f"SELECT rowid, {column} FROM {table}").fetchall()
    match rng.randrange(7):
        case 0:
            run(f"ALTER TABLE {table} RENAME COLUMN {column} TO x")
        case 1 if rng.random() < 0.2:
            run(f"DROP TABLE {table}")
        case 2 if rows:
            run(f"DELETE FROM {table} WHERE rowid = ?", (rng.choice(rows)[0],))
        case _ if rows:
            number, old = rng.choice(rows)
            if isinstance(old, (bytes, str)) and rng.random() < 0.6:
                raw = old.encode() if isinstance(old, str) else old
                new: Any = of_bytes(rng, raw)
                new = new.decode("utf-8", "replace") if isinstance(old, str) else new
            else:
                new = rng.choice([v for v in HOSTILE if isinstance(v, (str, int, float))])
            run(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, number))
