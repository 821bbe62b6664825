"""No personal data go into a cohort: it is made of the package's own parameters and chance."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import risicoscreener
from cases import ROOT
from risicoscreener.synthetic import load_parameters

PACKAGE = Path(risicoscreener.__file__).parent
PAGE = (ROOT / "docs" / "privacy-of-synthetic-data.md").read_text("utf-8")
CODE = {".py", ".pyc", ".so", ".pyi"}
WATCHED = """
import json, sys
import numpy, pandas, pyarrow, pyarrow.compute, scipy.stats
seen = []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        seen.append(["open", str(arguments[0])])
    elif event.startswith(("socket.", "urllib.", "subprocess.", "os.system", "os.exec")):
        seen.append([event, ""])
sys.addaudithook(watch)
{work}
print(json.dumps(seen))
"""
SIMULATING = """
from risicoscreener.synthetic import simulate
for population in ("flow", "sentenced"):
    simulate(300, seed=1, population=population)
"""


def watched(work: str) -> list[tuple[str, str]]:
    """What a process of its own did while it worked: files opened, and the network."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED.replace("{work}", work)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return [tuple(event) for event in json.loads(done.stdout.splitlines()[-1])]


@pytest.fixture(scope="module")
def while_simulating():
    return watched(SIMULATING)


def data_files(events) -> set[Path]:
    """Files opened that are not code."""
    opened = {Path(path) for event, path in events if event == "open"}
    return {path for path in opened if path.suffix not in CODE}


def test_simulating_opens_no_file_but_the_data_files_of_the_package(while_simulating):
    found = data_files(while_simulating)
    foreign = {path for path in found if PACKAGE not in path.parents or path.suffix != ".toml"}
    assert foreign == set()
    assert PACKAGE / "synthetic" / "parameters.toml" in found


def test_simulating_uses_neither_the_network_nor_another_program(while_simulating):
    assert [event for event, _ in while_simulating if event != "open"] == []


def test_the_watch_sees_a_foreign_file_and_the_network(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("1")
    work = f"open({str(path)!r}).close(); import socket; socket.socket().close()"
    events = watched(work)
    assert path in data_files(events)
    assert any(event.startswith("socket.") for event, _ in events)


def test_the_page_on_privacy_names_every_data_file_that_goes_into_a_cohort(while_simulating):
    names = {str(path.relative_to(PACKAGE)) for path in data_files(while_simulating)}
    assert {name for name in names if name not in PAGE} == set()


@pytest.mark.parametrize("population", ["flow", "sentenced"])
def test_every_parameter_has_a_mark_and_a_source(population):
    entries = load_parameters(population).entries
    assert len(entries) > 100
    without = [path for path, e in entries.items() if e.mark not in "CDMA" or not e.source.strip()]
    assert without == []


def test_every_target_has_a_mark_and_a_source():
    text = (files("risicoscreener.synthetic.aims") / "targets.toml").read_text("utf-8")
    rows = {k: row for k, row in tomllib.loads(text).items() if isinstance(row, dict)}
    assert len(rows) > 40
    assert [k for k, row in rows.items() if row["mark"] not in "CDMA" or not row["source"]] == []


def test_two_people_of_a_cohort_share_no_record_with_each_other():
    """Records are drawn for each person, none is copied from another."""
    from risicoscreener.synthetic import simulate

    convictions = simulate(2000, seed=9).tables.to_pandas("convictions")
    several = convictions.groupby("person_id", observed=True).filter(lambda rows: len(rows) >= 3)
    facts = several.groupby("person_id", observed=True)[["offence_on", "judged_on"]]
    histories = facts.apply(lambda rows: tuple(map(tuple, rows.to_numpy())))
    assert not histories.duplicated().any()
