"""Dossier tables in a folder: one Parquet or CSV file for each table."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

from risicoscreener.errors import DossierError
from risicoscreener.writing import put_in_place

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Format = Literal["parquet", "csv"]
FORMATS: tuple[Format, ...] = ("parquet", "csv")


def read_folder(folder: Path) -> tuple[dict[str, pa.Table], Format]:
    """Every table in a folder by the name of its file, and the format in which they were.

    Columns of CSV files are all text: their kind is decided by the schema, not guessed.
    """
    if not folder.is_dir():
        raise DossierError(f"{folder} is not a folder; expected one with persons.parquet or .csv")
    found = formats_in(folder)
    if not found:
        raise DossierError(f"{folder} has no persons.parquet and no persons.csv")
    if len(found) > 1:
        raise DossierError(
            f"{folder} has dossiers both as {' and as '.join(found)}; "
            "expected one of the two: move the other elsewhere"
        )
    paths = sorted(folder.glob(f"*.{found[0]}"))
    return {path.stem: _read_file(path) for path in paths}, found[0]


def write_folder(folder: Path, tables: Mapping[str, pa.Table], format: Format) -> None:
    """Write each table to a file named after it; if one cannot be written, none is replaced."""
    if format not in FORMATS:
        raise ValueError(f"format is {format!r}; expected one of {', '.join(FORMATS)}")
    folder.mkdir(parents=True, exist_ok=True)
    others = [found for found in formats_in(folder) if found != format]
    if others:
        raise DossierError(
            f"{folder} already has dossiers as {others[0]}; expected a folder without, "
            "since reading could not tell which to use"
        )
    with ExitStack() as whole:  # all are written before the first is put in its place
        for name, table in tables.items():
            path = folder / f"{name}.{format}"
            _write_file(table, whole.enter_context(put_in_place(path)), format)


def formats_in(folder: Path) -> list[Format]:
    """The formats in which a folder has dossiers."""
    return [suffix for suffix in FORMATS if (folder / f"persons.{suffix}").exists()]


def _read_file(path: Path) -> pa.Table:
    try:
        return _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    except (pa.ArrowException, OSError, ValueError, csv.Error) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DossierError(f"{path.name} cannot be read as {path.suffix[1:]}: {reason}") from None


def _read_parquet(path: Path) -> pa.Table:
    import pyarrow.parquet

    coded = [name for name in pyarrow.parquet.read_schema(path).names if name == "person_id"]
    file = pyarrow.parquet.ParquetFile(path, read_dictionary=coded, page_checksum_verification=True)
    table = file.read()
    table.validate(full=True)  # a damaged file may give codes that its dictionary does not have
    return table


def _read_csv(path: Path) -> pa.Table:
    """Every column as text: its kind is decided by the schema, not guessed."""
    import pyarrow.csv

    with path.open(encoding="utf-8-sig", newline="") as lines:
        header = next(csv.reader(lines), [])
    return pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={name: pa.string() for name in header},
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    )


def _write_file(table: pa.Table, path: Path, format: Format) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    if format == "parquet":
        pyarrow.parquet.write_table(table, path, write_page_checksum=True)
    else:
        pyarrow.csv.write_csv(_as_text(table), path)


def _as_text(table: pa.Table) -> pa.Table:
    columns = [c.cast(pa.string()) if pa.types.is_dictionary(c.type) else c for c in table.columns]
    return pa.table(columns, names=table.column_names)
