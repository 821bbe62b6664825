"""From our dossier to the inputs of an instrument: what is there, what is approximated, what lacks.

Which fact or feature answers an input is data (``data/mapping.toml``), with a remark where the
dossier does not know quite what the instrument asks. Only facts recorded by the day of the
picture are read.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.dossier.schema import tables
from risicoscreener.dossier.visible import visible
from risicoscreener.features import catalogue
from risicoscreener.features.one import compile_one
from risicoscreener.instruments.answers import expected
from risicoscreener.instruments.kernels import age
from risicoscreener.instruments.result import wording
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.instruments.instrument import Instrument

Asked = Literal["static", "dynamic", "optional"]
Take = Literal["first", "last", "distinct", "codes", "gravest"]


class FactQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of a table of the dossier, and what is taken from one of their fields.

    ``first`` and ``last`` by the value itself, ``distinct`` how many different values,
    ``codes`` the set of values, ``gravest`` the value of the row of highest severity.
    """

    table: str
    field: str
    take: Take
    where: dict[str, Any] = {}
    less: int = 0


class Source(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One way to answer an input; the first of its list that gives a value is used.

    Parameters
    ----------
    person, day, feature, facts
        Where the value comes from: a field of the person, the day of the picture, a feature, or
        facts. One of them.
    when
        Features that must have these values.
    known_if
        A feature that must be known: otherwise no facts may mean that nobody looked.
    becomes
        Per value the answer; a value that is not named gives none.
    above
        Yes if the value is above this.
    as_age
        The date becomes an age in completed years.
    not_before_day
        A date before the day of the picture gives none.
    approximate, remark
        How the answer differs from what the instrument asks.
    """

    remark: Texts
    person: str = ""
    day: bool = False
    feature: str = ""
    facts: FactQuery | None = None
    when: dict[str, float] = {}
    known_if: str = ""
    becomes: dict[str, Any] = {}
    above: float | None = None
    as_age: bool = False
    not_before_day: bool = False
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class FoundInput:
    """An input that the dossier answers, how, and whether that is an approximation."""

    name: str
    value: Any
    remark: Texts
    approximate: bool


@dataclass(frozen=True, slots=True)
class MissingInput:
    """An input that the dossier does not answer, for which variant, and who could supply it."""

    name: str
    level: Asked
    text: Texts
    expected: Texts
    provider: Texts


@dataclass(frozen=True, slots=True)
class DossierInputs:
    """What a dossier says of the inputs of an instrument.

    Attributes
    ----------
    inputs
        Ready for `Instrument.score`; what others supply can be added.
    found, missing
        Each input that was answered, and each that was not.
    """

    instrument: str
    version: str
    as_of: dt.date
    inputs: dict[str, Any]
    found: tuple[FoundInput, ...]
    missing: tuple[MissingInput, ...]

    @property
    def approximated(self) -> tuple[str, ...]:
        """The inputs whose answer is not quite what the instrument asks."""
        return tuple(found.name for found in self.found if found.approximate)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def text(self, lang: str = "nl") -> str:
        """What was found and what lacks, in ``nl`` or ``en``."""
        said = wording()["dossier"]
        lines = [said["head"][lang].format(instrument=self.instrument, as_of=self.as_of)]
        for one in self.found:
            mark = said["approximate" if one.approximate else "found"][lang]
            lines.append(f"  {one.name} = {_shown(one.value)} ({mark}: {one.remark.text(lang)})")
        for lack in self.missing:
            level = said[lack.level][lang]
            provider = lack.provider.text(lang)
            lines.append(
                "  "
                + said["missing"][lang].format(
                    name=lack.name, level=level, text=lack.text.text(lang), provider=provider
                )
            )
        return "\n".join(lines)


def inputs_from_dossier(instrument: Instrument, dossier: Dossier, as_of: dt.date) -> DossierInputs:
    """The inputs of an instrument that a dossier answers, as of a day.

    Parameters
    ----------
    as_of
        Day of the picture, and of the assessment: facts recorded later are not read.
    """
    reader = _Reader(dossier, as_of)
    ways = sources(instrument.id, PurePosixPath(instrument.definition.extends).stem)
    asked = [name for name, spec in instrument.inputs.items() if not spec.gives]
    answers = [reader.answer(name, ways.get(name, [])) for name in asked]
    found = tuple(answer for answer in answers if answer is not None)
    inputs = {one.name: one.value for one in found}
    return DossierInputs(
        instrument.id,
        instrument.version,
        as_of,
        inputs,
        found,
        tuple(_missing(instrument, inputs, [name for name in asked if name not in inputs])),
    )


def _missing(
    instrument: Instrument, inputs: dict[str, Any], unanswered: list[str]
) -> Iterator[MissingInput]:
    """What the instrument asks of this person and the dossier does not answer."""
    lacking: dict[str, Asked] = {}
    result = instrument.score(inputs)
    for one in [instrument, *instrument.parts.values()]:
        if result.parts.get(one.id, result).applicable:
            lacking.update(dict.fromkeys(one.definition.optional, "optional"))
    for problem in result.problems:
        if problem.code == "missing":
            asked: Asked = "static" if problem.kind == "refused" else "dynamic"
            lacking.update(dict.fromkeys(problem.fields, asked))
    for name in unanswered:
        if name in lacking:
            spec = instrument.inputs[name]
            provider = Texts(**wording()["providers"][spec.provider])
            wanted = expected(spec, instrument.choices)
            yield MissingInput(name, lacking[name], spec.text, wanted, provider)


@cache
def sources(instrument: str, family: str = "") -> dict[str, list[Source]]:
    """Per input the ways to answer it; those of family and instrument before those of all."""
    text = (files("risicoscreener.instruments") / "data" / "mapping.toml").read_text("utf-8")
    stored = tomllib.loads(text)
    shared = stored.get("inputs", {})
    own = stored.get("instruments", {}).get(instrument, {})
    kin = stored.get("families", {}).get(family, {})
    return msgspec.convert({**shared, **own, **kin}, dict[str, list[Source]])


class _Reader:
    """Answers from one dossier on one day."""

    def __init__(self, dossier: Dossier, as_of: dt.date) -> None:
        self.dossier, self.as_of = dossier, as_of

    def answer(self, name: str, ways: Sequence[Source]) -> FoundInput | None:
        """The answer of the first way that gives one."""
        for way in ways:
            value = self._value(way)
            if value is not None:
                return FoundInput(name, value, way.remark, way.approximate)
        return None

    def _value(self, way: Source) -> Any:
        if any(_feature(n, self.dossier, self.as_of) != v for n, v in way.when.items()):
            return None
        if way.known_if and _feature(way.known_if, self.dossier, self.as_of) is None:
            return None
        raw = self._raw(way)
        if raw is None:
            return None
        if way.not_before_day and raw < self.as_of:
            return None
        if way.as_age:
            return age(self.dossier.person.birth_date, raw)
        if way.above is not None:
            return bool(raw > way.above)
        if way.becomes:
            if isinstance(raw, frozenset):
                return sorted({way.becomes[code] for code in raw if code in way.becomes})
            return way.becomes.get(f"{raw:g}" if isinstance(raw, float) else str(raw))
        return raw

    def _raw(self, way: Source) -> Any:
        if way.day:
            return self.as_of
        if way.person:
            return getattr(self.dossier.person, way.person)
        if way.feature:
            return _feature(way.feature, self.dossier, self.as_of)
        return None if way.facts is None else self._facts(way.facts)

    def _facts(self, query: FactQuery) -> Any:
        rows = [
            row
            for _, row in visible(getattr(self.dossier, query.table), self.as_of)
            if all(getattr(row, name) in wanted for name, wanted in query.where.items())
        ]
        known = [(row, _known(query.table, row, query.field, self.as_of)) for row in rows]
        values = [(row, value) for row, value in known if value is not None]
        return _TAKE[query.take](values, query.less)


def _extreme(choose: Callable[..., Any]) -> Callable[[list[tuple[Any, Any]], int], Any]:
    return lambda values, _less: choose((value for _, value in values), default=None)


def _distinct(values: list[tuple[Any, Any]], less: int) -> int:
    return max(0, len({value for _, value in values}) - less)


def _codes(values: list[tuple[Any, Any]], _less: int) -> frozenset[Any]:
    return frozenset(value for _, value in values)


def _gravest(values: list[tuple[Any, Any]], _less: int) -> Any:
    gravest = max(
        values, key=lambda found: (found[0].severity, found[0].judged_on, found[1]), default=None
    )
    return None if gravest is None else gravest[1]


_TAKE: dict[str, Callable[[list[tuple[Any, Any]], int], Any]] = {
    "first": _extreme(min),
    "last": _extreme(max),
    "distinct": _distinct,
    "codes": _codes,
    "gravest": _gravest,
}


def _known(table: str, row: Any, field: str, as_of: dt.date) -> Any:
    """The value of a field, None before the day on which it came true."""
    known_from = tables()[table].columns[field].known_from
    if known_from is not None:
        day = getattr(row, known_from)
        if day is None or day > as_of:
            return None
    return getattr(row, field)


@cache
def _plan(name: str) -> Callable[[Any, dt.date], list[float]]:
    return compile_one(catalogue().plan([name]))


def _feature(name: str, dossier: Dossier, as_of: dt.date) -> float | None:
    (value,) = _plan(name)(dossier, as_of)
    return None if value != value else value


def _shown(value: Any) -> str:
    return ", ".join(value) or "-" if isinstance(value, list) else str(value)
