"""The risk-adjusted cumulative sum (CUSUM), with limits by simulation.

Known from surgery: each person adds the log likelihood ratio of odds that are ``odds_ratio`` times
those predicted, and the sum does not fall below 0 (Steiner, Cook, Farewell & Treasure 2000,
Biostatistics 1:441-452). Its limit is chosen for a number of people or a run length; it makes no
promise beyond that, and none if the probabilities of later people are spread otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sample import as_numbers
from risicoscreener.evaluation.sequential.bets import checked_outcomes

FloatArray = npt.NDArray[np.float64]

ODDS_RATIO = 1.5
LONGEST_RUN = 1_000_000
"""People after which a simulated run that gave no alarm is counted as it is."""


@dataclass(frozen=True)
class Cusum:
    """A one-sided risk-adjusted cumulative sum.

    Attributes
    ----------
    odds_ratio
        What it looks for: above 1 more outcomes than predicted, below 1 fewer.
    limit
        An alarm is a sum above it.
    value, largest
        The sum now and the largest so far.
    n
        People so far.
    """

    odds_ratio: float
    limit: float
    value: float = 0.0
    largest: float = 0.0
    n: int = 0

    def __post_init__(self) -> None:
        _check_ratio(self.odds_ratio)
        if not self.limit > 0:
            raise EvaluationError(f"limit is {self.limit!r}; expected a number above 0")

    def advance(self, probability: npt.ArrayLike, outcome: npt.ArrayLike) -> Cusum:
        """After more people, in the order in which they are given.

        Raises
        ------
        EvaluationError
            If lengths differ or a value is outside its range.
        """
        p, y = checked_outcomes(probability, outcome)
        path = cusum_path(cusum_weights(p, y, self.odds_ratio), self.value)
        if not len(path):
            return self
        largest = max(self.largest, float(path.max()))
        return replace(self, value=float(path[-1]), largest=largest, n=self.n + len(path))

    @property
    def alarm(self) -> bool:
        """Whether the sum was above its limit at any moment so far."""
        return self.largest > self.limit


def cusum_weights(probability: FloatArray, outcome: FloatArray, odds_ratio: float) -> FloatArray:
    """What each person adds, ``(n,)``: ``y log R - log(1 - p + R p)``."""
    found: FloatArray = outcome * math.log(odds_ratio) - np.log1p(probability * (odds_ratio - 1))
    return found


def cusum_path(weights: FloatArray, start: float = 0.0) -> FloatArray:
    """The sum after each person, ``(n,)``: it never falls below 0."""
    sums = start + np.cumsum(weights)
    lowest = np.minimum.accumulate(np.minimum(sums, 0.0))
    found: FloatArray = sums - lowest
    return found


def cusum_limit(
    probability: npt.ArrayLike,
    odds_ratio: float = ODDS_RATIO,
    *,
    people: int,
    level: float = 0.05,
    runs: int = 2000,
    seed: int = 0,
) -> float:
    """The limit that a sum of so many people exceeds with a chance of ``level`` if all is well.

    Parameters
    ----------
    probability
        ``(n,)`` of a reference: people of whom the simulated ones are drawn, with replacement.
    people
        How many there will be in the time that the limit is for.
    level
        Chance of a false alarm in that time.
    runs
        Simulated courses; the limit is an order statistic of their largest sums, rounded up.

    Raises
    ------
    EvaluationError
        If a value is outside its range.
    """
    p = _reference(probability)
    _check_ratio(odds_ratio)
    if not 0 < level < 1 or runs < math.ceil(1 / level) or people < 1:
        raise EvaluationError(
            f"level {level!r}, runs {runs}, people {people}; expected a level between 0 and 1, "
            "at least 1 / level runs and 1 person"
        )
    rng = np.random.default_rng(seed)
    largest = np.empty(runs)
    for run in range(runs):
        drawn = p[rng.integers(0, len(p), people)]
        y = (rng.random(people) < drawn).astype(np.float64)
        largest[run] = cusum_path(cusum_weights(drawn, y, odds_ratio)).max()
    place = min(runs - 1, math.ceil((1 - level) * (runs + 1)) - 1)
    return max(float(np.sort(largest)[place]), 1e-9)


def cusum_run_length(
    probability: npt.ArrayLike,
    odds_ratio: float,
    limit: float,
    *,
    true_odds_ratio: float = 1.0,
    runs: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Mean number of people until an alarm, and its standard error, by simulation.

    Parameters
    ----------
    true_odds_ratio
        What is really the case: 1 if all is well.

    Raises
    ------
    EvaluationError
        If a value is outside its range.
    """
    p = _reference(probability)
    for ratio in (odds_ratio, true_odds_ratio):
        if not 0 < ratio < math.inf:
            raise EvaluationError(f"odds ratio is {ratio!r}; expected a number above 0")
    rng = np.random.default_rng(seed)
    value, length = np.zeros(runs), np.zeros(runs)
    going = np.ones(runs, dtype=bool)
    odds = p / (1 - p) * true_odds_ratio
    true = odds / (1 + odds)
    up = math.log(odds_ratio)
    down = -np.log1p(p * (odds_ratio - 1))
    while going.any() and length.max() < LONGEST_RUN:
        left = int(going.sum())
        who = rng.integers(0, len(p), left)
        y = rng.random(left) < true[who]
        now = np.maximum(0.0, value[going] + down[who] + up * y)
        length[going] += 1
        value[going] = now
        going[going] = now <= limit
    return float(length.mean()), float(length.std(ddof=1) / math.sqrt(runs))


def _reference(probability: npt.ArrayLike) -> FloatArray:
    p = as_numbers(probability, "probability")
    if p.ndim != 1 or not len(p) or not ((p > 0) & (p < 1)).all():
        raise EvaluationError("probability of the reference must be (n,) between 0 and 1, n > 0")
    return p


def _check_ratio(ratio: float) -> None:
    if not 0 < ratio < math.inf or ratio == 1:
        raise EvaluationError(f"odds_ratio is {ratio!r}; expected a number above 0 and not 1")
