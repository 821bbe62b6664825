"""Cells: who must be taken in, self-reporters in turn, and the shell that opens and closes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impact.capacity.world import plain
from risicoscreener.impact.capacity.cells import run_cells
from risicoscreener.impact.capacity.drawing import Drawn


def reporters(due: list[int], stay: list[int]) -> Drawn:
    arrived, length = np.array(due, np.int64), np.array(stay, np.int64)
    nothing = np.zeros(len(due), np.int64)
    left = arrived + length
    return Drawn(arrived, left, left, left, nothing, nothing, nothing, nothing > 0)


def ran(base: list[int], due: list[int], stay: list[int], **settings: Any):
    demand = np.array([base], np.int64)
    return run_cells(demand, np.zeros_like(demand), [reporters(due, stay)], plain(**settings))


def test_who_waits_is_called_up_when_a_cell_is_free_in_turn():
    found = ran([2] * 8, [0, 1, 1], [3, 2, 2], places__regular=3)
    assert found.admitted_on[0].tolist() == [0, 3, 5]
    assert found.waiting[0].tolist() == [0, 2, 2, 1, 1, 0, 0, 0]
    assert found.short.sum() == 0


def test_cells_that_are_reserved_are_not_for_them():
    found = ran([1] * 4, [0], [9], places__regular=3, places__reserved=2)
    assert found.admitted_on[0].tolist() == [4]
    assert found.waiting[0].tolist() == [1, 1, 1, 1]


def test_who_must_be_taken_in_is_and_then_has_no_place_of_their_own():
    found = ran([5, 7, 5], [], [], places__regular=5)
    assert found.short[0].tolist() == [0, 2, 0]


def test_without_a_limit_everybody_comes_on_the_day():
    found = ran([9] * 3, [-1, 2], [1, 1])
    assert found.admitted_on[0].tolist() == [0, 2]


def test_the_shell_opens_after_its_lead_time_and_closes_again():
    base = [10] * 20 + [2] * 20
    found = ran(
        base,
        [],
        [],
        places__regular=10,
        shell__places=6,
        shell__block=4,
        shell__lead_days=10,
        shell__decide_every_days=5,
    )
    # Ordered on day 0 (10 of 10), on day 5 10 of 14 are enough; open on day 10; closed on day 20.
    assert found.shell[0, :10].tolist() == [0] * 10
    assert found.shell[0, 10:20].tolist() == [4] * 10
    assert found.shell[0, 20:].tolist() == [0] * 20
    assert found.opened[0].sum() == 4


def test_the_shell_has_no_more_places_than_it_has():
    found = ran(
        [100] * 60, [], [], places__regular=10, shell__places=6, shell__block=4, shell__lead_days=3
    )
    assert found.shell.max() == 6


def test_low_security_frees_cells():
    demand, low = np.array([[5, 5]]), np.array([[2, 2]])
    found = run_cells(demand, low, [reporters([0], [9])], plain(places__regular=4))
    assert found.admitted_on[0].tolist() == [0]
    few = run_cells(
        demand, low, [reporters([0], [9])], plain(places__regular=4, places__low_security=1)
    )
    assert few.admitted_on[0].tolist() == [2]


def slowly(base, due, stay, places):
    """The same, one self-reporter at a time."""
    order = sorted(range(len(due)), key=lambda i: due[i])
    admitted = [len(base)] * len(due)
    for day, inside in enumerate(base):
        here = sum(admitted[i] <= day < admitted[i] + stay[i] for i in range(len(due)))
        for i in [i for i in order if admitted[i] > day and due[i] <= day]:
            # Whom there is a place for on the morning is let in, however short they stay.
            if inside + here >= places:
                break
            admitted[i], here = day, here + 1
    return admitted


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=25),
    st.lists(st.tuples(st.integers(-2, 24), st.integers(1, 9)), max_size=20),
    st.integers(0, 8),
)
def test_as_slowly_by_hand(base, cases, places):
    due, stay = [d for d, _ in cases], [s for _, s in cases]
    found = ran(base, due, stay, places__regular=places)
    assert found.admitted_on[0].tolist() == slowly(base, due, stay, places)
    inside = [
        sum(a <= day < a + s for a, s in zip(found.admitted_on[0].tolist(), stay, strict=True))
        for day in range(len(base))
    ]
    due_by = [sum(d <= day for d in due) for day in range(len(base))]
    let_in = [int((found.admitted_on[0] <= day).sum()) for day in range(len(base))]
    assert found.waiting[0].tolist() == [d - n for d, n in zip(due_by, let_in, strict=True)]
    for day, here in enumerate(inside):
        assert found.short[0, day] == max(base[day] + here - places, 0)


def test_replicates_do_not_mix():
    demand = np.array([[1] * 6, [2] * 6], np.int64)
    pair = [reporters([0, 0], [2, 2]), reporters([1], [3])]
    both = run_cells(demand, 0 * demand, pair, plain(places__regular=2))
    for run, one in enumerate(pair):
        alone = run_cells(demand[[run]], 0 * demand[[run]], [one], plain(places__regular=2))
        assert both.admitted_on[run].tolist() == alone.admitted_on[0].tolist()
        assert (both.waiting[run] == alone.waiting[0]).all()


def test_a_backlog_of_one_place_a_day_is_gone_when_it_should():
    found = ran([0] * 40, [-1] * 30, [1] * 30, places__regular=1)
    assert found.admitted_on[0].tolist() == list(range(30))
    assert found.waiting[0, 29] == 0


@pytest.mark.parametrize("every", [1, 7])
def test_decisions_are_taken_when_there_is_a_meeting(every):
    found = ran(
        [100] * 30,
        [],
        [],
        places__regular=10,
        shell__places=30,
        shell__block=1,
        shell__lead_days=1,
        shell__decide_every_days=every,
    )
    assert found.shell[0, -1] == (29 if every == 1 else 5)
