"""The time line of one person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.reading import read_dossier
from risicoscreener.dossier.schema import day_number
from risicoscreener.errors import DossierError
from risicoscreener.features.many import EventTables
from risicoscreener.screening.admissible.horizon import (
    DAYS_AHEAD,
    MOST_DAYS_AHEAD,
    day_of,
    horizon,
)
from risicoscreener.screening.admissible.timeline import (
    AdmissibleTimeline,
    KindTimeline,
    Lacking,
    RequirementCourse,
    RequirementSpan,
    Span,
    Waiting,
)
from risicoscreener.screening.block import NO_VERSION
from risicoscreener.screening.picture.compiled import kinds_of
from risicoscreener.screening.picture.known import known_tables
from risicoscreener.screening.picture.levels import LevelsFound, PolicyLevels
from risicoscreener.screening.picture.wording import kind_title
from risicoscreener.screening.screener import day_of_picture, default_screener
from risicoscreener.screening.stretches import stretches
from risicoscreener.screening.views import REQUIREMENT_LEVELS
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.decision import CompiledPolicy
    from risicoscreener.dossier import Dossier
    from risicoscreener.dossier.reading import Source
    from risicoscreener.features.lineage import Lineage
    from risicoscreener.screening.screener import Screener


def admissible(
    source: Source,
    decision: str | Sequence[str] | None = None,
    as_of: dt.date | str | None = None,
    *,
    until: dt.date | None = None,
    screener: Screener | None = None,
) -> AdmissibleTimeline:
    """From when which liberty is possible, by the legal requirements alone.

    Parameters
    ----------
    source
        A dossier as JSON, as plain values or as a record.
    decision
        One or more kinds of decision; all by default.
    as_of
        Day of the picture: only facts recorded by then count, also on the days after it. By
        default the day of the latest recorded fact.
    until
        Last day to look at; by default the last of the days of release and conditional release
        that are expected.
    screener
        Policies and definitions; the shipped ones by default.

    Raises
    ------
    DossierError
        If it is no valid dossier, or a day cannot be meant.
    PolicyError
        If there is no such kind of decision.
    """
    from risicoscreener.dossier import DossierTables

    screener = default_screener() if screener is None else screener
    dossier = read_dossier(source, recorded_by=screener.today())
    day = day_of_picture(dossier, as_of, today=screener.today())
    kinds = _kinds(screener, decision)
    tables = known_tables(DossierTables.from_dossiers([dossier]), day)
    at, position = np.array([day_number(day)], np.int32), np.zeros(1, np.int32)
    first, release = horizon(screener, tables, position, at)
    release_on = day_of(int(release[0])) if release[0] >= 0 else None
    last = _last_day(day, release_on, until)
    days = np.arange(int(first[0]), day_number(last) + 1, dtype=np.int32)
    seen = _Seen(screener, as_known(dossier, day), day, EventTables(tables), days)
    return AdmissibleTimeline(
        person_id=dossier.person_id,
        as_of=day,
        first=day_of(int(first[0])),
        last=last,
        release_on=release_on,
        kinds=tuple(_timeline(seen, kind) for kind in kinds),
    )


def _kinds(screener: Screener, decision: str | Sequence[str] | None) -> tuple[str, ...]:
    named = kinds_of(screener, decision)
    for kind in named:
        screener.policies.versions(kind)
    return named


def _last_day(day: dt.date, release_on: dt.date | None, until: dt.date | None) -> dt.date:
    if until is not None:
        if not isinstance(until, dt.date) or isinstance(until, dt.datetime) or until < day:
            raise DossierError(f"until is {until}; expected a day, {day} or later")
        last = until
    elif release_on is not None and release_on >= day:
        last = release_on
    else:
        last = day + dt.timedelta(days=DAYS_AHEAD)
    return min(last, day + dt.timedelta(days=MOST_DAYS_AHEAD))


@dataclass(frozen=True)
class _Seen:
    """One person as known on a day, and the days to look at; shared by all kinds of decision."""

    screener: Screener
    known: Dossier
    as_of: dt.date
    events: EventTables
    days: np.ndarray
    lineages: dict[str, Lineage] = field(default_factory=dict)

    def lineage(self, name: str) -> Lineage:
        """Where a value comes from on the day of the picture, found once."""
        from risicoscreener.features.lineage import lineage

        if name not in self.lineages:
            definitions = self.screener.definitions
            self.lineages[name] = lineage(self.known, name, self.as_of, definitions)
        return self.lineages[name]


def _timeline(seen: _Seen, kind: str) -> KindTimeline:
    levels, days = PolicyLevels(seen.screener, kind), seen.days
    seen.events.prepare(levels.plan)
    found = levels.at(seen.events, np.zeros(len(days), np.int32), days)
    now = day_number(seen.as_of) - int(days[0])
    ahead = found.all_met & (np.arange(len(days)) >= now)
    at = found.version[now]
    policy = None if at == NO_VERSION else levels.versions[at].id
    return KindTimeline(
        decision=kind,
        title=kind_title(seen.screener.policies, kind, seen.as_of, policy),
        as_of=seen.as_of,
        requirements=tuple(_courses(levels, found, days)),
        windows=_spans(ahead, days),
        lacking=_lacking(levels, found, now, seen),
        without_policy=_spans(found.version == NO_VERSION, days),
    )


def _spans(chosen: np.ndarray, days: np.ndarray) -> tuple[Span, ...]:
    """Unbroken rows of days on which something holds."""
    return tuple(
        Span(day_of(int(days[a])), day_of(int(days[b]))) for a, b, held in stretches(chosen) if held
    )


def _courses(
    levels: PolicyLevels, found: LevelsFound, days: np.ndarray
) -> Iterator[RequirementCourse]:
    for at, version in enumerate(levels.versions):
        applies = found.version == at
        if not applies.any():
            continue
        for place, requirement in enumerate(version.policy.requirements):
            course = np.where(applies, found.requirements[:, place], -1)
            yield RequirementCourse(
                name=requirement.id,
                policy=version.id,
                text=requirement.text,
                source=requirement.source,
                spans=tuple(
                    RequirementSpan(
                        REQUIREMENT_LEVELS[level], day_of(int(days[a])), day_of(int(days[b]))
                    )
                    for a, b, level in stretches(course)
                    if level >= 0
                ),
            )


def _lacking(
    levels: PolicyLevels, found: LevelsFound, now: int, seen: _Seen
) -> tuple[Lacking, ...]:
    """The requirements that are not met on the day at position ``now``."""
    if found.version[now] == NO_VERSION:
        return ()
    version = levels.versions[found.version[now]]
    return tuple(
        Lacking(
            name=requirement.id,
            text=requirement.text,
            level=REQUIREMENT_LEVELS[found.requirements[now, place]],
            met_from=_met_from(levels, found, now, requirement.id, seen.as_of),
            supplier=requirement.supplier,
            waiting=_waiting(version, place, seen),
        )
        for place, requirement in enumerate(version.policy.requirements)
        if found.requirements[now, place] > 0
    )


def _met_from(
    levels: PolicyLevels, found: LevelsFound, now: int, name: str, as_of: dt.date
) -> dt.date | None:
    """First day after position ``now`` on which the requirement of that name is met."""
    met = np.zeros(len(found.version), dtype=bool)
    for at, version in enumerate(levels.versions):
        for place, requirement in enumerate(version.policy.requirements):
            if requirement.id == name:
                met |= (found.version == at) & (found.requirements[:, place] == 0)
    later = np.flatnonzero(met[now + 1 :])
    return as_of + dt.timedelta(days=int(later[0]) + 1) if len(later) else None


def _waiting(version: CompiledPolicy, place: int, seen: _Seen) -> tuple[Waiting, ...]:
    """The unknown inputs of a requirement, each with why it is unknown."""
    clause = version.requirement_clauses[place]
    names = dict.fromkeys(version.inputs[slot] for slot, _, _ in clause.tests)
    found = [seen.lineage(name) for name in names if name in seen.screener.definitions]
    return tuple(
        Waiting(item.name, Texts(nl=_first_line(item.text("nl")), en=_first_line(item.text("en"))))
        for item in found
        if item.value is None
    )


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]
