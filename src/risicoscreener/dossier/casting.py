"""From values as they come (JSON, CSV, pandas, Arrow) to columns of the declared kind.

A column that already has its Arrow type is only checked, in bulk. Any other is reduced to its
distinct values, and each of those is read once by `read_value`, the one place that says which
value a field accepts.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.decimals import as_floats
from risicoscreener.dossier.schema import EARLIEST, EPOCH, LATEST, Column

if TYPE_CHECKING:
    from collections.abc import Sequence

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_CONVERSION_ERRORS = (pa.ArrowException, ValueError, TypeError, OverflowError)


class Form(Enum):
    """Where values come from, which decides how literally they are taken.

    A record has the types of JSON. A frame may hold whole numbers as floats and days as
    timestamps at midnight, since pandas has no other way to store them with gaps. In text all
    values are written out.
    """

    RECORD = "record"
    FRAME = "frame"
    TEXT = "text"


class UnreadableError(Exception):
    """A value that a column does not accept; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A row of a column that could not be read: position, value, and what was expected."""

    row: int
    value: Any
    expected: str


def arrow_type(column: Column) -> pa.DataType:
    """Arrow type of a column in the canonical tables."""
    match column.kind:
        case "date":
            return pa.date32()
        case "code":
            return pa.dictionary(pa.int8(), pa.string())
        case "flag":
            return pa.bool_()
        case "integer":
            return pa.int32()
        case "number":
            return pa.float64()
    return pa.string()


def read_value(column: Column, value: Any, form: Form = Form.RECORD) -> Any:
    """The value of a field as its kind, or `UnreadableError`."""
    match column.kind:
        case "date":
            return _read_date(value, form)
        case "integer" | "number":
            return _read_number(column, value, form)
        case "flag":
            return _read_flag(value, form)
    return _read_text(column, value)


def _read_date(value: Any, form: Form) -> dt.date:
    if isinstance(value, dt.datetime):
        if form is Form.RECORD or not _is_midnight(value):
            raise UnreadableError("a day, without a time of day or time zone")
        value = value.date()
    if isinstance(value, str):
        value = _date_of_text(value)
    if not isinstance(value, dt.date):
        raise UnreadableError("a date as YYYY-MM-DD")
    if not EARLIEST <= value <= LATEST:
        raise UnreadableError(f"a date from {EARLIEST} to {LATEST}")
    return value


def _is_midnight(value: dt.datetime) -> bool:
    if not is_time(value) or value.tzinfo is not None:
        return False
    return value.time() == dt.time(0) and not getattr(value, "nanosecond", 0)


def is_time(value: dt.date) -> bool:
    """Whether it is a time at all: the not-a-time of pandas, a datetime, differs from itself."""
    return value == value


def _date_of_text(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        return None


def _read_number(column: Column, value: Any, form: Form) -> float | int:
    whole = column.kind == "integer"
    expected = _range_of(column)
    if form is Form.TEXT and isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    accepted = (int, np.integer) if whole and form is Form.RECORD else _NUMBERS
    if isinstance(value, bool) or not isinstance(value, accepted):
        raise UnreadableError(expected)
    try:
        number = float(value)
    except (OverflowError, ValueError):
        raise UnreadableError(expected) from None
    if not math.isfinite(number) or (whole and number != int(number)):
        raise UnreadableError(expected)
    if column.low is not None and number < column.low:
        raise UnreadableError(expected)
    if column.high is not None and number > column.high:
        raise UnreadableError(expected)
    return int(number) if whole else number


_NUMBERS = (int, float, np.integer, np.floating, Decimal)


def _range_of(column: Column) -> str:
    kind = "a whole number" if column.kind == "integer" else "a number"
    if column.low is None or column.high is None:
        return kind
    return f"{kind} from {column.low:,.10g} to {column.high:,.10g}"


def _read_flag(value: Any, form: Form) -> bool:
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if form is Form.TEXT and isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    raise UnreadableError("true or false")


def _read_text(column: Column, value: Any) -> str:
    expected = (
        f"one of {', '.join(column.codes)}"
        if column.kind == "code"
        else "1 to 64 letters, digits, dots, colons, dashes or underscores"
    )
    if not isinstance(value, str):
        raise UnreadableError(expected)
    if column.kind == "code" and value not in column.codes:
        raise UnreadableError(expected)
    if column.pattern is not None and re.search(column.pattern, value) is None:
        raise UnreadableError(expected)
    return str(value)


def cast_objects(
    column: Column, values: Sequence[Any], form: Form = Form.RECORD
) -> tuple[pa.Array, list[Unfit]]:
    """Column of Python objects as an Arrow array; unreadable values become null and are listed."""
    read: list[Any] = []
    unfit: list[Unfit] = []
    for row, value in enumerate(values):
        try:
            read.append(None if value is None else read_value(column, value, form))
        except UnreadableError as error:
            read.append(None)
            unfit.append(Unfit(row, value, str(error)))
    return _as_array(column, read), unfit


def _as_array(column: Column, values: list[Any]) -> pa.Array:
    if column.kind != "code":
        return pa.array(values, type=arrow_type(column))
    position = {code: i for i, code in enumerate(column.codes)}
    indices = pa.array([None if v is None else position[v] for v in values], type=pa.int8())
    return pa.DictionaryArray.from_arrays(indices, pa.array(column.codes, pa.string()))


def nulls(column: Column, n: int) -> pa.Array:
    """A column in which nothing is known."""
    if column.kind == "text":
        return no_text(n)
    if column.kind != "code":
        return pa.nulls(n, arrow_type(column))
    codes = pa.array(column.codes, pa.string())
    return pa.DictionaryArray.from_arrays(pa.nulls(n, pa.int8()), codes)


def no_text(n: int) -> pa.StringArray:
    """A column of text without any, which takes no memory: nobody writes to its zeros."""
    zeros = [pa.py_buffer(np.zeros(size, np.int8)) for size in (n // 8 + 1, 4 * (n + 1), 1)]
    return pa.StringArray.from_buffers(n, zeros[1], zeros[2], zeros[0], n)


def cast_any(column: Column, values: Any, form: Form) -> tuple[pa.Array, list[Unfit]]:
    """Column as its canonical type, from a list of Python objects or from Arrow."""
    if isinstance(values, list):
        return cast_objects(column, values, form)
    return cast_column(column, values, form)


def cast_column(
    column: Column, values: pa.Array | pa.ChunkedArray, form: Form = Form.FRAME
) -> tuple[pa.Array, list[Unfit]]:
    """Arrow column as its canonical type; unreadable values become null and are listed."""
    if values.null_count == len(values):
        return nulls(column, len(values)), []
    if values.type == arrow_type(column):
        whole = as_one(values)
        if column.kind != "code":
            return _within_range(column, whole)
        if whole.type == values.type and whole.dictionary.to_pylist() == list(column.codes):
            return whole, []
    elif (direct := _cast_directly(column, values)) is not None:
        return _within_range(column, direct)
    return _cast_distinct(column, values, form)


def as_one(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column as a single array, without a copy if it is one already."""
    if not isinstance(values, pa.ChunkedArray):
        return values
    if values.num_chunks == 1:
        return values.chunk(0)
    try:
        return values.combine_chunks()
    except pa.ArrowInvalid:
        if not pa.types.is_dictionary(values.type):
            raise
        return _encoded_anew(values)


def _encoded_anew(values: pa.ChunkedArray) -> pa.DictionaryArray:
    """Coded chunks with one dictionary, where Arrow cannot join those that they have.

    It cannot if one has a null among its entries, or if all together are more than the type of the
    codes counts.
    """
    plain = [chunk.dictionary_decode() for chunk in values.chunks]
    return pa.chunked_array(plain, values.type.value_type).combine_chunks().dictionary_encode()


def _cast_directly(column: Column, values: pa.Array | pa.ChunkedArray) -> pa.Array | None:
    """The cast that Arrow does in bulk, or ``None`` where it fails or would lose something."""
    kind, target = values.type, arrow_type(column)
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    days = pa.types.is_timestamp(kind) and kind.tz is None
    fitting = {"date": days, "integer": numeric, "number": numeric, "text": is_text(kind)}
    if not fitting.get(column.kind, False):
        return None
    try:
        exact = pa.types.is_decimal(kind) and column.kind == "number"
        cast = as_floats(values) if exact else values.cast(target)
        if days and not cast.cast(kind).equals(values):
            return None
    except _CONVERSION_ERRORS:
        return None
    return as_one(cast)


def is_text(kind: pa.DataType) -> bool:
    """Whether a column holds text, also if it is coded."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    of_text = pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view
    return any(is_of(kind) for is_of in of_text)


def _cast_distinct(
    column: Column, values: pa.Array | pa.ChunkedArray, form: Form
) -> tuple[pa.Array, list[Unfit]]:
    if not pa.types.is_dictionary(values.type):
        try:
            values = values.dictionary_encode()
        except pa.ArrowException:  # nested kinds have no dictionary
            return cast_objects(column, python_values(as_one(values)), form)
    values = as_one(values)
    distinct, unfit_distinct = cast_objects(column, python_values(values.dictionary), form)
    return distinct.take(values.indices), _spread(values, unfit_distinct)


def python_values(values: pa.Array) -> list[Any]:
    """Values as Python objects; what Python cannot hold (day 2147483647) as its raw number."""
    try:
        return list(values.to_pylist())
    except _CONVERSION_ERRORS:
        return [python_value(value) for value in values]


def python_value(value: pa.Scalar) -> Any:
    """A value as Python object, or what can be shown of one that Python cannot hold."""
    try:
        return value.as_py()
    except _CONVERSION_ERRORS:
        return f"<{value.type} {getattr(value, 'value', '')}>"


def _spread(values: pa.DictionaryArray, unfit: list[Unfit]) -> list[Unfit]:
    """UnreadableError distinct values, at every row in which they occur."""
    if not unfit:
        return []
    by_index = {u.row: u for u in unfit}
    indices = values.indices.to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(np.isin(indices, list(by_index)))
    found = ((int(row), by_index[int(indices[row])]) for row in rows)
    return [Unfit(row, u.value, u.expected) for row, u in found]


def _within_range(column: Column, values: pa.Array) -> tuple[pa.Array, list[Unfit]]:
    """A column of the right type with what lies outside the range made null and listed."""
    fits = _fits(column, values)
    if fits is None or pc.all(fits, min_count=0).as_py():
        return values, []
    keep = fits.fill_null(True)
    unfit = []
    for row in np.flatnonzero(~keep.to_numpy(zero_copy_only=False)).tolist():
        _, found = cast_objects(column, [python_value(values[row])])
        unfit += [Unfit(row, u.value, u.expected) for u in found]
    return pc.if_else(keep, values, pa.scalar(None, values.type)), unfit


def _fits(column: Column, values: pa.Array) -> pa.Array | None:
    """Whether each value fits its column; ``None`` if all do."""
    if values.null_count == len(values) or column.kind == "flag":
        return None
    if column.kind == "date":
        first, last = (EARLIEST - EPOCH).days, (LATEST - EPOCH).days
        return _between(values.view(pa.int32()), first, last)
    if column.kind == "text":
        return pc.match_substring_regex(values, (column.pattern or "").replace(r"\Z", r"\z"))
    return _between(values, column.low, column.high)


def _stored(values: pa.Array) -> np.ndarray:
    """Numbers as they lie in memory; where one is absent there may be any other.

    Looking through these takes numpy a tenth of the time that Arrow takes to leave out the absent.
    """
    numbers = np.frombuffer(values.buffers()[1], values.type.to_pandas_dtype())
    return numbers[values.offset : values.offset + len(values)]


def _between(values: pa.Array, low: float | None, high: float | None) -> pa.Array | None:
    """Whether each value lies in a range; ``None`` when the extremes show that all do."""
    low = -math.inf if low is None else low
    high = math.inf if high is None else high
    stored = _stored(values)
    if low <= stored.min() and stored.max() <= high:
        return None
    has_nan = pa.types.is_floating(values.type) and pc.any(pc.is_nan(values)).as_py()
    extremes = pc.min_max(values).as_py()
    if not has_nan and low <= extremes["min"] <= extremes["max"] <= high:
        return None
    return pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))
