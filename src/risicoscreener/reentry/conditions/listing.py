"""The action list: what is done, by whom, on which day, and what can no longer be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec
from msgspec import Struct

from risicoscreener.errors import ReentryError
from risicoscreener.reentry.conditions.covering import (
    check_consents,
    consent_for,
    covers,
    outside,
    purpose_for,
)
from risicoscreener.reentry.conditions.days import holidays_within, working_days_left
from risicoscreener.reentry.conditions.situation import AnswerFound
from risicoscreener.reentry.conditions.wording import say
from risicoscreener.reentry.sharing import Consent, Purpose
from risicoscreener.screening.render import say_date, say_days
from risicoscreener.texts import InWords, Lang, Section, Texts, check_language

if TYPE_CHECKING:
    import pandas as pd

State = Literal["planned", "late", "no_date", "too_late", "no_room", "done"]
TO_DO: tuple[State, ...] = ("planned", "late", "no_date")
"""States of what is still to be done by the day of release."""
HANDED_OVER: tuple[State, ...] = ("too_late", "no_room")
"""States of what somebody takes over after release."""
MOST_HOLIDAYS_NAMED = 5
INSIDE = ("person", "casemanager")
"""Who gets a list without the table of purposes; the casemanager without anything medical."""


class ActionFound(Struct, frozen=True, kw_only=True):
    """One action of a list.

    Attributes
    ----------
    question
        The question that it finds an answer to; None for what is done about an answer.
    earliest, latest
        Between which days it can be done and be in time; no latest day if the release is unknown.
    planned_on
        The day it is planned on; None if it is done or handed over.
    state
        ``planned``, ``late`` (its latest day has passed, and it is still of use), ``no_date``,
        ``too_late``, ``no_room`` (what matters more takes the time), or ``done``.
    needs
        Names of the actions on the list that come first.
    after
        Who takes it over if it is not done in time.
    already_too_late
        Of what finds out something: what can no longer be done, whatever the answer.
    """

    id: str
    condition: str
    question: str | None
    text: Texts
    owner: str
    owner_text: Texts
    earliest: dt.date
    latest: dt.date | None
    planned_on: dt.date | None
    done_on: dt.date | None
    state: State
    weight: int
    minutes: int
    needs: tuple[str, ...]
    after: str
    after_text: Texts
    before_arrival: bool
    already_too_late: tuple[Texts, ...]
    medical: bool
    tells: tuple[dict[str, tuple[str, ...]], ...]
    source: str
    remark: Texts | None
    to_verify: bool

    def line(self, lang: Lang) -> str:
        """The action in one line."""
        text = self.text.text(lang)
        if self.state in HANDED_OVER:
            key = "taken_over_inside" if self.before_arrival else "taken_over"
            return say("phrase", key, lang, text=text, after=self.after_text.text(lang))
        if self.state == "done":
            assert self.done_on is not None
            return say("phrase", "done_on", lang, text=text, day=say_date(self.done_on, lang))
        said = say(
            "phrase",
            "row",
            lang,
            day="?" if self.planned_on is None else say_date(self.planned_on, lang),
            text=text,
            owner=self.owner_text.text(lang),
            state=say("state", self.state, lang),
            latest=self._latest(lang),
        )
        if self.already_too_late:
            texts = "; ".join(one.text(lang) for one in self.already_too_late)
            said = f"{said}; {say('phrase', 'already', lang, texts=texts)}"
        return said

    def _latest(self, lang: Lang) -> str:
        if self.latest is None:
            return ""
        key = "was_due" if self.state == "late" else "latest"
        return say("phrase", key, lang, day=say_date(self.latest, lang))


class AnswerShown(Struct, frozen=True, kw_only=True):
    """What is known on one question, with its texts."""

    found: AnswerFound
    text: Texts
    answers: tuple[Texts, ...]
    condition: str
    medical: bool
    tells: dict[str, tuple[str, ...]]

    def line(self, lang: Lang) -> str:
        """Question and answer in one line."""
        said = say("phrase", "not_known", lang)
        if self.found.known:
            said = self.answers[0].text(lang)
        origin = say("origin", self.found.origin, lang)
        question = self.text.text(lang)
        return say("phrase", "answer", lang, question=question, answer=said, origin=origin)


class ActionList(InWords, frozen=True, kw_only=True):
    """What is done on the five basic conditions, for one person as of a day.

    Actions stand in the order in which they are to be done. A person decides what is needed.

    Attributes
    ----------
    recipient
        For whom the list is; None for the whole list.
    terms
        The terms of self-reporters that the list speaks of, in days.
    """

    kind: ClassVar[str] = "risicoscreener-actions"

    person_id: str
    as_of: dt.date
    regime: str
    arrival_on: dt.date
    release_on: dt.date | None
    minutes_per_day: int
    answers: tuple[AnswerShown, ...]
    actions: tuple[ActionFound, ...]
    terms: dict[str, int]
    recipient: str | None = None

    def __getitem__(self, name: str) -> ActionFound:
        for action in self.actions:
            if action.id == name:
                return action
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(action.id == name for action in self.actions)

    def in_state(self, states: Iterable[State]) -> tuple[ActionFound, ...]:
        """The actions in some states, in their order."""
        wanted = frozenset(states)
        return tuple(action for action in self.actions if action.state in wanted)

    def for_recipient(
        self,
        recipient: str,
        *,
        consents: Iterable[Consent] = (),
        table: Iterable[Purpose] | None = None,
    ) -> ActionList:
        """The list as a recipient may have it, by the table of purposes.

        The person has everything, the casemanager everything but what is medical. What others may
        have is what their purpose gives; for most that is nothing medical.

        Parameters
        ----------
        recipient
            ``person``, ``casemanager``, or a name in ``recipients.toml``.
        consents
            What the person agreed to, for recipients who need consent.
        table
            The table of purposes; the shipped one by default.

        Raises
        ------
        ReentryError
            For a recipient that there is not, who has no basis on the day, or who needs consent
            that was not given.
        """
        if recipient == "person":
            return msgspec.structs.replace(self, recipient=recipient)
        if recipient == "casemanager":
            return self._kept(recipient, lambda one: not one.medical)
        purpose = self._purpose(recipient, consents, table)
        return self._kept(
            recipient,
            lambda one: all(
                covers(purpose, tells)
                for tells in ([one.tells] if isinstance(one.tells, dict) else one.tells)
            ),
        )

    def _purpose(
        self, recipient: str, consents: Iterable[Consent], table: Iterable[Purpose] | None
    ) -> Purpose:
        if recipient not in outside():
            known = ", ".join([*INSIDE, *outside()])
            raise ReentryError(f"recipient {recipient!r}; expected one of {known}")
        purpose = purpose_for(recipient, self.as_of, table=table)
        agreed = check_consents(consents, self.person_id)
        if purpose.needs_consent and not consent_for(purpose, agreed, self.person_id, self.as_of):
            raise ReentryError(
                f"recipient {recipient!r} needs the consent of {self.person_id} on {self.as_of}; "
                "none was given that holds then"
            )
        return purpose

    def _kept(
        self, recipient: str, allowed: Callable[[ActionFound | AnswerShown], bool]
    ) -> ActionList:
        kept = tuple(action for action in self.actions if allowed(action))
        names = {action.id for action in kept}
        kept = tuple(
            msgspec.structs.replace(a, needs=tuple(n for n in a.needs if n in names)) for a in kept
        )
        answers = tuple(answer for answer in self.answers if allowed(answer))
        return msgspec.structs.replace(self, actions=kept, answers=answers, recipient=recipient)

    def sections(self, lang: Lang) -> list[Section]:
        """Headings with their lines."""
        lang = check_language(lang)
        head = say("heading", "list", lang, person_id=self.person_id)
        found: list[Section] = [(head, list(self.about(lang)))]
        for key, states in (
            ("now", TO_DO),
            ("not_possible", ("too_late",)),
            ("no_room", ("no_room",)),
            ("done", ("done",)),
        ):
            lines = [action.line(lang) for action in self.in_state(states)]
            if lines or key == "now":
                nothing = [say("phrase", "nothing", lang)]
                found.append((say("heading", key, lang), lines or nothing))
        lines = [answer.line(lang) for answer in self.answers]
        found.append((say("heading", "answers", lang), lines))
        return found

    def about(self, lang: Lang) -> Iterable[str]:
        """How much time there is, and what the list is not."""
        as_of = say_date(self.as_of, lang)
        if self.arrival_on > self.as_of:
            yield say(
                "phrase",
                "ahead",
                lang,
                arrival=say_date(self.arrival_on, lang),
                days=say_days((self.arrival_on - self.as_of).days, lang),
                **self.terms,
            )
        if self.release_on is None:
            yield say("phrase", "no_release", lang, as_of=as_of)
        else:
            yield say(
                "phrase",
                "days_left",
                lang,
                as_of=as_of,
                release=say_date(self.release_on, lang),
                days=say_days((self.release_on - self.as_of).days + 1, lang),
                working=working_days_left(self.as_of, self.release_on),
                minutes=self.minutes_per_day,
            )
            yield from self._holidays(self.release_on, lang)
        yield say("phrase", "limits", lang)
        if self.recipient is not None and self.recipient != "person":
            medical = any(answer.medical for answer in self.answers)
            yield say("phrase", "hidden_by_consent" if medical else "hidden", lang)

    def _holidays(self, until: dt.date, lang: Lang) -> Iterable[str]:
        """Which days in the week are no working days, the first of them by name."""
        found = list(holidays_within(self.as_of, until))
        if found:
            days = ", ".join(
                f"{one.text.text(lang)} ({say_date(one.on, lang)})"
                for one in found[:MOST_HOLIDAYS_NAMED]
            )
            more = len(found) - MOST_HOLIDAYS_NAMED
            rest = say("phrase", "more_holidays", lang, more=more) if more > 0 else ""
            yield say("phrase", "holidays", lang, days=days, rest=rest)

    def to_frame(self, lang: Lang = "nl") -> pd.DataFrame:
        """A row for each action: names, days, owner, state and texts."""
        import pandas as pd

        lang = check_language(lang)
        return pd.DataFrame(
            [row_of(self, action, lang) for action in self.actions], columns=COLUMNS
        )


COLUMNS = [
    *("person_id", "as_of", "release_on", "action", "condition", "text", "owner", "state"),
    *("earliest", "latest", "planned_on", "done_on", "weight", "minutes", "needs", "after"),
    *("medical", "source", "to_verify"),
]


def row_of(found: ActionList, action: ActionFound, lang: Lang) -> tuple[Any, ...]:
    """One action of a list as a row of a table."""
    return (
        *(found.person_id, found.as_of, found.release_on, action.id, action.condition),
        *(action.text.text(lang), action.owner, action.state, action.earliest, action.latest),
        *(action.planned_on, action.done_on, action.weight, action.minutes),
        *(" ".join(action.needs), action.after, action.medical, action.source, action.to_verify),
    )
