"""Figures, days and months over replicates, with the limits between which they will lie."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.impact.settings import months_after
from risicoscreener.impact.spread import Spread

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]


def limits(found: npt.NDArray[Any], level: float) -> tuple[FloatArray, FloatArray]:
    """Between what one more replicate lies with the probability ``level``, along the first axis.

    Quantiles by (n + 1) p, which are exact for that; with few replicates the extremes.
    """
    shares = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(found, shares, axis=0, method="weibull")
    return low, high


def predicted(name: str, values: FloatArray, level: float) -> Spread:
    """The mean of a figure, and the limits between which it will lie; NaN where it is not known."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Spread(name, math.nan, math.nan, math.nan, level)
    low, high = limits(known, level)
    return Spread(name, float(known.mean()), float(low), float(high), level)


def plain(one: Spread) -> dict[str, float | None]:
    """Value and limits; None for what is not known."""
    named = {"value": one.value, "low": one.low, "high": one.high}
    return {name: value if math.isfinite(value) else None for name, value in named.items()}


def day_frame(start: dt.date, found: Mapping[str, FloatArray], level: float) -> pd.DataFrame:
    """Series by group, shape (R, T), as ``day``, ``group``, ``value``, ``low``, ``high``."""
    import pandas as pd

    parts = []
    for group, values in found.items():
        low, high = limits(values, level)
        days = pd.date_range(start, periods=values.shape[1], name="day")
        columns = {"group": group, "value": values.mean(axis=0), "low": low, "high": high}
        parts.append(pd.DataFrame(columns, index=days).reset_index())
    return pd.concat(parts, ignore_index=True)


def month_frame(
    start: dt.date, found: Mapping[str, FloatArray], level: float, say: Callable[[str], str]
) -> pd.DataFrame:
    """Months by name, shape (R, M), as ``month``, ``name``, ``what``, ``value`` and limits."""
    import pandas as pd

    parts = []
    for name, values in found.items():
        low, high = limits(values, level)
        months = [pd.Timestamp(months_after(start, m)) for m in range(values.shape[1])]
        columns = {"name": name, "what": say(name), "value": values.mean(axis=0), "low": low}
        parts.append(pd.DataFrame({"month": months, **columns, "high": high}))
    return pd.concat(parts, ignore_index=True)


def month_mean(found: Ints, edges: Ints) -> FloatArray:
    """Means of days, shape (R, T), by month, shape (R, M)."""
    return month_sum(found, edges) / np.diff(edges)


def month_sum(found: Ints, edges: Ints) -> FloatArray:
    """Sums of days by month."""
    nothing = np.zeros((len(found), 1))
    total = np.concatenate([nothing, np.cumsum(found, axis=1, dtype=np.float64)], axis=1)
    return np.asarray(np.diff(total[:, edges], axis=1))


def week_sum(found: Ints, edges: Ints, n_days: int) -> FloatArray:
    """Sums by month of what is known by week, each week spread evenly over its days."""
    lasts = np.minimum(7, n_days - 7 * np.arange(found.shape[1]))
    return month_sum(np.repeat(found / lasts, lasts, axis=1), edges)


def week_mean(found: Ints, edges: Ints) -> FloatArray:
    """Means by month of what is known at the end of each week."""
    weeks = found.shape[1]
    first = np.minimum(edges[:-1] // 7, weeks - 1)
    last = np.clip(edges[1:] // 7, first + 1, weeks)
    total = np.concatenate([np.zeros((len(found), 1)), np.cumsum(found, axis=1)], axis=1)
    return np.asarray((total[:, last] - total[:, first]) / (last - first))
