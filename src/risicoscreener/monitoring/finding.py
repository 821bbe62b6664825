"""What is found of one stream: what was counted, since when, and of which part most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from risicoscreener.evaluation.sequential import slope_bets, stability_index
from risicoscreener.monitoring.baseline import BINNED
from risicoscreener.monitoring.settings import StreamSettings
from risicoscreener.monitoring.state import Baseline, StreamState

RECENT = 12
"""Periods of the stability index that is shown."""


@dataclass(frozen=True)
class StreamFound:
    """One stream of one group.

    Attributes
    ----------
    key, kind
        Its name and kind.
    column, label
        Of the group; both empty for everybody.
    alarm
        Period in which the alarm was raised; empty without one.
    since
        Period from which the change is most likely; empty without an alarm.
    log_e, threshold
        Log of the e-value now, and what is an alarm whatever the other streams do; of a CUSUM the
        larger sum over its limit, and 1.
    n, observed, expected
        What was counted, since the change if there is an alarm; None if it is withheld.
    part, share, reference
        Of streams of several parts: that with the most evidence, its share over the same periods,
        and its share in the reference.
    interval
        Of calibration: observed minus predicted, as shares, with the level of the monitor at every
        moment, if it is the same all the time.
    slope
        Of the slope: what there is most evidence for.
    stability
        Population stability index of the last year, of the column of ``part``; None for others.
    """

    key: str
    kind: str
    column: str
    label: str
    alarm: str
    since: str
    log_e: float
    threshold: float
    n: float | None = None
    observed: float | None = None
    expected: float | None = None
    part: str = ""
    share: float | None = None
    reference: float | None = None
    interval: tuple[float, float] | None = None
    slope: float | None = None
    stability: float | None = None

    @property
    def is_alarm(self) -> bool:
        """Whether an alarm was raised."""
        return bool(self.alarm)

    @property
    def withheld(self) -> bool:
        """Whether its counts are not shown."""
        return self.n is None


def apart_of(found: StreamFound) -> float:
    """By how much there is more than was to be expected; 0 if that is not shown."""
    pairs = ((found.share, found.reference), (found.observed, found.expected))
    return next((now - then for now, then in pairs if now is not None and then is not None), 0.0)


def found_of(
    key: str,
    stream: StreamSettings,
    group: tuple[str, str],
    state: StreamState,
    baseline: Baseline,
    threshold: float,
    *,
    withheld: bool,
) -> StreamFound:
    """What is found of a stream from its state; without counts if they are withheld."""
    last = state.points[-1].log_e if state.points else 0.0
    place = _strongest(state)
    start = _since(key, stream, state, baseline) if state.alarm else 0
    common: dict[str, Any] = {
        "key": key,
        "kind": stream.kind,
        "column": group[0],
        "label": group[1],
        "alarm": state.alarm,
        "since": state.points[start].period if state.alarm else "",
        "log_e": last,
        "threshold": 1.0 if stream.kind == "cusum" else threshold,
    }
    if withheld:
        return StreamFound(**common)
    counted = state.points[start:]
    common["n"] = sum(point.n for point in counted)
    common["observed"] = sum(point.observed for point in counted)
    common["expected"] = sum(point.expected for point in counted)
    if common["n"] and has_shares(stream, state) and (state.alarm or _evidence(state, place) > 0):
        common |= _of_part(key, stream, state, place, start, baseline)
    if stream.kind == "slope":
        common["slope"] = float(slope_bets(stream.tolerated)[_bet(state)])
    if state.sequence is not None:
        low, high = state.sequence.sequence().interval
        common["interval"] = (2 * low - 1, 2 * high - 1)
    return StreamFound(**common)


def _of_part(
    key: str,
    stream: StreamSettings,
    state: StreamState,
    place: int,
    start: int,
    baseline: Baseline,
) -> dict[str, Any]:
    """The part with the most evidence, and how its column is spread now."""
    part = list(state.parts)[place]
    counted = state.points[start:]
    n = sum(point.n for point in counted)
    found: dict[str, Any] = {
        "part": part,
        "share": sum(point.hits[place] for point in counted) / n,
        "reference": baseline.ranges[key][part].reference,
    }
    if stream.kind in BINNED:
        column = part.rsplit(": ", 1)[0]
        places = [i for i, name in enumerate(state.parts) if name.rsplit(": ", 1)[0] == column]
        recent = [np.array(point.hits)[places] for point in state.points[-RECENT:]]
        shares = [baseline.ranges[key][list(state.parts)[i]].reference for i in places]
        found["stability"] = stability_index(np.array(shares), np.sum(recent, axis=0))
    return found


def has_shares(stream: StreamSettings, state: StreamState) -> bool:
    """Whether it counts the shares of several parts."""
    return len(state.parts) > 1 and stream.needs != "outcomes"


def _bet(state: StreamState) -> int:
    """Place of the bet with the most wealth."""
    return list(state.parts.values())[_strongest(state)].process().strongest


def _evidence(state: StreamState, place: int) -> float:
    """Log of the e-value of one part."""
    return list(state.parts.values())[place].process().log_e


def _strongest(state: StreamState) -> int:
    """Place of the part with the most evidence."""
    logs = [part.process().log_e for part in state.parts.values()]
    return int(np.argmax(logs)) if logs else 0


def _since(key: str, stream: StreamSettings, state: StreamState, baseline: Baseline) -> int:
    """Place of the period from which the sum of what is too much or too little stands out most.

    The maximum likelihood estimate of the moment of a change, with normal errors. Of the slope the
    period after that with the least evidence.
    """
    points, place = state.points, _strongest(state)
    last = [point.period for point in points].index(state.alarm)
    if stream.kind == "slope":
        before = [0.0, *(point.log_e for point in points[:last])]
        return len(before) - 1 - int(np.argmin(before[::-1]))
    if has_shares(stream, state):
        part = list(state.parts)[place]
        share = baseline.ranges[key][part].reference
        apart = np.array([point.hits[place] - point.n * share for point in points])
        variance = np.array([point.n * share * (1 - share) for point in points])
    else:
        apart = np.array([point.observed - point.expected for point in points])
        variance = np.array([point.variance for point in points])
    tail = np.cumsum(apart[::-1])[::-1]
    spread = np.cumsum(variance[::-1])[::-1]
    score = np.divide(tail**2, spread, out=np.zeros(len(tail)), where=spread > 0)
    return int(np.argmax(score[: last + 1]))
