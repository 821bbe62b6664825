"""How much help there is: hours or places, by site and time."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ReentryError
from risicoscreener.reentry.selection.aids import Aid

ANYWHERE = "*"
FIRST, LAST = dt.date.min, dt.date.max
COLUMNS = ("site", "places", "hours", "from", "until")
MOST = 1e9


@dataclass(frozen=True)
class Cell:
    """Capacity of one site in one time.

    Attributes
    ----------
    site
        A prison, or ``*`` for everybody.
    hours
        In the unit of the help.
    from_on, until_on
        First and last day on which the help can begin.
    """

    site: str
    hours: float
    from_on: dt.date = FIRST
    until_on: dt.date = LAST


@dataclass(frozen=True)
class Places:
    """All capacity for one kind of help."""

    cells: tuple[Cell, ...]

    @classmethod
    def everywhere(cls, aid: Aid, places: int) -> Places:
        """So many places for everybody together."""
        return cls.of([{"site": ANYWHERE, "places": places}], aid)

    @classmethod
    def of(cls, rows: Any, aid: Aid) -> Places:
        """From a frame, or rows as mappings, with `COLUMNS`.

        ``site`` and one of ``places`` and ``hours`` are needed; ``from`` and ``until`` are days,
        empty for no limit.

        Raises
        ------
        ReentryError
            Naming row, column and value.
        """
        given = list(getattr(rows, "columns", ()))
        twice = next((name for name in given if given.count(name) > 1), None)
        if twice is not None:
            raise ReentryError(f"capacity has the column {twice!r} twice; expected it once")
        records: Iterable[Mapping[str, Any]] = (
            rows.to_dict("records") if hasattr(rows, "to_dict") else rows
        )
        found = tuple(_cell(number, row, aid) for number, row in enumerate(records, 1))
        if not found:
            raise ReentryError("no capacity is stated; expected a row for each site")
        return cls(found)

    def open_to(self, site: str, from_on: dt.date, until_on: dt.date) -> list[int]:
        """Cells in which someone can begin: of the site or of everybody, in the time."""
        return [
            place
            for place, cell in enumerate(self.cells)
            if cell.site in (site, ANYWHERE)
            and cell.from_on <= until_on
            and cell.until_on >= from_on
        ]

    @property
    def hours(self) -> npt.NDArray[np.float64]:
        """Of each cell, ``(k,)``."""
        return np.array([cell.hours for cell in self.cells])


def _cell(number: int, row: Mapping[str, Any], aid: Aid) -> Cell:
    where = f"capacity, row {number}"
    unknown = [name for name in row if name not in COLUMNS]
    if unknown:
        raise ReentryError(f"{where}: column {unknown[0]!r}; expected {', '.join(COLUMNS)}")
    site = row.get("site")
    if not isinstance(site, str) or not site.strip():
        raise ReentryError(f"{where}, site: {site!r}; expected the name of a prison, or *")
    given = {name: row.get(name) for name in ("places", "hours") if not _absent(row.get(name))}
    if len(given) != 1:
        raise ReentryError(f"{where}: {len(given)} of places and hours; expected one of the two")
    name, value = next(iter(given.items()))
    hours = _number(value, f"{where}, {name}") * (aid.hours if name == "places" else 1.0)
    first, last = _day(row.get("from"), f"{where}, from"), _day(row.get("until"), f"{where}, until")
    cell = Cell(site.strip(), hours, first or FIRST, last or LAST)
    if cell.until_on < cell.from_on:
        raise ReentryError(f"{where}, until: {cell.until_on}; expected {cell.from_on} or later")
    return cell


def _absent(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _number(value: Any, where: str) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not 0 <= found <= MOST:
        raise ReentryError(f"{where}: {value!r}; expected a number of 0 or more")
    return found


def _day(value: Any, where: str) -> dt.date | None:
    if _absent(value) or value != value:  # not a time: a missing day
        return None
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise ReentryError(f"{where}: {value!r}; expected a day as YYYY-MM-DD") from None
