"""A record on a disk without room: nothing that was acknowledged is lost, and it goes on after."""

from __future__ import annotations

from pathlib import Path

import pytest

from risicoscreener.errors import RecordError
from risicoscreener.screening.record import open_log
from screening.record.making import draft


def filled(log) -> int:
    """Write until there is no room; how many entries were acknowledged."""
    acknowledged = len(log)
    for _ in range(1000):
        try:
            log.append([draft("x" * 2000)])
        except RecordError as error:
            assert "full" in str(error)
            return acknowledged
        acknowledged += 1
    raise AssertionError("there was always room")


def room(log, pages: int) -> None:
    log._connection.execute(f"PRAGMA max_page_count = {pages}")


def test_on_a_full_disk_what_was_acknowledged_is_there_and_the_rest_is_refused(tmp_path: Path):
    with open_log(tmp_path / "record.db", create=True) as log:
        room(log, 40)
        acknowledged = filled(log)
        assert acknowledged > 3
        assert len(log) == acknowledged
        assert log.verify().ok
        with pytest.raises(RecordError, match="full"):
            log.append([draft("of two"), draft("y" * 50_000)])
        assert len(log) == acknowledged
    with open_log(tmp_path / "record.db") as again:
        assert len(again) == acknowledged
        assert again.verify().ok
        again.append([draft("there is room")])
        assert again.verify().ok


def test_where_a_record_may_not_be_written_one_error_says_so(tmp_path: Path):
    with open_log(tmp_path / "record.db", create=True) as log:
        log.append([draft("x")])
        log._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(RecordError, match="readonly|read-only"):
            log.append([draft("y")])
        assert len(log) == 1
        assert log.verify().ok
