"""What is known of someone's situation: dates, answers, what was done; given, or from a dossier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.decision.outcome import FALSE, TRUE
from risicoscreener.dossier.record import Identifier
from risicoscreener.dossier.schema import EARLIEST, LATEST
from risicoscreener.dossier.visible import visible
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DossierError, ReentryError
from risicoscreener.reentry.conditions.definition import BasicConditions, Question
from risicoscreener.reentry.reading import holds
from risicoscreener.strict_json import read_json
from risicoscreener.victims.interests import check_day, check_dossier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from risicoscreener.dossier import Dossier, DossierTables
    from risicoscreener.dossier.record import Detention

Origin = Literal["given", "dossier", "unknown", "contradictory"]


class Done(Struct, frozen=True, forbid_unknown_fields=True):
    """An action that was done, and when."""

    action: str
    on: dt.date


class Situation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a shortened screening starts from.

    Attributes
    ----------
    as_of
        The day of the list.
    arrival_on
        Day of arrival; of a self-reporter it may lie ahead.
    release_on
        Expected day of release; None if it is not known.
    regime
        Code of the vocabulary ``regime``, such as ``arrestant`` or ``self_reporter``.
    answers
        Question to answer. What is not here, or null, is unknown.
    from_dossier
        Question to the answers that a dossier leaves possible; several if it cannot tell.
    done
        What was done; what was done after ``as_of`` does not count.
    """

    person_id: Identifier
    as_of: dt.date
    arrival_on: dt.date
    regime: str
    release_on: dt.date | None = None
    answers: dict[str, str | None] = {}
    from_dossier: dict[str, tuple[str, ...]] = {}
    done: tuple[Done, ...] = ()

    @property
    def ahead(self) -> bool:
        """Whether someone has still to come in."""
        return self.arrival_on > self.as_of


class AnswerFound(Struct, frozen=True, kw_only=True):
    """What is known on one question.

    Attributes
    ----------
    possible
        The answers that cannot be ruled out; one if it is known.
    origin
        ``given``, ``dossier``, ``unknown``, or ``contradictory``: what was given and what the
        dossier says cannot both hold, so that it counts as unknown.
    """

    question: str
    possible: tuple[str, ...]
    origin: Origin

    @property
    def known(self) -> bool:
        """Whether there is one answer."""
        return len(self.possible) == 1


def read_situation(source: bytes | str, conditions: BasicConditions | None = None) -> Situation:
    """A situation from JSON.

    Raises
    ------
    ReentryError
        That names the field, what was there and what was expected.
    """
    made: Situation = read_record(source, Situation, "the answers")
    check_situation(made, BasicConditions.shipped() if conditions is None else conditions)
    return made


def read_record(source: bytes | str, kind: Any, what: str) -> Any:
    """A record from JSON in which no key is there twice.

    Raises
    ------
    ReentryError
        That names the field, what was there and what was expected.
    """
    try:
        text = source.decode() if isinstance(source, bytes) else source
        plain, repeated = read_json(text)
        for one in repeated:
            raise ReentryError(f"{what}: key {one.key!r} is there twice; expected it once")
        return msgspec.convert(plain, kind)
    except (ValueError, RecursionError) as error:
        raise ReentryError(f"{what}: {error}") from None


def check_situation(situation: Situation, conditions: BasicConditions) -> None:
    """That dates are in order, and that questions, answers and actions exist.

    Raises
    ------
    ReentryError
        For the first thing that is not so.
    """
    _check_dates(situation)
    regimes = vocabularies()["regime"].codes
    if situation.regime not in regimes:
        raise ReentryError(f"regime {situation.regime!r}; expected one of {', '.join(regimes)}")
    if situation.ahead and situation.regime != "self_reporter":
        raise ReentryError(
            f"arrival_on {situation.arrival_on} lies after as_of {situation.as_of}; expected that "
            "of self_reporter only"
        )
    given = {n: () if a is None else (a,) for n, a in situation.answers.items()}
    for where, found in (("answers", given), ("from_dossier", situation.from_dossier)):
        for name, answers in found.items():
            question = conditions.by_question.get(name)
            if question is None:
                known = ", ".join(conditions.by_question)
                raise ReentryError(f"{where}: question {name!r}; expected one of {known}")
            for answer in answers:
                if answer not in question.ids:
                    known = ", ".join(question.ids)
                    raise ReentryError(f"{where}.{name} {answer!r}; expected one of {known}")
    for one in situation.done:
        if one.action not in conditions.by_action:
            known = ", ".join(conditions.by_action)
            raise ReentryError(f"done: action {one.action!r}; expected one of {known}")


def _check_dates(situation: Situation) -> None:
    days = {
        "as_of": situation.as_of,
        "arrival_on": situation.arrival_on,
        "release_on": situation.release_on,
        **{f"done {one.action}": one.on for one in situation.done},
    }
    for name, day in days.items():
        if day is not None and not EARLIEST <= day <= LATEST:
            raise ReentryError(f"{name} {day}; expected a day from {EARLIEST} to {LATEST}")
    release = situation.release_on
    for name in ("arrival_on", "as_of"):
        if release is not None and release < days[name]:  # type: ignore[operator]
            raise ReentryError(
                f"release_on {release} lies before {name} {days[name]}; expected that day or later"
            )


def situation_of(
    dossier: Dossier,
    as_of: dt.date,
    *,
    answers: Mapping[str, str | None] | None = None,
    release_on: dt.date | None = None,
    arrival_on: dt.date | None = None,
    done: tuple[Done, ...] = (),
    conditions: BasicConditions | None = None,
) -> Situation:
    """The situation of someone as a dossier shows it on a day.

    Parameters
    ----------
    answers
        What was answered, beside what the facts say.
    release_on
        Expected release, if it is another than the dossier has: there the first of the
        expected and the conditional release that is not past.
    arrival_on
        Day of arrival of a self-reporter who has still to come in.
    done
        What was done.

    Raises
    ------
    DossierError
        For what is no dossier or no day.
    ReentryError
        If nobody is in detention on that day and no day of arrival is given.
    """
    check_dossier(dossier)
    check_day(as_of)
    known = BasicConditions.shipped() if conditions is None else conditions
    stay = present_stay(dossier, as_of)
    if stay is None and arrival_on is None:
        raise ReentryError(
            f"{dossier.person_id} is not in detention on {as_of}; expected a stay, or the day of "
            "arrival of a self-reporter"
        )
    values = known.reader.values(dossier, as_of)
    made = Situation(
        person_id=dossier.person_id,
        as_of=as_of,
        arrival_on=arrival_on or stay.arrived_on,  # type: ignore[union-attr]
        regime="self_reporter" if stay is None else stay.regime,
        release_on=release_on or (None if stay is None else _release(stay, as_of)),
        answers=dict(answers or {}),
        from_dossier={q.id: _read(q, values) for q in known.questions if q.readings},
        done=done,
    )
    check_situation(made, known)
    return made


def present_stay(dossier: Dossier, as_of: dt.date) -> Detention | None:
    """The stay that runs on the day, the last to begin."""
    running = [
        stay
        for _, stay in visible(dossier.detentions, as_of)
        if stay.arrived_on <= as_of and (stay.released_on is None or stay.released_on > as_of)
    ]
    return max(running, key=lambda stay: stay.arrived_on, default=None)


def those_inside(dossiers: Iterable[Dossier] | DossierTables, as_of: dt.date) -> Iterator[Dossier]:
    """The records of the people who are in detention on a day.

    Raises
    ------
    DossierError
        For what are no dossiers, or a day that is no date.
    """
    from risicoscreener.dossier import DossierTables

    check_day(as_of)
    if isinstance(dossiers, DossierTables):
        dossiers = dossiers.to_dossiers()
    if not isinstance(dossiers, Iterable):
        kind = type(dossiers).__name__
        raise DossierError(f"the dossiers are of type {kind}; expected records or DossierTables")
    for dossier in dossiers:
        check_dossier(dossier)
        if present_stay(dossier, as_of) is not None:
            yield dossier


def _release(stay: Detention, as_of: dt.date) -> dt.date | None:
    days = (stay.expected_release_on, stay.conditional_release_on)
    return min((day for day in days if day is not None and day >= as_of), default=None)


def _read(question: Question, values: dict[str, float]) -> tuple[str, ...]:
    """The answers that the facts leave possible; all, unless tests say otherwise."""
    for reading in question.readings:
        found = holds(reading.all, values)
        if found == TRUE:
            return reading.answers
        if found != FALSE:
            break
    return question.ids


def answers_found(situation: Situation, conditions: BasicConditions) -> tuple[AnswerFound, ...]:
    """What is known on each question, in their order; contradictions count as unknown."""
    return tuple(_found(question, situation) for question in conditions.questions)


def _found(question: Question, situation: Situation) -> AnswerFound:
    given = situation.answers.get(question.id)
    left = situation.from_dossier.get(question.id, question.ids)
    origin: Origin = "given"
    if given is None:
        possible, origin = left, "dossier" if len(left) == 1 else "unknown"
    elif given in left:
        possible = (given,)
    else:
        possible, origin = question.ids, "contradictory"
    return AnswerFound(question=question.id, possible=possible, origin=origin)
