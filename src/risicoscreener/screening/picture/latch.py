"""A band that does not flicker: a probability near a cut-off does not give an alert each day.

Only for alerts. The result of a screening has no memory: its band is that of its probability.
"""

from __future__ import annotations

from itertools import pairwise

from risicoscreener.errors import PolicyError

MARGIN = 0.02
"""How far beyond a cut-off a probability has to go before the band that is told changes."""


class BandLatch:
    """The band that was last told for one model.

    A higher band is entered at its cut-off plus the margin, or above the cut-off once the
    interval no longer crosses it. It is left below its cut-off minus the margin. So a probability
    that stays within the margin of one cut-off changes the band at most once.

    Parameters
    ----------
    cuts
        Ascending cut-offs of the policy.
    margin
        From 0 to less than half the distance between two cut-offs.

    Attributes
    ----------
    band
        Number of the band told, 0 the lowest; None before the first probability.

    Raises
    ------
    PolicyError
        If the margin does not fit the cut-offs.
    """

    def __init__(self, cuts: tuple[float, ...], margin: float = MARGIN) -> None:
        gaps = [b - a for a, b in pairwise(cuts)]
        if not 0 <= margin < min((gap / 2 for gap in gaps), default=1.0):
            raise PolicyError(
                f"margin is {margin}; expected from 0 to less than half the distance between the "
                f"cut-offs {', '.join(map(str, cuts))}"
            )
        self.cuts = cuts
        self.margin = margin
        self.band: int | None = None

    def update(
        self, probability: float, lower: float | None = None, upper: float | None = None
    ) -> int | None:
        """Take in a probability; the band before if another is told from now on, else None.

        Parameters
        ----------
        probability
            From 0 to 1; what is no number changes nothing.
        lower, upper
            Bounds of its interval, if it has one.
        """
        if not 0.0 <= probability <= 1.0:
            return None
        before = self.band
        if before is None:
            self.band = sum(probability >= cut for cut in self.cuts)
            return None
        band = before
        while band < len(self.cuts) and self._enters(self.cuts[band], probability, lower, upper):
            band += 1
        while band > 0 and probability < self.cuts[band - 1] - self.margin:
            band -= 1
        self.band = band
        return None if band == before else before

    def _enters(
        self, cut: float, probability: float, lower: float | None, upper: float | None
    ) -> bool:
        if probability >= cut + self.margin:
            return True
        has_interval = lower is not None and upper is not None and lower < upper
        return has_interval and lower is not None and probability >= cut and lower >= cut
