"""The questionnaire of an intake, as data: what is asked, of whom, by when, and what it fills."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from risicoscreener.dossier.schema import TableSpec, tables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DossierError, ReentryError
from risicoscreener.features.definition import GROUPS
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

Kind = Literal["current", "all", "each", "event"]
Status = Literal["known", "unknown", "not_asked", "contradictory", "outdated", "not_applicable"]
STATUSES: tuple[Status, ...] = (
    "known",
    "unknown",
    "not_asked",
    "contradictory",
    "outdated",
    "not_applicable",
)
TO_DO: frozenset[Status] = frozenset({"unknown", "not_asked", "contradictory", "outdated"})
"""What is still to be found out, asked again or cleared up."""
VICTIMS = "victims"
VICTIM_CHANNEL = "victim_service"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
Days = Annotated[int, Meta(ge=0, le=3650)]
Minutes = Annotated[int, Meta(ge=0, le=10_000)]


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is asked.

    Attributes
    ----------
    title, text
        What it is about in a few words, and the question as it is asked.
    group
        Part of the picture that it belongs to.
    asker
        Who asks, by a name of the file.
    registers
        Where an answer may come from, the preferred one first.
    table, where, fields
        Facts that answer it: in which table, with which codes, and what must be filled in.
    kind
        ``current``: the latest open fact; ``all``: a register fully consulted; ``each``: every
        open fact has the fields; ``event``: something that happens after arrival.
    within_days
        Days after arrival by which it is answered.
    fresh_days
        After so many days an answer is outdated; None: it does not go out of date.
    since_arrival
        An answer from before this detention counts as outdated.
    regimes
        Grounds of detention for which it is asked; empty: all.
    none
        A register fully consulted without a fact means that there is none.
    narrow
        It fills its fields alone, not the rest of the table.
    consent
        Asking or sharing it needs consent of the person, or a basis of its own.
    channel
        The only register through which it may be asked.
    minutes
        Work of whoever asks; an assumption.
    source, remark, to_verify
        Where the term and the duty stand, and whether that was read.
    """

    id: str
    title: Texts
    group: str
    text: Texts
    asker: str
    registers: tuple[str, ...]
    table: str
    kind: Kind
    within_days: Days
    source: str
    where: dict[str, tuple[str, ...]] = {}
    fields: tuple[str, ...] = ()
    fresh_days: Days | None = None
    since_arrival: bool = False
    regimes: tuple[str, ...] = ()
    none: bool = False
    narrow: bool = False
    consent: bool = False
    channel: str | None = None
    minutes: Minutes = 0
    remark: Texts | None = None
    to_verify: bool = False

    def matches(self, row: Any) -> bool:
        """Whether a fact of the table belongs to the question."""
        return all(getattr(row, field) in codes for field, codes in self.where.items())


def no_answer(field: str) -> tuple[str, ...]:
    """Codes of a field that say that it was not established."""
    return _shipped_file().no_answer.get(field, ())


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    questions: tuple[Question, ...] = ()
    parts: dict[str, Texts] = {}
    askers: dict[str, Texts] = {}
    statuses: dict[Status, Texts] = {}
    no_answer: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True)
class Questionnaire:
    """The questions of an intake, in order.

    Examples
    --------
    >>> shipped = Questionnaire.shipped()
    >>> shipped["plan_made"].within_days
    28
    """

    questions: tuple[Question, ...]
    parts: dict[str, Texts]
    askers: dict[str, Texts]

    @classmethod
    def shipped(cls) -> Questionnaire:
        """The questions of the package."""
        return _shipped()

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Questionnaire:
        """The questions of the package with those of a file.

        Parameters
        ----------
        path
            A file of the form of ``questions.toml``; what has an id that the package has replaces
            it, in its place.

        Raises
        ------
        ReentryError
            Naming the file, the question, what stands there and what was expected.
        OSError
            If it cannot be read.
        """
        file = _read(Path(path).read_bytes(), str(path))
        return _joined(cls.shipped(), file, str(path))

    @cached_property
    def _by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    def __getitem__(self, name: str) -> Question:
        """One question by its id.

        Raises
        ------
        ReentryError
            If there is none.
        """
        if name not in self._by_id:
            raise ReentryError(f"question {name!r}; expected one of {', '.join(self._by_id)}")
        return self._by_id[name]

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def __len__(self) -> int:
        return len(self.questions)

    def of(self, names: Sequence[str]) -> Questionnaire:
        """Only some questions, in their order.

        Raises
        ------
        ReentryError
            If one does not exist.
        """
        wanted = {self[name].id for name in names}
        kept = tuple(question for question in self.questions if question.id in wanted)
        return Questionnaire(kept, self.parts, self.askers)


def status_text(status: Status) -> Texts:
    """What a status is called."""
    return _shipped_file().statuses[status]


@cache
def _shipped_file() -> _File:
    path = files("risicoscreener.reentry.intake") / "questions.toml"
    return _read(path.read_bytes(), "questions.toml")


@cache
def _shipped() -> Questionnaire:
    file = _shipped_file()
    return _joined(Questionnaire((), {}, {}), file, "questions.toml")


def _read(data: bytes, origin: str) -> _File:
    try:
        return msgspec.convert(parse_toml(data.decode("utf-8")), _File)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ReentryError(f"{origin} holds no questions for an intake: {error}") from None


def _joined(known: Questionnaire, file: _File, origin: str) -> Questionnaire:
    """What was known, with what a file adds or replaces."""
    parts, askers = {**known.parts, **file.parts}, {**known.askers, **file.askers}
    ids = [question.id for question in file.questions]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ReentryError(f"{origin}: question {twice[0]!r} stands there twice")
    checked = {q.id: _Check(q, parts, askers, origin).expanded() for q in file.questions}
    kept = [checked.pop(question.id, question) for question in known]
    return Questionnaire((*kept, *checked.values()), parts, askers)


@dataclass(frozen=True)
class _Check:
    """Whether a question speaks of what there is."""

    question: Question
    parts: dict[str, Texts]
    askers: dict[str, Texts]
    origin: str

    def expanded(self) -> Question:
        """The question, in which a group of codes is written out."""
        asked = self.question
        if not _NAME.fullmatch(asked.id):
            raise self.fail("id", asked.id, "small letters, digits and underscores")
        self.one_of("group", asked.group, [g for g in self.parts if g in GROUPS])
        self.one_of("asker", asked.asker, list(self.askers))
        self.one_of("table", asked.table, [n for n in tables() if n not in ("inquiries", "audit")])
        for code in (*asked.registers, *((asked.channel,) if asked.channel else ())):
            self.one_of("registers", code, list(vocabularies()["register"].codes))
        for code in asked.regimes:
            self.one_of("regimes", code, list(vocabularies()["regime"].codes))
        if not asked.registers:
            raise self.fail("registers", "empty", "at least one register")
        if not asked.source.strip():
            raise self.fail("source", "empty", "where it stands, or project")
        self.of_victims()
        spec = tables()[asked.table]
        for field in asked.fields:
            self.one_of("fields", field, list(spec.columns))
        self.of_kind(spec)
        where = {field: self.codes(spec, field, codes) for field, codes in asked.where.items()}
        return msgspec.structs.replace(asked, where=where)

    def of_victims(self) -> None:
        """Victims are asked for through their own channel alone."""
        asked = self.question
        if VICTIMS in (asked.table, asked.group):
            if asked.channel != VICTIM_CHANNEL or set(asked.registers) != {VICTIM_CHANNEL}:
                found = asked.channel or ", ".join(asked.registers)
                raise self.fail("channel", found, f"{VICTIM_CHANNEL}, since it is about victims")
            if asked.group != VICTIMS or asked.table != VICTIMS:
                raise self.fail("group", asked.group, "victims for the table victims alone")

    def of_kind(self, spec: TableSpec) -> None:
        """Each kind has what it needs to be answered."""
        asked = self.question
        consultable = vocabularies()["subject"].codes
        if asked.kind == "all" and asked.table not in consultable:
            raise self.fail(
                "kind", "all", f"a table that can be consulted: {', '.join(consultable)}"
            )
        if asked.kind == "each" and not (asked.fields and spec.ends):
            raise self.fail("kind", "each", "fields of a table with spells")
        if asked.kind == "current" and not asked.fields:
            raise self.fail("fields", "empty", "what must be filled in")

    def codes(self, spec: TableSpec, field: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Codes of a condition, groups written out."""
        self.one_of("where", field, [n for n, c in spec.columns.items() if c.kind == "code"])
        known = spec.columns[field].codes
        vocabulary = next(v for v in vocabularies().values() if v.codes == known)
        try:
            return vocabulary.expand(wanted)
        except DossierError as error:  # says which code, and which there are
            raise ReentryError(
                f"{self.origin}: question {self.question.id!r}, where.{field}: {error}"
            ) from None

    def one_of(self, field: str, found: str, expected: list[str]) -> None:
        """Refuse a name that does not exist."""
        if found not in expected:
            raise self.fail(field, found, f"one of {', '.join(expected)}")

    def fail(self, field: str, found: object, expected: str) -> ReentryError:
        """What is wrong, where."""
        return ReentryError(
            f"{self.origin}: question {self.question.id!r}, {field} = {found!r}; "
            f"expected {expected}"
        )
