"""What the data allow without an assumption: a region of values, with an interval around it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from risicoscreener.evaluation.estimate import _number, _plain
from risicoscreener.evaluation.wording import measure_text, method_text, problem_text, words

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Region:
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

    def __post_init__(self) -> None:
        measure_text(self.name)
        if self.method:
            method_text(self.method)
        if self.problem:
            problem_text(self.problem)

    @property
    def ok(self) -> bool:
        """Whether there is a region."""
        return math.isfinite(self.lowest) and math.isfinite(self.highest)

    @property
    def has_interval(self) -> bool:
        """Whether there is an interval around it."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def width(self) -> float:
        """How far the ends are apart."""
        return self.highest - self.lowest

    def title(self, lang: str = "nl") -> str:
        """What is measured, in words."""
        return measure_text(self.name).title.text(lang)

    def text(self, lang: str = "nl", digits: int = 3) -> str:
        """The region and its interval, or why there is none."""
        if not self.ok:
            return problem_text(self.problem or "not_defined").text(lang)
        ends = words("selection", "between", lang).format(
            lowest=_number(self.lowest, digits, lang), highest=_number(self.highest, digits, lang)
        )
        if not self.has_interval:
            return ends
        low, high = (_number(v, digits, lang) for v in (self.low, self.high))
        return f"{ends} ({words('selection', 'limits', lang).format(low=low, high=high)})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with None for what is not there."""
        return {k: _plain(v) for k, v in asdict(self).items()}

    def __str__(self) -> str:
        return f"{self.name}: {self.text('en')}"


@dataclass(frozen=True)
class Regions:
    """Regions that belong together, by name: ``regions["auc"]``."""

    items: tuple[Region, ...]

    def __getitem__(self, name: str) -> Region:
        for one in self.items:
            if one.name == name:
                return one
        raise KeyError(name)

    def __iter__(self) -> Iterator[Region]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def to_dict(self) -> dict[str, Any]:
        """By name the plain values of each."""
        return {one.name: one.to_dict() for one in self.items}

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each region."""
        import pandas as pd

        rows = [{"measure": one.title(lang), **asdict(one)} for one in self.items]
        return pd.DataFrame(rows, index=[one.name for one in self.items]).drop(columns="name")

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True)
