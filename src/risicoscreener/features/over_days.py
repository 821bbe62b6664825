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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from risicoscreener.dossier.schema import tables
from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.features.changing_days import (
    NOTHING,
    Calendar,
    DailyPlan,
    Facts,
    Part,
    may_match,
)
from risicoscreener.features.in_blocks import BlocksOverDays, parts_of
from risicoscreener.features.many import (
    BLOCK,
    EventTables,
    age_on,
    capped,
    compute_block,
    of_features,
)
from risicoscreener.features.plan import FeaturePlan

if TYPE_CHECKING:
    from risicoscreener.dossier.tables import DossierTables

BLOCK_VALUES = 2**22
"""About how many values of features a block has that a caller is given: 32 MiB."""


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
        self._facts: dict[str, Facts] = {}
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

    def _facts_of(self, table: str) -> Facts:
        if table not in self._facts:
            self._facts[table] = Facts(self._events, table, self.people)
        return self._facts[table]

    def _calendar(self, part: Part) -> np.ndarray:
        """Where the values of a part can change, shape (people, days)."""
        calendar = Calendar(self.n_people, int(self.days[0]), len(self.days))
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
            calendar.mark_moments(facts, may_match(facts, row_filter), moments)
        return calendar.marks

    def _mark_inquiries(self, calendar: Calendar, table: str) -> None:
        subjects = tables()["inquiries"].columns["subject"].codes
        if table in subjects:
            asked = self._facts_of("inquiries")
            whole = asked.counting() & (asked.take("complete") == 1)
            whole &= asked.take("subject") == subjects.index(table)
            calendar.mark_moments(asked, np.flatnonzero(whole), frozenset({("recorded_at", 0)}))

    def _compute(self, part: Part, marks: np.ndarray) -> None:
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


class FeaturesOverDays(BlocksOverDays[FeatureDays]):
    """Blocks of `FeatureDays`, made one after the other each time they are iterated over.

    Attributes
    ----------
    names
        The features.
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
        super().__init__(
            plan,
            dossiers,
            first,
            last,
            rows_at_once=BLOCK_VALUES // max(len(plan.names), 1),
            people_at_once=people_at_once,
            n_threads=n_threads,
        )
        self.names = plan.names
        self._daily = DailyPlan(plan)

    def _block(self, events: EventTables, people: slice) -> FeatureDays:
        values = self._values(Stretches(self._daily, events, people, self.days))
        positions = np.arange(people.start, people.stop, dtype=np.int32)
        ids = self._dossiers.person_ids[people]
        return FeatureDays(self.names, positions, ids, self.days, values)

    def _values(self, stretches: Stretches) -> np.ndarray:
        n_people, n_days, n_names = stretches.n_people, len(self.days), len(self.names)
        flat = np.empty((n_people * n_days, n_names), order="F")
        for some in stretches.parts():
            stretches.fill(some, flat[some.start * n_days : some.stop * n_days])
        return flat.T.reshape((n_names, n_people, n_days)).transpose(1, 2, 0)


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
