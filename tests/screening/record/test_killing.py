"""Who is killed while writing loses nothing that was acknowledged; few runs of the script."""

from __future__ import annotations

import pytest

import kill_log


def check(found: kill_log.Found, runs: int) -> None:
    assert found.runs == runs
    assert found.acknowledged > 0
    assert found.ok, str(found)
    assert found.there >= found.acknowledged


def test_a_writer_of_a_file_is_killed(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(kill_log, "LONGEST_SECONDS", 0.1)
    check(kill_log.kill_writers(lambda run: str(tmp_path / f"{run}.db"), 10, 2, None), 10)


def test_a_client_of_a_server_is_killed(postgres, monkeypatch) -> None:
    monkeypatch.setattr(kill_log, "LONGEST_SECONDS", 0.1)
    new = lambda run: postgres.new_schema(f"client{run}")  # noqa: E731
    check(kill_log.kill_writers(new, 3, 3, None), 3)


def test_a_server_is_stopped_without_a_checkpoint(postgres, monkeypatch) -> None:
    monkeypatch.setattr(kill_log, "LONGEST_SECONDS", 0.1)
    new = lambda run: postgres.new_schema(f"server{run}")  # noqa: E731
    check(kill_log.kill_writers(new, 1, 4, postgres), 1)


@pytest.mark.parametrize("harm", ["lost", "torn", "broken"])
def test_what_would_be_lost_torn_or_broken_is_counted(tmp_path, harm: str) -> None:
    import sqlite3

    path = tmp_path / "a.db"
    with kill_log.open_log(path, create=True) as log:
        said = [
            kill_log.Said(0, b, i, kill_log.BATCH, "x" * kill_log.BODY_BYTES)
            for b in (0, 3)
            for i in range(5)
        ]
        log.append([kill_log._draft(one) for one in said])
    connection = sqlite3.connect(path)
    with connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        where = {"lost": "sequence > 5", "torn": "sequence > 8", "broken": "sequence = 99"}[harm]
        connection.execute(f"DELETE FROM record_payload WHERE {where}")
        if harm == "broken":
            connection.execute("UPDATE record_payload SET reference = 'x'")
    connection.close()
    found = kill_log.Found()
    with kill_log.open_log(path) as log:
        # Batches 1 and 2 were never written: they count as lost unless not acknowledged.
        kill_log._look(log, 0, 1 if harm != "lost" else 4, found)
    assert not found.ok
    assert getattr(found, harm) > 0
