"""The Algoritmeregister: its fields as published, and what is wrong with an entry.

The configuration is that of the register itself, version 1.0, unchanged
(`standards/algoritmeregister_v1_0.json`, see `standards/README.md`). What its instructions ask and
its types do not say, such as how a month is written, stands in `standards/register_rules.toml`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct

from risicoscreener.governance.fact import PACKAGE, read_toml_of, word
from risicoscreener.texts import check_language

_EMPTY: dict[str, Any] = {"string": "", "array": []}
"""What says nothing in a field of a type, besides null; an enumeration has no such value."""

MADE_BY_THE_REGISTER = ("lars", "publication_dt")
"""Fields that the register fills in itself."""


class Problem(Struct, frozen=True, kw_only=True):
    """What is wrong with one field.

    Attributes
    ----------
    field
        Where: a field, or an item of it such as ``lawful_basis_grouping[0].link``.
    value
        What is there, shortened.
    expected
        What should be.
    """

    field: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.field} is {self.value}; expected {self.expected}"

    def text(self, lang: str = "nl") -> str:
        """The problem in ``nl`` or ``en``; what is expected stays as the standard says it."""
        spoken = check_language(lang)
        return word(
            "problem", "field", spoken, field=self.field, value=self.value, expected=self.expected
        )

    def to_dict(self) -> dict[str, str]:
        """Plain values."""
        plain: dict[str, str] = msgspec.to_builtins(self)
        return plain


@cache
def schema() -> dict[str, dict[str, Any]]:
    """The fields of configuration v1.0, by name, as published."""
    path = files(PACKAGE) / "standards" / "algoritmeregister_v1_0.json"
    properties: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))["properties"]
    return properties


@cache
def _rules() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = read_toml_of("standards/register_rules.toml")["rules"]
    return found


def required(name: str) -> bool:
    """Whether the register requires a field; one field says it as a text."""
    return schema()[name].get("required") is True


def check_entry(entry: Any) -> tuple[Problem, ...]:
    """What is wrong with an entry: at most one problem for each field.

    Parameters
    ----------
    entry
        Values by the names of the configuration, as it would be given to the register.
    """
    if not isinstance(entry, Mapping):
        kind = type(entry).__name__
        return (Problem(field="(entry)", value=f"a {kind}", expected="an object with fields"),)
    problems = [
        Problem(field=str(name), value=_short(value), expected="a field of configuration v1.0")
        for name, value in entry.items()
        if name not in schema()
    ]
    for name, asked in schema().items():
        value = entry.get(name)
        if value is None or value == _EMPTY.get(asked["type"]):
            if required(name):
                problems.append(Problem(field=name, value="absent", expected="a value: required"))
        else:
            problems += list(check_value(name, value))[:1]
    return tuple(problems)


def check_value(name: str, value: Any) -> Iterator[Problem]:
    """What is wrong with the value of one field of the register."""
    if name in MADE_BY_THE_REGISTER:
        yield Problem(field=name, value=_short(value), expected="nothing: the register fills it in")
        return
    yield from _check(name, schema()[name], value)


def _check(place: str, asked: Mapping[str, Any], value: Any) -> Iterator[Problem]:
    if asked["type"] == "array":
        yield from _check_array(place, asked, value)
    elif not isinstance(value, str):
        yield Problem(field=place, value=_short(value), expected="a text")
    elif asked["type"] == "enum":
        yield from _permitted(place, asked, value)
    else:
        yield from _check_text(place, asked, value)


def _check_array(place: str, asked: Mapping[str, Any], value: Any) -> Iterator[Problem]:
    if not isinstance(value, (list, tuple)):
        yield Problem(field=place, value=_short(value), expected="a list")
        return
    if "items" not in asked:
        for item in value:
            yield from _permitted(place, asked, item)
        return
    for position, item in enumerate(value):
        where = f"{place}[{position}]"
        if not isinstance(item, dict):
            yield Problem(field=where, value=_short(item), expected="an object")
            continue
        for key in item:
            if key not in asked["items"]:
                known = ", ".join(asked["items"])
                yield Problem(field=f"{where}.{key}", value=_short(item[key]), expected=known)
        for key, part in asked["items"].items():
            if item.get(key) not in (None, ""):
                yield from _check(f"{where}.{key}", part, item[key])
            elif part.get("required") is True:
                yield Problem(field=f"{where}.{key}", value="absent", expected="a value: required")


def _permitted(place: str, asked: Mapping[str, Any], value: Any) -> Iterator[Problem]:
    values = asked["permitted_values"]
    if value not in values:
        yield Problem(field=place, value=_short(value), expected=f"one of {', '.join(values)}")


def _check_text(place: str, asked: Mapping[str, Any], text: str) -> Iterator[Problem]:
    markup = _Markup.of(text)
    most, length = asked.get("max_length"), len(markup.plain)
    if most is not None and length > most:
        yield Problem(
            field=place, value=f"{length} characters", expected=f"at most {most} characters"
        )
    barred = markup.tags - set(asked.get("allowed_html_tags", ()))
    if barred:
        allowed = ", ".join(asked.get("allowed_html_tags", ())) or "none"
        found = ", ".join(sorted(barred))
        yield Problem(field=place, value=f"with tags {found}", expected=f"tags {allowed}")
    rule = _rules().get(re.sub(r"\[\d+\]", "", place))
    if rule is not None and re.fullmatch(rule["pattern"], text) is None:
        yield Problem(field=place, value=_short(text), expected=rule["expected"])


class _Markup(HTMLParser):
    """The names of the tags in a text, and what is left without them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self._texts: list[str] = []

    @classmethod
    def of(cls, text: str) -> _Markup:
        """What a text holds."""
        found = cls()
        found.feed(text)
        found.close()
        return found

    @property
    def plain(self) -> str:
        """The text as the register counts it: its parts with a space between them."""
        return " ".join(self._texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag if not attrs else f"{tag} with attributes")

    def handle_endtag(self, tag: str) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self._texts.append(data)


def as_rich_text(text: str) -> str:
    """Plain text as the register takes it in a field with tags: a paragraph a line, escaped.

    What has tags already is left as it is.
    """
    if _Markup.of(text).tags:
        return text
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in text.splitlines() if line)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
