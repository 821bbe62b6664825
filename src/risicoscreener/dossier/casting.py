"""From values as they come (JSON, CSV, pandas, Arrow) to columns of the declared kind.

A column that already has its Arrow type passes through untouched. Any other is reduced to its
distinct values, and each of those is read once by `read_value`, the one place that says which
value a field accepts.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.schema import EARLIEST, LATEST, Column

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Unreadable(Exception):
    """A value that a column does not accept; the message says what was expected."""


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


def _is_absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)


def _read_date(value: Any) -> dt.date:
    expected = "a date as YYYY-MM-DD"
    if isinstance(value, dt.datetime):
        if value.time() != dt.time(0):
            raise Unreadable("a day without a time of day")
        value = value.date()
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value) if _DATE.fullmatch(value) else None
        except ValueError:
            value = None
    if not isinstance(value, dt.date):
        raise Unreadable(expected)
    if not EARLIEST <= value <= LATEST:
        raise Unreadable(f"a date from {EARLIEST} to {LATEST}")
    return value


def _read_number(column: Column, value: Any, from_text: bool) -> float | int:
    whole = column.kind == "integer"
    expected = f"a{' whole' if whole else ''} number from {column.low:g} to {column.high:g}"
    if from_text and isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise Unreadable(expected) from None
    if isinstance(value, (bool, str)) or not isinstance(value, (int, float, np.number)):
        raise Unreadable(expected)
    number = float(value)
    if not math.isfinite(number) or (whole and number != int(number)):
        raise Unreadable(expected)
    if column.low is not None and column.high is not None:
        if not column.low <= number <= column.high:
            raise Unreadable(expected)
    return int(number) if whole else number


def read_value(column: Column, value: Any, *, from_text: bool = False) -> Any:
    """The value of a field as its kind, or `Unreadable`.

    ``from_text`` allows numbers and flags written as text, as in CSV.
    """
    if column.kind == "date":
        return _read_date(value)
    if column.kind in ("integer", "number"):
        return _read_number(column, value, from_text)
    if column.kind == "flag":
        if from_text and value in ("true", "false"):
            return value == "true"
        if isinstance(value, (bool, np.bool_)):
            return bool(value)
        raise Unreadable("true or false")
    if not isinstance(value, str):
        raise Unreadable("text" if column.kind == "text" else _one_of(column))
    if column.kind == "code" and value not in column.codes:
        raise Unreadable(_one_of(column))
    if column.pattern is not None and re.search(column.pattern, value) is None:
        raise Unreadable("1 to 64 letters, digits, dots, colons, dashes or underscores")
    return value


def _one_of(column: Column) -> str:
    return f"one of {', '.join(column.codes)}"


@dataclass(frozen=True, slots=True)
class Unfit:
    """Rows of a column that could not be read: position, value, and what was expected."""

    row: int
    value: Any
    expected: str


def cast_objects(
    column: Column, values: Sequence[Any], *, from_text: bool = False
) -> tuple[pa.Array, list[Unfit]]:
    """Column of Python objects as an Arrow array; unreadable values become null and are listed."""
    read: list[Any] = []
    unfit: list[Unfit] = []
    for row, value in enumerate(values):
        if _is_absent(value) and not (isinstance(value, float) and column.required):
            read.append(None)
            continue
        try:
            read.append(read_value(column, value, from_text=from_text))
        except Unreadable as error:
            read.append(None)
            unfit.append(Unfit(row, value, str(error)))
    return _as_array(column, read), unfit


def _as_array(column: Column, values: list[Any]) -> pa.Array:
    if column.kind != "code":
        return pa.array(values, type=arrow_type(column))
    position = {code: i for i, code in enumerate(column.codes)}
    indices = pa.array([None if v is None else position[v] for v in values], type=pa.int8())
    return pa.DictionaryArray.from_arrays(indices, pa.array(column.codes, pa.string()))


def cast_column(
    column: Column, values: pa.Array | pa.ChunkedArray, *, from_text: bool = False
) -> tuple[pa.Array, list[Unfit]]:
    """Arrow column as its canonical type; unreadable values become null and are listed."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks() if values.num_chunks != 1 else values.chunk(0)
    if isinstance(values, pa.ChunkedArray):  # no chunk at all
        values = pa.array([], type=values.type)
    if pa.types.is_null(values.type):
        return _as_array(column, [None] * len(values)), []
    if column.kind == "code" and _has_codes(column, values):
        return values, []
    if column.kind != "code" and values.type == arrow_type(column):
        return _within_range(column, values)
    if not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode()
    distinct, unfit_distinct = cast_objects(
        column, values.dictionary.to_pylist(), from_text=from_text
    )
    cast = distinct.take(values.indices)
    return cast, _spread(values, unfit_distinct)


def _has_codes(column: Column, values: pa.Array) -> bool:
    return bool(
        values.type == arrow_type(column)
        and values.dictionary.to_pylist() == list(column.codes)
    )


def _spread(values: pa.DictionaryArray, unfit: list[Unfit]) -> list[Unfit]:
    """Unreadable distinct values, at every row in which they occur."""
    if not unfit:
        return []
    by_index = {u.row: u for u in unfit}
    indices = values.indices.to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(np.isin(indices, list(by_index)))
    return [
        Unfit(int(row), by_index[int(indices[row])].value, by_index[int(indices[row])].expected)
        for row in rows
    ]


def _within_range(column: Column, values: pa.Array) -> tuple[pa.Array, list[Unfit]]:
    if column.kind == "text" and column.pattern is not None:
        fits = pc.match_substring_regex(values, column.pattern.replace(r"\Z", r"\z"))
    elif column.kind == "date":
        fits = _between(values, pa.scalar(EARLIEST), pa.scalar(LATEST))
    elif column.low is not None and column.high is not None:
        fits = _between(values, column.low, column.high)
    else:
        return values, []
    if fits is None or pc.all(fits, min_count=0).as_py():
        return values, []
    keep = fits.fill_null(True)
    unfit = []
    for row in np.flatnonzero(~keep.to_numpy(zero_copy_only=False)):
        _, found = cast_objects(column, [values[int(row)].as_py()])
        unfit += [Unfit(int(row), u.value, u.expected) for u in found]
    return pc.if_else(keep, values, pa.scalar(None, values.type)), unfit


def _between(values: pa.Array, low: Any, high: Any) -> pa.Array | None:
    """Whether each value lies in a range; ``None`` when the extremes show that all do."""
    extremes = pc.min_max(values).as_py()
    nan = pa.types.is_floating(values.type) and pc.any(pc.is_nan(values)).as_py()
    low_py = low.as_py() if isinstance(low, pa.Scalar) else low
    high_py = high.as_py() if isinstance(high, pa.Scalar) else high
    if not nan and (extremes["min"] is None or low_py <= extremes["min"] <= extremes["max"] <= high_py):
        return None
    inside = pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))
    return pc.and_not(inside, pc.is_nan(values)) if nan else inside
