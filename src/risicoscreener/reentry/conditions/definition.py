"""The shortened screening as data: questions, actions, owners and terms, checked when loaded."""

from __future__ import annotations

from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from risicoscreener.decision.policy import Test
from risicoscreener.errors import ReentryError, RisicoscreenerError
from risicoscreener.features.catalogue import Catalogue
from risicoscreener.reentry.conditions.covering import tells_of
from risicoscreener.reentry.reading import (
    Reader,
    check_among,
    check_once,
    inputs_of,
    read_data,
    with_own_features,
)
from risicoscreener.texts import Texts

Condition = Literal["work_income", "housing", "debts", "identity", "care"]
HERE = "risicoscreener.reentry.conditions"
CONDITIONS: tuple[Condition, ...] = ("work_income", "housing", "debts", "identity", "care")
"""The five basic conditions, by their codes in the vocabulary ``goal``."""
Days = Annotated[int, Meta(ge=0, le=365)]
Minutes = Annotated[int, Meta(ge=0, le=960)]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,40}\Z")]


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that can be answered."""

    id: Name
    text: Texts


class AnswersRead(Struct, frozen=True, forbid_unknown_fields=True):
    """The answers that stay possible if the facts of a dossier pass these tests."""

    answers: tuple[str, ...]
    all: tuple[Test, ...]


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question on a basic condition; see ``questions.toml`` for the fields."""

    id: Name
    condition: Condition
    asked_of: str
    find_days: Days
    minutes: Minutes
    source: str
    text: Texts
    answers: tuple[Answer, ...]
    readings: tuple[AnswersRead, ...] = ()
    tells: dict[str, tuple[str, ...]] | None = None
    medical: bool = False
    remark: Texts | None = None
    to_verify: bool = False

    @property
    def told(self) -> dict[str, tuple[str, ...]]:
        """What an answer tells of."""
        return tells_of(self.condition) if self.tells is None else self.tells

    @property
    def ids(self) -> tuple[str, ...]:
        """What can be answered."""
        return tuple(answer.id for answer in self.answers)

    def answer(self, name: str) -> Texts:
        """The text of an answer."""
        return next(answer.text for answer in self.answers if answer.id == name)


class Action(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is done about an answer; see ``actions.toml`` for the fields."""

    id: Name
    condition: Condition
    owner: str
    after: str
    source: str
    text: Texts
    minutes: Minutes
    weight: Annotated[int, Meta(ge=1, le=10)]
    when: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    anchor: Literal["release", "arrival"] = "release"
    within_days: Days = 0
    lead_days: Days = 0
    lead_counts: Literal["days", "working_days"] = "days"
    not_before: Days | None = None
    phase: Literal["before", "inside"] = "inside"
    needs: tuple[str, ...] = ()
    instead_of: str | None = None
    settles: bool = True
    useful_late: bool = False
    any_day: bool = False
    medical: bool = False
    remark: Texts | None = None
    to_verify: bool = False


class Owner(Struct, frozen=True, forbid_unknown_fields=True):
    """Who does something, or takes it over."""

    id: Name
    text: Texts


class Term(Struct, frozen=True, forbid_unknown_fields=True):
    """A number with where it comes from."""

    value: Annotated[int, Meta(ge=1, le=3653)]
    source: str
    remark: Texts | None = None
    to_verify: bool = False


class _Questions(Struct, frozen=True, forbid_unknown_fields=True):
    questions: tuple[Question, ...]
    features: dict[str, Any] = {}


class _Actions(Struct, frozen=True, forbid_unknown_fields=True):
    owners: tuple[Owner, ...]
    actions: tuple[Action, ...]


class BasicConditions(Struct, frozen=True, dict=True):
    """What is asked and what is done about it.

    Made by `shipped` or `from_files`, which check that everything named is there.
    """

    questions: tuple[Question, ...]
    actions: tuple[Action, ...]
    owners: tuple[Owner, ...]
    terms: dict[str, Term]
    features: dict[str, Any] = {}

    @classmethod
    def shipped(cls) -> BasicConditions:
        """The questions and actions of the package: a reference, to be checked before any use."""
        return _shipped()

    @classmethod
    def from_files(
        cls, questions: str | Path | None = None, actions: str | Path | None = None
    ) -> BasicConditions:
        """Questions and actions of one's own; what is not given is what the package ships.

        Raises
        ------
        ReentryError
            If a file cannot be read, or names what there is not, with the place.
        """
        asked = read_data(HERE, "questions.toml", _Questions, questions)
        done = read_data(HERE, "actions.toml", _Actions, actions)
        terms = read_data(HERE, "terms.toml", dict[str, Term])
        made = cls(asked.questions, done.actions, done.owners, terms, asked.features)
        _check(made)
        return made

    @cached_property
    def by_action(self) -> dict[str, Action]:
        """Actions by name."""
        return {action.id: action for action in self.actions}

    @cached_property
    def by_question(self) -> dict[str, Question]:
        """Questions by name."""
        return {question.id: question for question in self.questions}

    @cached_property
    def definitions(self) -> Catalogue:
        """The features that questions read: those of the package and those of the file."""
        return with_own_features(self.features, "questions.toml")

    @cached_property
    def reader(self) -> Reader:
        """Reads from a dossier what the questions need."""
        tests = (t for q in self.questions for r in q.readings for t in r.all)
        return Reader.of(inputs_of(tests), self.definitions)

    def end_of(self, name: str) -> str:
        """The first of the actions that take each other's place: what they all serve."""
        action = self.by_action[name]
        while action.instead_of is not None and action.settles:
            action = self.by_action[action.instead_of]
        return action.id

    def told_by(self, action: Action) -> tuple[dict[str, tuple[str, ...]], ...]:
        """What an action tells of: its basic condition, or what the questions behind it do."""
        asked = tuple(self.by_question[name].told for name in action.when)
        return asked or (tells_of(action.condition),)

    def owner(self, name: str) -> Texts:
        """What an owner is called."""
        return next(owner.text for owner in self.owners if owner.id == name)


@cache
def _shipped() -> BasicConditions:
    return BasicConditions.from_files()


def _check(made: BasicConditions) -> None:
    """Everything that is named is there, and actions do not wait for each other."""
    check_once("question", [question.id for question in made.questions])
    check_once("action", [action.id for action in made.actions])
    check_once("owner", [owner.id for owner in made.owners])
    most = made.terms["most_questions"].value
    if len(made.questions) > most:
        raise ReentryError(f"questions: {len(made.questions)}; expected at most {most}")
    owners = {owner.id for owner in made.owners}
    for question in made.questions:
        _check_question(question, owners)
    for action in made.actions:
        _check_action(action, made, owners)
    try:
        waits = {a.id: {*a.needs, *([a.instead_of] if a.instead_of else [])} for a in made.actions}
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise ReentryError(f"actions wait for each other: {circle}") from None
    try:
        _ = made.reader
    except RisicoscreenerError as error:
        raise ReentryError(f"questions: {error}") from None


def _check_question(question: Question, owners: set[str]) -> None:
    where = f"question {question.id!r}"
    check_once(f"{where}: answer", list(question.ids))
    if len(question.answers) < 2:
        raise ReentryError(f"{where}: {len(question.answers)} answers; expected at least two")
    check_among(f"{where}: asked_of", [question.asked_of], owners)
    for reading in question.readings:
        check_among(f"{where}: a reading's answer", reading.answers, set(question.ids))
        if not reading.all or not reading.answers:
            raise ReentryError(f"{where}: a reading without tests or answers; expected both")


def _check_action(action: Action, made: BasicConditions, owners: set[str]) -> None:
    where = f"action {action.id!r}"
    check_among(f"{where}: owner", [action.owner], owners)
    check_among(f"{where}: after", [action.after], owners)
    check_among(f"{where}: needs", action.needs, set(made.by_action))
    check_among(f"{where}: instead_of", [action.instead_of or action.id], set(made.by_action))
    check_among(f"{where}: when", action.when, set(made.by_question))
    for name, answers in action.when.items():
        check_among(f"{where}: when.{name}", answers, set(made.by_question[name].ids))
    if action.any_day and (action.minutes or action.lead_counts == "working_days"):
        raise ReentryError(
            f"{where}: any_day; expected no time of the prison and no working days with it"
        )
    if action.phase == "before" and action.anchor != "arrival":
        raise ReentryError(f"{where}: anchor {action.anchor!r}; expected 'arrival' before it")
    for need in action.needs:
        if made.by_action[need].medical and not action.medical:
            raise ReentryError(
                f"{where}: needs {need!r}, which is medical; expected only what everybody may see"
            )
    medical = any(made.by_question[name].medical for name in action.when)
    if medical and not action.medical:
        raise ReentryError(f"{where}: not medical; expected medical = true, as what it asks about")
