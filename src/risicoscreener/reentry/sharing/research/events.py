"""The tables of facts of an export: dates shifted, rare codes taken together, numbers coarser."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import Column, tables
from risicoscreener.dossier.visible import visible
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
    rows_left_out
        Per ``table.column`` how many rows were left out since their codes are together of fewer
        than k people, and per table where all are of fewer: a gap would point to those few.
    emptied
        ``table.column`` of which too few people have a value; it is empty.
    capped, raised
        Per ``table.column`` of numbers the highest and the lowest that is shown, where any was cut
        off there.
    unique_trails
        Share of the people of whom no other has as many rows in each table.
    unique_courses
        Share of the people of whom no other has facts of the same tables with the same gaps: two
        exports with these facts can be joined by them, whatever the pseudonyms.
    """

    frames: dict[str, Any]
    merged: dict[str, int]
    rows_left_out: dict[str, int]
    emptied: tuple[str, ...]
    capped: dict[str, float]
    raised: dict[str, float]
    unique_trails: float
    unique_courses: float


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
        Dossiers, each as known on the last day of that person (`Pseudonyms.last_day`).
    as_of
        The day on which it is given.
    """
    making = _FactsInTheMaking(project, purpose, pseudonyms, as_of)
    frames = {table: making.frame(people, table) for table in project.tables}
    return Facts(
        frames=frames,
        merged=making.merged,
        rows_left_out=making.rows_left_out,
        emptied=tuple(making.emptied),
        capped=making.capped,
        raised=making.raised,
        unique_trails=_unique_trails(people, project, as_of),
        unique_courses=_unique_courses(frames, len(people)),
    )


class _FactsInTheMaking:
    """Tables of facts in the making, and what is changed in them."""

    def __init__(
        self, project: Project, purpose: Purpose, pseudonyms: Pseudonyms, as_of: dt.date
    ) -> None:
        self.project, self.purpose = project, purpose
        self.pseudonyms, self.as_of = pseudonyms, as_of
        self.merged: dict[str, int] = {}
        self.rows_left_out: dict[str, int] = {}
        self.emptied: list[str] = []
        self.capped: dict[str, float] = {}
        self.raised: dict[str, float] = {}

    def frame(self, people: list[Dossier], table: str) -> Any:
        """The DataFrame of a table."""
        names = self.project.columns_of(table, self.purpose)
        rows = [
            (person.person_id, row)
            for person in people
            for _, row in visible(getattr(person, table), self.as_of)
        ]
        rows = self._without_few(rows, table, names)
        columns: dict[str, list[Any]] = {
            PSEUDONYM: [self.pseudonyms.pseudonym(person_id) for person_id, _ in rows]
        }
        for name in names:
            values = [(person_id, getattr(row, name)) for person_id, row in rows]
            column = tables()[table].columns[name]
            columns[name] = self._coarser(column, f"{table}.{name}", values)
        return _in_an_order_of_its_own(columns, names)

    def _without_few(
        self, rows: list[tuple[str, Any]], table: str, names: tuple[str, ...]
    ) -> list[tuple[str, Any]]:
        """Rows without codes that are together of too few people to stand for each other."""
        kinds = {name: tables()[table].columns[name].kind for name in names}
        coded = [name for name in names if kinds[name] in ("code", "flag")]
        before = -1
        while len(rows) != before:  # what goes for one column can make a code of another rare
            before = len(rows)
            for name in coded:
                few = few_codes([(who, getattr(row, name)) for who, row in rows], self.project.k)
                stay = [(who, row) for who, row in rows if getattr(row, name) not in few]
                self._leave_out(f"{table}.{name}", len(rows) - len(stay))
                rows = stay
        if len({who for who, _ in rows}) < self.project.k:
            self._leave_out(table, len(rows))
            return []
        return rows

    def _leave_out(self, place: str, n: int) -> None:
        if n:
            self.rows_left_out[place] = self.rows_left_out.get(place, 0) + n

    def _coarser(self, column: Column, place: str, values: list[tuple[str, Any]]) -> list[Any]:
        if column.kind == "date":
            values = [(whose, self._shifted(whose, day)) for whose, day in values]
        holders = {person_id for person_id, value in values if value is not None}
        if not holders:
            return [None] * len(values)
        if len(holders) < self.project.k:
            return self._emptied(place, values)
        match column.kind:
            case "date":
                return [day for _, day in values]
            case "integer" | "number":
                return self._numbers(place, values)
        codes, n_rare = rare_together(values, self.project.k)
        if n_rare and column.kind == "flag":  # of two values one alone cannot be taken together
            return self._emptied(place, values)
        if n_rare:
            self.merged[place] = n_rare
        return codes

    def _emptied(self, place: str, values: list[tuple[str, Any]]) -> list[Any]:
        self.emptied.append(place)
        return [None] * len(values)

    def _shifted(self, person_id: str, day: dt.date | None) -> dt.date | None:
        """A date as it goes out; one after the last day of the person would tell the shift."""
        if day is None or day > self.pseudonyms.last_day(person_id, self.as_of):
            return None
        number = self.pseudonyms.shifted(person_id, day).toordinal()
        step = self.project.date_step
        return dt.date.fromordinal(max(number // step * step, 1))

    def _numbers(self, place: str, values: list[tuple[str, Any]]) -> list[Any]:
        """Rounded, and cut off at what k people reach and at what k people stay under."""
        of_person: dict[str, list[float]] = {}
        for person_id, value in values:
            if value is not None:
                of_person.setdefault(person_id, []).append(value)
        last = self.project.k - 1
        cap = sorted(map(max, of_person.values()), reverse=True)[last]
        floor = sorted(map(min, of_person.values()))[last]
        if floor > cap:
            return self._emptied(place, values)
        step = self.project.round.get(place.split(".")[1], 1)
        top, bottom = (round(end / step) * step for end in (cap, floor))
        every = [value for some in of_person.values() for value in some]
        if max(every) > cap:
            self.capped[place] = top
        if min(every) < floor:
            self.raised[place] = bottom
        return [
            None if v is None else min(max(round(v / step) * step, bottom), top) for _, v in values
        ]


def _in_an_order_of_its_own(columns: dict[str, list[Any]], names: tuple[str, ...]) -> Any:
    """A DataFrame in an order that follows from what is in it, and not from how it was given."""
    import pandas as pd

    frame = pd.DataFrame(columns, columns=[PSEUDONYM, *names])
    order = frame.astype(str).sort_values([PSEUDONYM, *names], kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def few_codes(values: Sequence[tuple[Hashable, Any]], k: int) -> set[Any]:
    """Codes that fewer than k people have, if all of those together have fewer than k people."""
    who = _holders(values)
    rare = {code for code, people in who.items() if len(people) < k}
    together = set().union(*(who[code] for code in rare))
    return rare if len(together) < k else set()


def _holders(values: Sequence[tuple[Hashable, Any]]) -> dict[Any, set[Hashable]]:
    """Who has each code."""
    who: dict[Any, set[Hashable]] = {}
    for whose, code in values:
        if code is not None:
            who.setdefault(code, set()).add(whose)
    return who


def rare_together(values: Sequence[tuple[Hashable, Any]], k: int) -> tuple[list[Any], int]:
    """Codes with those that fewer than k people have taken together, and with more if need be.

    If all rare codes together are still those of fewer than k people, the next rarest join them:
    leaving the code out would point to the same few.

    Parameters
    ----------
    values
        Of each row whose it is, and the code.

    Returns
    -------
    The codes, `RARE` for those taken together, and how many were. Absent is what was absent; all is
    where fewer than k people have any code.
    """
    who = _holders(values)
    together: set[Any] = set()
    people: set[Hashable] = set()
    for code in sorted(who, key=lambda code: (len(who[code]), str(code))):
        if len(who[code]) >= k and (not together or len(people) >= k):
            break
        together.add(code)
        people |= who[code]
    stand_in = RARE if len(people) >= k else None
    return [stand_in if code in together else code for _, code in values], len(together)


def _unique_trails(people: list[Dossier], project: Project, as_of: dt.date) -> float:
    trails = [
        tuple(len(visible(getattr(person, table), as_of)) for table in project.tables)
        for person in people
    ]
    alike = Counter(trails)
    return sum(alike[trail] == 1 for trail in trails) / len(trails) if trails else 0.0


def _unique_courses(frames: dict[str, Any], n_people: int) -> float:
    """Share of people of whom no other has facts of the same tables, as many days apart."""
    days: dict[str, list[tuple[dt.date, str]]] = {}
    for table, frame in frames.items():
        starts = str(tables()[table].starts)
        if starts in frame.columns:
            for whose, day in zip(frame[PSEUDONYM], frame[starts], strict=True):
                if day is not None:
                    days.setdefault(whose, []).append((day, table))
    courses = []
    for dated in days.values():
        first = min(dated)[0]
        courses.append(tuple(sorted(((day - first).days, table) for day, table in dated)))
    alike = Counter(courses)
    return sum(alike[course] == 1 for course in courses) / n_people if n_people else 0.0
