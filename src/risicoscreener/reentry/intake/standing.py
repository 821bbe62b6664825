"""How far an intake is: per question whether it is answered as of a day, and since when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from risicoscreener.dossier.schema import tables
from risicoscreener.dossier.visible import visible
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.intake.questions import Question, Status, no_answer

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.dossier.record import Detention, Inquiry

ONE_DAY = dt.timedelta(days=1)


class Seen(NamedTuple):
    """What was found of one question on a day.

    Attributes
    ----------
    status
        How it stands.
    known_on
        The day of the answer, also of one that is outdated.
    asked_on, register
        The last consultation, and where.
    fields
        The fields that are not filled in, or on which facts contradict each other.
    facts
        How many facts belong to it.
    """

    status: Status
    known_on: dt.date | None = None
    asked_on: dt.date | None = None
    register: str | None = None
    fields: tuple[str, ...] = ()
    facts: int = 0


@dataclass(frozen=True)
class Asked:
    """One question put to one dossier, on any day of the detention.

    It is the one definition of what counts as answered, for a person and for many.
    """

    question: Question
    dossier: Dossier
    stay: Detention

    def on(self, day: dt.date) -> Seen:
        """How the question stands as of a day, by the facts known then."""
        asked = self.question
        if asked.regimes and self.stay.regime not in asked.regimes:
            return Seen("not_applicable")
        rows = [row for row in self._rows(day) if asked.matches(row)]
        inquiries = self._inquiries(day)
        seen = self._judge(rows, inquiries, day)
        last = max(inquiries, key=lambda row: row.consulted_on, default=None)
        if last is not None:
            status: Status = "unknown" if seen.status == "not_asked" else seen.status
            seen = seen._replace(status=status, asked_on=last.consulted_on, register=last.source)
        elif seen.status == "unknown" and not rows:
            seen = seen._replace(status="not_asked")
        return self._aged(seen._replace(facts=len(rows)), day)

    def days(self, until: dt.date) -> list[dt.date]:
        """The days, from arrival to ``until``, on which it may come to stand otherwise."""
        arrived = self.stay.arrived_on
        found = {arrived}
        for row in self._considered():
            found |= {day for name in _dates(type(row)) if (day := getattr(row, name))}
        if self.question.fresh_days is not None:
            term = dt.timedelta(days=self.question.fresh_days) + ONE_DAY
            found |= {day + term for day in found if day < dt.date.max - term}
        return sorted(day for day in found if arrived <= day <= until)

    def course(self, until: dt.date) -> list[tuple[dt.date, Status]]:
        """From arrival to a day: each day on which it came to stand otherwise, and how."""
        found: list[tuple[dt.date, Status]] = []
        for day in self.days(until):
            status = self.on(day).status
            if not found or found[-1][1] != status:
                found.append((day, status))
            if status == "known" and self._stays_known:
                break
        return found

    @cached_property
    def _stays_known(self) -> bool:
        """Whether what has happened cannot be undone: of many facts the first is enough."""
        rows = getattr(self.dossier, self.question.table)
        lasting = self.question.kind == "event" and self.question.fresh_days is None
        return lasting and not any(row.void or row.supersedes for row in rows)

    def _considered(self) -> Iterator[Any]:
        yield from getattr(self.dossier, self.question.table)
        yield from self.dossier.inquiries  # one about another part may replace one about this

    def _rows(self, day: dt.date) -> list[Any]:
        return [row for _, row in visible(getattr(self.dossier, self.question.table), day)]

    def _inquiries(self, day: dt.date) -> list[Inquiry]:
        """Consultations that may answer it: of the table, at a register of the question."""
        asked = self.question
        return [
            row
            for _, row in visible(self.dossier.inquiries, day)
            if row.subject == asked.table
            and row.source in asked.registers
            and row.consulted_on <= day
        ]

    def _judge(self, rows: list[Any], inquiries: list[Inquiry], day: dt.date) -> Seen:
        asked, complete = self.question, [row for row in inquiries if row.complete]
        consulted = max((row.recorded_at for row in complete), default=None)
        if asked.kind == "event":
            return self._event(rows, day)
        if asked.kind == "current":
            return self._current(rows, consulted, day)
        considered = self._open(rows, day) if asked.kind == "each" else rows
        lacking = self._lacking(considered, day)
        if lacking:
            return Seen("unknown", fields=lacking)
        if asked.kind == "each" and considered:
            return Seen("known", max(map(self._known_on, considered)))
        if consulted is None or not (considered or asked.none):
            return Seen("unknown")
        return Seen("known", consulted)

    def _event(self, rows: list[Any], day: dt.date) -> Seen:
        starts = str(tables()[self.question.table].starts)
        since = [r for r in rows if self.stay.arrived_on <= getattr(r, starts) <= day]
        if not since:
            return Seen("not_asked")
        whole = [row for row in since if not self._lacking([row], day)]
        if not whole:
            return Seen("unknown", fields=self._lacking(since, day))
        return Seen("known", min(map(self._known_on, whole)))

    def _current(self, rows: list[Any], consulted: dt.date | None, day: dt.date) -> Seen:
        """By the facts of the latest day alone, as features do that take the last value."""
        starts = str(tables()[self.question.table].starts)
        now = self._open(rows, day)
        if not now:
            none = self.question.none and consulted is not None
            return Seen("known", consulted) if none else Seen("unknown")
        latest = max(getattr(row, starts) for row in now)
        last = [row for row in now if getattr(row, starts) == latest]
        against = tuple(f for f in self.question.fields if len(self._values(last, f, day)) > 1)
        if against:
            return Seen("contradictory", fields=against)
        lacking = self._lacking(last, day)
        if lacking:
            return Seen("unknown", fields=lacking)
        known_on = max(map(self._known_on, last))
        return Seen("known", known_on if consulted is None else max(known_on, consulted))

    def _known_on(self, row: Any) -> dt.date:
        """The day on which a fact and the fields that are asked were known."""
        columns = tables()[self.question.table].columns
        since = [columns[field].known_from for field in self.question.fields]
        came = [getattr(row, name) for name in since if name is not None]
        return max([row.recorded_at, *(day for day in came if day is not None)])

    def _open(self, rows: list[Any], day: dt.date) -> list[Any]:
        ends = tables()[self.question.table].ends
        if ends is None:
            return rows
        return [row for row in rows if (end := getattr(row, ends)) is None or end > day]

    def _values(self, rows: list[Any], field: str, day: dt.date) -> set[Any]:
        """The different values of a field that are known; None for what is not."""
        return {self._value(row, field, day) for row in rows}

    def _value(self, row: Any, field: str, day: dt.date) -> Any:
        since = tables()[self.question.table].columns[field].known_from
        if since is not None:
            known = getattr(row, since)
            if known is None or known > day:
                return None
        value = getattr(row, field)
        return None if value in no_answer(field) else value

    def _lacking(self, rows: list[Any], day: dt.date) -> tuple[str, ...]:
        return tuple(f for f in self.question.fields if None in self._values(rows, f, day))

    def _aged(self, seen: Seen, day: dt.date) -> Seen:
        """An answer that was there before this detention, or too long ago, is outdated."""
        if seen.status != "known" or seen.known_on is None:
            return seen
        term = self.question.fresh_days
        early = self.question.since_arrival and seen.known_on < self.stay.arrived_on
        late = term is not None and (day - seen.known_on).days > term
        return seen._replace(status="outdated") if early or late else seen


def _dates(row: type) -> tuple[str, ...]:
    """The fields of a row that are days."""
    spec = next(spec for spec in tables().values() if spec.row is row)
    return tuple(name for name, column in spec.columns.items() if column.kind == "date")


def present_stay(dossier: Dossier, day: dt.date) -> Detention:
    """The detention on a day: of those not ended the one that began last.

    Raises
    ------
    ReentryError
        If no detention is known on that day.
    """
    stays = [
        row
        for _, row in visible(dossier.detentions, day)
        if row.arrived_on <= day and (row.released_on is None or row.released_on > day)
    ]
    if not stays:
        raise ReentryError(
            f"{dossier.person_id}: no detention is known on {day}; expected a day of a detention"
        )
    return max(stays, key=lambda row: row.arrived_on)
