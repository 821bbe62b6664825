"""The intake of one person as a whole: every question as of a day, and how it came so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from msgspec import Struct

from risicoscreener.dossier.reading import read_dossier
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import ReentryError
from risicoscreener.features.wording import field_label
from risicoscreener.reentry.intake.questions import (
    STATUSES,
    TO_DO,
    Question,
    Questionnaire,
    Status,
    status_text,
)
from risicoscreener.reentry.intake.readers import questions_for, reader_title
from risicoscreener.reentry.intake.standing import Asked, present_stay
from risicoscreener.reentry.intake.wording import say
from risicoscreener.screening.render import say_date, say_days
from risicoscreener.screening.screener import day_of_picture
from risicoscreener.texts import LANGUAGES, InWords, Lang, Section, Texts

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import Dossier
    from risicoscreener.dossier.reading import Source
    from risicoscreener.dossier.record import Detention


class IntakeItem(Struct, frozen=True, kw_only=True):
    """One question of an intake as of a day.

    Attributes
    ----------
    due_on
        Day by which it is answered; once there was an answer that no longer stands, the day on
        which that came to be so.
    answered_on
        First day since arrival on which there was an answer; None if there was none.
    known_on
        Day of the answer that stands, also of one that is outdated.
    asked_on, register
        The last consultation of a register that can answer it.
    fields
        The fields that are not filled in, or on which facts contradict each other.
    """

    question: str
    group: str
    part: Texts
    title: Texts
    text: Texts
    status: Status
    asker: Texts
    due_on: dt.date
    answered_on: dt.date | None = None
    known_on: dt.date | None = None
    asked_on: dt.date | None = None
    register: str | None = None
    fields: tuple[str, ...] = ()
    days_late: int = 0
    consent: bool = False
    channel: str | None = None
    minutes: int = 0
    source: str = ""
    remark: Texts | None = None
    to_verify: bool = False

    @property
    def is_to_do(self) -> bool:
        """Whether it has to be found out, asked again or cleared up."""
        return self.status in TO_DO

    @property
    def is_overdue(self) -> bool:
        """Whether its term has passed without any answer."""
        return self.is_to_do and self.days_late > 0

    def line(self, lang: Lang) -> str:
        """The question, how it stands and who does what by when."""
        detail = ""
        if self.fields:
            named = ", ".join(field_label(name, lang) for name in self.fields)
            detail = say("sentence", "fields", lang, fields=named)
        elif self.known_on is not None:
            detail = say("sentence", "since", lang, day=say_date(self.known_on, lang))
        values = {"text": self.text.text(lang), "status": status_text(self.status).text(lang)}
        if not self.is_to_do:
            return say("sentence", "item", lang, detail=detail, **values)
        values |= {"asker": self.asker.text(lang), "due": say_date(self.due_on, lang)}
        return say("sentence", "to_ask", lang, detail=detail, **values) + self._limits(lang)

    def _limits(self, lang: Lang) -> str:
        found = ""
        if self.is_overdue:
            found += say("sentence", "late", lang, days=say_days(self.days_late, lang))
        if self.consent:
            found += say("sentence", "consent", lang)
        if self.channel is not None:
            channel = vocabularies()["register"].label(self.channel, lang)
            found += say("sentence", "channel", lang, channel=channel)
        return found


class Intake(InWords, frozen=True, kw_only=True):
    """The intake of one person as of a day.

    Attributes
    ----------
    items
        Every question that may be seen, in the order of the questionnaire.
    reader
        Whom it was made for; None: everything.
    basis
        On what the reader may see it, in words.
    """

    kind: ClassVar[str] = "intake"

    person_id: str
    as_of: dt.date
    arrived_on: dt.date
    items: tuple[IntakeItem, ...]
    reader: str | None = None
    basis: Texts | None = None

    def __getitem__(self, question: str) -> IntakeItem:
        """One question.

        Raises
        ------
        ReentryError
            If it is not in this intake.
        """
        for item in self.items:
            if item.question == question:
                return item
        raise ReentryError(
            f"question {question!r}; expected one of {', '.join(i.question for i in self.items)}"
        )

    @property
    def to_do(self) -> tuple[IntakeItem, ...]:
        """What is still open, the earliest term first."""
        return tuple(sorted((i for i in self.items if i.is_to_do), key=lambda i: i.due_on))

    @property
    def overdue(self) -> tuple[IntakeItem, ...]:
        """What is open and past its term."""
        return tuple(item for item in self.to_do if item.is_overdue)

    @property
    def share_known(self) -> float:
        """Known questions as a share of those that apply; NaN if none does."""
        asked = [item for item in self.items if item.status != "not_applicable"]
        known = sum(item.status == "known" for item in asked)
        return known / len(asked) if asked else float("nan")

    def counts(self) -> dict[str, dict[Status, int]]:
        """Per group how many questions are at each status."""
        found: dict[str, dict[Status, int]] = {}
        for item in self.items:
            group = found.setdefault(item.group, dict.fromkeys(STATUSES, 0))
            group[item.status] += 1
        return found

    def sections(self, lang: Lang) -> Iterator[Section]:
        """Headings with their lines."""
        counted = {
            "known": sum(item.status == "known" for item in self.items),
            "asked": sum(item.status != "not_applicable" for item in self.items),
            "overdue": len(self.overdue),
        }
        head = say(
            "sentence",
            "head",
            lang,
            person_id=self.person_id,
            day=say_date(self.as_of, lang),
            arrived=say_date(self.arrived_on, lang),
            days=say_days((self.as_of - self.arrived_on).days, lang),
        )
        lines = [say("sentence", "count", lang, **counted)]
        if self.reader is not None and self.basis is not None:
            title, basis = reader_title(self.reader).text(lang), self.basis.text(lang)
            lines.append(say("sentence", "extract", lang, title=title, source=basis))
        lines.append(say("sentence", "reference", lang))
        yield head, lines
        open_ = [item.line(lang) for item in self.to_do]
        yield (
            say("sentence", "missing_heading", lang),
            open_ or [say("sentence", "none_missing", lang)],
        )
        known = [item.line(lang) for item in self.items if item.status == "known"]
        if known:
            yield say("sentence", "known_heading", lang), known

    def to_dict(self) -> dict[str, Any]:
        """Plain values, days as ISO text."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        plain["share_known"] = None if self.share_known != self.share_known else self.share_known
        return plain

    def to_frame(self) -> pd.DataFrame:
        """A row for each question; days as datetime64."""
        import pandas as pd

        frame = pd.DataFrame([row_of(self, item) for item in self.items], columns=COLUMNS)
        for name in DAYS:
            frame[name] = pd.to_datetime(frame[name])
        return frame


COLUMNS = [
    "person_id",
    "as_of",
    "arrived_on",
    "question",
    "group",
    "status",
    "due_on",
    "answered_on",
    "known_on",
    "days_late",
    "overdue",
]
"""Columns of the table of many intakes."""
DAYS = ("as_of", "arrived_on", "due_on", "answered_on", "known_on")


def row_of(found: Intake, item: IntakeItem) -> tuple[Any, ...]:
    """One question as a row of `COLUMNS`."""
    return (
        found.person_id,
        found.as_of,
        found.arrived_on,
        item.question,
        item.group,
        item.status,
        item.due_on,
        item.answered_on,
        item.known_on,
        item.days_late,
        item.is_overdue,
    )


def intake(
    source: Source,
    as_of: dt.date | str | None = None,
    *,
    questions: Questionnaire | None = None,
    reader: str | None = None,
    consent: bool = False,
) -> Intake:
    """How far the intake of someone is.

    Parameters
    ----------
    source
        A dossier as JSON, as plain values or as a record.
    as_of
        The day; only facts known by then count. By default the day of the latest recorded fact.
    questions
        The questionnaire; that of the package by default.
    reader
        Whom it is for, such as ``municipality``: then only the questions whose facts the table of
        purposes (`reentry.sharing`) gives to that reader. None: everything.
    consent
        Whether the person consents to what needs it.

    Raises
    ------
    DossierError
        If it is no valid dossier, or ``as_of`` is no day that can be meant.
    ReentryError
        If no detention is known on that day, there is no such reader, or it may see nothing.

    Examples
    --------
    >>> from pathlib import Path
    >>> found = intake(Path("examples/grant.json").read_bytes())
    >>> found["convictions"].status
    'known'
    """
    dossier = read_dossier(source)
    day = day_of_picture(dossier, as_of)
    asked = Questionnaire.shipped() if questions is None else questions
    if reader is None:
        return intake_of(dossier, day, asked)
    asked, used = questions_for(reader, asked, day, consent=consent)
    bases = {lang: "; ".join(dict.fromkeys(p.basis(lang) for p in used)) for lang in LANGUAGES}
    found = intake_of(dossier, day, asked)
    return msgspec.structs.replace(found, reader=reader, basis=Texts(**bases))


def intake_of(dossier: Dossier, day: dt.date, questions: Questionnaire) -> Intake:
    """As `intake`, of a valid dossier on a day."""
    stay = present_stay(dossier, day)
    return Intake(
        person_id=dossier.person_id,
        as_of=day,
        arrived_on=stay.arrived_on,
        items=tuple(_item(question, questions, dossier, stay, day) for question in questions),
    )


def _item(
    question: Question, questions: Questionnaire, dossier: Dossier, stay: Detention, day: dt.date
) -> IntakeItem:
    asked = Asked(question, dossier, stay)
    seen, course = asked.on(day), asked.course(day)
    answered = next((since for since, status in course if status == "known"), None)
    due = stay.arrived_on + dt.timedelta(days=question.within_days)
    if seen.status in TO_DO and answered is not None:
        due = max(due, _reopened_on(course))
    late_on = day if seen.status in TO_DO else answered
    return IntakeItem(
        question=question.id,
        group=question.group,
        part=questions.parts[question.group],
        title=question.title,
        text=question.text,
        status=seen.status,
        asker=questions.askers[question.asker],
        due_on=due,
        answered_on=answered,
        known_on=seen.known_on,
        asked_on=seen.asked_on,
        register=seen.register,
        fields=seen.fields,
        days_late=0 if late_on is None else max((late_on - due).days, 0),
        consent=question.consent,
        channel=question.channel,
        minutes=question.minutes,
        source=question.source,
        remark=question.remark,
        to_verify=question.to_verify,
    )


def _reopened_on(course: list[tuple[dt.date, Status]]) -> dt.date:
    """The day since which there is no answer any more."""
    last = max(place for place, (_, status) in enumerate(course) if status == "known")
    return course[last + 1][0]
