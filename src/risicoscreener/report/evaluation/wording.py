"""The words of a report, and numbers as each language writes them."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from risicoscreener.evaluation import Estimate
from risicoscreener.evaluation.wording import measure_text
from risicoscreener.report.evaluation.data import Column, FigureValue
from risicoscreener.texts import Lang

DIGITS = 3
"""Decimals of a figure, unless `criteria.toml` says otherwise."""


@cache
def texts(file: str) -> dict[str, Any]:
    """The content of one of the data files beside this module."""
    folder = files("risicoscreener.report.evaluation") / "texts"
    return tomllib.loads((folder / file).read_text("utf-8"))


@cache
def _all_words() -> dict[str, Any]:
    return texts("words.toml") | texts("chapters.toml")


@dataclass(frozen=True)
class Words:
    """Texts and numbers in one language: ``words("summary.people", n=...)``."""

    lang: Lang

    def __call__(self, key: str, /, **values: Any) -> str:
        """The text of a key, with values in the places that it names."""
        section, _, name = key.partition(".")
        text: str = _all_words()[section][name][self.lang]
        return text.format(**values)

    def knows(self, key: str) -> bool:
        """Whether there is a text of that key."""
        section, _, name = key.partition(".")
        return name in _all_words().get(section, {})

    def of(self, both: dict[str, str], /, **values: Any) -> str:
        """One of two texts."""
        return both[self.lang].format(**values)

    def count(self, n: float) -> str:
        """A whole number with its thousands apart, or a dash."""
        if not math.isfinite(n):
            return "–"
        text = f"{round(n):,}"
        return text.replace(",", ".") if self.lang == "nl" else text

    def number(self, value: float | None, digits: int = 3) -> str:
        """A number with decimals, or a dash."""
        if value is None or not math.isfinite(value):
            return "–"
        text = f"{value:.{digits}f}"
        text = text.removeprefix("-") if float(text) == 0 else text
        return text.replace(".", ",") if self.lang == "nl" else text

    def between(self, name: str, low: float, high: float) -> FigureValue:
        """Two limits of a measure, without a value."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return FigureValue(measure=name, value=None, text="–")
        text = f"{self.number(low)} {self('page.to')} {self.number(high)}"
        return FigureValue(measure=name, value=None, low=float(low), high=float(high), text=text)

    def percent(self, share: float | None, digits: int = 1) -> str:
        """A share in percent."""
        if share is None or not math.isfinite(share):
            return "–"
        return f"{self.number(100 * share, digits)}%"

    def cut_off(self, value: float) -> str:
        """A cut-off in percent, without decimals where it has none."""
        return self.percent(value, 0 if abs(100 * value - round(100 * value)) < 1e-9 else 1)

    def figure(self, estimate: Estimate) -> FigureValue:
        """An estimate as plain data, with its text."""
        digits = texts("criteria.toml")["digits"].get(estimate.name, DIGITS)
        # Numbers of numpy are no plain numbers, although they are floats.
        plain: dict[str, Any] = {
            k: float(v) if isinstance(v, float) else v for k, v in estimate.to_dict().items()
        }
        plain["measure"] = plain.pop("name")
        return FigureValue(**plain, text=estimate.text(self.lang, digits))

    def measure(self, name: str) -> str:
        """What a measure is called."""
        return measure_text(name).title.text(self.lang)

    def plain(self, name: str) -> str:
        """What a measure means, in one sentence."""
        return measure_text(name).plain.text(self.lang)

    def column(self, name: str, kind: Any = "text", digits: int = 3) -> Column:
        """A column whose title stands in the words."""
        return Column(name=name, title=self(f"column.{name}"), kind=kind, digits=digits)
