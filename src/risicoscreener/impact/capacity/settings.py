"""What a forecast assumes: values with a mark and a source, and files that change them."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity.stays import regimes
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import Texts

UNLIMITED = "unlimited"
MOST_COUNTED = 10_000_000


class Setting(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of ``defaults.toml``: its value, what it may be, and where it comes from."""

    value: Any
    kind: Literal["count", "number", "share", "flag", "choice", "places", "optional_count"]
    mark: Literal["C", "D", "A"]
    source: str
    least: float = 0
    most: float = MOST_COUNTED
    one_of: tuple[str, ...] = ()

    def check(self, key: str, value: Any) -> Any:
        """The value, if it is one; otherwise an `ImpactError` that names the key."""
        if self._is_one(value):
            return dict(value) if self.kind == "places" else value
        shown = repr(value)
        shown = f"{shown[:60]}…" if len(shown) > 61 else shown
        raise ImpactError(f"{key} is {shown}; expected {self._expected()}")

    def _is_one(self, value: Any) -> bool:
        if self.kind == "flag":
            return isinstance(value, bool)
        if self.kind == "choice":
            return value in self.one_of
        if self.kind == "places":
            return isinstance(value, Mapping) and all(
                isinstance(name, str) and self._is_number(n, whole=True)
                for name, n in value.items()
            )
        if self.kind == "optional_count" and value == UNLIMITED:
            return True
        return self._is_number(value, whole=self.kind in ("count", "optional_count"))

    def _is_number(self, value: Any, *, whole: bool) -> bool:
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            return False
        most = 1.0 if self.kind == "share" else self.most
        return math.isfinite(value) and self.least <= value <= most

    def _expected(self) -> str:
        limits = f"from {self.least:g} to {self.most:,.12g}"
        return {
            "flag": "true or false",
            "choice": " or ".join(repr(one) for one in self.one_of),
            "places": f"whole numbers {limits} by prison",
            "share": "a share from 0 to 1",
            "count": f"a whole number {limits}",
            "number": f"a number {limits}",
            "optional_count": f"a whole number {limits}, or {UNLIMITED!r}",
        }[self.kind]


class Task(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What casemanagers do for somebody; see ``tasks.toml``."""

    id: str
    text: Texts
    at: Literal["arrival", "before_release", "every"]
    offset_days: int
    hours: float
    mark: Literal["C", "D", "A"]
    source: str
    kinds: tuple[str, ...] = ()
    least_stay_days: int = 0
    most_stay_days: int = 0

    def __post_init__(self) -> None:
        least = 1 if self.at == "every" else 0
        _within(f"task {self.id!r}: offset_days", self.offset_days, least, 36525)
        _within(f"task {self.id!r}: hours", self.hours, 0, 1000)
        _within(f"task {self.id!r}: least_stay_days", self.least_stay_days, 0, 36525)
        _within(f"task {self.id!r}: most_stay_days", self.most_stay_days, 0, 36525)
        unknown = [kind for kind in self.kinds if kind not in regimes()]
        if unknown:
            raise ImpactError(
                f"task {self.id!r}: kinds has {unknown[0]!r}; expected of {', '.join(regimes())}"
            )


class _TasksFile(Struct, frozen=True, forbid_unknown_fields=True):
    tasks: tuple[Task, ...]


@cache
def defaults() -> dict[str, Setting]:
    """Every setting by ``section.name``."""
    raw = parse_toml(_shipped("defaults.toml"))
    return {
        f"{section}.{name}": msgspec.convert(entry, Setting)
        for section, entries in raw.items()
        for name, entry in entries.items()
    }


@dataclass(frozen=True, repr=False)
class CapacitySettings:
    """The values of a forecast by ``section.name``, and the tasks of casemanagers.

    >>> CapacitySettings.of({"places.regular": 900})["shell.open_at"]
    0.98
    """

    values: Mapping[str, Any]
    tasks: tuple[Task, ...]

    def __getitem__(self, key: str) -> Any:
        return self.values[_known(key)]

    def __repr__(self) -> str:
        changed = ", ".join(f"{key}={value!r}" for key, value in self.changed().items())
        return f"<CapacitySettings {changed or 'as they ship'}>"

    @classmethod
    def of(
        cls, changes: Mapping[str, Any] | None = None, tasks: tuple[Task, ...] | None = None
    ) -> CapacitySettings:
        """The settings as they ship, with changes by ``section.name``.

        Raises
        ------
        ImpactError
            Naming the key, its value and what was expected.
        """
        return cls(
            {k: s.value for k, s in defaults().items()}, shipped_tasks() if tasks is None else tasks
        ).with_(changes or {})

    def with_(self, changes: Mapping[str, Any]) -> CapacitySettings:
        """The same with other values."""
        given = {_known(k): defaults()[k].check(k, v) for k, v in changes.items()}
        made = CapacitySettings({**self.values, **given}, self.tasks)
        if made["shell.close_at"] > made["shell.open_at"]:
            raise ImpactError(
                f"shell.close_at is {made['shell.close_at']}; expected at most shell.open_at, "
                f"{made['shell.open_at']}"
            )
        if made["shell.open_at_start"] > made["shell.places"]:
            raise ImpactError(
                f"shell.open_at_start is {made['shell.open_at_start']}; expected at most "
                f"shell.places, {made['shell.places']}"
            )
        return made

    @classmethod
    def read(cls, path: str | Path) -> CapacitySettings:
        """Settings from a TOML file with values by section; ``[[tasks]]`` replace those shipped.

        Raises
        ------
        ImpactError
            Naming the file, the key and what was expected.
        """
        raw = read_toml(path)
        tasks = tasks_from({"tasks": raw.pop("tasks")}, str(path)) if "tasks" in raw else None
        changes: dict[str, Any] = {}
        for section, entries in raw.items():
            if not isinstance(entries, dict):
                raise ImpactError(
                    f"{path}: {section} is {entries!r}; expected a section [{section}]"
                )
            changes |= {f"{section}.{name}": value for name, value in entries.items()}
        try:
            return cls.of(changes, tasks)
        except ImpactError as error:
            raise ImpactError(f"{path}: {error}") from None

    def changed(self) -> dict[str, Any]:
        """Values that are not those that ship."""
        return {k: v for k, v in self.values.items() if v != defaults()[k].value}

    def number(self, key: str) -> float:
        """A value, infinite where it is unlimited."""
        value = self[key]
        return math.inf if value == UNLIMITED else float(value)


@cache
def shipped_tasks() -> tuple[Task, ...]:
    """The tasks of ``tasks.toml``."""
    return tasks_from(parse_toml(_shipped("tasks.toml")), "tasks.toml")


def tasks_from(raw: dict[str, Any], origin: str) -> tuple[Task, ...]:
    """Tasks as a file gives them.

    Raises
    ------
    ImpactError
        Naming the place in the file and what was expected there.
    """
    try:
        found = msgspec.convert(raw, _TasksFile).tasks
    except (msgspec.ValidationError, ImpactError) as error:
        raise ImpactError(f"{origin}: {error}") from None
    ids = [task.id for task in found]
    if len(set(ids)) < len(ids):
        raise ImpactError(f"{origin}: tasks have the ids {', '.join(ids)}; expected each once")
    return found


def read_toml(path: str | Path) -> dict[str, Any]:
    """What a TOML file holds.

    Raises
    ------
    ImpactError
        If it is not there or no TOML.
    """
    try:
        return parse_toml(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ImpactError(f"{path} cannot be read: {error}") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ImpactError(f"{path} cannot be read as TOML: {error}") from None


def _shipped(name: str) -> str:
    return (files("risicoscreener.impact.capacity") / name).read_text("utf-8")


def _known(key: str) -> str:
    if key in defaults():
        return key
    close = difflib.get_close_matches(str(key), list(defaults()), n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(defaults())}"
    raise ImpactError(f"there is no setting {key!r}; {hint}")


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ImpactError(f"{name} is {value!r}; expected a number from {low:g} to {high:g}")
