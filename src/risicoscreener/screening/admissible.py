"""From which day what is possible: the legal requirements as a time line, for one and for many.

Each requirement is asked on each day by the test that decides, with the facts that are known on
the day of the picture and no others. So thirds, sixths and terms have no second definition, and
the version of the policy changes on the day on which the law does. A day in the past is seen as
it was known on that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec import Struct

from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.reading import read_dossier
from risicoscreener.dossier.schema import EARLIEST, EPOCH
from risicoscreener.errors import DossierError
from risicoscreener.features.many import EventTables, compute_block
from risicoscreener.screening.block import NO_VERSION
from risicoscreener.screening.picture.compiled import kinds_of
from risicoscreener.screening.picture.known import known_tables
from risicoscreener.screening.picture.levels import LevelsFound, PolicyLevels
from risicoscreener.screening.picture.wording import joined, kind_title, phrase, say
from risicoscreener.screening.screener import check_day, day_of_picture, default_screener
from risicoscreener.screening.views import REQUIREMENT_LEVELS
from risicoscreener.texts import Texts, check_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from risicoscreener.decision import CompiledPolicy
    from risicoscreener.dossier import Dossier, DossierTables
    from risicoscreener.dossier.reading import Source
    from risicoscreener.features.lineage import Lineage
    from risicoscreener.screening.result import RequirementLevel
    from risicoscreener.screening.screener import Screener

DAYS_AHEAD = 730
"""How far is looked ahead where no day of release is known."""
MOST_DAYS_AHEAD = 7305
"""No time line is longer than these twenty years ahead."""
_SERVED, _RELEASES = "served_days", ("days_until_release", "days_until_conditional_release")


class Span(Struct, frozen=True):
    """Days in a row, both included."""

    first: dt.date
    last: dt.date


class RequirementSpan(Struct, frozen=True):
    """Days in a row on which a requirement is at one level, both included."""

    level: RequirementLevel
    first: dt.date
    last: dt.date


class RequirementCourse(Struct, frozen=True, kw_only=True):
    """One requirement of one version of a policy, over the days on which that version applies."""

    name: str
    policy: str
    text: Texts
    source: str
    spans: tuple[RequirementSpan, ...]


class Waiting(Struct, frozen=True):
    """A value that a requirement waits for, and why it is unknown."""

    feature: str
    text: Texts


class Lacking(Struct, frozen=True, kw_only=True):
    """A requirement that is not met on the day of the picture.

    Attributes
    ----------
    met_from
        First later day on which it is met without a new fact; None if only a new fact can do it.
    supplier
        Who can supply what is unknown.
    waiting
        What it waits for, if it is unknown.
    """

    name: str
    text: Texts
    level: RequirementLevel
    met_from: dt.date | None
    supplier: Texts
    waiting: tuple[Waiting, ...] = ()


class KindTimeline(Struct, frozen=True, kw_only=True):
    """When one kind of decision is admissible, by the facts known on the day of the picture.

    Attributes
    ----------
    windows
        Days in a row on which all requirements are met, from the day of the picture on.
    lacking
        The requirements that are not met on that day.
    without_policy
        Days on which no version of the policy applies.
    """

    decision: str
    title: Texts
    as_of: dt.date
    requirements: tuple[RequirementCourse, ...]
    windows: tuple[Span, ...]
    lacking: tuple[Lacking, ...]
    without_policy: tuple[Span, ...] = ()

    @property
    def possible_from(self) -> dt.date | None:
        """First day, from that of the picture on, on which all requirements are met."""
        return self.windows[0].first if self.windows else None

    @property
    def possible_until(self) -> dt.date | None:
        """Last such day that was looked at; between the two there may be days without."""
        return self.windows[-1].last if self.windows else None

    @property
    def is_possible(self) -> bool:
        """Whether all requirements are met on the day of the picture."""
        return self.possible_from == self.as_of

    def level(self, name: str, day: dt.date) -> RequirementLevel | None:
        """The level of a requirement on a day; None if no version of that day has it."""
        for course in self.requirements:
            if course.name != name:
                continue
            for span in course.spans:
                if span.first <= day <= span.last:
                    return span.level
        return None


class AdmissibleTimeline(Struct, frozen=True, kw_only=True):
    """From when what is possible, for one person, if no fact changes after the day of the picture.

    Attributes
    ----------
    first, last
        The days that were looked at: from the arrival (or the day of the picture) to the last
        of release and conditional release that is expected.
    release_on
        That day; None if no such day is known, and then ``last`` is `DAYS_AHEAD` ahead.
    """

    person_id: str
    as_of: dt.date
    first: dt.date
    last: dt.date
    release_on: dt.date | None
    kinds: tuple[KindTimeline, ...]

    def __getitem__(self, decision: str) -> KindTimeline:
        for found in self.kinds:
            if found.decision == decision:
                return found
        raise KeyError(f"{decision!r} is not among {', '.join(k.decision for k in self.kinds)}")

    def text(self, lang: str = "nl") -> str:
        """The time line in words, in ``nl`` or ``en``."""
        return "\n".join(_lines(self, lang)) + "\n"

    def __str__(self) -> str:
        return self.text()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, days as ISO text."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        for found, kind in zip(plain["kinds"], self.kinds, strict=True):
            for name in ("possible_from", "possible_until"):
                day = getattr(kind, name)
                found[name] = None if day is None else day.isoformat()
        return plain

    def to_frame(self) -> pd.DataFrame:
        """A row for each span: decision, policy, requirement, level, first and last day."""
        import pandas as pd

        rows = [
            (kind.decision, course.policy, course.name, span.level, span.first, span.last)
            for kind in self.kinds
            for course in kind.requirements
            for span in course.spans
        ]
        names = ["decision", "policy", "requirement", "level", "first", "last"]
        frame = pd.DataFrame(rows, columns=names)
        for name in ("first", "last"):
            frame[name] = pd.to_datetime(frame[name])
        return frame

    def plot(self, ax: Axes | None = None, language: str = "nl") -> Axes:
        """The time line as a picture; see `plot_admissible`."""
        from risicoscreener.screening.picture.drawing import plot_admissible

        return plot_admissible(self, language=language, ax=ax)


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
    dossier = read_dossier(source, recorded_by=dt.date.today())
    day = day_of_picture(dossier, as_of)
    kinds = _kinds(screener, decision)
    tables = known_tables(DossierTables.from_dossiers([dossier]), day)
    at, position = np.array([_number(day)], np.int32), np.zeros(1, np.int32)
    first, release = _horizon(screener, tables, position, at)
    release_on = _day(int(release[0])) if release[0] >= 0 else None
    last = _last_day(day, release_on, until)
    days = np.arange(int(first[0]), _number(last) + 1, dtype=np.int32)
    seen = _Seen(screener, as_known(dossier, day), day, EventTables(tables), days)
    return AdmissibleTimeline(
        person_id=dossier.person_id,
        as_of=day,
        first=_day(int(first[0])),
        last=last,
        release_on=release_on,
        kinds=tuple(_timeline(seen, kind) for kind in kinds),
    )


def _kinds(screener: Screener, decision: str | Sequence[str] | None) -> tuple[str, ...]:
    named = kinds_of(screener, decision)
    for kind in named:
        screener.policies.versions(kind)
    return named


def _number(day: dt.date) -> int:
    return (day - EPOCH).days


def _day(number: int) -> dt.date:
    return EPOCH + dt.timedelta(days=number)


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


def _horizon(
    screener: Screener, tables: DossierTables, positions: np.ndarray, days: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First day of the stay (else the day itself), and last day of release (-1: not known)."""
    plan = screener.definitions.plan([_SERVED, *_RELEASES])
    events = EventTables(tables)
    events.prepare(plan)
    values = compute_block(plan, events, positions, days)
    served = np.nan_to_num(values[:, 0], nan=0.0)
    earliest = (EARLIEST - EPOCH).days
    first = np.maximum(days - served.astype(np.int32), earliest)
    ahead = np.fmax(values[:, 1], values[:, 2])
    release = np.where(np.isnan(ahead), -1, days + np.nan_to_num(ahead)).astype(np.int64)
    return first.astype(np.int32), release


# --- one person -------------------------------------------------------------------------------


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
    now = _number(seen.as_of) - int(days[0])
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
        Span(_day(int(days[a])), _day(int(days[b]))) for a, b, held in _runs(chosen) if held
    )


def _runs(values: np.ndarray) -> Iterator[tuple[int, int, Any]]:
    """First and last position of each run of one value, and the value."""
    cuts = np.flatnonzero(values[1:] != values[:-1]) + 1
    begins = [0, *cuts.tolist()]
    ends = [*(cuts - 1).tolist(), len(values) - 1]
    for begin, end in zip(begins, ends, strict=True):
        yield begin, end, values[begin]


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
                        REQUIREMENT_LEVELS[level], _day(int(days[a])), _day(int(days[b]))
                    )
                    for a, b, level in _runs(course)
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


# --- in words ---------------------------------------------------------------------------------


def _lines(timeline: AdmissibleTimeline, language: str) -> Iterator[str]:
    lang = check_language(language)
    tell = partial(say, "admissible", lang=lang)
    yield tell("title", person_id=timeline.person_id, day=timeline.as_of)
    if timeline.release_on is None:
        yield tell("no_release", day=timeline.last)
    else:
        yield tell("release", day=timeline.release_on)
    for kind in timeline.kinds:
        yield ""
        yield tell("kind", title=kind.title, decision=kind.decision)
        yield f"  {_possible(kind).text(lang)}"
        for item in kind.lacking:
            yield f"  - {_lacking_text(item).text(lang)}"
            for one in item.waiting:
                yield f"      {tell('waits', what=one.text, supplier=item.supplier)}"
        for span in kind.without_policy:
            yield f"  - {tell('no_policy', first=span.first, last=span.last)}"


def _possible(kind: KindTimeline) -> Texts:
    if not kind.windows:
        return phrase("admissible", "never")
    spans = [
        phrase("admissible", "one_day", day=window.first)
        if window.first == window.last
        else phrase("admissible", "span", first=window.first, last=window.last)
        for window in kind.windows
    ]
    return phrase("admissible", "possible", spans=joined(spans, ", "))


def _lacking_text(item: Lacking) -> Texts:
    if item.met_from is not None:
        return phrase("admissible", "met_from", text=item.text, day=item.met_from)
    return phrase("admissible", f"only_fact_{item.level}", text=item.text)


# --- many people ------------------------------------------------------------------------------


@dataclass(frozen=True)
class AdmissibleTable:
    """For n people the first and last day on which one kind of decision is admissible.

    Attributes
    ----------
    positions
        Position of each person in the persons table, shape (n,).
    possible_from, possible_until
        Days since 1970-01-01, shape (n,), int32; `NEVER` where no day that was looked at is.
    now
        Whether it is admissible on the day of the picture, shape (n,), bool.
    last
        Last day that was looked at, shape (n,).
    """

    decision: str
    as_of: dt.date
    person_ids: Any
    possible_from: np.ndarray
    possible_until: np.ndarray
    now: np.ndarray
    last: np.ndarray

    def to_frame(self) -> pd.DataFrame:
        """A frame by person_id: decision, as_of, now, possible_from, possible_until, last."""
        import pandas as pd

        def days(numbers: np.ndarray) -> Any:
            known = numbers.astype("datetime64[D]").astype("datetime64[ns]")
            known[numbers == NEVER] = np.datetime64("NaT")
            return known

        return pd.DataFrame(
            {
                "decision": self.decision,
                "as_of": pd.Timestamp(self.as_of),
                "now": self.now,
                "possible_from": days(self.possible_from),
                "possible_until": days(self.possible_until),
                "last": days(self.last),
            },
            index=pd.Index(self.person_ids.to_pylist(), name="person_id"),
        )


NEVER = np.iinfo(np.int32).min
"""Stands for no day."""
ROWS_AT_ONCE = 131_072
"""Index rows whose levels are held at once."""


def admissible_many(
    dossiers: DossierTables | Mapping[str, Any],
    decision: str,
    as_of: dt.date | str,
    *,
    days_ahead: int = DAYS_AHEAD,
    screener: Screener | None = None,
) -> AdmissibleTable:
    """First and last admissible day of many people; the same days as `admissible` gives.

    Parameters
    ----------
    dossiers
        Validated tables, or frames by table name.
    as_of
        Day of the picture, the same for everyone.
    days_ahead
        How far is looked ahead at most; less for who is released earlier.

    Raises
    ------
    DossierError
        If the dossiers, the day or the number of days cannot be meant.
    PolicyError
        If there is no such kind of decision.
    """
    from risicoscreener.screening.many import tables_of

    if not isinstance(days_ahead, int) or not 0 <= days_ahead <= MOST_DAYS_AHEAD:
        raise DossierError(
            f"days_ahead is {days_ahead!r}; expected a whole number from 0 to {MOST_DAYS_AHEAD}"
        )
    screener = default_screener() if screener is None else screener
    levels = PolicyLevels(screener, decision)
    day = check_day(as_of)
    tables = known_tables(tables_of(dossiers), day)
    n = tables.n_persons
    everyone, today = np.arange(n, dtype=np.int32), np.full(n, _number(day), np.int32)
    _, release = _horizon(screener, tables, everyone, today)
    limit = today.astype(np.int64) + days_ahead
    last = np.where(release >= today, np.minimum(release, limit), limit).astype(np.int32)
    events = EventTables(tables)
    events.prepare(levels.plan)
    from_, until = np.full(n, NEVER, np.int32), np.full(n, NEVER, np.int32)
    now = np.zeros(n, dtype=bool)
    for people in _groups(last - today + 1):
        counts = last[people] - today[people] + 1
        positions = np.repeat(everyone[people], counts)
        ahead = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        days = (today[0] + ahead).astype(np.int32)
        met = levels.at(events, positions, days).all_met
        owner, when = positions[met], days[met]
        # Days of one person ascend: written from the last to the first, the first day remains.
        from_[owner[::-1]] = when[::-1]
        until[owner] = when
        now[owner[when == today[0]]] = True
    return AdmissibleTable(decision, day, tables.person_ids, from_, until, now, last)


def _groups(counts: np.ndarray) -> Iterator[slice]:
    """People in groups of about `ROWS_AT_ONCE` index rows."""
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(counts):
        reached = ends[begin] - counts[begin] + ROWS_AT_ONCE
        end = max(begin + 1, int(np.searchsorted(ends, reached, side="right")))
        yield slice(begin, end)
        begin = end
