"""What a measure gives: a number with an interval, or the reason why there is none; and curves."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.figure import Figure, Figures, number, plain
from risicoscreener.evaluation.wording import measure_text, problem_text

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Estimate(Figure):
    """One figure.

    Attributes
    ----------
    name
        Which measure: a name in ``evaluation/texts``.
    value
        NaN where it cannot be given; `problem` then says why.
    low, high
        Limits of the interval; NaN where there is none.
    level
        Nominal coverage of the interval, 0.95 by default.
    method
        How the interval was made: a name in ``evaluation/texts/methods.toml``; empty without one.
    n, events
        People and people with the outcome on whom it rests.
    problem
        Name in ``evaluation/texts/problems.toml``, also set where there is a value without an
        interval; empty otherwise.
    """

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan
    level: float = 0.95
    method: str = ""
    n: int = 0
    events: int = 0
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is a value."""
        return math.isfinite(self.value)

    def text(self, lang: str = "nl", digits: int = 3) -> str:
        """Value and interval, or why there is none."""
        if not self.ok:
            return problem_text(self.problem or "not_defined").text(lang)
        value = number(self.value, digits, lang)
        if not self.has_interval:
            return value
        to = "tot" if lang == "nl" else "to"
        return f"{value} ({number(self.low, digits, lang)} {to} {number(self.high, digits, lang)})"


@dataclass(frozen=True, repr=False)
class Estimates(Figures[Estimate]):
    """Figures that belong together, by name: ``estimates["auc"]``."""

    def __add__(self, other: Estimates) -> Estimates:
        return Estimates(self.items + other.items)


@dataclass(frozen=True, eq=False, repr=False)
class Curve:
    """A curve with a band: the numbers of one picture.

    Attributes
    ----------
    name
        Which curve: a name in ``evaluation/texts``.
    x, y
        ``(k,)`` each.
    low, high
        ``(k,)``: the band, NaN where there is none.
    level, method, n, events, problem
        As of an `Estimate`. With a problem and no points, nothing can be drawn.
    label
        Which of several curves of that name: a model or a group, as the user calls it.
    """

    name: str
    x: FloatArray
    y: FloatArray
    low: FloatArray = field(default_factory=lambda: np.empty(0))
    high: FloatArray = field(default_factory=lambda: np.empty(0))
    level: float = 0.95
    method: str = ""
    n: int = 0
    events: int = 0
    problem: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        measure_text(self.name)
        for side in ("low", "high"):
            if not len(getattr(self, side)):
                object.__setattr__(self, side, np.full(len(self.x), math.nan))

    def __repr__(self) -> str:
        said = f"{len(self.x)} points" if self.ok else problem_text(self.problem or "nobody").en
        return f"Curve({' of '.join(filter(None, (self.name, self.label)))}, {said})"

    @property
    def ok(self) -> bool:
        """Whether there is something to draw."""
        return len(self.x) > 0

    def to_frame(self) -> pd.DataFrame:
        """Columns ``x``, ``y``, ``low``, ``high``."""
        import pandas as pd

        return pd.DataFrame({"x": self.x, "y": self.y, "low": self.low, "high": self.high})

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, max_rows=20)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with None for what is not there."""
        return {k: plain(v) for k, v in asdict(self).items()}
