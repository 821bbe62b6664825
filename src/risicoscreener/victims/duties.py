"""Who must be told what, and by when: duties as data, with deadlines from the day of the liberty.

A dossier holds for each fact about a victim one day on which that victim was informed, not of
what. It counts as notice of an event only if the event was known on that day, and lay no further
ahead than the duty says: otherwise it is notice of something else. So one notice can count for two
events that lie close together, and what is not certain to have been told counts as not told.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from risicoscreener.dossier.record import Detention, Dossier, Liberty, VictimFact
from risicoscreener.dossier.schema import EPOCH
from risicoscreener.dossier.visible import is_consulted, visible
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DossierError
from risicoscreener.texts import Lang, Texts, check_language, sections_as_text
from risicoscreener.victims.interests import check_day, check_dossier
from risicoscreener.victims.wording import say

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from risicoscreener.dossier import DossierTables

Event = Literal["liberty", "conditional_release", "release", "escape"]
State = Literal["informed", "informed_late", "due", "overdue", "missed", "no_date", "not_inquired"]
OPEN: tuple[State, ...] = ("due", "overdue", "no_date", "not_inquired")
"""States in which something is still to be done before the day."""


class Duty(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What victims must be told, by whom, how many days before, and where that stands.

    Attributes
    ----------
    event
        A granted ``liberty`` of one of the kinds, ``conditional_release``, ``release``, or
        ``escape`` (also not returning from a liberty).
    first_only
        Only the first liberty of those kinds in a detention.
    counts_within_days
        A notice from longer before the event is not one of that event.
    """

    id: str
    event: Event
    days_before: Annotated[int, Meta(ge=0, le=365)]
    counts_within_days: Annotated[int, Meta(ge=1, le=3653)]
    text: Texts
    informer: Texts
    source: str
    liberties: tuple[str, ...] = ()
    first_only: bool = False
    remark: Texts | None = None
    to_verify: bool = False


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    duties: tuple[Duty, ...]


class Planned(NamedTuple):
    """A liberty that is not in the dossier yet: its kind, its day, and when it was decided on."""

    kind: str
    on: dt.date
    decided_on: dt.date


class DutyFound(Struct, frozen=True, kw_only=True):
    """One duty to one victim, and how it stands on the day.

    Attributes
    ----------
    position
        Place of the victim in ``dossier.victims``; None if nobody inquired after victims.
    event_on, due_on
        The day of the event and the last day to inform; None if the day is not known yet.
    state
        ``informed`` in time, ``informed_late``, ``due``, ``overdue`` (the last day has passed, the
        event has not), ``missed`` (the event has passed), ``no_date``, or ``not_inquired``.
    """

    duty: Duty
    position: int | None
    event_on: dt.date | None
    due_on: dt.date | None
    informed_on: dt.date | None
    state: State

    def text(self, lang: Lang = "nl") -> str:
        """The duty in one sentence, in ``nl`` or ``en``."""
        lang = check_language(lang)
        state = say(
            "state",
            self.state,
            lang,
            informed_on=self.informed_on,
            due_on=self.due_on or "?",
            event_on=self.event_on,
        )
        source = self.duty.source
        if self.duty.to_verify:
            source = f"{source}; {say('phrase', 'to_verify', lang)}"
        said = say(
            "phrase", "duty", lang, text=self.duty.text.text(lang), state=state, source=source
        )
        if self.position is None:
            return said
        return say("phrase", "duty_of", lang, position=self.position + 1, duty=said)


@cache
def shipped_duties() -> tuple[Duty, ...]:
    """The duties that the package ships, in the order of their file."""
    text = (files("risicoscreener.victims") / "duties.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _File).duties


class _Happening(NamedTuple):
    """An event of which victims must be told: since when it is known, and its day."""

    known_on: dt.date
    on: dt.date | None


def duties(
    dossier: Dossier,
    as_of: dt.date,
    *,
    planned: Iterable[Planned] = (),
    rules: tuple[Duty, ...] | None = None,
) -> tuple[DutyFound, ...]:
    """Duties to inform victims in the present detention, as they stand on a day.

    Parameters
    ----------
    dossier
        A valid dossier.
    as_of
        The day; what was recorded or came true later is not looked at.
    planned
        Liberties with a day that the dossier does not have yet.
    rules
        The duties; those of the package by default.

    Returns
    -------
    tuple of DutyFound
        In the order of the last day to inform; those without one come last. None if there is no
        detention, and none to victims if inquiry found none.

    Raises
    ------
    DossierError
        For what is no dossier, a planned liberty of a kind that there is not, or a day that is no
        date.
    """
    check_dossier(dossier)
    check_day(as_of)
    wanted = tuple(planned)
    _check_planned(wanted)
    stay = _present_stay(dossier, as_of)
    if stay is None:
        return ()
    found = [
        one
        for duty in (shipped_duties() if rules is None else rules)
        for happening in _happenings(duty, dossier, stay, as_of, wanted)
        for one in _to_each(duty, happening, dossier, as_of)
    ]
    return tuple(sorted(found, key=lambda one: (one.due_on or dt.date.max, one.position or 0)))


def _check_planned(planned: tuple[Planned, ...]) -> None:
    kinds = vocabularies()["liberty_kind"].codes
    for one in planned:
        if not isinstance(one, Planned):
            raise DossierError(f"planned {one!r}; expected Planned(kind, on, decided_on)")
        check_day(one.on, "planned on")
        check_day(one.decided_on, "planned decided_on")
        if one.kind not in kinds:
            raise DossierError(f"planned {one.kind!r}; expected one of {', '.join(kinds)}")


def _present_stay(dossier: Dossier, as_of: dt.date) -> Detention | None:
    """The stay that runs on the day, the last to begin."""
    open_ = [
        stay
        for _, stay in visible(dossier.detentions, as_of)
        if stay.released_on is None or stay.released_on > as_of
    ]
    return max(open_, key=lambda stay: stay.arrived_on, default=None)


def _happenings(
    duty: Duty, dossier: Dossier, stay: Detention, as_of: dt.date, planned: tuple[Planned, ...]
) -> list[_Happening]:
    match duty.event:
        case "release":
            return _on_day_of(stay, stay.expected_release_on)
        case "conditional_release":
            return _on_day_of(stay, stay.conditional_release_on)
        case "escape":
            return [_Happening(day, day) for day in escapes(dossier, stay, as_of)]
    found = list(_granted(duty, dossier, stay, as_of))
    found += [_Happening(p.decided_on, p.on) for p in planned if p.kind in duty.liberties]
    found.sort(key=lambda one: one.on or dt.date.max)
    return found[:1] if duty.first_only else found


def _on_day_of(stay: Detention, day: dt.date | None) -> list[_Happening]:
    return [] if day is None else [_Happening(stay.recorded_at, day)]


def _liberties(dossier: Dossier, stay: Detention, as_of: dt.date) -> Iterator[Liberty]:
    """Liberties asked for in the present stay."""
    return (
        liberty
        for _, liberty in visible(dossier.liberties, as_of)
        if liberty.asked_on >= stay.arrived_on
    )


def _granted(duty: Duty, dossier: Dossier, stay: Detention, as_of: dt.date) -> Iterator[_Happening]:
    for liberty in _liberties(dossier, stay, as_of):
        decided = liberty.decided_on
        if liberty.kind not in duty.liberties or decided is None or decided > as_of:
            continue
        started = liberty.started_on
        if liberty.decision == "granted":
            yield _Happening(decided, started if started and started <= as_of else None)


def escapes(dossier: Dossier, stay: Detention, as_of: dt.date) -> Iterator[dt.date]:
    """The days, since a stay began, of an escape or of not returning from a liberty."""
    for _, row in visible(dossier.conduct, as_of):
        inside = row.occurred_on >= stay.arrived_on
        if row.kind == "incident" and row.subject == "escape" and inside:
            yield row.occurred_on
    for liberty in _liberties(dossier, stay, as_of):
        ended = liberty.ended_on
        if liberty.outcome == "absconded" and ended is not None and ended <= as_of:
            yield ended


def _to_each(
    duty: Duty, happening: _Happening, dossier: Dossier, as_of: dt.date
) -> Iterator[DutyFound]:
    due = None if happening.on is None else happening.on - dt.timedelta(days=duty.days_before)
    common: dict[str, Any] = {"duty": duty, "event_on": happening.on, "due_on": due}
    if not is_consulted(dossier, "victims", as_of):
        passed = happening.on is not None and happening.on < as_of
        state: State = "missed" if passed else "not_inquired"
        yield DutyFound(position=None, informed_on=None, state=state, **common)
        return
    for position, victim in visible(dossier.victims, as_of):
        if victim.interest == "known":
            told = _told_on(duty, victim, happening, as_of)
            state = _state(happening, due, told, as_of)
            yield DutyFound(position=position, informed_on=told, state=state, **common)


def _told_on(
    duty: Duty, victim: VictimFact, happening: _Happening, as_of: dt.date
) -> dt.date | None:
    """The day on which someone was told of an event, if it can have been of that event."""
    day = victim.informed_on
    if day is None or day > as_of or day < happening.known_on:
        return None
    if happening.on is not None and (happening.on - day).days > duty.counts_within_days:
        return None
    return day


def _state(
    happening: _Happening, due: dt.date | None, told: dt.date | None, as_of: dt.date
) -> State:
    if due is None or happening.on is None:
        return "no_date" if told is None else "informed"
    if told is not None:
        return "informed" if told <= due else "informed_late"
    if as_of <= due:
        return "due"
    return "overdue" if as_of <= happening.on else "missed"


def duties_text(found: Iterable[DutyFound], lang: Lang = "nl") -> str:
    """Duties as plain text, one a line, in ``nl`` or ``en``."""
    lang = check_language(lang)
    lines = [one.text(lang) for one in found] or [say("phrase", "nothing", lang)]
    return sections_as_text([(say("heading", "duties", lang), lines)])


def list_duties(
    dossiers: Iterable[Dossier] | DossierTables,
    as_of: dt.date,
    *,
    prison: str | None = None,
    states: Iterable[State] | None = None,
) -> pd.DataFrame:
    """The duties in the cases of many people, such as a whole prison.

    Parameters
    ----------
    prison
        Only people whose present stay is there.
    states
        Only duties in these states; all by default. `OPEN` are those still to be done.

    Returns
    -------
    DataFrame
        ``person_id``, ``prison``, ``duty``, ``position``, ``event_on``, ``due_on``,
        ``informed_on``, ``state``; a row for each duty, in the order of the last day to inform.
    """
    import pandas as pd

    check_day(as_of)
    records = dossiers if isinstance(dossiers, Iterable) else _of_tables(dossiers, as_of)
    wanted = None if states is None else frozenset(states)
    rows = [
        row
        for dossier in records
        for row in _rows_of(dossier, as_of, prison)
        if wanted is None or row[-1] in wanted
    ]
    rows.sort(key=lambda row: (row[5] or dt.date.max, row[0]))
    frame = pd.DataFrame(rows, columns=list(_LISTED))
    return frame.astype({"position": "Int64"})


_LISTED = (
    "person_id",
    "prison",
    "duty",
    "position",
    "event_on",
    "due_on",
    "informed_on",
    "state",
)


def _of_tables(dossiers: Any, as_of: dt.date) -> Iterator[Dossier]:
    """The records of the people who are in a stay on a day."""
    from risicoscreener.dossier import DossierTables

    if not isinstance(dossiers, DossierTables):
        kind = type(dossiers).__name__
        raise DossierError(f"the dossiers are of type {kind}; expected records or DossierTables")
    return dossiers.select(_detained(dossiers, as_of)).to_dossiers()


def _detained(dossiers: DossierTables, as_of: dt.date) -> np.ndarray:
    """Whether each person is in a stay on a day, shape (persons,)."""
    import numpy as np

    from risicoscreener.features.many import EventTables

    events, today = EventTables(dossiers), (as_of - EPOCH).days
    stays = events.visible_on("detentions", today) & (
        events.column("detentions", "released_on") > today
    )
    found = np.zeros(dossiers.n_persons, dtype=bool)
    found[dossiers.owners("detentions")[stays]] = True
    return found


def _rows_of(dossier: Dossier, as_of: dt.date, prison: str | None) -> Iterator[tuple[Any, ...]]:
    stay = _present_stay(dossier, as_of)
    if stay is None or prison not in (None, stay.prison):
        return
    for one in duties(dossier, as_of):
        yield (
            dossier.person_id,
            stay.prison,
            one.duty.id,
            one.position,
            one.event_on,
            one.due_on,
            one.informed_on,
            one.state,
        )
