"""What is wrong with a table: every problem, with column, row, value and what was expected."""

from __future__ import annotations

from dataclasses import dataclass

from risicoscreener.errors import EvaluationError, ProblemsError


@dataclass(frozen=True)
class Problem:
    """One value, or one column, that is not what was expected.

    Attributes
    ----------
    column
        Name in the table.
    row
        1 for the first row under the header; None for the column as a whole.
    value
        As it stands in the table.
    expected
        What should have stood there.
    more
        How many later rows of this column have the same problem.
    """

    column: str
    row: int | None
    value: str
    expected: str
    more: int = 0

    def __str__(self) -> str:
        where = f"column {self.column!r}"
        if self.row is not None:
            where += f", row {self.row}: {self.value!r}"
        more = f" ({self.more} more rows like this)" if self.more else ""
        return f"{where}; expected {self.expected}{more}"


class TableError(ProblemsError, EvaluationError):
    """A table cannot be used; `problems` names everything that was found."""
