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
    Died,
    Judged,
    Sent,
    Withdrawn,
    entries_as_lines,
    list_notices,
    notice_rules,
    notices,
    notices_of_many,
    prepare,
    read_entries,
    read_notice_rules,
    table_of_unfounded,
)
from risicoscreener.reentry.notices.entries import entry_of
from risicoscreener.reentry.sharing import find_purpose, open_view, purposes
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
        assert open_view(view.to_json(), DAY) == view
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
        assert open_view(view.to_json(), as_of) == view
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


# --- judgements ---------------------------------------------------------------------------------


def _judged(**changes: Any) -> Judged:
    return Judged(
        **{
            "person_id": "case-0001",
            "purpose": "serious_risk",
            "about": "2022-01-04",
            "judged_on": dt.date(2022, 3, 1),
            "applies": True,
            **changes,
        }
    )


def golden(name: str) -> tuple[Dossier, dt.date, list[Any]]:
    plain = case(next(path for path in GOLDEN if path.stem == name))
    entries = [entry_of({**one, **_as_text(one)}) for one in plain.get("entries", [])]
    return dossier_of(plain), plain["as_of"], entries


def of_risk(picture: Any) -> dict[str, str]:
    return {f.notice: f.state for f in picture.found if f.notice.startswith("serious_risk_")}


NO_SUCH_OFFENCE = "18_real_risk_with_no_such_offence"


def test_a_judgement_on_a_detention_that_there_is_not_is_refused_and_hides_no_notice():
    dossier, as_of, entries = golden(NO_SUCH_OFFENCE)
    judged = [one for one in entries if isinstance(one, Judged)]
    assert judged
    with_it = of_risk(notices(dossier, as_of, entries, victims=False))
    assert len(with_it) == 2
    slips = [msgspec.structs.replace(one, about="2022-01-05") for one in judged]
    rest = [one for one in entries if one not in judged]
    with pytest.raises(
        ReentryError,
        match=r"judgement on case-0001 of .*: about is '2022-01-05'; expected a detention .*: 20",
    ):
        notices(dossier, as_of, [*rest, *slips], victims=False)
    before = min(one.judged_on for one in judged) - dt.timedelta(days=1)
    notices(
        dossier, before, [*rest, *slips], victims=False
    )  # what is judged later is not looked at


def test_a_judgement_on_somebody_without_a_detention_is_refused():
    dossier = msgspec.structs.replace(golden(NO_SUCH_OFFENCE)[0], detentions=[])
    with pytest.raises(ReentryError, match="none, since the dossier has no detention"):
        notices(dossier, DAY, [_judged()], victims=False)


def test_a_judgement_names_a_detention_by_the_arrival_that_was_recorded_first():
    dossier, as_of, _ = golden("10_risk_to_be_judged")
    first = dossier.detentions[0]
    moved = msgspec.structs.replace(
        first, fact_id="x-2", supersedes=first.fact_id, arrived_on=dt.date(2022, 1, 3),
        recorded_at=dt.date(2022, 2, 1),
    )  # fmt: skip
    corrected = msgspec.structs.replace(dossier, detentions=[first, moved])
    found = of_risk(notices(corrected, as_of, [_judged()], victims=False))
    assert set(found.values()) == {"due"}
    with pytest.raises(ReentryError, match="about is '2022-01-03'"):
        notices(corrected, as_of, [_judged(about="2022-01-03")], victims=False)


@pytest.mark.parametrize("name", ["10_risk_to_be_judged", NO_SUCH_OFFENCE])
@pytest.mark.parametrize("order", [(True, False), (False, True)])
def test_judgements_that_contradict_each_other_leave_the_notice_to_be_judged(name, order):
    dossier, as_of, entries = golden(name)
    about = dossier.detentions[0].arrived_on.isoformat()
    rest = [one for one in entries if not isinstance(one, Judged)]
    both = [_judged(about=about, applies=applies) for applies in order]
    found = of_risk(notices(dossier, as_of, [*rest, *both], victims=False))
    assert found == dict.fromkeys(
        ("serious_risk_municipality", "serious_risk_probation"), "to_judge"
    )
    later = _judged(about=about, judged_on=dt.date(2022, 3, 2), applies=False)
    settled = of_risk(notices(dossier, as_of, [*rest, *both, later], victims=False))
    assert set(settled.values()) == {"lapsed"}


def test_own_notices_that_ask_for_no_judgement_take_none():
    rules = tuple(rule for rule in notice_rules() if rule.judged is None)
    dossier, as_of, _ = golden("10_risk_to_be_judged")
    assert notices(dossier, as_of, rules=rules, victims=False).found
    with pytest.raises(
        ReentryError, match="expected one of: none, since no notice asks for a judg"
    ):
        notices(dossier, as_of, [_judged()], rules=rules, victims=False)


def test_why_a_notice_has_no_ground_follows_the_notices_that_were_given():
    own = msgspec.structs.replace(notice_rules()[0], id="own_begin")
    asked = {"rules": (own,), "victims": False}
    for notice, about, reason in (
        ("own_begin", "2021-01-14", "no_such_duty"),  # of another detention
        ("detention_begin", "2022-01-14", "no_such_notice"),  # shipped, and not among those given
    ):
        picture = notices(example(), DAY, [_sent(notice=notice, about=about)], **asked)
        assert [one.reason for one in picture.unfounded] == [reason]
    none = notices(example(), DAY, [_sent(notice="own_begin")], rules=(), victims=False)
    assert [one.reason for one in none.unfounded] == ["no_such_notice"]


def test_deaths_that_contradict_each_other_are_refused():
    dossier, as_of, _ = golden("07_death")
    died = [
        Died(person_id="case-0001", died_on=dt.date(2022, 3, n), recorded_at=dt.date(2022, 3, 5))
        for n in (1, 2)
    ]
    with pytest.raises(
        ReentryError, match="died on 2022-03-01 and on 2022-03-02, both recorded on"
    ):
        notices(dossier, as_of, died, victims=False)
    same = notices(dossier, as_of, died[:1] * 2, victims=False)
    assert same == notices(dossier, as_of, died[:1], victims=False)
    later = msgspec.structs.replace(died[1], recorded_at=dt.date(2022, 3, 6))
    assert notices(dossier, as_of, [died[0], later], victims=False) == notices(
        dossier, as_of, [later], victims=False
    )


# --- what was not done in time ------------------------------------------------------------------


def test_what_nobody_judged_or_has_no_addressee_counts_once_its_last_day_has_passed():
    dossier, as_of, entries = golden("10_risk_to_be_judged")
    assert notices(dossier, dt.date(2022, 7, 3), entries, victims=False).wrong == ()
    late = notices(dossier, dt.date(2022, 7, 4), entries, victims=False)
    assert {(f.notice, f.state) for f in late.wrong} == {
        ("serious_risk_municipality", "to_judge"),
        ("serious_risk_probation", "to_judge"),
    }
    dossier, as_of, _ = golden("15_no_address")
    picture = notices(dossier, as_of, victims=False)
    assert [(f.notice, f.state) for f in picture.wrong] == [("detention_begin", "no_addressee")]
    assert picture.in_state("overdue", "missed", "late") == ()


def test_what_was_sent_without_a_ground_is_listed_of_many():
    other = msgspec.structs.replace(example(), person_id="case-0002")
    entries = [_sent(fields=("victims.interest",)), _sent(person_id="case-0002", to="=GM1")]
    frame = table_of_unfounded(notices_of_many([example(), other], DAY, entries))
    assert frame[["person_id", "entry", "reason", "fields"]].to_numpy().tolist() == [
        ["EXAMPLE-DEEP", "sent", "field_too_many", "victims.interest"],
        ["case-0002", "sent", "other_addressee", ""],
    ]
    assert list(table_of_unfounded([]).columns) == list(frame.columns)


# --- lines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e"])
def test_a_break_within_a_text_ends_no_line(tmp_path, odd):
    entry = _sent(to=f"GM{odd}1")
    lines = entries_as_lines([entry, _sent()])
    (tmp_path / "sent.jsonl").write_text(lines.replace("\n", "\r\n"), "utf-8")
    assert read_entries(tmp_path / "sent.jsonl") == (entry, _sent())
    head = "entry,person_id,notice,about,to,event_on,sent_on,fields\r\n"
    row = (
        "sent,EXAMPLE-DEEP,detention_end,2022-01-14,{},2024-09-13,2024-07-01,persons.person_id\r\n"
    )
    text = head + row.format(f"GM{odd}1") + row.format("GM0363")
    (tmp_path / "sent.csv").write_text(text, "utf-8", newline="")
    assert read_entries(tmp_path / "sent.csv") == (entry, _sent())


def test_a_quoted_break_in_a_table_is_part_of_its_text(tmp_path):
    head = "entry,person_id,notice,about,to,event_on,sent_on,fields\n"
    row = 'sent,EXAMPLE-DEEP,detention_end,2022-01-14,"GM\n1",2024-09-13,2024-07-01,persons.person_id\n'
    (tmp_path / "sent.csv").write_text(head + row, "utf-8")
    assert read_entries(tmp_path / "sent.csv") == (_sent(to="GM\n1"),)
    (tmp_path / "sent.csv").write_text('entry,"x\n', "utf-8")
    with pytest.raises(ReentryError, match=r"sent.csv, line 0"):
        read_entries(tmp_path / "sent.csv")
