"""Dossier tables in a folder: for each table a Parquet or CSV file, or a folder of such files.

A table in parts is a folder named like the file it replaces, as data sets are written by Spark,
pandas and others: ``debts.parquet/part-00000.parquet`` and so on, in the order of the names. Names
that begin with a dot or an underscore are marks of those programs, and no parts.
"""

from __future__ import annotations

import csv
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.casting import as_one, no_text
from risicoscreener.errors import DossierError
from risicoscreener.writing import put_in_place

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Format = Literal["parquet", "csv"]
FORMATS: tuple[Format, ...] = ("parquet", "csv")
PART = "part-"
ROW_GROUP = 2**20
"""Rows of a Parquet file that are written and read together."""

_DICTIONARY_BYTES = 2**26
_MARKS = "._"


def read_folder(folder: Path, part: str | None = None) -> tuple[dict[str, pa.Table], Format]:
    """Every table in a folder by the name of its file, and the format in which they were.

    Columns of CSV files are all text: their kind is decided by the schema, not guessed.

    Parameters
    ----------
    part
        Name of a part, one of `parts_of`; all parts together if ``None``.
    """
    paths, found_as = tables_in(folder)
    if part is not None:
        paths = {name: path / part for name, path in paths.items()}
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return dict(zip(paths, pool.map(read_table, paths.values()), strict=True)), found_as


def parts_of(folder: Path) -> list[str] | None:
    """Names of the parts that every table in a folder has; ``None`` if no table has parts.

    Raises
    ------
    DossierError
        If one table has parts that another does not have.
    """
    paths, _ = tables_in(folder)
    if not any(path.is_dir() for path in paths.values()):
        return None
    parts = {name: [p.name for p in _parts(path)] for name, path in paths.items() if path.is_dir()}
    expected = parts.get("persons", [])
    for name in paths:
        if parts.get(name, []) != expected:
            raise DossierError(
                f"{paths[name].name} has other parts than {paths['persons'].name} in {folder}; "
                "expected parts of the same names, each with the facts of its persons"
            )
    return expected


def read_table(path: Path) -> pa.Table:
    """A table from a file, or from a folder with its parts.

    Raises
    ------
    DossierError
        If a file cannot be read, or a folder is not one of parts with the same columns.
    """
    return _read_parts(path) if path.is_dir() else _read_file(path)


def tables_in(folder: Path) -> tuple[dict[str, Path], Format]:
    """Where every table in a folder is, by its name, and the format in which they are.

    Raises
    ------
    DossierError
        If it is no folder, or one without persons, or with dossiers in two formats.
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
    return {path.stem: path for path in paths}, found[0]


def write_folder(
    folder: Path, tables: Mapping[str, pa.Table], format: Format, part: int | None = None
) -> None:
    """Write each table to a file named after it; if one cannot be written, none is replaced.

    Parameters
    ----------
    part
        Number of the part that the tables are, if each is to be a folder of parts.
    """
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
            path = table_path(folder / f"{name}.{format}", part)
            _write_file(table, whole.enter_context(put_in_place(path)), format)


def table_path(path: Path, part: int | None = None) -> Path:
    """Where the file of a table is to be written, or that of one of its parts.

    Raises
    ------
    DossierError
        If the table is there in parts and would be written whole, or the other way round.
    """
    if path.exists() and path.is_dir() != (part is not None):
        there, wanted = ("in parts", "whole") if part is None else ("whole", "in parts")
        raise DossierError(
            f"{path} is there {there} and would be written {wanted}; expected a folder without it"
        )
    if part is None:
        return path
    path.mkdir(exist_ok=True)
    return path / f"{PART}{part:05d}{path.suffix}"


def formats_in(folder: Path) -> list[Format]:
    """The formats in which a folder has dossiers."""
    return [suffix for suffix in FORMATS if (folder / f"persons.{suffix}").exists()]


def files_of(path: Path) -> list[Path]:
    """The files of a table: the one that it is, or those of its parts in the order of their names.

    Raises
    ------
    DossierError
        If it is a folder in which there is something else, or nothing.
    """
    return _parts(path) if path.is_dir() else [path]


def _parts(folder: Path) -> list[Path]:
    paths = sorted(path for path in folder.iterdir() if path.name[0] not in _MARKS)
    strange = [path.name for path in paths if path.suffix != folder.suffix or not path.is_file()]
    if strange:
        raise DossierError(
            f"{folder.name} has {strange[0]!r} in it; expected only parts of the table, "
            f"files such as {PART}00000{folder.suffix}"
        )
    if not paths:
        raise DossierError(
            f"{folder.name} is a folder without parts; expected files such as "
            f"{PART}00000{folder.suffix}, or a file in its place"
        )
    return paths


def _read_parts(folder: Path) -> pa.Table:
    paths = _parts(folder)
    tables = [_read_file(path) for path in paths]
    for path, table in zip(paths, tables, strict=True):
        if table.column_names != tables[0].column_names:
            differ = sorted({*table.column_names} ^ {*tables[0].column_names})
            raise DossierError(
                f"{folder.name}: {path.name} has other columns than {paths[0].name} "
                f"({', '.join(differ) or 'in another order'}); expected the same in every part"
            )
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0]
        raise DossierError(f"{folder.name} has parts of different kinds: {reason}") from None


def _read_file(path: Path) -> pa.Table:
    try:
        return _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    except (pa.ArrowException, OSError, ValueError, csv.Error) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        where = (
            path.name if path.parent.suffix != path.suffix else f"{path.parent.name}/{path.name}"
        )
        raise DossierError(f"{where} cannot be read as {path.suffix[1:]}: {reason}") from None


def _read_parquet(path: Path) -> pa.Table:
    import pyarrow.parquet

    metadata, schema = pyarrow.parquet.read_metadata(path), pyarrow.parquet.read_schema(path)
    ids = [f.name for f in schema if f.name == "person_id" and not pa.types.is_nested(f.type)]
    empty = {
        place: field.name
        for place, field in enumerate(schema)
        if pa.types.is_string(field.type) and field.name not in ids
        if _seems_empty(metadata, place)
    }
    file = pyarrow.parquet.ParquetFile(
        path, read_dictionary=[*ids, *empty.values()], page_checksum_verification=True
    )
    table = file.read()
    table.validate(full=True)  # a damaged file may give codes that its dictionary does not have
    names, columns = table.column_names, list(table.columns)
    del table  # so that each column that is joined gives the memory of its parts back
    for place, column in enumerate(columns):
        columns[place] = _in_one(column, place in empty)
    return pa.table(columns, names=names)


def _in_one(column: pa.ChunkedArray, seemed_empty: bool) -> pa.Array | pa.ChunkedArray:
    """A column in one piece, unless its parts have dictionaries of their own."""
    if seemed_empty and column.null_count == len(column):
        return no_text(len(column))
    if seemed_empty:
        column = column.cast(pa.string())
    return column if pa.types.is_dictionary(column.type) else as_one(column)


def _seems_empty(metadata: pa.parquet.FileMetaData, place: int) -> bool:
    """Whether a column has no value, by what the file says of it.

    It is then read as a dictionary, which has fewer bytes where there is no value, and the same
    values if the file was wrong.
    """
    chunks = [metadata.row_group(g).column(place) for g in range(metadata.num_row_groups)]
    return bool(chunks) and all(
        chunk.statistics is not None and chunk.statistics.null_count == chunk.num_values
        for chunk in chunks
    )


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
        _write_parquet(table, path)
    else:
        pyarrow.csv.write_csv(codes_as_text(table), path)


def _write_parquet(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetWriter(
        path, table.schema, write_page_checksum=True, dictionary_pagesize_limit=_DICTIONARY_BYTES
    ) as writer:
        for begin in range(0, max(table.num_rows, 1), ROW_GROUP):
            writer.write_table(_with_own_ids(table.slice(begin, ROW_GROUP)))


def _with_own_ids(rows: pa.Table) -> pa.Table:
    """Some rows without the ids of other persons, which each row group would hold again."""
    place = rows.column_names.index("person_id")
    if not rows.num_rows or not pa.types.is_dictionary(rows.schema.field(place).type):
        return rows
    column = as_one(rows.column(place))
    extremes = pc.min_max(column.indices).as_py()
    first, last = extremes["min"], extremes["max"]
    own = pa.DictionaryArray.from_arrays(
        pc.subtract(column.indices, pa.scalar(first, pa.int32())),
        column.dictionary.slice(first, last - first + 1),
    )
    return rows.set_column(place, rows.schema.field(place), own)


def codes_as_text(table: pa.Table) -> pa.Table:
    """A table with text where it has codes and coded ids."""
    columns = [c.cast(pa.string()) if pa.types.is_dictionary(c.type) else c for c in table.columns]
    return pa.table(columns, names=table.column_names)
