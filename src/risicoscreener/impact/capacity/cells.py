"""Cells day by day: who must be taken in, self-reporters who wait, and a flexible shell.

All replicates go through the days together. Who is arrested or stays on remand is taken in, whether
or not there is a place; self-reporters are called up for the places that are left, in the order in
which their term ran out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risicoscreener.impact.capacity.drawing import Drawn
from risicoscreener.impact.capacity.settings import CapacitySettings

Ints = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CellDays:
    """What happened to the cells, shapes (R, T) unless said otherwise.

    Attributes
    ----------
    admitted_on
        Of each replicate the day on which each self-reporter was taken in; T for not yet.
    waiting
        Self-reporters past their term without a place, at the end of the day.
    shell
        Open places of the flexible shell.
    opened
        Places of the shell that opened on the day.
    short
        People without a place of their own, of those who must be taken in.
    """

    admitted_on: tuple[Ints, ...]
    waiting: Ints
    shell: Ints
    opened: Ints
    short: Ints


def run_cells(
    demand: Ints, low_demand: Ints, reporters: Sequence[Drawn], settings: CapacitySettings
) -> CellDays:
    """Go through the days.

    Parameters
    ----------
    demand
        People who must have a place on each day without the self-reporters who come in later,
        shape (R, T); those who could be in low security among them.
    low_demand
        Of them those who could be in low security.
    reporters
        Of each replicate the self-reporters; ``arrived`` is the day on which their term is over.
    """
    n_runs, n_days = demand.shape
    low = np.minimum(low_demand, settings.number("places.low_security"))
    regular = settings.number("places.regular")
    base = (demand - low).astype(np.float64)
    if math.isinf(regular):
        nothing = np.zeros((n_runs, n_days), np.int64)
        admitted = tuple(np.maximum(one.arrived, 0) for one in reporters)
        return CellDays(admitted, nothing, nothing, nothing, nothing)
    return _Days(base, reporters, settings, regular).run()


class _Days:
    """State of all replicates on a day."""

    def __init__(
        self,
        base: FloatArray,
        reporters: Sequence[Drawn],
        settings: CapacitySettings,
        regular: float,
    ) -> None:
        self.base, self.settings, self.regular = base, settings, regular
        self.n_runs, self.n_days = base.shape
        orders = [np.argsort(one.arrived, kind="stable") for one in reporters]
        self.orders = orders
        sizes = np.array([len(order) for order in orders])
        self.offset = np.cumsum(sizes) - sizes
        pairs = list(zip(reporters, orders, strict=True))
        self.stay = np.concatenate([(one.left - one.arrived)[o] for one, o in pairs])
        ready = [
            np.bincount(np.clip(one.arrived, 0, self.n_days), minlength=self.n_days + 1)
            for one in reporters
        ]
        self.ready = np.cumsum(np.array(ready)[:, : self.n_days], axis=1)
        self.admitted_on = np.full(len(self.stay), self.n_days)
        self.admitted = np.zeros(self.n_runs, np.int64)
        self.inside = np.zeros(self.n_runs, np.int64)
        self.leaving = np.zeros((self.n_runs, self.n_days + 1), np.int64)
        self.open = np.full(self.n_runs, settings["shell.open_at_start"], np.int64)
        self.ordered = np.zeros((self.n_runs, self.n_days + 1), np.int64)
        self.on_order = np.zeros(self.n_runs, np.int64)

    def run(self) -> CellDays:
        shape = (self.n_runs, self.n_days)
        waiting, shell, opened, short = (np.zeros(shape, np.int64) for _ in range(4))
        has_shell = self.settings["shell.places"] > 0
        every = self.settings["shell.decide_every_days"]
        for day in range(self.n_days):
            opened[:, day] = self.ordered[:, day]
            self.open += self.ordered[:, day]
            self.on_order -= self.ordered[:, day]
            self._let_in(day)
            waiting[:, day] = self.ready[:, day] - self.admitted
            if has_shell and day % every == 0:
                self._decide(day, waiting[:, day])
            shell[:, day] = self.open
            need = self.base[:, day] + self.inside
            short[:, day] = np.maximum(need - self.regular - self.open, 0)
        found = []
        for offset, order in zip(self.offset, self.orders, strict=True):
            days = np.empty(len(order), np.int64)
            days[order] = self.admitted_on[offset : offset + len(order)]
            found.append(days)
        return CellDays(tuple(found), waiting, shell, opened, short)

    def _let_in(self, day: int) -> None:
        self.inside -= self.leaving[:, day]
        free = self.regular + self.open - self.settings["places.reserved"]
        free = free - self.base[:, day] - self.inside
        number = np.clip(self.ready[:, day] - self.admitted, 0, np.maximum(free, 0)).astype(
            np.int64
        )
        if not number.any():
            return
        run = np.repeat(np.arange(self.n_runs), number)
        nth = np.arange(len(run)) - np.repeat(np.cumsum(number) - number, number)
        place = (self.offset + self.admitted)[run] + nth
        self.admitted_on[place] = day
        end = np.minimum(day + self.stay[place], self.n_days)
        stays = end > day
        np.add.at(self.leaving, (run[stays], end[stays]), 1)
        self.inside += np.bincount(run[stays], minlength=self.n_runs)
        self.admitted += number

    def _decide(self, day: int, waiting: Ints) -> None:
        s = self.settings
        block, most = s["shell.block"], s["shell.places"]
        need = self.base[:, day] + self.inside + waiting
        places = self.regular + self.open + self.on_order
        more = (need >= s["shell.open_at"] * places) & (self.open + self.on_order < most)
        size = np.where(more, np.minimum(block, most - self.open - self.on_order), 0)
        on = day + max(s["shell.lead_days"], 1)
        if on < self.n_days:
            self.ordered[:, on] += size
        self.on_order += size
        fewer = (need < s["shell.close_at"] * (places - block)) & (self.open > 0) & ~more
        self.open -= np.where(fewer, np.minimum(block, self.open), 0)
