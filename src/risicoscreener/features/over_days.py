"""Features of many people on each of many days, without reading their facts anew for each day.

Between two days on which something happens, a feature stands still (a count, the latest code) or
moves by one a day (days since, days until). What can happen is read off the plan: a fact becomes
known, is replaced, begins or ends, a field of it comes to be known, or it passes the edge of a
window. On those days alone the executor of tables (`many`) computes the features; so there is one
definition of each, and the days between are filled by how the aggregate moves. What is made of
features that stand still is computed on those days too; what is made of moving ones, and the age,
on every day, by the functions of `many`. A property test holds all values equal to those of
`compute_many` to the last bit.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pyarrow as pa

from risicoscreener.dossier.schema import EARLIEST, EPOCH, TableSpec, tables
from risicoscreener.errors import DossierError
from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.features.definition import GIVEN, OF_FEATURES, Feature
from risicoscreener.features.kernels import kernel
from risicoscreener.features.many import (
    BLOCK,
    FAR,
    EventTables,
    age_on,
    capped,
    compute_block,
    meets,
    of_features,
)
from risicoscreener.features.plan import FeaturePlan, RowFeature, RowFilter
from risicoscreener.writing import check_place, put_in_place

if TYPE_CHECKING:
    from pathlib import Path

    from risicoscreener.dossier.tables import DossierTables

MOVES = {"days_since_last": 1.0, "days_since_first": 1.0, "days_until": -1.0}
"""By how much these change from one day to the next, as long as the same rows match."""

NOTHING = float("inf")
"""Stands for "no row matched" where a value that moves would otherwise hide it."""

BLOCK_VALUES = 2**22
"""About how many values of features a block has that a caller is given: 32 MiB."""

_Made = TypeVar("_Made")

Moment = tuple[str, int]
"""A date field, and a number of days after it."""


@dataclass(frozen=True)
class _Part:
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


def _parts(plan: FeaturePlan) -> Iterator[_Part]:
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
            yield _Part(table, part, moments, _moments_of_stays(rows), measured, daily)
    personal = {f.name: f for f in plan.features.values() if f.aggregate in ("person", GIVEN)}
    if personal:
        yield _Part(None, FeaturePlan(tuple(personal), personal, {}))


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


class _Facts:
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


class _Calendar:
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

    def mark_moments(self, facts: _Facts, chosen: np.ndarray, moments: frozenset[Moment]) -> None:
        """Mark the moments of some rows, and the days on which they are replaced."""
        owners = facts.owners[chosen]
        for name, after in moments:
            self.mark(owners, facts.take(name)[chosen] + np.int32(after))
        if facts.replaced is not None:
            self.mark(owners, facts.replaced[chosen])

    def mark_known(self, facts: _Facts) -> None:
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


class Stretches:
    """What some people's features are from change to change.

    Parameters
    ----------
    daily
        The plan.
    events
        Prepared for that plan.
    people
        Positions of the people, one after the other.
    days
        Days since 1970-01-01, one after the other, shape (days,), int32.
    """

    def __init__(
        self, daily: DailyPlan, events: EventTables, people: slice, days: np.ndarray
    ) -> None:
        self.daily, self.people, self.days = daily, people, days
        self.n_people = people.stop - people.start
        self.born = events.column("persons", "birth_date")[people]
        self._events = events
        self._facts: dict[str, _Facts] = {}
        calendars = [self._calendar(part) for part in daily.parts]
        changing = np.zeros((self.n_people, len(days)), dtype=bool)
        changing[:, 0] = True
        for marks in calendars:
            changing |= marks
        self.changes = np.flatnonzero(changing)
        self.values: dict[str, np.ndarray] = {}
        self.slopes: dict[str, np.ndarray] = {}
        for part, marks in zip(daily.parts, calendars, strict=True):
            self._compute(part, marks)
        for feature in daily.still:
            self.values[feature.name] = capped(feature, of_features(feature, self.values))
        del self._events, self._facts

    def _facts_of(self, table: str) -> _Facts:
        if table not in self._facts:
            self._facts[table] = _Facts(self._events, table, self.people)
        return self._facts[table]

    def _calendar(self, part: _Part) -> np.ndarray:
        """Where the values of a part can change, shape (people, days)."""
        calendar = _Calendar(self.n_people, int(self.days[0]), len(self.days))
        if part.table is None:
            return calendar.marks
        if part.daily:
            calendar.marks[:] = True
            return calendar.marks
        facts = self._facts_of(part.table)
        calendar.mark_known(facts)
        self._mark_inquiries(calendar, part.table)
        if part.stays:
            stays = self._facts_of("detentions")
            calendar.mark_moments(stays, np.flatnonzero(stays.counting()), part.stays)
        for row_filter, moments in part.moments.items():
            calendar.mark_moments(facts, _may_match(facts, row_filter), moments)
        return calendar.marks

    def _mark_inquiries(self, calendar: _Calendar, table: str) -> None:
        subjects = tables()["inquiries"].columns["subject"].codes
        if table in subjects:
            asked = self._facts_of("inquiries")
            whole = asked.counting() & (asked.take("complete") == 1)
            whole &= asked.take("subject") == subjects.index(table)
            calendar.mark_moments(asked, np.flatnonzero(whole), frozenset({("recorded_at", 0)}))

    def _compute(self, part: _Part, marks: np.ndarray) -> None:
        """Values of a part at all changes, and by how much they move a day."""
        seen = marks
        if part.measured:
            seen = marks.copy()
            seen[:, 1:] |= marks[:, :-1]
        points = np.flatnonzero(seen)
        values = self._at(part.plan, points)
        # The latest point of the part at or before each change: it is of the same person, since
        # the first day of each person is a point.
        base = np.flatnonzero(marks)
        latest = (np.cumsum(marks.reshape(-1)) - 1)[self.changes]
        elapsed = (self.changes - base[latest]).astype(np.float64)
        for column, name in enumerate(part.plan.names):
            found, slope = values[:, column], self.daily.slope.get(name)
            if part.measured:
                found, moved = _measured(found, points, base)
            elif slope is None:
                self.values[name] = found[latest]
                continue
            else:
                none = self.daily.plan.features[name].none_value
                nothing = found == NOTHING
                found = np.where(nothing, np.nan if none is None else float(none), found)
                moved = np.where(nothing, 0.0, slope)
            self.slopes[name] = moved[latest]
            self.values[name] = found[latest] + self.slopes[name] * elapsed

    def _at(self, plan: FeaturePlan, points: np.ndarray) -> np.ndarray:
        """Values of a plan at points, as numbers ``person * days + day``."""
        values = np.empty((len(points), len(plan.names)), order="F")
        for start in range(0, len(points), BLOCK):
            rows = slice(start, start + BLOCK)
            person, day = np.divmod(points[rows], len(self.days))
            values[rows] = compute_block(
                plan, self._events, self.people.start + person, self.days[0] + day
            )
        return values

    def parts(self) -> Iterator[slice]:
        """All people in parts whose days fit the cache, counted from the first."""
        return parts_of(self.n_people, max(1, BLOCK // len(self.days)))

    def _chosen(self, people: slice) -> slice:
        """Which changes are of some of the people."""
        ends = np.array([people.start, people.stop]) * len(self.days)
        return slice(*np.searchsorted(self.changes, ends).tolist())

    def begins(self, people: slice) -> np.ndarray:
        """Positions among all days of some of the people from which values are filled in."""
        found: np.ndarray = self.changes[self._chosen(people)] - people.start * len(self.days)
        return found

    def fill(self, people: slice, values: np.ndarray | None = None) -> np.ndarray:
        """Values of the plan on every day.

        Parameters
        ----------
        people
            Some of the people, counted from the first of these.
        values
            Array to fill, of the shape of the result; a new one if None.

        Returns
        -------
        ndarray of shape (people * days, features), in column order, NaN where unknown; all days
        of the first person come first.
        """
        chosen = self._chosen(people)
        begins, n = self.begins(people), (people.stop - people.start) * len(self.days)
        stretch = np.repeat(np.arange(len(begins)), np.diff(begins, append=n))
        elapsed = (np.arange(n) - begins[stretch]).astype(np.float64)
        if values is None:
            values = np.empty((n, len(self.daily.plan.names)), order="F")
        found: dict[str, np.ndarray] = {
            name: values[:, column] for column, name in enumerate(self.daily.plan.names)
        }
        for feature in self.daily.on_each_day:
            name = feature.name
            if name not in found:
                found[name] = np.empty(n)
            if name in self.values:
                self.values[name][chosen].take(stretch, out=found[name], mode="clip")
                if name in self.slopes:
                    found[name] += self.slopes[name][chosen].take(stretch, mode="clip") * elapsed
                    found[name][:] = capped(feature, found[name])
            elif feature.aggregate == "age":
                age = capped(feature, age_on(self.days, self.born[people, None]))
                found[name].reshape(age.shape)[:] = age
            else:
                found[name][:] = capped(feature, of_features(feature, found))
        for column in self.daily.again:
            values[:, column] = found[self.daily.plan.names[column]]
        return values


def _may_match(facts: _Facts, row_filter: RowFilter) -> np.ndarray:
    """Rows that match a filter on some day, perhaps."""
    possible = facts.counting()
    for condition in row_filter.conditions:
        met = meets(condition, facts.table.columns[condition.field], facts.take(condition.field))
        if condition.test != "absent":
            possible &= met
        elif not condition.known_from:
            possible &= ~met
    return np.flatnonzero(possible)


def _measured(
    values: np.ndarray, points: np.ndarray, base: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Values at the points of ``base``, and by how much they are other on the next day.

    ``points`` are those of ``base`` and the days after them. Where that day is of ``base`` itself,
    the value does not get to move.
    """
    at = np.searchsorted(points, base)
    alone = np.diff(at, append=len(points)) == 1
    after = np.where(alone, at, at + 1)
    return values[at], values[after] - values[at]


@dataclass(frozen=True)
class FeatureDays:
    """Values of features of some people on each day.

    Attributes
    ----------
    names
        The features.
    positions, person_ids
        Who: positions in the persons table, shape (people,), and ids.
    days
        Days since 1970-01-01, shape (days,), int32.
    values
        Shape (people, days, features), float64, NaN where unknown. The values of one feature lie
        together in memory.
    """

    names: tuple[str, ...]
    positions: np.ndarray
    person_ids: pa.Array
    days: np.ndarray
    values: np.ndarray

    def to_arrow(self) -> pa.Table:
        """A row for each person and day: person_id, as_of, and each feature, null where unknown."""
        n_people, n_days = self.values.shape[:2]
        people = pa.array(np.repeat(np.arange(n_people, dtype=np.int32), n_days))
        columns = {
            "person_id": pa.DictionaryArray.from_arrays(people, self.person_ids),
            "as_of": pa.array(np.tile(self.days, n_people)).cast(pa.date32()),
        }
        for column, name in enumerate(self.names):
            values = self.values[:, :, column].reshape(-1)
            columns[name] = pa.array(values, from_pandas=True)
        return pa.table(columns)


class FeaturesOverDays:
    """Blocks of `FeatureDays`, made one after the other each time they are iterated over.

    Attributes
    ----------
    names
        The features.
    days
        Days since 1970-01-01, shape (days,), int32.
    n_people
        Number of people, of whom each is in one block.
    """

    def __init__(
        self,
        plan: FeaturePlan,
        dossiers: DossierTables,
        first: dt.date,
        last: dt.date,
        *,
        people_at_once: int | None = None,
        n_threads: int | None = None,
    ) -> None:
        self.days = days_between(dossiers, first, last)
        self.names = plan.names
        self.n_people = dossiers.n_persons
        self._daily = DailyPlan(plan)
        self._dossiers = dossiers
        self._n_threads = n_threads or os.cpu_count() or 1
        usual = BLOCK_VALUES // (len(self.days) * max(len(plan.names), 1))
        self._people_at_once = max(people_at_once or usual, 1)

    def __len__(self) -> int:
        """Number of blocks."""
        return max(1, -(-self.n_people // self._people_at_once))

    def __iter__(self) -> Iterator[FeatureDays]:
        events = EventTables(self._dossiers)
        events.prepare(self._daily.plan)
        ids = self._dossiers.person_ids

        def work(people: slice) -> FeatureDays:
            values = self._values(Stretches(self._daily, events, people, self.days))
            positions = np.arange(people.start, people.stop, dtype=np.int32)
            return FeatureDays(self.names, positions, ids[people], self.days, values)

        parts = parts_of(self.n_people, self._people_at_once)
        yield from in_turn(work, parts if self.n_people else [slice(0, 0)], self._n_threads)

    def _values(self, stretches: Stretches) -> np.ndarray:
        n_people, n_days, n_names = stretches.n_people, len(self.days), len(self.names)
        flat = np.empty((n_people * n_days, n_names), order="F")
        for some in stretches.parts():
            stretches.fill(some, flat[some.start * n_days : some.stop * n_days])
        return flat.T.reshape((n_names, n_people, n_days)).transpose(1, 2, 0)

    def write(self, path: str | Path) -> None:
        """Write all values to a Parquet file, a group of rows for each block.

        Raises
        ------
        DossierError
            If the name does not end in ``.parquet``.
        OSError
            If it cannot be written; what was there is then still there.
        """
        write_parquet(path, (block.to_arrow() for block in self))


def features_over_days(
    dossiers: DossierTables,
    first: dt.date,
    last: dt.date,
    names: Sequence[str] | None = None,
    *,
    definitions: Catalogue | None = None,
    people_at_once: int | None = None,
    n_threads: int | None = None,
) -> FeaturesOverDays:
    """Features of everybody on each day from the first to the last, as blocks of people.

    The same values as `compute_features` for each person and day, without reading the facts of a
    person for each day anew.

    Parameters
    ----------
    dossiers
        Validated tables.
    first, last
        The days, both included.
    names
        Features wanted; all of the catalogue by default.
    definitions
        Catalogue to take them from; the shipped one by default.
    people_at_once
        People in a block; by default as many as make some 32 MiB of values.
    n_threads
        Threads that work at once; the number of processors by default.

    Returns
    -------
    FeaturesOverDays
        To iterate over, or to write to a Parquet file.

    Raises
    ------
    FeatureError
        For an unknown feature.
    DossierError
        If a day has yet to come or lies before the birth of someone, or ``last`` before ``first``.

    Examples
    --------
    >>> from risicoscreener.synthetic import simulate
    >>> tables = simulate(10, seed=1).tables
    >>> days = features_over_days(
    ...     tables, dt.date(2020, 1, 1), dt.date(2020, 12, 31), ["age_years", "convictions_total"]
    ... )
    >>> [block.values.shape for block in days]
    [(10, 366, 2)]
    """
    chosen = catalogue() if definitions is None else definitions
    plan = chosen.plan(list(names) if names is not None else None)
    return FeaturesOverDays(
        plan, dossiers, first, last, people_at_once=people_at_once, n_threads=n_threads
    )


def days_between(dossiers: DossierTables, first: dt.date, last: dt.date) -> np.ndarray:
    """The days from the first to the last, in days since 1970-01-01.

    Raises
    ------
    DossierError
        If they are no days that can be meant of these people.
    """
    for name, day in (("first", first), ("last", last)):
        if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
            raise DossierError(f"{name} is {day!r}; expected a date, without a time")
    today = dt.date.today()
    if not EARLIEST <= first <= last <= today:
        raise DossierError(
            f"first is {first} and last is {last}; expected days from {EARLIEST} up to and "
            f"including today, {today}, the first not after the last"
        )
    born = dossiers.tables["persons"].column("birth_date").combine_chunks().cast(pa.int32())
    begin = (first - EPOCH).days
    unborn = np.flatnonzero(born.to_numpy() > begin)
    if len(unborn):
        row = int(unborn[0])
        raise DossierError(
            f"first is {first}, before the birth of {dossiers.person_ids[row]} on "
            f"{EPOCH + dt.timedelta(days=born[row].as_py())}; expected a day on which all were "
            f"born ({len(unborn)} were not)"
        )
    return np.arange(begin, (last - EPOCH).days + 1, dtype=np.int32)


def parts_of(n: int, size: int) -> Iterator[slice]:
    """Positions below ``n`` in parts of some size."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def in_turn(
    work: Callable[[slice], _Made], parts: Iterable[slice], n_threads: int
) -> Iterator[_Made]:
    """What is made of each part, in order; at most one part more than there are threads waits."""
    with ThreadPoolExecutor(n_threads) as pool:
        waiting: deque[Future[_Made]] = deque()
        try:
            for part in parts:
                waiting.append(pool.submit(work, part))
                if len(waiting) > n_threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for other in waiting:
                other.cancel()


def write_parquet(path: str | Path, blocks: Iterator[pa.Table]) -> None:
    """Write blocks to one Parquet file as they come; nothing is left if one fails.

    Raises
    ------
    DossierError
        If the name does not end in ``.parquet``.
    OSError
        If it cannot be written; what was there is then still there.
    """
    import pyarrow.parquet

    if not str(path).endswith(".parquet"):
        raise DossierError(f"{path}: expected a name that ends in .parquet")
    check_place(path)
    with put_in_place(path) as unfinished:
        block = next(blocks)
        with pyarrow.parquet.ParquetWriter(unfinished, block.schema) as writer:
            writer.write_table(block)
            for block in blocks:
                writer.write_table(block)
