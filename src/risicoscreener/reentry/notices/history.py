"""How what has to be told changed over time, and what each recipient was told meanwhile.

On each day on which something became known it is asked what has to be told; what holds from one
such day to the next is a version. A version is satisfied as soon as its recipient holds what it
says. Whoever holds something that is not so any more has to be told that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.reentry.notices.claims import (
    READ,
    Claim,
    Key,
    Reading,
    Said,
    claims_on,
    stays_on,
)
from risicoscreener.reentry.notices.entries import Sent, Withdrawn
from risicoscreener.reentry.notices.rules import NoticeRule, ground
from risicoscreener.reentry.sharing import Purpose

State = Literal[
    "sent",
    "late",
    "due",
    "overdue",
    "missed",
    "superseded",
    "lapsed",
    "no_date",
    "no_addressee",
    "to_judge",
    "not_inquired",
]
Kind = Literal["notice", "renewal", "withdrawal"]
DAY = dt.timedelta(days=1)


class Version(NamedTuple):
    """What had to be told from a day on, up to but not including another; None: nothing."""

    known_on: dt.date
    until: dt.date | None
    claim: Claim | None


class Owed(NamedTuple):
    """A notice, a renewal or a withdrawal that was or is owed, and how it stands."""

    kind: Kind
    to: str | None
    event_on: dt.date | None
    known_on: dt.date
    due_on: dt.date | None
    sent_on: dt.date | None
    state: State


class Course(NamedTuple):
    """Versions of everything that ever had to be told, and when each detention ended."""

    versions: dict[Key, list[Version]]
    ended: dict[str, dt.date]


def course_of(
    dossier: Dossier,
    as_of: dt.date,
    rules: tuple[NoticeRule, ...],
    table: tuple[Purpose, ...],
    said: Said,
) -> Course:
    """What had to be told from day to day, up to and including a day."""
    reading = Reading(dossier)
    days = sorted(day for day in _days(reading.dossier, table, said) if day <= as_of)
    on_day = {day: claims_on(reading, day, rules, table, said) for day in days}
    keys = dict.fromkeys(key for claims in on_day.values() for key in claims)
    versions = {key: _versions(key, on_day) for key in keys}
    return Course(versions, _ends(reading.on(as_of), as_of, said))


def _ends(read: Dossier, as_of: dt.date, said: Said) -> dict[str, dt.date]:
    ends = {}
    died = said.death(as_of)
    for stay in stays_on(read, as_of):
        released = stay.row.released_on
        if released is not None and released <= as_of:
            ends[stay.about] = released
        elif died is not None:
            ends[stay.about] = died
    return ends


def _days(read: Dossier, table: tuple[Purpose, ...], said: Said) -> set[dt.date]:
    """The days on which something became known, or a ground began or ended."""
    found = set()
    for name in READ:
        dated = {
            since for column in tables()[name].columns.values() if (since := column.known_from)
        }
        for row in getattr(read, name):
            found.add(row.recorded_at)
            days = (getattr(row, since) for since in dated)
            found |= {day for day in days if day is not None}
    found |= {purpose.valid_from for purpose in table}
    found |= {p.valid_until + DAY for p in table if p.valid_until is not None}
    found |= {one.decided_on for one in said.planned} | {one.judged_on for one in said.judged}
    if said.died is not None:
        found.add(said.died.recorded_at)
    return found


def _versions(key: Key, on_day: dict[dt.date, dict[Key, Claim]]) -> list[Version]:
    """The claims of a key from day to day, those that are the same taken together."""
    found: list[tuple[dt.date, Claim | None]] = []
    for day, claims in on_day.items():
        claim = claims.get(key)
        if (found and found[-1][1] == claim) or (not found and claim is None):
            continue
        found.append((day, claim))
    ends = [later for (_, (later, _)) in pairwise(found)]
    return [
        Version(day, end, claim) for (day, claim), end in zip(found, [*ends, None], strict=True)
    ]


class Ledger:
    """What was sent on one key, and what is owed on it."""

    def __init__(
        self,
        rule: NoticeRule,
        versions: list[Version],
        entries: list[Sent | Withdrawn],
        as_of: dt.date,
        ended_on: dt.date | None,
        table: tuple[Purpose, ...],
    ) -> None:
        self.rule, self.versions, self.as_of = rule, versions, as_of
        self.entries = sorted(
            (entry for entry in entries if entry.sent_on <= as_of), key=lambda entry: entry.sent_on
        )
        self.ended_on, self.table = ended_on, table

    def owed(self) -> Iterator[Owed]:
        """Everything that was or is owed, in the order in which it became known."""
        told_of: set[int] = set()
        for version in self.versions:
            if version.claim is not None:
                yield self._notice(version, version.claim)
            yield from self._withdrawals(version, told_of)

    # --- notices --------------------------------------------------------------------------

    def _notice(self, version: Version, claim: Claim) -> Owed:
        held = self._held(claim.to, version)
        is_told = isinstance(held, Sent) and held.event_on == claim.event_on
        renewal = isinstance(held, Sent) and not is_told
        due = self.rule.due_on(claim.event_on, version.known_on)
        if renewal and claim.event_on is not None:
            due = version.known_on + dt.timedelta(days=self.rule.correct_within_days)
        sent = None
        if not claim.to_judge and claim.event_on is not None:
            sent = self._told_on(version, claim, held if isinstance(held, Sent) else None)
        return Owed(
            kind="renewal" if renewal else "notice",
            to=claim.to,
            event_on=claim.event_on,
            known_on=version.known_on,
            due_on=due,
            sent_on=sent,
            state=self._state(version, claim, due, sent),
        )

    def _held(self, to: str | None, version: Version) -> Sent | Withdrawn | None:
        """The last that a recipient was told before a version, if anything."""
        before = [
            entry
            for entry in self.entries
            if entry.to == to
            and (
                entry.sent_on < version.known_on
                or (entry.sent_on == version.known_on and not says(entry, version.claim))
            )
        ]
        return before[-1] if before else None

    def _told_on(self, version: Version, claim: Claim, held: Sent | None) -> dt.date | None:
        """The day on which the recipient was told a claim, if that is what it holds at the end."""
        within = [
            entry
            for entry in self.entries
            if entry.to == claim.to
            and (says(entry, claim) or entry.sent_on != version.until)
            and version.known_on <= entry.sent_on <= (version.until or dt.date.max)
            and (entry.sent_on > version.known_on or says(entry, claim))
        ]
        told = [entry for entry in (held, *within) if entry is not None and says(entry, claim)]
        last = within[-1] if within else held
        return told[0].sent_on if told and last is not None and says(last, claim) else None

    def _state(
        self, version: Version, claim: Claim, due: dt.date | None, sent: dt.date | None
    ) -> State:
        if sent is not None:
            in_time = due is None or sent <= due
            if in_time:
                return "sent" if version.until is None else "superseded"
            return "late"
        if version.until is not None:
            return "missed" if due is not None and due < version.until else "lapsed"
        if claim.event_on is None:
            return "to_judge" if claim.to_judge else "no_date"
        if due is not None and self.as_of > due and self._is_moot(claim.event_on):
            return "missed"
        if claim.to_judge:
            return "to_judge"
        if claim.to is None:
            return "no_addressee"
        return "due" if due is None or self.as_of <= due else "overdue"

    def _is_moot(self, event_on: dt.date) -> bool:
        """Whether the event, or for what is told afterwards the detention, lies in the past."""
        ends = self.ended_on if self.rule.days_before is None else event_on
        return ends is not None and self.as_of > ends

    # --- withdrawals ----------------------------------------------------------------------

    def _withdrawals(self, version: Version, told_of: set[int]) -> Iterator[Owed]:
        """Who holds, when a version begins, something to come that it does not say any more."""
        if ground(self.rule, version.known_on, self.table) is None:
            return
        claim = version.claim
        for to in dict.fromkeys(entry.to for entry in self.entries):
            held = self._held(to, version)
            if not isinstance(held, Sent) or id(held) in told_of:
                continue
            still = claim is not None and claim.to == to and claim.event_on is not None
            if still or self._is_history(held, version):
                continue
            told_of.add(id(held))
            yield self._withdrawal(version, held)

    def _is_history(self, held: Sent, version: Version) -> bool:
        """Whether what was told lay in the past already; that someone is detained still counts."""
        if self.rule.event == "arrival" or held.event_on is None:
            return False
        return held.event_on < version.known_on

    def _withdrawal(self, version: Version, held: Sent) -> Owed:
        due = version.known_on + dt.timedelta(days=self.rule.correct_within_days)
        again = self._holds_again_on(version, held)
        sent = next(
            (
                entry.sent_on
                for entry in self.entries
                if isinstance(entry, Withdrawn)
                and entry.to == held.to
                and version.known_on <= entry.sent_on <= (again or dt.date.max)
            ),
            None,
        )
        if sent is not None:
            state: State = "sent" if sent <= due else "late"
        elif again is not None:
            state = "missed" if due < again else "lapsed"
        elif self.as_of <= due:
            state = "due"
        else:
            passed = held.event_on is not None and held.event_on < self.as_of
            state = "missed" if passed else "overdue"
        return Owed("withdrawal", held.to, held.event_on, version.known_on, due, sent, state)

    def _holds_again_on(self, version: Version, held: Sent) -> dt.date | None:
        """The day from which the recipient has to be told of something again, if ever."""
        for later in self.versions:
            claim = later.claim
            if later.known_on <= version.known_on or claim is None or claim.event_on is None:
                continue
            if claim.to == held.to:
                return later.known_on
        return None

    # --- what had no ground ---------------------------------------------------------------

    def without_ground(self, entry: Sent | Withdrawn) -> str | None:
        """Why an entry on this key had no ground when it was sent; None if it had."""
        if ground(self.rule, entry.sent_on, self.table) is None:
            return "no_basis"
        if isinstance(entry, Withdrawn):
            earlier = [e for e in self.entries if e.to == entry.to and e.sent_on <= entry.sent_on]
            return None if any(isinstance(e, Sent) for e in earlier) else "nothing_to_withdraw"
        on_day = [
            v
            for v in self.versions
            if v.known_on <= entry.sent_on and (v.until is None or entry.sent_on <= v.until)
        ]
        claims = [v.claim for v in on_day if v.claim is not None and not v.claim.to_judge]
        if any(says(entry, claim) for claim in claims):
            return None
        if not claims:
            return "no_such_duty"
        return "other_addressee" if all(c.to != entry.to for c in claims) else "other_date"


def says(entry: Sent | Withdrawn, claim: Claim | None) -> bool:
    """Whether an entry says what a claim asks to be told."""
    if not isinstance(entry, Sent) or claim is None:
        return False
    return entry.to == claim.to and entry.event_on == claim.event_on
