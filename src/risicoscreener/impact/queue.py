"""Deep assessments that wait for psychologists, and psychologists who are away in summer.

The queue of a team is one of simpy. Work is counted in working time: on days on which half of the
psychologists are there, half a day of work is done.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.impact.settings import Closure, Team

if TYPE_CHECKING:
    import simpy

Key = tuple[float, ...]
"""What is lower is taken up first."""


@dataclass(eq=False)
class Job:
    """One deep assessment; days count from the start, NaN for what did not happen.

    Attributes
    ----------
    person, turn
        Whose, and the how manieth of theirs.
    asked_on, started_on, done_on
        When it was asked for, taken up, and finished.
    work
        Days of work.
    """

    person: int
    turn: int
    asked_on: float
    work: float
    started_on: float = math.nan
    done_on: float = math.nan
    waiting: list[Any] = field(default_factory=list)


class WorkingTime:
    """Days of work between days of the calendar.

    Parameters
    ----------
    start
        The day from which days are counted.
    first_day, last_day
        The days that are known, from the start; after them everybody is at work.
    closures
        Where several cover a day, the smallest share holds.
    """

    def __init__(
        self, start: dt.date, first_day: int, last_day: int, closures: Sequence[Closure]
    ) -> None:
        share = np.ones(last_day - first_day)
        for closure in closures:
            first = max((closure.first - start).days - first_day, 0)
            last = max((closure.last - start).days + 1 - first_day, 0)
            share[first:last] = np.minimum(share[first:last], closure.share)
        self.days = np.arange(first_day, last_day + 1, dtype=np.float64)
        self.worked = np.concatenate(([0.0], np.cumsum(share)))
        self.last_day = last_day
        self.is_plain = bool((share == 1).all())

    def after(self, day: float, work: float) -> float:
        """The day on which so much work is done that began on a day."""
        if self.is_plain:
            return day + work
        done = self._worked_by(day) + work
        if done >= self.worked[-1]:
            return self.last_day + float(done - self.worked[-1])
        # The first moment at which so much was done: a closed day is not an end.
        place = int(np.searchsorted(self.worked, done, side="left"))
        low, high = self.worked[place - 1], self.worked[place]
        return max(day, float(self.days[place - 1] + (done - low) / (high - low)))

    def _worked_by(self, day: float) -> float:
        if day >= self.last_day:
            return float(self.worked[-1] + day - self.last_day)
        return float(np.interp(day, self.days, self.worked))


class Desk:
    """One team: jobs come in, and those that are still wanted are worked on.

    Parameters
    ----------
    env
        The clock.
    team, service_days
        How many work beside each other, and the mean days of work.
    time
        When work is done.
    is_wanted, on_done
        Asked of a job when it is taken up; told when it is finished.
    """

    def __init__(
        self,
        env: simpy.Environment,
        team: Team,
        service_days: float,
        time: WorkingTime,
        is_wanted: Callable[[Job], bool],
        on_done: Callable[[Job], None],
    ) -> None:
        import simpy

        self.env = env
        self.time = time
        self.mean = team.service(service_days)
        self.resource = simpy.PriorityResource(env, capacity=team.servers(service_days))
        self.is_wanted, self.on_done = is_wanted, on_done

    def take_in(self, job: Job, key: Key) -> None:
        """Put a job in the queue."""
        self.env.process(self._serve(job, key))

    def _serve(self, job: Job, key: Key) -> Generator[simpy.Event, object, None]:
        # simpy sorts by whatever can be compared, and its types say int.
        with self.resource.request(priority=key) as turn:  # type: ignore[arg-type]
            yield turn
            if not self.is_wanted(job):
                return
            job.started_on = self.env.now
            end = self.time.after(self.env.now, job.work)
            yield self.env.timeout(end - self.env.now)
            job.done_on = self.env.now
        self.on_done(job)
