"""A cohort that is written in parts is the cohort that is drawn at once."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from risicoscreener.cli import main
from risicoscreener.errors import DataError, DossierError
from risicoscreener.synthetic import Cohort, Scenario, cohort, simulate, write_cohort
from risicoscreener.synthetic.cohort import BLOCK_SIZE, TRUTH_TABLES
from risicoscreener.synthetic.storing import storage

N = 2 * BLOCK_SIZE + 300


def assert_same(one, other):
    assert one.tables.tables.keys() == other.tables.tables.keys()
    for name, table in one.tables.tables.items():
        assert table.equals(other.tables.tables[name]), name
    for name in TRUTH_TABLES:
        truths = getattr(one.truth, name), getattr(other.truth, name)
        pd.testing.assert_frame_equal(*truths, check_exact=True)


@pytest.fixture(scope="module")
def small_parts():
    """Parts of one block, so that few people are a cohort of several parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cohort, "PART_SIZE", BLOCK_SIZE)
        for module in (cohort, storage):
            patch.setattr(module, "PART_BLOCKS", 1)
        yield


@pytest.fixture(scope="module")
def at_once():
    """The cohort as a single part, with the sizes that are meant for use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cohort, "PART_BLOCKS", 3)
        return simulate(N, seed=4)


@pytest.fixture(scope="module")
def written_once(small_parts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("once") / "cohort"
    write_cohort(folder, N, seed=4)
    return folder


@pytest.fixture
def in_parts(written_once, tmp_path):
    return shutil.copytree(written_once, tmp_path / "parts")


def bytes_in(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_was_written_in_parts_is_what_is_drawn_at_once(in_parts, at_once):
    assert_same(Cohort.read(in_parts), at_once)


def test_what_is_joined_from_parts_is_what_is_joined_at_once(small_parts, at_once):
    assert_same(simulate(N, seed=4), at_once)


def test_a_cohort_of_one_part_has_one_file_for_each_table(tmp_path):
    write_cohort(tmp_path / "cohort", 300, seed=9, population="sentenced")
    made = simulate(300, seed=9, population="sentenced")
    assert_same(Cohort.read(tmp_path / "cohort"), made)
    made.write(tmp_path / "other")
    for name, content in bytes_in(tmp_path / "other").items():
        assert bytes_in(tmp_path / "cohort")[name] == content, name


def test_a_cohort_of_several_parts_has_a_folder_for_each_table(in_parts, at_once):
    for table in [*(f"dossiers/{name}" for name in at_once.tables.tables), "index"]:
        files = sorted(path.name for path in (in_parts / f"{table}.parquet").iterdir())
        assert files == [f"part-0000{k}.parquet" for k in range(3)]
    assert list(pd.read_parquet(in_parts / "index.parquet")) == ["person_id", "as_of"]
    assert len(pd.read_parquet(in_parts / "index.parquet")) == N


def test_two_processes_write_the_bytes_of_one(written_once, tmp_path):
    write_cohort(tmp_path / written_once.name, N, seed=4, n_jobs=2)
    one, two = bytes_in(written_once), bytes_in(tmp_path / written_once.name)
    assert any("part-00001" in name for name in one)
    assert one == two


def test_parts_are_read_one_by_one_and_are_the_cohort_together(in_parts, at_once):
    parts = list(Cohort.read_parts(in_parts))
    assert [part.tables.n_persons for part in parts] == [BLOCK_SIZE, BLOCK_SIZE, 300]
    assert_same(Cohort.concatenate(parts), at_once)


def test_a_cohort_that_is_not_in_parts_is_one(tmp_path):
    simulate(20).write(tmp_path)
    (only,) = Cohort.read_parts(tmp_path)
    assert_same(only, simulate(20))


def test_progress_says_how_many_people_of_how_many_are_written(small_parts, tmp_path):
    seen = []
    write_cohort(tmp_path / "c", N, on_part=lambda done, n: seen.append((done, n)))
    assert seen == [(BLOCK_SIZE, N), (2 * BLOCK_SIZE, N), (N, N)]


class Stopped(BaseException):
    pass


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_after_an_interruption_nothing_is_there(small_parts, tmp_path, n_jobs):
    def stop(done, n):
        assert not (tmp_path / "cohort").exists()
        raise Stopped

    with pytest.raises(Stopped):
        write_cohort(tmp_path / "cohort", N, n_jobs=n_jobs, on_part=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_refused_before_anything_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "draw_lives", lambda *_: pytest.fail("drawn"))
    (tmp_path / "notes.txt").write_text("mine")
    for place in (tmp_path, tmp_path / "notes.txt", tmp_path / "notes.txt" / "below"):
        with pytest.raises(DataError, match="expected a folder that is not there yet, or is empty"):
            write_cohort(place, 10)
    assert bytes_in(tmp_path) == {"notes.txt": b"mine"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"n": 0}, "n is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"n_jobs": 0}, "n_jobs is 0"),
        ({"population": "all"}, "no population 'all'"),
        ({"changes": {"people.shoe_size": 43}}, "no parameter 'people.shoe_size'"),
    ],
)
def test_what_cannot_be_drawn_leaves_no_folder(tmp_path, arguments, said):
    with pytest.raises(DataError, match=said):
        write_cohort(tmp_path / "cohort", **{"n": 10, **arguments})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("table", TRUTH_TABLES)
def test_a_part_of_the_truth_that_is_lost_is_missed(in_parts, table):
    (in_parts / "truth" / f"{table}.parquet" / "part-00001.parquet").unlink()
    with pytest.raises(DataError, match="truth of the cohort"):
        list(Cohort.read_parts(in_parts))


def test_a_part_of_the_people_that_is_lost_is_missed(in_parts):
    (in_parts / "dossiers" / "persons.parquet" / "part-00001.parquet").unlink()
    with pytest.raises(DossierError, match="other parts than persons"):
        list(Cohort.read_parts(in_parts))


def test_the_truth_of_other_people_is_refused(tmp_path):
    simulate(20).write(tmp_path / "one")
    simulate(30).write(tmp_path / "two")
    for path in (tmp_path / "two" / "truth").iterdir():
        path.rename(tmp_path / "one" / "truth" / path.name)
    with pytest.raises(DataError, match="not on the people of the dossiers"):
        Cohort.read(tmp_path / "one")


def test_a_scenario_gives_the_population_and_the_changes(tmp_path):
    swapped = Scenario.load("swapped_populations")
    expected = simulate(200, population=swapped.population, changes=swapped.changes)
    assert swapped.population == "sentenced"
    assert swapped.changes
    assert_same(simulate(200, scenario=swapped), expected)
    write_cohort(tmp_path / "cohort", 200, scenario=swapped)
    assert_same(Cohort.read(tmp_path / "cohort"), expected)


def test_changes_come_after_those_of_a_scenario():
    biased = Scenario.load("label_bias_150")
    undone = dict.fromkeys(biased.changes, 1.0)
    base = {"registration.detection_odds_ratio": 1.0, **undone}
    assert_same(simulate(200, scenario=biased, changes=undone), simulate(200, changes=base))


def test_a_population_beside_a_scenario_is_refused(tmp_path):
    women = Scenario.load("women")
    with pytest.raises(DataError, match="population is 'sentenced' beside the scenario 'women'"):
        simulate(10, scenario=women, population="sentenced")
    with pytest.raises(DataError, match="expected one of the two"):
        write_cohort(tmp_path / "cohort", 10, scenario=women, population="flow")
    assert list(tmp_path.iterdir()) == []


def test_a_cohort_in_parts_is_screened_like_any_other(small_parts, tmp_path):
    n = BLOCK_SIZE + 20
    made = simulate(n, seed=2)
    made.write(tmp_path / "whole")
    write_cohort(tmp_path / "parts", n, seed=2)
    assert (tmp_path / "parts" / "index.parquet").is_dir()
    results = []
    for name in ("whole", "parts"):
        folder = tmp_path / name
        index = str(folder / "index.parquet")
        out = str(tmp_path / f"{name}.out.parquet")
        assert main(["screen-many", str(folder / "dossiers"), "--index", index, "--out", out]) == 0
        results.append(pd.read_parquet(out))
    pd.testing.assert_frame_equal(*results)
    assert len(results[0]) == n
