"""A run in parts ends clearly whatever happens, and the same call continues it."""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alike import assert_alike
from cases import ROOT
from faults import with_a_debt_below_zero
from interrupting import AS_OF, RECORDED_BY, fault_at, no_room, stop
from risicoscreener import Screener
from risicoscreener.decision import PolicyBook
from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.schema import LATEST
from risicoscreener.errors import DossierError, PartError, PolicyError, ScaleError
from risicoscreener.scale.runs import read_problems, read_results, read_run, screen_folder
from risicoscreener.scale.runs.days import Days
from risicoscreener.scale.runs.inputs import Part
from risicoscreener.scale.runs.lock import LOCK, Owner, locked, started
from risicoscreener.scale.runs.people import SeenPeople, check_disjoint
from strategies import dossiers

PARTS, PEOPLE = 4, 30
DEBTS = "debts.parquet/part-00002.parquet"


def in_parts(dossiers: DossierTables, folder: Path, parts: int = PARTS, **how) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for part, chosen in enumerate(np.array_split(np.arange(dossiers.n_persons), parts)):
        dossiers.select(chosen).write(folder, part=part, **how)
    return folder


def screened(folder, out, *, recorded_by=RECORDED_BY, as_of=AS_OF, **asked):
    return screen_folder(folder, out, as_of=as_of, recorded_by=recorded_by, **asked)


@pytest.fixture(scope="module")
def made(cohort, tmp_path_factory) -> Path:
    return in_parts(cohort.tables, tmp_path_factory.mktemp("runs") / "dossiers")


@pytest.fixture(scope="module")
def whole(made, tmp_path_factory) -> Path:
    """A run that nothing disturbed."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    screened(made, out)
    return out


@pytest.fixture
def folder(made, tmp_path) -> Path:
    """Dossiers of its own, to damage."""
    return shutil.copytree(made, tmp_path / "dossiers")


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


def files_of(out: Path) -> dict[str, bytes]:
    """The files of results by their names."""
    return {path.name: path.read_bytes() for path in sorted(out.glob("*.parquet"))}


def left_behind(out: Path) -> list[str]:
    return sorted(path.name for path in out.rglob(".*"))


def assert_only_whole_files(out: Path, whole: Path) -> None:
    expected = files_of(whole)
    for name, content in files_of(out).items():
        assert content == expected[name], name


def test_results_are_those_of_all_at_once(made, whole, cohort, screener):
    at_once = screener.screen_many(cohort.tables, "leave", AS_OF).to_arrow()
    assert_alike(read_results(whole).to_table(), at_once)
    run = read_run(whole)
    assert (run.parts, run.done, run.screened, run.is_finished) == (PARTS, PARTS, 120, True)
    assert sum(run.outcomes.values()) == 120
    assert (run.decision, run.as_of, run.problems, run.not_screened) == ("leave", AS_OF, 0, {})
    assert left_behind(whole) == []
    assert sorted(path.name for path in whole.iterdir()) == [
        *[f"part-{k:05d}.parquet" for k in range(PARTS)],
        "run.json",
    ]


def test_results_do_not_depend_on_the_number_of_processes(made, whole, out):
    heard = []
    run = screened(made, out, n_jobs=2, on_part=lambda *counts: heard.append(counts))
    assert files_of(out) == files_of(whole)
    assert heard == [(30, 120), (60, 120), (90, 120), (120, 120)]
    assert run.outcomes == read_run(whole).outcomes


def test_the_parts_may_be_csv_or_not_be_parts(cohort, out, whole, tmp_path):
    expected = read_results(whole).to_table()
    csv = in_parts(cohort.tables, tmp_path / "csv", format="csv")
    screened(csv, out)
    assert_alike(read_results(out).to_table(), expected)
    cohort.tables.write(tmp_path / "one")
    run = screened(tmp_path / "one", tmp_path / "out1")
    assert run.parts == 1
    assert_alike(read_results(tmp_path / "out1").to_table(), expected)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(dossiers(max_rows=2), min_size=1, max_size=6, unique_by=lambda one: one.person_id),
    st.integers(1, 3),
)
def test_any_dossiers_in_any_parts_are_screened_as_at_once(
    tmp_path_factory, screener, given_dossiers, parts
):
    people = DossierTables.from_dossiers(given_dossiers)
    folder = in_parts(people, tmp_path_factory.mktemp("any"), min(parts, people.n_persons))
    screened(folder, folder / "out", recorded_by=LATEST)
    at_once = screener.screen_many(people, "leave", AS_OF).to_arrow()
    assert_alike(read_results(folder / "out").to_table(), at_once)


@pytest.fixture(params=["parquet", "csv", "in parts"])
def index(request, cohort, days, tmp_path) -> Path:
    if request.param == "csv":
        path = tmp_path / "index.csv"
        days.to_pandas().to_csv(path, index=False)
    elif request.param == "parquet":
        path = tmp_path / "index.parquet"
        pq.write_table(days, path)
    else:
        path = tmp_path / "index.parquet"
        path.mkdir()
        place = {person: i for i, person in enumerate(cohort.tables.person_ids.to_pylist())}
        owner = np.array([place[p] for p in days.column("person_id").to_pylist()])
        for part, chosen in enumerate(np.array_split(np.arange(len(place)), PARTS)):
            rows = days.filter(pa.array(np.isin(owner, chosen)))
            pq.write_table(rows, path / f"part-{part:05d}.parquet")
    return path


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_index_says_for_whom_on_which_day(folder, out, index, cohort, days, screener, n_jobs):
    at_once = screener.screen_many(cohort.tables, "leave", days).to_arrow()
    run = screened(folder, out, as_of=None, index=index, n_jobs=n_jobs)
    assert_alike(read_results(out).to_table(), at_once)
    assert run.screened == len(days)
    assert run.as_of is None


def test_an_index_of_someone_else_is_refused_before_the_work(folder, out, days, tmp_path):
    other = pa.table({"person_id": ["nobody"], "as_of": pa.array([AS_OF])})
    pq.write_table(pa.concat_tables([days, other]), tmp_path / "index.parquet")
    with pytest.raises(DossierError, match=r"has 1 row\(s\) of persons who are in no part"):
        screened(folder, out, as_of=None, index=tmp_path / "index.parquet")
    assert not files_of(out)
    for name, match in (("part-00009", "an index of a part that is not in"), ("part-00001", None)):
        (tmp_path / name).mkdir()
        pq.write_table(other, tmp_path / name / f"{name}.parquet")
        (tmp_path / name).rename(tmp_path / f"{name}.parquet")
        with pytest.raises(
            (DossierError, PartError), match=match or "part-00000.parquet cannot be found"
        ):
            screened(folder, out, as_of=None, index=tmp_path / f"{name}.parquet")
    assert not files_of(out)


def test_an_index_in_parts_is_of_the_people_of_each_part(folder, out, cohort, tmp_path):
    index = tmp_path / "index.parquet"
    index.mkdir()
    ids = cohort.tables.person_ids
    for part in range(PARTS):
        days = {"person_id": ids.slice(30 * part, 30), "as_of": pa.array([AS_OF] * 30)}
        pq.write_table(pa.table(days), index / f"part-{part:05d}.parquet")
    path = folder / "persons.parquet" / "part-00001.parquet"
    table = pq.read_table(path)
    born = table.column("birth_date").to_pylist()
    born[3] = dt.date(1700, 1, 1)
    place = table.column_names.index("birth_date")
    pq.write_table(table.set_column(place, "birth_date", pa.array(born)), path)
    run = screened(folder, out, as_of=None, index=index, on_error="quarantine")
    assert run.screened == 119, "of a person who was set apart, no picture is wanted"
    shutil.copy(index / "part-00001.parquet", index / "part-00002.parquet")
    match = (
        r"part-00002: index.parquet/part-00002.parquet has 30 row\(s\) of persons who are not in"
    )
    with pytest.raises(PartError, match=match):
        screened(folder, tmp_path / "other", as_of=None, index=index, on_error="quarantine")
    assert not files_of(tmp_path / "other")


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ([("person_id", ["a"])], "has no column as_of; expected one"),
        ([("person_id", ["a"])] * 2 + [("as_of", [AS_OF])], "has 2 column person_id; expected one"),
        ([("person_id", [["a"]]), ("as_of", [AS_OF])], "has list<.*> as person_id; expected text"),
    ],
)
def test_an_index_of_another_shape_is_refused(made, out, tmp_path, columns, match):
    names, values = zip(*columns, strict=True)
    pq.write_table(pa.table([pa.array(v) for v in values], names), tmp_path / "index.parquet")
    with pytest.raises(DossierError, match=match):
        screened(made, out, as_of=None, index=tmp_path / "index.parquet")


def test_an_index_that_changes_meanwhile_is_not_read_by_some(days, tmp_path):
    path = tmp_path / "index.parquet"
    pq.write_table(days, path)
    begun = Days.of_index(path)
    pq.write_table(days.slice(1), path)
    with pytest.raises(DossierError, match="has changed since the run began"):
        begun.count(pa.array(["a"]))


@pytest.mark.parametrize("how", ["twice", "lists"])
def test_ids_that_are_none_are_a_fault_of_their_part(folder, out, how):
    path = folder / "persons.parquet" / "part-00001.parquet"
    table = pq.read_table(path)
    if how == "twice":
        table = table.append_column("person_id", table.column("person_id"))
    else:
        table = table.set_column(0, "person_id", pa.array([["a"]] * len(table)))
    pq.write_table(table, path)
    with pytest.raises(PartError, match=r"^part-00001: (?s:.*)persons.*\.person_id"):
        screened(folder, out)


# However it is stopped


def test_an_error_of_who_listens_is_not_one_of_the_folder(made, out):
    def closed(*_):
        raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(BrokenPipeError):
        screened(made, out, on_part=closed)
    assert read_run(out).done == 1
    assert left_behind(out) == []


def test_stopped_at_any_moment_nothing_half_is_left_and_it_continues(made, whole, tmp_path):
    parts = 2
    small = tmp_path / "small"
    for table in made.iterdir():
        (small / table.name).mkdir(parents=True)
        for part in sorted(table.iterdir())[:parts]:
            shutil.copy(part, small / table.name)
    moment, moments = 0, 0
    while not moments:
        moment += 1
        out = tmp_path / f"out{moment}"
        try:
            with fault_at(out, moment, no_room if moment % 2 else stop) as events:
                screened(small, out)
            moments = len(events) + (len(events) < moment)
        except KeyboardInterrupt:
            assert moment % 2 == 0
        except ScaleError as error:
            assert "No space left on device" in str(error)
        assert_only_whole_files(out, whole)
        run = screened(small, out)
        assert run.done == parts
        assert files_of(out).keys() == {"part-00000.parquet", "part-00001.parquet"}
        assert_only_whole_files(out, whole)
        assert left_behind(out) == []
        assert moment < 100, events
    assert moment > 15, "faults must have been at every write of a part and of the manifest"


@pytest.mark.parametrize("moment", [2, 9, 15])
def test_killed_outright_it_continues(made, whole, out, moment):
    words = [sys.executable, ROOT / "tests" / "interrupting.py", made, out, moment]
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert_only_whole_files(out, whole)
    assert len(files_of(out)) < PARTS
    run = screened(made, out)
    assert files_of(out) == files_of(whole)
    assert run.done == PARTS
    assert left_behind(out) == []


def children() -> list[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    found = []
    for task in tasks:
        with suppress(OSError):  # a thread that ended meanwhile
            found += [int(child) for child in task.read_text().split()]
    return found


def command_of(process: int | str) -> bytes:
    """How a process was started; nothing if it is gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks the kernel for children")
def test_a_killed_process_is_said_and_the_rest_continues(cohort, out, tmp_path, whole, made):
    many = in_parts(cohort.tables, tmp_path / "many", 16)

    def kill(done: int, _everyone: int) -> None:
        workers = [child for child in children() if b"loky" in command_of(child)]
        for worker in workers if done < 12 else []:
            os.kill(worker, signal.SIGKILL)

    with pytest.raises(PartError) as raised:
        screened(many, out, n_jobs=2, on_part=kill)
    message = str(raised.value)
    assert message.startswith(raised.value.part)
    assert raised.value.part.startswith("part-000")
    assert "was killed or ran out of memory" in message
    assert "part(s) are done; the same call continues with the others" in message
    assert left_behind(out) == []
    before = read_run(out)
    assert 0 < before.done < 16
    run = screened(many, out, n_jobs=2)
    assert (run.done, run.continued) == (16, before.done)
    assert_alike(read_results(out).to_table(), read_results(whole).to_table())


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks the kernel for children")
def test_killed_outright_nothing_works_on_for_it(made, whole, out):
    code = (
        "import os, signal, sys; from interrupting import *; from pathlib import Path\n"
        "from risicoscreener.scale.runs import screen_folder\n"
        "def kill(*_):\n"
        "    tasks = Path('/proc/self/task').glob('*/children')\n"
        "    print(*(task.read_text() for task in tasks), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "screen_folder(sys.argv[1], sys.argv[2], as_of=AS_OF, recorded_by=RECORDED_BY, n_jobs=2,"
        " on_part=kill)"
    )
    done = in_a_process(code, made, out)
    assert done.returncode == -signal.SIGKILL
    workers = done.stdout.split()
    assert workers
    for _ in range(100):
        left = [worker for worker in workers if b"LokyProcess" in command_of(worker)]
        if not left:
            break
        time.sleep(0.2)
    assert not left
    screened(made, out, n_jobs=2)
    assert files_of(out) == files_of(whole)
    assert left_behind(out) == []


def in_a_process(code: str, *words: Path) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, which may import from the tests."""
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        check=False,
    )


def test_with_too_little_room_it_says_so_and_continues_after_room_is_made(made, whole, out):
    """A limit to the size of files, which works as a full disk does: half a file is written."""
    code = (
        "import resource, sys; from interrupting import *;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9000, resource.RLIM_INFINITY));"
        "from risicoscreener.scale.runs import screen_folder\n"
        "try: screen_folder(sys.argv[1], sys.argv[2], as_of=AS_OF, recorded_by=RECORDED_BY)\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)"
    )
    done = in_a_process(code, made, out)
    assert done.stdout.startswith(
        f"PartError part-00000: results cannot be written to {out}: File too large\n"
        "0 of 4 part(s) are done"
    )
    assert done.stderr == ""
    assert left_behind(out) == []
    assert not files_of(out)
    screened(made, out)
    assert files_of(out) == files_of(whole)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own, too small for the results of a run."""
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.getuid() or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("only whoever may mount can fill a disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_on_a_full_disk_what_is_done_stays_and_the_rest_continues(made, whole, small_disk):
    out = small_disk / "out"
    full = rf"cannot be written to {out}: No space left.*make room for it\n\d of 4 part\(s\) are"
    with pytest.raises(ScaleError, match=full):
        screened(made, out)
    assert left_behind(out) == []
    before = len(files_of(out))
    assert before < PARTS
    assert_only_whole_files(out, whole)
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    assert screened(made, out).continued == before
    assert files_of(out) == files_of(whole)


def test_where_nothing_can_be_written_one_error_says_so(made, tmp_path):
    (tmp_path / "file").write_text("")
    for out, match in (
        (tmp_path / "file", "is a file; expected a folder"),
        (tmp_path / "file" / "out", "cannot be written .*Not a directory"),
        (made, "is not the folder of a run"),
    ):
        with pytest.raises(ScaleError, match=match):
            screened(made, out)


def test_on_a_disk_without_any_room_nothing_is_left_that_holds_up_the_next(made, small_disk):
    out = small_disk / "out"
    out.mkdir()
    with pytest.raises(OSError, match="No space"), (small_disk / "other").open("wb") as other:
        other.write(bytes(2**17))
    with pytest.raises(ScaleError, match="No space left on device; make room for it"):
        screened(made, out)
    with pytest.raises(OSError, match="No space"), closing(SeenPeople(small_disk)) as seen:
        seen.add(pa.array(["a", "b"]))
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    assert screened(made, out).done == PARTS


# Dossiers that are not as they should be


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : len(content) // 3 + 8] = b"\xff" * 8
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("damage", "table", "n_jobs"),
    [
        *product([truncate, flip, empty, remove], ["debts", "persons"], [1]),
        (truncate, "debts", 2),
    ],
)
def test_a_part_that_cannot_be_read_is_named_and_never_left_out_in_silence(
    folder, made, out, whole, table, damage, n_jobs
):
    name = f"{table}.parquet/part-00002.parquet"
    damage(folder / name)
    for on_error in ("raise", "quarantine"):
        with pytest.raises(PartError, match=f"^part-00002: .*{name}") as raised:
            screened(folder, out / on_error, on_error=on_error, n_jobs=n_jobs)
        assert raised.value.part == "part-00002"
        assert str(raised.value).count("part-00002: ") == 1
    place = out / "skipped"
    run = screened(folder, place, skip_unreadable=True, n_jobs=n_jobs)
    assert (run.done, list(run.not_screened), run.is_finished) == (3, ["part-00002"], True)
    assert name in run.not_screened["part-00002"]
    with pytest.raises(ScaleError, match=r"lacks 1 of 4 part\(s\)"):
        read_results(place)
    assert read_results(place, unfinished=True).count_rows() == 90
    shutil.copy(made / name, folder / name)
    assert screened(folder, place, skip_unreadable=True).not_screened == {}
    assert files_of(place) == files_of(whole)


def test_a_table_that_is_not_in_parts_beside_others_is_refused(folder, out):
    shutil.rmtree(folder / "debts.parquet")
    pq.write_table(pa.table({"person_id": ["a"]}), folder / "debts.parquet")
    with pytest.raises(DossierError, match=r"debts.parquet is a file in .* are in parts"):
        screened(folder, out, skip_unreadable=True)
    assert not out.exists()


@pytest.fixture
def with_a_bad_row(cohort, folder):
    broken, person = with_a_debt_below_zero(cohort.tables.select(np.arange(60, 90)))
    broken.write(folder, part=2)
    return person


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_bad_rows_stop_the_run_at_their_part_or_are_set_apart(
    folder, made, out, whole, with_a_bad_row, n_jobs
):
    with pytest.raises(PartError, match=r"^part-00002: .*\n.*debts\[1\].amount_eur = -5.0"):
        screened(folder, out / "raised", skip_unreadable=True, n_jobs=n_jobs)
    assert {*files_of(out / "raised")} >= {"part-00000.parquet", "part-00001.parquet"}
    shutil.copy(made / DEBTS, folder / DEBTS)
    screened(folder, out / "raised", n_jobs=n_jobs)
    assert files_of(out / "raised") == files_of(whole)


def test_problems_stand_beside_the_results(folder, out, with_a_bad_row, screener):
    run = screened(folder, out, on_error="quarantine")
    problem, *others = read_problems(out).to_pylist()
    assert (run.problems, run.done) == (1 + len(others), PARTS)
    assert (problem["part"], problem["table"], problem["row"]) == ("part-00002", "debts", 1)
    assert (problem["field"], problem["value"]) == ("amount_eur", "-5.0")
    assert problem["person_id"] == with_a_bad_row
    dossiers = DossierTables.read(folder, on_error="quarantine")
    at_once = screener.screen_many(dossiers, "leave", AS_OF).to_arrow()
    assert_alike(read_results(out).to_table(), at_once)


def test_problems_that_are_lost_are_found_again(folder, out, with_a_bad_row):
    screened(folder, out, on_error="quarantine")
    before = read_problems(out)
    (out / "problems" / "part-00002.parquet").unlink()
    with pytest.raises(ScaleError, match="part-00002 in .* is not what the run wrote there"):
        read_problems(out)
    assert screened(folder, out, on_error="quarantine").continued == PARTS - 1
    assert read_problems(out) == before


def test_someone_in_two_parts_is_named_before_anyone_is_screened(cohort, folder, out):
    cohort.tables.select(np.arange(85, 120)).write(folder, part=3)
    with pytest.raises(PartError) as raised:
        screened(folder, out)
    message = str(raised.value)
    assert message.startswith("part-00003: person SYN-0000086 is in ")
    assert "persons.parquet/part-00002.parquet and in persons.parquet/part-00003.parquet" in message
    assert "(5 persons like this)" in message
    assert not files_of(out)


@settings(deadline=None)
@given(st.lists(st.sets(st.integers(0, 200).map("p{}".format)), max_size=6))
def test_pairs_of_parts_with_someone_in_both_are_found(tmp_path_factory, groups):
    with closing(SeenPeople(tmp_path_factory.getbasetemp())) as seen:
        for group in groups:
            seen.add(pa.array(sorted(group), pa.string()))
        found = set(seen.alike())
    pairs = combinations(range(len(groups)), 2)
    assert found == {(i, j) for i, j in pairs if groups[i] & groups[j]}


class Named(Part):
    """A part with people by name."""

    def person_ids(self) -> pa.Array:
        return pa.array([self.name], pa.string())


@pytest.mark.parametrize(
    ("names", "twice"), [("ab", None), ("aba", "a"), ("abb", "b"), ("abcdc", "c")]
)
def test_people_whose_hashes_are_alike_are_not_taken_for_each_other(
    monkeypatch, tmp_path, names, twice
):
    monkeypatch.setattr(pd.util, "hash_array", lambda ids, **_: np.zeros(len(ids), np.uint64))
    parts = [Named(name, tmp_path, None, {"persons.csv": tmp_path}) for name in names]
    with closing(SeenPeople(tmp_path)) as seen:
        for part in parts:
            seen.add(part.person_ids())
        if twice is None:
            check_disjoint(parts, seen)
            return
        with pytest.raises(PartError, match=f"person {twice} is in"):
            check_disjoint(parts, seen)


# What an earlier call left


@pytest.fixture
def begun(folder, out) -> Path:
    """A run of which two parts are done."""
    with pytest.raises(KeyboardInterrupt):
        screened(folder, out, on_part=lambda done, _: stop() if done == 60 else None)
    assert read_run(out).done == 2
    return out


def test_what_is_done_is_not_done_again(folder, begun, whole):
    before = {path: path.stat().st_mtime_ns for path in begun.glob("*.parquet")}
    heard = []
    run = screened(folder, begun, on_part=lambda *counts: heard.append(counts))
    assert (run.done, run.continued) == (PARTS, 2)
    assert heard == [(90, 120), (120, 120)]
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert files_of(begun) == files_of(whole)
    assert screened(folder, begun).continued == PARTS


def other_policies(screener) -> Screener:
    policy = next(p.policy for p in screener.policies.versions("leave"))
    kept = [p for kind in screener.kinds for p in screener.policies.versions(kind)]
    kept = [p for p in kept if p.policy is not policy]
    return replace(screener, policies=PolicyBook(kept))


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"as_of": "2026-05-31"}, "as_of 2026-06-01 and not 2026-05-31"),
        ({"decision": "low_security"}, "decision leave and not low_security"),
        ({"on_error": "quarantine"}, "on_error raise and not quarantine"),
        ({"recorded_by": dt.date(2026, 11, 2)}, "recorded_by 2026-11-01 and not 2026-11-02"),
    ],
)
def test_another_run_is_not_continued_but_may_begin_anew(folder, begun, asked, match):
    with pytest.raises(ScaleError, match=f"a run of something else: .*{match}") as raised:
        screened(folder, begun, **asked)
    assert "to begin anew, restart it" in str(raised.value)
    assert read_run(begun).done == 2
    run = screened(folder, begun, restart=True, **asked)
    assert (run.done, run.continued) == (PARTS, 0)


def test_other_policies_or_another_version_are_not_continued_with(
    folder, begun, screener, monkeypatch
):
    with pytest.raises(ScaleError, match="other policies"):
        screened(folder, begun, screener=other_policies(screener))
    monkeypatch.setattr("risicoscreener.__version__", "9.9")
    with pytest.raises(ScaleError, match="library_version .* and not 9.9"):
        screened(folder, begun)


def test_the_day_on_which_it_began_is_the_last_on_which_facts_were_recorded(folder, out):
    screened(folder, out, recorded_by=None)
    manifest = json.loads((out / "run.json").read_text())
    assert manifest["identity"]["recorded_by"] == dt.date.today().isoformat()
    screened(folder, out, restart=True)
    assert screened(folder, out, recorded_by=None).continued == PARTS, "as on a later day"


def test_dossiers_that_changed_are_not_continued_with(cohort, folder, begun):
    path = folder / "debts.parquet" / "part-00001.parquet"
    content = path.read_bytes()
    os.utime(path, ns=(1, 1))
    assert screened(folder, begun).continued == 2, "another time is no other content"
    pq.write_table(pq.read_table(path).slice(1), path)
    with pytest.raises(ScaleError, match=r"^part-00001 of .* has changed since it was screened"):
        screened(folder, begun)
    path.unlink()
    with pytest.raises((ScaleError, PartError), match="part-00001"):
        screened(folder, begun)
    path.write_bytes(content)
    assert screened(folder, begun).done == PARTS
    for table in folder.iterdir():
        (table / "part-00003.parquet").unlink()
    with pytest.raises(ScaleError, match="part-00003 was part of the run and is no longer in"):
        screened(folder, begun)


def test_a_part_that_came_later_is_screened_too(made, folder, out, whole):
    last = [table / "part-00003.parquet" for table in folder.iterdir()]
    for path in last:
        path.unlink()
    assert screened(folder, out).parts == PARTS - 1
    for path in last:
        shutil.copy(made / path.relative_to(folder), path)
    run = screened(folder, out)
    assert (run.parts, run.continued) == (PARTS, PARTS - 1)
    assert files_of(out) == files_of(whole)


def test_a_part_that_is_gone_before_it_was_screened_is_missed(folder, begun):
    for table in folder.iterdir():
        (table / "part-00003.parquet").unlink()
    with pytest.raises(ScaleError, match="part-00003 was part of the run and is no longer in"):
        screened(folder, begun)


@pytest.mark.parametrize("damage", [truncate, empty, remove])
def test_results_that_are_damaged_are_made_again(folder, begun, whole, damage):
    screened(folder, begun)
    damage(begun / "part-00001.parquet")
    with pytest.raises(ScaleError, match="part-00001 in .* is not what the run wrote there"):
        read_results(begun)
    assert screened(folder, begun).continued == PARTS - 1
    assert files_of(begun) == files_of(whole)


def test_results_of_which_values_are_damaged_are_not_read(folder, begun):
    screened(folder, begun)
    path = begun / "part-00001.parquet"
    chunk = pq.read_metadata(path).row_group(0).column(0)
    content = bytearray(path.read_bytes())
    begin = chunk.dictionary_page_offset or chunk.data_page_offset
    content[begin + chunk.total_compressed_size - 2] ^= 0x10
    path.write_bytes(content)
    with pytest.raises(OSError, match="CRC"):
        read_results(begun).to_table()


def test_results_of_another_run_do_not_count(folder, begun, whole, tmp_path):
    screened(folder, tmp_path / "other", as_of="2026-05-01")
    shutil.copy(tmp_path / "other" / "part-00001.parquet", begun)
    assert screened(folder, begun).continued == 1
    assert files_of(begun) == files_of(whole)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format": "risicoscreener-run"', b"\xff"])
def test_a_manifest_that_is_none_is_said_and_may_be_replaced(folder, begun, whole, content):
    (begun / "run.json").write_bytes(content)
    with pytest.raises(ScaleError, match="does not describe a run"):
        screened(folder, begun)
    assert screened(folder, begun, restart=True).continued == 0
    assert files_of(begun) == files_of(whole)


def test_a_folder_of_other_things_is_left_alone_also_by_a_new_beginning(made, out):
    out.mkdir()
    (out / "letter.txt").write_text("dear")
    for restart in (False, True):
        with pytest.raises(ScaleError, match=r"has 'letter.txt' in it and is not the folder of a"):
            screened(made, out, restart=restart)
    assert [path.name for path in out.iterdir()] == ["letter.txt"]


def test_a_new_beginning_leaves_nothing_of_before(folder, begun, made, with_a_bad_row):
    screened(folder, begun, on_error="quarantine", restart=True)
    assert len(read_problems(begun)) > 0
    shutil.copy(made / DEBTS, folder / DEBTS)
    screened(folder, begun, restart=True)
    assert len(read_problems(begun)) == 0
    assert list((begun / "problems").iterdir()) == []


def test_where_there_is_no_run_nothing_is_read(tmp_path):
    for read in (read_run, read_results, read_problems):
        with pytest.raises(ScaleError, match="there is no run in"):
            read(tmp_path)


# One at a time


def test_a_second_run_in_the_same_folder_is_refused_while_the_first_goes_on(folder, out, whole):
    refused = []

    def try_too(done: int, _everyone: int) -> None:
        with pytest.raises(ScaleError, match=f"another run writes to .*process {os.getpid()} on"):
            screened(folder, out)
        refused.append(done)

    screened(folder, out, on_part=try_too)
    assert refused == [30, 60, 90, 120]
    assert files_of(out) == files_of(whole)


def gone() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def owner(**changed) -> bytes:
    usual = {"pid": os.getpid(), "host": socket.gethostname(), "started": "", "token": "t"}
    usual["started"] = started(os.getpid())
    return json.dumps(usual | changed).encode()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="when a process started")
def test_what_a_process_left_that_is_gone_holds_nobody_up(tmp_path):
    for left in (owner(pid=gone()), owner(started="12")):
        (tmp_path / LOCK).write_bytes(left)
        with locked(tmp_path):
            assert (tmp_path / LOCK).read_bytes() != left
        assert list(tmp_path.iterdir()) == []


DEEP = b'{"other": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    "who",
    [{}, {"host": "elsewhere", "pid": 1}, {"pid": 1, "started": started(1)}, b"", b"x", DEEP],
    ids=["this", "elsewhere", "another", "nothing", "nobody", "deep"],
)
def test_what_may_belong_to_a_process_that_goes_on_is_respected(tmp_path, who):
    left = owner(**who) if isinstance(who, dict) else who
    (tmp_path / LOCK).write_bytes(left)
    with pytest.raises(ScaleError, match="another run writes to .*remove"), locked(tmp_path):
        pytest.fail("it was taken")
    assert (tmp_path / LOCK).read_bytes() == left


def test_a_process_of_another_user_that_may_not_be_looked_at_is_taken_to_go_on(monkeypatch):
    def forbidden(*_):
        raise PermissionError

    monkeypatch.setattr("risicoscreener.scale.runs.lock.os.kill", forbidden)
    monkeypatch.setattr("risicoscreener.scale.runs.lock.started", lambda _pid: "")
    assert not Owner(1, socket.gethostname(), "12", "t").is_gone


def test_a_lock_that_another_took_meanwhile_is_not_released(tmp_path):
    with locked(tmp_path):
        (tmp_path / LOCK).write_bytes(owner(token="other"))
    assert (tmp_path / LOCK).exists()


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="limits")
def test_the_owner_says_whether_it_is_gone():
    assert Owner(gone(), socket.gethostname(), "", "t").is_gone
    assert not Owner(os.getpid(), socket.gethostname(), started(os.getpid()), "t").is_gone
    assert not Owner(gone(), "elsewhere", "", "t").is_gone


@pytest.mark.parametrize(
    ("asked", "error", "match"),
    [
        ({"n_jobs": 0}, ScaleError, "n_jobs is 0"),
        ({"on_error": "ignore"}, ScaleError, "on_error is 'ignore'"),
        ({"decision": "pardon"}, PolicyError, "pardon"),
        ({"as_of": "1 June"}, DossierError, "as_of is '1 June'"),
        ({"index": "x.csv"}, ScaleError, "as_of and index both say"),
        ({"as_of": None, "index": "no.csv"}, DossierError, "no.csv cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_a_folder_is_made(made, out, asked, error, match):
    with pytest.raises(error, match=match):
        screened(made, out, **asked)
    assert not out.exists()
