"""How long each way in takes against PyArrow, and what it copies; the same dossiers first.

    python benchmarks/bench_formats.py --people 100000

Each library has the tables in the kinds that it usually has them in: codes and ids as categories
or enumerations where the library has such, otherwise as text. Timed is `DossierTables.from_frames`,
validation included, in processor time of this process, in pairs with PyArrow.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from _national import national_tables
from _timing import ratio
from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.files import codes_as_text

TABLES = ("persons", "convictions", "debts", "housing", "conduct")


def ways(made: Mapping[str, pa.Table], connection: Any) -> dict[str, Mapping[str, Any]]:
    """Frames of each library by its name, PyArrow first."""
    text = {name: codes_as_text(table) for name, table in made.items()}
    for name, table in text.items():
        connection.register("given", table)
        connection.execute(f"CREATE TABLE {name} AS FROM given")
    stored = {name: connection.table(name) for name in made}
    return {
        "PyArrow": made,
        "PyArrow, text": text,
        "Polars": {name: pl.DataFrame(table) for name, table in made.items()},
        "Polars, text": {name: pl.DataFrame(table) for name, table in text.items()},
        "DuckDB, stored as text": stored,
        "DuckDB, over PyArrow": {
            name: connection.from_arrow(table) for name, table in made.items()
        },
        "pandas": {name: t.to_pandas(date_as_object=False) for name, t in made.items()},
        "pandas of Arrow": {
            name: t.to_pandas(types_mapper=_arrow_kind) for name, t in made.items()
        },
        "pandas, text as objects": {
            name: t.to_pandas(date_as_object=False) for name, t in text.items()
        },
    }


def _arrow_kind(kind: pa.DataType) -> Any:
    import pandas as pd

    return pd.ArrowDtype(kind)


def is_shared(made: DossierTables, given: Mapping[str, Any]) -> bool:
    """Whether the numbers and days of a table are where the frame has them."""

    def places(table: pa.Table, name: str) -> list[int]:
        return [chunk.buffers()[1].address for chunk in table.column(name).chunks]

    frame = given["conduct"]
    table = frame if isinstance(frame, pa.Table) else pa.table(frame)
    return places(table, "occurred_on") == places(made.tables["conduct"], "occurred_on")


def reading(frames: Mapping[str, Any]) -> Callable[[], DossierTables]:
    """The work that is timed."""
    return lambda: DossierTables.from_frames(frames)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    whole = national_tables(asked.people).tables
    made = {name: whole[name] for name in TABLES}
    rows = sum(table.num_rows for table in made.values())
    print(f"{asked.people:,} people, {rows:,} rows; times as long as PyArrow, processor time")
    with closing(duckdb.connect(config={"threads": 1})) as connection:
        given = ways(made, connection)
        expected = reading(made)().tables
        for name, frames in given.items():
            found = reading(frames)()
            assert found.tables == expected, name
            copied = "days not copied" if is_shared(found, frames) else "copied"
            took = ratio(reading(frames), reading(made), asked.repeat)
            print(f"  {name:26} {took:6.1f}   {copied}")


if __name__ == "__main__":
    main()
