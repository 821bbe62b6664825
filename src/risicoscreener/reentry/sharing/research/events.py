"""The tables of facts of an export: dates shifted, rare codes taken together, numbers coarser."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import Column, tables
from risicoscreener.features.one import visible
from risicoscreener.reentry.sharing.purposes import Purpose
from risicoscreener.reentry.sharing.research.project import PSEUDONYM, Project
from risicoscreener.reentry.sharing.research.pseudonyms import Pseudonyms

RARE = "rare"
"""What stands for codes that few people have."""


class Facts(NamedTuple):
    """The tables of facts of an export, and what was changed in them.

    Attributes
    ----------
    frames
        A DataFrame for each table.
    merged
        Per ``table.column`` how many codes were taken together as `RARE`.
    emptied
        ``table.column`` of which too few people have a value; it is empty.
    capped
        Per ``table.column`` of numbers the highest that is shown.
    unique_trails
        Share of the people of whom no other has as many rows in each table.
    """

    frames: dict[str, Any]
    merged: dict[str, int]
    emptied: tuple[str, ...]
    capped: dict[str, float]
    unique_trails: float


def facts_of(
    people: list[Dossier],
    project: Project,
    purpose: Purpose,
    pseudonyms: Pseudonyms,
    as_of: dt.date,
) -> Facts:
    """The facts of the people who stay in an export.

    Parameters
    ----------
    people
        Dossiers as they were known on the day.
    """
    found = Facts({}, {}, (), {}, _unique_trails(people, project, as_of))
    emptied: list[str] = []
    for table in project.tables:
        names = project.columns_of(table, purpose)
        rows = [
            (person.person_id, row)
            for person in people
            for _, row in visible(getattr(person, table), as_of)
        ]
        columns: dict[str, list[Any]] = {
            PSEUDONYM: [pseudonyms.pseudonym(person_id) for person_id, _ in rows]
        }
        for name in names:
            values = [(person_id, getattr(row, name)) for person_id, row in rows]
            column, place = tables()[table].columns[name], f"{table}.{name}"
            columns[name] = _coarser(column, place, values, project, pseudonyms, found, emptied)
        found.frames[table] = _frame(columns, table, names)
    return found._replace(emptied=tuple(emptied))


def _frame(columns: dict[str, list[Any]], table: str, names: tuple[str, ...]) -> Any:
    """A DataFrame in an order that does not follow the one in which people were given."""
    import pandas as pd

    frame = pd.DataFrame(columns, columns=[PSEUDONYM, *names])
    starts = str(tables()[table].starts)
    by = [PSEUDONYM, *([starts] if starts in names else [])]
    return frame.sort_values(by, kind="stable").reset_index(drop=True)


def _coarser(
    column: Column,
    place: str,
    values: list[tuple[str, Any]],
    project: Project,
    pseudonyms: Pseudonyms,
    found: Facts,
    emptied: list[str],
) -> list[Any]:
    holders = {person_id for person_id, value in values if value is not None}
    if len(holders) < project.k:
        if holders:
            emptied.append(place)
        return [None] * len(values)
    if column.kind == "date":
        return [
            None if day is None else pseudonyms.shifted(person_id, day) for person_id, day in values
        ]
    if column.kind in ("integer", "number"):
        return _numbers(place, values, project, found)
    if column.kind == "flag":
        return [value for _, value in values]
    codes, n_rare = rare_together(values, project.k)
    if n_rare:
        found.merged[place] = n_rare
    return codes


def _numbers(
    place: str, values: list[tuple[str, Any]], project: Project, found: Facts
) -> list[Any]:
    """Rounded, and those above what k people reach cut off there."""
    step = project.round.get(place.split(".")[1], 1)
    most: dict[str, float] = {}
    for person_id, value in values:
        if value is not None:
            most[person_id] = max(most.get(person_id, value), value)
    cap = sorted(most.values(), reverse=True)[project.k - 1]
    top = round(cap / step) * step
    if any(value > cap for value in most.values()):
        found.capped[place] = top
    return [None if v is None else min(round(v / step) * step, top) for _, v in values]


def rare_together(
    values: Sequence[tuple[Hashable, str | None]], k: int
) -> tuple[list[str | None], int]:
    """Codes with those that fewer than k people have as one, or absent if that is still too few.

    Parameters
    ----------
    values
        Of each row whose it is, and the code.

    Returns
    -------
    The codes, and how many were rare.
    """
    holders = Counter(code for _, code in {(whose, c) for whose, c in values if c is not None})
    rare = {code for code, n in holders.items() if n < k}
    together = {whose for whose, code in values if code in rare}
    stand_in = RARE if len(together) >= k else None
    return [stand_in if code in rare else code for _, code in values], len(rare)


def _unique_trails(people: list[Dossier], project: Project, as_of: dt.date) -> float:
    trails = [
        tuple(len(visible(getattr(person, table), as_of)) for table in project.tables)
        for person in people
    ]
    alike = Counter(trails)
    return sum(alike[trail] == 1 for trail in trails) / len(trails) if trails else 0.0
