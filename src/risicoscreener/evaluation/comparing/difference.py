"""What a comparison of two models gives: the difference of a measure, with a test and caveats."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.wording import measure_text
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Difference:
    """A measure of the second model less that of the first, on the same people.

    Attributes
    ----------
    measure
        Which: ``auc``, ``brier``, ``log_loss`` or ``net_benefit``; at a horizon ``horizon_auc``
        and so on.
    first, second
        Values of the two models; NaN where there is none.
    estimate
        The difference, with its interval for pairs.
    p_value
        Two-sided, of no difference; NaN where there is no interval.
    cut_off
        Of the net benefit; None for the others.
    """

    measure: str
    first: float
    second: float
    estimate: Estimate
    p_value: float = math.nan
    cut_off: float | None = None

    @property
    def favours(self) -> str:
        """``first`` or ``second`` if the interval lies wholly on its side; empty otherwise."""
        if not self.estimate.has_interval or self.estimate.low <= 0 <= self.estimate.high:
            return ""
        higher = "second" if self.estimate.low > 0 else "first"
        lower = "first" if higher == "second" else "second"
        return higher if measure_text(self.estimate.name).better == "high" else lower

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with None for what is not there."""
        numbers = {
            name: value if math.isfinite(value) else None
            for name in ("first", "second", "p_value")
            for value in [getattr(self, name)]
        }
        about = {"measure": self.measure, "cut_off": self.cut_off, "favours": self.favours}
        return about | numbers | {"estimate": self.estimate.to_dict()}


@dataclass(frozen=True)
class Comparison:
    """Two models on the same people: ``comparison["auc"]``, ``comparison["net_benefit", 0.2]``."""

    differences: tuple[Difference, ...]

    def __getitem__(self, key: str | tuple[str, float]) -> Difference:
        name, cut_off = (key, None) if isinstance(key, str) else key
        for one in self.differences:
            if one.measure == name and cut_off in {None, one.cut_off}:
                return one
        raise KeyError(key)

    def __iter__(self) -> Iterator[Difference]:
        return iter(self.differences)

    def __len__(self) -> int:
        return len(self.differences)

    def caveats(self, lang: str = "nl") -> tuple[str, ...]:
        """What must be known before anything is concluded, in ``nl`` or ``en``."""
        measures = (one.measure.removeprefix("horizon_") for one in self.differences)
        names = ("general", *dict.fromkeys(measures))
        return tuple(_caveats()[name].text(lang) for name in names if name in _caveats())

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"differences": [one.to_dict() for one in self.differences]}

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each difference."""
        import pandas as pd

        rows = []
        for one in self.differences:
            estimate = asdict(one.estimate)
            name = estimate.pop("name")
            start = {"measure": one.estimate.title(lang), "cut_off": one.cut_off}
            values = {"first": one.first, "second": one.second, "difference": estimate.pop("value")}
            rows.append({"name": name} | start | values | estimate | {"p_value": one.p_value})
        return pd.DataFrame(rows).set_index("name")

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True)


@cache
def _caveats() -> dict[str, Texts]:
    file = files("risicoscreener.evaluation.comparing") / "caveats.toml"
    return msgspec.toml.decode(file.read_bytes(), type=dict[str, Texts])
