"""What conduct counts as, as data: the national rule by date, and what a prison adds to it.

A rule is a floor. A row counts at least as the grade of each rule that it matches; what the prison
recorded as worse stays worse. So no definition makes a row milder, and what applies is what was
in force on the day of the conduct, never what was decided later.

A positive act that was not recorded as desired, or was punished, contradicts itself. It counts as
an incident, and no rule speaks of positive acts.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from risicoscreener.dossier.schema import tables
from risicoscreener.errors import ConductError
from risicoscreener.features.catalogue import catalogue
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.dossier.record import Conduct

GRADES: tuple[str, ...] = tables()["conduct"].columns["grade"].codes
"""From desired to intolerable."""
CATEGORIES: tuple[str, ...] = tables()["conduct"].columns["category"].codes
INCIDENT, POSITIVE, REVIEW = "incident", "positive_act", "week_review"
KINDS = (INCIDENT, REVIEW)
"""Kinds of record of which rules speak."""
PARTS = {
    "kinds": "kind",
    "categories": "category",
    "subjects": "subject",
    "disciplines": "discipline",
}
"""Lists of codes in a rule, each with the field of a row that it speaks of."""


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which rows count at least as a grade.

    Attributes
    ----------
    kinds, categories, subjects, disciplines
        Codes of which the row has one; an empty list: whichever.
    times, within_days
        Only where so many matching rows, this one included, lie in the days up to this one.
    source
        The citation; ``project`` stands for a choice of the project.
    to_verify
        The source was not read, or the rule is a choice.
    """

    id: str
    grade: str
    text: Texts
    source: str
    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    disciplines: tuple[str, ...] = ()
    times: Annotated[int, Meta(ge=1, le=100)] = 1
    within_days: Annotated[int, Meta(ge=1, le=366)] | None = None
    remark: Texts | None = None
    to_verify: bool = False

    def codes(self, part: str) -> tuple[str, ...]:
        """The codes of one of `PARTS` of which a row must have one."""
        listed: tuple[str, ...] = getattr(self, part)
        whichever = KINDS if part == "kinds" else tables()["conduct"].columns[PARTS[part]].codes
        return listed or whichever

    def matches(self, row: Conduct) -> bool:
        """Whether a row has the codes of the rule, apart from how often that happened.

        ``row`` is one that does not contradict itself, see `kind_counted`.
        """
        return all(getattr(row, field) in self.codes(part) for part, field in PARTS.items())

    @property
    def rank(self) -> int:
        """Position of its grade, 0 for desired."""
        return GRADES.index(self.grade)


@cache
def punishments() -> frozenset[str]:
    """Disciplines that are punishments, as the feature that counts them has it."""
    return frozenset(catalogue()["punishments_detention"].where["discipline"])


def kind_counted(row: Conduct) -> str:
    """As what kind a row counts: a positive act that contradicts itself is an incident."""
    contradicts = row.grade != GRADES[0] or row.discipline in punishments()
    return INCIDENT if row.kind == POSITIVE and contradicts else row.kind


class Definition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One version of what conduct counts as, from a day on.

    Attributes
    ----------
    name, valid_from, valid_until
        What it is called, and the days of conduct to which it applies (inclusive; no end: still).
    scope
        ``national``, or ``local``: for the prisons (or a region's prisons) that it names.
    """

    name: str
    scope: Literal["national", "local"]
    valid_from: dt.date
    title: Texts
    source: str
    rules: tuple[Rule, ...]
    prisons: tuple[str, ...] = ()
    valid_until: dt.date | None = None
    remark: Texts | None = None
    to_verify: bool = False

    @property
    def id(self) -> str:
        """Name and first day, such as ``national/2020-10-01``."""
        return f"{self.name}/{self.valid_from.isoformat()}"

    def in_force(self, day: dt.date) -> bool:
        """Whether conduct of that day falls under it."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def overlaps(self, other: Definition) -> bool:
        """Whether some day falls under both."""
        ends = [d.valid_until for d in (self, other) if d.valid_until is not None]
        return max(self.valid_from, other.valid_from) <= min(ends, default=dt.date.max)

    @classmethod
    def from_toml(cls, text: str, origin: str) -> Definition:
        """The definition in the text of a file; ``origin`` names it in errors.

        Raises
        ------
        ConductError
            Naming the file, the place and what was expected there.
        """
        try:
            found = msgspec.convert(parse_toml(text), cls)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise ConductError(f"{origin} is no definition of conduct: {error}") from None
        _check(found, origin)
        return found


def _check(definition: Definition, origin: str) -> None:
    """Refuse names, codes and days that do not fit together."""
    if not definition.name.isidentifier():
        raise ConductError(f"{origin}: name {definition.name!r}; expected a name such as national")
    if definition.valid_until is not None and definition.valid_until < definition.valid_from:
        raise ConductError(
            f"{origin}: valid_until {definition.valid_until}; expected {definition.valid_from} "
            "or later"
        )
    if (definition.scope == "local") != bool(definition.prisons):
        raise ConductError(
            f"{origin}: scope {definition.scope!r} with prisons {list(definition.prisons)}; "
            "expected prisons in a local definition and none in a national one"
        )
    if not definition.source.strip():
        raise ConductError(f"{origin}: no source; expected a publication, or 'project'")
    _refuse_twice([rule.id for rule in definition.rules], f"{origin}: rule")
    for rule in definition.rules:
        _check_rule(rule, f"{origin}: rule {rule.id!r}")


def _check_rule(rule: Rule, place: str) -> None:
    columns = tables()["conduct"].columns
    wanted = {"grade": (rule.grade,)} | {PARTS[part]: getattr(rule, part) for part in PARTS}
    for field, codes in wanted.items():
        unknown = [code for code in codes if code not in columns[field].codes]
        if unknown:
            expected = ", ".join(columns[field].codes)
            raise ConductError(f"{place}: {field} {unknown[0]!r}; expected one of {expected}")
    if (rule.times > 1) != (rule.within_days is not None):
        raise ConductError(
            f"{place}: times {rule.times} and within_days {rule.within_days}; expected "
            "within_days where times is more than 1, and only there"
        )
    if POSITIVE in rule.kinds:
        raise ConductError(
            f"{place}: kind {POSITIVE!r}; expected {' or '.join(KINDS)}: what is not desired, or "
            "is punished, counts as an incident"
        )
    if not rule.source.strip():
        raise ConductError(f"{place}: no source; expected an article, or 'project'")
    if rule.grade == GRADES[0]:
        raise ConductError(
            f"{place}: grade {rule.grade!r}; expected {' or '.join(GRADES[1:])}: a rule says as "
            "what a row counts at least"
        )


class Definitions(Struct, frozen=True):
    """All definitions that are looked at, checked against each other.

    Raises
    ------
    ConductError
        If two have one id, two national versions hold on one day, or a local one says less than
        the national one of the same conduct.

    Examples
    --------
    >>> [d.id for d in Definitions.shipped().all]
    ['national/2014-03-01', 'national/2020-10-01']
    """

    all: tuple[Definition, ...]

    def __post_init__(self) -> None:
        _refuse_twice([definition.id for definition in self.all], "definition")
        national = [d for d in self.all if d.scope == "national"]
        for i, definition in enumerate(national):
            for other in national[i + 1 :]:
                if definition.overlaps(other):
                    raise ConductError(
                        f"national definitions {definition.id} and {other.id} hold on the same "
                        "day; give the earlier one a valid_until"
                    )
        for local in self.all:
            if local.scope == "local":
                for definition in national:
                    if local.overlaps(definition):
                        _refuse_milder(local, definition)

    @classmethod
    @cache
    def shipped(cls) -> Definitions:
        """The national rule, by date."""
        folder = files("risicoscreener.conduct") / "definitions"
        names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
        return cls(tuple(Definition.from_toml((folder / n).read_text("utf-8"), n) for n in names))

    @classmethod
    def from_directory(cls, folder: str | Path) -> Definitions:
        """The TOML files of a folder, without what the package ships.

        Raises
        ------
        ConductError
            If the folder holds no such files, or one cannot be understood.
        """
        paths = sorted(Path(folder).glob("*.toml"))
        if not paths:
            raise ConductError(f"{folder} holds no definitions; expected files *.toml")
        return cls(tuple(Definition.from_toml(_text_of(p), p.name) for p in paths))

    def and_also(self, *more: Definition) -> Definitions:
        """These and some more, such as those of a prison."""
        return Definitions((*self.all, *more))

    def rules(self) -> Iterable[tuple[Definition, Rule]]:
        """Every rule with the definition that it stands in."""
        return ((definition, rule) for definition in self.all for rule in definition.rules)


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ConductError(f"{path.name} is not UTF-8: {error}") from None


def _refuse_twice(names: list[str], what: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConductError(f"{what} {', '.join(twice)} occurs twice; expected each once")


def _cells(rule: Rule) -> set[tuple[Any, ...]]:
    """Every combination of codes that a rule speaks of."""
    return set(product(*(rule.codes(part) for part in PARTS)))


def _refuse_milder(local: Definition, national: Definition) -> None:
    """A local rule says more of some conduct than the national ones that always hold, or nothing.

    One that says less would be without effect, and its reader would think otherwise.
    """
    floors = [(rule, _cells(rule)) for rule in national.rules if rule.times == 1]
    for rule in local.rules:
        for floor, cells in floors:
            shared = _cells(rule) & cells if rule.rank < floor.rank else set()
            if shared:
                said = ", ".join(str(code) for code in min(shared))
                raise ConductError(
                    f"definition {local.id}: rule {rule.id!r} counts ({said}) as {rule.grade}, "
                    f"where {national.id} rule {floor.id!r} counts it as {floor.grade}; expected "
                    f"{floor.grade} or worse, or other conduct"
                )
