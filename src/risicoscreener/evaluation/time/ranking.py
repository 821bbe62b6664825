"""How well a risk orders people by who has the event first."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.estimate import FloatArray
from risicoscreener.evaluation.time.outcome import as_time_to_event, numbers_for

Codes = npt.NDArray[np.intp]


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

    Raises
    ------
    OutcomeError
        If a risk is missing, or there is not one for each row.

    Notes
    -----
    Who is censored early is in fewer pairs, and the weights do not repair that: with heavy
    censoring the value depends on it. `concordance_index` has the version that repairs it.
    """
    outcome = as_time_to_event(y)
    event = outcome.is_event(cause)
    time = np.where((outcome.cause != 0) & ~event, np.inf, outcome.time)
    rank = dense(numbers_for(risk, "risk", len(outcome)))
    won, met = won_from_later(days_in_order(time, event), rank, outcome.weight)
    first = outcome.weight * event
    compared = float(first @ met)
    return float(first @ won) / compared if compared > 0 else float("nan")


def days_in_order(time: FloatArray, event: npt.NDArray[np.bool_]) -> Codes:
    """Places in time ``(n,)`` in which who has the event on a day stands before who has not."""
    return 2 * dense(time) + ~event


def dense(values: FloatArray) -> Codes:
    """The place of each value among the different values, from 0."""
    return np.unique(values, return_inverse=True)[1].astype(np.intp)


def won_from_later(place: Codes, rank: Codes, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For each row the weight of the rows at a later place: with a lower rank, and of all.

    Parameters
    ----------
    place, rank, weight
        ``(n,)`` each, codes from 0. Rows at one place do not meet.

    Returns
    -------
    won, met
        ``(n,)`` each; in ``won`` an equal rank counts half.

    Notes
    -----
    Two places differ first in one binary digit, read from the left. So for each digit the rows of
    neighbouring blocks meet once, each block sorted by rank: ``n log(n)**2`` in all.
    """
    won = np.zeros(len(place))
    ranks, last = int(rank.max(initial=0)) + 1, int(place.max(initial=0))
    for digit in range(last.bit_length()):
        block = place >> digit
        later = (block & 1) == 1
        key = block[later] * ranks + rank[later]
        order = np.argsort(key, kind="stable")
        key = key[order]
        running = np.concatenate([[0.0], np.cumsum(weight[later][order])])
        start = (block[~later] + 1) * ranks
        own = start + rank[~later]
        below, upto = (running[np.searchsorted(key, own, side)] for side in ("left", "right"))
        won[~later] += (below + upto) / 2.0 - running[np.searchsorted(key, start)]
    at_place = np.bincount(place, weight, last + 1)
    return won, (at_place.sum() - np.cumsum(at_place))[place]
