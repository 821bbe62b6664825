"""The sentences and tables of this package, from their files."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.screening.explanation.explanation import Remedy, Who
from risicoscreener.texts import Lang, Texts

State = Literal["too_low", "too_high", "unknown"]
"""What is wrong with the value of a feature: it should be higher, lower, or known."""

HERE = "risicoscreener.screening.explanation"


class Advice(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be done about a feature, and by whom.

    ``when`` says in which states of the feature it helps; not everything is mended from both sides.
    """

    who: Who
    text: Texts
    when: tuple[State, ...]


class Dispute(Struct, frozen=True, forbid_unknown_fields=True):
    """Who holds the facts of a table, and how a correction is asked for."""

    holder: Texts
    how: Texts
    source: str
    to_verify: bool = False


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(HERE) / "texts" / f"{name}.toml").read_text("utf-8"))


@cache
def advice() -> dict[str, Advice]:
    """What can be done, by feature."""
    return msgspec.convert(_read("advice"), dict[str, Advice])


@cache
def disputes() -> dict[str, Dispute]:
    """How to dispute facts, by table."""
    return msgspec.convert(_read("disputes"), dict[str, Dispute])


@cache
def remedies(kind: str) -> tuple[Remedy, ...]:
    """How to object to decisions of a kind; none for a kind that is not listed."""
    listed = _read("remedies")
    return tuple(
        msgspec.convert(listed["remedy"][name], Remedy) for name in listed["of"].get(kind, ())
    )


def plain(section: str, name: str) -> Texts | None:
    """A requirement, level, condition or model in plain words, if there are any."""
    found: Any = _read("plain").get(section)
    for part in name.split("."):
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    return msgspec.convert(found, Texts)


def say(section: str, name: str, lang: Lang, **parts: object) -> str:
    """A sentence of the letters with its gaps filled in."""
    return str(_read("letter")[section][name][lang]).format(**parts)
