"""What people supply: answers to fields of documents, from a TOML file, all checked at once."""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from risicoscreener.errors import GovernanceError
from risicoscreener.governance.fact import same
from risicoscreener.governance.layout import LONGEST_ANSWER, NAMES, layouts
from risicoscreener.governance.register import Problem, check_value, schema
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import LANGUAGES, Texts

SHARED = "shared"
REGISTER = "register"
Value = str | tuple[Any, ...] | Texts


@dataclass(frozen=True)
class Answers:
    """Answers by document and field, and those that documents share.

    In the file a table for each document, with the ids of its fields as keys, and the table
    ``shared``. An answer is a text, or a text in each language: ``{ nl = "…", en = "…" }``. Of the
    register it has the type that its configuration asks. An answer to a field with a proposed
    value confirms or replaces it.

    Raises
    ------
    GovernanceError
        Naming every answer that is to no field, or of another type, length or value than asked.
    """

    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    where: str = "the answers"

    def __post_init__(self) -> None:
        problems = tuple(_problems(self.given))
        if problems:
            raise GovernanceError(f"{self.where} cannot be used:", problems)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Answers:
        """The answers in a file.

        Raises
        ------
        GovernanceError
            If it is no TOML, or as above.
        OSError
            If it cannot be read.
        """
        try:
            given = parse_toml(Path(path).read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise GovernanceError(f"{os.fspath(path)} is no TOML: {error}") from None
        return cls(given, os.fspath(path))

    def to(self, document: str, name: str, shared: str = "") -> Value | None:
        """The answer to a field, its own or a shared one; None without."""
        own = self.given.get(document, {}).get(name)
        found = self.given.get(SHARED, {}).get(shared) if own is None and shared else own
        if found is None:
            return None
        if isinstance(found, dict):
            return Texts(**found)
        return tuple(found) if isinstance(found, list) else str(found)


def as_texts(value: Value) -> Texts:
    """An answer as it is shown."""
    if isinstance(value, Texts):
        return value
    if isinstance(value, str):
        return same(value)
    return same("; ".join(_item(item) for item in value))


def _item(item: Any) -> str:
    return " – ".join(map(str, item.values())) if isinstance(item, dict) else str(item)


def shared_names() -> set[str]:
    """Answers that documents share."""
    return {f.shared for one in layouts().values() for f in one.all_fields if f.shared}


def _problems(given: Mapping[str, Any]) -> Iterator[Problem]:
    for name, table in given.items():
        if name not in (*NAMES, SHARED):
            known = ", ".join((SHARED, *NAMES))
            yield Problem(field=name, value=name, expected=f"a document: one of {known}")
        elif not isinstance(table, dict):
            yield Problem(field=name, value=_short(table), expected="a table with fields as keys")
        else:
            ids = shared_names() if name == SHARED else _ids(name)
            for key, value in table.items():
                yield from _problem(name, key, value, ids)


def _ids(document: str) -> set[str]:
    return {f.id for f in layouts()[document].all_fields}


def _problem(document: str, key: str, value: Any, ids: set[str]) -> Iterator[Problem]:
    place = f"{document}.{key}"
    if key not in ids:
        yield Problem(
            field=place, value=_short(value), expected=f"a field: one of {', '.join(sorted(ids))}"
        )
    elif document == REGISTER and key in schema():
        yield from check_value(key, value)
    else:
        yield from _of_text(place, value)


def _of_text(place: str, value: Any) -> Iterator[Problem]:
    texts = [value]
    if isinstance(value, dict):
        if set(value) != set(LANGUAGES):
            expected = "a text, or one in each of nl and en"
            yield Problem(field=place, value=_short(value), expected=expected)
            return
        texts = list(value.values())
    elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return
    for text in texts:
        if not isinstance(text, str) or not text.strip():
            yield Problem(field=place, value=_short(text), expected="a text that says something")
        elif len(text) > LONGEST_ANSWER:
            expected = f"at most {LONGEST_ANSWER} characters"
            yield Problem(field=place, value=f"{len(text)} characters", expected=expected)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
