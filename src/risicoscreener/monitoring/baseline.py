"""What is learnt from the reference: groups, bins, ranges, timing and limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from risicoscreener.decision import OUTCOMES
from risicoscreener.dossier.schema import day_number
from risicoscreener.errors import MonitoringError
from risicoscreener.evaluation.sequential import (
    Binned,
    TimingCurve,
    cusum_limit,
    tolerated_range,
    tolerated_rate,
)
from risicoscreener.monitoring.settings import MonitorSettings, StreamSettings
from risicoscreener.monitoring.state import Baseline, BinnedState, Range, Timing
from risicoscreener.monitoring.tables import NEVER, Followed, Screenings

Group = tuple[str, str]
"""Column and label; both empty for everybody."""
EVERYBODY: Group = ("", "")

FEWEST_OUTCOMES = 50
"""Outcomes from which their timing is learnt; with fewer a curve must be given."""
MOST_CURVES = 3
"""Of low, middle and high risk."""
SCORE = "score"
OTHER = "other"
"""What groups are counted as that are small, or were not there, in the reference."""
NOT_KNOWN = "unknown"
BETWEEN = " – "
"""Stands between the limits of a bin."""
DEEP = "deep_assessment"
OUTSIDE = ("outside", "insufficient", NOT_KNOWN)
BINNED = ("score", "features")


def learn(settings: MonitorSettings, reference: Screenings, followed: Followed | None) -> Baseline:
    """What later periods are compared with.

    Parameters
    ----------
    reference
        Screenings in the time of the reference.
    followed
        Those of which the outcome was complete before the first period; None without outcomes.

    Raises
    ------
    MonitoringError
        If the reference is empty, or does not hold what a stream needs.
    """
    if not len(reference):
        raise MonitoringError(
            f"there are no screenings from {settings.reference.from_} to "
            f"{settings.reference.until}; expected those of the reference"
        )
    bins = _bins(settings, reference)
    groups = {name: _groups(settings, reference, name) for name in group_columns(settings)}
    keys = list(keys_of(settings, groups))
    hits = {
        key: reference_hits(
            stream,
            settings,
            reference.rows(members(reference, group, groups)),
            bins,
            whole=group == EVERYBODY,
        )
        for key, stream, group in keys
    }
    many = max(sum(len(parts) for parts in hits.values()), 1)
    alpha = settings.reference.alpha / many
    limits = {
        key: _limits(stream, settings, _like(settings, reference, group, groups))
        for key, stream, group in keys
        if stream.kind == "cusum"
    }
    return Baseline(
        people=len(reference),
        groups=groups,
        bins={k: BinnedState(b.edges.tolist(), b.counts.tolist()) for k, b in bins.items()},
        ranges={key: _ranges(stream, hits[key], alpha) for key, stream, _ in keys},
        timing=_timing(settings, followed),
        limits=limits,
    )


def keys_of(
    settings: MonitorSettings, groups: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, StreamSettings, Group]]:
    """Key, settings and group of each stream, in order."""
    for stream in settings.streams:
        yield stream.name, stream, EVERYBODY
        for column in stream.by:
            for label in (*groups[column], OTHER):
                yield f"{stream.name}/{column}={label}", stream, (column, label)


def members(rows: Screenings, group: Group, groups: Mapping[str, Sequence[str]]) -> Any:
    """Which rows belong to a group, ``(n,)``; ``other`` are those in no group watched apart."""
    column, label = group
    if not column:
        return np.ones(len(rows), dtype=bool)
    labels = rows.labels(column)
    if label != OTHER:
        return labels == label
    return ~np.isin(labels.astype(str), list(groups[column]))


def group_columns(settings: MonitorSettings) -> tuple[str, ...]:
    """The columns by which streams are watched, each once."""
    return tuple(dict.fromkeys(name for stream in settings.streams for name in stream.by))


def features_of(stream: StreamSettings, screenings: Screenings) -> tuple[str, ...]:
    """The features of a stream."""
    return stream.features or screenings.features


def _bins(settings: MonitorSettings, reference: Screenings) -> dict[str, Binned]:
    found: dict[str, Binned] = {}
    for stream in settings.streams:
        if stream.kind == "score":
            found[SCORE] = Binned.of(reference.probability, settings.bins)
        elif stream.kind in ("features", "missing"):
            names = features_of(stream, reference)
            if not names:
                raise MonitoringError(
                    f"stream {stream.name} has no features: no column of the screenings holds "
                    "numbers; expected feature columns"
                )
            for name in names:
                found[name] = Binned.of(reference.numbers(name), settings.bins)
    return found


def part_names(stream: StreamSettings, bins: dict[str, Binned]) -> tuple[str, ...]:
    """What a stream bets on, apart: the parts of its e-value."""
    if stream.kind == "score":
        return _of_bins(SCORE, bins[SCORE])
    if stream.kind in ("features", "missing"):
        names = _feature_names(stream, bins)
        if stream.kind == "missing":
            return names
        return tuple(part for name in names for part in _of_bins(name, bins[name])[:-1])
    return {
        "support": OUTSIDE,
        "outcomes": tuple(reversed(OUTCOMES)),
        "overrides": ("up", "down"),
    }.get(stream.kind, (stream.kind,))


def _of_bins(name: str, bins: Binned) -> tuple[str, ...]:
    """Names of the bins of a column; the last is for who it is not known of."""
    edges = [f"{edge:g}" for edge in bins.edges]
    if not edges:
        return f"{name}: any", f"{name}: {NOT_KNOWN}"
    between = [f"{a}{BETWEEN}{b}" for a, b in pairwise(edges)]
    names = [f"< {edges[0]}", *between, f">= {edges[-1]}", NOT_KNOWN]
    return tuple(f"{name}: {one}" for one in names)


def counted(
    stream: StreamSettings, settings: MonitorSettings, rows: Screenings, bins: dict[str, Binned]
) -> tuple[float, tuple[float, ...]]:
    """How many rows count for a stream of shares, and how many of each part.

    ``rows`` are screenings of a period, decisions for streams of decisions, and deep assessments
    that should be settled for the queue.
    """
    n = float(len(rows))
    if stream.kind == "score":
        return n, tuple(bins[SCORE].count(rows.probability))
    if stream.kind == "features":
        found: list[float] = []
        for name in _feature_names(stream, bins):
            found += bins[name].count(rows.numbers(name)).tolist()[:-1]
        return n, tuple(found)
    if stream.kind == "missing":
        return n, tuple(
            float((~np.isfinite(rows.numbers(name))).sum()) for name in _feature_names(stream, bins)
        )
    if stream.kind == "support":
        known = np.where(rows.support == "", NOT_KNOWN, rows.support)
        return n, tuple(float((known == name).sum()) for name in OUTSIDE)
    if stream.kind == "outcomes":
        return n, tuple(float((rows.outcome == name).sum()) for name in reversed(OUTCOMES))
    if stream.kind == "overrides":
        return n, tuple(float((rows.direction == name).sum()) for name in ("up", "down"))
    if stream.kind == "fast":
        known = np.isfinite(rows.seconds)
        return float(known.sum()), (float((rows.seconds[known] < settings.fast_seconds).sum()),)
    late = rows.settled_on > rows.as_of + settings.queue_days
    return n, (float((~late).sum()),)


def _feature_names(stream: StreamSettings, bins: dict[str, Binned]) -> tuple[str, ...]:
    return stream.features or tuple(sorted(name for name in bins if name != SCORE))


def reference_hits(
    stream: StreamSettings,
    settings: MonitorSettings,
    reference: Screenings,
    bins: dict[str, Binned],
    *,
    whole: bool,
) -> dict[str, tuple[float, float]]:
    """Of each part how many of how many in the reference; nothing for streams without a range.

    Raises
    ------
    MonitoringError
        If the reference holds nothing that counts for the stream.
    """
    if stream.needs == "outcomes":
        return {}
    if stream.kind == "volume":
        return {"volume": (float(len(reference)), settings.reference.months)}
    rows = reference
    if stream.needs == "decisions":
        until = day_number(settings.reference.until)
        rows = reference.rows((reference.direction != "") & (reference.decided_on <= until))
    elif stream.kind == "queue":
        last = day_number(settings.from_) - settings.queue_days
        rows = reference.rows((reference.outcome == DEEP) & (reference.as_of < last))
    n, hits = counted(stream, settings, rows, bins)
    names = part_names(stream, bins)
    if stream.kind == "support" and whole and not (rows.support != "").any():
        raise MonitoringError(
            f"stream {stream.name} needs <model>_support and the reference has none; expected "
            "inside, outside or insufficient"
        )
    if not n and whole:
        raise MonitoringError(
            f"stream {stream.name} has nothing to count in the reference from "
            f"{settings.reference.from_} to {settings.reference.until}; expected "
            + {"decisions": "decisions (direction, decided_on)"}.get(
                stream.needs, "rows that count"
            )
        )
    return {name: (hit, n) for name, hit in zip(names, hits, strict=True)}


def _ranges(
    stream: StreamSettings,
    hits: dict[str, tuple[float, float]],
    alpha: float,
) -> dict[str, Range]:
    """Ranges of the parts; of a group that was not in the reference nothing is ruled out."""
    found = {}
    for name, (hit, n) in hits.items():
        if not n:
            found[name] = Range(0.0, 1.0, 0.0)
            continue
        if stream.kind == "volume":
            low, high = tolerated_rate(hit, n, rate_ratio=stream.tolerated, alpha=alpha)
        else:
            low, high = tolerated_range(hit, n, odds_ratio=stream.tolerated, alpha=alpha)
        found[name] = Range(float(low), float(high), float(hit / n))
    return found


def _groups(settings: MonitorSettings, reference: Screenings, column: str) -> tuple[str, ...]:
    """Groups that are large enough to be watched apart."""
    labels, counts = np.unique(reference.labels(column).astype(str), return_counts=True)
    pairs = zip(labels.tolist(), counts.tolist(), strict=True)
    return tuple(label for label, n in pairs if label and n >= settings.fewest)


def _timing(settings: MonitorSettings, followed: Followed | None) -> tuple[Timing, ...]:
    """How outcomes come in, of people of low, middle and high risk where there are enough.

    Who has a high risk has the outcome earlier: one curve for all would make the slope look off.
    """
    if settings.timing.curve:
        return (Timing(1.0, settings.timing.curve),)
    if not any(one.needs == "outcomes" and one.counts_months for one in settings.streams):
        return ()
    days, p = _days_until(settings, followed)
    if len(days) < FEWEST_OUTCOMES:
        raise MonitoringError(
            f"the timing of outcomes cannot be learnt from {len(days)} outcomes that were complete "
            f"before {settings.from_}; expected {FEWEST_OUTCOMES} or more, or timing.curve in the "
            'configuration, or timing = "matured" for streams of outcomes'
        )
    parts = min(MOST_CURVES, len(days) // FEWEST_OUTCOMES)
    edges = [*np.unique(np.quantile(p, np.arange(1, parts) / parts)).tolist(), 1.0]
    place = np.searchsorted(edges[:-1], p, side="right")
    found = []
    for number, edge in enumerate(edges):
        curve = TimingCurve.of(days[place == number] if (place == number).any() else days)
        pairs = zip(curve.days.tolist(), curve.shares.tolist(), strict=True)
        found.append(Timing(edge, tuple(pairs)))
    return tuple(found)


def _days_until(
    settings: MonitorSettings, followed: Followed | None
) -> tuple[np.ndarray, np.ndarray]:
    """Days from the start until registration of outcomes in the reference that are complete.

    And what their probability was.
    """
    if followed is None:
        return np.empty(0), np.empty(0)
    window = settings.horizon_days + settings.timing.lag_days
    complete = followed.start_on + window <= day_number(settings.from_)
    days = followed.registered_on - followed.start_on
    p = followed.screenings.probability
    there = complete & (followed.registered_on < NEVER) & (days <= window) & np.isfinite(p)
    return days[there].astype(np.float64), p[there]


def _like(
    settings: MonitorSettings,
    reference: Screenings,
    group: Group,
    groups: Mapping[str, Sequence[str]],
) -> Screenings:
    """Who a group will be like: its members in the reference; if these are few, everybody.

    Groups that are new count as other: as many people may come as there are.
    """
    rows = reference.rows(members(reference, group, groups))
    few = np.isfinite(rows.probability).sum() < settings.fewest
    return reference if few or group[1] == OTHER else rows


def _limits(
    stream: StreamSettings, settings: MonitorSettings, reference: Screenings
) -> tuple[float, float]:
    """Limits of a CUSUM for more outcomes than predicted, and for fewer.

    Half of the level for each.

    Raises
    ------
    MonitoringError
        If no probability in the reference is between 0 and 1.
    """
    p = reference.probability[np.isfinite(reference.probability)]
    p = p[(p > 0) & (p < 1)]
    if not len(p):
        raise MonitoringError(
            f"stream {stream.name} has no probability between 0 and 1 in the reference; expected "
            "those from which its limits are drawn"
        )
    asked = settings.cusum
    people = max(round(len(p) / settings.reference.months * 12 * asked.years), 1)

    def limit(ratio: float) -> float:
        return cusum_limit(
            p,
            ratio,
            people=people,
            level=asked.level / 2,
            runs=asked.runs,
            seed=asked.seed,
        )

    return limit(stream.tolerated), limit(1 / stream.tolerated)


def reference_of(settings: MonitorSettings, screenings: Screenings) -> Screenings:
    """The screenings in the time of the reference."""
    until = settings.reference.until + dt.timedelta(days=1)
    return screenings.between(settings.reference.from_, until)
