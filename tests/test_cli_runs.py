"""`screen-many` with a folder for its results: stopped, continued, begun anew."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from faults import with_a_debt_below_zero
from risicoscreener.cli import main
from risicoscreener.cli.stopping import Stopped, stoppable
from risicoscreener.scale.runs import read_results
from risicoscreener.synthetic import simulate

PARTS = 16
DAYS = ["--as-of", "2026-06-01", "--recorded-by", "2026-11-01"]


@pytest.fixture(scope="module")
def people():
    return simulate(96, seed=7, population="sentenced").tables


@pytest.fixture(scope="module")
def folder(people, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "dossiers"
    for part, chosen in enumerate(np.array_split(np.arange(people.n_persons), PARTS)):
        people.select(chosen).write(folder, part=part)
    return folder


@pytest.fixture(scope="module")
def whole(folder, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "whole"
    assert main(["screen-many", str(folder), *DAYS, "--strict", "--out", str(out)]) == 0
    return out


SLOWLY = """
import sys, time
from risicoscreener.cli import main
from risicoscreener.scale.runs.course import Course

add = Course.add

def add_and_wait(*given):
    add(*given)
    time.sleep(0.3)

Course.add = add_and_wait
sys.exit(main(["screen-many", *sys.argv[1:]]))
"""
"""Screens a folder so slowly that it can be stopped before its end, however busy the machine."""


def files_of(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.glob("*.parquet"))}


def stopped_after_a_part(words: list[str], out: Path, number: int, *, everyone: bool):
    """A command that gets a signal when the first results stand; ``everyone``: as a terminal."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLOWLY, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while process.poll() is None and not files_of(out):
        time.sleep(0.002)
    (os.killpg if everyone else os.kill)(process.pid, number)
    said, complained = process.communicate()
    return process.returncode, said, complained


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    ("name", "jobs", "everyone"),
    [
        ("SIGINT", 1, True),
        ("SIGINT", 2, True),
        ("SIGTERM", 1, False),
        ("SIGTERM", 2, True),
        ("SIGHUP", 2, True),
    ],
)
def test_who_stops_it_hears_how_far_it_is_and_the_same_command_continues(
    run, folder, whole, tmp_path, name, jobs, everyone
):
    out, number = tmp_path / "out", getattr(signal, name)
    words = [str(folder), *DAYS, "--strict", "--jobs", str(jobs), "--out", str(out)]
    code, said, complained = stopped_after_a_part(words, out, number, everyone=everyone)
    done = len(files_of(out))
    assert (code, said) == (128 + number, "")
    assert complained == (
        f"error: stopped: {done} of {PARTS} part(s) are done in {out}; "
        "the same command continues with the others\n"
    )
    assert 0 < done < PARTS
    assert [path.name for path in out.rglob(".*")] == []
    expected = files_of(whole)
    assert all(expected[name] == content for name, content in files_of(out).items())
    code, _, err = run("screen-many", *words)
    assert (code, err) == (0, f"{done} of {PARTS} part(s) were done before\n")
    assert files_of(out) == expected


def test_stopped_before_the_first_part_it_says_that(run, folder, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("risicoscreener.scale.runs.running.parts_in", stop)
    words = ["screen-many", folder, "--out", tmp_path / "out"]
    assert run(*words) == (
        130,
        "",
        "error: stopped before the first part; the same command begins again\n",
    )
    code, _, err = run(*words, "--json")
    assert (code, json.loads(err)["error"]) == (130, "stopped")


def test_a_folder_is_screened_part_by_part(run, folder, whole, tmp_path):
    out = tmp_path / "results.parquet"
    code, said, err = run("screen-many", folder, *DAYS, "--strict", "--out", f"{out}/")
    assert (code, err) == (0, "")
    assert files_of(out) == files_of(whole)
    one = run("screen-many", folder, *DAYS, "--out", tmp_path / "one.csv")
    assert one[1] == said
    code, said, _ = run("screen-many", folder, *DAYS, "--strict", "--out", f"{out}/", "--json")
    found = json.loads(said)
    outcomes = found.pop("outcomes")
    assert sum(outcomes.values()) == 96
    assert found == {
        "screened": 96,
        "problems": 0,
        "parts": PARTS,
        "continued": PARTS,
        "not_screened": {},
    }


def test_an_index_says_for_whom_on_which_day(run, folder, tmp_path):
    (tmp_path / "index.csv").write_text("person_id,as_of\nSYN-0000002,2026-05-01\n")
    words = ["screen-many", folder, "--index", tmp_path / "index.csv", "--out", tmp_path / "out"]
    assert run(*words)[0] == 0
    (row,) = read_results(tmp_path / "out").to_table().to_pylist()
    assert (row["person_id"], str(row["as_of"])) == ("SYN-0000002", "2026-05-01")


def test_another_run_is_refused_and_may_begin_anew(run, folder, tmp_path):
    out = tmp_path / "out"
    assert run("screen-many", folder, *DAYS, "--out", out)[0] == 0
    code, said, err = run("screen-many", folder, "--as-of", "2026-05-01", "--out", out)
    assert (code, said) == (3, "")
    assert err.startswith(f"error: {out} has a run of something else: as_of 2026-06-01 and not")
    assert "--restart" in err
    assert run("screen-many", folder, "--as-of", "2026-05-01", "--out", out, "--restart")[0] == 0


def test_bad_rows_are_set_apart_and_counted_and_a_part_left_out_is_a_failure(run, people, tmp_path):
    folder, out = tmp_path / "dossiers", tmp_path / "out"
    for part in range(3):
        few = people.select(np.arange(30 * part, 30 * part + 30))
        (with_a_debt_below_zero(few)[0] if part == 1 else few).write(folder, part=part)
    code, said, err = run("screen-many", folder, *DAYS, "--out", out)
    assert code == 0
    assert "deny" in said
    assert err.endswith(f"problem(s); rows set apart, see {out / 'problems'}\n")
    code, _, err = run("screen-many", folder, *DAYS, "--strict", "--out", tmp_path / "strict")
    assert code == 3
    assert err.startswith("error: part-00001: ")
    assert "debts[1].amount_eur = -5.0" in err
    assert err.endswith("1 of 3 part(s) are done; the same call continues with the others\n")
    (folder / "debts.parquet" / "part-00002.parquet").write_bytes(b"PAR1")
    words = ["screen-many", folder, *DAYS, "--out", tmp_path / "fewer"]
    code, _, err = run(*words)
    assert code == 3
    assert err.startswith("error: part-00002: debts.parquet/part-00002.parquet cannot be read")
    code, said, err = run(*words, "--skip-unreadable")
    assert code == 1
    assert "deny" in said
    assert "not screened: part-00002: debts.parquet/part-00002.parquet cannot be read" in err
    code, said, _ = run(*words, "--skip-unreadable", "--json")
    assert (code, list(json.loads(said)["not_screened"])) == (1, ["part-00002"])


def test_what_is_for_parts_is_refused_for_one_file_and_the_other_way_round(run, folder, tmp_path):
    for words, match in (
        (["--jobs", 2], "--jobs is for work in parts"),
        (["--restart", "--out", "x.csv"], "--restart is for work in parts"),
        (["--skip-unreadable", "--out", "x.csv"], "--skip-unreadable is for work in parts"),
        (["--out", tmp_path / "out", "--quarantine-out", "q.csv"], "problems of work in parts are"),
    ):
        code, _, err = run("screen-many", folder, *DAYS, *words)
        assert code == 2
        assert match in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals")
def test_a_signal_that_was_ignored_stays_so_and_others_are_put_back():
    usual = signal.getsignal(signal.SIGTERM)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            with pytest.raises(Stopped) as stopped:
                signal.raise_signal(signal.SIGTERM)
        assert stopped.value.exit_code == 128 + signal.SIGTERM
        assert signal.getsignal(signal.SIGTERM) == usual
    finally:
        signal.signal(signal.SIGHUP, before)
