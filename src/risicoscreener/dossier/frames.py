"""Frames of any library as columns: pandas in a way of its own, all others as Arrow.

What has ``__arrow_c_stream__`` (the Arrow PyCapsule interface: Polars, PyArrow, DuckDB, ADBC, Ibis
and others) hands its memory over; no other library is imported for it.
"""

from __future__ import annotations

import datetime as dt
import sys
import uuid
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from risicoscreener.dossier.assembling import Frame
from risicoscreener.dossier.problems import Problem
from risicoscreener.errors import DossierError

if TYPE_CHECKING:
    import pandas as pd

FRAME = (
    "a frame: of pandas, Polars or PyArrow, a relation of DuckDB (from `sql`, not `execute`), or "
    "anything with __arrow_c_stream__"
)
NOT_IN_ARROW = ("Object", "Int128", "UInt128")
"""Kinds of Polars that Arrow has no type for; they are read value by value."""


class NoFrameError(Exception):
    """What is given for a frame is none."""


def frame_of(name: str, given: Any) -> Frame:
    """A table of a dossier from a frame of any library.

    Raises
    ------
    DossierError
        If it is no frame, or its library cannot give its rows.
    """
    if is_pandas(given):
        return frame_of_pandas(name, given)
    try:
        given = _collected(given)
        if _is_of("polars", "DataFrame", given):
            return _frame_of_polars(given)
        return _frame_of_table(as_arrow(given))
    except NoFrameError:
        raise not_a_table(name, given, FRAME) from None
    except Exception as error:
        # Its library may compute it only now, and raises what it likes.
        raise DossierError(f"the table {name} cannot be read: {first_line(error)}") from error


def as_arrow(given: Any) -> pa.Table:
    """An Arrow table from a frame of any library but pandas, without a copy where it can be.

    Raises
    ------
    NoFrameError
        If it is none.
    ValueError
        If it is a reader of batches that has none, as one that was read before.
    """
    given = _collected(given)
    if isinstance(given, (pa.Table, pa.RecordBatch)):
        return pa.table(given) if isinstance(given, pa.Table) else pa.Table.from_batches([given])
    if isinstance(given, pa.RecordBatchReader):
        return _read_once(given)
    if isinstance(given, (type, pa.ChunkedArray)) or not hasattr(given, "__arrow_c_stream__"):
        raise NoFrameError(type(given).__name__)
    return pa.RecordBatchReader.from_stream(given).read_all()


def _collected(given: Any) -> Any:
    return given.collect() if _is_of("polars", "LazyFrame", given) else given


def _read_once(reader: pa.RecordBatchReader) -> pa.Table:
    """All batches; nobody can tell a reader without any from one that was read before."""
    batches = list(reader)
    if not batches:
        raise ValueError(
            "the reader gives no batch; expected one that was not read before, or an empty table "
            "where there are no rows"
        )
    return pa.Table.from_batches(batches, reader.schema)


def is_pandas(given: Any) -> bool:
    """Whether it is a frame of pandas; pandas is not imported for that."""
    return _is_of("pandas", "DataFrame", given)


def _is_of(library: str, kind: str, given: Any) -> bool:
    """Whether something is of a class of a library, which is then there already."""
    found = getattr(sys.modules.get(library), kind, None)
    return found is not None and isinstance(given, found)


def first_line(error: BaseException) -> str:
    """What an error of another library says, in one line."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__


def not_a_table(name: str, value: Any, expected: str) -> DossierError:
    """The error of something that is given for a table and is none."""
    found = Problem(str(name), -1, "", type(value).__name__, expected)
    return DossierError("the tables are not those of a dossier", (found,))


# --- Arrow and Polars -------------------------------------------------------------------------


def frame_of_arrow(name: str, table: Any) -> Frame:
    """A table of a dossier from an Arrow table or batch, and from nothing else.

    Raises
    ------
    DossierError
        If it is neither.
    """
    if not isinstance(table, (pa.Table, pa.RecordBatch)):
        raise not_a_table(name, table, "a pyarrow Table")
    return _frame_of_table(table)


def _frame_of_table(table: pa.Table | pa.RecordBatch) -> Frame:
    columns = [without_extension(column) for column in table.columns]
    return Frame(list(table.column_names), columns, table.num_rows)


def _frame_of_polars(frame: Any) -> Frame:
    strange = [name for name, kind in frame.schema.items() if str(kind) in NOT_IN_ARROW]
    plain = as_arrow(frame.drop(strange) if strange else frame)
    columns = [
        frame[name].to_list() if name in strange else plain.column(name) for name in frame.columns
    ]
    return Frame(list(frame.columns), columns, frame.height)


def without_extension(column: Any) -> Any:
    """A column as what it is stored as, where its type is one that only some libraries know."""
    kind = column.type
    if not isinstance(kind, pa.BaseExtensionType):
        return column
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    stored = pa.chunked_array([chunk.storage for chunk in chunks], kind.storage_type)
    if kind.extension_name == "arrow.uuid":
        return _text_of_uuids(stored)
    if getattr(kind, "type_name", None) == "numeric" and pa.types.is_string(kind.storage_type):
        return _numbers_of_text(stored)
    return stored


def _numbers_of_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers of any length of PostgreSQL, which come written out, as doubles."""
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:
        return column


def _text_of_uuids(column: pa.ChunkedArray) -> pa.ChunkedArray:
    coded = column.dictionary_encode()
    chunks = [
        pa.DictionaryArray.from_arrays(
            chunk.indices,
            pa.array([str(uuid.UUID(bytes=value)) for value in chunk.dictionary.to_pylist()]),
        )
        for chunk in coded.chunks
    ]
    return pa.chunked_array(chunks, pa.dictionary(pa.int32(), pa.string()))


# --- pandas -----------------------------------------------------------------------------------


def frame_of_pandas(name: str, frame: Any) -> Frame:
    """A table of a dossier from a frame of pandas, and from nothing else.

    Raises
    ------
    DossierError
        If it is none.
    """
    if not is_pandas(frame):
        raise not_a_table(name, frame, "a pandas DataFrame")
    names = [str(column) for column in frame.columns]
    columns = [_arrow_of_series(frame.iloc[:, i]) for i in range(len(names))]
    return Frame(names, columns, len(frame))


def _arrow_of_series(series: pd.Series[Any]) -> Any:
    import pandas as pd

    is_categorical = isinstance(series.dtype, pd.CategoricalDtype)
    try:
        if _is_of_one_kind(series.cat.categories if is_categorical else series):
            return pa.array(series, from_pandas=True)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        pass
    return [None if _is_na(value) else value for value in series.tolist()]


def _is_of_one_kind(values: pd.Series[Any] | pd.Index[Any]) -> bool:
    """Whether Arrow takes the values as they are.

    Of objects of several kinds it makes the most fitting one, and for that cuts the time off a
    day; pandas, too, takes a day with a time for a day.
    """
    import pandas as pd

    if values.dtype != object:
        return True
    kind = pd.api.types.infer_dtype(values)
    if kind == "date":
        return not any(isinstance(value, dt.datetime) for value in values)
    return kind in ("string", "boolean", "integer", "floating", "empty")


def _is_na(value: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_scalar(value) and pd.isna(value))
