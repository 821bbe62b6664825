"""Parts in several processes: in order, the first error with its part, lost processes said."""

from __future__ import annotations

import pickle
import time

import joblib
import pytest

from parts_work import begun, doubled, fails_at_three, is_killed_at_two
from risicoscreener.errors import DossierError, PartError, ScaleError
from risicoscreener.scale.processes import map_parts


@pytest.mark.parametrize("n_jobs", [1, 2, -1])
def test_results_come_in_the_order_of_the_parts(n_jobs):
    assert list(map_parts(doubled, range(7), n_jobs)) == [0, 2, 4, 6, 8, 10, 12]
    assert list(map_parts(doubled, [], n_jobs)) == []


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_first_part_that_fails_is_named_after_those_before_it_were_given(n_jobs):
    run = map_parts(fails_at_three, range(9), n_jobs, name="part-{:05d}".format)
    assert [next(run), next(run), next(run)] == [0, 1, 2]
    with pytest.raises(PartError, match="^part-00003: a fact without a person$") as raised:
        next(run)
    assert raised.value.part == "part-00003"
    assert isinstance(raised.value.__cause__, DossierError)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_error_in_the_program_keeps_its_kind_and_says_where(n_jobs):
    with pytest.raises(ZeroDivisionError) as raised:
        list(map_parts((1).__floordiv__, [1, 0, 1], n_jobs, name="part {}".format))
    assert raised.value.__notes__ == ["while working on part 0"]


def test_a_killed_process_is_said_and_the_next_run_works():
    with pytest.raises(PartError, match="was killed or ran out of memory"):
        list(map_parts(is_killed_at_two, range(6), 2))
    assert list(map_parts(doubled, range(3), 2)) == [0, 2, 4]


def test_who_stops_early_leaves_no_work_behind(tmp_path):
    run = map_parts(begun, [tmp_path / str(part) for part in range(100)], 2)
    next(run)
    run.close()
    done = len(list(tmp_path.iterdir()))
    time.sleep(0.3)
    assert len(list(tmp_path.iterdir())) == done <= 5
    assert list(map_parts(doubled, range(3), 2)) == [0, 2, 4]


def test_several_at_a_time_do_not_end_each_other():
    one, other, third = (map_parts(doubled, range(12), n_jobs) for n_jobs in (2, 2, 3))
    assert next(one) == next(other) == next(third) == 0
    one.close()
    assert list(other) == list(third) == list(range(2, 24, 2))


def test_joblib_may_be_used_on_each_result():
    results = []
    for result in map_parts(doubled, range(8), 2):
        results += joblib.Parallel(n_jobs=2)([joblib.delayed(abs)(result)])
    assert results == list(range(0, 16, 2))


def test_where_no_process_can_be_started_that_is_said(monkeypatch):
    def no_more(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("joblib.externals.loky.ProcessPoolExecutor.submit", no_more)
    with pytest.raises(ScaleError, match="^processes cannot be started: Resource temporarily un"):
        list(map_parts(doubled, range(4), 2))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_results_that_nobody_takes_yet_do_not_pile_up(n_jobs, tmp_path):
    run = map_parts(begun, [tmp_path / str(part) for part in range(100)], n_jobs)
    next(run)
    time.sleep(1.5)
    assert len(list(tmp_path.iterdir())) <= 1 + 2 * n_jobs
    assert len(list(run)) == 99


@pytest.mark.parametrize("n_jobs", [0, -2, 1.5, True, "2"])
def test_what_is_no_number_of_processes_is_refused_at_once(n_jobs):
    with pytest.raises(ScaleError, match="n_jobs is .*; expected a number of processes"):
        map_parts(doubled, range(3), n_jobs)


def test_the_error_of_a_part_passes_between_processes():
    error = pickle.loads(pickle.dumps(PartError("part-00001", "no such file")))
    assert (error.part, error.reason, str(error)) == (
        "part-00001",
        "no such file",
        "part-00001: no such file",
    )
