"""A whole stream of facts followed: what moved on which day, and where each kind stood when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import Struct

from risicoscreener.decision.outcome import Outcome
from risicoscreener.errors import DossierError
from risicoscreener.screening.picture.alerts import AHEAD_DAYS, Alert, Watch
from risicoscreener.screening.picture.current import STEP, CurrentPicture, Late
from risicoscreener.screening.picture.events import Event, FactRef, Happening
from risicoscreener.screening.picture.latch import MARGIN
from risicoscreener.screening.picture.moved import Moved
from risicoscreener.screening.picture.wording import kind_title, phrase, say
from risicoscreener.texts import Texts, check_language

if TYPE_CHECKING:
    from risicoscreener.screening.picture.compiled import PictureRoutes
    from risicoscreener.screening.screener import Screener


class Step(Struct, frozen=True, kw_only=True):
    """One day, or one fact, by which something moved or that asks for attention.

    Attributes
    ----------
    fact
        The fact that arrived; None if only days passed.
    """

    day: dt.date
    fact: FactRef | None
    moved: tuple[Moved, ...]
    alerts: tuple[Alert, ...]


class OutcomeSpan(Struct, frozen=True, kw_only=True):
    """Days in a row with one outcome, both included; None where no version applied."""

    outcome: Outcome | None
    text: Texts
    first: dt.date
    last: dt.date


class _Opening(NamedTuple):
    """Where a kind of decision stood on the first day."""

    outcome: Outcome | None
    text: Texts
    policy: str | None


class Followed:
    """A person who was followed from the first fact to the last day.

    Attributes
    ----------
    picture
        The picture on the last day.
    first
        The first day.
    steps
        All facts, and the days on which something moved without one.
    """

    def __init__(
        self,
        picture: CurrentPicture,
        first: dt.date,
        opening: dict[str, _Opening],
        steps: tuple[Step, ...],
    ) -> None:
        self.picture = picture
        self.first = first
        self.steps = steps
        self._opening = opening

    @property
    def last(self) -> dt.date:
        """The last day."""
        return self.picture.day

    @property
    def moved(self) -> tuple[Moved, ...]:
        """All that moved, in the order of time."""
        return tuple(moved for step in self.steps for moved in step.moved)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All alerts, in the order of time."""
        return tuple(alert for step in self.steps for alert in step.alerts)

    def outcomes(self, kind: str) -> tuple[OutcomeSpan, ...]:
        """The outcome of one kind of decision at the end of each day, in spans.

        Raises
        ------
        KeyError
            If the kind was not followed.
        """
        begin = self._opening[kind]
        at_end: dict[dt.date, tuple[Any, Texts]] = {self.first: (begin.outcome, begin.text)}
        for one in self.moved:
            if one.decision == kind and one.what == "outcome":
                none = one.after is None
                text = phrase("followed", "no_policy") if none else one.after_text
                at_end[one.day] = one.after, text
        spans: list[OutcomeSpan] = []
        for day, (outcome, text) in at_end.items():
            if spans and spans[-1].outcome == outcome:
                continue
            if spans:
                spans[-1] = msgspec.structs.replace(spans[-1], last=day - dt.timedelta(days=1))
            spans.append(OutcomeSpan(outcome=outcome, text=text, first=day, last=self.last))
        return tuple(spans)

    def policy(self, kind: str) -> str | None:
        """The version of the policy that applied on most days; None if none did."""
        at_end = {self.first: self._opening[kind].policy}
        for one in self.moved:
            if one.decision == kind and one.what == "policy":
                at_end[one.day] = None if one.after is None else str(one.after)
        days: dict[str | None, int] = {}
        for (day, policy), end in zip(at_end.items(), [*list(at_end)[1:], self.last], strict=True):
            days[policy] = days.get(policy, 0) + (end - day).days + (end == self.last)
        applied = {policy: n for policy, n in days.items() if policy is not None}
        return max(applied, key=applied.__getitem__, default=None)

    def text(self, lang: str = "nl", *, moves: bool = True) -> str:
        """Outcomes over time, what moved and the alerts, in ``nl`` or ``en``."""
        return "\n".join(_lines(self, lang, moves)) + "\n"

    def __str__(self) -> str:
        return self.text()

    def to_dict(self) -> dict[str, Any]:
        """Plain values: the outcomes by kind, and each step with what moved and the alerts."""
        plain: dict[str, Any] = msgspec.to_builtins(
            {
                "person_id": self.picture.dossier.person_id,
                "first": self.first,
                "last": self.last,
                "outcomes": {kind: self.outcomes(kind) for kind in self.picture.kinds},
                "steps": self.steps,
            }
        )
        return plain


def follow(
    person: Any,
    events: Iterable[Happening],
    *,
    kinds: str | Iterable[str] | None = None,
    until: dt.date | str | None = None,
    screener: Screener | None = None,
    routes: PictureRoutes | None = None,
    late: Late = "refuse",
    step: float = STEP,
    margin: float = MARGIN,
    ahead_days: int = AHEAD_DAYS,
) -> Followed:
    """Follow someone fact by fact and day by day.

    Parameters
    ----------
    person
        A dossier, with or without facts.
    events
        Facts in the order in which they were recorded, and days that have come.
    kinds
        Kinds of decision; all by default.
    until
        Last day; that of the last event by default.
    screener, routes, late, step
        As for `CurrentPicture`.
    margin, ahead_days
        As for `Watch`.

    Raises
    ------
    DossierError
        If there are no events and no facts, or a fact cannot be added.
    PolicyError
        If there is no such kind.
    """
    listed = list(events)
    picture = CurrentPicture(
        person,
        kinds=kinds,
        day=_first_day(person, listed),
        screener=screener,
        routes=routes,
        late=late,
        step=step,
    )
    first = picture.day
    opening = {kind: _opening(picture, kind) for kind in picture.kinds}
    watch = Watch(picture, margin=margin, ahead_days=ahead_days)
    steps = [Step(day=first, fact=None, moved=(), alerts=watch.opening)] if watch.opening else []
    for event in listed:
        steps += _follow_one(watch, event)
    if until is not None:
        steps += _pass_days(watch, until)
    return Followed(picture, first, opening, tuple(steps))


def _first_day(person: Any, events: list[Happening]) -> dt.date | str | None:
    """The day of the first event, where the dossier has no facts."""
    from risicoscreener.dossier.reading import read_dossier
    from risicoscreener.dossier.schema import tables

    dossier = read_dossier(person)
    if any(getattr(dossier, name) for name in tables()):
        return None
    if not events:
        raise DossierError("there are no events and no facts; expected at least one to follow")
    first = events[0]
    return _recorded_at(first) if isinstance(first, Event) else first


def _recorded_at(event: Event) -> Any:
    """The day of a fact that is a record or plain values; it is checked when it is added."""
    fact = event.fact
    return fact.get("recorded_at") if isinstance(fact, dict) else getattr(fact, "recorded_at", None)


def _opening(picture: CurrentPicture, kind: str) -> _Opening:
    policy = picture.standing(kind).policy
    if policy is None:
        return _Opening(None, phrase("followed", "no_policy"), None)
    outcome = picture.result(kind).outcome
    version = next(v for v in picture.routes.screener.policies.versions(kind) if v.id == policy)
    return _Opening(outcome, version.policy.outcome_text(outcome), policy)


def _follow_one(watch: Watch, event: Happening) -> Iterator[Step]:
    if not isinstance(event, Event):
        yield from _pass_days(watch, event)
        return
    day = _recorded_at(event)
    try:
        to = dt.date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:
        to = None  # which says itself what is wrong with it when it is added
    if isinstance(to, dt.date) and watch.picture.day < to <= dt.date.today():
        yield from _pass_days(watch, to)
    alerts = watch.add(event)
    rows = getattr(watch.picture.dossier, event.table)
    fact = FactRef(event.table, len(rows) - 1, rows[-1].recorded_at)
    yield Step(day=watch.picture.day, fact=fact, moved=watch.moved, alerts=alerts)


def _pass_days(watch: Watch, day: dt.date | str) -> Iterator[Step]:
    alerts = watch.advance(day)
    moved = watch.moved
    for on in sorted({one.day for one in moved} | {one.day for one in alerts}):
        yield Step(
            day=on,
            fact=None,
            moved=tuple(one for one in moved if one.day == on),
            alerts=tuple(one for one in alerts if one.day == on),
        )


def _lines(followed: Followed, language: str, moves: bool) -> Iterator[str]:
    lang = check_language(language)
    picture = followed.picture
    person_id = picture.dossier.person_id
    yield say(
        "followed", "title", lang, person_id=person_id, first=followed.first, last=followed.last
    )
    yield ""
    yield say("followed", "outcomes", lang)
    for kind in picture.kinds:
        book, policy = picture.routes.screener.policies, followed.policy(kind)
        title = kind_title(book, kind, followed.last, policy)
        yield f"  {title.text(lang)} ({kind})"
        for span in followed.outcomes(kind):
            key = "one_day" if span.first == span.last else "span"
            told = {"first": span.first, "last": span.last, "outcome": span.text}
            yield f"    {say('followed', key, lang, **told)}"
    if moves:
        yield from ("", say("followed", "moved", lang))
        for one in followed.moved:
            yield from (f"  {line}" for line in one.text(lang).splitlines())
    yield from ("", say("followed", "alerts", lang))
    for alert in followed.alerts:
        yield f"  {alert.text(lang)}"
    if not followed.alerts:
        yield f"  {say('followed', 'none', lang)}"
