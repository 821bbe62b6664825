"""Columns of many screenings, and what is prepared once for all of them, at their limits."""

from __future__ import annotations

import json
import os

import numpy as np
import pyarrow as pa
import pytest

from cases import example
from risicoscreener import Screener, native
from risicoscreener.decision import OUTCOMES
from risicoscreener.screening import many as module
from risicoscreener.screening.at_once import at_once
from risicoscreener.screening.table import FEW_ROWS, _coded, _flat, _numbered
from risicoscreener.screening.views import _finite, take
from risicoscreener.synthetic import Cohort


@pytest.fixture(scope="module")
def screened(screener: Screener, cohort: Cohort):
    index = cohort.truth.persons.reset_index()[["person_id", "as_of"]].iloc[:40]
    return screener.screen_many(cohort.tables, "leave", index)


def test_rows_are_counted_from_both_ends(screened):
    n = len(screened)
    assert screened.result(-n) == screened.result(0)
    assert screened.result(-1) == screened.result(n - 1)
    for row in (n, -n - 1):
        with pytest.raises(IndexError, match=f"row {row} of {n}"):
            screened.result(row)


def test_a_row_of_the_table_is_that_of_its_result(screened):
    frame = screened.to_frame()
    assert frame["as_of"].dtype.kind == "M"
    for row in range(len(screened)):
        found, said = screened.result(row), frame.iloc[row]
        assert (said["person_id"], said["outcome"]) == (found.person_id, found.outcome)
        assert (said["policy"], said["rule"]) == (found.policy.id, found.rule.id)
        assert said["as_of"].date() == found.as_of
        assert list(said["conditions"]) == [c.id for c in found.conditions]
        for level, column in (("not_met", "not_met"), ("unknown", "unknown")):
            listed = [r.name for r in found.requirements if r.level == level]
            assert list(said[f"requirements_{column}"]) == listed
        for domain in found.domains:
            assert said[domain.name] == domain.level
        for model in found.models:
            for place, reason in enumerate(model.reasons, start=1):
                assert said[f"{model.name}_reason_{place}"] == reason
            for part in ("probability", "lower", "upper"):
                assert said[f"{model.name}_{part}"] == getattr(model, part)
            assert said[f"{model.name}_support"] == model.support


def test_outcomes_are_counted_the_most_liberty_first(screened):
    counts = screened.counts()
    assert list(counts) == list(reversed(OUTCOMES))
    assert sum(counts.values()) == len(screened)
    assert repr(screened).startswith(f"<ScreenedTable of {len(screened):,} screenings for leave: ")
    for outcome, n in counts.items():
        assert f"{n:,} {outcome}" in repr(screened)
        assert (screened.outcomes == outcome).sum() == n


def test_names_are_numbered_across_versions():
    known, codes = _numbered([["a", "b"], ["b"], []])
    assert known == ["a", "b"]
    assert codes.tolist() == [[0, 1], [1, -1], [-1, -1]]
    assert _numbered([]) == ([], pytest.approx(np.empty((0, 0))))


def test_a_code_below_none_is_null():
    coded = _coded(np.array([1, -1, 0], np.int8), ["a", "b"])
    assert coded.to_pylist() == ["b", None, "a"]


def test_for_csv_lists_are_joined_and_codes_spelt():
    ends, names = pa.array([0, 2, 2, 3]), _coded(np.array([0, 1, 1], np.int8), ["a", "b"])
    table = pa.table(
        {
            "listed": pa.ListArray.from_arrays(ends, names),
            "coded": _coded(np.array([1, -1, 0], np.int8), ["a", "b"]),
            "plain": [1, 2, 3],
        }
    )
    flat = _flat(table)
    assert flat.column_names == table.column_names
    assert flat["listed"].to_pylist() == ["a b", "", "b"]
    assert flat["coded"].to_pylist() == ["b", None, "a"]
    assert flat["coded"].type == pa.string()
    assert flat["plain"].to_pylist() == [1, 2, 3]


@pytest.mark.parametrize("n_threads", [None, 1, 3])
def test_as_many_threads_work_as_are_asked_for(screener, cohort, monkeypatch, n_threads):
    made = []

    class Counted(module.ThreadPoolExecutor):
        def __init__(self, n: int) -> None:
            made.append(n)
            super().__init__(n)

    monkeypatch.setattr(module, "ThreadPoolExecutor", Counted)
    index = cohort.truth.persons.reset_index()[["person_id", "as_of"]].iloc[:3]
    done = []
    screener.screen_many(
        cohort.tables,
        "leave",
        index,
        n_threads=n_threads,
        on_block=lambda now, of: done.append((now, of)),
    )
    assert made == [n_threads or os.cpu_count()]
    assert done == [(3, 3)]
    assert FEW_ROWS > 3


def test_elements_are_taken_from_any_number_of_places():
    assert list(take([])(["a", "b"])) == []
    assert list(take([1])(["a", "b"])) == ["b"]
    assert list(take([1, 0])(["a", "b"])) == ["b", "a"]


def test_a_bound_that_is_none_is_not_told():
    assert [_finite(v) for v in (1.0, float("inf"), float("-inf"), float("nan"))] == [
        1.0,
        None,
        None,
        None,
    ]


@pytest.mark.skipif(not native.available(), reason="there is no compiled library")
class TestAtOnce:
    """The library finds the examples by itself; else all would be well, and slow."""

    @pytest.fixture
    def route(self, screener):
        return screener.route("leave")

    def test_the_library_takes_a_dossier_from_its_bytes(self, route, screener):
        for name in ("grant", "deny", "deep_assessment"):
            data = json.dumps(example(name)).encode()
            found = route.screen_at_once(data, None, screener.today())
            assert found is not None
            assert found == screener.screen(example(name), "leave")
            day = found.as_of
            assert route.screen_at_once(data, day, screener.today()) == found

    def test_the_library_leaves_what_it_cannot_hold(self, route):
        programs, inputs = [view.program for view in route.models], route.model_inputs
        assert at_once(route.plan, programs, inputs) is not None
        assert at_once(route.plan, [*programs[:-1], object()], inputs) is None

    def test_a_room_serves_one_call_after_the_other(self, route, screener):
        at = route._compiled
        data = json.dumps(example("grant")).encode()
        before = len(at._rooms)
        one = at.look(data, None, screener.today())
        other = at.look(data, None, screener.today())
        assert one.room is not other.room
        at.done(one)
        at.done(other)
        assert len(at._rooms) >= before
        assert at.look(b"{}", None, screener.today()) is None
