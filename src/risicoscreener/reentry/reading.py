"""Tests over the features of one dossier as of a day, by which questions and goals are read."""

from __future__ import annotations

import datetime as dt
import math
import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.decision.compiled import truth
from risicoscreener.decision.outcome import TRUE
from risicoscreener.decision.policy import Test
from risicoscreener.errors import ReentryError
from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.features.definition import feature_from_mapping
from risicoscreener.features.one import OneFunction, compile_one
from risicoscreener.strict_toml import parse_toml

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier


@dataclass(frozen=True)
class Reader:
    """Values of some features of a dossier, and whether tests on them hold.

    Parameters
    ----------
    names
        The features that are read.
    definitions
        Where they are defined; the shipped ones by default.

    Raises
    ------
    ReentryError
        For a feature that there is not.
    """

    names: tuple[str, ...]
    function: OneFunction

    @classmethod
    def of(cls, names: Iterable[str], definitions: Catalogue | None = None) -> Reader:
        """A reader of these features, each once."""
        known = catalogue() if definitions is None else definitions
        wanted = tuple(dict.fromkeys(names))
        for name in wanted:
            if name not in known:
                raise ReentryError(f"input {name!r}; expected the name of a feature")
        return cls(wanted, compile_one(known.plan(wanted)))

    def values(self, dossier: Dossier, as_of: dt.date) -> dict[str, float]:
        """Each value by name, NaN where unknown."""
        return dict(zip(self.names, self.function(dossier, as_of), strict=True))


def holds(tests: Sequence[Test], values: dict[str, float], *, every: bool = True) -> int:
    """``TRUE``, ``FALSE`` or ``UNKNOWN``: whether all tests hold, or with ``every=False`` any."""
    if not tests:
        return TRUE
    clause = tuple(
        (
            place,
            -math.inf if test.min is None else test.min,
            math.inf if test.max is None else test.max,
        )
        for place, test in enumerate(tests)
    )
    return truth(every, clause, [values[test.input] for test in tests])


def inputs_of(tests: Iterable[Test]) -> Iterable[str]:
    """The features that some tests read."""
    return (test.input for test in tests)


def with_own_features(entries: Mapping[str, Any], origin: str) -> Catalogue:
    """The shipped features and those of a file of this part."""
    own = [feature_from_mapping(name, entry, origin) for name, entry in entries.items()]
    return catalogue().with_features(*own)


def read_data(package: str, name: str, kind: Any, path: str | Path | None = None) -> Any:
    """A TOML file as a record: that of a package, or one's own in its place.

    Raises
    ------
    ReentryError
        That names the file and the place in it.
    """
    try:
        source = files(package) / name if path is None else Path(path)
        return msgspec.convert(parse_toml(source.read_text("utf-8")), kind)
    except (OSError, UnicodeDecodeError) as error:
        raise ReentryError(f"{path} cannot be read: {error}") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ReentryError(f"{path or name}: {error}") from None


def text_of(path: str | os.PathLike[str]) -> str:
    """The text in a file.

    Raises
    ------
    ReentryError
        If it is not UTF-8.
    """
    try:
        return Path(path).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ReentryError(f"{os.fspath(path)} is not UTF-8: {error}") from None


def check_once(kind: str, names: Sequence[str]) -> None:
    """Raise ReentryError for a name that is there twice."""
    for name in names:
        if names.count(name) > 1:
            raise ReentryError(f"{kind} {name!r} is there twice; expected each once")


def check_among(where: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Raise ReentryError for a name that is not known."""
    there = sorted(known)
    for name in names:
        if name not in there:
            raise ReentryError(f"{where} {name!r}; expected one of {', '.join(there)}")
