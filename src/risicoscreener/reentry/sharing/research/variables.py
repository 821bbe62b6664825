"""The variables of each person, and their values at each step from fine to coarse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.dossier.visible import visible
from risicoscreener.reentry.sharing.purposes import PERSONS
from risicoscreener.reentry.sharing.research.project import Variable, group_of

NOT_KNOWN, ANYTHING, OTHER = "?", "*", "other"
"""A value that is not known, one that was left out, and a code that is in no group."""
FIVE = 5


def value_of(variable: Variable, known: Dossier, as_of: dt.date) -> Any:
    """The value of a variable in a dossier as it was known on a day; None if it is not known.

    A date is the true one: `exporting` shifts it as all dates of the person are.
    """
    if variable.table == PERSONS:
        value = getattr(known.person, variable.column)
        return _age(value, as_of) if variable.column == "birth_date" else value
    rows = [row for _, row in visible(getattr(known, variable.table), as_of)]
    if variable.take == "index":
        rows = [row for row in rows if row.index_offence]
    starts = str(tables()[variable.table].starts)
    last = max(rows, key=lambda row: getattr(row, starts), default=None)
    return None if last is None else getattr(last, variable.column)


def _age(birth: dt.date, as_of: dt.date) -> int:
    """Whole years."""
    return as_of.year - birth.year - ((as_of.month, as_of.day) < (birth.month, birth.day))


def ladder_of(variable: Variable, values: Sequence[Any]) -> list[list[str]]:
    """The values at each step, and at a last one at which nothing is left."""
    steps = [[_at_step(variable, step, value) for value in values] for step in variable.steps]
    return [*steps, [ANYTHING] * len(values)]


def step_names(variable: Variable) -> tuple[str, ...]:
    """What the steps are called, with the last."""
    return (*variable.steps, ANYTHING)


def _at_step(variable: Variable, step: str, value: Any) -> str:
    if value is None:
        return NOT_KNOWN
    if isinstance(value, dt.date):
        return _period(step, value.year)
    if step == "code":
        return str(value)
    if step == "group":
        return group_of(variable).get(value, OTHER)
    width = int(step)
    low = int(value // width) * width
    return f"{low}-{low + width - 1}"


def _period(step: str, year: int) -> str:
    if step == "year":
        return str(year)
    low = year // FIVE * FIVE
    return f"{low}-{low + FIVE - 1}"
