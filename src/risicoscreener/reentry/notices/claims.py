"""What has to be told as of one day: of which event, on which day it is, and to whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import msgspec

from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.record import Detention, Dossier, Liberty
from risicoscreener.dossier.schema import tables
from risicoscreener.dossier.visible import visible
from risicoscreener.reentry.notices.entries import Died, Judged
from risicoscreener.reentry.notices.rules import NoticeRule, ground
from risicoscreener.reentry.sharing import Purpose
from risicoscreener.reentry.sharing.minimising import rows_for
from risicoscreener.victims.duties import Planned, escapes

READ = ("detentions", "housing", "convictions", "liberties", "conduct")
"""The tables from which it is known what has to be told."""
Contradictory = Literal["contradictory"]
Key = tuple[str, str]
"""A notice, and the detention, liberty or escape that it is about."""


class Claim(NamedTuple):
    """What has to be told.

    Attributes
    ----------
    event_on
        The day of the event; None if it is not known.
    to
        The municipality or office; None if it is not known.
    to_judge
        Whether somebody has to judge first whether the ground is there.
    """

    event_on: dt.date | None
    to: str | None
    to_judge: bool = False


@dataclass(frozen=True)
class Said:
    """What is known beside the dossier: liberties planned, judgements, and death."""

    planned: tuple[Planned, ...] = ()
    judged: tuple[Judged, ...] = ()
    died: Died | None = None

    def death(self, day: dt.date) -> dt.date | None:
        """The day of death, if it was known by a day."""
        if self.died is None or self.died.recorded_at > day:
            return None
        return self.died.died_on

    def judgement(self, purpose: str, about: str, day: dt.date) -> bool | Contradictory | None:
        """The last judgement by a day on a ground in a detention; None if there is none."""
        found = [
            one
            for one in self.judged
            if (one.purpose, one.about) == (purpose, about) and one.judged_on <= day
        ]
        last = max((one.judged_on for one in found), default=None)
        said = {one.applies for one in found if one.judged_on == last}
        if len(said) > 1:
            return "contradictory"
        return said.pop() if said else None


class Stay(NamedTuple):
    """A detention as known on a day, its name over all corrections, and when it was final."""

    about: str
    row: Detention
    frozen_on: dt.date


class Happening(NamedTuple):
    """Something to tell of: its name, its day, and the detention in which it happens."""

    about: str
    on: dt.date | None
    stay: Stay


class Reading:
    """A dossier as it was known on each of many days, with only what notices are read from."""

    def __init__(self, dossier: Dossier) -> None:
        empty: dict[str, list[Any]] = {name: [] for name in tables() if name not in READ}
        escaped = [row for row in dossier.conduct if row.subject == "escape"]
        self.dossier = msgspec.structs.replace(dossier, **{**empty, "conduct": escaped})
        self._on: dict[dt.date, Dossier] = {}

    def on(self, day: dt.date) -> Dossier:
        """The dossier as known on a day."""
        if day not in self._on:
            self._on[day] = as_known(self.dossier, day)
        return self._on[day]


def stays_on(dossier: Dossier, day: dt.date) -> list[Stay]:
    """The detentions known on a day, by arrival; each by the arrival that was recorded first."""
    names = names_of_stays(dossier, day)
    found = []
    for position, row in visible(dossier.detentions, day):
        released = row.released_on
        is_over = released is not None and released <= day
        frozen = max(released or day, row.recorded_at) if is_over else day
        found.append(Stay(names[_root(dossier.detentions, position)], row, min(frozen, day)))
    return sorted(found, key=lambda stay: stay.row.arrived_on)


def _root(rows: list[Detention], position: int) -> int:
    """The fact that a correction, by way of others, corrects."""
    at = {row.fact_id: i for i, row in enumerate(rows)}
    while (earlier := rows[position].supersedes) is not None:
        position = at[earlier]
    return position


def names_of_stays(dossier: Dossier, day: dt.date) -> dict[int, str]:
    """What each detention recorded by a day is called, by the position of its first fact.

    It is the arrival that was recorded first, whatever a correction made of it.
    """
    rows = dossier.detentions
    roots = [i for i, row in enumerate(rows) if row.supersedes is None and row.recorded_at <= day]
    roots.sort(key=lambda i: (rows[i].recorded_at, i))
    names, taken = {}, dict[str, int]()
    for i in roots:
        name = rows[i].arrived_on.isoformat()
        taken[name] = taken.get(name, 0) + 1
        names[i] = name if taken[name] == 1 else f"{name}-{taken[name]}"
    return names


def claims_on(
    reading: Reading,
    day: dt.date,
    rules: tuple[NoticeRule, ...],
    table: tuple[Purpose, ...],
    said: Said,
) -> dict[Key, Claim]:
    """What has to be told by what is known on a day, whether or not it was told."""
    known = reading.on(day)
    stays = stays_on(known, day)
    found: dict[Key, Claim] = {}
    for rule in rules:
        purpose = ground(rule, day, table)
        if purpose is None:
            continue
        for happening in _happenings(rule, known, stays, day, said):
            claim = _claim(rule, purpose, reading, happening, day, said)
            if claim is not None:
                found[rule.id, happening.about] = claim
    return found


def _claim(
    rule: NoticeRule,
    purpose: Purpose,
    reading: Reading,
    happening: Happening,
    day: dt.date,
    said: Said,
) -> Claim | None:
    stay, on = happening.stay, happening.on
    if on is not None and on < purpose.valid_from:
        return None
    needed = rule.needs_rows is None or _has_row(rule.needs_rows, purpose, reading, stay)
    judged = rule.judged
    judgement = None if judged is None else said.judgement(judged, stay.about, day)
    if judgement is False or (not needed and judgement is None):
        return None
    to_judge = judged is not None and judgement is not True
    return Claim(on, _addressee(rule, reading, stay), to_judge)


def _has_row(table: str, purpose: Purpose, reading: Reading, stay: Stay) -> bool:
    return bool(rows_for(reading.on(stay.frozen_on), purpose, table, stay.frozen_on))


# --- what happens -------------------------------------------------------------------------------


def _happenings(
    rule: NoticeRule, known: Dossier, stays: list[Stay], day: dt.date, said: Said
) -> Iterator[Happening]:
    died = said.death(day)
    for stay in stays:
        match rule.event:
            case "arrival":
                yield Happening(stay.about, stay.row.arrived_on, stay)
            case "release":
                yield from _release(rule, known, stay, died, day)
            case "liberty":
                found = sorted(_granted(rule, known, stay, day, said), key=_first)
                found = [one for one in found if died is None or (one.on or died) < died]
                yield from found[:1] if rule.first_only else found
            case "escape":
                for on in dict.fromkeys(escapes(known, stay.row, day)):
                    if stay.row.released_on is None or on < stay.row.released_on:
                        yield Happening(f"{stay.about}/{on}", on, stay)


def _first(happening: Happening) -> tuple[dt.date, str]:
    return happening.on or dt.date.max, happening.about


def _release(
    rule: NoticeRule, known: Dossier, stay: Stay, died: dt.date | None, day: dt.date
) -> Iterator[Happening]:
    on = _release_on(known, stay, day)
    released = stay.row.released_on
    if died is not None and died >= stay.row.arrived_on and (released is None or died <= released):
        if rule.by_death:
            yield Happening(stay.about, died, stay)
        return
    yield Happening(stay.about, on, stay)


def _release_on(known: Dossier, stay: Stay, day: dt.date) -> dt.date | None:
    """The day of release; before it, that of conditional release if granted, or as expected."""
    row = stay.row
    if row.released_on is not None and row.released_on <= day:
        return row.released_on
    granted = any(
        liberty.kind == "conditional_release" and liberty.decision == "granted"
        for liberty in _liberties(known, stay, day)
    )
    if granted and row.conditional_release_on is not None:
        return row.conditional_release_on
    return row.expected_release_on


def _liberties(known: Dossier, stay: Stay, day: dt.date) -> Iterator[Liberty]:
    released = stay.row.released_on
    for _, liberty in visible(known.liberties, day):
        after = released is not None and released <= day and liberty.asked_on >= released
        if liberty.asked_on >= stay.row.arrived_on and not after:
            yield liberty


def _granted(
    rule: NoticeRule, known: Dossier, stay: Stay, day: dt.date, said: Said
) -> Iterator[Happening]:
    """Liberties that were granted or are planned, by kind and the day on which it was decided."""
    planned = [p for p in said.planned if p.kind in rule.liberties and p.decided_on <= day]
    planned = [p for p in planned if _falls_in(stay, p.decided_on, day)]
    taken: dict[str, int] = {}
    for liberty in _liberties(known, stay, day):
        if liberty.kind not in rule.liberties or liberty.decision != "granted":
            continue
        decided = (liberty.kind, liberty.decided_on)
        same = next((p for p in planned if (p.kind, p.decided_on) == decided), None)
        if same is not None:
            planned.remove(same)
        on = liberty.started_on or (None if same is None else same.on)
        yield Happening(_name(taken, liberty.kind, liberty.decided_on), on, stay)
    for one in planned:
        yield Happening(_name(taken, one.kind, one.decided_on), one.on, stay)


def _falls_in(stay: Stay, on: dt.date, day: dt.date) -> bool:
    released = stay.row.released_on
    over = released is not None and released <= day and on >= released
    return on >= stay.row.arrived_on and not over


def _name(taken: dict[str, int], kind: str, decided_on: dt.date | None) -> str:
    name = f"{kind}/{decided_on}"
    taken[name] = taken.get(name, 0) + 1
    return name if taken[name] == 1 else f"{name}-{taken[name]}"


# --- to whom ------------------------------------------------------------------------------------


def _addressee(rule: NoticeRule, reading: Reading, stay: Stay) -> str | None:
    if rule.addressee == "recipient":
        return rule.recipient
    housing = reading.on(stay.frozen_on).housing
    rows = [row for _, row in visible(housing, stay.frozen_on) if row.municipality is not None]
    if rule.addressee == "return":
        running = [r for r in rows if r.until_on is None or r.until_on > stay.frozen_on]
        if running:
            return max(running, key=lambda row: row.from_on).municipality
    before = [row for row in rows if row.from_on <= stay.row.arrived_on]
    return max(before, key=lambda row: row.from_on).municipality if before else None
