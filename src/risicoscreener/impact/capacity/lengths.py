"""How long stays last: the product-limit estimator, with weights for each stay that was seen.

People who were there already when watching began are seen because they stay long (length bias):
they count from the day on which they were first seen (left truncation). Who is still there counts
until now (right censoring). The jumps of the estimator are weights of the stays that ended (Stute
1993, The Annals of Statistics 21, 1591-1607; with truncation Tsai, Jewell and Wang 1987, Biometrika
74, 883-886), so that a stay can be drawn whole, with its ground, its prison and its moves.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

TAIL_EVENTS = 20
"""Of so many of the longest stays the rate of leaving is used beyond the longest of all."""
_NOTHING = 1e-9


@dataclass(frozen=True, eq=False)
class Lengths:
    """Lengths of stays in days, shape (n,), as they were seen.

    Attributes
    ----------
    time
        Length, or length so far.
    entry
        Days that had passed when the stay was first seen; 0 for who was seen on arrival.
    ended
        Whether it ended on ``time``.
    order
        Positions by ``time``.
    """

    time: FloatArray
    entry: FloatArray
    ended: Mask
    order: npt.NDArray[np.intp] = field(init=False)

    def __post_init__(self) -> None:
        # Who leaves on the day of arrival was at risk that day.
        seen = np.where(self.entry > 0, self.entry, -1.0)
        days, place = np.unique(self.time, return_inverse=True)
        set_ = object.__setattr__
        set_(self, "order", np.argsort(self.time, kind="stable"))
        set_(self, "_days", days)
        set_(self, "_place", place)
        set_(self, "_from", np.minimum(np.searchsorted(days, seen, side="right"), len(days) - 1))

    @property
    def days(self) -> FloatArray:
        """Different lengths, ascending, shape (k,)."""
        found: FloatArray = self._days  # type: ignore[attr-defined]
        return found

    def survival(self, mass: FloatArray | None = None) -> FloatArray:
        """Share still there after each of ``days``, shape (k,).

        Parameters
        ----------
        mass
            Weight of each stay; 1 without it. Weights of the Bayesian bootstrap (exponential with
            mean 1; Rubin 1981) give a draw of what the estimate might have been.
        """
        return self._limit(mass)[0]

    def weights(self, mass: FloatArray | None = None) -> FloatArray:
        """Weight of each stay, shape (n,), adding up to 1.

        The jumps of the estimator for stays that ended. What is left after the last of them goes
        to those who had not left by then; where there are none, all weights grow.
        """
        survival, before, at_risk, kept = self._limit(mass)
        one = np.ones(len(self.time)) if mass is None else mass
        jump = np.divide(before, at_risk, out=np.zeros_like(before), where=at_risk > _NOTHING)
        place = self._place  # type: ignore[attr-defined]
        found: FloatArray = np.where(self.ended & kept[place], one * jump[place], 0.0)
        left = survival[-1]
        if left > _NOTHING:
            found[self.open] += (
                left * one[self.open] / one[self.open].sum() if self.open.any() else 0
            )
        return found / found.sum()

    @property
    def open(self) -> Mask:
        """Who was not seen to leave, and stayed as long as the longest who did."""
        longest = self.time[self.ended].max() if self.ended.any() else -1.0
        return ~self.ended & (self.time >= longest)

    @property
    def tail_days(self) -> float:
        """Mean days that who is `open` stays on: by the rate of leaving in the longest stays."""
        ends = np.sort(self.time[self.ended])
        if not len(ends):
            return float(self.time.mean())
        since = ends[-min(len(ends), TAIL_EVENTS)]
        events = int((ends > since).sum()) or 1
        exposed = np.clip(self.time - np.maximum(since, self.entry), 0, None).sum()
        return max(float(exposed) / events, 1.0)

    def _limit(
        self, mass: FloatArray | None
    ) -> tuple[FloatArray, FloatArray, FloatArray, npt.NDArray[np.bool_]]:
        place, first = self._place, self._from  # type: ignore[attr-defined]
        one = np.ones(len(self.time)) if mass is None else mass
        k = len(self.days)
        total = np.bincount(place, one, k)
        events = np.bincount(place[self.ended], one[self.ended], k)
        at_risk = np.cumsum(np.bincount(first, one, k)) - (np.cumsum(total) - total)
        hazard = np.divide(events, at_risk, out=np.zeros(k), where=at_risk > _NOTHING)
        # While more people come under observation later, a risk set that empties is one that was
        # too small to tell anything: the curve must not fall to 0 there.
        kept = hazard < 1 - _NOTHING
        kept[np.flatnonzero(events > 0)[-1:]] = True
        survival = np.cumprod(1 - np.where(kept, np.minimum(hazard, 1.0), 0.0))
        before = np.concatenate([[1.0], survival[:-1]])
        return survival, before, at_risk, kept
