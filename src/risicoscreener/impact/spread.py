"""A figure over replicates: its mean, and how far chance alone moves it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from risicoscreener.evaluation.intervals import quantile
from risicoscreener.impact.wording import number, say

FloatArray = npt.NDArray[np.float64]


class Spread(Struct, frozen=True):
    """A figure of a simulation.

    Attributes
    ----------
    name
        In ``impact/texts.toml``.
    value
        Mean over replicates; NaN where no replicate has it.
    low, high
        Limits of the interval of Student's t over replicates; NaN with fewer than two.
    level
        Its coverage.
    """

    name: str
    value: float
    low: float
    high: float
    level: float = 0.95

    @property
    def has_interval(self) -> bool:
        """Whether there are limits."""
        return not (math.isnan(self.low) or math.isnan(self.high))

    def text(self, lang: str = "nl") -> str:
        """Value and interval."""
        shown = number(self.value, lang)
        if not self.has_interval or self.high == self.low:
            return shown
        limits = f"{number(self.low, lang)} {say('words', 'to', lang)} {number(self.high, lang)}"
        return f"{shown} ({limits})"


def spread(
    name: str,
    values: Sequence[float] | FloatArray,
    level: float = 0.95,
    *,
    least: float = -math.inf,
) -> Spread:
    """The mean of replicates with its interval; replicates without a value are left out.

    Parameters
    ----------
    least
        The lower limit is cut off here: a count is not below 0, a difference of counts may be.
    """
    found = np.asarray(values, dtype=np.float64)
    found = found[np.isfinite(found)]
    if not len(found):
        return Spread(name, math.nan, math.nan, math.nan, level)
    mean = float(found.mean())
    if len(found) < 2:
        return Spread(name, mean, math.nan, math.nan, level)
    half = quantile(level, len(found)) * float(found.std(ddof=1)) / math.sqrt(len(found))
    return Spread(name, mean, max(mean - half, least), mean + half, level)


def per_prevented(
    name: str, withheld: FloatArray, prevented: FloatArray, level: float = 0.95
) -> Spread:
    """How many liberties are withheld for each event that is prevented.

    The interval is that of events prevented per liberty withheld (a ratio of sums over paired
    replicates, by its linearisation), turned over: it runs to infinity where that may be nothing.

    Parameters
    ----------
    withheld, prevented
        Of each replicate, shape (R,).

    Returns
    -------
    NaN where no liberties are withheld; infinite where nothing is prevented.
    """
    liberties = float(withheld.sum())
    if liberties <= 0:
        return Spread(name, math.nan, math.nan, math.nan, level)
    rate = float(prevented.sum()) / liberties
    low = high = math.nan
    if len(withheld) > 1:
        off = prevented - rate * withheld
        error = float(off.std(ddof=1)) / math.sqrt(len(off)) / float(withheld.mean())
        half = quantile(level, len(withheld)) * error
        low, high = _turned(rate + half), _turned(rate - half)
    return Spread(name, _turned(rate), low, high, level)


def _turned(rate: float) -> float:
    return 1 / rate if rate > 0 else math.inf
