"""What figures have in common: a text, an interval, or a reason why there is none."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from risicoscreener.evaluation.wording import measure_text, method_text, problem_text

if TYPE_CHECKING:
    import pandas as pd


class Figure(ABC):
    """What every figure with an interval can do, whatever it estimates.

    Texts of its name, its method and its problem must exist.
    """

    name: str
    low: float
    high: float
    method: str
    problem: str

    def __post_init__(self) -> None:
        measure_text(self.name)
        if self.method:
            method_text(self.method)
        if self.problem:
            problem_text(self.problem)

    @property
    def has_interval(self) -> bool:
        """Whether there is an interval."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def title(self, lang: str = "nl") -> str:
        """What is measured, in words."""
        return measure_text(self.name).title.text(lang)

    @abstractmethod
    def text(self, lang: str = "nl", digits: int = 3) -> str:
        """The figure and its interval, or why there is none."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with None for what is not there."""
        return {k: plain(v) for k, v in vars(self).items()}

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """One row."""
        return Figures((self,)).to_frame(lang)

    def _repr_html_(self) -> str:
        return Figures((self,))._repr_html_()

    def __repr__(self) -> str:
        return f"{self.name}: {self.text('en')}"


_Figure = TypeVar("_Figure", bound=Figure)


@dataclass(frozen=True, repr=False)
class Figures(Generic[_Figure]):
    """Figures that belong together, by name: ``figures["auc"]``."""

    items: tuple[_Figure, ...]

    def __getitem__(self, name: str) -> _Figure:
        for one in self.items:
            if one.name == name:
                return one
        raise KeyError(f"{name} is not among {', '.join(one.name for one in self.items)}")

    def __iter__(self) -> Iterator[_Figure]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return "\n".join(map(str, self.items))

    def to_dict(self) -> dict[str, Any]:
        """By name the plain values of each."""
        return {one.name: one.to_dict() for one in self.items}

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each figure."""
        import pandas as pd

        rows = [{"measure": one.title(lang), **vars(one)} for one in self.items]
        return pd.DataFrame(rows, index=[one.name for one in self.items]).drop(columns="name")

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True)


def number(value: float, digits: int, lang: str) -> str:
    """A number as the language writes it."""
    text = f"{value:z.{digits}f}"  # no minus before a zero
    return text.replace(".", ",") if lang == "nl" else text


def plain(value: Any) -> Any:
    """Arrays as lists and what is not finite as None: what JSON can hold."""
    if isinstance(value, np.ndarray):
        return [plain(v) for v in value.tolist()]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
