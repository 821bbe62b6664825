"""What validation finds: one object for each value that is not what was declared."""

from __future__ import annotations

import datetime as dt
import reprlib
from dataclasses import dataclass
from typing import Any

from risicoscreener.errors import printable

_SHOWN = 60
_brief = reprlib.Repr()
_brief.maxlevel = 3
_brief.maxstring = _brief.maxother = 2 * _SHOWN


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a dossier.

    Attributes
    ----------
    table, row, field
        Where: ``row`` counts from 0 in the table as it was given; -1 for a whole table or dossier.
    value
        What was found.
    expected
        What was expected, as a clause.
    person_id
        Whose row it is, where that is known.
    """

    table: str
    row: int
    field: str
    value: Any
    expected: str
    person_id: str | None = None

    def __str__(self) -> str:
        where = self.table if self.row < 0 else f"{self.table}[{self.row}]"
        place = f"{where}.{self.field}" if self.field else where
        place = on_one_line(place, _SHOWN)
        whose = f" (person {self.person_id})" if self.person_id else ""
        return f"{place} = {shown(self.value)}: expected {self.expected}{whose}"


def shown(value: Any) -> str:
    """A value as short printable text on one line, whatever it is."""
    if isinstance(value, (int, float, dt.date)) and not isinstance(value, bool):
        text = _text_of_number(value)
    else:
        try:
            text = _brief.repr(value)
        except Exception:  # a value of any class may fail in its own repr
            text = f"<{type(value).__name__}>"
    return on_one_line(text, _SHOWN)


def _text_of_number(value: int | float | dt.date) -> str:
    try:
        return str(value)
    except ValueError:  # Python does not print an integer of thousands of digits
        return "<an integer of thousands of digits>"


def on_one_line(text: str, most: int = 500) -> str:
    """Text in which what does not print is escaped, and what is beyond a length left out."""
    line = printable(text[: 2 * most])
    return line if len(line) <= most else line[:most] + "…"
