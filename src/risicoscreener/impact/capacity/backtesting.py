"""Would a forecast have been right: made on an earlier day, laid beside what came after."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity.forecasting import forecast
from risicoscreener.impact.capacity.frames import limits, month_mean
from risicoscreener.impact.capacity.result import Forecast
from risicoscreener.impact.capacity.settings import CapacitySettings
from risicoscreener.impact.capacity.stays import Stays
from risicoscreener.impact.capacity.wording import say
from risicoscreener.impact.settings import months_after
from risicoscreener.impact.wording import number, percent

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Backtest:
    """A forecast and what came after, by month.

    Attributes
    ----------
    made
        The forecast.
    observed
        Mean number inside in each month, shape (M,).
    before
        Number inside on the last day before: what who forecasts nothing would say.
    """

    made: Forecast
    observed: FloatArray
    before: float

    def __repr__(self) -> str:
        return (
            f"<Backtest from {self.made.start}: {self.covered:.0%} of {len(self.observed)} months>"
        )

    def to_frame(self) -> pd.DataFrame:
        """A row for each month: observed, forecast with limits, and whether it lies inside them."""
        import pandas as pd

        found = self.made.by_month["occupancy"]
        low, high = limits(found, self.made.level)
        months = [pd.Timestamp(months_after(self.made.start, m)) for m in range(len(low))]
        return pd.DataFrame(
            {
                "month": months,
                "observed": self.observed,
                "value": found.mean(axis=0),
                "low": low,
                "high": high,
                "inside": (low <= self.observed) & (self.observed <= high),
            }
        )

    @property
    def covered(self) -> float:
        """Share of the months of which the limits hold what was observed."""
        return float(self.to_frame()["inside"].mean())

    @property
    def error(self) -> float:
        """Mean absolute error as a share of what was observed, of months with somebody inside."""
        return self._share_of_observed(self.made.by_month["occupancy"].mean(axis=0))

    @property
    def naive_error(self) -> float:
        """The same of saying that nothing changes."""
        return self._share_of_observed(self.before)

    def _share_of_observed(self, said: FloatArray | float) -> float:
        off, some = np.abs(said - self.observed), self.observed > 0
        return float(np.mean(off[some] / self.observed[some])) if some.any() else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        frame = self.to_frame()
        frame["month"] = frame["month"].dt.date.astype(str)
        return {
            "start": self.made.start.isoformat(),
            "level": self.made.level,
            "covered": self.covered,
            "error": self.error,
            "naive_error": self.naive_error,
            "months": frame.to_dict("records"),
        }

    def text(self, lang: str = "nl") -> str:
        """How good the forecast would have been, in words."""
        frame = self.to_frame()
        lines = [
            say("backtest", "title", lang, start=self.made.start, months=len(frame)),
            say(
                "backtest",
                "covered",
                lang,
                inside=int(frame["inside"].sum()),
                months=len(frame),
                level=percent(self.made.level, lang),
            ),
            say(
                "backtest",
                "error",
                lang,
                error=percent(self.error, lang, 1),
                naive=percent(self.naive_error, lang, 1),
            ),
            "",
        ]
        lines += [
            "- "
            + say(
                "backtest",
                "row" if row["inside"] else "row_outside",
                lang,
                month=f"{row['month']:%Y-%m}",
                **{name: number(row[name], lang) for name in ("observed", "value", "low", "high")},
            )
            for row in frame.to_dict("records")
        ]
        return "\n".join(lines) + "\n"

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:,.1f}".format, index=False, escape=True)


def backtest(
    stays: Stays,
    day: dt.date,
    settings: CapacitySettings | None = None,
    *,
    months: int = 12,
    **options: Any,
) -> Backtest:
    """Forecast from an earlier day, and see.

    Parameters
    ----------
    stays
        Watched until at least ``months`` after ``day``.
    settings
        As for `forecast`; without limits on places, since what happened had its own.
    options
        ``replicates``, ``seed``, ``level`` of `forecast`.

    Raises
    ------
    ImpactError
        If what came after was not watched long enough.
    """
    from risicoscreener.dossier.schema import EPOCH

    end = months_after(day, months)
    if (end - EPOCH).days > stays.seen_until:
        last = EPOCH + dt.timedelta(days=stays.seen_until)
        raise ImpactError(
            f"{months} months from {day} run until {end}; stays were watched until {last}, "
            "expected an earlier day or fewer months"
        )
    used = (settings or CapacitySettings.of()).with_({"places.regular": "unlimited"})
    made = forecast(stays.until(day), used, months=months, **options)
    first = (day - EPOCH).days
    inside = stays.occupancy(np.arange(first - 1, first + made.n_days)).astype(np.float64)
    inside *= used["arrivals.scale"]
    observed = month_mean(inside[None, 1:], made.month_edges)[0]
    return Backtest(made, observed, float(inside[0]))
