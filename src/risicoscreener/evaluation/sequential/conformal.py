"""A conformal test martingale: whether new people could have come out of the reference."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sequential.process import MEAN_WAIT, EProcess
from risicoscreener.evaluation.sequential.reference import Binned

FloatArray = npt.NDArray[np.float64]

PULLS = (0.3, 0.6, 0.9)
"""How far each bet leans."""


@dataclass(frozen=True, eq=False)
class ConformalMartingale:
    """Bets that the ranks of new people among all before them are not spread evenly.

    If new people are exchangeable with the reference, each has a rank that is uniform and
    independent of those before, so that no bet on ranks has an expectation above 1 (Vovk, Gammerman
    & Shafer 2005; Vovk 2021, Statistical Science 36:595-611). Nothing is assumed of the spread of
    the feature, and a reference of any size gives an exact level; but every change counts, however
    small, and the new people join those that later ones are compared with.

    Attributes
    ----------
    bins
        Where people are counted; who share a bin are put in order by lot.
    counts
        ``(k + 2,)``: people of each bin, reference and later ones together.
    process
        The wealth.
    """

    bins: Binned
    counts: FloatArray
    process: EProcess

    @classmethod
    def of(cls, bins: Binned, *, mean_wait: float = MEAN_WAIT) -> ConformalMartingale:
        """A martingale before the first new person."""
        return cls(bins, bins.counts.copy(), EProcess.of(4 * len(PULLS), mean_wait=mean_wait))

    def advance(self, values: npt.ArrayLike, seed: int) -> ConformalMartingale:
        """After the people of one period.

        Parameters
        ----------
        values
            ``(n,)``; NaN is unknown, which is a bin of its own, above all others.
        seed
            For lots among who share a bin; another for each period.
        """
        rank = self.ranks(values, seed)
        counts = self.counts + self.bins.count(values)
        return replace(self, counts=counts, process=self.process.advance(rank_factors(rank)))

    def ranks(self, values: npt.ArrayLike, seed: int) -> FloatArray:
        """Rank of each person among all before and itself, between 0 and 1, ``(n,)``."""
        x = np.asarray(values, dtype=np.float64)
        rng = np.random.default_rng(seed)
        lot, counts = rng.random(len(x)), self.counts.copy()
        found = np.empty(len(x))
        for i in range(len(x)):
            place = int(self.bins.count(x[i : i + 1]).argmax())
            counts[place] += 1
            found[i] = (counts[:place].sum() + lot[i] * counts[place]) / counts.sum()
        return found


def rank_factors(rank: npt.ArrayLike) -> FloatArray:
    """Bets on ranks: more high ones, more low ones, more in the middle, more at the ends.

    ``1 + a (2 u - 1)`` and ``1 + a (6 (u - 1/2)^2 - 1/2)``, for the pulls ``a`` and ``-a``; each
    integrates to 1 over (0, 1).

    Raises
    ------
    EvaluationError
        If a rank is not between 0 and 1.
    """
    u = np.asarray(rank, dtype=np.float64)
    if u.ndim != 1 or not ((u >= 0) & (u <= 1)).all():
        raise EvaluationError("ranks hold something outside 0 to 1; expected (n,) within")
    lean, spread = 2 * u - 1, 6 * (u - 0.5) ** 2 - 0.5
    pulls = np.array(PULLS)
    found: list[float] = []
    for direction in (lean, -lean, spread, -spread):
        found += [math.fsum(np.log1p(pull * direction)) for pull in pulls]
    return np.array(found)
