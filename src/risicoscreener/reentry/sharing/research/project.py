"""A study: its variables, how they are made coarser, and when it ends."""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from risicoscreener.dossier.schema import Column, persons, tables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DossierError, ReentryError
from risicoscreener.reentry.sharing.purposes import PERSONS, Purpose, find_purpose
from risicoscreener.reentry.sharing.wording import code_vocabulary
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import Texts

RECIPIENT, PURPOSE = "researcher", "research"
PSEUDONYM = "pseudonym"
"""The column that stands for who it is."""
PERIODS = ("year", "five_years")
CODES = ("code", "group")
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}\Z")]
ProjectId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,63}\Z")]


class Variable(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"source": "from"}
):
    """One value of each person, and the steps in which it is made coarser.

    Attributes
    ----------
    source
        ``table.column``; in the file it is called ``from``.
    take
        The ``last`` row by its day, or the last case with an ``index`` offence.
    steps
        From fine to coarse.
    groups
        Codes of each group for the step ``group``; what is in none is ``other``.
    """

    name: Name
    source: str
    steps: Annotated[tuple[str, ...], Meta(min_length=1, max_length=8)]
    take: Literal["last", "index"] = "last"
    groups: dict[str, tuple[str, ...]] = {}

    @property
    def table(self) -> str:
        """The table that it is taken from."""
        return self.source.partition(".")[0]

    @property
    def column(self) -> str:
        """The column that it is taken from."""
        return self.source.partition(".")[2]


class Project(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A study for which an export is made; the words of ``project.toml``.

    Attributes
    ----------
    k, diversity
        People, and different values of each sensitive variable, in every group that looks alike.
    most_left_out
        Share of the people that may be left out.
    shift_days
        By how many days at most the dates of a person are shifted, all by the same number. What
        was known in the last one to two times as many days stays out (`Pseudonyms.last_day`).
    date_step
        To how many days the shifted dates of facts are rounded down; 7 hides the day of the week.
    receiver
        Which of several who get an export: the pseudonyms of two are different.
    tables
        Tables of facts that go along.
    round
        Columns of numbers in the tables of facts, and to what they are rounded.
    """

    id: ProjectId
    title: Texts
    basis: str
    ends_on: dt.date
    quasi: Annotated[tuple[Variable, ...], Meta(min_length=1, max_length=10)]
    sensitive: tuple[Variable, ...] = ()
    k: Annotated[int, Meta(ge=2, le=1000)] = 5
    diversity: Annotated[int, Meta(ge=1, le=100)] = 2
    most_left_out: Annotated[float, Meta(ge=0, le=1)] = 0.1
    shift_days: Annotated[int, Meta(ge=1, le=3653)] = 180
    date_step: Annotated[int, Meta(ge=1, le=366)] = 1
    receiver: ProjectId | None = None
    tables: tuple[str, ...] = ()
    round: dict[str, Annotated[int, Meta(ge=1)]] = {}

    @property
    def study(self) -> str:
        """The project, and which receiver of it if there are several."""
        return study_of(self.id, self.receiver)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Quasi-identifiers, then sensitive variables."""
        return (*self.quasi, *self.sensitive)

    def columns_of(self, table: str, purpose: Purpose) -> tuple[str, ...]:
        """Columns of a table of facts that go along: no text, of quasi-identifiers only dates."""
        coarse = {v.column for v in self.quasi if v.table == table}
        kinds = {name: column.kind for name, column in tables()[table].columns.items()}
        return tuple(
            name
            for name in purpose.fields.get(table, ())
            if kinds[name] != "text" and (name not in coarse or kinds[name] == "date")
        )


def study_of(project: str, receiver: str | None) -> str:
    """What a project is called, with the receiver if there are several."""
    return project if receiver is None else f"{project}/{receiver}"


def shipped_project() -> Project:
    """The example that the package ships; its basis holds for nobody."""
    text = (files("risicoscreener.reentry.sharing.research") / "project.toml").read_text("utf-8")
    return _checked(text, "project.toml")


def read_project(path: str | os.PathLike[str]) -> Project:
    """A study from a TOML file.

    Raises
    ------
    ReentryError
        If it cannot be understood, or asks for what the purpose of research does not name.
    """
    name = os.fspath(path)
    try:
        text = Path(path).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ReentryError(f"{name} is not UTF-8: {error}") from None
    return _checked(text, name)


def purpose_of_research(on: dt.date) -> Purpose:
    """What the table of purposes lets researchers have on a day."""
    return find_purpose(RECIPIENT, PURPOSE, on)


def _checked(text: str, name: str) -> Project:
    try:
        project = msgspec.convert(parse_toml(text), Project)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ReentryError(f"{name}: {error}") from None
    names = [PSEUDONYM, *(variable.name for variable in project.variables)]
    twice = [one for one in names if names.count(one) > 1]
    if twice:
        raise ReentryError(
            f"{name}: {twice[0]} is there twice; expected each variable once, none called pseudonym"
        )
    if not project.basis.strip():
        raise ReentryError(f"{name}: basis is empty; expected on which basis the study may be done")
    for variable in project.variables:
        _check(variable, f"{name}: {variable.name}")
    _check_round(project, name)
    for table in project.tables:
        if table not in tables():
            raise ReentryError(f"{name}: table is {table!r}; expected one of {', '.join(tables())}")
    return project


def check_allowed(project: Project, purpose: Purpose) -> None:
    """Raise ReentryError for what the purpose of research does not name."""
    named = set(purpose.named)
    for variable in project.variables:
        if variable.source not in named:
            there = ", ".join(purpose.named)
            raise ReentryError(
                f"{variable.name}: from is {variable.source!r}; expected one of {there}"
            )
    for table in project.tables:
        if table not in purpose.fields or table == PERSONS:
            there = ", ".join(name for name in purpose.fields if name != PERSONS)
            raise ReentryError(f"table {table!r} is not for research; expected one of {there}")


def column_of(variable: Variable) -> Column:
    """The column that a variable is taken from."""
    spec = persons() if variable.table == PERSONS else tables()[variable.table]
    return spec.columns[variable.column]


def _check(variable: Variable, where: str) -> None:
    known = {PERSONS: persons(), **tables()}
    if variable.table not in known or variable.column not in known[variable.table].columns:
        raise ReentryError(f"{where}: from is {variable.source!r}; expected table.column")
    if variable.take == "index" and variable.table != "convictions":
        raise ReentryError(f"{where}: take is 'index'; expected that for convictions only")
    column = column_of(variable)
    if column.kind in ("integer", "number") or variable.column == "birth_date":
        _check_widths(variable.steps, where)
    else:
        there = PERIODS if column.kind == "date" else CODES
        wrong = [step for step in variable.steps if step not in there]
        if wrong or len(set(variable.steps)) < len(variable.steps):
            raise ReentryError(
                f"{where}: steps are {variable.steps}; expected {' then '.join(there)}"
            )
    if ("group" in variable.steps or variable.groups) and not column.codes:
        raise ReentryError(f"{where}: groups are for codes; expected none")
    if "group" in variable.steps and not variable.groups:
        raise ReentryError(
            f"{where}: the step group needs groups; expected [{variable.name}.groups]"
        )
    for codes in variable.groups.values():
        _expanded(variable, codes, where)


def _check_round(project: Project, where: str) -> None:
    """A column that is spelled otherwise would go out as it is."""
    there = dict.fromkeys(
        name
        for table in project.tables
        if table in tables()
        for name, column in tables()[table].columns.items()
        if column.kind in ("integer", "number")
    )
    for name in project.round:
        if name not in there:
            raise ReentryError(
                f"{where}: round has {name!r}; expected a column of numbers of its tables, one of "
                f"{', '.join(there)}"
            )


def _check_widths(steps: tuple[str, ...], where: str) -> None:
    widths = [int(step) if step.isascii() and step.isdigit() else 0 for step in steps]
    rises = all(a < b and b % a == 0 for a, b in pairwise(widths) if a)
    if 0 in widths or not rises:
        raise ReentryError(
            f"{where}: steps are {', '.join(steps)}; expected widths of which each is a multiple "
            "of the one before, such as 5, 10, 20"
        )


def group_of(variable: Variable) -> dict[str, str]:
    """The group of each code that is in one."""
    return {
        code: group
        for group, codes in variable.groups.items()
        for code in _expanded(variable, codes, variable.name)
    }


def _expanded(variable: Variable, codes: tuple[str, ...], where: str) -> tuple[str, ...]:
    vocabulary = vocabularies()[code_vocabulary(variable.table, variable.column)]
    try:
        return vocabulary.expand(codes)
    except DossierError as error:
        raise ReentryError(f"{where}: {error}") from None
