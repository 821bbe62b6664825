"""What validation finds: one object for each value that is not what was declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_SHOWN = 60


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
        shown = repr(self.value) if isinstance(self.value, str) else str(self.value)
        if len(shown) > _SHOWN:
            shown = shown[:_SHOWN] + "…"
        whose = f" (person {self.person_id})" if self.person_id else ""
        return f"{place} = {shown}: expected {self.expected}{whose}"
