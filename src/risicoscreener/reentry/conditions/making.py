"""From a situation to its action list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.errors import ReentryError
from risicoscreener.reentry.conditions.covering import may_have, outside
from risicoscreener.reentry.conditions.days import works_on
from risicoscreener.reentry.conditions.definition import Action, BasicConditions, Question
from risicoscreener.reentry.conditions.listing import (
    COLUMNS,
    ActionFound,
    ActionList,
    AnswerShown,
    State,
    row_of,
)
from risicoscreener.reentry.conditions.planning import (
    Window,
    applying,
    choose,
    in_order,
    windows,
)
from risicoscreener.reentry.conditions.situation import (
    AnswerFound,
    Situation,
    answers_found,
    check_situation,
    situation_of,
    those_inside,
)
from risicoscreener.reentry.conditions.wording import in_both
from risicoscreener.texts import Lang, check_language

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import Dossier, DossierTables
    from risicoscreener.reentry.sharing import Consent

FIND_OUT = "find_out_"
LEAST_WEIGHT = 5
"""What finding out an answer matters at least."""
MOST_MINUTES_PER_DAY = 1440


def action_list(
    situation: Situation,
    *,
    minutes_per_day: int | None = None,
    conditions: BasicConditions | None = None,
) -> ActionList:
    """What is done about someone's basic conditions, by whom and by when.

    Parameters
    ----------
    situation
        Dates, answers and what was done.
    minutes_per_day
        Time of the prison for this person on a working day; by default that of ``terms.toml``.
    conditions
        Questions and actions; the shipped ones by default.

    Returns
    -------
    ActionList
        An unknown or contradictory answer gives an action that finds it out, never a rest.

    Raises
    ------
    ReentryError
        If the situation does not fit together.
    """
    known = BasicConditions.shipped() if conditions is None else conditions
    check_situation(situation, known)
    minutes = _minutes(minutes_per_day, known)
    return _Maker(situation, known, minutes).made()


def _minutes(given: int | None, known: BasicConditions) -> int:
    if given is None:
        return known.terms["minutes_per_day"].value
    if isinstance(given, bool) or not isinstance(given, int):
        raise ReentryError(f"minutes_per_day {given!r}; expected a whole number")
    if not 1 <= given <= MOST_MINUTES_PER_DAY:
        raise ReentryError(f"minutes_per_day {given}; expected from 1 to {MOST_MINUTES_PER_DAY}")
    return given


class _Maker:
    def __init__(self, situation: Situation, known: BasicConditions, minutes: int) -> None:
        self.situation, self.known, self.minutes = situation, known, minutes
        self.found = {one.question: one for one in answers_found(situation, known)}
        self.done = {one.action: one.on for one in situation.done if one.on <= situation.as_of}
        self.effects = {
            name: works_on(known.by_action[name], day) for name, day in self.done.items()
        }
        self.unknown = [q for q in known.questions if not self.found[q.id].known]

    def made(self) -> ActionList:
        listed, open_, found = self._listed()
        # Care has time of its own, so that nobody can tell from other actions that there is any.
        planned = {
            name: day
            for medical in (False, True)
            for name, day in choose(
                [action for action in open_ if action.medical is medical], found, self.minutes
            ).items()
        }
        late = self._already_too_late()
        actions = [
            self._action(action, found[action.id], planned.get(action.id), late)
            for action in in_order(listed, found)
        ]
        s, terms = self.situation, self.known.terms
        return ActionList(
            person_id=s.person_id,
            as_of=s.as_of,
            regime=s.regime,
            arrival_on=s.arrival_on,
            release_on=s.release_on,
            minutes_per_day=self.minutes,
            answers=tuple(self._shown(question) for question in self.known.questions),
            actions=tuple(sorted(actions, key=_place)),
            terms={
                "call": terms["call_days"].value,
                "first": terms["trial_first_days"].value,
                "last": terms["trial_last_days"].value,
            },
        )

    def _listed(self) -> tuple[list[Action], list[Action], dict[str, Window]]:
        """All that is listed, what of it is to be planned, and the days of each."""
        asked = [self._find_out(question) for question in self.unknown]
        certain = {a.id: self._is_asked_for(a) is True for a in self.known.actions}
        open_ = {name: certain[name] and not self._is_settled(name) for name in certain}
        chosen = applying(self._needs_first(), self.situation, open_, self.effects)
        waiting = [*asked, *(self._waiting(action) for action in chosen)]
        found = windows(waiting, self.situation, self.effects)
        found |= self._in_time_for_what_may_follow(asked, found)
        done = [a for a in self.known.actions if certain[a.id] and a.id in self.done]
        on_list = [*waiting, *done]
        for action in done:
            day = self.done[action.id]
            found[action.id] = Window(day, day, day, too_late=False)
        return on_list, [a for a in waiting if not found[a.id].too_late], found

    def _is_settled(self, name: str) -> bool:
        """Whether it was done, or something that serves the same end."""
        end = self.known.end_of(name)
        return any(self.known.end_of(done) == end for done in self.done)

    def _needs_first(self) -> list[Action]:
        """The actions, each after what it needs or stands in for."""
        ordered: dict[str, Action] = {}

        def take(action: Action) -> None:
            for name in (*action.needs, *filter(None, [action.instead_of])):
                take(self.known.by_action[name])
            ordered.setdefault(action.id, action)

        for action in self.known.actions:
            take(action)
        return list(ordered.values())

    def _is_asked_for(self, action: Action) -> bool | None:
        """Whether the answers ask for an action; None if that depends on what is unknown."""
        depends = False
        for name, answers in action.when.items():
            possible = set(self.found[name].possible)
            if possible.isdisjoint(answers):
                return False
            depends |= not possible <= set(answers)
        return None if depends else True

    def _find_out(self, question: Question) -> Action:
        follow = [
            a.weight
            for a in self.known.actions
            if question.id in a.when and self._is_asked_for(a) is None
        ]
        ahead = self.situation.ahead
        return Action(
            id=FIND_OUT + question.id,
            condition=question.condition,
            owner="person" if ahead else question.asked_of,
            after=question.asked_of,
            source=question.source,
            text=in_both("phrase", "find_out", question=question.text),
            minutes=0 if ahead else question.minutes,
            weight=max([LEAST_WEIGHT, *follow]),
            anchor="arrival" if ahead else "release",
            lead_days=question.find_days,
            phase="before" if ahead else "inside",
            any_day=ahead,
            useful_late=True,
            medical=question.medical,
            remark=question.remark,
            to_verify=question.to_verify,
        )

    def _waiting(self, action: Action) -> Action:
        """An action that waits as well for the answers that what it needs depends on."""
        more = {
            FIND_OUT + name: None
            for need in action.needs
            if self._is_asked_for(self.known.by_action[need]) is None
            for name in self.known.by_action[need].when
            if not self.found[name].known
        }
        return msgspec.structs.replace(action, needs=(*more, *action.needs))

    def _may_follow(self, asked: list[Action]) -> list[Action]:
        """Actions that depend on unknown answers, waiting for these."""
        maybe = {
            a.id: self._is_asked_for(a) is None and not self._is_settled(a.id)
            for a in self.known.actions
        }
        names = {one.id for one in asked}
        return [
            msgspec.structs.replace(
                a, needs=(*a.needs, *(FIND_OUT + n for n in a.when if FIND_OUT + n in names))
            )
            for a in applying(self._needs_first(), self.situation, maybe, self.effects)
        ]

    def _in_time_for_what_may_follow(
        self, asked: list[Action], found: dict[str, Window]
    ) -> dict[str, Window]:
        """Days to find something out, such that what may follow can still be done."""
        both = windows([*asked, *self._may_follow(asked)], self.situation, self.effects)
        return {
            one.id: Window(
                found[one.id].earliest,
                _first(found[one.id].latest, both[one.id].latest),
                found[one.id].until,
                found[one.id].too_late,
            )
            for one in asked
        }

    def _already_too_late(self) -> dict[str, tuple[Any, ...]]:
        """For each that finds out something what can no longer be done, whatever the answer."""
        asked = [self._find_out(question) for question in self.unknown]
        follow = self._may_follow(asked)
        found = windows([*asked, *follow], self.situation, self.effects)
        return {
            one.id: tuple(a.text for a in follow if one.id in a.needs and found[a.id].too_late)
            for one in asked
        }

    def _action(
        self,
        action: Action,
        window: Window,
        planned: dt.date | None,
        late: dict[str, tuple[Any, ...]],
    ) -> ActionFound:
        is_question = action.id.startswith(FIND_OUT)
        done_on = None if is_question else self.done.get(action.id)
        return ActionFound(
            id=action.id,
            condition=action.condition,
            question=action.id.removeprefix(FIND_OUT) if is_question else None,
            text=action.text,
            owner=action.owner,
            owner_text=self.known.owner(action.owner),
            earliest=window.earliest,
            latest=window.latest,
            planned_on=planned if done_on is None else None,
            done_on=done_on,
            state=_state(window, planned, done_on),
            weight=action.weight,
            minutes=action.minutes,
            needs=action.needs,
            after=action.after,
            after_text=self.known.owner(action.after),
            before_arrival=action.phase == "before",
            already_too_late=late.get(action.id, ()),
            medical=action.medical,
            tells=self._tells(action),
            source=action.source,
            remark=action.remark,
            to_verify=action.to_verify,
        )

    def _tells(self, action: Action) -> tuple[dict[str, tuple[str, ...]], ...]:
        if action.id.startswith(FIND_OUT):
            return (self.known.by_question[action.id.removeprefix(FIND_OUT)].told,)
        return self.known.told_by(action)

    def _shown(self, question: Question) -> AnswerShown:
        found: AnswerFound = self.found[question.id]
        return AnswerShown(
            found=found,
            text=question.text,
            answers=tuple(question.answer(name) for name in found.possible),
            condition=question.condition,
            medical=question.medical,
            tells=question.told,
        )


def _first(*days: dt.date | None) -> dt.date | None:
    return min((day for day in days if day is not None), default=None)


def _state(window: Window, planned: dt.date | None, done_on: dt.date | None) -> State:
    if done_on is not None:
        return "done"
    if window.too_late:
        return "too_late"
    if planned is None:
        return "no_room"
    if window.latest is None:
        return "no_date"
    return "late" if planned > window.latest else "planned"


def _place(action: ActionFound) -> tuple[Any, ...]:
    """By day; what is handed over and what is done come last. Stable: needs stay first."""
    return (
        action.state == "done",
        action.planned_on is None,
        action.planned_on or dt.date.max,
    )


def action_lists(
    dossiers: Iterable[Dossier] | DossierTables,
    as_of: dt.date,
    *,
    minutes_per_day: int | None = None,
    conditions: BasicConditions | None = None,
    recipient: str | None = None,
    consents: Iterable[Consent] = (),
    lang: Lang = "nl",
) -> pd.DataFrame:
    """The actions for everyone who is in detention on a day, as one table.

    Parameters
    ----------
    dossiers
        Records or tables.
    recipient
        For whom the table is, as for `ActionList.for_recipient`; people whose consent is needed
        and not given are left out.
    consents
        What these people agreed to.

    Returns
    -------
    DataFrame
        The rows of each person's `ActionList.to_frame`; by planned day, what is handed over last.
    """
    import pandas as pd

    lang = check_language(lang)
    agreed = tuple(consents)
    rows = []
    for dossier in those_inside(dossiers, as_of):
        own = [one for one in agreed if one.person_id == dossier.person_id]
        if recipient in outside() and not may_have(recipient, own, dossier.person_id, as_of):
            continue
        situation = situation_of(dossier, as_of, conditions=conditions)
        found = action_list(situation, minutes_per_day=minutes_per_day, conditions=conditions)
        if recipient is not None:
            found = found.for_recipient(recipient, consents=own)
        rows += [row_of(found, action, lang) for action in found.actions]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.sort_values("planned_on", kind="stable", na_position="last", ignore_index=True)
