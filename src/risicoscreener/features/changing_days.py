"""On which days features of people can change, read off the plan that computes them.

What can happen: a fact becomes known, is replaced, begins or ends, a field of it comes to be known,
or it passes the edge of a window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from risicoscreener.dossier.schema import TableSpec, tables
from risicoscreener.features.definition import GIVEN, OF_FEATURES, Feature
from risicoscreener.features.kernels import kernel
from risicoscreener.features.many import FAR, EventTables, meets
from risicoscreener.features.plan import FeaturePlan, RowFeature, RowFilter

MOVES = {"days_since_last": 1.0, "days_since_first": 1.0, "days_until": -1.0}
"""By how much these change from one day to the next, as long as the same rows match."""

NOTHING = float("inf")
"""Stands for "no row matched" where a value that moves would otherwise hide it."""

Moment = tuple[str, int]
"""A date field, and a number of days after it."""


@dataclass(frozen=True)
class Part:
    """Features that are computed on the same days.

    Attributes
    ----------
    table
        Whose rows they are made of; None for codes of the person.
    plan
        The features without caps; those that move tell "no row matched" by `NOTHING`.
    moments
        For each filter the days on which a row that passes it can change a value.
    stays
        The days on which a detention can change a value that counts since the arrival.
    measured
        Whether it is measured on the next day by how much the values move.
    daily
        Whether the values can change on any day.
    """

    table: str | None
    plan: FeaturePlan
    moments: dict[RowFilter, frozenset[Moment]] = field(default_factory=dict)
    stays: frozenset[Moment] = frozenset()
    measured: bool = False
    daily: bool = False


class DailyPlan:
    """A plan, and how each of its features moves from day to day.

    Attributes
    ----------
    parts
        Features that are computed from rows, on the days on which they can change.
    still
        Features made of others that stand still between those days, in the order of need.
    on_each_day
        Features that are filled or computed for every day, in the order of need.
    again
        Columns of features that have a later column too.
    """

    def __init__(self, plan: FeaturePlan) -> None:
        self.plan = plan
        self.parts = tuple(_parts(plan))
        self.slope = {name: s for name, f in plan.features.items() if (s := _slope(f)) is not None}
        resting: set[str] = set()
        for name, feature in plan.features.items():
            if _stands_still(feature, resting):
                resting.add(name)
        self.resting = frozenset(resting)
        self.still = tuple(f for f in plan.features.values() if f.inputs and f.name in self.resting)
        needed = set(plan.names)
        for name, feature in plan.features.items():
            if name not in resting:
                needed |= {name, *feature.inputs}
        self.on_each_day = tuple(f for f in plan.features.values() if f.name in needed)
        last = {name: column for column, name in enumerate(plan.names)}
        self.again = tuple(c for c, name in enumerate(plan.names) if last[name] != c)


def _parts(plan: FeaturePlan) -> Iterator[Part]:
    for table, items in plan.of_rows.items():
        groups: dict[tuple[bool, bool], list[RowFeature]] = {}
        for item in items:
            measured = item.feature.aggregate == "days_covered"
            groups.setdefault((measured, _is_daily(item.feature)), []).append(item)
        for (measured, daily), chosen in groups.items():
            bare = {item.feature.name: _bare(item.feature) for item in chosen}
            rows = tuple(replace(item, feature=bare[item.feature.name]) for item in chosen)
            part = FeaturePlan(tuple(bare), bare, {table: rows})
            moments = {} if daily else _moments(table, rows)
            yield Part(table, part, moments, _moments_of_stays(rows), measured, daily)
    personal = {f.name: f for f in plan.features.values() if f.aggregate in ("person", GIVEN)}
    if personal:
        yield Part(None, FeaturePlan(tuple(personal), personal, {}))


def _is_daily(feature: Feature) -> bool:
    return feature.aggregate == "kernel" and not kernel(str(feature.kernel)).steady


def _slope(feature: Feature) -> float | None:
    return MOVES.get(feature.aggregate)


def _stands_still(feature: Feature, resting: set[str]) -> bool:
    if feature.aggregate in OF_FEATURES:
        return resting.issuperset(feature.inputs)
    return feature.aggregate not in (*MOVES, "days_covered", "age")


def _bare(feature: Feature) -> Feature:
    """The feature without what would hide by how much it moves."""
    if feature.aggregate in MOVES:
        return replace(feature, cap=None, none_value=NOTHING)
    return replace(feature, cap=None) if feature.aggregate == "days_covered" else feature


def _moments(table: str, items: Sequence[RowFeature]) -> dict[RowFilter, frozenset[Moment]]:
    found: dict[RowFilter, set[Moment]] = {}
    for item in items:
        found.setdefault(item.filter, set()).update(_moments_of(item, tables()[table]))
    return {each: frozenset(moments) for each, moments in found.items()}


def _moments_of(item: RowFeature, spec: TableSpec) -> Iterator[Moment]:
    """Days on which a row that may match begins or ceases to, or counts otherwise."""
    feature, row_filter = item.feature, item.filter
    on, covered = row_filter.on, feature.aggregate == "days_covered"
    yield "recorded_at", 0
    for condition in row_filter.conditions:
        if condition.known_from:
            yield condition.known_from, 0
    if item.column is not None and item.column.known_from:
        yield item.column.known_from, 0
    if on != spec.starts:  # a row is recorded when it has begun
        yield on, 0
    if row_filter.open or covered:
        yield str(spec.ends), 0
    edges = [feature.skip_days, feature.window_days or 0]
    if feature.bin_days is not None:
        edges = list(range(0, edges[1] + 1, feature.bin_days))
    for edge in edges:
        if edge:
            yield on, edge
            if covered:
                yield str(spec.ends), edge


def _moments_of_stays(items: Sequence[RowFeature]) -> frozenset[Moment]:
    """Days on which a stay begins or ends to be the current one, or its arrival passes an edge."""
    bound = [item.feature for item in items if item.feature.since_arrival]
    if not bound:
        return frozenset()
    edges = {f.window_days for f in bound if f.aggregate == "days_covered"} - {None}
    return frozenset(
        {("recorded_at", 0), ("released_on", 0), *(("arrived_on", int(e or 0)) for e in edges)}
    )


class Facts:
    """The rows of one table of some people that follow each other, and whose each is."""

    def __init__(self, events: EventTables, table: str, people: slice) -> None:
        offsets = events.offsets(table)
        counts = np.diff(offsets[people.start : people.stop + 1])
        self.events, self.table = events, tables()[table]
        self.rows = slice(int(offsets[people.start]), int(offsets[people.stop]))
        self.owners = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        replaced = events.replaced_on(table)
        self.replaced = None if replaced is None else replaced[self.rows]

    def take(self, name: str) -> np.ndarray:
        """A column at these rows."""
        return self.events.column(self.table.name, name)[self.rows]

    def counting(self) -> np.ndarray:
        """Whether each row is a fact, not the withdrawal of one; a new array."""
        if self.events.has_void(self.table.name):
            found: np.ndarray = self.take("void") <= 0
            return found
        return np.ones(len(self.owners), dtype=bool)


class Calendar:
    """The days of some people on which values can change, as marks of shape (people, days)."""

    def __init__(self, n_people: int, first: int, n_days: int) -> None:
        self.first = first
        self.marks = np.zeros((n_people, n_days), dtype=bool)
        self.marks[:, 0] = True

    def mark(self, owners: np.ndarray, days: np.ndarray) -> None:
        """Mark a day for each of some people; days outside the calendar are nothing."""
        at = days - self.first
        inside = np.flatnonzero((at > 0) & (at < self.marks.shape[1]))
        self.marks[owners[inside], at[inside]] = True

    def mark_moments(self, facts: Facts, chosen: np.ndarray, moments: frozenset[Moment]) -> None:
        """Mark the moments of some rows, and the days on which they are replaced."""
        owners = facts.owners[chosen]
        for name, after in moments:
            self.mark(owners, facts.take(name)[chosen] + np.int32(after))
        if facts.replaced is not None:
            self.mark(owners, facts.replaced[chosen])

    def mark_known(self, facts: Facts) -> None:
        """Mark the days on which it can change whether any row of a person is visible."""
        counting = facts.counting()
        recorded = facts.take("recorded_at")
        earliest = np.full(len(self.marks), FAR, dtype=np.int32)
        np.minimum.at(earliest, facts.owners[counting], recorded[counting])
        self.mark(np.arange(len(earliest)), earliest)
        if facts.replaced is None:
            return
        corrected = np.zeros(len(self.marks), dtype=bool)
        corrected[facts.owners[facts.replaced < FAR]] = True
        chosen = np.flatnonzero(counting & corrected[facts.owners])
        self.mark_moments(facts, chosen, frozenset({("recorded_at", 0)}))


def may_match(facts: Facts, row_filter: RowFilter) -> np.ndarray:
    """Rows that match a filter on some day, perhaps."""
    possible = facts.counting()
    for condition in row_filter.conditions:
        met = meets(condition, facts.table.columns[condition.field], facts.take(condition.field))
        if condition.test != "absent":
            possible &= met
        elif not condition.known_from:
            possible &= ~met
    return np.flatnonzero(possible)
