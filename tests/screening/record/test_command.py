"""A record at the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from cases import EXAMPLES
from risicoscreener.cli import main
from risicoscreener.screening.record import SecondReading, open_log, result_of
from screening.record.making import NOON, OFFICER, decide


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record with three screenings, one of which was decided on otherwise."""
    folder = tmp_path_factory.mktemp("filled")
    path = str(folder / "record.db")
    for name in ("grant", "deny", "deep_assessment"):
        assert main(["record", "screen", path, str(EXAMPLES / f"{name}.json")]) == 0
    with open_log(path) as log:
        result = result_of(log.entry(3))
    decision = folder / "decision.json"
    decision.write_bytes(decide(result, "grant").to_json())
    assert main(["record", "decide", path, str(decision), "--lang", "en"]) == 0
    return folder


@pytest.fixture
def record(filled: Path, tmp_path: Path) -> str:
    """A copy of it."""
    return str(shutil.copy(filled / "record.db", tmp_path))


def test_what_is_unusual_about_a_decision_is_said(record: str, filled: Path, capsys) -> None:
    said = run(capsys, "decide", record, str(filled / "decision.json"), "--lang", "en")
    assert "granted without the deep assessment" in said
    assert "had been decided on before" in said
    assert "standing awaits_second_reader" in said


def run(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(["record", *words]) == code
    return capsys.readouterr().out


def test_a_record_is_verified_with_a_checkpoint(record: str, tmp_path: Path, capsys) -> None:
    marks = str(tmp_path / "marks.jsonl")
    private, public = str(tmp_path / "private.pem"), str(tmp_path / "public.pem")
    assert main(["bundle", "key", "--private", private, "--public", public]) == 0
    run(capsys, "checkpoint", record, "--out", marks, "--key", private)
    said = run(capsys, "verify", record, "--checkpoints", marks, "--trust", public, "--lang", "en")
    assert said.splitlines()[0] == "4 entries: the chain holds"
    found = json.loads(run(capsys, "verify", record, "--json"))
    assert (found["ok"], found["entries"]) == (True, 4)


def test_a_record_that_was_changed_ends_on_1(record: str, capsys) -> None:
    import sqlite3

    connection = sqlite3.connect(record)
    with connection:
        connection.execute("DROP TRIGGER payload_stays")
        connection.execute("UPDATE record_payload SET subject = 'x' WHERE sequence = 2")
    connection.close()
    said = run(capsys, "verify", record, "--lang", "en", code=1)
    assert "what entry 2 says was changed" in said
    assert "entry 2: cannot be repeated" in run(capsys, "replay", record, "--lang", "en", code=1)


def test_a_record_is_listed_and_an_entry_shown(record: str, capsys) -> None:
    lines = run(capsys, "show", record).splitlines()
    assert [line.split()[3] for line in lines] == [
        "screening",
        "screening",
        "screening",
        "decision",
    ]
    assert len(run(capsys, "show", record, "--person", "EXAMPLE-GRANT").splitlines()) == 1
    shown = json.loads(run(capsys, "show", record, "--entry", "4"))
    assert shown["says"]["direction"] == "up"
    assert shown["says"]["decision"]["decided_by"] == {"role": "director", "id": "DIR-00A1"}


def test_screenings_are_repeated(record: str, capsys) -> None:
    said = run(capsys, "replay", record, "--lang", "en").splitlines()
    assert len(said) == 3
    assert all(line.endswith("byte for byte") for line in said)
    assert len(run(capsys, "replay", record, "--entry", "2").splitlines()) == 1
    (found,) = json.loads(run(capsys, "replay", record, "--entry", "1", "--with-present", "--json"))
    assert found["same"]
    assert [e["sequence"] for e in json.loads(run(capsys, "show", record, "--json"))] == [
        1,
        2,
        3,
        4,
    ]


def test_what_is_due_is_listed_and_deleted(record: str, tmp_path: Path, capsys) -> None:
    started = tmp_path / "started.csv"
    started.write_text("person_id,started_on\nEXAMPLE-GRANT,2090-01-01\n")
    where = ["--started", str(started)]
    assert run(capsys, "due", record, *where) == ""
    said = run(capsys, "due", record, *where, "--day", "2101-01-02")
    assert said.split()[:3] == ["1", "EXAMPLE-GRANT", "penitentiary_file"]
    by = ["--by", "archivist:ARC-0001"]
    assert main(["record", "delete", record, "1", "--basis", "term", *by, *where]) == 3
    assert "has not passed" in capsys.readouterr().err
    run(capsys, "delete", record, "1", "--basis", "court", *by)
    assert "deleted under a court" in run(capsys, "verify", record, "--lang", "en")
    assert "deleted in entry 5" in run(capsys, "replay", record, "--lang", "en")
    for content, expected in (
        ("person_id,day\nA,2020-01-01\n", "no column started_on"),
        ("person_id,started_on\nA,1 mei\n", "expected YYYY-MM-DD"),
        ("person_id,started_on\nA,2020-01-01\nA,2020-01-02\n", "twice"),
    ):
        started.write_text(content)
        assert main(["record", "due", record, *where]) == 3
        assert expected in capsys.readouterr().err


def test_a_second_reader_makes_a_decision_final(record: str, tmp_path: Path, capsys) -> None:
    with open_log(record) as log:
        sha256 = log.entry(4).sha256
    reading = SecondReading(
        decision=sha256, read_by=OFFICER, read_at=NOON.replace(hour=13), agrees=True
    )
    path = tmp_path / "reading.json"
    path.write_bytes(msgspec.json.encode(reading))
    assert json.loads(run(capsys, "second", record, str(path), "--json"))["entry"] == 5


def test_how_people_follow_is_said(record: str, capsys) -> None:
    assert "not shown" in run(capsys, "stats", record, "--lang", "en")
    assert json.loads(run(capsys, "stats", record, "--json", "--unusual"))["unusual"] == []
    assert main(["record", "stats", record, "--by", "name"]) == 3


def test_what_is_no_record_or_no_decision_ends_on_3(record: str, tmp_path: Path, capsys) -> None:
    assert main(["record", "verify", str(tmp_path / "absent.db")]) == 3
    assert "there is no record" in capsys.readouterr().err
    assert not (tmp_path / "absent.db").exists()
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    assert main(["record", "decide", record, str(broken), "--json"]) == 3
    assert json.loads(capsys.readouterr().err)["error"] == "record"


def test_checkpoints_that_are_not_there_do_not_prove_anything(
    record: str, tmp_path: Path, capsys
) -> None:
    empty = tmp_path / "marks.jsonl"
    empty.touch()
    key = str(tmp_path / "public.pem")
    assert main(["record", "verify", record, "--checkpoints", str(empty)]) == 3
    assert "no checkpoint in" in capsys.readouterr().err
    assert main(["record", "verify", record, "--trust", key]) == 3
    assert main(["record", "verify", record, "--checkpoints", str(tmp_path / "gone")]) == 3


def test_an_entry_that_no_record_has_and_a_file_that_is_purged(record: str, capsys) -> None:
    assert main(["record", "show", record, "--entry", "99999999999999999999"]) == 3
    assert main(["record", "stats", record, "--fast", "nan"]) == 3
    assert capsys.readouterr().err.count("\n") == 2
    run(capsys, "purge", record)


def test_a_password_on_the_command_line_is_not_said(capsys) -> None:
    pytest.importorskip("psycopg")
    assert main(["record", "verify", "postgresql://a:geheim@127.0.0.1:1/b?connect_timeout=1"]) == 3
    captured = capsys.readouterr()
    assert "geheim" not in captured.out + captured.err
    assert "postgresql://a@127.0.0.1/b" in captured.err
