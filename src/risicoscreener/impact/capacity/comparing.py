"""Two scenarios with the same people and the same chance, and how they differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity.frames import day_frame, month_frame, plain, predicted
from risicoscreener.impact.capacity.result import FIGURES, Forecast
from risicoscreener.impact.capacity.wording import say
from risicoscreener.impact.spread import Spread
from risicoscreener.impact.wording import percent

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class ForecastComparison:
    """What a change does: the new scenario minus the old one, replicate by replicate."""

    old: Forecast
    new: Forecast

    def __repr__(self) -> str:
        return f"<ForecastComparison of {self.new!r} with {self.old!r}>"

    def __getitem__(self, name: str) -> Spread:
        """The difference in one of `FIGURES`, with the limits between which it will lie."""
        return predicted(name, self.new.values(name) - self.old.values(name), self.new.level)

    def days(self, name: str = "occupancy", *, by: str = "") -> pd.DataFrame:
        """The difference day by day: ``day``, ``group``, ``value``, ``low``, ``high``."""
        before, after = self.old.series(name, by=by), self.new.series(name, by=by)
        change = {group: found - before[group] for group, found in after.items()}
        return day_frame(self.new.start, change, self.new.level)

    def months(self, lang: str = "en") -> pd.DataFrame:
        """The difference by month: ``month``, ``name``, ``what``, ``value``, ``low``, ``high``."""
        before, after = self.old.by_month, self.new.by_month
        change = {name: found - before[name] for name, found in after.items() if name in before}
        say_it = partial(self.new.name_of, lang=lang)
        return month_frame(self.new.start, change, self.new.level, say_it)

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each figure: in both scenarios, and the difference with its limits."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "name": name,
                    "figure": say("figures", name, lang),
                    "old": self.old[name].value,
                    "new": self.new[name].value,
                    "difference": self[name].value,
                    "low": self[name].low,
                    "high": self[name].high,
                }
                for name in FIGURES
            ]
        )

    def labels(self, lang: str) -> tuple[str, str]:
        """What the scenarios are called."""
        old, new = (one.label or say("words", "as_is", lang) for one in (self.old, self.new))
        return old, new

    def text(self, lang: str = "nl") -> str:
        """The differences in words, and what falls short when in the new scenario."""
        from risicoscreener.impact.capacity.shortages import bottleneck_words

        old, new = self.labels(lang)
        lines = [
            say("words", "compared", lang, old=old, new=new),
            self.new.period(lang),
            say("words", "warning", lang),
            "",
        ]
        for name in FIGURES:
            if np.isnan(self[name].value):
                continue
            values = " → ".join(one[name].text(lang) for one in (self.old, self.new))
            lines.append(f"- {say('figures', name, lang)}: {values}; Δ {self[name].text(lang)}")
        lines += ["", say("words", "paired", lang, level=percent(self.new.level, lang))]
        for label, one in ((old, self.old), (new, self.new)):
            lines += ["", f"{label}:", *bottleneck_words(one, lang)]
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "old": self.old.to_dict(),
            "new": self.new.to_dict(),
            "differences": {name: plain(self[name]) for name in FIGURES},
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:,.1f}".format, index=False, escape=True)


def compare_forecasts(old: Forecast, new: Forecast) -> ForecastComparison:
    """Lay two scenarios beside each other, replicate by replicate.

    Raises
    ------
    ImpactError
        If they do not share people, days and chance: then luck would differ too.
    """
    for name in ("start", "months_ahead", "seed", "replicates", "seen", "inside_at_start", "level"):
        one, other = getattr(old, name), getattr(new, name)
        if one != other:
            raise ImpactError(
                f"{name} is {one} in the one forecast and {other} in the other; expected the same, "
                "so that what differs is the scenario and not luck"
            )
    return ForecastComparison(old, new)
