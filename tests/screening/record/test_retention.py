"""What is kept for how long, and what stays of what was deleted."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import example
from risicoscreener.errors import RecordError
from risicoscreener.screening.record import (
    Actor,
    KeyEvent,
    RecordLog,
    bases,
    categories,
    open_log,
    sqlite,
)
from risicoscreener.screening.record.chain import Draft
from risicoscreener.screening.record.retention import Category
from screening.record.making import ARCHIVIST, NOON, decide, draft

RELEASED = dt.date(2030, 2, 28)
LAST = dt.date(2040, 2, 28)
DAY = dt.timedelta(days=1)


def fill(log: RecordLog) -> None:
    log.append([draft("one", "SYN-000001"), draft("two", "SYN-000002"), draft("3", "SYN-000001")])


def numbers(found) -> list[int]:
    return [one.sequence for one in found]


def test_a_file_is_due_ten_years_after_it_was_received(log: RecordLog) -> None:
    fill(log)
    started = {"SYN-000001": RELEASED}
    assert log.due(LAST, started) == ()
    found = log.due(LAST + DAY, started)
    assert numbers(found) == [1, 3]
    assert (found[0].subject, found[0].last_day) == ("SYN-000001", LAST)
    assert log.due(LAST + DAY, {}) == ()


def test_what_was_recorded_after_the_term_started_is_not_due(small: RecordLog) -> None:
    fill(small)
    recorded = small.entry(1).link.recorded_at.date()
    assert small.due(dt.date(2100, 1, 1), {"SYN-000001": recorded - DAY}) == ()
    assert numbers(small.due(dt.date(2100, 1, 1), {"SYN-000001": recorded})) == [1, 3]


def test_a_file_of_the_institution_is_due_after_six_months(small: RecordLog) -> None:
    small.append([Draft(kind="screening", category="institution_file", body=b"{}", subject="A")])
    started = {"A": dt.date(2030, 8, 31)}
    assert small.due(dt.date(2031, 2, 28), started) == ()
    assert numbers(small.due(dt.date(2031, 3, 1), started)) == [1]


def test_an_unknown_category_is_never_due(small: RecordLog) -> None:
    small.append([Draft(kind="screening", category="of later", body=b"{}", subject="A")])
    assert small.due(dt.date(2100, 1, 1), {"A": RELEASED}) == ()


@settings(deadline=None)
@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 50), st.integers(0, 11))
def test_a_term_ends_so_many_months_later(day: dt.date, years: int, months: int) -> None:
    pandas = pytest.importorskip("pandas")
    category = Category(text=None, starts=None, source="x", years=years, months=months)
    expected = (pandas.Timestamp(day) + pandas.DateOffset(years=years, months=months)).date()
    assert category.last_day(day) == (expected if years or months else None)


def test_what_is_deleted_is_gone_and_the_chain_holds(log: RecordLog, place) -> None:
    fill(log)
    before = [entry.sha256 for entry in log.entries()]
    marker = log.delete(
        [1, 3], basis="term", by=ARCHIVIST, day=LAST + DAY, started={"SYN-000001": RELEASED}
    )
    again = place.open()
    assert marker.link.kind == "deletion"
    assert [entry.sha256 for entry in again.entries()][:3] == before
    assert [entry.payload is None for entry in again.entries()] == [True, False, True, False]
    verified = again.verify([again.checkpoint()])
    assert verified.ok
    assert [(d.sequence, d.basis, d.marker) for d in verified.deleted] == [
        (1, "term", 4),
        (3, "term", 4),
    ]
    assert "deleted under the term of retention has passed (Pm art. 39 lid 2" in verified.text("en")
    assert b"SYN-000001" not in b"".join(e.payload.body for e in again.entries() if e.payload)
    assert again.about("SYN-000001") == ()


def test_nothing_of_what_is_deleted_is_left_in_the_file(tmp_path: Path) -> None:
    with open_log(tmp_path / "a.db", create=True) as log:
        log.append([draft(f"secret-{i}" * 50, f"SYN-{i:06}") for i in range(20)])
        salts = [log.entry(i + 1).payload.salt for i in range(20)]
        log.delete(range(1, 11), basis="erasure", by=ARCHIVIST)
        for file in tmp_path.iterdir():
            content = file.read_bytes()
            for i in range(10):
                assert f"secret-{i}secret".encode() not in content, (file, i)
                assert f"SYN-{i:06}".encode() not in content, (file, i)
                assert salts[i] not in content, (file, i)
        assert b"secret-15secret" in (tmp_path / "a.db").read_bytes()


def test_what_is_deleted_while_somebody_reads_is_said_to_be_left_and_purged(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE_SECONDS", 0.05)
    path = tmp_path / "a.db"
    with open_log(path, create=True) as log:
        log.append([draft("secret-text"), draft("another")])
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM record_link").fetchall()
        with pytest.raises(RecordError, match="another process is reading"):
            log.delete([1], basis="erasure", by=ARCHIVIST)
        assert log.entry(1).payload is None
        assert log.verify().ok
        reader.close()
        log.purge()
        for file in tmp_path.iterdir():
            assert b"secret-text" not in file.read_bytes()


@pytest.mark.parametrize("sequence", ["1", 1.0, True, 0, -1, 2**63, None])
def test_what_is_no_number_of_an_entry_is_refused(log: RecordLog, sequence) -> None:
    fill(log)
    before = len(log)
    with pytest.raises(RecordError, match="there is no entry"):
        log.delete([sequence], basis="erasure", by=ARCHIVIST)
    with pytest.raises(RecordError, match="there is no entry"):
        log.entry(sequence)
    with pytest.raises(RecordError, match="there is no entry"):
        log.marker_of(sequence)
    assert len(log) == before


def test_a_term_that_ends_after_the_calendar_has_not_passed(log: RecordLog) -> None:
    fill(log)
    assert log.due(dt.date.today(), {"SYN-000001": dt.date(9999, 1, 1)}) == ()


def test_what_may_not_be_deleted_is_not(log: RecordLog) -> None:
    fill(log)
    key = KeyEvent(key_id="a", public_key="b", event="introduced", at=NOON, by=ARCHIVIST)
    log.append_key(key)
    log.delete([2], basis="erasure", by=ARCHIVIST)
    before = len(log)
    started = {"SYN-000001": RELEASED}
    for sequences, changes, expected in (
        ([], {}, "no entries"),
        ([1], {"basis": "whim"}, "expected one of term"),
        ([99], {}, "has no entry 99"),
        ([2], {}, "deleted already"),
        ([4], {}, "proves the record"),
        ([5], {}, "proves the record"),
        ([1], {"basis": "term"}, "has not passed"),
        ([1], {"basis": "term", "started": started, "day": LAST}, "has not passed"),
        ([1, 3], {"by": Actor("archivist", "Pietersen")}, "by"),
    ):
        given = {"basis": "erasure", "by": ARCHIVIST} | changes
        with pytest.raises(RecordError, match=expected):
            log.delete(sequences, **given)
    assert len(log) == before
    assert log.entry(1).payload is not None
    assert log.verify().ok


def test_decisions_are_deleted_as_screenings_are(small: RecordLog, screener) -> None:
    result = screener.screen(example("grant"), "leave")
    small.append_screening(result, example("grant"), screener)
    small.append_decision(decide(result))
    assert numbers(small.due(LAST + DAY, {result.person_id: RELEASED})) == [1, 2]
    small.delete([1, 2], basis="erasure", by=ARCHIVIST)
    assert small.verify().ok
    with pytest.raises(RecordError, match="has no screening"):
        small.append_decision(decide(result))


def test_terms_and_bases_have_sources_that_can_be_looked_up() -> None:
    cited = re.compile(r"^(project|[A-Z][A-Za-z]+( art\. \d+.*)?)$")
    for name, one in {**categories(), **bases()}.items():
        for part in one.source.split("; "):
            assert cited.match(part), (name, part)
        read = all(p == "project" or "BWBR" in p for p in one.source.split("; "))
        assert read or one.to_verify, f"{name}: what was not read is marked"


# -- roles on the server -------------------------------------------------------------------------


def roles_of_the_documentation() -> str:
    from cases import ROOT

    page = (ROOT / "docs" / "record.md").read_text("utf-8")
    return re.search(r"```sql\n(.*?)```", page, re.DOTALL).group(1)


def test_the_roles_of_the_documentation_may_what_they_should(postgres) -> None:
    import psycopg

    schema = postgres.new_schema("roles")
    with open_log(schema, create=True) as owner:
        owner.append([draft("of the owner")])
    with psycopg.connect(schema, autocommit=True) as connection:
        connection.execute(roles_of_the_documentation().replace("SCHEMA_NAME", "roles"))
        for role in ("reader", "writer", "retention"):
            connection.execute(f"CREATE ROLE a_{role} LOGIN IN ROLE record_{role}")

    def as_role(role: str) -> RecordLog:
        return open_log(postgres.dsn("roles", f"a_{role}"))

    with as_role("writer") as log:
        log.append([draft("of the writer")])
        with pytest.raises(RecordError, match="permission denied"):
            log.delete([1], basis="erasure", by=ARCHIVIST)
    with as_role("reader") as log:
        assert log.verify().entries == 2
        with pytest.raises(RecordError, match="permission denied"):
            log.append([draft("of the reader")])
    with as_role("retention") as log:
        log.delete([1], basis="erasure", by=ARCHIVIST)
        assert log.verify().ok
        assert log.entry(1).payload is None
    for role in ("reader", "writer", "retention"):
        with psycopg.connect(postgres.dsn("roles", f"a_{role}"), autocommit=True) as connection:
            for statement in (
                "UPDATE record_link SET sha256 = 'x'",
                "DELETE FROM record_payload",
                "TRUNCATE record_link CASCADE",
                "ALTER TABLE record_link DISABLE TRIGGER ALL",
                "SELECT record_delete_payload(2, 3)",
            ):
                with pytest.raises(psycopg.Error):
                    connection.execute(statement)
    with as_role("reader") as log:
        assert log.entry(2).payload is not None
        assert log.verify().ok
