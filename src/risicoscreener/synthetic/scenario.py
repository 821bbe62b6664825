"""Scenarios: named sets of changes to the parameters, each a small declarative file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from risicoscreener.errors import DataError
from risicoscreener.strict_toml import parse_toml
from risicoscreener.synthetic.kinds import did_you_mean, refusal
from risicoscreener.synthetic.parameters import (
    DEFAULT_POPULATION,
    Parameters,
    load_parameters,
    population_names,
)
from risicoscreener.texts import LANGUAGES, Texts

MOST_BYTES = 50_000
"""A scenario file is a page of text; what is larger is another file."""
MOST_PEOPLE = 9_999_999
ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MARKS = ("C", "D", "M", "A")
_TEXTS = ("title", "description", "unchanged", "expected")
_OPTIONAL = ("changes", "targets", "population")
_KEYS = (*_TEXTS, "mark", "source", "people", *_OPTIONAL)
SUFFIX = ".toml"


@dataclass(frozen=True)
class Aim:
    """What the cohort of a scenario is to reach of a target, in the unit of the target."""

    target: float
    tolerance: float


@dataclass(frozen=True)
class Scenario:
    """A named set of changes to the parameters.

    Attributes
    ----------
    id
        Name of the file without its ending.
    title
        What it is about.
    description
        What changes.
    unchanged
        What must stay the same.
    expected
        What a user should see.
    mark, source
        Where the changed values come from, marked as parameters are.
    population
        Population that the people are drawn from.
    people
        Recommended number of people.
    changes
        New values by path, as for `load_parameters`.
    targets
        What free parameters are fitted to, by the key of the target.
    """

    id: str
    title: Texts
    description: Texts
    unchanged: Texts
    expected: Texts
    mark: str
    source: str
    people: int
    population: str = DEFAULT_POPULATION
    changes: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, Aim] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("changes", "targets"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> Any:
        return _rebuilt, (
            {name: getattr(self, name) for name in self.__dataclass_fields__}
            | {"changes": dict(self.changes), "targets": dict(self.targets)},
        )

    @classmethod
    def load(cls, which: str | Path) -> Scenario:
        """A scenario of the package by its id, or one from a file.

        Parameters
        ----------
        which
            The id of a scenario of the package, or the path of a TOML file.

        Raises
        ------
        DataError
            If there is none, or its file is not a scenario: it names the file, the key and what
            was expected.
        """
        if isinstance(which, str) and which in cls.shipped():
            return cls.shipped()[which]
        path = Path(which)
        if isinstance(which, str) and not path.suffix and path.name == which:
            known = cls.shipped()
            raise DataError(
                f"there is no scenario {which!r}; expected one of {', '.join(known)}, or the path "
                f"of a file that ends in {SUFFIX}{did_you_mean(which, known)}"
            )
        return _parsed(_content(path), str(path), path.stem)

    @classmethod
    def shipped(cls) -> Mapping[str, Scenario]:
        """The scenarios of the package by id, ``base`` first."""
        return MappingProxyType(_shipped())

    def parameters(self) -> Parameters:
        """The parameters of the scenario."""
        return load_parameters(self.population, self.changes)


def _rebuilt(values: dict[str, Any]) -> Scenario:
    return Scenario(**values)


@cache
def _shipped() -> dict[str, Scenario]:
    folder = files("risicoscreener.synthetic") / "scenarios"
    names = sorted(
        (file.name for file in folder.iterdir() if file.name.endswith(SUFFIX)),
        key=lambda name: (name != f"base{SUFFIX}", name),
    )
    found = {}
    for name in names:
        stem = name.removesuffix(SUFFIX)
        found[stem] = _parsed((folder / name).read_bytes(), f"scenarios/{name}", stem)
    return found


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise DataError(
            f"the scenario {path} cannot be read: {error.strerror}; expected a TOML file, or one "
            f"of {', '.join(Scenario.shipped())}"
        ) from None
    if len(content) > MOST_BYTES:
        raise DataError(
            f"{path} has more than {MOST_BYTES:,} bytes; expected a scenario of a page or less"
        )
    return content


def _parsed(content: bytes, name: str, stem: str) -> Scenario:
    try:
        return _scenario(parse_toml(content.decode("utf-8")), name, stem)
    except UnicodeDecodeError as error:
        raise DataError(f"{name} is not text in UTF-8: byte {error.start} is not") from None
    except tomllib.TOMLDecodeError as error:
        hint = "; texts, dates and paths are written as in the documentation of scenarios"
        raise DataError(f"{name} is not TOML: {error}{hint}") from None
    except RecursionError:
        raise DataError(f"{name} is nested too deeply; expected tables of values") from None


def _scenario(raw: dict[str, Any], name: str, stem: str) -> Scenario:
    if not ID.fullmatch(stem):
        raise DataError(
            f"{name} is named {stem!r}; expected at most 64 lower-case letters, digits and "
            "underscores, a letter first"
        )
    _check_keys(name, raw, _KEYS, [key for key in _KEYS if key not in _OPTIONAL])
    if raw["mark"] not in _MARKS:
        raise refusal(f"{name}: mark", raw["mark"], f"one of {', '.join(_MARKS)}")
    population = raw.get("population", DEFAULT_POPULATION)
    if population not in population_names():
        raise refusal(f"{name}: population", population, f"one of {', '.join(population_names())}")
    return Scenario(
        id=stem,
        **{key: _texts(f"{name}: {key}", raw[key]) for key in _TEXTS},
        mark=raw["mark"],
        source=_text(f"{name}: source", raw["source"]),
        people=_people(f"{name}: people", raw["people"]),
        population=population,
        changes=_changes(name, raw.get("changes", {}), population),
        targets=_targets(name, raw.get("targets", {})),
    )


def _check_keys(
    name: str, table: Any, known: Iterable[str], required: Iterable[str] | None = None
) -> None:
    known = list(known)
    if not isinstance(table, Mapping):
        raise refusal(name, table, f"a table with {', '.join(known)}")
    for key in table:
        if key not in known:
            raise DataError(
                f"{name} has the key {key!r}; expected {', '.join(known)}{did_you_mean(key, known)}"
            )
    for key in known if required is None else required:
        if key not in table:
            raise DataError(f"{name} lacks the key {key!r}; expected {', '.join(known)}")


def _texts(name: str, value: Any) -> Texts:
    _check_keys(name, value, LANGUAGES)
    return Texts(**{lang: _text(f"{name}.{lang}", value[lang]) for lang in LANGUAGES})


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise refusal(name, value, "a text")
    return value


def _people(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_PEOPLE:
        raise refusal(name, value, f"a whole number from 1 to {MOST_PEOPLE:,}")
    return value


def _changes(name: str, changes: Any, population: str) -> dict[str, Any]:
    """New values by path, if each can be meant."""
    if not isinstance(changes, Mapping):
        raise refusal(f"{name}: changes", changes, 'a table such as "people.female_share" = 0.5')
    known = load_parameters(population).entries
    for path in changes:
        if any(one.startswith(f"{path}.") for one in known):
            raise DataError(
                f"{name}: changes has the table {path!r}; expected paths in quotation marks, such "
                'as "people.female_share" = 0.5'
            )
    try:
        load_parameters(population, changes)
    except DataError as error:
        raise DataError(f"{name}: changes: {error}") from None
    return dict(changes)


def _targets(name: str, targets: Any) -> dict[str, Aim]:
    """Targets by key, if there are such rows and their values can be reached."""
    if not isinstance(targets, Mapping):
        raise refusal(f"{name}: targets", targets, "a table of targets")
    from risicoscreener.synthetic.aims.targets import PERCENT
    from risicoscreener.synthetic.aims.targets import targets as published

    rows = {row.key: row for row in published()}
    found = {}
    for key, aim in targets.items():
        here = f"{name}: targets.{key}"
        if key not in rows:
            raise DataError(
                f"{here} is no row of targets.toml; expected one of {', '.join(rows)}"
                f"{did_you_mean(key, rows)}"
            )
        _check_keys(here, aim, ("target", "tolerance"))
        target, tolerance = (_real(f"{here}.{part}", aim[part]) for part in ("target", "tolerance"))
        most = {PERCENT: 100.0, "AUC": 1.0}.get(rows[key].measure, _LARGEST)
        if most < _LARGEST and not 0 <= target <= most:
            raise refusal(f"{here}.target", target, f"a number from 0 to {most:g}")
        if tolerance <= 0:
            raise refusal(f"{here}.tolerance", tolerance, "a number above zero")
        found[key] = Aim(target, tolerance)
    return found


def _real(name: str, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not abs(value) <= _LARGEST:
        raise refusal(name, value, "a finite number")
    return float(value)


_LARGEST = 1e9
