"""Concordance of predictions with the order in which events come, up to a horizon."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from risicoscreener.evaluation.estimate import Estimates, FloatArray
from risicoscreener.evaluation.time.influence import Linear, estimate
from risicoscreener.evaluation.time.ranking import Codes, days_in_order, dense, won_from_later
from risicoscreener.evaluation.time.sample import COMPETING, HorizonSample


def concordance_index(sample: HorizonSample, *, level: float = 0.95) -> Estimates:
    """``c_harrell`` and ``c_uno`` of events up to the horizon, with intervals.

    Of two people the pair is comparable if one has the event by the horizon while the other is
    still followed without it, or had a competing event and so never has it (Wolbers and others
    2009). Equal predictions count half; two events on one day are not compared.

    ``c_harrell`` counts each pair once: its value depends on how long people happened to be
    followed. ``c_uno`` weighs the pairs by the inverse of the probability to be seen (Uno and
    others 2011; with competing events Wolbers and others 2014), which repairs that.

    Notes
    -----
    The C index with a horizon looks at the order of events, which a probability by one horizon
    does not predict; that probability is judged by ``horizon_auc`` (Blanche and others 2019).
    """
    made = {"c_harrell": linear_harrell, "c_uno": linear_uno}
    return Estimates(
        tuple(
            estimate(name, sample, make(sample, sample.weight), level)
            for name, make in made.items()
        )
    )


def c_harrell(sample: HorizonSample, weight: FloatArray) -> float:
    """Concordance of Harrell (1996), up to the horizon."""
    return linear_harrell(sample, weight).value


def c_uno(sample: HorizonSample, weight: FloatArray) -> float:
    """Concordance of Uno (2011) and Wolbers (2014), up to the horizon."""
    return linear_uno(sample, weight).value


def linear_harrell(sample: HorizonSample, weight: FloatArray) -> Linear:
    """Harrell's concordance with its derivative."""
    until = np.minimum(sample.time, sample.horizon_days)
    event = sample.outcome == 1
    time = np.where(sample.ended & ~event, np.inf, until)
    pairs = _Pairs(days_in_order(time, event), dense(sample.probability))
    rows, columns = pairs.rows(weight), pairs.columns(weight * event)
    first = weight * event
    compared = float(first @ rows[1])
    if not compared > 0:
        return Linear.without("one_class")
    value = float(first @ rows[0]) / compared
    own = (event * _beyond(rows, value) + _beyond(columns, value)) / compared
    return Linear(value, own=own)


def linear_uno(sample: HorizonSample, weight: FloatArray) -> Linear:
    """The concordance weighted for censoring, with its derivative.

    With ``g`` one over the probability of being followed just up to a time, a pair of an event
    and somebody who is followed longer weighs ``g * g`` of the event; a pair with somebody who
    had a competing event before weighs the ``g`` of both. Groups of censoring are not heeded.
    """
    sample = replace(sample, group=None)
    event, rival = sample.outcome == 1, sample.ended & (sample.cause == COMPETING)
    chance = sample.followed(weight)
    g = np.divide(1.0, chance, out=np.zeros(len(sample)), where=(event | rival) & (chance > 0))
    until, rank = np.minimum(sample.time, sample.horizon_days), dense(sample.probability)
    later = _Pairs(days_in_order(until, sample.ended), rank)
    backwards = dense(-until)
    earlier = _Pairs(2 * backwards + rival, rank)  # a rival of the same day counts too
    first = weight * event
    after, before = later.rows(weight), earlier.rows(weight * g * rival)
    compared = float((first * g) @ (g * after[1] + before[1]))
    if not compared > 0:
        return Linear.without("one_class")
    value = float((first * g) @ (g * after[0] + before[0])) / compared
    row_after, row_before = g * g * _beyond(after, value), g * _beyond(before, value)
    column_before = g * rival * _beyond(earlier.columns(first * g), value)
    own = event * (row_after + row_before) + column_before
    own += _beyond(later.columns(first * g * g), value)
    pull = first * (2.0 * row_after + row_before) + weight * column_before
    moved = sample.through_censoring(pull / compared, weight)
    return Linear(value, own=own / compared + moved)


class _Pairs:
    """Sums over pairs of a row that has the event and a row at a later place."""

    def __init__(self, place: Codes, rank: Codes) -> None:
        self.place, self.rank = place, rank

    def rows(self, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """For each row the weight of later rows with a lower rank, and of all."""
        return won_from_later(self.place, self.rank, weight)

    def columns(self, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """For each row the weight of earlier rows with a higher rank, and of all."""
        return won_from_later(self.place.max() - self.place, self.rank.max() - self.rank, weight)


def _beyond(won_and_met: tuple[FloatArray, FloatArray], value: float) -> FloatArray:
    won, met = won_and_met
    return won - value * met
