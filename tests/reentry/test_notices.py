"""Notices of golden cases that a lawyer can read, and what a caller hands in."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cases import EXAMPLES
from risicoscreener.dossier import Dossier, read_dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.notices import (
    OPEN,
    Judged,
    Sent,
    Withdrawn,
    entries_as_lines,
    list_notices,
    notice_rules,
    notices,
    prepare,
    read_entries,
    read_notice_rules,
)
from risicoscreener.reentry.notices.entries import entry_of
from risicoscreener.reentry.sharing import find_purpose, purposes
from risicoscreener.victims import Planned, duties

GOLDEN = sorted((Path(__file__).parent / "notices").glob("*.toml"))
DAY = dt.date(2024, 8, 20)
MARGIN = ("about", "notice", "kind", "to", "event_on", "due_on", "sent_on", "state")


def case(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def dossier_of(plain: dict[str, Any]) -> Dossier:
    given = {
        "person_id": "case-0001",
        "person": {"birth_date": "1990-01-01", "sex": "male"},
        **{name: rows for name, rows in plain.items() if name in tables()},
    }
    return read_dossier(json.dumps(given, default=str))


def example() -> Dossier:
    return read_dossier((EXAMPLES / "deep_assessment.json").read_bytes())


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_case(path):
    plain = case(path)
    entries = [entry_of({**one, **_as_text(one)}) for one in plain.get("entries", [])]
    planned = [Planned(**one) for one in plain.get("planned", [])]
    picture = notices(dossier_of(plain), plain["as_of"], entries, planned=planned, victims=False)
    expected = [{**dict.fromkeys(MARGIN), **one} for one in plain["expected"]]
    found = [{name: getattr(one, name) for name in MARGIN} for one in picture.found]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert picture.unfounded == ()


def _as_text(entry: dict[str, Any]) -> dict[str, str]:
    """Days as they stand in a line of JSON."""
    return {k: v.isoformat() for k, v in entry.items() if isinstance(v, dt.date)}


def test_there_are_golden_cases_for_every_notice_kind_and_nearly_every_state():
    expected = [one for path in GOLDEN for one in case(path)["expected"]]
    assert {one["notice"] for one in expected} == {rule.id for rule in notice_rules()}
    assert {one["kind"] for one in expected} == {"notice", "renewal", "withdrawal"}
    states = {one["state"] for one in expected}
    assert states >= {"due", "overdue", "missed", "sent", "superseded", "lapsed", "to_judge"}


# --- rules and grounds --------------------------------------------------------------------------


def test_every_notice_has_a_ground_with_a_source_and_says_what_was_not_read():
    for rule in notice_rules():
        purpose = find_purpose(rule.recipient, rule.purpose, dt.date(2024, 1, 1))
        assert purpose.source
        assert purpose.named
        assert rule.remark is not None or not rule.to_verify


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('purpose = "detention_end"', "purpose is municipality/nothing; expected one of"),
        ('event = "release"', "days_before of an arrival; expected it left out"),
        ("days_after = 3", "Expected `int`"),
        ('id = "detention_end"', "is there twice"),
    ],
)
def test_rules_that_cannot_be_understood_are_refused(tmp_path, change, said):
    import risicoscreener.reentry.notices as part

    text = (Path(part.__file__).parent / "notices.toml").read_text("utf-8")
    to = {
        'purpose = "detention_end"': 'purpose = "nothing"',
        'event = "release"': 'event = "arrival"',
        "days_after = 3": 'days_after = "3"',
        'id = "detention_end"': 'id = "detention_begin"',
    }[change]
    (tmp_path / "own.toml").write_text(text.replace(change, to, 2), "utf-8")
    with pytest.raises(ReentryError, match=said):
        read_notice_rules(tmp_path / "own.toml")


def test_without_a_ground_nothing_is_owed():
    ended = tuple(
        msgspec.structs.replace(one, valid_until=dt.date(2021, 12, 31)) for one in purposes()
    )
    picture = notices(example(), DAY, table=ended, victims=False)
    assert picture.found == ()


# --- what is sent -------------------------------------------------------------------------------


def test_a_prepared_notice_has_the_fields_of_its_ground_and_settles_the_duty():
    picture = notices(example(), DAY, victims=False)
    for one in picture.in_state("due", "overdue"):
        view, entry = prepare(example(), one, DAY)
        assert entry.fields == view.fields == one.fields
        after = notices(example(), DAY, [entry], victims=False)
        same = [
            f for f in after.found if (f.notice, f.about, f.to) == (one.notice, one.about, one.to)
        ]
        assert [f.state for f in same] == ["late" if one.state == "overdue" else "sent"]
        assert after.unfounded == ()


DAY_OF = {"arrival": "arrived_on", "liberty": "started_on", "escape": "occurred_on"}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_prepared_notice_tells_the_one_day_that_is_meant(path):
    plain = case(path)
    entries = [entry_of({**one, **_as_text(one)}) for one in plain.get("entries", [])]
    planned = [Planned(**one) for one in plain.get("planned", [])]
    dossier, as_of = dossier_of(plain), plain["as_of"]
    picture = notices(dossier, as_of, entries, planned=planned, victims=False)
    for one in picture.in_state("due", "overdue"):
        if one.kind == "withdrawal":
            continue
        view, _ = prepare(dossier, one, as_of)
        over = one.event_on <= as_of
        name = DAY_OF.get(one.event, "released_on" if over else "expected_release_on")
        rows = [row for rows in view.content.values() if isinstance(rows, list) for row in rows]
        assert [row[name] for row in rows if name in row] == [str(one.event_on)]
        others = {"released_on", "expected_release_on", "conditional_release_on"} - {name}
        assert not [row for row in rows if others & set(row)]


def test_conditional_release_that_was_granted_is_the_day_that_is_told():
    plain = case(GOLDEN[0])
    plain["detentions"][0]["conditional_release_on"] = dt.date(2022, 8, 20)
    plain["liberties"] = [
        {"recorded_at": "2022-07-01", "kind": "conditional_release", "asked_on": "2022-06-01",
         "decision": "granted", "decided_on": "2022-07-01"}
    ]  # fmt: skip
    dossier = dossier_of(plain)
    picture = notices(dossier, dt.date(2022, 7, 2), victims=False)
    (end,) = [f for f in picture.in_state("due") if f.notice == "detention_end"]
    assert end.event_on == dt.date(2022, 8, 20)
    view, _ = prepare(dossier, end, dt.date(2022, 7, 2))
    assert view.content["detentions"] == [{"expected_release_on": "2022-08-20"}]


def test_what_is_no_notice_to_send_is_not_prepared():
    picture = notices(example(), DAY)
    for one in picture.found:
        if one.state in ("to_judge", "missed") or one.purpose is None:
            with pytest.raises(ReentryError, match="expected a notice"):
                prepare(example(), one, DAY)


def _sent(**changes: Any) -> Sent:
    return Sent(
        **{
            "person_id": "EXAMPLE-DEEP",
            "notice": "detention_end",
            "about": "2022-01-14",
            "to": "GM0363",
            "event_on": dt.date(2024, 9, 13),
            "sent_on": dt.date(2024, 7, 1),
            "fields": ("persons.person_id",),
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"event_on": dt.date(2024, 9, 14)}, "other_date"),
        ({"to": "GM0001"}, "other_addressee"),
        ({"about": "2021-01-14"}, "no_such_duty"),
        ({"notice": "birthday"}, "no_such_notice"),
        ({"sent_on": dt.date(2022, 1, 1)}, "no_such_duty"),
        ({"fields": ("victims.interest",)}, "field_too_many"),
        ({"fields": None}, "fields_not_kept"),
        ({"notice": "serious_risk_municipality"}, "no_such_duty"),
        ({"sent_on": dt.date(2024, 9, 1)}, None),
    ],
)
def test_what_was_sent_without_a_ground_is_found(change, reason):
    picture = notices(example(), DAY, [_sent(**change)], victims=False)
    assert [one.reason for one in picture.unfounded] == ([] if reason is None else [reason])


def test_a_withdrawal_of_nothing_is_found():
    entry = Withdrawn(
        person_id="EXAMPLE-DEEP",
        notice="detention_end",
        about="2022-01-14",
        to="GM0363",
        sent_on=dt.date(2024, 7, 1),
    )
    picture = notices(example(), DAY, [entry], victims=False)
    assert [one.reason for one in picture.unfounded] == ["nothing_to_withdraw"]


def test_notices_to_victims_are_the_duties_of_the_part_on_victims():
    picture = notices(example(), DAY)
    of_victims = [one for one in picture.found if one.recipient == "victim"]
    found = duties(example(), DAY)
    assert [(o.notice, o.event_on, o.due_on) for o in of_victims] == [
        (d.duty.id, d.event_on, d.due_on) for d in found
    ]
    assert len(of_victims) == len(found) > 0


# --- entries ------------------------------------------------------------------------------------


def test_entries_go_to_lines_and_back(tmp_path):
    entries = (_sent(), _sent(fields=None, event_on=None))
    (tmp_path / "sent.jsonl").write_text(entries_as_lines(entries), "utf-8")
    assert read_entries(tmp_path / "sent.jsonl") == entries


def test_entries_from_a_table(tmp_path):
    lines = [
        "entry,person_id,notice,about,to,event_on,sent_on,fields,purpose,judged_on,applies",
        "sent,EXAMPLE-DEEP,detention_end,2022-01-14,GM0363,2024-09-13,2024-07-01,"
        "persons.person_id,,,",
        "judged,EXAMPLE-DEEP,,2022-01-14,,,,,serious_risk,2022-02-01,true",
    ]
    (tmp_path / "sent.csv").write_text("\n".join(lines), "utf-8-sig")
    first, second = read_entries(tmp_path / "sent.csv")
    assert first == _sent()
    assert second.applies is True


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{}", "line 1: entry is None; expected one of sent, withdrawn, judged, died"),
        ("[]", r"line 1: entry is \[\]"),
        ("{", "line 1 is no JSON"),
        ('{"entry": "sent"}', "missing required field `person_id`"),
        ('{"entry": "died", "person_id": "a", "died_on": "x", "recorded_at": "x"}', "died_on"),
        (
            '{"entry": "died", "person_id": "a", "died_on": "2024-02-01", '
            '"recorded_at": "2024-01-01"}',
            "recorded_at lies before died_on",
        ),
        ('{"entry": "sent", "entry": "died"}', "entry is there twice"),
        ('{"entry": "judged", "person_id": "a", "nonsense": 1}', "unknown field `nonsense`"),
    ],
)
def test_a_line_that_is_no_entry_is_named(tmp_path, line, said):
    (tmp_path / "sent.jsonl").write_text(line + "\n", "utf-8")
    with pytest.raises(ReentryError, match=said):
        read_entries(tmp_path / "sent.jsonl")


@pytest.mark.parametrize(("name", "content"), [("a.jsonl", b"\xff\xfe"), ("a.csv", b"a,a\n1,2\n")])
def test_a_file_that_is_no_list_of_entries_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReentryError, match=name):
        read_entries(tmp_path / name)


@pytest.mark.parametrize(
    ("dossier", "as_of", "said"),
    [
        ({}, DAY, "the dossier is of type dict"),
        (None, "2024-08-20", "as_of is '2024-08-20'"),
        (None, dt.datetime(2024, 8, 20), "without a time"),
    ],
)
def test_what_is_no_dossier_or_day_is_refused(dossier, as_of, said):
    with pytest.raises(ReentryError, match=said):
        notices(example() if dossier is None else dossier, as_of)


# --- presentation -------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_notices_in_words_name_each_what_whom_and_when(lang):
    picture = notices(example(), DAY, [_sent()])
    text, html = picture.text(lang), picture.html(lang)
    for one in picture.found:
        assert one.text.text(lang) in text
    assert "None" not in text
    assert "2024-07-01" in html
    assert picture.to_dict()["person_id"] == "EXAMPLE-DEEP"


def test_outside_words_are_escaped():
    odd = "<script>alert(1)</script>"
    picture = notices(example(), DAY, [_sent(to=odd)], victims=False)
    assert odd not in picture.html("nl")
    assert "&lt;script&gt;" in picture.html("nl")


def test_a_list_can_be_of_some_states_only():
    every = list_notices([example()], DAY)
    open_ = list_notices([example()], DAY, states=OPEN)
    assert set(open_.state) <= set(OPEN)
    assert 0 < len(open_) < len(every)


def test_a_notice_of_one_person_is_not_made_of_the_dossier_of_another():
    one = next(n for n in notices(example(), DAY, victims=False).found if n.state in OPEN)
    other = msgspec.structs.replace(example(), person_id="case-0002")
    with pytest.raises(ReentryError, match="expected the dossier of whom the notice is about"):
        prepare(other, msgspec.structs.replace(one, state="due", to="GM0001"), DAY)


def test_what_is_planned_may_be_handed_in_as_an_iterator():
    planned = [Planned(kind="short_leave", on=dt.date(2024, 9, 1), decided_on=DAY)]
    assert notices(example(), DAY, planned=iter(planned)) == notices(
        example(), DAY, planned=planned
    )
    people = [example(), msgspec.structs.replace(example(), person_id="case-0002")]
    found = list_notices(people, DAY, planned=iter(planned))
    assert found.equals(list_notices(people, DAY, planned=planned))


def test_a_judgement_on_a_ground_that_no_notice_has_is_refused():
    judged = Judged(
        person_id=example().person_id,
        purpose="serious_rsk",
        about="2022-01-14",
        judged_on=DAY,
        applies=True,
    )
    with pytest.raises(ReentryError, match="purpose is 'serious_rsk'; expected one of: serious_ri"):
        notices(example(), DAY, [judged])
