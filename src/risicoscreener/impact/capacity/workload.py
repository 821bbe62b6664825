"""Work of casemanagers by task and week, and of psychologists as a queue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from risicoscreener.impact.capacity.drawing import WORK, Drawn, stream
from risicoscreener.impact.capacity.settings import CapacitySettings, Task
from risicoscreener.impact.capacity.stays import regimes

Ints = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

WEEK = 7


def weeks_of(n_days: int) -> int:
    """Weeks that begin within so many days."""
    return -(-n_days // WEEK)


def tasks_by_week(people: Drawn, tasks: Sequence[Task], n_days: int) -> FloatArray:
    """How often each task falls due in each week, shape (tasks, weeks)."""
    found = np.zeros((len(tasks), weeks_of(n_days)))
    stay = people.left - people.arrived
    for place, task in enumerate(tasks):
        of = stay >= task.least_stay_days
        if task.most_stay_days:
            of &= stay <= task.most_stay_days
        if task.kinds:
            of &= np.isin(people.kind, [regimes().index(kind) for kind in task.kinds])
        for day in _due(people.arrived[of], people.left[of], task):
            during = day[(day >= 0) & (day < n_days)]
            found[place] += np.bincount(during // WEEK, minlength=found.shape[1])
    return found


def _due(arrived: Ints, left: Ints, task: Task) -> list[Ints]:
    if task.at == "before_release":
        day = left - task.offset_days
        return [day[day >= arrived]]
    if task.at == "arrival":
        day = arrived + task.offset_days
        return [day[day < left]]
    found: list[Ints] = []
    # Before the first day nothing is counted: whoever is there already begins with the next one.
    nth = np.maximum(-(arrived // task.offset_days), 1)
    day = arrived + nth * task.offset_days
    while True:
        inside = day < left
        arrived, left, day = arrived[inside], left[inside], day[inside]
        if not len(day):
            return found
        found.append(day)
        day = day + task.offset_days


def backlog_of(hours: FloatArray, per_week: float, at_start: float) -> FloatArray:
    """Hours of work that lie there at the end of each week, shapes (R, weeks)."""
    found = np.empty_like(hours)
    lying = np.full(hours.shape[0], at_start)
    for week in range(hours.shape[1]):
        lying = np.maximum(lying + hours[:, week] - per_week, 0.0)
        found[:, week] = lying
    return found


def asked_on(people: Drawn, settings: CapacitySettings) -> tuple[Ints, Ints]:
    """Day on which a deep assessment is asked for each who needs one, and the day they leave."""
    before = settings["deep.asked_before_release_days"]
    needs = people.at(people.deep)
    day = np.maximum(needs.left - before, needs.arrived)
    order = np.argsort(day, kind="stable")
    return day[order], needs.left[order]


def queue_of_psychologists(
    asked: Ints,
    left: Ints,
    settings: CapacitySettings,
    start: dt.date,
    n_days: int,
    key: tuple[int, int],
) -> tuple[Ints, FloatArray]:
    """Who waits for an assessment at the end of each week, and the days that each asker waited.

    The queue of `impact.queue`: work is counted in working time, and who has left is passed over.

    Parameters
    ----------
    asked, left
        Days, ascending by ``asked``; those asked for before the first day are not counted, but as
        many of them as are said to wait then.
    key
        Seed and replicate.

    Returns
    -------
    Shape (weeks,), and of those asked for from the first day on days until it was finished, or so
    far; NaN for who left before.
    """
    import simpy

    from risicoscreener.impact.queue import Desk, Job, WorkingTime
    from risicoscreener.impact.settings import Assessing, Team, usual_closures

    assessing = Assessing.assumed()
    team = Team(per_week=settings["deep.per_week"])
    during = (asked >= 0) & (asked < n_days)
    waiting = np.flatnonzero((asked < 0) & (left > 0))[: settings["deep.waiting_at_start"]]
    chosen = np.concatenate([waiting, np.flatnonzero(during)])
    # What an assessment takes belongs to the how manieth it is: the same in two scenarios.
    rng = stream(*key, regimes()[0], WORK)
    work = rng.gamma(assessing.service_shape, 1 / assessing.service_shape, len(chosen))
    jobs = [
        Job(
            person=i,
            turn=0,
            asked_on=float(max(asked[i], 0)),
            work=w * team.service(assessing.service_days),
        )
        for i, w in zip(chosen.tolist(), work.tolist(), strict=True)
    ]
    env = simpy.Environment()
    last = n_days + 2 * 366
    time = WorkingTime(start, 0, last, usual_closures(start, 1 + last // 28))
    desk = Desk(
        env,
        team,
        assessing.service_days,
        time,
        lambda job: bool(left[job.person] > env.now),
        lambda _: None,
    )

    def come() -> object:
        for number, job in enumerate(jobs):
            if job.asked_on > env.now:
                yield env.timeout(job.asked_on - env.now)
            desk.take_in(job, (number,))

    env.process(come())  # type: ignore[arg-type]
    env.run(until=n_days)
    return _waiting(jobs, left, n_days), _waits(jobs, left, n_days, len(waiting))


def _waiting(jobs: Sequence[object], left: Ints, n_days: int) -> Ints:
    ends = np.minimum(WEEK * np.arange(1, weeks_of(n_days) + 1), n_days)
    asked = np.array([job.asked_on for job in jobs])  # type: ignore[attr-defined]
    done = _gone(jobs, left)
    return np.searchsorted(np.sort(asked), ends, "left") - np.searchsorted(
        np.sort(done), ends, "left"
    )


def _gone(jobs: Sequence[object], left: Ints) -> FloatArray:
    """Day on which each no longer waits: it is done, or they left before it was begun."""
    done = np.array([job.done_on for job in jobs], dtype=np.float64)  # type: ignore[attr-defined]
    started = np.array([job.started_on for job in jobs], dtype=np.float64)  # type: ignore[attr-defined]
    who = np.array([job.person for job in jobs], dtype=np.int64)  # type: ignore[attr-defined]
    never = np.where(np.isnan(started), left[who] if len(who) else 0.0, np.inf)
    return np.where(np.isnan(done), never, done)


def _waits(jobs: Sequence[object], left: Ints, n_days: int, before: int) -> FloatArray:
    asked = np.array([job.asked_on for job in jobs])  # type: ignore[attr-defined]
    gone = np.minimum(_gone(jobs, left), n_days)
    return (gone - asked)[before:]
