"""Who may see which questions of an intake: those whose facts a purpose gives to the reader.

There is one table of who may get what (`reentry.sharing`); nothing is defined here besides.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing.purposes import purposes
from risicoscreener.screening.audience import recipients

if TYPE_CHECKING:
    from risicoscreener.reentry.intake.questions import Question, Questionnaire
    from risicoscreener.reentry.sharing.purposes import Purpose
    from risicoscreener.texts import Texts

DECIDER = "decision_maker"
"""The reader who weighs what missing answers would change."""


def questions_for(
    reader: str, questions: Questionnaire, day: dt.date, *, consent: bool = False
) -> tuple[Questionnaire, tuple[Purpose, ...]]:
    """The questions that a reader may see, and the purposes that give them.

    Parameters
    ----------
    reader
        A recipient of the table of purposes, such as ``municipality``.
    day
        The day on which a basis must hold.
    consent
        Whether the person consents; without, purposes that need it give nothing.

    Raises
    ------
    ReentryError
        If there is no such reader, or it may see no question.
    """
    known = tuple(dict.fromkeys(one.recipient for one in purposes()))
    if reader not in known:
        raise ReentryError(f"reader {reader!r}; expected one of {', '.join(known)}")
    open_ = [
        purpose
        for purpose in purposes()
        if purpose.recipient == reader
        and purpose.form == "view"
        and purpose.holds_on(day)
        and (consent or not purpose.needs_consent)
    ]
    kept = tuple(q.id for q in questions if any(_gives(one, q) for one in open_))
    if not kept:
        raise ReentryError(
            f"{reader} may see no question of an intake on {day}: no purpose gives it the facts"
            + ("" if consent else " without consent")
        )
    used = tuple(one for one in open_ if any(_gives(one, questions[name]) for name in kept))
    return questions.of(kept), used


def _gives(purpose: Purpose, question: Question) -> bool:
    """Whether a purpose gives every field that a question is about, for all its facts."""
    given = purpose.fields.get(question.table, ())
    asked = {*question.fields, *question.where}
    if not given or not asked <= set(given):
        return False
    limits = purpose.where.get(question.table, {})
    return all(
        column in question.where and set(question.where[column]) <= set(values)
        for column, values in limits.items()
    )


def reader_title(reader: str) -> Texts:
    """What a reader is called."""
    return recipients()[reader]
