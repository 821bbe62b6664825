"""Notices as they stand on a day: what was found, in words and as a table."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, ClassVar, Literal

from msgspec import Struct

from risicoscreener.reentry.notices.entries import Sent, Withdrawn
from risicoscreener.reentry.notices.history import Kind, State
from risicoscreener.reentry.notices.wording import say
from risicoscreener.screening.audience import recipients
from risicoscreener.texts import InWords, Lang, Section, Texts, check_language

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

OPEN: tuple[State, ...] = (
    "due",
    "overdue",
    "no_date",
    "no_addressee",
    "to_judge",
    "not_inquired",
)
"""States in which something is still to be done."""
TO_VICTIMS = "victim"
WRONG: tuple[State, ...] = ("overdue", "missed", "late")
"""States in which something was not done in time."""
Reason = Literal[
    "no_such_notice",
    "no_such_duty",
    "no_basis",
    "other_date",
    "other_addressee",
    "nothing_to_withdraw",
    "field_too_many",
    "fields_not_kept",
]


class NoticeFound(Struct, frozen=True, kw_only=True):
    """One notice, renewal or withdrawal that was or is owed, and how it stands on the day.

    Attributes
    ----------
    notice
        A name in ``notices.toml``, or of a duty in ``victims/duties.toml``.
    about
        What it is about over all corrections: the arrival of the detention that was recorded
        first, the kind and decision of a liberty, a detention and the day of an escape.
    event
        What is told of: ``arrival``, ``release``, ``liberty``, ``escape``; to victims also
        ``conditional_release``.
    kind
        ``renewal``: something else was told before; ``withdrawal``: what was told is not so.
    to
        The municipality or office; None if it is not known.
    known_on, due_on
        From which day it was owed, and the last day to tell; None if there is no day yet.
    state
        ``sent`` in time, ``late`` (sent too late), ``due``, ``overdue`` (the last day has passed),
        ``missed`` (too late to matter), ``superseded`` (sent, and replaced since), ``lapsed``
        (replaced before the last day), ``no_date``, ``no_addressee``, ``to_judge``,
        ``not_inquired`` (nobody inquired after victims).
    fields
        What may be in it and nothing else, as ``table.column``.
    source, to_verify
        The legal ground.
    """

    person_id: str
    notice: str
    about: str
    kind: Kind
    event: str
    recipient: str
    purpose: str | None
    to: str | None
    event_on: dt.date | None
    known_on: dt.date | None
    due_on: dt.date | None
    sent_on: dt.date | None
    state: State
    text: Texts
    informer: Texts
    source: str
    to_verify: bool
    fields: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in OPEN

    def is_wrong(self, as_of: dt.date) -> bool:
        """Whether it was not done in time; also what nobody judged, or has no addressee.

        Parameters
        ----------
        as_of
            The day on which it stands so.
        """
        passed = self.due_on is not None and self.due_on < as_of
        return self.state in WRONG or (self.is_open and passed)

    def said(self, lang: Lang = "nl") -> str:
        """The notice in one line, in ``nl`` or ``en``."""
        lang = check_language(lang)
        state = say("state", self.state, lang, due_on=self.due_on or "?", sent_on=self.sent_on)
        source = self.source
        if self.to_verify:
            source = say("phrase", "unread", lang, source=source)
        return say(
            "phrase",
            "line" if self.kind == "notice" else "line_of_kind",
            lang,
            kind=say("kind", self.kind, lang),
            text=self.text.text(lang),
            to=self._addressee(lang),
            event_on=self.event_on or say("phrase", "no_day", lang),
            reference=f"{self.notice} {self.about}",
            state=state,
            informer=self.informer.text(lang),
            source=source,
        )

    def _addressee(self, lang: Lang) -> str:
        if self.to is None:
            return say("phrase", "nobody", lang)
        if self.recipient == TO_VICTIMS:
            return say("phrase", "victim", lang, position=self.to.removeprefix(TO_VICTIMS).strip())
        titled = recipients().get(self.to)
        return self.to if titled is None else titled.text(lang)


class Unfounded(Struct, frozen=True, kw_only=True):
    """Something that was sent without a ground, or with a field too many."""

    entry: Sent | Withdrawn
    reason: Reason
    fields: tuple[str, ...] = ()

    def said(self, lang: Lang = "nl") -> str:
        """The finding in one line, in ``nl`` or ``en``."""
        lang = check_language(lang)
        return say(
            "phrase",
            "unfounded",
            lang,
            notice=self.entry.notice,
            about=self.entry.about,
            to=self.entry.to,
            sent_on=self.entry.sent_on,
            reason=say("reason", self.reason, lang, fields=", ".join(self.fields)),
        )


class Notices(InWords, frozen=True, kw_only=True):
    """All notices of one person as they stand on a day.

    Attributes
    ----------
    found
        In the order of the last day to tell; those without one come last.
    unfounded
        What was sent and should not have been, as it was.
    """

    kind: ClassVar[str] = "rs-notices"

    person_id: str
    as_of: dt.date
    found: tuple[NoticeFound, ...]
    unfounded: tuple[Unfounded, ...]

    def in_state(self, *states: State) -> tuple[NoticeFound, ...]:
        """The notices in any of some states."""
        return tuple(one for one in self.found if one.state in states)

    @property
    def open(self) -> tuple[NoticeFound, ...]:
        """What is still to be done."""
        return self.in_state(*OPEN)

    @property
    def wrong(self) -> tuple[NoticeFound, ...]:
        """What was not done in time, in whatever state it is."""
        return tuple(one for one in self.found if one.is_wrong(self.as_of))

    def sections(self, lang: Lang) -> list[Section]:
        """Headings with their lines."""
        return _outline(self, lang)

    def to_frame(self) -> pd.DataFrame:
        """A row for each notice, with the columns of `list_notices`."""
        return table_of([self])


_LISTED = (
    "person_id",
    "notice",
    "about",
    "kind",
    "recipient",
    "to",
    "event_on",
    "known_on",
    "due_on",
    "sent_on",
    "state",
    "source",
)


_LISTED_UNFOUNDED = ("person_id", "notice", "about", "entry", "to", "sent_on", "reason", "fields")


def table_of(pictures: Iterable[Notices], states: Iterable[State] | None = None) -> pd.DataFrame:
    """The notices of people as a table, in the order of the last day; only some states if given."""
    import pandas as pd

    wanted = None if states is None else frozenset(states)
    found = [one for p in pictures for one in p.found if wanted is None or one.state in wanted]
    found.sort(key=lambda o: (o.due_on or dt.date.max, o.person_id, o.notice, o.about))
    rows = [tuple(getattr(one, name) for name in _LISTED) for one in found]
    return pd.DataFrame(rows, columns=list(_LISTED))


def table_of_unfounded(pictures: Iterable[Notices]) -> pd.DataFrame:
    """What was sent to people without a ground or with a field too many, as a table.

    Columns: ``person_id``, ``notice``, ``about``, ``entry`` (``sent`` or ``withdrawn``), ``to``,
    ``sent_on``, ``reason``, ``fields`` (those too many, separated by spaces).
    """
    import pandas as pd

    rows = [
        (
            one.entry.person_id,
            one.entry.notice,
            one.entry.about,
            "sent" if isinstance(one.entry, Sent) else "withdrawn",
            one.entry.to,
            one.entry.sent_on,
            one.reason,
            " ".join(one.fields),
        )
        for picture in pictures
        for one in picture.unfounded
    ]
    return pd.DataFrame(rows, columns=list(_LISTED_UNFOUNDED))


def _outline(found: Notices, lang: Lang) -> list[Section]:
    wrong = [one for one in found.found if one.state in ("missed", "late")]
    rest = [one for one in found.found if not one.is_open and one not in wrong]
    heading = say("heading", "title", lang, person_id=found.person_id, as_of=found.as_of)
    nothing = [say("phrase", "nothing", lang)]
    return [
        (heading, [one.said(lang) for one in found.open] or nothing),
        (say("heading", "wrong", lang), [one.said(lang) for one in wrong] or nothing),
        (say("heading", "unfounded", lang), [o.said(lang) for o in found.unfounded] or nothing),
        (say("heading", "done", lang), [one.said(lang) for one in rest] or nothing),
    ]
