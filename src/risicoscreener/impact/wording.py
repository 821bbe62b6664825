"""The sentences of this package, from their file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from risicoscreener.texts import Texts, check_language


@cache
def _read() -> dict[str, dict[str, Texts]]:
    raw = tomllib.loads((files("risicoscreener.impact") / "texts.toml").read_text("utf-8"))
    return msgspec.convert(raw, dict[str, dict[str, Texts]])


def say(section: str, name: str, lang: str, /, **values: object) -> str:
    """One sentence in ``nl`` or ``en``, its gaps filled."""
    return _read()[section][name].text(check_language(lang)).format(**values)


def number(value: float, lang: str, digits: int | None = None) -> str:
    """A number as people write it; fewer decimals for larger ones unless they are given."""
    if value != value:
        return "–"
    if value in (float("inf"), float("-inf")):
        return "∞"
    if digits is None:
        digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 1 else 2
    text = f"{value:z,.{digits}f}"  # z: what rounds to nothing has no sign
    return text.translate(str.maketrans(",.", ".,")) if lang == "nl" else text


def percent(value: float, lang: str, digits: int = 0) -> str:
    """A share as a percentage."""
    return "–" if value != value else number(100 * value, lang, digits) + "%"
