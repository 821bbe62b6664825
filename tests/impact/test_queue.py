"""The queue of a team against what theory says of it, and against its own promises."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.impact.queue import Desk, Job, WorkingTime
from risicoscreener.impact.settings import Closure, Team

START = dt.date(2022, 1, 1)


def erlang_c(servers: int, load: float) -> float:
    """Share of arrivals that have to wait in M/M/c; load is arrivals times mean service."""
    terms = [load**k / math.factorial(k) for k in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(terms) + last)


def mean_wait(arrivals: np.ndarray, work: np.ndarray, team: Team, service_days: float) -> float:
    env = simpy.Environment()
    jobs: list[Job] = []
    desk = Desk(
        env,
        team,
        service_days,
        WorkingTime(START, 0, 1, ()),
        lambda _: True,
        lambda _: None,
    )

    def come():
        for at, days in zip(arrivals, work * desk.mean, strict=True):
            yield env.timeout(at - env.now)
            job = Job(0, 0, env.now, float(days))
            jobs.append(job)
            desk.take_in(job, (env.now,))

    env.process(come())
    env.run()
    waits = np.array([job.started_on - job.asked_on for job in jobs])
    return float(waits[len(waits) // 20 :].mean())


def arrivals(rng: np.random.Generator, per_day: float, n: int) -> np.ndarray:
    return np.cumsum(rng.exponential(1 / per_day, n))


def test_the_share_that_waits_is_erlangs():
    # Three servers at a load of two: 4/9, by hand: (8/6 * 3) / (1 + 2 + 2 + 4).
    assert erlang_c(3, 2.0) == pytest.approx(4 / 9)
    assert erlang_c(1, 0.8) == pytest.approx(0.8)


@pytest.mark.parametrize(("servers", "use"), [(1, 0.7), (3, 0.8), (8, 0.75)])
def test_exponential_work_waits_as_erlang_says(servers, use):
    rng, n, service = np.random.default_rng(servers), 40_000, 10.0
    team = Team(per_week=servers * 7 / service, people=servers)
    rate = use * servers / service
    found = mean_wait(arrivals(rng, rate, n), rng.exponential(1.0, n), team, service)
    expected = erlang_c(servers, use * servers) / (servers / service - rate)
    assert found == pytest.approx(expected, rel=0.12)


def test_work_of_one_length_waits_half_as_long():
    rng, n, service, use = np.random.default_rng(5), 40_000, 10.0, 0.7
    team = Team(per_week=7 / service, people=1)
    found = mean_wait(arrivals(rng, use / service, n), np.ones(n), team, service)
    # Pollaczek and Khinchine: rho / (2 mu (1 - rho))
    assert found == pytest.approx(use / (2 * (1 - use)) * service, rel=0.06)


@given(per_week=st.floats(0.05, 50), days=st.floats(1, 60))
def test_a_team_that_always_has_work_finishes_what_it_promises(per_week, days):
    team = Team(per_week=per_week)
    assert team.servers(days) / team.service(days) * 7 == pytest.approx(per_week)


SHARES = st.lists(st.tuples(st.integers(-5, 40), st.integers(0, 12), st.floats(0, 1)), max_size=4)


@given(closures=SHARES, day=st.floats(-5, 50), work=st.floats(0, 40))
def test_working_time_does_as_much_work_as_was_asked(closures, day, work):
    closed = [
        Closure(START + dt.timedelta(days=a), START + dt.timedelta(days=a + n), share)
        for a, n, share in closures
    ]
    time = WorkingTime(START, -5, 40, closed)
    end = time.after(day, work)
    assert end >= day - 1e-9
    assert time._worked_by(end) - time._worked_by(day) == pytest.approx(work, abs=1e-6)


def test_work_stands_still_when_nobody_is_there():
    closed = Closure(START + dt.timedelta(days=2), START + dt.timedelta(days=5))
    time = WorkingTime(START, 0, 30, [closed])
    assert time.after(1.0, 2.0) == pytest.approx(7.0)  # one day before, four away, one after
    assert time.after(3.0, 0.5) == pytest.approx(6.5)
    half = WorkingTime(START, 0, 30, [Closure(START, START + dt.timedelta(days=9), 0.5)])
    assert half.after(0.0, 4.0) == pytest.approx(8.0)
