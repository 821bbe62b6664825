"""How a test begins, and whether the state of one that went on is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import msgspec

from risicoscreener.errors import EvaluationError, MonitoringError
from risicoscreener.evaluation.sequential import BettingSequence, CohortProcess, EProcess
from risicoscreener.evaluation.sequential.bets import STEPS
from risicoscreener.evaluation.sequential.confidence import BREAKS
from risicoscreener.evaluation.sequential.slope import SLOPE_STEPS
from risicoscreener.monitoring.baseline import group_columns, keys_of, part_names
from risicoscreener.monitoring.periods import later
from risicoscreener.monitoring.settings import MonitorSettings, StreamSettings
from risicoscreener.monitoring.state import (
    Baseline,
    BinnedState,
    CusumState,
    MonitorState,
    PartState,
    Point,
    SequenceState,
    StreamState,
)

IN_USE, BY_COHORT = "all", "screened since"
"""Parts of streams of outcomes: bets on all that comes in, and on who was screened from a period
on. The e-value is the mean of both."""
BEGAN_WITH = {"support": ("outside", "insufficient")}
"""By kind the parts with which earlier versions began: such a test goes on with those it has, as
a bet that is added on the way would spoil the promise of the others."""
LARGEST = 1e12
"""Beyond it nothing is counted, and no logarithm of a wealth is."""
NOT_WHOLE = "expected the file as an earlier run wrote it: go on with a copy, or start anew without"


def first_streams(settings: MonitorSettings, baseline: Baseline) -> dict[str, StreamState]:
    """The streams before the first period."""
    bins = baseline.binned()
    return {
        key: _first(stream, key, settings, baseline, part_names(stream, bins))
        for key, stream, _ in keys_of(settings, baseline.groups)
    }


def _first(
    stream: StreamSettings,
    key: str,
    settings: MonitorSettings,
    baseline: Baseline,
    names: tuple[str, ...],
) -> StreamState:
    if stream.kind == "cusum":
        return StreamState(parts={}, cusum=CusumState(limits=baseline.limits[key]))
    bets = 2 * len(SLOPE_STEPS if stream.kind == "slope" else STEPS)
    process = PartState.of(EProcess.of(bets, mean_wait=settings.mean_wait))
    parts = dict.fromkeys(names, process)
    if stream.needs == "outcomes":
        by_cohort = CohortProcess.of(bets, mean_wait=settings.mean_wait)
        parts = {IN_USE: process, BY_COHORT: PartState.of(by_cohort)}
    sequence = None
    if stream.kind == "calibration" and stream.timing == "matured":
        sequence = SequenceState.of(BettingSequence.of(1 - settings.level))
    return StreamState(parts=parts, sequence=sequence)


def begun_before(kind: str, stream: StreamState) -> bool:
    """Whether an earlier version began a stream, with fewer parts than one would begin with now."""
    return kind in BEGAN_WITH and set(stream.parts) == set(BEGAN_WITH[kind])


def checked_state(
    state: MonitorState, settings: MonitorSettings, name: str = "the state"
) -> MonitorState:
    """A state that can go on: it belongs to a configuration and is whole.

    Parameters
    ----------
    state
        As it was read.
    settings
        The configuration that it should belong to.
    name
        What it is called if something is wrong, such as its file.

    Returns
    -------
    The state with its parts in the order of what was counted of them.

    Raises
    ------
    MonitoringError
        If it belongs to another configuration, or lacks something.
    """
    if state.settings != settings.digest:
        raise MonitoringError(
            f"{name} belongs to another configuration: its tests depend on streams, levels, "
            "tolerances and dates; go on with that configuration, or start anew without the state"
        )
    for problem in _problems(state, settings):
        raise MonitoringError(f"{name} {problem}; {NOT_WHOLE}")
    expected = first_streams(settings, state.baseline)
    streams = {
        key: msgspec.structs.replace(
            stream,
            parts={
                part: stream.parts[part] for part in expected[key].parts if part in stream.parts
            },
        )
        for key, stream in state.streams.items()
    }
    return msgspec.structs.replace(state, streams=streams)


def _problems(state: MonitorState, settings: MonitorSettings) -> Iterator[str]:
    """What is wrong with a state, each thing only if what it rests on is right."""
    yield from _of_baseline(state.baseline, settings)
    yield from _of_periods(state, settings)
    expected = first_streams(settings, state.baseline)
    odd = sorted(set(expected) ^ set(state.streams))
    if odd:
        yield f"has another stream than expected, {odd[0]}"
    for key, stream, _ in keys_of(settings, state.baseline.groups):
        for problem in _of_stream(state, key, stream, expected[key]):
            yield f"is wrong in stream {key}: {problem}"


def _of_baseline(baseline: Baseline, settings: MonitorSettings) -> Iterator[str]:
    for column in group_columns(settings):
        if column not in baseline.groups:
            yield f"lacks the groups of {column}"
    for name in _columns(settings, baseline):
        if name not in baseline.bins:
            yield f"lacks the bins of {name}"
    for name, bins in baseline.bins.items():
        if not _is_binned(bins):
            yield f"has bins of {name} that are none"
    for key, stream, _ in keys_of(settings, baseline.groups):
        limits = baseline.limits.get(key, (0.0,))
        if stream.kind == "cusum" and not 0 < min(limits) <= max(limits) <= LARGEST:
            yield f"lacks the limits of {key}"
    yield from _of_timing(baseline, settings)


def _columns(settings: MonitorSettings, baseline: Baseline) -> Iterator[str]:
    """Columns of which there must be bins."""
    for stream in settings.streams:
        if stream.kind == "score":
            yield "score"
        elif stream.kind in ("features", "missing"):
            yield from stream.features or ()
            if not baseline.bins:
                yield "any feature"


def _is_binned(bins: BinnedState) -> bool:
    rising = all(low < high for low, high in pairwise(bins.edges))
    return rising and len(bins.counts) == len(bins.edges) + 2 and min(bins.counts) >= 0


def _of_timing(baseline: Baseline, settings: MonitorSettings) -> Iterator[str]:
    if any(one.needs == "outcomes" and one.counts_months for one in settings.streams):
        if not baseline.timing:
            yield "lacks the timing of outcomes"
        if any(one.below >= other.below for one, other in pairwise(baseline.timing)):
            yield "has a timing of outcomes whose parts do not rise in risk"
    try:
        for one in baseline.timing:
            one.process()
    except EvaluationError as error:
        yield f"has a timing of outcomes that is none ({error})"


def _of_periods(state: MonitorState, settings: MonitorSettings) -> Iterator[str]:
    for number, name in enumerate(state.periods):
        due = f"{later(settings.from_, number * settings.period_months):%Y-%m}"
        if name != due:
            yield f"has period {name} where {due} is due"
    if len(state.queue) != len(state.periods) or not _are_counts(state.queue):
        yield "does not have a queue for each period"


def _of_stream(
    state: MonitorState, key: str, stream: StreamSettings, expected: StreamState
) -> Iterator[str]:
    found = state.streams[key]
    names = set(expected.parts)
    if begun_before(stream.kind, found):
        names = set(found.parts)
    if set(found.parts) != names:
        yield f"it has another part than expected, {sorted(set(found.parts) ^ names)[0]}"
    if tuple(point.period for point in found.points) != tuple(state.periods):
        yield "it has other periods than the state"
    if found.alarm and found.alarm not in state.periods:
        yield f"its alarm is of {found.alarm}, which was not counted"
    counts = 0 if stream.needs == "outcomes" or stream.kind == "volume" else len(names)
    if not all(_is_point(point, counts) for point in found.points):
        yield "it has a count that is none"
    ranges = state.baseline.ranges.get(key, {})
    for part in names if stream.needs != "outcomes" else ():
        if part not in ranges or not 0 <= ranges[part].low <= ranges[part].high:
            yield f"it has no range of {part}"
    for part in names:
        if not _goes_on(found.parts[part], expected.parts[part], len(state.periods)):
            yield f"it holds a bet that is none, on {part}"
    yield from _of_charts(found, expected)


def _is_point(point: Point, parts: int) -> bool:
    counted = (point.n, point.observed, point.expected, point.variance, *point.hits)
    return _are_counts(counted) and abs(point.log_e) <= LARGEST and len(point.hits) == parts


def _are_counts(values: Iterable[float]) -> bool:
    return all(0 <= one <= LARGEST for one in values)


def _goes_on(found: PartState, expected: PartState, periods: int) -> bool:
    """Whether a bet is one of the kind that was begun, after so many periods."""
    many = expected.bets * (periods if expected.by_cohort else 1)
    begun = (expected.bets, expected.by_cohort, expected.first, expected.mean_wait)
    wealth = [one for one in found.log_wealth if one is not None]
    return (
        begun == (found.bets, found.by_cohort, found.first, found.mean_wait)
        and (found.periods, len(found.log_wealth)) == (periods, many)
        and all(abs(one) <= LARGEST for one in (*wealth, found.log_largest))
    )


def _of_charts(found: StreamState, expected: StreamState) -> Iterator[str]:
    """Of kinds that have a confidence sequence or a CUSUM."""
    if (found.sequence is None) != (expected.sequence is None):
        yield "its confidence sequence is not what was begun"
    elif found.sequence is not None and expected.sequence is not None:
        one = found.sequence
        many = {len(one.log_up), len(one.log_down)}
        logs = [abs(log) for log in (*one.log_up, *one.log_down) if log is not None]
        counts = _are_counts((one.n, one.total, one.squares, *logs))
        if many != {BREAKS + 1} or one.level != expected.sequence.level or not counts:
            yield "its confidence sequence is none"
    if (found.cusum is None) != (expected.cusum is None):
        yield "its CUSUM is not what was begun"
    elif found.cusum is not None and expected.cusum is not None:
        sums = (*found.cusum.values, *found.cusum.largest)
        if found.cusum.limits != expected.cusum.limits or not _are_counts(sums):
            yield "its CUSUM is none"
