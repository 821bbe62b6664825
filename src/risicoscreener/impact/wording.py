"""The sentences of this package, from their file."""

from __future__ import annotations

from risicoscreener.texts import Sentences

say = Sentences("risicoscreener.impact").say


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
