"""What a forecast found: days, months, figures, which resource falls short when, and a text."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity.frames import (
    day_frame,
    month_frame,
    month_mean,
    month_sum,
    plain,
    predicted,
    week_mean,
    week_sum,
)
from risicoscreener.impact.capacity.settings import CapacitySettings
from risicoscreener.impact.capacity.stays import regimes
from risicoscreener.impact.capacity.wording import say
from risicoscreener.impact.settings import months_after
from risicoscreener.impact.spread import Spread
from risicoscreener.impact.wording import number, percent

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]

SERIES = ("occupancy", "regular", "low_security", "arrivals", "waiting", "shell", "short")
"""What is known of each day: people inside, in regular cells and in low security, who came, self-
reporters past their term, open places of the shell, and people without a place of their own."""
GROUPS = ("", "ground", "prison")
FIGURES = (
    "occupancy_mean",
    "occupancy_peak",
    "occupancy_end",
    "low_security_mean",
    "short_mean",
    "waiting_mean",
    "waiting_end",
    "wait_mean",
    "shell_mean",
    "shell_peak",
    "shell_cost",
    "hours_mean",
    "hours_peak",
    "work_wait_peak",
    "deep_asked",
    "deep_waiting_end",
    "deep_wait_median",
)
"""Figures over the whole period, in the order in which they are told."""


@dataclass(frozen=True, eq=False, repr=False)
class Forecast:
    """Occupancy, places and work, in R replicates of T days (and W weeks).

    Attributes
    ----------
    label, start, months_ahead
        What the scenario is called, the first day, and how far.
    settings, changes, seed, level
        What was assumed.
    prisons
        In the order of ``by_prison``.
    inside_at_start, seen, thin
        People inside on the first day, stays from which is forecast, and kinds of which fewer than
        thirty stays ended.
    arrivals
        Who came, shape (R, grounds, T).
    by_ground
        People inside by ground and level, shape (R, 2 grounds, T): regular and low security beside
        each other for each ground.
    by_prison, low_by_prison
        Shape (R, prisons, T); the second those of them who could be in low security.
    waiting, shell, opened, short
        As in `cells.CellDays`, shape (R, T).
    wait_days, let_in
        Days past their term of the self-reporters taken in on each day, together, and how many.
    tasks, hours, case_backlog
        How often each task falls due, shape (R, tasks, W); hours of casemanagers, shape (R, W);
        hours that lie there, or None without a number of casemanagers.
    deep_asked, deep_waiting, deep_waits
        Deep assessments asked for by week, shape (R, W); who waits for one, shape (R, W), or None;
        and waits in days of each replicate.
    """

    label: str
    start: dt.date
    months_ahead: int
    settings: CapacitySettings
    changes: tuple[Any, ...]
    seed: int
    level: float
    prisons: tuple[str, ...]
    inside_at_start: int
    seen: int
    thin: tuple[str, ...]
    arrivals: Ints
    by_ground: Ints
    by_prison: Ints
    low_by_prison: Ints
    waiting: Ints
    wait_days: FloatArray
    let_in: Ints
    shell: Ints
    opened: Ints
    short: Ints
    tasks: FloatArray
    hours: FloatArray
    case_backlog: FloatArray | None
    deep_asked: Ints
    deep_waiting: Ints | None
    deep_waits: tuple[FloatArray, ...]

    def __repr__(self) -> str:
        said = self.label or "as things are"
        return f"<Forecast {said}: {self.replicates} x {self.n_days} days from {self.start}>"

    @property
    def replicates(self) -> int:
        """How often it was drawn."""
        return len(self.waiting)

    @property
    def n_days(self) -> int:
        """How many days."""
        return int(self.waiting.shape[1])

    def __getitem__(self, name: str) -> Spread:
        """A figure with its interval: the share of replicates within it is ``level``."""
        if name not in FIGURES:
            raise ImpactError(f"there is no figure {name!r}; expected one of {', '.join(FIGURES)}")
        return predicted(name, self.values(name), self.level)

    def values(self, name: str) -> FloatArray:
        """A figure in each replicate, shape (R,)."""
        return self._figures[name]

    @cached_property
    def occupancy(self) -> Ints:
        """People inside on each day, shape (R, T)."""
        found: Ints = self.by_ground.sum(axis=1)
        return found

    @cached_property
    def low_security(self) -> FloatArray:
        """People in low security: those who could be, as far as there are places."""
        could = self.by_ground[:, 1::2].sum(axis=1)
        return np.minimum(could, self.settings.number("places.low_security"))

    def series(self, name: str, *, by: str = "") -> dict[str, FloatArray]:
        """One of `SERIES` on each day, shape (R, T), by group.

        Parameters
        ----------
        by
            Empty for everybody, ``ground`` (of detention) or ``prison``; of the occupancy and, by
            ground, the arrivals.

        Raises
        ------
        ImpactError
            If there is none, or not by that group.
        """
        if name not in SERIES or by not in GROUPS:
            raise ImpactError(
                f"there is no series {name!r} by {by!r}; expected one of {', '.join(SERIES)}, and "
                "nothing, ground or prison"
            )
        if not by:
            return {"": np.asarray(self._whole(name), dtype=np.float64)}
        if by == "prison" and name == "occupancy":
            return {p: self.by_prison[:, i].astype(float) for i, p in enumerate(self.prisons)}
        if by == "ground" and name in ("occupancy", "arrivals"):
            both = self.by_ground[:, 0::2] + self.by_ground[:, 1::2]
            found = both if name == "occupancy" else self.arrivals
            return {g: found[:, i].astype(float) for i, g in enumerate(regimes())}
        raise ImpactError(f"{name} is not known by {by}; expected occupancy, or arrivals by ground")

    def _whole(self, name: str) -> npt.NDArray[Any]:
        if name == "regular":
            return self.occupancy - self.low_security
        if name == "arrivals":
            return np.asarray(self.arrivals.sum(axis=1))
        found: npt.NDArray[Any] = getattr(self, name)
        return found

    def days(self, name: str = "occupancy", *, by: str = "") -> pd.DataFrame:
        """A series day by day: ``day``, ``group``, ``value`` (mean), ``low``, ``high``."""
        return day_frame(self.start, self.series(name, by=by), self.level)

    @cached_property
    def month_edges(self) -> Ints:
        """First day of each month from the start, and the day after the last; shape (M + 1,)."""
        starts = [months_after(self.start, m) for m in range(self.months_ahead + 1)]
        return np.array([(day - self.start).days for day in starts])

    @cached_property
    def by_month(self) -> dict[str, FloatArray]:
        """What is told of each month, shape (R, M), by name."""
        edges = self.month_edges
        found = {
            name: month_mean(self._whole(name), edges) for name in SERIES if name != "arrivals"
        }
        found["arrivals"] = month_sum(self._whole("arrivals"), edges)
        let_in = month_sum(self.let_in, edges)
        waited = month_sum(self.wait_days, edges)
        found["wait"] = np.divide(waited, let_in, out=np.zeros_like(waited), where=let_in > 0)
        found["shell_cost"] = month_sum(self._cost, edges)
        found["hours"] = week_sum(self.hours, edges, self.n_days)
        for task, name in enumerate(task.id for task in self.settings.tasks):
            of_task = self.tasks[:, task] * self.settings.tasks[task].hours
            found[f"hours:{name}"] = week_sum(of_task, edges, self.n_days)
        found["deep_asked"] = week_sum(self.deep_asked.astype(float), edges, self.n_days)
        if self.case_backlog is not None:
            found["work_wait"] = week_mean(self._work_wait, edges)
        if self.deep_waiting is not None:
            found["deep_waiting"] = week_mean(self.deep_waiting.astype(float), edges)
        return found

    @property
    def _cost(self) -> FloatArray:
        s = self.settings
        cost = self.shell * s["shell.cost_per_day_eur"] + self.opened * s["shell.cost_opening_eur"]
        return np.asarray(cost, dtype=np.float64)

    @property
    def _work_wait(self) -> FloatArray:
        """Days that work which comes in now will lie, by week."""
        s = self.settings
        per_week = (
            s["casemanagers.fte"]
            * s["casemanagers.hours_per_week"]
            * s["casemanagers.productive_share"]
        )
        assert self.case_backlog is not None
        return 7 * self.case_backlog / per_week

    def months(self, lang: str = "en") -> pd.DataFrame:
        """A row for each month (by its first day) and name: ``value``, ``low``, ``high``."""
        return month_frame(self.start, self.by_month, self.level, lambda n: self.name_of(n, lang))

    def name_of(self, name: str, lang: str) -> str:
        """What a name of `by_month` means."""
        if not name.startswith("hours:"):
            return say("months", name, lang)
        task = next(t for t in self.settings.tasks if f"hours:{t.id}" == name)
        return say("months", "hours_of", lang, task=task.text.text(lang))

    @cached_property
    def _figures(self) -> dict[str, FloatArray]:
        everybody, waiting = self.occupancy, self.waiting
        let_in = self.let_in.sum(axis=1)
        nothing = np.full(self.replicates, np.nan)
        waited = self.wait_days.sum(axis=1)
        found = {
            "occupancy_mean": everybody.mean(axis=1),
            "occupancy_peak": everybody.max(axis=1),
            "occupancy_end": everybody[:, -1],
            "low_security_mean": self.low_security.mean(axis=1),
            "short_mean": self.short.mean(axis=1),
            "waiting_mean": waiting.mean(axis=1),
            "waiting_end": waiting[:, -1],
            "wait_mean": np.divide(waited, let_in, out=nothing.copy(), where=let_in > 0),
            "shell_mean": self.shell.mean(axis=1),
            "shell_peak": self.shell.max(axis=1),
            "shell_cost": self._cost.sum(axis=1),
            "hours_mean": self._whole_weeks.mean(axis=1),
            "hours_peak": self._whole_weeks.max(axis=1),
            "work_wait_peak": nothing if self.case_backlog is None else self._work_wait.max(axis=1),
            "deep_asked": self.deep_asked.sum(axis=1),
            "deep_waiting_end": nothing if self.deep_waiting is None else self.deep_waiting[:, -1],
            "deep_wait_median": self._median_waits,
        }
        return {name: np.asarray(values, dtype=np.float64) for name, values in found.items()}

    @property
    def _whole_weeks(self) -> FloatArray:
        return self.hours[:, : max(self.n_days // 7, 1)]

    @property
    def _median_waits(self) -> FloatArray:
        if not self.deep_waits:
            return np.full(self.replicates, np.nan)
        return np.array([np.median(one) if len(one) else math.nan for one in self.deep_waits])

    @property
    def figures(self) -> tuple[Spread, ...]:
        """All of `FIGURES`."""
        return tuple(self[name] for name in FIGURES)

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each figure: name, what it is, value and limits."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "name": one.name,
                    "figure": say("figures", one.name, lang),
                    "value": one.value,
                    "low": one.low,
                    "high": one.high,
                }
                for one in self.figures
            ]
        )

    def text(self, lang: str = "nl") -> str:
        """The figures in words, and what falls short when."""
        from risicoscreener.impact.capacity.shortages import bottleneck_words

        shown = [one for one in self.figures if not math.isnan(one.value)]
        lines = [
            say("words", "title", lang, label=self.label or say("words", "as_is", lang)),
            self.period(lang),
            say("words", "warning", lang),
            "",
            *(f"- {say('figures', one.name, lang)}: {one.text(lang)}" for one in shown),
            "",
            *bottleneck_words(self, lang),
            "",
            *closing(self, lang),
        ]
        return "\n".join(lines) + "\n"

    def period(self, lang: str) -> str:
        """What was forecast from what, in one sentence."""
        return say(
            "words",
            "period",
            lang,
            start=self.start,
            end=months_after(self.start, self.months_ahead),
            inside=number(self.inside_at_start, lang),
            seen=number(self.seen, lang),
            replicates=number(self.replicates, lang),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values: figures, months and what falls short; no person is among them."""
        from risicoscreener.impact.capacity.shortages import bottlenecks

        months = self.months()
        return {
            "label": self.label,
            "start": self.start.isoformat(),
            "months": self.months_ahead,
            "replicates": self.replicates,
            "level": self.level,
            "seed": self.seed,
            "inside_at_start": self.inside_at_start,
            "settings": dict(self.settings.values),
            "changes": msgspec.to_builtins(self.changes),
            "figures": {one.name: plain(one) for one in self.figures},
            "by_month": [
                {**row, "month": row["month"].date().isoformat()}
                for row in months.drop(columns="what").to_dict("records")
            ],
            "bottlenecks": [one.to_dict() for one in bottlenecks(self)],
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:,.1f}".format, index=False, escape=True)


def closing(found: Forecast, lang: str) -> Iterable[str]:
    """What the intervals are, and what weakens them."""
    yield say("words", "interval", lang, level=percent(found.level, lang))
    if found.replicates < 2 / (1 - found.level):
        yield say("words", "few", lang, n=found.replicates)
    if found.thin:
        names = ", ".join(say("grounds", kind, lang) for kind in found.thin)
        yield say("words", "thin", lang, kinds=names)
