"""Confidence sequences by betting: an interval that may be looked at after every period."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sample import as_numbers

FloatArray = npt.NDArray[np.float64]

BREAKS = 1000
"""Steps of the grid of means: limits are rounded outwards to one."""
TRUNCATION = 0.5
"""A bet risks at most this part of the wealth on one person."""
PRIOR_MEAN, PRIOR_VARIANCE = 0.5, 0.25
"""What bets are made on before there are data."""


@dataclass(frozen=True, eq=False)
class BettingSequence:
    """Confidence sequence of the mean of numbers in [0, 1], by hedged bets.

    Against each mean on a grid two people bet, one that the numbers are higher, one that they are
    lower; a mean against which either got rich is out. With probability ``level`` the true mean is
    inside after every period, if it stays the same (Waudby-Smith & Ramdas 2024, JRSS B 86:1-27,
    the hedged capital process). The size of the bets is chosen anew after each block of numbers.

    Attributes
    ----------
    level
        Coverage over all moments together.
    log_up, log_down
        ``(BREAKS + 1,)``: log wealth against each mean.
    n, total, squares
        How many numbers, their sum, and the sum of squared distances from the means on the way.
    """

    level: float
    log_up: FloatArray
    log_down: FloatArray
    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, level: float = 0.95) -> BettingSequence:
        """A sequence before the first number.

        Raises
        ------
        EvaluationError
            If the level is not between 0 and 1.
        """
        if not 0 < level < 1:
            raise EvaluationError(f"level is {level!r}; expected a number between 0 and 1")
        return cls(level, np.zeros(BREAKS + 1), np.zeros(BREAKS + 1))

    def advance(self, values: npt.ArrayLike) -> BettingSequence:
        """After one more block of numbers in [0, 1]; their order within it does not matter.

        Raises
        ------
        EvaluationError
            If one is outside.
        """
        x = as_numbers(values, "values")
        if x.ndim != 1 or not ((x >= 0) & (x <= 1)).all():
            raise EvaluationError("values hold something outside 0 to 1; expected (n,) within")
        if not len(x):
            return self
        means = np.linspace(0.0, 1.0, BREAKS + 1)
        bet = self._bet()
        with np.errstate(divide="ignore"):
            up = np.minimum(bet, TRUNCATION / means)
            down = np.minimum(bet, TRUNCATION / (1 - means))
        # Numbers repeat (an outcome minus a few probabilities): each is worked out once.
        distinct, times = np.unique(x, return_counts=True)
        apart = distinct[None, :] - means[:, None]
        n = self.n + len(x)
        total = self.total + float(x.sum())
        mean = (PRIOR_MEAN + total) / (n + 1)
        return replace(
            self,
            log_up=self.log_up + np.log1p(up[:, None] * apart) @ times,
            log_down=self.log_down + np.log1p(-down[:, None] * apart) @ times,
            n=n,
            total=total,
            squares=self.squares + float(times @ (distinct - mean) ** 2),
        )

    def _bet(self) -> float:
        """Size of the next bets, from the numbers before (predictable empirical Bernstein)."""
        variance = (PRIOR_VARIANCE + self.squares) / (self.n + 1)
        t = self.n + 1
        alpha = 1 - self.level
        return math.sqrt(2 * math.log(1 / alpha) / (t * math.log(1 + t) * variance))

    @property
    def mean(self) -> float:
        """Mean of the numbers so far; NaN without."""
        return self.total / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Lowest and highest mean that is not ruled out, rounded outwards to the grid.

        If every mean is ruled out (the mean has changed on the way) it is that of all numbers: 0
        to 1.
        """
        kept = np.flatnonzero(np.maximum(self.log_up, self.log_down) <= self._log_limit)
        if not len(kept):
            return 0.0, 1.0
        return max(0.0, (kept[0] - 1) / BREAKS), min(1.0, (kept[-1] + 1) / BREAKS)

    @property
    def _log_limit(self) -> float:
        """Each of the two bettors has half of the wealth."""
        return math.log(2 / (1 - self.level))

    def to_dict(self) -> dict[str, Any]:
        """Plain values from which `from_dict` makes the same sequence."""
        return {
            "level": self.level,
            "log_up": _plain(self.log_up),
            "log_down": _plain(self.log_down),
            "n": self.n,
            "total": self.total,
            "squares": self.squares,
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> BettingSequence:
        """The sequence of `to_dict`."""
        return replace(
            cls.of(plain["level"]),
            log_up=_array(plain["log_up"]),
            log_down=_array(plain["log_down"]),
            n=int(plain["n"]),
            total=float(plain["total"]),
            squares=float(plain["squares"]),
        )


def _plain(values: FloatArray) -> list[float | None]:
    return [float(v) if math.isfinite(v) else None for v in values]


def _array(values: list[float | None]) -> FloatArray:
    return np.array([-math.inf if v is None else v for v in values], dtype=np.float64)
