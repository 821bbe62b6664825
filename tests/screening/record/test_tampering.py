"""Whatever is done to what is stored, verification finds it, or needs a checkpoint to."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.errors import RecordError
from risicoscreener.models import signing
from risicoscreener.screening.record import Checkpoint, RecordLog, keep, open_log, read_checkpoints
from risicoscreener.screening.record.chain import (
    Link,
    canonical,
    link_hash,
    payload_hash,
    sha256_of,
    start_of,
)
from screening.record.making import ARCHIVIST, draft

BLOBS = {sha256_of(content): content for content in (b"a policy", b"a model")}


def fill(log: RecordLog, entries: int = 6) -> None:
    for i in range(entries):
        log.append([draft(f"number {i}", blobs=BLOBS)])


def found(log: RecordLog, checkpoints: tuple[Checkpoint, ...] = ()) -> set[tuple[str, int]]:
    return {(p.code, p.sequence) for p in log.verify(checkpoints).problems}


def body_of_link(log: RecordLog, number: int, **changes: object) -> bytes:
    return canonical(msgspec.structs.replace(log.entry(number).link, **changes))


def test_an_edited_link_does_not_fit_its_hash(log, place) -> None:
    fill(log)
    place.tamper(
        "UPDATE record_link SET body = ? WHERE sequence = 3",
        body_of_link(log, 3, category="institution_file"),
    )
    assert found(log) == {("link_changed", 3)}


def test_an_edited_link_with_a_new_hash_is_not_what_the_next_one_names(log, place) -> None:
    fill(log)
    body = body_of_link(log, 3, kind="key")
    place.tamper(
        "UPDATE record_link SET body = ?, sha256 = ? WHERE sequence = 3", body, link_hash(body)
    )
    assert found(log) == {("broken", 4)}


def test_a_link_that_is_no_link(log, place) -> None:
    fill(log)
    place.tamper(
        "UPDATE record_link SET body = ?, sha256 = ? WHERE sequence = 3", b"{}", link_hash(b"{}")
    )
    assert found(log) == {("link_unreadable", 3), ("broken", 4)}
    with pytest.raises(RecordError, match="entry 3"):
        log.entry(3)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("body", b'"number 7"'),
        ("salt", b"0" * 32),
        ("subject", "SYN-000002"),
        ("reference", "0" * 64),
    ],
)
def test_what_an_entry_says_cannot_be_edited(log, place, column: str, value: object) -> None:
    fill(log)
    place.tamper(f"UPDATE record_payload SET {column} = ? WHERE sequence = 2", value)
    assert found(log) == {("payload_changed", 2)}


def test_what_two_entries_say_cannot_be_exchanged(log, place) -> None:
    fill(log)
    for before, after in ((2, 100), (5, 2), (100, 5)):
        place.tamper("UPDATE record_payload SET sequence = ? WHERE sequence = ?", after, before)
    assert found(log) == {("payload_changed", 2), ("payload_changed", 5)}


def test_what_an_entry_says_cannot_be_removed_without_a_marker(log, place) -> None:
    fill(log)
    place.tamper("DELETE FROM record_payload WHERE sequence = 4")
    place.tamper("INSERT INTO record_deleted (sequence, marker) VALUES (4, 6)")
    assert found(log) == {("payload_missing", 4), ("deletion_list", 4)}


def test_an_entry_cannot_be_removed_from_the_middle(log, place) -> None:
    fill(log)
    for table in ("payload", "link"):
        place.tamper(f"DELETE FROM record_{table} WHERE sequence = 4")
    assert found(log) == {("missing", 4), ("broken", 5)}


def test_a_link_cannot_be_removed_alone(log, place) -> None:
    fill(log)
    place.tamper("DELETE FROM record_link WHERE sequence = 4")
    assert found(log) == {("missing", 4), ("payload_stray", 4), ("broken", 5)}


def test_the_first_entry_cannot_be_removed(log, place) -> None:
    fill(log)
    for table in ("payload", "link"):
        place.tamper(f"DELETE FROM record_{table} WHERE sequence = 1")
    assert found(log) == {("missing", 1), ("broken", 2)}


def test_removed_entries_cannot_be_numbered_away(log, place) -> None:
    fill(log)
    for table in ("payload", "link"):
        place.tamper(f"DELETE FROM record_{table} WHERE sequence = 4")
        for sequence in (5, 6):
            place.tamper(
                f"UPDATE record_{table} SET sequence = {sequence - 1} WHERE sequence = {sequence}"
            )
    assert found(log) == {("broken", 4), ("broken", 5)}


def test_an_entry_cannot_be_inserted(log, place) -> None:
    fill(log)
    for table in ("payload", "link"):
        for sequence in (6, 5, 4):
            place.tamper(
                f"UPDATE record_{table} SET sequence = {sequence + 1} WHERE sequence = {sequence}"
            )
    body = body_of_link(log, 3, sequence=4, previous=log.entry(3).sha256)
    place.tamper(
        "INSERT INTO record_link (sequence, body, sha256) VALUES (4, ?, ?)", body, link_hash(body)
    )
    place.tamper(
        "INSERT INTO record_payload SELECT 4, subject, reference, salt, body "
        "FROM record_payload WHERE sequence = 3"
    )
    assert found(log) == {("broken", 5), ("broken", 6), ("broken", 7)}


def test_entries_cannot_change_places(log, place) -> None:
    fill(log)
    for table in ("payload", "link"):
        for before, after in ((2, 100), (5, 2), (100, 5)):
            place.tamper(f"UPDATE record_{table} SET sequence = {after} WHERE sequence = {before}")
    assert {sequence for code, sequence in found(log) if code == "broken"} == {2, 3, 5, 6}


def test_what_entries_rest_on_cannot_be_edited_or_removed(log, place) -> None:
    fill(log)
    first, second = BLOBS
    place.tamper("UPDATE record_blob SET content = ? WHERE sha256 = ?", b"another policy", first)
    place.tamper("DELETE FROM record_blob WHERE sha256 = ?", second)
    assert found(log) == {("blob_changed", 1), ("blob_missing", 1)}


def test_a_record_cannot_take_the_place_of_another(log, place) -> None:
    fill(log)
    mark = log.checkpoint()
    place.tamper("UPDATE record_start SET id = ?", "another")
    with place.open() as again:
        assert found(again, (mark,)) == {("broken", 1), ("other_record", 6)}


def test_what_was_deleted_cannot_come_back(log, place) -> None:
    fill(log)
    before = log.entry(3).payload
    log.delete([3], basis="erasure", by=ARCHIVIST)
    place.tamper(
        "INSERT INTO record_payload (sequence, subject, reference, salt, body) "
        "VALUES (3, ?, ?, ?, ?)",
        before.subject,
        before.reference,
        before.salt,
        before.body,
    )
    assert found(log) == {("payload_back", 3)}


# -- every cell ------------------------------------------------------------------------------------

COLUMNS = {
    "record_start": {"id": "text"},
    "record_link": {"sequence": "number", "body": "bytes", "sha256": "text"},
    "record_payload": {
        "sequence": "number",
        "subject": "text",
        "reference": "text",
        "salt": "bytes",
        "body": "bytes",
    },
    "record_blob": {"sha256": "text", "content": "bytes"},
    "record_deleted": {"sequence": "number", "marker": "number"},
}
OTHER = {"text": "other", "bytes": b"other", "number": 77}
CELLS_OF_ALL = [(table, column) for table, columns in COLUMNS.items() for column in columns]


def rows_of(place, table: str) -> list[object]:
    key = next(iter(COLUMNS[table]))
    with place.open() as log, log.transaction() as execute:
        return [row[0] for row in execute(f"SELECT {key} FROM {table} ORDER BY {key}", ())]


@pytest.mark.parametrize(("table", "column"), CELLS_OF_ALL)
def test_no_cell_of_any_row_can_be_edited(log, place, table: str, column: str) -> None:
    fill(log, 4)
    log.delete([2], basis="erasure", by=ARCHIVIST)
    assert found(log) == set()
    key = next(iter(COLUMNS[table]))
    kind = COLUMNS[table][column]
    for row in rows_of(place, table):
        with place.open() as before, before.transaction() as execute:
            ((was,),) = execute(f"SELECT {column} FROM {table} WHERE {key} = ?", (row,))
        place.tamper(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", OTHER[kind], row)
        with place.open() as again:
            assert found(again), (table, column, row)
        now = OTHER[kind] if column == key else row
        place.tamper(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", was, now)
    assert found(log) == set()


def test_the_columns_that_are_tried_are_all_there_are(small: RecordLog) -> None:
    with small.transaction() as execute:
        tables = execute("SELECT name FROM sqlite_master WHERE type = 'table'", ())
        there = {
            name: {row[1] for row in execute(f"PRAGMA table_info({name})", ())}
            for (name,) in tables
        }
    there["record_start"].remove("one")
    assert there == {table: set(columns) for table, columns in COLUMNS.items()}


def test_a_deletion_that_the_chain_does_not_know_is_found(log, place) -> None:
    fill(log)
    place.tamper("INSERT INTO record_deleted (sequence, marker) VALUES (3, 4)")
    assert found(log) == {("deletion_list", 3)}


def test_a_link_with_a_time_of_no_zone_is_found(log, place) -> None:
    fill(log, 3)
    body = body_of_link(log, 2).replace(b'Z"', b'"')
    place.tamper("UPDATE record_link SET body = ? WHERE sequence = 2", body)
    assert {("link_changed", 2), ("link_unreadable", 2)} <= found(log)


def test_text_that_is_none_and_cells_that_are_emptied_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with open_log(path, create=True) as log:
        fill(log, 3)
    empty = "PRAGMA writable_schema = ON"
    loosen = "UPDATE sqlite_master SET sql = replace(replace(sql, ' NOT NULL', ''), 'STRICT', '')"
    for change in (
        "UPDATE record_payload SET subject = CAST(x'ff' AS TEXT) WHERE sequence = 2",
        "UPDATE record_link SET sha256 = CAST(x'ff' AS TEXT) WHERE sequence = 2",
        "UPDATE record_payload SET salt = NULL WHERE sequence = 2",
        "UPDATE record_payload SET subject = NULL WHERE sequence = 2",
        "UPDATE record_payload SET body = NULL WHERE sequence = 2",
        "UPDATE record_link SET body = NULL WHERE sequence = 2",
        "UPDATE record_link SET sha256 = NULL WHERE sequence = 2",
    ):
        copy = changed_copy(path, lambda c: (c.execute(empty), c.execute(loosen)))
        connection = sqlite3.connect(copy)
        with connection:
            connection.execute(change)
        connection.close()
        with open_log(copy) as log:
            assert not log.verify().ok, change


# -- what the chain alone cannot show --------------------------------------------------------------


def cut_off(place, after: int) -> None:
    for table in ("payload", "link"):
        place.tamper(f"DELETE FROM record_{table} WHERE sequence > {after}")


def test_a_cut_off_end_shows_with_a_checkpoint_alone(log, place) -> None:
    fill(log)
    early, mark = log.checkpoint(), None
    fill(log, 2)
    mark = log.checkpoint()
    cut_off(place, 6)
    assert found(log) == set()
    assert "without a checkpoint" in log.verify().text("en")
    assert found(log, (early,)) == set()
    assert found(log, (mark, early)) == {("truncated", 8)}


def test_an_emptied_record_shows_with_a_checkpoint(log, place) -> None:
    fill(log)
    mark = log.checkpoint()
    cut_off(place, 0)
    assert found(log) == set()
    assert found(log, (mark,)) == {("truncated", 6)}


def rewrite(log: RecordLog, place, sequence: int, text: bytes) -> None:
    """Change what an entry says, and make all links from there on anew."""
    entries = list(log.entries())
    previous = start_of(log.id) if sequence == 1 else entries[sequence - 2].sha256
    for entry in entries[sequence - 1 :]:
        link, payload = entry.link, entry.payload
        if link.sequence == sequence:
            payload = msgspec.structs.replace(payload, body=text)
            place.tamper("UPDATE record_payload SET body = ? WHERE sequence = ?", text, sequence)
        changed: Link = msgspec.structs.replace(
            link, previous=previous, payload_sha256=payload_hash(payload)
        )
        body = canonical(changed)
        previous = link_hash(body)
        place.tamper(
            "UPDATE record_link SET body = ?, sha256 = ? WHERE sequence = ?",
            body,
            previous,
            link.sequence,
        )


def test_a_record_that_is_written_again_shows_with_a_checkpoint_alone(log, place) -> None:
    fill(log)
    early = log.checkpoint()
    fill(log, 2)
    rewrite(log, place, 4, b'"grant"')
    assert log.entry(4).payload.body == b'"grant"'
    assert found(log) == set()
    assert found(log, (early,)) == {("rewritten", 6)}


# -- checkpoints -----------------------------------------------------------------------------------


def test_checkpoints_are_kept_in_a_file(small: RecordLog, tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    marks = []
    for _ in range(3):
        marks.append(small.checkpoint())
        keep(marks[-1], path)
        fill(small, 1)
    assert list(read_checkpoints(path)) == marks
    verified = small.verify(read_checkpoints(path))
    assert (verified.ok, verified.checkpoints, verified.proven_to) == (True, 3, 2)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(RecordError, match="line 3"):
        read_checkpoints(path)
    with pytest.raises(RecordError, match="cannot be read"):
        read_checkpoints(tmp_path / "absent")


def test_a_signature_says_who_made_a_checkpoint(small: RecordLog) -> None:
    key, other = signing.generate_key(), signing.generate_key()
    fill(small, 2)
    signed = small.checkpoint(key)
    trusted = [key.public_key()]
    assert small.verify([signed], trusted_keys=trusted).ok
    assert small.verify([signed]).ok
    for mark, keys in (
        (small.checkpoint(), trusted),
        (small.checkpoint(other), trusted),
        (msgspec.structs.replace(signed, sequence=1, sha256=small.entry(1).sha256), None),
        (msgspec.structs.replace(signed, at=small.checkpoint().at), trusted),
    ):
        assert {p.code for p in small.verify([mark], trusted_keys=keys).problems} == {"signature"}


def test_a_signature_of_a_checkpoint_is_none_of_a_bundle(small: RecordLog) -> None:
    key = signing.generate_key()
    mark = small.checkpoint(key)
    with pytest.raises(Exception, match="does not fit"):
        signing.check_signature(mark.signature, mark.digest, None, "the bundle")


# -- anything ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Checkpoint]:
    path = tmp_path_factory.mktemp("record") / "original.db"
    with open_log(path, create=True) as log:
        fill(log, 8)
        log.delete([2, 5], basis="erasure", by=ARCHIVIST)
        mark = log.checkpoint()
    return path, mark


CELLS = [
    *(("record_link", column) for column in ("body", "sha256")),
    *(("record_payload", column) for column in ("subject", "reference", "salt", "body")),
    ("record_blob", "content"),
    ("record_blob", "sha256"),
    ("record_start", "id"),
]


def changed_copy(path: Path, change: Callable[[sqlite3.Connection], None]) -> Path:
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    connection = sqlite3.connect(copy)
    with connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        change(connection)
    connection.close()
    return copy


@settings(deadline=None)
@given(
    cell=st.sampled_from(CELLS), row=st.integers(0, 7), place=st.integers(0), bit=st.integers(0, 6)
)
def test_no_bit_of_a_record_can_be_turned(original, cell, row: int, place: int, bit: int) -> None:
    path, mark = original
    table, column = cell

    def turn(connection: sqlite3.Connection) -> None:
        rows = connection.execute(f"SELECT rowid, {column} FROM {table} ORDER BY rowid").fetchall()
        rowid, value = rows[row % len(rows)]
        raw = bytearray(value.encode() if isinstance(value, str) else value)
        if raw:
            raw[place % len(raw)] ^= 1 << bit
        else:
            raw = bytearray(b"x")
        new = raw.decode("latin-1") if isinstance(value, str) else bytes(raw)
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, rowid))

    with open_log(changed_copy(path, turn)) as log:
        assert not log.verify([mark]).ok


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["remove", "move", "exchange"]), st.integers(1, 9), st.integers(1, 9)
        ),
        min_size=1,
        max_size=4,
    )
)
def test_no_entries_can_be_removed_or_moved(original, steps) -> None:
    path, mark = original
    with open_log(path) as log:
        before = [(e.link.sequence, e.sha256) for e in log.entries()]

    def shuffle(connection: sqlite3.Connection) -> None:
        for step, one, other in steps:
            for table in ("record_link", "record_payload"):
                if step == "remove":
                    connection.execute(f"DELETE FROM {table} WHERE sequence = {one}")
                    continue
                spare = -1 if step == "exchange" else 100 + one
                for a, b in ((one, spare), (other, one), (spare, other)):
                    connection.execute(
                        f"UPDATE OR REPLACE {table} SET sequence = {b} WHERE sequence = {a}"
                    )

    copy = changed_copy(path, shuffle)
    with sqlite3.connect(copy) as connection:
        after = connection.execute(
            "SELECT sequence, sha256 FROM record_link ORDER BY sequence"
        ).fetchall()
    connection.close()
    with open_log(copy) as log:
        assert log.verify([mark]).ok == (after == before)
