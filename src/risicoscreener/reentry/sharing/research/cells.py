"""A table of counts of which no small cell can be read or worked out.

What is small, and which further cells have to be hidden so that it does not follow from the totals,
is what `evaluation.groups.disclosure` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from risicoscreener.errors import ReentryError
from risicoscreener.evaluation.groups.disclosure import Disclosure, Relation, hidden_cells
from risicoscreener.reentry.sharing.wording import say
from risicoscreener.texts import Lang

TOTAL = "total"


@dataclass(frozen=True)
class CellTable:
    """Counts of people by two variables, with totals.

    Attributes
    ----------
    counts
        A DataFrame of rows and columns, the last of each the total; absent where hidden.
    hidden
        Of the same shape: ``small``, ``changed`` (by few people since an earlier table),
        ``derivable`` (hidden to protect another), or empty.
    fewest_people
        Cells of fewer people are hidden.
    """

    counts: Any
    hidden: Any
    fewest_people: int

    def to_frame(self) -> Any:
        """The counts."""
        return self.counts

    def text(self, lang: Lang = "nl") -> str:
        """The table in words, a hidden cell as a dot."""
        said = self.counts.astype(object).where(self.counts.notna(), ".")
        note = say("cells", "note", lang, fewest=self.fewest_people)
        return f"{said.to_string()}\n{note}\n"


def cell_table(
    frame: Any,
    rows: str,
    columns: str,
    *,
    fewest_people: int = 10,
    before: CellTable | None = None,
) -> CellTable:
    """Count people by two variables, and hide what tells too much.

    Parameters
    ----------
    frame
        A DataFrame with a row for each person.
    before
        The table of the same variables that was given earlier: what changed since by fewer people
        than may be shown is hidden too.

    Raises
    ------
    ReentryError
        If a variable is not there, there are no people, or the earlier table is of others.
    """
    import pandas as pd

    for name in (rows, columns):
        if name not in frame.columns:
            there = ", ".join(map(str, frame.columns))
            raise ReentryError(f"variable {name!r} is not there; expected one of {there}")
    if not len(frame):
        raise ReentryError("there are no people to count; expected at least one")
    if rows == columns:
        raise ReentryError(f"rows and columns are both {rows!r}; expected two variables")
    kept = frame[[rows, columns]].astype(object).where(frame[[rows, columns]].notna(), "?")
    counts = pd.crosstab(kept[rows], kept[columns], margins=True, margins_name=TOTAL)
    n_rows, n_columns = counts.shape
    flat = [int(value) for value in counts.to_numpy().ravel()]
    rule = Disclosure(fewest_people=fewest_people, fewest_of_class=0)
    changed = [False] * len(flat) if before is None else _changed(counts, before, fewest_people)
    found = hidden_cells([(n, 0) for n in flat], _sums(n_rows, n_columns), rule, changed)
    states = [
        "changed" if moved and state == "derivable" else state
        for state, moved in zip(found, changed, strict=True)
    ]
    hidden = pd.DataFrame(
        [states[i * n_columns : (i + 1) * n_columns] for i in range(n_rows)],
        index=counts.index,
        columns=counts.columns,
    )
    shown = counts.astype("Int64").where(hidden == "")
    return CellTable(counts=shown, hidden=hidden, fewest_people=fewest_people)


def _changed(counts: Any, before: CellTable, fewest_people: int) -> list[bool]:
    """Of each cell whether it differs from what was shown by fewer people than may be shown."""
    earlier = before.counts
    named = (counts.index.name, counts.columns.name)
    if named != (earlier.index.name, earlier.columns.name):
        raise ReentryError(
            f"before is a table of {earlier.index.name} and {earlier.columns.name}; expected one "
            f"of {named[0]} and {named[1]}"
        )
    shown = earlier.reindex(index=counts.index, columns=counts.columns)
    moved = (counts.astype("Int64") - shown).abs()
    few = (moved > 0) & (moved < fewest_people)
    return [bool(one) for one in few.fillna(False).to_numpy().ravel()]


def _sums(n_rows: int, n_columns: int) -> list[Relation]:
    """Each total and its parts, as places in the flattened table with its margins."""

    def at(i: int, j: int) -> int:
        return i * n_columns + j

    across = [
        Relation(at(i, n_columns - 1), tuple(at(i, j) for j in range(n_columns - 1)))
        for i in range(n_rows)
    ]
    down = [
        Relation(at(n_rows - 1, j), tuple(at(i, j) for i in range(n_rows - 1)))
        for j in range(n_columns)
    ]
    return across + down
