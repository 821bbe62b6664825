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
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.casting import as_one
from risicoscreener.dossier.checked import is_ascending
from risicoscreener.dossier.schema import Column, TableSpec, persons, tables
from risicoscreener.dossier.tables import DossierTables
from risicoscreener.features.compiled import BoundTables, CompiledPlan, compiled
from risicoscreener.features.definition import GIVEN, Feature
from risicoscreener.features.kernels import kernel
from risicoscreener.features.one import DAYS_PER_YEAR
from risicoscreener.features.plan import Condition, FeaturePlan, RowFeature, RowFilter

_LOW_BITS = 2**18 - 1

FAR = np.int32(2**30)
"""Stands for a day that never comes: an open end, an absent date."""

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


class EventTables:
    """Columns of the dossier tables as arrays, made when first needed."""

    def __init__(self, dossiers: DossierTables) -> None:
        self.dossiers = dossiers
        self.n_persons = dossiers.n_persons
        self._columns: dict[tuple[str, str], np.ndarray] = {}
        self._offsets: dict[str, np.ndarray] = {}
        self._replaced: dict[str, np.ndarray | None] = {}
        self._has_void: dict[str, bool] = {}
        self._bound: dict[int, tuple[CompiledPlan, BoundTables]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or another process needs; addresses mean nothing there."""
        return {**vars(self), "_bound": {}}

    def prepare(self, plan: FeaturePlan, persons_at: np.ndarray | None = None) -> None:
        """Make what a plan needs, before threads share it.

        Parameters
        ----------
        persons_at
            Position of the person of each index row, in the order in which they will be asked
            for. Where these ascend, each row of a table is needed once or a few times in a row:
            columns are then not made as a whole, which takes the memory of a second copy, but as
            far as a block needs.
        """
        library = compiled(plan)
        if library is not None:
            self.bound(library)
            if library.rest is None:
                return
            plan = library.rest
        needed = {("persons", "birth_date")}
        names = {*plan.of_rows, "detentions", "inquiries"}
        for feature in plan.features.values():
            if feature.aggregate == "person":
                needed.add(("persons", str(feature.field)))
        if persons_at is None or not is_ascending(persons_at):
            for name in names:
                fields = _fields_needed(name, plan.of_rows.get(name, ()))
                needed |= {(name, field) for field in fields}
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(lambda key: self.column(*key), sorted(needed)))
            list(pool.map(self._prepare_table, sorted(names)))

    def bound(self, library: CompiledPlan) -> BoundTables:
        """The columns in the order in which a plan in the compiled library wants them."""
        found = self._bound.get(id(library))
        if found is None:
            found = self._bound[id(library)] = library, BoundTables(library, self)
        return found[1]

    def _prepare_table(self, table: str) -> None:
        self.offsets(table)
        self.replaced_on(table)
        self.has_void(table)

    def column(self, table: str, name: str) -> np.ndarray:
        """A column: days and codes as int (absent: `FAR`, -1), numbers as float (absent: NaN)."""
        key = (table, name)
        if key not in self._columns:
            self._columns[key] = self._numbers(table, name, slice(None))
        return self._columns[key]

    def rows(self, table: str, name: str, rows: np.ndarray | slice) -> np.ndarray:
        """Some rows of a column, as `column` has them, made from no more rows than that spans."""
        whole = self._columns.get((table, name))
        if whole is not None:
            return whole[rows]
        if isinstance(rows, slice):
            return self._numbers(table, name, rows)
        if not len(rows):
            return self._numbers(table, name, slice(0, 0))
        span = slice(int(rows.min()), int(rows.max()) + 1)
        return self._numbers(table, name, span)[rows - span.start]

    def _numbers(self, table: str, name: str, rows: slice) -> np.ndarray:
        spec = persons() if table == "persons" else tables()[table]
        array = as_one(self.dossiers.tables[table].column(name))
        return _as_numpy(spec.columns[name], array[rows])

    def offsets(self, table: str) -> np.ndarray:
        """Where the rows of each person begin; one more for the end. Shape (n persons + 1,)."""
        if table not in self._offsets:
            owners = self.dossiers.owners(table)
            first = _first_of_each(owners)
            counts = np.zeros(self.n_persons + 1, dtype=np.int64)
            counts[owners[first] + 1] = np.diff(first, append=len(owners))
            self._offsets[table] = np.cumsum(counts)
        return self._offsets[table]

    def has_void(self, table: str) -> bool:
        """Whether any row withdraws another."""
        if table not in self._has_void:
            void = self.dossiers.tables[table].column("void")
            self._has_void[table] = bool(pc.any(void).as_py())
        return self._has_void[table]

    def replaced_on(self, table: str) -> np.ndarray | None:
        """For each row the day on which a correction replaced it; ``None`` if none was."""
        if table not in self._replaced:
            self._replaced[table] = self._find_replaced(table)
        return self._replaced[table]

    def visible_on(self, table: str, today: int) -> np.ndarray:
        """For each row whether it is known on a day, and neither withdrawn nor replaced by then.

        Parameters
        ----------
        today
            In days since 1970-01-01.

        Returns
        -------
        ndarray of shape (rows,), bool; `one.visible` says the same of a record.
        """
        seen: np.ndarray = self.column(table, "recorded_at") <= today
        if self.has_void(table):
            seen &= self.column(table, "void") <= 0
        replaced = self.replaced_on(table)
        if replaced is not None:
            seen &= replaced > today
        return seen

    def _find_replaced(self, table: str) -> np.ndarray | None:
        arrow = self.dossiers.tables[table]
        links = arrow.column("supersedes").combine_chunks()
        if links.null_count == len(links):
            return None
        owners, recorded = self.dossiers.owners(table), self.column(table, "recorded_at")
        ids = arrow.column("fact_id").combine_chunks()
        linking = np.flatnonzero(links.is_valid().to_numpy(zero_copy_only=False))
        corrects = np.zeros(self.n_persons, dtype=bool)
        corrects[owners[linking]] = True
        named = ids.is_valid().to_numpy(zero_copy_only=False) & corrects[owners]
        targets = np.flatnonzero(named)
        both = [links.take(pa.array(linking)), ids.take(pa.array(targets))]
        codes = pa.concat_arrays(both).dictionary_encode().indices.to_numpy().astype(np.int64)
        # Who and what as one number, so that an id means a fact of the same person.
        keys = codes + owners[np.concatenate((linking, targets))].astype(np.int64) * len(codes)
        wanted, offered = keys[: len(linking)], keys[len(linking) :]
        replaced = np.full(len(owners), FAR, dtype=np.int32)
        if len(targets):
            order = np.argsort(offered, kind="stable")
            place = np.minimum(np.searchsorted(offered[order], wanted), len(targets) - 1)
            target = order[place]
            found = offered[target] == wanted
            np.minimum.at(replaced, targets[target[found]], recorded[linking[found]])
        return replaced


def _fields_needed(table: str, features: tuple[RowFeature, ...]) -> set[str]:
    spec = tables()[table]
    needed = {"recorded_at", "void", str(spec.starts)}
    if table == "detentions":
        needed.add("released_on")
    if table == "inquiries":
        needed |= {"subject", "complete"}
    for item in features:
        needed.add(item.filter.on)
        if spec.ends is not None:
            needed.add(spec.ends)
        for condition in item.filter.conditions:
            needed |= {condition.field, condition.known_from} - {""}
        if item.column is not None:
            needed |= {item.column.name, item.column.known_from or ""} - {""}
    return needed


def _as_numpy(column: Column, array: pa.Array) -> np.ndarray:
    if column.kind == "date":
        return array.cast(pa.int32()).fill_null(int(FAR)).to_numpy(zero_copy_only=False)
    if column.kind == "code":
        return array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    if column.kind == "flag":
        return array.cast(pa.int8()).fill_null(-1).to_numpy(zero_copy_only=False)
    if column.kind == "text":
        return array.is_valid().to_numpy(zero_copy_only=False).astype(np.int8) - 1
    return array.cast(pa.float64()).to_numpy(zero_copy_only=False)


@dataclass
class _Segments:
    """The rows of one table for a block of index rows, flat.

    Attributes
    ----------
    rows
        Positions of the rows in the table, or a slice of it.
    segment
        Index row (within the block) of each row, ascending.
    today
        The day of its index row, for each row; one day if it is that for the whole block.
    counts
        Number of rows of each index row, shape (n,).
    """

    events: EventTables
    table: TableSpec
    rows: np.ndarray | slice
    segment: np.ndarray
    today: np.ndarray | np.int32
    counts: np.ndarray
    _taken: dict[str, np.ndarray] = field(default_factory=dict)
    _conditions: dict[Condition, np.ndarray] = field(default_factory=dict)

    def take(self, name: str) -> np.ndarray:
        """A column at the rows of this block."""
        if name not in self._taken:
            self._taken[name] = self.events.rows(self.table.name, name, self.rows)
        return self._taken[name]

    @cached_property
    def has_visible(self) -> np.ndarray:
        """For each index row whether any of its rows is visible, shape (n,)."""
        begins = np.cumsum(self.counts) - self.counts
        found = self.counts > 0
        if found.any():
            found[found] = np.logical_or.reduceat(self.visible, begins[found])
        return found

    def today_of(self, chosen: np.ndarray) -> np.ndarray | np.int32:
        """The day of some rows."""
        return self.today[chosen] if isinstance(self.today, np.ndarray) else self.today

    @cached_property
    def visible(self) -> np.ndarray:
        """Whether each row could be known on its day and was neither void nor replaced."""
        seen = self.take("recorded_at") <= self.today
        if self.events.has_void(self.table.name):
            seen &= self.take("void") <= 0
        replaced = self.events.replaced_on(self.table.name)
        if replaced is not None:
            seen &= replaced[self.rows] > self.today
        return seen

    @cached_property
    def open(self) -> np.ndarray:
        """Whether each spell is open on its day."""
        return self.take(str(self.table.ends)) > self.today

    def holds(self, condition: Condition) -> np.ndarray:
        """Whether each row meets a condition, as far as known on its day."""
        if condition not in self._conditions:
            self._conditions[condition] = self._holds(condition)
        return self._conditions[condition]

    def _holds(self, condition: Condition) -> np.ndarray:
        column = self.table.columns[condition.field]
        met = meets(condition, column, self.take(condition.field))
        if condition.known_from:
            met = met & (self.take(condition.known_from) <= self.today)
        return ~met if condition.test == "absent" else met

    def matching(self, row_filter: RowFilter, reach: float = math.inf) -> _Rows:
        """The rows that match, of no more days ago than ``reach``."""
        masks = [self.visible, *(self.holds(each) for each in row_filter.conditions)]
        if row_filter.open:
            masks.append(self.open)
        on = self.take(row_filter.on)
        if row_filter.on != self.table.starts:
            masks.append(on <= self.today)
        if reach < math.inf:
            masks.append(on >= self.today - np.int32(reach))
        chosen = np.flatnonzero(_all(masks))
        return _Rows(
            chosen, self.today_of(chosen) - on[chosen], self.segment[chosen], len(self.counts)
        )


@dataclass
class _Rows:
    """Rows that match a filter.

    Attributes
    ----------
    chosen
        Positions within the rows of the block.
    ago
        How many days ago each was.
    segment
        Index row of each, ascending.
    """

    chosen: np.ndarray
    ago: np.ndarray
    segment: np.ndarray
    n: int

    def where(self, mask: np.ndarray) -> _Rows:
        """Those of the rows for which a mask is true."""
        kept = np.flatnonzero(mask)
        return _Rows(self.chosen[kept], self.ago[kept], self.segment[kept], self.n)

    @cached_property
    def first(self) -> np.ndarray:
        """Positions at which an index row has its first row."""
        return _first_of_each(self.segment)

    @cached_property
    def counts(self) -> np.ndarray:
        """Number of rows of each index row, shape (n,)."""
        return np.bincount(self.segment, minlength=self.n)


def _all(masks: list[np.ndarray]) -> np.ndarray:
    joined = masks[0]
    for i, mask in enumerate(masks[1:]):
        joined = np.logical_and(joined, mask, out=joined if i else None)
    return joined


def meets(condition: Condition, column: Column, values: np.ndarray) -> np.ndarray:
    """Whether values meet a condition once they are known; for "absent", whether there are any."""
    if condition.test in ("present", "absent"):
        return _present(column, values)
    if condition.test == "in":
        met = np.zeros(len(values), dtype=bool)
        for code in condition.codes:
            met |= values == column.codes.index(code)
    elif condition.test == "flag":
        met = values == int(condition.flag)
    else:
        met = (values >= condition.low) & (values <= condition.high)
        if condition.test == "days":
            met &= _present(column, values)
    return met


def _present(column: Column, values: np.ndarray) -> np.ndarray:
    if column.kind == "date":
        return values < FAR
    if column.kind in ("integer", "number"):
        return ~np.isnan(values)
    return values >= 0


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
        self.segments_of: dict[str, _Segments] = {}
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

    def _segments(self, table: str) -> _Segments:
        if table not in self.segments_of:
            self.segments_of[table] = self._find_segments(table)
        return self.segments_of[table]

    def _find_segments(self, table: str) -> _Segments:
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
        return _Segments(self.events, tables()[table], rows, segment, today, counts)

    def _arrival(self) -> np.ndarray:
        """Days since the arrival of the current detention; -1 where there is none."""
        stays = self._segments("detentions")
        chosen = np.flatnonzero(stays.visible & stays.open)
        ago = stays.today_of(chosen) - stays.take("arrived_on")[chosen]
        segment = stays.segment[chosen]
        first = _first_of_each(segment)
        return _extreme(np.minimum, ago, segment, first, self.n, -1.0).astype(np.int32)

    def _consulted(self) -> dict[str, np.ndarray]:
        """For each table whether a complete inquiry into it is known, shape (n,)."""
        asked = self._segments("inquiries")
        chosen = np.flatnonzero(asked.visible & (asked.take("complete") == 1))
        subject = tables()["inquiries"].columns["subject"]
        subjects, segment = subject.codes, asked.segment[chosen]
        bits = _bit_of_code(subject)[asked.take("subject")[chosen]]
        joined = _joined_bits(bits, segment, _first_of_each(segment), self.n)
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
        matching: dict[RowFilter, _Rows] = {}
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

    def _of_rows(self, item: RowFeature, rows: _Segments, found: _Rows) -> np.ndarray:
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

    def _of_field(self, item: RowFeature, rows: _Segments, found: _Rows, none: float) -> np.ndarray:
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
        first = _first_of_each(segment) if has_unknown else found.first
        largest = _extreme(np.maximum, values, segment, first, self.n, np.nan)
        if item.feature.none_value is not None:
            largest[found.counts == 0] = none
        return largest

    def _latest_values(self, item: RowFeature, rows: _Segments, found: _Rows) -> np.ndarray:
        """Of each segment the field on its latest day; NaN where rows of that day differ in it."""
        if len(found.ago) == len(found.first):  # at most one row each
            return self._field_values(item, rows, found.chosen)
        nearest = np.minimum.reduceat(found.ago, found.first)
        n_rows = np.diff(found.first, append=len(found.ago))
        latest = np.flatnonzero(found.ago == np.repeat(nearest, n_rows))
        values = self._field_values(item, rows, found.chosen[latest])
        if len(latest) == len(found.first):
            return values
        first = _first_of_each(found.segment[latest])
        least, largest = np.minimum.reduceat(values, first), np.maximum.reduceat(values, first)
        return np.where(least == largest, least, np.nan)  # any that is NaN makes both NaN

    def _within(self, feature: Feature, found: _Rows) -> np.ndarray | None:
        tests = []
        if feature.skip_days:
            tests.append(found.ago >= feature.skip_days)
        if feature.window_days is not None:
            tests.append(found.ago < feature.window_days)
        if feature.since_arrival:
            tests.append(found.ago <= self.arrival[found.segment])
        return _all(tests) if tests else None

    def _covered(self, feature: Feature, rows: _Segments, found: _Rows) -> np.ndarray:
        ends, today = rows.take(str(rows.table.ends))[found.chosen], rows.today_of(found.chosen)
        begin, end = found.ago, np.where(ends <= today, today - ends, 0)
        if feature.window_days is not None:
            begin = np.minimum(begin, feature.window_days)
        if feature.since_arrival:
            begin = np.minimum(begin, self.arrival[found.segment])
        within = np.flatnonzero(begin > end)
        return _joined_days(begin[within], end[within], found.segment[within], self.n)

    def _distinct(self, item: RowFeature, rows: _Segments, found: _Rows) -> np.ndarray:
        assert item.column is not None
        bits = _bit_of_code(item.column)[rows.take(item.column.name)[found.chosen]]
        if item.column.known_from:
            since = rows.take(item.column.known_from)[found.chosen]
            bits[since > rows.today_of(found.chosen)] = 0
        joined = _joined_bits(bits, found.segment, found.first, self.n)
        return np.bitwise_count(joined).astype(np.float64)

    def _field_values(self, item: RowFeature, rows: _Segments, chosen: np.ndarray) -> np.ndarray:
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


def _first_of_each(segment: np.ndarray) -> np.ndarray:
    begins = np.empty(len(segment), dtype=bool)
    begins[:1] = True
    np.not_equal(segment[1:], segment[:-1], out=begins[1:])
    return np.flatnonzero(begins)


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
