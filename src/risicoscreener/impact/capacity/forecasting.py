"""The forecast: stays that were seen become people who come, stay and leave, many times over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity.arrivals import ArrivalRate, fit_arrivals
from risicoscreener.impact.capacity.cells import run_cells
from risicoscreener.impact.capacity.changes import Scenario
from risicoscreener.impact.capacity.donors import Donors, DonorTable, donors_of
from risicoscreener.impact.capacity.drawing import (
    BACKLOG,
    MASS,
    N_MARKS,
    RATE,
    Drawn,
    choose,
    draw_inflow,
    draw_stock,
    joined,
    people_from,
    stream,
)
from risicoscreener.impact.capacity.result import Forecast
from risicoscreener.impact.capacity.settings import CapacitySettings
from risicoscreener.impact.capacity.stays import SELF_REPORTER, Stays, regimes
from risicoscreener.impact.capacity.workload import (
    asked_on,
    backlog_of,
    queue_of_psychologists,
    tasks_by_week,
    weeks_of,
)
from risicoscreener.impact.settings import MOST_MONTHS, MOST_REPLICATES, months_after

Ints = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

FEWEST_ARRIVALS = 10
"""With fewer arrivals of a kind no season and no trend are fitted."""


@dataclass(frozen=True, eq=False)
class _Kind:
    donors: Donors
    rate: ArrivalRate
    versions: list[DonorTable]
    inside: Stays
    for_inside: DonorTable
    early_share: float


def forecast(
    stays: Stays,
    settings: CapacitySettings | None = None,
    *,
    months: int = 24,
    scenario: Scenario | None = None,
    replicates: int = 200,
    seed: int = 1,
    level: float = 0.9,
    on_run: Callable[[int], None] | None = None,
) -> Forecast:
    """Occupancy, places, waiting and work in the months after the last day that was watched.

    Parameters
    ----------
    stays
        What was seen; the forecast begins on the day after.
    settings
        As they ship without it.
    months, replicates, seed
        How far, how often, and from where chance is drawn.
    scenario
        What changes.
    level
        Coverage of the intervals.
    on_run
        Called after each replicate with the number done.

    Raises
    ------
    ImpactError
        If a value lies outside its range, or the stays tell too little.
    """
    _check(months, replicates, seed, level)
    plan = scenario or Scenario()
    used = (settings or CapacitySettings.of()).with_(plan.settings)
    return _Forecasting(stays, used, plan, months, replicates, seed, level).run(on_run)


def _check(months: int, replicates: int, seed: int, level: float) -> None:
    for name, value, low, high in (
        ("months", months, 1, MOST_MONTHS),
        ("replicates", replicates, 1, MOST_REPLICATES),
        ("seed", seed, 0, 2**63 - 1),
    ):
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ImpactError(f"{name} is {value!r}; expected a whole number from {low} to {high}")
    if not 0.5 <= level <= 0.999:
        raise ImpactError(f"level is {level!r}; expected a share from 0.5 to 0.999")


class _Forecasting:
    def __init__(
        self,
        stays: Stays,
        settings: CapacitySettings,
        plan: Scenario,
        months: int,
        replicates: int,
        seed: int,
        level: float,
    ) -> None:
        self.stays, self.settings, self.plan = stays, settings, plan
        self.months, self.replicates, self.seed, self.level = months, replicates, seed, level
        self.start = EPOCH + dt.timedelta(days=stays.seen_until)
        self.n_days = (months_after(self.start, months) - self.start).days
        self.prisons = sorted(set(stays.prison.tolist()))
        self.version_days = self._version_days()
        self._check_names()
        self.kinds = [self._kind(kind) for kind in sorted(set(stays.kind.tolist()))]

    def _check_names(self) -> None:
        unknown = set(self.settings["places.by_prison"]) - set(self.prisons)
        if unknown:
            raise ImpactError(
                f"places.by_prison has {min(unknown)!r}; expected of {', '.join(self.prisons)}"
            )
        waiting = self.settings["self_reporters.backlog"]
        if waiting and SELF_REPORTER not in self.stays.kind:
            raise ImpactError(
                f"self_reporters.backlog is {waiting}; expected 0, since no stay is of a "
                "self-reporter"
            )

    def _version_days(self) -> Ints:
        days = {(c.start - self.start).days for c in self.plan.changes if c.start is not None}
        for change in self.plan.changes:
            if change.inside and change.start is not None and change.start > self.start:
                raise ImpactError(
                    f"a change for who is inside begins on {change.start}; expected no day from "
                    f"which, or one by {self.start}"
                )
        return np.array(sorted(day for day in days if day > 0), dtype=np.int64)

    def _kind(self, kind: str) -> _Kind:
        stays, settings = self.stays, self.settings
        donors = donors_of(stays, kind, self.prisons, settings)
        arrived = donors.stays.arrived
        seen = arrived[arrived >= stays.seen_from]
        plenty = len(seen) >= FEWEST_ARRIVALS
        rate = fit_arrivals(
            kind,
            seen,
            stays.seen_from,
            stays.seen_until,
            trend=settings["arrivals.trend"] and plenty,
            harmonics=settings["arrivals.harmonics"] if plenty else 0,
            wander=settings["arrivals.wander_per_year"],
        )
        inside = donors.stays.at(np.flatnonzero(donors.stays.inside))
        dated = donors.table.conditional & ~donors.stays.inside
        share = float(donors.table.early[dated].mean()) if dated.any() else 1.0
        versions = [self._changed(donors.table, int(day)) for day in (0, *self.version_days)]
        return _Kind(donors, rate, versions, inside, self._changed(donors.table, None), share)

    def _changed(self, table: DonorTable, day: int | None) -> DonorTable:
        for change in self.plan.changes:
            begins = -1 if change.start is None else (change.start - self.start).days
            if change.inside if day is None else begins <= day:
                table = change.apply(table)
        return table

    def run(self, on_run: Callable[[int], None] | None) -> Forecast:
        tally = _Tally(self)
        reporters = []
        for replicate in range(self.replicates):
            people, later = self._people(replicate)
            tally.add(replicate, people)
            tally.jobs.append(people.at(people.deep))
            reporters.append(later)
            if on_run is not None:
                on_run(replicate + 1)
        demand = tally.by_ground.sum(axis=1)
        low = tally.by_ground[:, 1::2].sum(axis=1)
        cells = run_cells(demand, low, reporters, self.settings)
        for replicate, later in enumerate(reporters):
            admitted = cells.admitted_on[replicate]
            moved = later.moved(admitted - later.arrived).at(admitted < self.n_days)
            tally.add(replicate, moved)
            tally.wait(replicate, later.arrived, admitted)
            tally.jobs[replicate] = joined([tally.jobs[replicate], moved.at(moved.deep)])
        return tally.result(cells.waiting, cells.shell, cells.opened, cells.short)

    def _people(self, replicate: int) -> tuple[Drawn, Drawn]:
        """Who is there and who comes in at once; and self-reporters, on the day of their term."""
        parts: list[Drawn] = []
        later: list[Drawn] = []
        for kind in self.kinds:
            inflow, stock = self._of_kind(kind, replicate)
            parts.append(stock)
            (later if kind.donors.table.kind == SELF_REPORTER else parts).append(inflow)
        return joined(parts), joined(later) if later else parts[0].at(np.zeros(0, np.intp))

    def _of_kind(self, kind: _Kind, replicate: int) -> tuple[Drawn, Drawn]:
        settings, name = self.settings, kind.donors.table.kind
        doubt = settings["chance.doubt"]
        mass = stream(self.seed, replicate, name, MASS).exponential(size=len(kind.donors))
        weights = kind.donors.lengths.weights(mass if doubt else None)
        days = np.arange(self.stays.seen_until, self.stays.seen_until + self.n_days)
        rates = settings["arrivals.scale"] * kind.rate.draw(
            days,
            stream(self.seed, replicate, name, RATE),
            trend_days=settings["arrivals.trend_days"],
            certain=not doubt,
        )
        inflow = draw_inflow(
            kind.donors, kind.versions, self.version_days, rates, weights, self.seed, replicate
        )
        if name == SELF_REPORTER:
            inflow = self._called_up(kind, inflow, weights, replicate)
        stock = draw_stock(
            kind.donors,
            kind.for_inside,
            kind.inside,
            self.prisons,
            weights,
            settings["arrivals.scale"],
            kind.early_share,
            self.seed,
            replicate,
        )
        return inflow, stock

    def _called_up(self, kind: _Kind, inflow: Drawn, weights: FloatArray, replicate: int) -> Drawn:
        """Self-reporters by the day on which their term is over, and those who wait already."""
        s = self.settings
        rng = stream(self.seed, replicate, SELF_REPORTER, BACKLOG)
        n = s["self_reporters.backlog"]
        place = choose(n, weights, rng)
        waiting = people_from(
            kind.versions[:1],
            np.zeros(n, np.int64),
            place,
            np.zeros(n, np.int64),
            rng.random((N_MARKS, n)),
            kind.donors,
        ).moved(np.full(n, -1))
        usual = s["self_reporters.observed_term_days"]
        # Who was called up before the first day keeps the term that was said.
        shift = np.where(inflow.arrived >= usual, s["self_reporters.term_days"] - usual, 0)
        inflow = inflow.moved(shift)
        comes = rng.random(len(inflow)) >= s["self_reporters.no_show_share"]
        comes &= (inflow.arrived >= 0) & (inflow.arrived < self.n_days)
        return joined([waiting, inflow.at(comes)])


class _Tally:
    """Counts over all replicates."""

    def __init__(self, of: _Forecasting) -> None:
        r, t = of.replicates, of.n_days
        self.of = of
        self.by_ground = np.zeros((r, 2 * len(regimes()), t), np.int32)
        self.by_prison = np.zeros((r, len(of.prisons), t), np.int32)
        self.low_by_prison = np.zeros((r, len(of.prisons), t), np.int32)
        self.tasks = np.zeros((r, len(of.settings.tasks), weeks_of(t)))
        self.arrivals = np.zeros((r, len(regimes()), t), np.int32)
        self.wait_days = np.zeros((r, t))
        self.let_in = np.zeros((r, t), np.int64)
        self.jobs: list[Drawn] = []

    def add(self, replicate: int, people: Drawn) -> None:
        t = self.of.n_days
        self.tasks[replicate] += tasks_by_week(people, self.of.settings.tasks, t)
        came = people.at((people.arrived >= 0) & (people.arrived < t))
        _count(self.arrivals[replicate], came.kind, came.arrived)
        _span(self.by_prison[replicate], people.prison, people.arrived, people.left)
        _span(self.low_by_prison[replicate], people.prison, people.low_from, people.left)
        turn = np.minimum(people.switched, people.left)
        for first, last, ground in (
            (people.arrived, turn, people.kind),
            (np.maximum(turn, people.arrived), people.left, people.regime),
        ):
            low = np.clip(people.low_from, first, np.maximum(last, first))
            _span(self.by_ground[replicate], 2 * ground, first, low)
            _span(self.by_ground[replicate], 2 * ground + 1, low, np.maximum(last, low))

    def wait(self, replicate: int, due: Ints, admitted: Ints) -> None:
        done = admitted < self.of.n_days
        t = self.of.n_days
        days = (admitted - due)[done]
        self.wait_days[replicate] = np.bincount(admitted[done], days, t)
        self.let_in[replicate] = np.bincount(admitted[done], minlength=t)

    def result(self, waiting: Ints, shell: Ints, opened: Ints, short: Ints) -> Forecast:
        of, s = self.of, self.of.settings
        hours = np.tensordot(self.tasks, [task.hours for task in s.tasks], axes=(1, 0))
        per_week = (
            s["casemanagers.fte"]
            * s["casemanagers.hours_per_week"]
            * s["casemanagers.productive_share"]
        )
        scale = s["arrivals.scale"]
        queues, waits, asked = self._queues()
        return Forecast(
            label=of.plan.label,
            start=of.start,
            months_ahead=of.months,
            settings=s,
            changes=of.plan.changes,
            seed=of.seed,
            level=of.level,
            prisons=tuple(of.prisons),
            inside_at_start=round(int(of.stays.inside.sum()) * scale),
            seen=len(of.stays),
            thin=tuple(k.donors.table.kind for k in of.kinds if k.donors.lengths.ended.sum() < 30),
            arrivals=self.arrivals,
            by_ground=self.by_ground,
            by_prison=self.by_prison,
            low_by_prison=self.low_by_prison,
            waiting=waiting,
            wait_days=self.wait_days,
            let_in=self.let_in,
            shell=shell,
            opened=opened,
            short=short,
            tasks=self.tasks,
            hours=hours,
            case_backlog=backlog_of(hours, per_week, s["casemanagers.backlog_hours"])
            if per_week
            else None,
            deep_asked=asked,
            deep_waiting=queues,
            deep_waits=waits,
        )

    def _queues(self) -> tuple[Ints | None, tuple[FloatArray, ...], Ints]:
        of, s = self.of, self.of.settings
        pairs = [asked_on(people, s) for people in self.jobs]
        asked = np.stack(
            [
                np.bincount(day[(day >= 0) & (day < of.n_days)] // 7, minlength=weeks_of(of.n_days))
                for day, _ in pairs
            ]
        )
        if not s["deep.per_week"]:
            return None, (), asked
        found = [
            queue_of_psychologists(day, left, s, of.start, of.n_days, (of.seed, replicate))
            for replicate, (day, left) in enumerate(pairs)
        ]
        return np.stack([one for one, _ in found]), tuple(waits for _, waits in found), asked


def _span(into: npt.NDArray[np.int32], row: Ints, first: Ints, last: Ints) -> None:
    """Count who is there from one day up to another, by row, shape (rows, T)."""
    rows, t = into.shape
    begin, end = np.clip(first, 0, t), np.clip(last, 0, t)
    flat = row * (t + 1)
    size = rows * (t + 1)
    steps = np.bincount(flat + begin, minlength=size) - np.bincount(flat + end, minlength=size)
    into += np.cumsum(steps.reshape(rows, t + 1), axis=1)[:, :t].astype(np.int32)


def _count(into: npt.NDArray[np.int32], row: Ints, day: Ints) -> None:
    rows, t = into.shape
    into += np.bincount(row * t + day, minlength=rows * t).reshape(rows, t).astype(np.int32)
