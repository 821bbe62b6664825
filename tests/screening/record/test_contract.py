"""What a record promises, whatever it is stored in."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import stat
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cases import ROOT
from risicoscreener.errors import RecordError
from risicoscreener.screening.record import RecordLog, open_log, reading
from risicoscreener.screening.record.chain import sha256_of
from risicoscreener.screening.record.storage import Head
from screening.record.making import ARCHIVIST, draft

BLOB = b"what it rests on"


def test_an_empty_record_holds(log: RecordLog) -> None:
    assert len(log) == 0
    assert list(log.entries()) == []
    assert log.verify().ok


def test_what_is_written_is_read_and_each_entry_names_the_one_before_it(
    log: RecordLog, place
) -> None:
    first = log.append([draft("één", blobs={sha256_of(BLOB): BLOB})])
    others = log.append([draft("two"), draft("three", "SYN-000002", reference="a" * 64)])
    written = [*first, *others]
    again = place.open()
    assert list(again.entries()) == written
    assert [e.link.sequence for e in written] == [1, 2, 3]
    assert [e.link.previous for e in written[1:]] == [e.sha256 for e in written[:2]]
    assert again.entry(2) == written[1]
    assert again.blob(sha256_of(BLOB)) == BLOB
    assert again.about("SYN-000002") == again.about(reference="a" * 64) == (written[2],)
    assert again.with_hash(written[0].sha256) == written[0]
    assert again.head() == Head(3, written[2].sha256)
    assert again.verify().ok


def test_the_hashes_are_those_that_the_documentation_gives(log: RecordLog) -> None:
    (entry,) = log.append([draft("een")])
    link, payload = entry.link, entry.payload
    assert payload is not None
    said = b"risicoscreener-record payload\0" + payload.salt + b"SYN-000001\0" + b"\0" + b'"een"'
    assert link.payload_sha256 == hashlib.sha256(said).hexdigest()
    start = hashlib.sha256(b"risicoscreener-record start\0" + log.id.encode()).hexdigest()
    plain = {
        "sequence": 1,
        "recorded_at": link.recorded_at.isoformat().replace("+00:00", "Z"),
        "kind": "screening",
        "category": "penitentiary_file",
        "blobs": [],
        "payload_sha256": link.payload_sha256,
        "previous": start,
    }
    body = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
    assert entry.sha256 == hashlib.sha256(b"risicoscreener-record link\0" + body).hexdigest()


def test_the_same_text_twice_has_two_hashes(log: RecordLog) -> None:
    one, other = log.append([draft("deny"), draft("deny")])
    assert one.link.payload_sha256 != other.link.payload_sha256


def test_of_several_entries_all_are_written_or_none(log: RecordLog) -> None:
    log.append([draft("one")])
    with pytest.raises(RecordError):
        log.append([draft("two"), draft("three", blobs={"0" * 64: None})])
    assert len(log) == 1
    log.append([draft("two")])
    assert log.verify().ok


def test_a_record_that_is_made_twice_is_the_same(log: RecordLog, place) -> None:
    log.append([draft("one")])
    again = place.open(create=True)
    assert (again.id, len(again)) == (log.id, 1)


def test_a_record_that_is_not_there_is_said(place) -> None:
    with pytest.raises(RecordError, match="there is no record"):
        place.open()


def test_what_is_not_there_is_said(log: RecordLog) -> None:
    for ask in (
        lambda: log.entry(1),
        lambda: log.blob("0" * 64),
        lambda: log.with_hash("0" * 64),
        lambda: log.screening("0" * 64),
    ):
        with pytest.raises(RecordError, match=r"has no|has nothing"):
            ask()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record_link SET sha256 = 'x'",
        "DELETE FROM record_link WHERE sequence = 2",
        "UPDATE record_payload SET subject = 'SYN-000002'",
        "DELETE FROM record_payload WHERE sequence = 1",
        "DELETE FROM record_blob",
        "UPDATE record_blob SET content = content",
        "DELETE FROM record_start",
        "UPDATE record_start SET id = 'x'",
    ],
)
def test_the_database_refuses_what_changes_a_record(log: RecordLog, place, statement: str) -> None:
    log.append([draft("one", blobs={sha256_of(BLOB): BLOB}), draft("two")])
    with pytest.raises(Exception, match=r"only added to|under a marker"):
        place.guarded(statement)
    assert log.verify().ok


def test_time_in_a_record_does_not_go_back(log: RecordLog, monkeypatch) -> None:
    (first,) = log.append([draft("one")])
    assert log.entry(1) == first

    class Earlier(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return dt.datetime(2001, 1, 1, tzinfo=tz)

    monkeypatch.setattr(reading.dt, "datetime", Earlier)
    (second,) = log.append([draft("two")])
    assert second.link.recorded_at == first.link.recorded_at
    assert log.verify().ok


class _StopError(Exception):
    pass


def test_what_is_written_in_a_transaction_that_fails_is_not_there(log: RecordLog) -> None:
    with_blob = draft("one", blobs={sha256_of(BLOB): BLOB})

    def write_and_fail() -> None:
        with log.transaction(writes=True):
            log.append([with_blob])
            assert len(log) == 1
            raise _StopError

    with pytest.raises(_StopError):
        write_and_fail()
    assert len(log) == 0
    log.append([with_blob])
    assert log.blob(sha256_of(BLOB)) == BLOB
    assert log.verify().ok


def test_entries_of_one_transaction_are_there_together(log: RecordLog, place) -> None:
    with log.transaction(writes=True):
        log.append([draft("one")])
        assert len(place.open()) == 0
        log.append([draft("two")])
    assert len(place.open()) == 2
    assert log.verify().ok


def test_a_transaction_that_reads_sees_one_moment(log: RecordLog, place) -> None:
    log.append([draft("one")])
    with log.transaction() as execute:
        assert execute("SELECT count(*) FROM record_link", ()) == [(1,)]
        place.open().append([draft("two")])
        assert len(log) == 1
    assert len(log) == 2


def test_nothing_is_written_in_a_transaction_that_reads(log: RecordLog) -> None:
    with log.transaction(), pytest.raises(RecordError, match="expected one with writes=True"):
        log.append([draft("one")])
    log.append([draft("one")])
    assert len(log) == 1


def test_a_deletion_is_a_transaction_of_its_own(log: RecordLog) -> None:
    log.append([draft("one")])
    with log.transaction(writes=True), pytest.raises(RecordError, match="a transaction by itself"):
        log.delete([1], basis="erasure", by=ARCHIVIST)
    assert log.entry(1).payload is not None
    log.delete([1], basis="erasure", by=ARCHIVIST)
    assert log.entry(1).payload is None


def test_a_log_is_not_used_in_another_process(log: RecordLog, monkeypatch) -> None:
    monkeypatch.setattr(log, "_process", -1)
    with pytest.raises(RecordError, match="one log per process"):
        log.append([draft("one")])
    monkeypatch.undo()


def test_threads_may_share_a_log_and_have_their_own(log: RecordLog, place) -> None:
    logs = [log, log, place.open(), place.open()]

    def write(number: int) -> None:
        for i in range(10):
            logs[number].append([draft(f"{number}/{i}")])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    said = [json.loads(e.payload.body) for e in log.entries()]
    assert sorted(said) == sorted(f"{n}/{i}" for n in range(4) for i in range(10))
    for n in range(4):
        own = [text for text in said if text.startswith(f"{n}/")]
        assert own == [f"{n}/{i}" for i in range(10)]
    assert log.verify().ok


WRITER = """
import sys
sys.path[:0] = sys.argv[3:]
from screening.record.making import draft
from risicoscreener.screening.record import open_log
with open_log(sys.argv[1], create=True) as log:
    for i in range(8):
        log.append([draft(f"{sys.argv[2]}/{i}"), draft("beside it")])
"""


def test_processes_that_write_at_once_make_one_chain(place) -> None:
    tests = str(ROOT / "tests")
    words = [[sys.executable, "-c", WRITER, place.target, str(n), tests] for n in range(3)]
    writers = [subprocess.Popen(w) for w in words]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    log = place.open()
    assert len(log) == 3 * 8 * 2
    assert log.verify().ok
    said = [json.loads(e.payload.body) for e in log.entries()]
    assert all(after == "beside it" for after in said[1::2])


def test_a_long_record_is_read_in_pages(log: RecordLog, monkeypatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 7)
    log.append([draft(str(i)) for i in range(22)])
    assert [int(json.loads(e.payload.body)) for e in log.entries()] == list(range(22))
    assert log.verify().entries == 22


# -- files and servers ---------------------------------------------------------------------------


def test_another_file_is_no_record(tmp_path: Path) -> None:
    text, other = tmp_path / "a.txt", tmp_path / "other.db"
    text.write_text("no database at all, and long enough to be taken for one" * 20)
    import sqlite3

    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE a (b)")
    connection.close()
    for path in (text, other):
        before = path.read_bytes()
        for create in (False, True):
            with pytest.raises(RecordError):
                open_log(path, create=create)
        assert path.read_bytes() == before
    with pytest.raises(RecordError, match="cannot be made"):
        open_log(tmp_path / "absent" / "a.db", create=True)


def test_a_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    with open_log(tmp_path / "a.db", create=True) as log:
        log.append([draft("one")])
        for file in tmp_path.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://someone:geheim@127.0.0.1:1/none?connect_timeout=1",
        "postgresql://someone:geheim@127.0.0.1:geheim/none",
        "postgresql://someone:geheim@[::1/none",
        "postgresql://someone:a@geheim@127.0.0.1:1/none",
        "POSTGRESQL://someone:geheim@127.0.0.1:1/none",
        "postgresql+psycopg://someone:geheim@127.0.0.1:1/none",
        "host=127.0.0.1 user=someone password=geheim dbname=none",
        "service=someone PASSWORD = geheim",
    ],
)
@pytest.mark.parametrize("create", [False, True])
def test_no_password_is_in_a_message(dsn: str, create: bool, tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecordError) as refusal:
        open_log(dsn, create=create)
    said = "".join(traceback.format_exception(refusal.value))
    assert "geheim" not in said.replace(dsn, "")
    assert "geheim" not in str(refusal.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["x' OR '1'='1", "'; DROP TABLE record_link; --", "%s", "?", "\\"])
def test_a_text_is_never_a_statement(log: RecordLog, text: str) -> None:
    log.append([draft("one", "SYN-000001"), draft("two", text, reference=text)])
    assert [e.link.sequence for e in log.about(text)] == [2]
    assert [e.link.sequence for e in log.about(reference=text)] == [2]
    with pytest.raises(RecordError, match="no entry with hash"):
        log.with_hash(text)
    assert log.verify().ok


@pytest.mark.parametrize("text", ["\udcff", "a\0b"])
def test_what_no_database_can_hold_is_refused(log: RecordLog, text: str) -> None:
    for search in (log.about, log.with_hash, log.screening, log.blob):
        with pytest.raises(RecordError, match="expected"):
            search(text)


def test_a_record_without_an_id_is_none(place, log: RecordLog) -> None:
    place.tamper("DELETE FROM record_start")
    with pytest.raises(RecordError, match="has no id"):
        place.open()


def test_a_path_that_no_file_has_is_refused(tmp_path: Path) -> None:
    for create in (False, True):
        with pytest.raises(RecordError, match="byte 0"):
            open_log(str(tmp_path / "a\0b"), create=create)


def test_a_server_that_does_not_write_to_disk_is_refused(postgres) -> None:
    postgres.stop()
    data = postgres.folder / "data" / "postgresql.auto.conf"
    before = data.read_text()
    data.write_text(before + "fsync = off\n")
    postgres.start()
    try:
        with pytest.raises(RecordError, match="fsync"):
            open_log(postgres.dsn(), create=True)
    finally:
        postgres.stop()
        data.write_text(before)
        postgres.start()


def test_a_log_finds_a_server_again_that_was_away(postgres) -> None:
    with open_log(postgres.new_schema("away"), create=True) as log:
        log.append([draft("one")])
        postgres.stop("immediate")
        with pytest.raises(RecordError):
            log.append([draft("lost")])
        postgres.start()
        log.append([draft("two")])
        assert [json.loads(e.payload.body) for e in log.entries()] == ["one", "two"]
        assert log.verify().ok
