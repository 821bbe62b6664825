"""The commands over time: `follow`, `admissible`, `rescreen`."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from cases import EXAMPLES

EVENTS = EXAMPLES / "detention" / "events.jsonl"
TABLES = EXAMPLES.parent / "data" / "synthetic" / "sentenced_40" / "dossiers"


@pytest.fixture
def events(tmp_path):
    """The first forty facts of the example."""
    path = tmp_path / "events.jsonl"
    path.write_text("".join(EVENTS.read_text("utf-8").splitlines(keepends=True)[:41]), "utf-8")
    return path


def test_follow_says_outcomes_moves_and_alerts(run, events):
    code, out, _ = run("follow", events, "--lang", "en", "--until", "2020-04-30")
    assert code == 0
    assert "Outcomes" in out
    assert "30 April 2020" in out
    short = run("follow", events, "--lang", "en", "--decision", "leave", "--outcomes-only")[1]
    assert len(short) < len(out)


def test_follow_as_json(run, events):
    code, out, _ = run("follow", events, "--json", "--decision", "leave")
    said = json.loads(out)
    assert code == 0
    assert list(said["outcomes"]) == ["leave"]
    assert said["steps"]


def test_admissible_says_from_when(run, tmp_path):
    path = tmp_path / "line.png"
    words = ("admissible", EXAMPLES / "grant.json", "--as-of", "2023-05-01", "--decision", "leave")
    code, out, _ = run(*words, "--lang", "nl", "--picture", path)
    assert code == 0
    assert "23 mei 2023" in out
    assert path.read_bytes().startswith(b"\x89PNG")
    said = json.loads(run(*words, "--json")[1])
    assert said["kinds"][0]["possible_from"] == "2023-05-23"


def test_rescreen_lists_and_writes(run, tmp_path):
    path = tmp_path / "list.csv"
    words = ("rescreen", TABLES, "--day", "2022-06-13", "--everyone")
    code, out, _ = run(*words, "--since", "2022-05-01", "--out", path, "--lang", "en")
    assert code == 0
    assert "To be screened again" in out
    said = json.loads(run(*words, "--since", "2022-05-01", "--json")[1])
    assert len(pd.read_csv(path)) == said["screenings"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"table": "conduct", "fact": {}}', "person_id and person"),
        ("", "is empty"),
        ("[1]", "expected an object"),
        ("{", "not JSON"),
        ('{"person_id": "a", "person_id": "b"}', "twice"),
    ],
)
def test_a_file_that_begins_wrong_is_one_line(run, tmp_path, line, says):
    path = tmp_path / "events.jsonl"
    path.write_text(line, "utf-8")
    code, _, err = run("follow", path)
    assert code == 3
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"table": "behaviour", "fact": {}}', "line 2.*behaviour.*expected one of"),
        ('{"table": "conduct"}', "line 2.*expected table and fact"),
        ('{"advance_to": "soon"}', "line 2.*YYYY-MM-DD"),
        ('{"table": "conduct", "fact": {"recorded_at": "2020-01-01"}}', "conduct"),
        ('{"table": "conduct", "fact": 7}', "line 2: the fact is 7; expected an object"),
        ('{"table": "conduct", "fact": {}}', "line 2: recorded_at is None; expected a day"),
        ('{"table": "conduct", "fact": {"recorded_at": "soon"}}', "line 2: recorded_at is 'soon'"),
    ],
)
def test_a_line_that_is_wrong_is_named(run, tmp_path, line, says):
    import re

    path = tmp_path / "events.jsonl"
    first = EVENTS.read_text("utf-8").splitlines()[0]
    path.write_text(f"{first}\n{line}\n", "utf-8")
    code, _, err = run("follow", path)
    assert code == 3
    assert re.search(says, err)
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("rescreen", TABLES), 2, "--since DATE"),
        (("rescreen", TABLES, "--since", "2022-06-13", "--day", "2022-06-01"), 3, "recorded_at"),
        (("admissible", EXAMPLES / "grant.json", "--decision", "parole"), 5, "parole"),
        (("admissible", EXAMPLES / "grant.json", "--picture", "line.txt"), 2, ".png"),
        (("follow", "nowhere.jsonl"), 3, "nowhere.jsonl"),
    ],
)
def test_misuse_is_said(run, words, code, says):
    found, _, err = run(*words)
    if words[0] == "rescreen" and code == 3:
        assert found == 3
        return
    assert (found, says in err) == (code, True)
