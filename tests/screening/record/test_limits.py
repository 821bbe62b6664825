"""At each limit and one beyond it, and what is written of a record in its less usual states."""

from __future__ import annotations

import datetime as dt
import json
import os

import msgspec
import pytest
from msgspec.structs import replace

from cases import example
from risicoscreener.errors import RecordError
from risicoscreener.screening.record import RecordLog, replay
from risicoscreener.screening.record.checkpoint import keep, read_checkpoints
from risicoscreener.screening.record.decision import (
    CLOCKS_DIFFER,
    FASTEST_READING,
    LONGEST_TEXT,
    ConditionSet,
    Reason,
    _possible,
    check_decision,
    direction_of,
    findings_of,
    read_decision,
    reasons,
)
from risicoscreener.screening.record.entries import (
    decision_body,
    foundation_in,
    screening_body,
    shown,
    standing,
)
from risicoscreener.screening.record.foundation import _day_of, _plain_day
from risicoscreener.screening.record.postgres import PostgresLog
from risicoscreener.screening.record.replaying import LONGEST_VALUE, _causes, _compare, _shown
from risicoscreener.screening.record.retention import Basis, Category, bases, categories
from risicoscreener.screening.record.sqlite import SqliteLog
from risicoscreener.screening.record.storage import LAST_SEQUENCE, checked_sequence
from screening.record.making import NOON, decide, draft


@pytest.fixture(scope="session")
def grant(screened):
    return screened("grant", as_of="2024-04-15")


# --- numbers of entries ---------------------------------------------------------------------------


def test_an_entry_has_a_number_that_a_database_holds():
    assert LAST_SEQUENCE == 9_223_372_036_854_775_807
    for number in (1, 2, LAST_SEQUENCE):
        assert checked_sequence(number) == number
    for number in (0, -1, LAST_SEQUENCE + 1, 1.0, "1", None, True):
        with pytest.raises(RecordError, match="there is no entry"):
            checked_sequence(number)


def test_the_last_number_that_there_can_be_is_asked_of_the_database(log: RecordLog):
    with pytest.raises(RecordError, match="no entry"):
        log.entry(LAST_SEQUENCE)


# --- decisions ------------------------------------------------------------------------------------


def test_a_decision_may_fall_when_the_screening_is_opened_and_not_before(grant):
    check_decision(decide(grant, decided_at=NOON, seconds=0.0), grant)
    with pytest.raises(RecordError, match="before opened_at"):
        check_decision(
            decide(grant, decided_at=NOON - dt.timedelta(microseconds=1), seconds=0.0), grant
        )


def test_clocks_may_differ_by_a_minute(grant):
    decided = {"decided_at": NOON + dt.timedelta(seconds=100)}
    check_decision(decide(grant, seconds=100.0 + CLOCKS_DIFFER, **decided), grant)
    with pytest.raises(RecordError, match="expected at most the 100 from opened_at"):
        check_decision(decide(grant, seconds=100.5 + CLOCKS_DIFFER, **decided), grant)


def test_who_reads_for_half_a_minute_has_not_decided_fast(grant):
    assert FASTEST_READING == 30.0
    for seconds, is_fast in ((FASTEST_READING, False), (FASTEST_READING - 0.1, True)):
        codes = [one.code for one in findings_of(decide(grant, seconds=seconds), grant)]
        assert ("decided_fast" in codes) is is_fast


def test_on_the_last_day_of_its_validity_and_on_that_of_its_picture_a_result_holds(grant):
    def codes(day: dt.date) -> list[str]:
        at = dt.datetime.combine(day, dt.time(12), dt.UTC)
        decided = decide(grant, opened_at=at, decided_at=at + dt.timedelta(minutes=10))
        return [one.code for one in findings_of(decided, grant)]

    day = dt.timedelta(days=1)
    assert "not_valid_any_more" not in codes(grant.valid_until)
    assert "not_valid_any_more" in codes(grant.valid_until + day)
    assert "before_picture" not in codes(grant.as_of)
    assert "before_picture" in codes(grant.as_of - day)


def test_words_may_be_so_long(grant):
    assert LONGEST_TEXT == 1000
    plain = msgspec.to_builtins(decide(grant))
    for length, is_read in ((1, True), (LONGEST_TEXT, True), (0, False), (LONGEST_TEXT + 1, False)):
        plain["reasons"] = [{"code": "facts_wrong", "words": "x" * length}]
        if is_read:
            assert read_decision(plain).reasons[0].words == "x" * length
        else:
            with pytest.raises(RecordError, match="reasons"):
                read_decision(plain)


def test_who_agrees_may_give_any_reason_and_who_does_not_one_of_that_direction():
    assert _possible("agreed") == list(reasons())
    for direction in ("up", "down"):
        fits = [code for code, one in reasons().items() if one.direction in (direction, "both")]
        assert _possible(direction) == fits != list(reasons())


def test_a_decision_with_more_or_less_liberty_has_that_direction(grant):
    assert direction_of("grant", grant) == "agreed"
    assert direction_of("deny", grant) == "down"
    assert direction_of("grant", replace(grant, outcome="deny")) == "up"


def test_a_condition_that_is_not_of_the_screening_needs_words(grant):
    other = (ConditionSet("another"),)
    advised = ", ".join(sorted(one.id for one in grant.conditions))
    with pytest.raises(RecordError, match=f"or one of: {advised}$"):
        check_decision(decide(grant, conditions=other), grant)
    bare = replace(grant, conditions=())
    with pytest.raises(RecordError, match="or one of: none$"):
        check_decision(decide(bare, conditions=other), bare)
    check_decision(decide(grant, conditions=(ConditionSet("another", "in words"),)), grant)


def test_a_reason_with_words_where_the_code_asks_for_them(grant):
    code = next(c for c, one in reasons().items() if one.needs_text and one.direction == "both")
    with pytest.raises(RecordError, match="has no words"):
        check_decision(decide(grant, "deny", reasons=(Reason(code),)), grant)
    check_decision(decide(grant, "deny", reasons=(Reason(code, "since"),)), grant)


@pytest.mark.parametrize(
    ("change", "is_read"),
    [
        ({"seconds": 0.0}, True),
        ({"seconds": -0.5}, False),
        ({"seconds": 31_536_000.0}, True),
        ({"seconds": 31_536_001.0}, False),
        ({"prison": "P" * 64}, True),
        ({"prison": "P" * 65}, False),
        ({"prison": ""}, False),
        ({"decided_by": {"role": "director", "id": "A" * 8 + "-" + "0" * 32}}, True),
        ({"decided_by": {"role": "director", "id": "A" * 8 + "-" + "0" * 33}}, False),
        ({"decided_by": {"role": "director", "id": "A" * 9 + "-" + "0" * 32}}, False),
        ({"decided_by": {"role": "director", "id": "A-000"}}, False),
        ({"reasons": [{"code": "c" * 64}]}, True),
        ({"reasons": [{"code": "c" * 65}]}, False),
    ],
)
def test_fields_of_a_decision_at_their_limits(grant, change, is_read):
    plain = msgspec.to_builtins(decide(grant)) | change
    if is_read:
        read_decision(plain)
    else:
        with pytest.raises(RecordError, match=next(iter(change))):
            read_decision(plain)


@pytest.mark.parametrize("outcome", ["deny", "deep_assessment", "grant"])
def test_a_decision_is_recorded_with_the_band_and_direction_of_its_screening(
    small: RecordLog, grant, screener, outcome
):
    small.append_screening(grant, example("grant"), screener)
    body = decision_body(small.append_decision(decide(grant, outcome)))
    assert body.band == grant.domain("risk").level
    assert body.direction == direction_of(outcome, grant)
    assert (body.kind, body.as_of, body.advice) == ("leave", grant.as_of, "grant")


def test_a_decision_that_nobody_else_reads_is_final(small: RecordLog, grant, screener):
    small.append_screening(grant, example("grant"), screener)
    entry = small.append_decision(decide(grant))
    assert standing(small, entry) == "final"
    again = small.append_decision(decide(grant))
    assert (standing(small, entry), standing(small, again)) == ("replaced", "final")


# --- what is written of a record ------------------------------------------------------------------


def test_it_is_said_with_what_a_record_was_compared(small: RecordLog):
    small.append([draft("one"), draft("two")])
    mark = small.checkpoint()
    assert small.verify().text("en").splitlines() == [
        "2 entries: the chain holds",
        "without a checkpoint it cannot be seen whether the end was cut off or all was written "
        "again",
    ]
    assert small.verify([mark]).text("en").splitlines() == [
        "2 entries: the chain holds",
        "compared with 1 checkpoints, up to and including entry 2",
    ]


def test_of_a_gap_the_first_hundred_entries_are_named(small: RecordLog):
    small.append([draft(str(n)) for n in range(130)])
    connection = small._connection
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        connection.execute(f"DROP TRIGGER {name}")
    for table in ("record_payload", "record_link"):
        connection.execute(f"DELETE FROM {table} WHERE sequence BETWEEN 2 AND 120")
    found = small.verify().problems
    assert [one.sequence for one in found if one.code == "missing"] == list(range(2, 102))


def test_a_file_is_asked_to_hold_its_own_promises(small: RecordLog):
    ask = small._connection.execute
    assert ask("PRAGMA foreign_keys").fetchone() == (1,)
    assert ask("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ask("PRAGMA synchronous").fetchone() == (2,)  # full: what is said to be there is on disk


def test_an_entry_that_says_nothing_that_can_be_read_is_refused(small: RecordLog):
    (entry,) = small.append([draft("text")])
    assert shown(entry)["says"] == "text"
    for body in (b"{", b'"\xff"', b"[" * 100_000):
        broken = replace(entry, payload=replace(entry.payload, body=body))
        with pytest.raises(RecordError, match="what entry 1 says cannot be read"):
            shown(broken)
    assert "says" not in shown(replace(entry, payload=None))


def test_an_entry_is_shown_with_all_that_it_has(small: RecordLog):
    (entry,) = small.append([draft("text", "SYN-000007", reference="r")])
    plain = shown(entry)
    assert (plain["subject"], plain["reference"]) == ("SYN-000007", "r")
    assert (plain["sha256"], plain["sequence"]) == (entry.sha256, 1)


def test_definitions_with_a_day_are_stored_as_they_were_from_the_first():
    """What older records hold is read: a change of this form would lose them."""
    assert _day_of({"$day": "2024-02-29"}) == dt.date(2024, 2, 29)
    assert _plain_day(dt.date(2024, 2, 29)) == {"$day": "2024-02-29"}
    assert _day_of({"day": "2024-02-29"}) == {"day": "2024-02-29"}


def test_a_basis_asks_for_no_term_unless_it_says_so():
    made = Basis(text=next(iter(bases().values())).text, source="law")
    assert (made.needs_term, made.to_verify, made.remark) == (False, False, None)
    some = next(iter(categories().values()))
    kept = Category(text=some.text, starts=some.starts, source="law")
    assert (kept.to_verify, kept.remark, kept.last_day(dt.date(2024, 1, 1))) == (False, None, None)


def test_a_checkpoint_is_on_disk_when_it_was_kept_and_else_it_is_said(
    small: RecordLog, tmp_path, monkeypatch
):
    small.append([draft("one")])
    mark, synced = small.checkpoint(), []
    monkeypatch.setattr(os, "fsync", synced.append)
    keep(mark, tmp_path / "marks.jsonl")
    keep(mark, tmp_path / "marks.jsonl")
    assert len(synced) == 2
    assert read_checkpoints(tmp_path / "marks.jsonl") == (mark, mark)
    with pytest.raises(RecordError, match="cannot be written: Is a directory"):
        keep(mark, tmp_path)
    with pytest.raises(RecordError, match="cannot be read"):
        read_checkpoints(tmp_path)
    (tmp_path / "marks.jsonl").write_bytes(b"{}\n")
    with pytest.raises(RecordError, match="line 1: Object missing required field"):
        read_checkpoints(tmp_path / "marks.jsonl")


# --- what differs when a screening is repeated ----------------------------------------------------


@pytest.mark.parametrize(
    ("then", "now", "differs"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", "1", "2")]),
        ({"a": 1}, {"b": 1}, [("a", "1", "-"), ("b", "-", "1")]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, [("a.b[1]", "2", "3")]),
        ([{"x": 1}, 2], [{"x": 1}, 2], []),
        ([1], [1, 2], [("", "[1]", "[1,2]")]),
        ([1], {"a": 1}, [("", "[1]", '{"a":1}')]),
        (1, 1.0, [("", "1", "1.0")]),
        (True, 1, [("", "true", "1")]),
        (None, {}, [("", "null", "{}")]),
    ],
)
def test_each_value_that_differs_is_named_with_its_place(then, now, differs):
    found = [(one.place, one.then, one.now) for one in _compare(then, now, "")]
    assert found == differs


def test_a_long_value_is_cut_off():
    assert _shown("x" * (LONGEST_VALUE - 2)) == '"' + "x" * (LONGEST_VALUE - 2) + '"'
    assert _shown("x" * (LONGEST_VALUE - 1)) == '"' + "x" * (LONGEST_VALUE - 1) + "…"


def test_each_thing_that_a_result_rests_on_is_a_cause_where_it_is_another(
    small: RecordLog, grant, screener
):
    entry = small.append_screening(grant, example("grant"), screener)
    then = foundation_in(small, screening_body(entry))
    assert list(_causes(then, then)) == []
    some = next(iter(then.digests))
    others = {
        "the library was": replace(then, library_version="9.9"),
        f"the policy was {then.policies[0][:12]}": replace(then, policies=("f" * 64,)),
        "the models were": replace(then, bundle_sha256="f" * 64),
        some: replace(then, digests=then.digests | {some: "f" * 64}),
        "of_nobody": replace(then, digests=then.digests | {"of_nobody": "f" * 64}),
    }
    for word, now in others.items():
        (cause,) = _causes(then, now)
        assert word in cause.text("en")
        assert len([*_causes(now, then)]) == 1


def test_a_repetition_says_in_words_what_differs(small: RecordLog, grant, screener):
    entry = small.append_screening(grant, example("grant"), screener)
    body = json.loads(entry.payload.body)
    body["result"]["outcome"] = "deny"
    said = json.dumps(body).encode()
    (forged,) = small.append([replace(draft("", grant.person_id), body=said)])
    found = replay(small, forged)
    assert (found.status, found.more) == ("differs", 0)
    assert found.text("en").splitlines() == [
        "entry 2: another result",
        '  outcome: "deny" became "grant"',
    ]


def test_a_record_is_made_where_that_is_asked_for(tmp_path, postgres):
    for kind, place in (
        (SqliteLog, str(tmp_path / "r.db")),
        (PostgresLog, postgres.new_schema("n")),
    ):
        with pytest.raises(RecordError):
            kind(place)
        kind(place, create=True).close()
        kind(place).close()


@pytest.mark.parametrize(
    ("asked", "has"),
    [("off", "on"), ("local", "on"), ("on", "on"), ("remote_apply", "remote_apply")],
)
def test_a_server_that_would_not_wait_for_its_disk_is_told_to(postgres, asked, has):
    target = postgres.new_schema(f"wait_{asked}")
    PostgresLog(target, create=True).close()
    with PostgresLog(f"{target}%20-csynchronous_commit%3D{asked}") as log:
        assert log._connection().execute("SHOW synchronous_commit").fetchone() == (has,)
