"""What the data allow without an assumption: a region of values, with an interval around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from risicoscreener.evaluation.figure import Figure, Figures, number
from risicoscreener.evaluation.wording import problem_text, words

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, repr=False)
class Region(Figure):
    """The values that a figure can have, whatever happened to those who were not seen.

    Attributes
    ----------
    name
        Which measure.
    lowest, highest
        Ends of the region; NaN where it cannot be given.
    low, high
        Limits that hold the value itself with the nominal coverage (Imbens and Manski 2004); NaN
        without an interval.
    level, method
        As of an `Estimate`.
    n, unseen
        People, and those among them whose outcome is not seen.
    problem
        As of an `Estimate`.
    """

    name: str
    lowest: float
    highest: float
    low: float = math.nan
    high: float = math.nan
    level: float = 0.95
    method: str = ""
    n: int = 0
    unseen: int = 0
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is a region."""
        return math.isfinite(self.lowest) and math.isfinite(self.highest)

    @property
    def width(self) -> float:
        """How far the ends are apart."""
        return self.highest - self.lowest

    def text(self, lang: str = "nl", digits: int = 3) -> str:
        """The region and its interval, or why there is none."""
        if not self.ok:
            return problem_text(self.problem or "not_defined").text(lang)
        ends = words(
            "selection",
            "between",
            lang,
            lowest=number(self.lowest, digits, lang),
            highest=number(self.highest, digits, lang),
        )
        if not self.has_interval:
            return ends
        low, high = (number(v, digits, lang) for v in (self.low, self.high))
        return f"{ends} ({words('selection', 'limits', lang, low=low, high=high)})"


@dataclass(frozen=True, repr=False)
class Regions(Figures[Region]):
    """Regions that belong together, by name: ``regions["auc"]``."""
