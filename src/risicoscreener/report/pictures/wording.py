"""Words and numbers of pictures, in Dutch and in English."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from risicoscreener.texts import Sentences

if TYPE_CHECKING:
    from matplotlib.axis import Axis


@cache
def _sentences(topic: str) -> Sentences:
    return Sentences("risicoscreener.report.pictures", f"{topic}.toml")


def words(topic: str, entry: str, language: str, /, **values: object) -> str:
    """One text of ``<topic>.toml``, its places filled."""
    return _sentences(topic).say_alone(entry, language, **values)


def number(value: float, digits: int, language: str) -> str:
    """A number with the decimal sign and the thousands of the language."""
    text = f"{value:,.{digits}f}"
    if float(value) == 0 or not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.translate(str.maketrans(",.", ".,")) if language == "nl" else text


def percent(share: float, language: str, digits: int = 0) -> str:
    """A share as a percentage."""
    return number(100 * share, digits, language) + "%"


def numbered(axis: Axis, digits: int, language: str) -> None:
    """Tick labels with the decimal sign of the language."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value, digits, language)))


def in_percent(axis: Axis, language: str) -> None:
    """Tick labels of shares as percentages."""
    from matplotlib.ticker import FuncFormatter

    def text(value: float, _: Any) -> str:
        return percent(value, language, 0 if abs(100 * value - round(100 * value)) < 1e-9 else 1)

    axis.set_major_formatter(FuncFormatter(text))
