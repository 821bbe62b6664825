"""The plan for tables: array operations over blocks of index rows, linear in events.

Rows of a table stand in the order of the persons, so the rows of an index row are one segment.
A filter becomes the positions of its matching rows, found once for all features that share it,
and each aggregation is one reduction over those positions. Sums are added in the order of the
rows, as `one` adds them, so that results are equal to the last bit.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from risicoscreener.dossier.schema import Column, persons, tables
from risicoscreener.dossier.tables import DossierTables
from risicoscreener.features.compiled import compiled
from risicoscreener.features.definition import GIVEN, Feature
from risicoscreener.features.events import FAR, EventTables, first_of_each
from risicoscreener.features.kernels import kernel
from risicoscreener.features.one import DAYS_PER_YEAR
from risicoscreener.features.plan import FeaturePlan, RowFeature, RowFilter
from risicoscreener.features.segments import Rows, Segments, all_of, meets

__all__ = [
    "BLOCK",
    "FAR",
    "EventTables",
    "age_on",
    "capped",
    "compute_block",
    "compute_many",
    "meets",
    "of_features",
]

_LOW_BITS = 2**18 - 1

BLOCK = 32_768
"""Index rows worked on at a time, so that what a block touches stays in the cache."""


def compute_many(
    plan: FeaturePlan,
    dossiers: DossierTables,
    persons_at: np.ndarray,
    days_at: np.ndarray,
    *,
    n_threads: int | None = None,
    on_block: Callable[[int], None] | None = None,
) -> np.ndarray:
    """Values of ``plan.names`` for index rows.

    Parameters
    ----------
    persons_at
        Position of the person of each index row, shape (n,), int.
    days_at
        The day of each index row, in days since 1970-01-01, shape (n,), int32.
    n_threads
        Blocks worked on at once; the number of processors by default.
    on_block
        Called with the number of rows done, for a progress bar.

    Returns
    -------
    ndarray of shape (n, len(plan.names)), float64, in column order, NaN where unknown.
    """
    n = len(persons_at)
    values = np.empty((n, len(plan.names)), dtype=np.float64, order="F")
    events = EventTables(dossiers)
    events.prepare(plan, persons_at)
    bounds = [(a, min(a + BLOCK, n)) for a in range(0, n, BLOCK)]

    def work(bound: tuple[int, int]) -> int:
        chosen = slice(*bound)
        values[chosen] = compute_block(plan, events, persons_at[chosen], days_at[chosen])
        return bound[1] - bound[0]

    with ThreadPoolExecutor(n_threads or os.cpu_count() or 1) as pool:
        for done in pool.map(work, bounds):
            if on_block is not None:
                on_block(done)
    return values


def compute_block(
    plan: FeaturePlan, events: EventTables, persons_at: np.ndarray, days_at: np.ndarray
) -> np.ndarray:
    """Values for the index rows of one block, in this thread; ``events`` must be prepared.

    They come from the compiled library as far as there is one and it makes them, to the last bit
    the same.

    Returns
    -------
    ndarray of shape (n, len(plan.names)), float64, in column order, NaN where unknown.
    """
    library = compiled(plan)
    if library is None:
        return _by_numpy(plan, events, persons_at, days_at)
    found = library.values(events.bound(library), persons_at, days_at)
    if found is None:
        return _by_numpy(plan, events, persons_at, days_at)
    if library.rest is None:
        return found
    values = np.empty((len(persons_at), len(plan.names)), dtype=np.float64, order="F")
    values[:, library.places] = found
    values[:, library.others] = _by_numpy(library.rest, events, persons_at, days_at)
    return values


def _by_numpy(
    plan: FeaturePlan, events: EventTables, persons_at: np.ndarray, days_at: np.ndarray
) -> np.ndarray:
    block = _Block(plan, events, persons_at, days_at)
    values = np.empty((len(persons_at), len(plan.names)), dtype=np.float64, order="F")
    for column, name in enumerate(plan.names):
        values[:, column] = block.values[name]
    return values


class _Block:
    """All features of a plan for some index rows."""

    def __init__(
        self, plan: FeaturePlan, events: EventTables, persons_at: np.ndarray, days_at: np.ndarray
    ) -> None:
        self.plan = plan
        self.events = events
        self.persons_at = np.asarray(persons_at, dtype=np.int64)
        self.days_at = np.asarray(days_at, dtype=np.int32)
        self.n = len(persons_at)
        self.values: dict[str, np.ndarray] = {}
        self.segments_of: dict[str, Segments] = {}
        same = self.n > 0 and bool((self.days_at == self.days_at[0]).all())
        self.one_day = self.days_at[0] if same else None
        self.arrival = self._arrival() if plan.needs_arrival else np.full(self.n, FAR)
        self.consulted = self._consulted()
        for table, features in plan.of_rows.items():
            self._table(table, features)
        for feature in plan.features.values():
            if feature.aggregate in ("age", "person"):
                self.values[feature.name] = self._of_person(feature)
            elif feature.aggregate == GIVEN:
                self.values[feature.name] = np.full(self.n, np.nan)
            elif feature.name not in self.values:
                self.values[feature.name] = capped(feature, of_features(feature, self.values))

    def _segments(self, table: str) -> Segments:
        if table not in self.segments_of:
            self.segments_of[table] = self._find_segments(table)
        return self.segments_of[table]

    def _find_segments(self, table: str) -> Segments:
        offsets = self.events.offsets(table)
        first, last = offsets[self.persons_at], offsets[self.persons_at + 1]
        counts = last - first
        segment = np.repeat(np.arange(self.n, dtype=np.int32), counts)
        rows: np.ndarray | slice
        if self.n and (first[1:] == last[:-1]).all():
            rows = slice(int(first[0]), int(last[-1]))
        else:
            before = np.cumsum(counts) - counts
            rows = np.arange(len(segment)) + np.repeat(first - before, counts)
        today = np.repeat(self.days_at, counts) if self.one_day is None else self.one_day
        return Segments(self.events, tables()[table], rows, segment, today, counts)

    def _arrival(self) -> np.ndarray:
        """Days since the arrival of the current detention; -1 where there is none."""
        stays = self._segments("detentions")
        chosen = np.flatnonzero(stays.visible & stays.open)
        ago = stays.today_of(chosen) - stays.take("arrived_on")[chosen]
        segment = stays.segment[chosen]
        first = first_of_each(segment)
        return _extreme(np.minimum, ago, segment, first, self.n, -1.0).astype(np.int32)

    def _consulted(self) -> dict[str, np.ndarray]:
        """For each table whether a complete inquiry into it is known, shape (n,)."""
        asked = self._segments("inquiries")
        chosen = np.flatnonzero(asked.visible & (asked.take("complete") == 1))
        subject = tables()["inquiries"].columns["subject"]
        subjects, segment = subject.codes, asked.segment[chosen]
        bits = _bit_of_code(subject)[asked.take("subject")[chosen]]
        joined = _joined_bits(bits, segment, first_of_each(segment), self.n)
        return {
            table: (joined & np.uint64(1 << subjects.index(table) if table in subjects else 0)) > 0
            for table in self.plan.of_rows
        }

    def _table(self, table: str, features: tuple[RowFeature, ...]) -> None:
        rows = self._segments(table)
        unknown = ~(self.consulted[table] | rows.has_visible)
        unknown_inside = unknown | (self.arrival < 0)
        reach: dict[RowFilter, float] = {}
        for item in features:
            reach[item.filter] = max(reach.get(item.filter, 0.0), self._reach(item.feature))
        matching: dict[RowFilter, Rows] = {}
        for item in features:
            if item.filter not in matching:
                matching[item.filter] = rows.matching(item.filter, reach[item.filter])
            values = self._of_rows(item, rows, matching[item.filter])
            values[unknown_inside if item.feature.since_arrival else unknown] = np.nan
            self.values[item.feature.name] = capped(item.feature, values)

    def _reach(self, feature: Feature) -> float:
        """How many days ago a row can begin at most, in this block, if the feature looks at it."""
        if feature.aggregate == "days_covered":  # a spell that began before may run on
            return math.inf
        reach = math.inf if feature.window_days is None else feature.window_days - 1.0
        if feature.since_arrival:
            reach = min(reach, float(self.arrival.max(initial=0)))
        return reach

    def _of_rows(self, item: RowFeature, rows: Segments, found: Rows) -> np.ndarray:
        feature = item.feature
        if feature.aggregate == "days_covered":
            return self._covered(feature, rows, found)
        within = self._within(feature, found)
        none = np.nan if feature.none_value is None else float(feature.none_value)
        if within is not None and feature.aggregate in ("count", "any"):
            # Where only numbers of rows are wanted, which rows they are need not be gathered.
            counts = np.bincount(found.segment[np.flatnonzero(within)], minlength=self.n)
            return (counts > 0 if feature.aggregate == "any" else counts).astype(np.float64)
        if within is not None:
            found = found.where(within)
        match feature.aggregate:
            case "count":
                return found.counts.astype(np.float64)
            case "any":
                return (found.counts > 0).astype(np.float64)
            case "slope":
                weights = np.array(item.slope_weights)[found.ago // feature.bin_days]
                return _total(found.segment, weights, self.n)
            case "kernel":
                values = kernel(str(feature.kernel)).many(found.ago, found.segment, self.n)
                return np.where(found.counts > 0, values, none)
            case "days_since_last":
                return _extreme(np.minimum, found.ago, found.segment, found.first, self.n, none)
            case "days_since_first":
                return _extreme(np.maximum, found.ago, found.segment, found.first, self.n, none)
            case "age_at_first":
                oldest = _extreme(np.maximum, found.ago, found.segment, found.first, self.n, np.nan)
                return self._age_at(oldest, none)
        return self._of_field(item, rows, found, none)

    def _of_field(self, item: RowFeature, rows: Segments, found: Rows, none: float) -> np.ndarray:
        aggregate = item.feature.aggregate
        if aggregate == "distinct":
            return self._distinct(item, rows, found)
        if aggregate in ("last", "days_until"):
            values = np.full(self.n, none)
            values[found.segment[found.first]] = self._latest_values(item, rows, found)
            return values
        values, segment = self._field_values(item, rows, found.chosen), found.segment
        unknown = np.isnan(values)
        has_unknown = unknown.any()
        if has_unknown:
            known = np.flatnonzero(~unknown)
            values, segment = values[known], segment[known]
        if aggregate == "sum":
            return _total(segment, values, self.n)
        first = first_of_each(segment) if has_unknown else found.first
        largest = _extreme(np.maximum, values, segment, first, self.n, np.nan)
        if item.feature.none_value is not None:
            largest[found.counts == 0] = none
        return largest

    def _latest_values(self, item: RowFeature, rows: Segments, found: Rows) -> np.ndarray:
        """Of each segment the field on its latest day; NaN where rows of that day differ in it."""
        if len(found.ago) == len(found.first):  # at most one row each
            return self._field_values(item, rows, found.chosen)
        nearest = np.minimum.reduceat(found.ago, found.first)
        n_rows = np.diff(found.first, append=len(found.ago))
        latest = np.flatnonzero(found.ago == np.repeat(nearest, n_rows))
        values = self._field_values(item, rows, found.chosen[latest])
        if len(latest) == len(found.first):
            return values
        first = first_of_each(found.segment[latest])
        least, largest = np.minimum.reduceat(values, first), np.maximum.reduceat(values, first)
        return np.where(least == largest, least, np.nan)  # any that is NaN makes both NaN

    def _within(self, feature: Feature, found: Rows) -> np.ndarray | None:
        tests = []
        if feature.skip_days:
            tests.append(found.ago >= feature.skip_days)
        if feature.window_days is not None:
            tests.append(found.ago < feature.window_days)
        if feature.since_arrival:
            tests.append(found.ago <= self.arrival[found.segment])
        return all_of(tests) if tests else None

    def _covered(self, feature: Feature, rows: Segments, found: Rows) -> np.ndarray:
        ends, today = rows.take(str(rows.table.ends))[found.chosen], rows.today_of(found.chosen)
        begin, end = found.ago, np.where(ends <= today, today - ends, 0)
        if feature.window_days is not None:
            begin = np.minimum(begin, feature.window_days)
        if feature.since_arrival:
            begin = np.minimum(begin, self.arrival[found.segment])
        within = np.flatnonzero(begin > end)
        return _joined_days(begin[within], end[within], found.segment[within], self.n)

    def _distinct(self, item: RowFeature, rows: Segments, found: Rows) -> np.ndarray:
        assert item.column is not None
        bits = _bit_of_code(item.column)[rows.take(item.column.name)[found.chosen]]
        if item.column.known_from:
            since = rows.take(item.column.known_from)[found.chosen]
            bits[since > rows.today_of(found.chosen)] = 0
        joined = _joined_bits(bits, found.segment, found.first, self.n)
        return np.bitwise_count(joined).astype(np.float64)

    def _field_values(self, item: RowFeature, rows: Segments, chosen: np.ndarray) -> np.ndarray:
        """A field as numbers at some rows, NaN where absent or not yet known."""
        column = item.column
        assert column is not None
        raw = rows.take(column.name)[chosen]
        values = raw.astype(np.float64)
        if column.kind == "code":
            lookup = [item.feature.values.get(code, np.nan) for code in column.codes]
            values = np.array([*lookup, np.nan], dtype=np.float64)[raw]
        elif column.kind == "date":
            values = (raw - rows.today_of(chosen)).astype(np.float64)
            values[raw >= FAR] = np.nan
        elif column.kind == "flag":
            values[raw < 0] = np.nan
        if column.known_from:
            late = rows.take(column.known_from)[chosen] > rows.today_of(chosen)
            values[late] = np.nan
        return values

    def _age_at(self, first_ago: np.ndarray, none: float) -> np.ndarray:
        born = self.events.column("persons", "birth_date")[self.persons_at]
        age = (self.days_at - born - first_ago) / DAYS_PER_YEAR
        return np.where(np.isnan(first_ago), none, age)

    def _of_person(self, feature: Feature) -> np.ndarray:
        if feature.aggregate == "age":
            born = self.events.column("persons", "birth_date")[self.persons_at]
            return capped(feature, age_on(self.days_at, born))
        codes = persons().columns[str(feature.field)].codes
        lookup = np.array([feature.values.get(code, np.nan) for code in codes] + [np.nan])
        values = lookup[self.events.column("persons", str(feature.field))[self.persons_at]]
        return capped(feature, values)


def age_on(days: np.ndarray, born: np.ndarray) -> np.ndarray:
    """Age in years, from days since 1970-01-01."""
    age: np.ndarray = (days - born) / DAYS_PER_YEAR
    return age


def capped(feature: Feature, values: np.ndarray) -> np.ndarray:
    """Values, none of which is more than the cap of their feature."""
    return values if feature.cap is None else np.minimum(values, float(feature.cap))


def _total(segment: np.ndarray, weights: np.ndarray, n: int) -> np.ndarray:
    """Sum by segment, added in the order of the rows (of no rows numpy gives integers)."""
    return np.bincount(segment, weights=weights, minlength=n).astype(np.float64, copy=False)


def _joined_days(begin: np.ndarray, end: np.ndarray, segment: np.ndarray, n: int) -> np.ndarray:
    """By segment the days in at least one spell, each from its end to its begin in days ago."""
    if not len(segment):
        return np.zeros(n)
    # In order of segment and end, as one number each, which sorts many times faster than three.
    spells = np.sort((segment.astype(np.int64) << 36) | (end.astype(np.int64) << 18) | begin)
    owner, end, begin = spells >> 36, (spells >> 18) & _LOW_BITS, spells & _LOW_BITS
    furthest = np.maximum.accumulate((owner << 18) | begin)
    reached = np.zeros(len(spells), dtype=np.int64)
    same = owner[1:] == owner[:-1]
    reached[1:][same] = furthest[:-1][same] & _LOW_BITS
    days = np.maximum(begin - np.maximum(end, reached), 0)
    return _total(owner, days, n)


def _extreme(
    operation: np.ufunc,
    values: np.ndarray,
    segment: np.ndarray,
    first: np.ndarray,
    n: int,
    none: float,
) -> np.ndarray:
    """Smallest or largest value by segment, float64; ``none`` where a segment has no row."""
    result = np.full(n, none, dtype=np.float64)
    if len(first):
        result[segment[first]] = operation.reduceat(values, first)
    return result


def _bit_of_code(column: Column) -> np.ndarray:
    """For each code a bit of its own, and at the end, where -1 points, none."""
    bits = [1 << place for place in range(len(column.codes))]
    return np.array([*bits, 0], dtype=np.uint64)


def _joined_bits(bits: np.ndarray, segment: np.ndarray, first: np.ndarray, n: int) -> np.ndarray:
    """Bits that any value of a segment has; ``first`` has where each segment begins."""
    joined = np.zeros(n, dtype=np.uint64)
    if len(first):
        joined[segment[first]] = np.bitwise_or.reduceat(bits, first)
    return joined


def of_features(feature: Feature, values: dict[str, np.ndarray]) -> np.ndarray:
    """A feature that is made of others, from their values, each of shape (n,); without its cap."""
    if feature.aggregate == "ratio":
        top, bottom = values[str(feature.numerator)], values[str(feature.denominator)]
        none = np.nan if feature.none_value is None else float(feature.none_value)
        with np.errstate(divide="ignore", invalid="ignore"):
            result = np.where(bottom > 0.0, top / bottom * feature.scale, none)
        result[np.isnan(top) | np.isnan(bottom)] = np.nan
        return result
    if feature.aggregate == "linear":
        total = np.full(len(next(iter(values.values()))), feature.constant)
        for name, coefficient in feature.terms.items():
            total = total + coefficient * values[name]
        return total
    return _choose_case(feature, values)


def _choose_case(feature: Feature, values: dict[str, np.ndarray]) -> np.ndarray:
    otherwise = np.nan if feature.otherwise is None else float(feature.otherwise)
    result = np.full(len(next(iter(values.values()))), otherwise)
    for case in reversed(feature.cases):
        found = values[case.feature]
        result[(found >= case.low) & (found <= case.high)] = case.value
    for name in feature.requires:
        result[np.isnan(values[name])] = np.nan
    return result
