"""Runs what is watched over the periods that are over, from where an earlier run ended."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from risicoscreener.dossier.schema import EPOCH, day_number
from risicoscreener.errors import MonitoringError
from risicoscreener.evaluation.sequential import (
    CONTROLS,
    Cusum,
    mean_log_e,
    registered_factors,
    share_factors,
    slope_factors,
    volume_factors,
)
from risicoscreener.monitoring.baseline import (
    Group,
    counted,
    keys_of,
    learn,
    members,
    part_names,
    reference_of,
)
from risicoscreener.monitoring.counting import OutcomesNow, PeriodRows
from risicoscreener.monitoring.periods import Period, periods_over
from risicoscreener.monitoring.settings import MonitorSettings, StreamSettings
from risicoscreener.monitoring.state import (
    CusumState,
    MonitorState,
    PartState,
    Point,
    SequenceState,
    StreamState,
)
from risicoscreener.monitoring.tables import BUNDLE, Followed, Outcomes, Screenings, followed
from risicoscreener.monitoring.whole import BY_COHORT, IN_USE, checked_state, first_streams

if TYPE_CHECKING:
    from risicoscreener.monitoring.result import Monitored


def monitor(
    settings: MonitorSettings,
    screenings: Screenings,
    outcomes: Outcomes | None = None,
    *,
    as_of: dt.date,
    state: MonitorState | None = None,
) -> Monitored:
    """Watch a model in use, over all periods that are over.

    Parameters
    ----------
    settings
        From `read_settings`.
    screenings, outcomes
        All of them, those of the reference and of earlier periods too (`screenings_of`,
        `outcomes_of`). What came later than ``as_of`` is not looked at.
    as_of
        The day up to which the tables are complete.
    state
        Of an earlier run. Its periods are not counted again: a run for each month gives the same
        as one run over all.

    Raises
    ------
    MonitoringError
        If the tables do not hold what the streams need, the state belongs to another
        configuration or is not whole, or the day lies before the first period.
    """
    from risicoscreener.monitoring.result import Monitored

    if as_of < settings.from_:
        raise MonitoringError(
            f"as_of is {as_of}; expected {settings.from_} or later: until the first period begins "
            "the reference is not whole"
        )
    known = _as_known(screenings, as_of)
    awaited = None
    if outcomes is not None:
        awaited = followed(known, _outcomes_known(outcomes, as_of))
    _check_needs(settings, awaited)
    begun = _started(settings, known, awaited) if state is None else state
    state = checked_state(begun, settings)
    over = periods_over(settings.from_, settings.period_months, as_of)
    watched = known.rows(known.as_of >= day_number(settings.from_))
    in_use = None
    if awaited is not None:
        in_use = awaited.rows(awaited.screenings.as_of >= day_number(settings.from_))
    starts = tuple(period.start for period in over)

    baseline = state.baseline

    def rows_of(place: int) -> PeriodRows:
        return PeriodRows(over[place], starts[: place + 1], settings, baseline, watched, in_use)

    _check_over(state, over)
    revised, gone = _revised(state, [rows_of(place) for place in range(len(state.periods))])
    for place in range(len(state.periods), len(over)):
        state = _after(state, rows_of(place))
    again, bundles = _again(watched), _bundles(known)
    return Monitored(settings, state, as_of, revised, awaited, again, gone, bundles)


def _bundles(known: Screenings) -> tuple[tuple[str, dt.date], ...]:
    """The models that screenings were made with, by the first day of each."""
    if BUNDLE not in known.columns:
        return ()
    labels = known.labels(BUNDLE).astype(str)
    first = {name: known.as_of[labels == name].min() for name in np.unique(labels) if name}
    ordered = sorted(first.items(), key=lambda item: (item[1], item[0]))
    return tuple((name, EPOCH + dt.timedelta(days=int(day))) for name, day in ordered)


def _again(watched: Screenings) -> int:
    """People who were screened more than once."""
    _, times = np.unique(watched.person.astype(str), return_counts=True)
    return int((times > 1).sum())


def _as_known(screenings: Screenings, as_of: dt.date) -> Screenings:
    """What was known by a day: later screenings and decisions are not there."""
    last = day_number(as_of)
    return screenings.rows(screenings.as_of < last)


def _outcomes_known(outcomes: Outcomes, as_of: dt.date) -> Outcomes:
    there = outcomes.start_on < day_number(as_of)
    return Outcomes(outcomes.person[there], outcomes.start_on[there], outcomes.registered_on[there])


def _check_needs(settings: MonitorSettings, awaited: Followed | None) -> None:
    for stream in settings.streams:
        if stream.needs == "outcomes" and awaited is None:
            raise MonitoringError(
                f"stream {stream.name} needs outcomes and there are none; expected a table with "
                "person_id, start_on and registered_on"
            )


def _started(
    settings: MonitorSettings, known: Screenings, awaited: Followed | None
) -> MonitorState:
    baseline = learn(settings, reference_of(settings, known), awaited)
    streams = first_streams(settings, baseline)
    return MonitorState(settings=settings.digest, baseline=baseline, streams=streams)


def _check_over(state: MonitorState, over: tuple[Period, ...]) -> None:
    """The periods of a state are over.

    Raises
    ------
    MonitoringError
        If the state goes on beyond the day that was asked.
    """
    if len(state.periods) > len(over):
        last = list(state.periods)[-1]
        raise MonitoringError(
            f"the state has counted {last}, which is not over on the day asked; expected a later "
            "day (look whether the clock went back), or no state"
        )


def _revised(
    state: MonitorState, counted: list[PeriodRows]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Counted periods that have more screenings or outcomes now, and those that only have fewer."""
    revised, gone = [], []
    for place, rows in enumerate(counted):
        name = rows.period.name
        apart = [len(rows.screened) - state.periods[name]]
        apart += [
            int(now.outcome.sum() - point.observed)
            for now, point in _outcomes_counted(state, rows, place)
        ]
        if max(apart) > 0:
            revised.append(name)
        elif min(apart) < 0:
            gone.append(name)
    return tuple(revised), tuple(gone)


def _outcomes_counted(
    state: MonitorState, rows: PeriodRows, place: int
) -> Iterator[tuple[OutcomesNow, Point]]:
    """For each stream of outcomes of everybody what there is now, and what was counted."""
    for stream in rows.settings.streams:
        if stream.needs == "outcomes":
            yield rows.outcomes(stream), state.streams[stream.name].points[place]


def _after(state: MonitorState, rows: PeriodRows) -> MonitorState:
    """The state after one more period."""
    settings, baseline = rows.settings, state.baseline
    streams: dict[str, StreamState] = {}
    for key, stream, group in keys_of(settings, baseline.groups):
        one = _Watched(key, stream, group, rows)
        streams[key] = one.advanced(state.streams[key])
    name = rows.period.name
    for key in _alarms(settings, streams):
        if not streams[key].alarm:
            streams[key] = msgspec.structs.replace(streams[key], alarm=name)
    return msgspec.structs.replace(
        state,
        streams=streams,
        periods=state.periods | {name: len(rows.screened)},
        queue=(*state.queue, rows.waiting),
    )


def _alarms(settings: MonitorSettings, streams: dict[str, StreamState]) -> list[str]:
    """Keys of the streams that are alarms after their last point."""
    tested = [key for key, one in streams.items() if one.cusum is None]
    logs = [streams[key].points[-1].log_e for key in tested]
    found = CONTROLS[settings.control](logs, settings.alpha) if tested else ()
    raised = [key for key, alarm in zip(tested, found, strict=True) if alarm]
    return raised + [
        key
        for key, one in streams.items()
        if one.cusum is not None
        and any(
            largest > limit
            for largest, limit in zip(one.cusum.largest, one.cusum.limits, strict=True)
        )
    ]


@dataclass(frozen=True)
class _Watched:
    """One stream of one group in one period."""

    key: str
    stream: StreamSettings
    group: Group
    rows: PeriodRows

    def advanced(self, before: StreamState) -> StreamState:
        """Its state after the period."""
        if self.stream.kind == "cusum":
            return self._of_cusum(before)
        if self.stream.needs == "outcomes":
            return self._of_outcomes(before)
        if self.stream.kind == "volume":
            return self._of_volume(before)
        return self._of_shares(before)

    def _of_group(self, found: Screenings) -> np.ndarray:
        mask: np.ndarray = members(found, self.group, self.rows.baseline.groups)
        return mask

    def _outcomes(self) -> tuple[OutcomesNow, tuple[float, float, float, float]]:
        now = self.rows.outcomes(self.stream)
        now = now.rows(self._of_group(now.screenings))
        p, y = now.probability, now.outcome
        variance = float((p * (1 - p)).sum())
        return now, (float(len(p)), float(y.sum()), float(p.sum()), variance)

    def _of_outcomes(self, before: StreamState) -> StreamState:
        now, counts = self._outcomes()
        p, y = now.probability, now.outcome
        sequence = before.sequence
        if sequence is not None:
            sequence = SequenceState.of(sequence.sequence().advance((y - p + 1) / 2))
        shared: dict[str, Any] = {"cohort": now.cohort, "cohorts": len(self.rows.starts)}
        if self.stream.kind == "calibration":
            edge = math.log(self.stream.tolerated)
            factors = registered_factors(
                now.predicted, y, now.before, now.after, edge=edge, **shared
            )
        else:
            factors = slope_factors(
                p,
                y,
                predictor=now.predictor,
                offset=now.offset,
                edge=self.stream.tolerated,
                **shared,
            )
        processes = [
            before.parts[IN_USE].process().advance(factors.sum(axis=0)),
            before.parts[BY_COHORT].process().advance(factors),
        ]
        parts = dict(zip((IN_USE, BY_COHORT), map(PartState.of, processes), strict=True))
        return self._with(before, parts, counts, mean_log_e(processes), sequence=sequence)

    def _of_cusum(self, before: StreamState) -> StreamState:
        now, counts = self._outcomes()
        kept = before.cusum
        assert kept is not None
        up, down = (
            Cusum(ratio, limit, value, largest).advance(now.probability, now.outcome)
            for ratio, limit, value, largest in zip(
                (self.stream.tolerated, 1 / self.stream.tolerated),
                kept.limits,
                kept.values,
                kept.largest,
                strict=True,
            )
        )
        over = max(up.value / up.limit, down.value / down.limit)
        cusum = CusumState(kept.limits, (up.value, down.value), (up.largest, down.largest))
        return self._with(before, {}, counts, over, cusum=cusum)

    def _of_volume(self, before: StreamState) -> StreamState:
        n = float(self._of_group(self.rows.screened).sum())
        expected = self.rows.baseline.ranges[self.key]["volume"]
        months = self.rows.period.months
        factors = volume_factors(n, expected.low * months, expected.high * months)
        process = before.parts["volume"].process().advance(factors)
        mean = expected.reference * months
        parts = {"volume": PartState.of(process)}
        return self._with(before, parts, (n, n, mean, mean), process.log_e)

    def _of_shares(self, before: StreamState) -> StreamState:
        found = self._rows_of_shares()
        found = found.rows(self._of_group(found))
        bins = self.rows.bins
        n, hits = counted(self.stream, self.rows.settings, found, bins)
        ranges = self.rows.baseline.ranges[self.key]
        of_part = dict(zip(part_names(self.stream, bins), hits, strict=True))
        kept = {name: of_part[name] for name in before.parts}
        processes = {
            name: part.process().advance(
                share_factors(kept[name], n, ranges[name].low, ranges[name].high)
            )
            for name, part in before.parts.items()
        }
        shares = np.array([ranges[name].reference for name in processes])
        variance = float((shares * (1 - shares)).sum()) * n
        return self._with(
            before,
            {name: PartState.of(process) for name, process in processes.items()},
            (n, float(sum(kept.values())), n * float(shares.sum()), variance),
            mean_log_e(list(processes.values())),
            tuple(float(hit) for hit in kept.values()),
        )

    def _rows_of_shares(self) -> Screenings:
        if self.stream.kind == "queue":
            return self.rows.due
        decided = self.stream.needs == "decisions"
        return self.rows.decided if decided else self.rows.screened

    def _with(
        self,
        before: StreamState,
        parts: dict[str, PartState],
        counts: tuple[float, float, float, float],
        log_e: float,
        hits: tuple[float, ...] = (),
        **kept: Any,
    ) -> StreamState:
        """The state with one more point."""
        n, observed, expected, variance = map(float, counts)
        point = Point(self.rows.period.name, n, observed, expected, variance, float(log_e), hits)
        return StreamState(parts=parts, points=(*before.points, point), alarm=before.alarm, **kept)
