"""The comparison with other libraries: who is timed answers as ours does, and figures are kept."""

from __future__ import annotations

import dataclasses
import sys

import numpy as np
import pytest

import compare
import history
from cases import ROOT
from competitors import _results, all_competitors, all_tasks
from competitors._interface import Competitor, Files, Took
from competitors._measuring import NotEqualError, Row, check, measured, pairs
from competitors._page import page, seconds, times
from history import Entry

TASKS = all_tasks()
COMPETITORS = all_competitors()
PEOPLE = 200


def label(competitor):
    return f"{competitor.task}-{competitor.name.replace(' ', '_')}"


@pytest.fixture(scope="module")
def tiny():
    """For each task and size the data, and what ours answers."""
    made = {}

    def of(task, size):
        if (task.id, size) not in made:
            data = task.data(size, 1)
            own = task.ours.prepare(data)
            made[task.id, size] = data, task.ours.answers(own, task.ours.run(own))
        return made[task.id, size]

    return of


@pytest.mark.parametrize("competitor", COMPETITORS, ids=label)
@pytest.mark.filterwarnings("ignore")
def test_who_is_timed_answers_as_ours_does(competitor, tiny):
    if competitor.absent():
        pytest.skip(competitor.absent())
    task = TASKS[competitor.task]
    sizes = {min(size, PEOPLE) for size in task.sizes}
    for size in sizes:
        data, ours = tiny(task, size)
        check(task, competitor, competitor.prepare(data), ours, data)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_each_task_has_competitors_and_says_what_it_compares(task):
    own = [c for c in COMPETITORS if c.task == task.id]
    assert own
    assert len({c.name for c in own}) == len(own)
    for competitor in (task.ours, *own):
        assert competitor.does
        assert competitor.tuned
    assert task.ours.task == task.id


def test_a_competitor_for_an_unknown_task_is_none():
    assert {c.task for c in COMPETITORS} == set(TASKS)


class Off(Competitor):
    """Wrong in one answer."""

    name = "wrong by one"
    task = "decision"
    does = tuned = "nothing"

    def run(self, prepared):
        found = TASKS["decision"].ours.run(prepared).copy()
        found[3] = (found[3] + 1) % 3
        return found


class OtherKind(Off):
    """Of a kind of its own, and not as its reference says."""

    kind_only = "a model of its own"

    def run(self, prepared):
        return prepared.sum(axis=0) * 1.001

    def reference(self, prepared):
        return prepared.sum(axis=0)


@pytest.mark.parametrize("competitor", [Off(), OtherKind()], ids=["ours", "its own reference"])
def test_a_competitor_that_is_not_equal_is_an_error_not_a_row(competitor):
    with pytest.raises(NotEqualError, match="wrong by one does not answer decision"):
        list(measured(TASKS["decision"], 50, [competitor], budget=0.01))


def test_the_check_of_probabilities_sees_the_ninth_decimal(tiny):
    task = TASKS["probability"]
    data, ours = tiny(task, PEOPLE)
    task.check(ours + 1e-11, ours, data)
    with pytest.raises(AssertionError):
        task.check(ours + 1e-8, ours, data)


@pytest.mark.parametrize("column", range(7))
def test_the_check_of_features_sees_each_feature(tiny, column):
    task = TASKS["features"]
    data, ours = tiny(task, PEOPLE)
    theirs = ours.copy()
    task.check(theirs, ours, data)
    who = np.flatnonzero(~np.isnan(ours[:, column]) & ~data.tied)[0]
    theirs[who, column] += 1
    with pytest.raises(AssertionError):
        task.check(theirs, ours, data)


def test_a_ratio_is_the_median_of_pairs_run_in_turn():
    calls = []

    def way(name, wall):
        def timed(loops):
            calls.append((name, loops))
            return Took(wall, wall / 2)

        return timed

    found = pairs(way("theirs", 0.004), way("ours", 0.002), budget=0.1)
    assert len(found) >= 5
    assert {(theirs.wall, ours.wall) for theirs, ours in found} == {(0.004, 0.002)}
    assert dict(calls) == {"theirs": 3, "ours": 5}
    firsts = [name for name, _ in calls[2::2]]
    assert set(firsts) == {"theirs", "ours"}


def test_a_size_beyond_one_part_goes_part_by_part():
    task = dataclasses.replace(TASKS["decision"], part=40)
    right = Off()
    right.run = task.ours.run
    (row,) = measured(task, 100, [right], budget=0.01)
    assert row.size == 100
    assert row.pairs == 3  # one for each part
    assert row.low <= row.ratio <= row.high


# -- page, pictures, history ---------------------------------------------------------------------

ROWS = (
    Row("decision", "np.select", 1_000, 9, 5.2, 4.9, 5.6, 5.1, 4e-5, 2e-4),
    Row("decision", "np.select", 10_000, 9, 15.0, 14.0, 16.0, 15.0, 6e-5, 9e-4),
    Row("decision", "zen-engine", 1_000, 5, 812.0, 790.0, 830.0, 800.0, 4e-5, 0.03),
    Row("single", "Python by hand", 1, 9, 0.42, 0.4, 0.44, 0.42, 6e-5, 2.5e-5),
)


@pytest.fixture
def kept(tmp_path):
    """A place of its own for all that the comparison writes."""
    (tmp_path / "docs").mkdir()
    return Files(tmp_path)


def of(rows=ROWS):
    return _results.results(rows, busy=0.5)


def test_results_come_back_as_they_were_written(tmp_path):
    path = tmp_path / "made" / "latest.json"
    assert _results.load(path) is None
    _results.save(of(), path)
    assert _results.load(path) == of()


def test_rows_of_other_tasks_stay_if_the_machine_is_the_same():
    before, now = of(ROWS[:3]), of(ROWS[3:])
    assert {row.task for row in _results.joined(now, before).rows} == {"decision", "single"}
    elsewhere = dataclasses.replace(before, machine="another")
    assert _results.joined(now, elsewhere) == now
    assert _results.joined(before, before) == before


def test_the_page_has_each_figure_and_what_each_does():
    text = page(of(), TASKS.values(), COMPETITORS)
    assert "| np.select | **5.2** (4.9 to 5.6) | **15.0** (14.0 to 16.0) |" in text
    assert "| zen-engine | **812** (790 to 830) |  |" in text
    assert "| Python by hand | **0.42** (0.4 to 0.44) |" in text
    assert "| ours takes | 40 µs | 60 µs |" in text
    assert "one dossier" in text
    for competitor in COMPETITORS:
        shown = any((r.task, r.competitor) == (competitor.task, competitor.name) for r in ROWS)
        assert (f"- {competitor.name}: {competitor.does} (" in text) >= shown


@pytest.mark.parametrize(
    ("took", "text"), [(2.0, "2 s"), (0.0123, "12.3 ms"), (4.56e-6, "4.56 µs"), (0.5678, "568 ms")]
)
def test_seconds_have_their_unit(took, text):
    assert seconds(took) == text


@pytest.mark.parametrize(("ratio", "text"), [(1234.5, "1,234"), (12.34, "12.3"), (0.123, "0.12")])
def test_ratios_have_two_or_three_digits(ratio, text):
    assert times(ratio) == text


def test_what_is_written_is_page_pictures_figures_and_history(kept, monkeypatch):
    monkeypatch.setattr(compare, "compared", lambda *_: iter(ROWS))
    assert compare.main(["--write"], kept) == 0
    assert history.read(kept.history) == of().entries()
    for name in ("ratios", "scaling", "history"):
        assert "<svg" in kept.picture(name).read_text("utf-8")
    assert kept.page.read_text("utf-8").startswith("# Benchmarks")


def entry(ratio, date="2026-01-01", machine="here", size=1000):
    return Entry(date, "0.1.0", machine, "decision", "np.select", size, ratio)


def test_a_planted_regression_is_found(kept, monkeypatch, capsys):
    monkeypatch.setattr(compare, "compared", lambda *_: iter(ROWS))
    assert compare.main(["--check"], kept) == 0  # nothing before it
    history.append(of().entries(), kept.history)
    assert compare.main(["--check"], kept) == 0
    slower = [dataclasses.replace(row, ratio=row.ratio * 0.6) for row in ROWS[:1]]
    monkeypatch.setattr(compare, "compared", lambda *_: iter(slower))
    capsys.readouterr()
    assert compare.main(["--check"], kept) == 1
    said = capsys.readouterr().out
    assert "np.select, 1,000: 3.12 times as long as ours, where it was 5.2" in said


def test_fallen_is_by_more_than_a_third_since_the_last_run_of_this_machine():
    before = [entry(30.0), entry(9.0, "2026-01-02"), entry(1.0, "2026-01-03", "elsewhere")]
    assert not history.fallen([entry(6.1)], before)
    assert history.fallen([entry(5.9)], before) == [(entry(5.9), before[1])]
    assert not history.fallen([entry(0.1, size=7)], before)
    assert history.fallen([entry(0.6, machine="third")], before[:1])


def test_history_comes_back_as_it_was_added(tmp_path):
    path = tmp_path / "made" / "history.jsonl"
    assert history.read(path) == []
    history.append([entry(2.0)], path)
    history.append([entry(3.0)], path)
    assert [e.ratio for e in history.read(path)] == [2.0, 3.0]


def test_sizes_that_are_asked_for_go_to_the_tasks_that_they_fit():
    assert compare.chosen(TASKS["single"], [1, 5000]) == [1]
    assert compare.chosen(TASKS["features"], [1, 5000]) == [5000]
    assert compare.chosen(TASKS["probability"], [1, 5000]) == [1, 5000]
    assert compare.chosen(TASKS["single"], [5000]) == [1]


def test_who_is_absent_is_named_and_skipped(capsys):
    class Absent(Off):
        needs = ("no_such_library", "numpy")

    assert compare.present([Absent(), Off()])[0].needs == ()
    assert "no_such_library is not installed" in capsys.readouterr().out


def test_the_page_in_the_documentation_is_that_of_the_figures():
    found = _results.load(Files().latest)
    if found is None:
        pytest.skip("nothing was measured yet")
    assert page(found, TASKS.values(), COMPETITORS) == Files().page.read_text("utf-8")


def test_the_files_of_competitors_do_not_load_what_they_compare_with():
    """So that whoever lacks one library can compare with the others."""
    import subprocess

    code = (
        "import sys; sys.path.insert(0, 'benchmarks'); import competitors; "
        "competitors.all_competitors(); competitors.all_tasks(); "
        "print([m for m in ('polars', 'duckdb', 'numba', 'featuretools', 'onnx', 'zen', 'm2cgen')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
