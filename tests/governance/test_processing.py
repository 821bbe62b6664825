"""Lines for a Logboek Dataverwerkingen: all processings, nobody's data, the same each time."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
import stat

import msgspec
import pytest

from cases import ROOT, example
from risicoscreener.errors import DossierError, GovernanceError
from risicoscreener.governance import Activities, LoggedScreener, lines_of
from risicoscreener.governance.live import to_file
from risicoscreener.governance.processing import pseudonym
from risicoscreener.screening.record import Actor, Decision, Reason, digest_of, open_log

KEY = bytes(range(32))
URL = "https://voorbeeld.example/verwerking/"
KINDS = ("screening", "decision", "second_reading", "sharing", "sharing_revoked")
ACTIVITIES = Activities(service="vrijheden", activities={kind: URL + kind for kind in KINDS})
NOON = dt.datetime(2026, 3, 2, 12, 0, 0, 1500, tzinfo=dt.UTC)
ALLOWED = {
    "dpl.core.processing_activity_id",
    "dpl.core.data_subject_id",
    "dpl.core.data_subject_id_type",
}


def values_of(span):
    return {pair["key"]: pair["value"]["stringValue"] for pair in span["attributes"]}


@pytest.fixture
def record(screener, tmp_path):
    """Two screenings, and a decision on the second that differs from it."""
    with open_log(str(tmp_path / "record.db"), create=True) as log:
        for name in ("grant", "deny"):
            result = screener.screen(example(name), "leave")
            log.append_screening(result, example(name), screener)
        log.append_decision(
            Decision(
                screening=digest_of(result),
                decided_by=Actor("director", "DIR-00A1"),
                prison="PI-1",
                opened_at=NOON,
                decided_at=NOON + dt.timedelta(minutes=10),
                seconds=400.0,
                outcome="deep_assessment",
                reasons=(Reason("facts_wrong"),),
            )
        )
        yield log


def test_every_processing_is_a_line_with_the_fields_of_the_standard(record):
    lines = lines_of(record, ACTIVITIES, KEY)
    assert len(lines.spans) == 3
    for span, kind in zip(lines.spans, ("screening", "screening", "decision"), strict=True):
        assert re.fullmatch("[0-9a-f]{32}", span["traceId"])
        assert re.fullmatch("[0-9a-f]{16}", span["spanId"])
        assert set(values_of(span)) == ALLOWED
        assert values_of(span)["dpl.core.processing_activity_id"] == URL + kind
        assert span["status"] == {}
        assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
        assert int(span["startTimeUnixNano"]) % 1_000_000 == 0


def test_what_follows_a_screening_is_in_its_trace_under_it(record):
    first, second, decision = lines_of(record, ACTIVITIES, KEY).spans
    assert decision["traceId"] == second["traceId"] != first["traceId"]
    assert decision["parentSpanId"] == second["spanId"]
    assert "parentSpanId" not in second
    assert len({s["spanId"] for s in (first, second, decision)}) == 3


def test_a_decision_lasts_as_long_as_it_was_looked_at(record):
    *_, decision = lines_of(record, ACTIVITIES, KEY).spans
    milliseconds = int(NOON.timestamp()) * 1000 + 1
    assert decision["startTimeUnixNano"] == str(milliseconds * 1_000_000)
    assert decision["endTimeUnixNano"] == str((milliseconds + 600_000) * 1_000_000)


def test_nothing_personal_is_in_a_line(record):
    text = lines_of(record, ACTIVITIES, KEY).to_json()
    for word in ("EXAMPLE", "DIR-00A1", "PI-1", "grant", "deny", "deep", "facts_wrong"):
        assert word not in text
    subject = values_of(json.loads(text)["resourceSpans"][0]["scopeSpans"][0]["spans"][0])
    said = b"risicoscreener-logboek s\0" + example("grant")["person_id"].encode()
    expected = hmac.new(KEY, said, hashlib.sha256).hexdigest()
    assert subject["dpl.core.data_subject_id"] == expected


def test_another_key_gives_another_pseudonym_and_a_short_one_is_refused(record):
    other = lines_of(record, ACTIVITIES, bytes(32))
    subjects = [values_of(s)["dpl.core.data_subject_id"] for s in other.spans]
    mine = [
        values_of(s)["dpl.core.data_subject_id"] for s in lines_of(record, ACTIVITIES, KEY).spans
    ]
    assert not set(subjects) & set(mine)
    with pytest.raises(GovernanceError, match="at least 32"):
        pseudonym(b"short", "x")


def test_the_same_record_gives_the_same_lines_also_in_parts(record):
    whole = lines_of(record, ACTIVITIES, KEY)
    assert whole == lines_of(record, ACTIVITIES, KEY)
    today = record.entry(1).link.recorded_at.date()
    day = dt.timedelta(days=1)
    before = lines_of(record, ACTIVITIES, KEY, until=today - day)
    after = lines_of(record, ACTIVITIES, KEY, since=today)
    assert before.spans == ()
    assert after.spans == whole.spans
    with pytest.raises(GovernanceError, match="before since"):
        lines_of(record, ACTIVITIES, KEY, since=today, until=today - day)


def test_a_deleted_entry_has_no_line_and_is_counted(record):
    record.delete([1], basis="court", by=Actor("archivist", "ARC-0001"))
    lines = lines_of(record, ACTIVITIES, KEY)
    assert (len(lines.spans), lines.deleted, lines.about_nobody) == (2, 1, 1)
    assert "1 verwijderde" in lines.text("nl")
    assert "1 deleted" in lines.text("en")


def test_a_processing_that_the_register_lacks_is_not_logged_as_another(record):
    only = Activities(service="x", activities={"screening": URL})
    with pytest.raises(GovernanceError, match="no activity 'decision'"):
        lines_of(record, only, KEY)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("service = 'x'", "activities"),
        ("service = ''\n[activities]\nscreening = 'https://x'", "length"),
        ("service = 'x'\n[activities]\nscreening = 'nergens'", "matching"),
        ("service = 'x'\n[activities]\nlezen = 'https://x'", "'lezen'; expected one of screening"),
        ("service = 'x'\nextra = 1\n[activities]\nscreening = 'https://x'", "extra"),
        ("service =", "no register"),
    ],
)
def test_a_register_that_cannot_be_is_named(tmp_path, content, said):
    path = tmp_path / "activities.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(GovernanceError, match=said):
        Activities.read(path)


def logged(screener, write, clock=None):
    moments = iter(NOON + dt.timedelta(milliseconds=i) for i in range(20))
    return LoggedScreener(screener, ACTIVITIES, KEY, write, clock=clock or (lambda: next(moments)))


def test_a_line_is_on_disk_before_a_screening_is_answered(screener, tmp_path):
    path = tmp_path / "log.jsonl"
    result = logged(screener, to_file(path)).screen(example("grant"), "leave")
    assert result == screener.screen(example("grant"), "leave")
    (line,) = path.read_text("utf-8").splitlines()
    (span,) = json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert values_of(span)["dpl.core.data_subject_id"] == pseudonym(KEY, result.person_id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    logged(screener, to_file(path)).screen(example("deny"), "leave")
    assert len(path.read_text("utf-8").splitlines()) == 2


def test_many_are_one_action_with_a_line_for_each_person_under_it(screener):
    from risicoscreener.dossier import DossierTables

    folder = ROOT / "data" / "synthetic" / "sentenced_40" / "dossiers"
    tables, lines = DossierTables.read(folder), []
    day = dt.date(2026, 6, 1)
    table = logged(screener, lines.append, lambda: NOON).screen_many(tables, "leave", day)
    (line,) = lines
    whole, *rows = json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert "dpl.core.data_subject_id" not in values_of(whole)
    assert {row["parentSpanId"] for row in rows} == {whole["spanId"]}
    assert {row["traceId"] for row in rows} == {whole["traceId"]}
    assert len({row["spanId"] for row in rows}) == len(rows) == len(table)
    expected = [pseudonym(KEY, person) for person in table.person_ids.to_pylist()]
    assert [values_of(row)["dpl.core.data_subject_id"] for row in rows] == expected
    with pytest.raises(DossierError):
        logged(screener, lines.append, lambda: NOON).screen_many(tables, "leave", "never")
    assert json.loads(lines[-1])["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["status"] == {}


def test_a_screening_that_cannot_be_logged_is_not_answered(screener):
    def full(line):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        logged(screener, full).screen(example("grant"), "leave")


def test_a_refused_dossier_is_a_line_without_a_person_and_a_fault_is_an_error(screener):
    lines = []
    with pytest.raises(DossierError):
        logged(screener, lines.append).screen(b"{}", "leave")
    old = msgspec.structs.replace(screener.bundle, use_until=screener.bundle.review_on)

    class Broken:
        bundle = old

        def screen(self, *_, **__):
            raise RuntimeError("a fault")

    with pytest.raises(RuntimeError):
        logged(Broken(), lines.append).screen(example("grant"))
    spans = [json.loads(t)["resourceSpans"][0]["scopeSpans"][0]["spans"][0] for t in lines]
    assert [span["status"] for span in spans] == [{}, {"code": 2}]
    assert all(set(values_of(span)) == {"dpl.core.processing_activity_id"} for span in spans)


def test_the_register_and_the_key_are_checked_before_anybody_is_screened(screener):
    with pytest.raises(GovernanceError, match="no activity 'screening'"):
        LoggedScreener(
            screener, Activities(service="x", activities={}), KEY, print, clock=lambda: NOON
        )
    with pytest.raises(GovernanceError, match="at least 32"):
        LoggedScreener(screener, ACTIVITIES, b"", print, clock=lambda: NOON)
