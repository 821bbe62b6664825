"""How well a risk orders people by who has the event first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.models.time.outcome import as_time_to_event

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray

BLOCK_ROWS = 512


def concordance(y: Any, risk: npt.ArrayLike, cause: int = 1) -> float:
    """Share of comparable pairs in which who has the event first has the higher risk.

    A pair is comparable if one has the event while the other is still followed without it, or
    had a competing event and so never has it (Harrell and others 1996; Wolbers and others 2009).
    Equal risks count half; two events on one day are not compared. Without competing events this
    is the concordance of `survival::concordance` of R.

    Parameters
    ----------
    y
        As `as_time_to_event` takes it; a pair weighs the product of the weights.
    risk
        ``(n,)``, higher for an earlier event.

    Returns
    -------
    0 to 1; NaN without comparable pairs.

    Notes
    -----
    Who is censored early is in fewer pairs, and the weights do not repair that: with heavy
    censoring the value depends on it.
    """
    outcome = as_time_to_event(y)
    risk = np.asarray(risk, dtype=np.float64)
    event = outcome.is_event(cause)
    time = np.where((outcome.cause != 0) & ~event, np.inf, outcome.time)
    order = np.lexsort((event, -time))  # longest first; on one day those without event first
    time, event, risk, weight = time[order], event[order], risk[order], outcome.weight[order]
    earned = compared = 0.0
    longer = _Sorted()
    for rows in _blocks(time, event):
        at = np.flatnonzero(event[rows])
        r, w = risk[rows], weight[rows]
        wins, pairs = longer.compare(r[at])
        # within the block: rows before in the order, less those with an event on the same day
        follows = np.arange(len(r)) < at[:, None]
        follows &= ~(event[rows] & (time[rows] == time[rows][at][:, None]))
        higher = (r[at][:, None] > r) + 0.5 * (r[at][:, None] == r)
        wins += (follows * higher) @ w
        pairs += follows @ w
        earned += float(w[at] @ wins)
        compared += float(w[at] @ pairs)
        longer.add(r, w)
    return earned / compared if compared > 0 else float("nan")


def _blocks(time: FloatArray, event: npt.NDArray[np.bool_]) -> list[slice]:
    """Slices of some hundreds of rows that do not divide the events of one day."""
    may_start = np.ones(len(time), dtype=bool)
    may_start[1:] = ~(event[1:] & event[:-1] & (time[1:] == time[:-1]))
    starts = [0]
    for position in np.flatnonzero(may_start):
        if position - starts[-1] >= BLOCK_ROWS:
            starts.append(int(position))
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], len(time)], strict=True)]


class _Sorted:
    """Risks in order, with the weight up to each."""

    def __init__(self) -> None:
        self.risk = np.zeros(0)
        self.weight = np.zeros(0)

    def add(self, risk: FloatArray, weight: FloatArray) -> None:
        order = np.argsort(risk, kind="stable")
        at = np.searchsorted(self.risk, risk[order])
        self.risk = np.insert(self.risk, at, risk[order])
        self.weight = np.insert(self.weight, at, weight[order])

    def compare(self, risk: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weight of those with a lower risk (equal: half), and of all, for each risk."""
        running = np.concatenate([[0.0], np.cumsum(self.weight)])
        below = running[np.searchsorted(self.risk, risk, side="left")]
        upto = running[np.searchsorted(self.risk, risk, side="right")]
        return (below + upto) / 2.0, np.full(len(risk), running[-1])
