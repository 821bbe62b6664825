"""Tables of a report as data frames and CSV: numbers as they are, intervals in columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from risicoscreener.report.evaluation.data import Column, FigureValue, Table, Value

if TYPE_CHECKING:
    import pandas as pd

PARTS = ("low", "high", "problem")


def as_frame(table: Table) -> pd.DataFrame:
    """Columns by their names, not their titles; an estimate takes columns for its limits too."""
    import pandas as pd

    names = [name for column in table.columns for name in _names(column)]
    rows = [
        [v for value, c in zip(row, table.columns, strict=True) for v in _parts(value, c)]
        for row in table.rows
    ]
    return pd.DataFrame(rows, columns=names)


def as_csv(table: Table) -> str:
    """The frame as CSV."""
    text: str = as_frame(table).map(_inert).to_csv(index=False, lineterminator="\n")
    return text


def _names(column: Column) -> Iterator[str]:
    yield column.name
    if column.kind == "estimate":
        yield from (f"{column.name}_{part}" for part in PARTS)


def _parts(value: Value, column: Column) -> Iterator[Any]:
    if column.kind != "estimate":
        yield value
    elif isinstance(value, FigureValue):
        yield from (value.value, value.low, value.high, value.problem)
    else:
        yield from (value, None, None, "")


def _inert(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula, made a text again."""
    if isinstance(value, str) and value[:1] in ("=", "+", "@", "\t", "\r"):
        return f"'{value}"
    return value
