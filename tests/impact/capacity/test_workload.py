"""Work: when tasks fall due, what lies, and who waits for a psychologist."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impact.capacity.world import START, plain
from risicoscreener.impact.capacity.drawing import Drawn
from risicoscreener.impact.capacity.settings import Task
from risicoscreener.impact.capacity.stays import regimes
from risicoscreener.impact.capacity.workload import (
    asked_on,
    backlog_of,
    queue_of_psychologists,
    tasks_by_week,
    weeks_of,
)
from risicoscreener.texts import Texts


def people(arrived: list[int], left: list[int], kind: str = "sentence", deep: bool = True) -> Drawn:
    come, go = np.array(arrived, np.int64), np.array(left, np.int64)
    code = np.full(len(come), regimes().index(kind))
    return Drawn(come, go, go, go, code, code, code, np.full(len(come), deep))


def task(at: str, offset: int, **changes) -> Task:
    text = Texts(nl="taak", en="task")
    return Task(
        id="one", text=text, at=at, offset_days=offset, hours=1, mark="A", source="", **changes
    )


@pytest.mark.parametrize(
    ("one", "weeks"),
    [
        (task("arrival", 1), [1, 1, 0, 0]),
        (task("arrival", 5), [0, 1, 1, 0]),
        (task("before_release", 3), [0, 2, 0, 1]),
        (task("before_release", 13), [2, 0, 0, 0]),
        (task("every", 7), [1, 2, 1, 0]),
        (task("arrival", 1, least_stay_days=13), [1, 0, 0, 0]),
        (task("arrival", 1, most_stay_days=13), [0, 1, 0, 0]),
        (task("arrival", 1, kinds=("remand",)), [0, 0, 0, 0]),
        (task("arrival", 1, kinds=("sentence",)), [1, 1, 0, 0]),
    ],
)
def test_when_a_task_falls_due(one, weeks):
    # Stays of 21, 14 and 12 days: before release by 3 on days 11, 13 and 21; by 13 on 1 and 3
    # (the last would be before arrival); every 7 on days 0 and 7, 9, and 19.
    found = tasks_by_week(people([-7, 2, 12], [14, 16, 24]), [one], 28)
    assert found[0].tolist() == weeks


@given(
    st.lists(st.tuples(st.integers(-60, 40), st.integers(0, 90)), max_size=15), st.integers(1, 30)
)
def test_reviews_are_as_often_as_counted_one_by_one(stays, every):
    arrived = [a for a, _ in stays]
    left = [a + n for a, n in stays]
    found = tasks_by_week(people(arrived, left), [task("every", every)], 40)
    slowly = [0] * weeks_of(40)
    for come, go in zip(arrived, left, strict=True):
        for day in range(come + every, go, every):
            if 0 <= day < 40:
                slowly[day // 7] += 1
    assert found[0].tolist() == slowly


def test_work_that_is_not_done_lies():
    found = backlog_of(np.array([[10.0, 0, 30, 0]]), 8, 3)
    assert found.tolist() == [[5, 0, 22, 14]]


def test_an_assessment_is_asked_for_before_release_and_not_before_arrival():
    settings = plain(deep__asked_before_release_days=20)
    day, left = asked_on(people([0, 0], [50, 10]), settings)
    assert day.tolist() == [0, 30]
    assert left.tolist() == [10, 50]
    assert len(asked_on(people([0], [50], deep=False), settings)[0]) == 0


def test_a_team_that_is_never_busy_lets_nobody_wait_longer_than_the_work():
    asked = np.arange(0, 300, 30)
    weeks, waits = queue_of_psychologists(
        asked, asked + 400, plain(deep__per_week=50.0), START, 400, (1, 0)
    )
    assert len(weeks) == weeks_of(400)
    assert weeks[-1] == 0
    assert (waits > 0).all()
    assert waits.mean() < 40


def test_who_has_left_is_passed_over_and_no_longer_waits():
    asked = np.zeros(40, np.int64)
    left = np.full(40, 30)
    weeks, waits = queue_of_psychologists(
        asked, left, plain(deep__per_week=1.0), START, 100, (1, 0)
    )
    assert weeks[0] >= 35
    assert weeks[-1] == 0
    assert (waits <= 30 + 60).all()


def test_a_longer_queue_with_fewer_psychologists():
    rng = np.random.default_rng(1)
    asked = np.sort(rng.integers(0, 700, 400))
    left = asked + 300
    waits = [
        np.median(
            queue_of_psychologists(asked, left, plain(deep__per_week=c), START, 730, (1, 0))[1]
        )
        for c in (8.0, 4.0, 2.0)
    ]
    assert waits[0] < waits[1] < waits[2]


def test_who_waits_on_the_first_day_is_before_the_others():
    asked = np.concatenate([np.full(5, -10), [0]])
    settings = plain(deep__per_week=1.0, deep__waiting_at_start=5)
    _, alone = queue_of_psychologists(
        asked, asked + 900, plain(deep__per_week=1.0), START, 365, (1, 0)
    )
    weeks, behind = queue_of_psychologists(asked, asked + 900, settings, START, 365, (1, 0))
    assert len(alone) == len(behind) == 1
    assert behind[0] > alone[0]
    assert weeks[0] >= 4


def test_nobody_asks():
    nothing = np.zeros(0, np.int64)
    weeks, waits = queue_of_psychologists(
        nothing, nothing, plain(deep__per_week=1.0), START, 30, (1, 0)
    )
    assert weeks.tolist() == [0] * 5
    assert not len(waits)
    assert not math.isnan(weeks.sum())
