"""What a pilot found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.figure import plain
from risicoscreener.evaluation.pilots.cells import Cells
from risicoscreener.evaluation.pilots.design import PilotDesign
from risicoscreener.evaluation.pilots.mixed import MixedFit
from risicoscreener.evaluation.pilots.plan import AnalysisPlan
from risicoscreener.evaluation.pilots.telling import told
from risicoscreener.evaluation.wording import method_text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class PilotEffect(Estimate):
    """The effect of the new way of working.

    Attributes
    ----------
    p_value
        Two-sided, of no effect.
    error, degrees
        Standard error and its degrees of freedom; NaN where the method has none.
    sites
        How many were analysed.
    """

    p_value: float = math.nan
    error: float = math.nan
    degrees: float = math.nan
    sites: int = 0


@dataclass(frozen=True, eq=False)
class PilotResult:
    """What a pilot found.

    Attributes
    ----------
    design, cells, plan
        What was analysed and how; ``plan.method`` is filled in.
    effect
        By the planned method.
    others
        By other sound methods, as a check: by method.
    icc, cac
        From the mixed model; the interval of the first by profile likelihood.
    without, with_
        Expected level of the outcome without and with the new way, in the cells that had it.
    by_site
        For each site the difference between with and without, as far as it has both: name,
        value, low, high; limits are of the people within, not between sites.
    notes
        Names in ``words.toml`` of what a reader must know.
    """

    design: PilotDesign
    cells: Cells
    plan: AnalysisPlan
    effect: PilotEffect
    others: Mapping[str, PilotEffect]
    icc: Estimate
    cac: float
    without: float
    with_: float
    by_site: tuple[tuple[str, float, float, float], ...] = ()
    notes: tuple[str, ...] = ()
    fit: MixedFit | None = field(default=None, repr=False)

    def text(self, lang: str = "nl") -> str:
        """The effect and what it rests on, in words."""
        return told(self, lang)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "design": self.design.to_dict(),
            "plan": self.plan.to_dict(),
            "outcome": self.cells.kind,
            "effect": self.effect.to_dict(),
            "others": {name: one.to_dict() for name, one in self.others.items()},
            "icc": self.icc.to_dict(),
            "cac": plain(self.cac),
            "without": plain(self.without),
            "with": plain(self.with_),
            "by_site": [
                {"site": site, "value": plain(v), "low": plain(low), "high": plain(high)}
                for site, v, low, high in self.by_site
            ],
            "notes": list(self.notes),
        }

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each method, the planned one first."""
        import pandas as pd

        methods = {self.plan.method: self.effect, **self.others}
        rows = [
            {
                "method": method_text(one.method).text(lang) if one.method else name,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "p_value": one.p_value,
                "degrees": one.degrees,
            }
            for name, one in methods.items()
        ]
        return pd.DataFrame(rows, index=list(methods))

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(float_format="{:.4f}".format))
