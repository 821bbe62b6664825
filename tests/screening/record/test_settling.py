"""What writing puts off, and who does it."""

from __future__ import annotations

import threading

from risicoscreener.screening.record import open_log
from risicoscreener.screening.record.chain import Draft
from screening.record.making import ARCHIVIST, draft

LARGE = Draft(kind="key", category="chain", body=b'{"x":"' + b"x" * 200_000 + b'"}')


def test_what_writing_puts_off_is_done_by_another_log(tmp_path):
    file, waiting = tmp_path / "record.db", tmp_path / "record.db-wal"
    with open_log(file, create=True) as writer, open_log(file) as other:
        assert writer.leave_settling()
        for _ in range(120):
            writer.append([LARGE])
        before = waiting.stat().st_size
        assert before > 20_000_000  # 16 MB was brought into the file otherwise
        with open_log(file) as reader, reader.transaction():
            assert len(reader) == 120
            other.settle()  # while somebody reads; nobody waits for that
            writer.append([LARGE])
            assert len(reader) == 120
        other.settle()
        for _ in range(60):
            writer.append([LARGE])
        assert waiting.stat().st_size < before + 2_000_000  # it began anew
        assert len(other) == 181


def test_a_record_that_nobody_settles_is_settled_by_who_writes(tmp_path, monkeypatch):
    monkeypatch.setattr("risicoscreener.screening.record.sqlite.MOST_PAGES_WAITING", 100)
    file, waiting = tmp_path / "record.db", tmp_path / "record.db-wal"
    with open_log(file, create=True) as writer:
        writer.leave_settling()
        for _ in range(60):
            writer.append([LARGE])
        assert waiting.stat().st_size < 4_000_000


def test_settling_changes_nothing_that_is_read(log):
    log.append([LARGE])
    log.leave_settling()
    log.append([LARGE])
    log.settle()
    log.settle()
    assert len(log) == 2
    assert log.verify().ok


def test_what_is_deleted_is_gone_though_another_log_settles_all_the_time(tmp_path):
    file = tmp_path / "record.db"
    ended = threading.Event()
    with open_log(file, create=True) as writer, open_log(file) as other:

        def settles():
            while not ended.is_set():
                other.settle()

        thread = threading.Thread(target=settles)
        thread.start()
        try:
            for _ in range(10):
                entry = writer.append([draft("x" * 200_000)])[0]
                writer.delete([entry.link.sequence], basis="erasure", by=ARCHIVIST)
        finally:
            ended.set()
            thread.join()
        assert writer.verify().ok
