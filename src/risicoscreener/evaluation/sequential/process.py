"""E-processes: wealth from bets against what should hold, with a promise for every moment.

Someone who bets against a hypothesis that holds does not get rich: with probability 1 - alpha the
wealth never reaches 1 / alpha, however often it is looked at (Ville's inequality). So a wealth of
``1 / alpha`` is an alarm whose chance, over all months together, is at most alpha.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError

FloatArray = npt.NDArray[np.float64]

FIRST = 0.5
"""Part of the wealth that is bet from the first period on: for what was wrong from the start."""
MEAN_WAIT = 60.0
"""Periods after which a change is expected, in the mean, for the other part: five years."""
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class EProcess:
    """Wealth of several bets that are started anew in every period.

    Of a wealth of 1, a part is staked in each period on the bets from there on, so that a change
    late in a long quiet time is found too. What is not staked yet is kept. The sum is an e-process:
    its expectation is at most 1 at every moment that may be chosen on the way, if the hypothesis
    holds (Ramdas, Grünwald, Vovk & Shafer 2023, Statistical Science 38:576-601).

    Attributes
    ----------
    log_wealth
        ``(bets,)``: log wealth of each bet, of all its starts together.
    periods
        Number of periods so far.
    log_largest
        Log of the largest wealth after a period so far.
    first, mean_wait
        Part that is staked in the first period; mean number of periods until the rest is, with a
        geometric spread.
    """

    log_wealth: FloatArray
    periods: int = 0
    log_largest: float = 0.0
    first: float = FIRST
    mean_wait: float = MEAN_WAIT

    @classmethod
    def of(cls, bets: int, *, first: float = FIRST, mean_wait: float = MEAN_WAIT) -> Self:
        """A process of so many bets before the first period.

        Raises
        ------
        EvaluationError
            If there are no bets, or a part is not between 0 and 1, or the mean below 1.
        """
        if bets < 1:
            raise EvaluationError(f"bets is {bets}; expected 1 or more")
        if not 0 <= first <= 1:
            raise EvaluationError(f"first is {first!r}; expected a part from 0 to 1")
        if not 1 <= mean_wait < math.inf:
            raise EvaluationError(f"mean_wait is {mean_wait!r}; expected periods, 1 or more")
        return cls(np.full(bets, -math.inf), first=first, mean_wait=mean_wait)

    def advance(self, log_factors: npt.ArrayLike) -> Self:
        """The process after one more period.

        Parameters
        ----------
        log_factors
            ``(bets,)``: log of what each bet multiplies its stake by in this period. If the
            hypothesis holds its expectation, given the past, is at most 1.

        Raises
        ------
        EvaluationError
            If there is no number for each bet.
        """
        factors = np.asarray(log_factors, dtype=np.float64)
        if factors.shape != self.log_wealth.shape or np.isnan(factors).any():
            raise EvaluationError(
                f"log_factors have shape {factors.shape} or missing values; expected a number for "
                f"each of {len(self.log_wealth)} bets"
            )
        wealth = np.logaddexp(self.log_wealth, self._log_stake(len(factors))) + factors
        return self._after(wealth)

    def _after(self, wealth: FloatArray) -> Self:
        after = replace(self, log_wealth=wealth, periods=self.periods + 1)
        return replace(after, log_largest=max(self.log_largest, after.log_e))

    def _log_stake(self, bets: int) -> float:
        """Log of what is staked on each bet in the next period."""
        stake = self._unstaked(self.periods) - self._unstaked(self.periods + 1)
        return math.log(stake / bets) if stake > 0 else -math.inf

    def _unstaked(self, periods: int) -> float:
        """Part that was not staked yet after so many periods."""
        if not periods:
            return 1.0
        return float((1 - self.first) * (1 - 1 / self.mean_wait) ** periods)

    @property
    def log_e(self) -> float:
        """Log of the wealth now."""
        unstaked = self._unstaked(self.periods)
        kept = math.log(unstaked) if unstaked > 0 else -math.inf
        return float(np.logaddexp.reduce(self.log_wealth, axis=None, initial=kept))

    @property
    def e_value(self) -> float:
        """The wealth now; infinite where it is beyond what a number can hold."""
        return math.exp(min(self.log_e, 709.0)) if self.log_e < 709.0 else math.inf

    @property
    def p_value(self) -> float:
        """Valid at every moment: 1 over the largest wealth so far, at most 1."""
        return min(1.0, math.exp(-self.log_largest))

    @property
    def strongest(self) -> int:
        """Place of the bet with the most wealth; the first before any period."""
        return int(np.argmax(self.log_wealth)) % self.log_wealth.shape[-1]

    def to_dict(self) -> dict[str, Any]:
        """Plain values from which `from_dict` makes the same process."""
        wealth = [None if w == -math.inf else float(w) for w in self.log_wealth.ravel()]
        return {
            "log_wealth": wealth,
            "bets": self.log_wealth.shape[-1],
            "periods": self.periods,
            "log_largest": self.log_largest,
            "first": self.first,
            "mean_wait": self.mean_wait,
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Self:
        """The process of `to_dict`."""
        wealth = np.array([-math.inf if w is None else float(w) for w in plain["log_wealth"]])
        start = cls.of(plain["bets"], first=plain["first"], mean_wait=plain["mean_wait"])
        return replace(
            start,
            log_wealth=wealth.reshape(-1, plain["bets"]) if start.log_wealth.ndim == 2 else wealth,
            periods=int(plain["periods"]),
            log_largest=float(plain["log_largest"]),
        )


@dataclass(frozen=True, eq=False)
class CohortProcess(EProcess):
    """Wealth of bets that start in a period and concern only who came in from that period on.

    What changes in the making of predictions (a formula, a code) shows in people who are predicted
    after it, while outcomes of those before still come in for years. A bet that starts in a period
    leaves the latter out.

    Attributes
    ----------
    log_wealth
        ``(periods, bets)``: log wealth of each bet by the period in which it started.
    """

    @classmethod
    def of(cls, bets: int, *, first: float = FIRST, mean_wait: float = MEAN_WAIT) -> Self:
        """A process of so many bets before the first period; errors as of `EProcess.of`."""
        start = super().of(bets, first=first, mean_wait=mean_wait)
        return replace(start, log_wealth=np.empty((0, bets)))

    def advance(self, log_factors: npt.ArrayLike) -> Self:
        """The process after one more period.

        Parameters
        ----------
        log_factors
            ``(periods + 1, bets)``: log factors as of `EProcess.advance`, of the people who came in
            in each period so far, this one too.

        Raises
        ------
        EvaluationError
            If there is no number for each period and bet.
        """
        factors = np.asarray(log_factors, dtype=np.float64)
        bets = self.log_wealth.shape[1]
        if factors.shape != (self.periods + 1, bets) or np.isnan(factors).any():
            raise EvaluationError(
                f"log_factors have shape {factors.shape} or missing values; expected "
                f"({self.periods + 1}, {bets})"
            )
        from_each = np.cumsum(factors[::-1], axis=0)[::-1]
        stakes = np.full((1, bets), self._log_stake(bets))
        return self._after(np.vstack([self.log_wealth, stakes]) + from_each)


def mean_log_e(processes: Sequence[EProcess]) -> float:
    """Log of the mean wealth of several processes: an e-process for all hypotheses together.

    Raises
    ------
    EvaluationError
        If there are none.
    """
    if not processes:
        raise EvaluationError("there are no processes; expected one or more")
    logs = [one.log_e for one in processes]
    return float(np.logaddexp.reduce(logs) - math.log(len(logs)))
