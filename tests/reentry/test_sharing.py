"""What leaves is what a purpose names and nothing else; and what was given can be called back."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import risicoscreener.reentry.sharing as part
from cases import OUTCOMES, example
from risicoscreener.dossier import Dossier, read_dossier
from risicoscreener.dossier.record import Detention
from risicoscreener.dossier.schema import id_column, persons, tables
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing import (
    find_purpose,
    open_view,
    purposes,
    purposes_text,
    read_purposes,
    share,
)
from risicoscreener.reentry.sharing.giving import issue
from risicoscreener.reentry.sharing.log import find_given, given_about, given_text, revoke
from risicoscreener.reentry.sharing.purposes import columns_of
from risicoscreener.reentry.sharing.wording import field_label, table_label
from risicoscreener.screening import Screener
from risicoscreener.screening.audience import audiences, recipients
from risicoscreener.screening.record import Actor, open_log
from risicoscreener.screening.record.retention import categories
from sharing_cases import case, consent_for
from strategies import as_of_days, dossiers

DAY = dt.date(2024, 4, 15)
DIRECTOR = Actor("director", "DIR-00A1")
VIEWS = [one for one in purposes() if one.form == "view"]
FROM_ISSUE = tuple(msgspec.structs.replace(one, keep_from="issue") for one in purposes())
"""For generated dossiers: that the term after release has passed is tested by itself."""
IDS = [f"{one.recipient}-{one.id}" for one in VIEWS]
CARE = ("treatment", "addiction", "mental_health", "intellectual_disability")


def shared(dossier: Dossier, purpose: Any, as_of: dt.date, **more: Any) -> Any:
    consent = consent_for(purpose, dossier.person_id)
    return share(dossier, purpose.recipient, purpose.id, as_of, consent=consent, **more)


# --- nothing that is not named ------------------------------------------------------------------


def values_of(dossier: Dossier) -> dict[tuple[str, str], set[str]]:
    """Per table and column everything that stands there, as it would be written."""
    found: dict[tuple[str, str], set[str]] = {}
    for table, spec in tables().items():
        for row in getattr(dossier, table):
            for name in spec.columns:
                value = json.dumps(getattr(row, name), default=str)
                found.setdefault((table, name), set()).add(value)
    return found


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [json.dumps(value)]


@pytest.mark.parametrize("purpose", VIEWS, ids=IDS)
@given(st.data())
@settings(deadline=None, max_examples=8)
def test_a_view_has_only_named_tables_columns_and_rows(purpose, data):
    dossier = data.draw(dossiers(full=True))
    as_of = max(data.draw(as_of_days()), purpose.valid_from)
    view = shared(dossier, purpose, as_of, table=FROM_ISSUE)
    assert open_view(view.to_json(), as_of, table=FROM_ISSUE) == view
    assert set(view.content) <= set(purpose.fields)
    for table, content in view.content.items():
        rows = [content] if table == "persons" else content
        known = {} if table == "persons" else values_of(dossier)
        for row in rows:
            assert set(row) <= set(purpose.fields[table])
            for name, value in row.items():
                if table != "persons":
                    assert json.dumps(value) in known[table, name]
            for name, allowed in purpose.where.get(table, {}).items():
                if name in row:
                    assert row[name] in allowed


def canaries() -> tuple[Dossier, dict[str, tuple[str, str]]]:
    """A dossier in which every value of every column is one of its own, and where each stands."""
    at: dict[str, tuple[str, str]] = {}
    parts: dict[str, Any] = {}
    number = 0
    for table, spec in tables().items():
        row: dict[str, Any] = {}
        for name, column in spec.columns.items():
            number += 1
            day = dt.date(2010, 1, 1) + dt.timedelta(days=number)
            match column.kind:
                case "date":
                    row[name] = day
                case "text":
                    row[name] = f"canary-{number}"
                case "integer" | "number":
                    row[name] = 7_000_000 + number
                case _:
                    continue
            at[json.dumps(row[name], default=str)] = (table, name)
        row.pop("supersedes", None)
        for name, column in spec.columns.items():
            if column.codes:
                row[name] = column.codes[0]
            elif column.kind == "flag" and name != "void":
                row[name] = True
        parts[table] = [spec.row(**row)]
    person = persons().row(birth_date=dt.date(1977, 7, 7), sex="male")
    return Dossier(person_id="canary-0", person=person, **parts), at


@pytest.mark.parametrize("purpose", VIEWS, ids=IDS)
def test_no_canary_of_a_field_that_is_not_named_is_in_what_is_written(purpose):
    dossier, at = canaries()
    as_of = dt.date(2025, 1, 1)
    open_ = msgspec.structs.replace(purpose, where={}, running=(), last=(), keep_from="issue")
    view = shared(dossier, purpose, as_of, table=[open_])
    written = set(leaves(json.loads(view.to_json())["content"]))
    there = {place for value, place in at.items() if value in written}
    named = {tuple(field.split(".")) for field in purpose.named}
    assert there <= named
    texts = view.text("nl") + view.text("en") + view.html("nl")
    hidden = [v.strip('"') for v, place in at.items() if place not in named]
    assert not [value for value in hidden if value in texts]
    if "detentions" in purpose.fields:
        assert there


def test_a_column_that_is_added_to_the_schema_later_stays_inside(monkeypatch):
    class WithMore(Detention, kw_only=True):
        diagnosis: str = ""

    dossier = case()
    stay = WithMore(**msgspec.structs.asdict(dossier.detentions[0]), diagnosis="canary-9")
    more = msgspec.structs.replace(dossier, detentions=[stay])
    spec = tables()["detentions"]
    column = next(iter(tables()["audit"].columns.values()))
    later = {**tables()}
    later["detentions"] = replace(spec, columns={**spec.columns, "diagnosis": column})
    monkeypatch.setattr("risicoscreener.dossier.known.tables", lambda: later)
    monkeypatch.setattr("risicoscreener.reentry.sharing.minimising.tables", lambda: later)
    for purpose in VIEWS:
        view = shared(more, purpose, DAY)
        assert b"canary-9" not in view.to_json()
        assert "diagnosis" not in view.text("en")


def test_the_table_names_every_column_for_who_decides_and_none_that_is_for_audit():
    decides = find_purpose("decision_maker", "decision", DAY)
    for table in tables():
        expected = () if table == "audit" else columns_of(table)
        assert set(decides.fields.get(table, ())) == set(expected) - {"recorded_at"}
    for purpose in purposes():
        assert "audit" not in purpose.fields


def test_victims_never_go_to_the_side_of_the_prisoner(tmp_path):
    dossier = case()
    assert dossier.victims
    view = share(dossier, "person", "access", DAY)
    assert "victims" not in view.content
    assert "inquiries" not in view.content
    text = (Path(part.__file__).parent / "purposes.toml").read_text("utf-8")
    head, person, rest = text.partition('recipient = "person"')
    fields = '[purposes.fields]\nvictims = ["interest"]\n'
    (tmp_path / "own.toml").write_text(
        head + person + rest.replace("[purposes.fields]\n", fields, 1), "utf-8"
    )
    with pytest.raises(ReentryError, match="victims go to the side of the prisoner"):
        read_purposes(tmp_path / "own.toml")


@given(dossiers(full=True, only=("identity_care", "detentions")), as_of_days())
@settings(deadline=None, max_examples=40)
def test_care_goes_to_nobody_without_consent_but_who_decides_and_the_person(dossier, as_of):
    for purpose in VIEWS:
        if purpose.needs_consent or not purpose.holds_on(as_of):
            continue
        view = share(dossier, purpose.recipient, purpose.id, as_of, table=FROM_ISSUE)
        kinds = {row.get("kind") for row in view.content.get("identity_care", [])}
        if purpose.recipient not in ("decision_maker", "person"):
            assert not kinds & {*CARE, "health_insurance"}


# --- consent, days and bases --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"person_id": "somebody"}, "the consent is of another person"),
        ({"recipient": "health_insurer"}, "the consent is of another recipient"),
        ({"purpose": "insurance"}, "the consent is of another purpose"),
        ({"given_on": dt.date(2024, 4, 16)}, "does not hold on 2024-04-15"),
        ({"until": dt.date(2024, 4, 14)}, "does not hold on 2024-04-15"),
        ({"withdrawn_on": dt.date(2024, 4, 15)}, "does not hold on 2024-04-15"),
    ],
)
def test_without_consent_that_holds_care_stays_inside(change, said):
    purpose = find_purpose("care_provider", "continuity_of_care", DAY)
    dossier = case()
    with pytest.raises(ReentryError, match="needs the consent of the person"):
        share(dossier, "care_provider", "continuity_of_care", DAY)
    consent = consent_for(purpose, dossier.person_id, **change)
    with pytest.raises(ReentryError, match=said):
        share(dossier, "care_provider", "continuity_of_care", DAY, consent=consent)


def test_a_view_ends_with_the_consent_or_so_many_days_after_release():
    dossier = case()
    release = dossier.detentions[0].expected_release_on
    assert release is not None
    view = share(dossier, "municipality", "reintegration", DAY)
    assert view.ends_on == release + dt.timedelta(days=183)
    purpose = find_purpose("care_provider", "continuity_of_care", DAY)
    until = dt.date(2024, 5, 1)
    consent = consent_for(purpose, dossier.person_id, until=until)
    view = share(dossier, "care_provider", "continuity_of_care", DAY, consent=consent)
    assert (view.ends_on, view.consent) == (until, "T-1")
    assert share(dossier, "person", "access", DAY).ends_on == DAY + dt.timedelta(days=3653)


@pytest.mark.parametrize(
    ("recipient", "purpose", "on", "said"),
    [
        ("press", "news", DAY, "recipient is 'press'; expected one of decision_maker, person"),
        ("mayor", "news", DAY, "purpose of mayor is 'news'; expected one of return_serious"),
        ("municipality", "detention_end", dt.date(2018, 12, 31), "holds from 2019-01-01"),
        ("municipality", "serious_risk", dt.date(2021, 6, 30), "holds from 2021-07-01"),
        ("researcher", "research", DAY, "pseudonymised only"),
        ("mayor", "return_serious_offence", "2024-04-15", "as_of is '2024-04-15'"),
    ],
)
def test_what_cannot_be_asked_for_is_said_with_what_there_is(recipient, purpose, on, said):
    with pytest.raises(ReentryError, match=said):
        share(case(), recipient, purpose, on)


def test_only_facts_that_were_known_on_the_day_are_given():
    dossier = case()
    early = min(row.recorded_at for row in dossier.detentions) - dt.timedelta(days=1)
    view = share(dossier, "municipality", "detention_end", max(early, dt.date(2019, 1, 1)))
    assert view.content["detentions"] == []
    known = msgspec.structs.replace(dossier.detentions[0], released_on=dt.date(2024, 9, 13))
    later = msgspec.structs.replace(dossier, detentions=[known])
    view = share(later, "municipality", "detention_end", DAY)
    assert "released_on" not in view.content["detentions"][0]


# --- extracts of a screening --------------------------------------------------------------------


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_extract_is_what_the_recipient_may_see(name):
    result = Screener.load().screen(example(name), "leave", as_of=DAY)
    dossier = case(name)
    for purpose in VIEWS:
        if purpose.extract:
            view = shared(dossier, purpose, DAY, result=result)
            assert view.content["screening"] == result.for_audience(purpose.recipient).to_dict()
            assert view.text("nl")
        else:
            with pytest.raises(ReentryError, match="gets no extract"):
                shared(dossier, purpose, DAY, result=result)
    other = msgspec.structs.replace(dossier, person_id="somebody")
    with pytest.raises(ReentryError, match="the result is of another person"):
        share(other, "decision_maker", "decision", DAY, result=result)


def test_the_evaluator_gets_no_word_on_who_it_is():
    result = Screener.load().screen(example("grant"), "leave", as_of=DAY)
    view = share(case("grant"), "evaluator", "evaluation", DAY, result=result)
    assert b"EXAMPLE-GRANT" not in view.to_json()


def test_a_recipient_is_defined_once():
    known = recipients()
    assert {one.recipient for one in purposes()} <= set(known)
    assert set(audiences()) <= set(known)
    assert all(title.nl and title.en for title in known.values())


# --- what was given -----------------------------------------------------------------------------


def test_a_view_can_be_opened_until_it_ends_and_not_when_changed():
    view = share(case(), "mayor", "return_serious_offence", DAY)
    assert open_view(view.to_json(), view.ends_on) == view
    with pytest.raises(ReentryError, match="the view expired"):
        open_view(view.to_json(), view.ends_on + dt.timedelta(days=1))
    with pytest.raises(ReentryError, match="expected a day from then"):
        open_view(view.to_json(), DAY - dt.timedelta(days=1))
    longer = view.to_json().replace(str(view.ends_on).encode(), b"2099-01-01")
    with pytest.raises(ReentryError, match="the view was changed"):
        open_view(longer, DAY)
    for nothing in (b"{}", b"\xff", "[]"):
        with pytest.raises(ReentryError, match="this is no view"):
            open_view(nothing, DAY)


def test_the_hash_does_not_give_the_content_away():
    one, other = (share(case(), "municipality", "detention_begin", DAY) for _ in range(2))
    assert one.content == other.content
    assert one.sha256 != other.sha256


def test_what_is_given_is_recorded_without_content_and_can_be_revoked(tmp_path):
    dossier = case()
    with open_log(tmp_path / "record.db", create=True) as log:
        view = share(dossier, "mayor", "return_serious_offence", DAY, log=log, by=DIRECTOR)
        share(dossier, "municipality", "detention_end", DAY, log=log, by=DIRECTOR)
        (first, second) = given_about(log, dossier.person_id)
        assert (first.fields, first.sha256, first.ends_on) == (
            view.fields, view.sha256, view.ends_on,
        )  # fmt: skip
        assert second.purpose == "detention_end"
        bodies = b"".join(entry.payload.body for entry in log.entries())
        birth = str(dossier.person.birth_date).encode()
        assert birth not in bodies
        assert b"serious_violence" not in bodies
        assert open_view(view.to_json(), DAY, log=log) == view
        revoked = dt.date(2024, 5, 1)
        assert find_given(log, view.sha256[:16]) == first
        revoke(log, view.sha256, revoked, DIRECTOR)
        assert open_view(view.to_json(), revoked - dt.timedelta(days=1), log=log) == view
        with pytest.raises(ReentryError, match="was revoked on 2024-05-01"):
            open_view(view.to_json(), revoked, log=log)
        with pytest.raises(ReentryError, match="was revoked already"):
            revoke(log, view.sha256, revoked, DIRECTOR)
        said = given_text(log, dossier.person_id, revoked, "en")
        assert "revoked on 2024-05-01" in said
        assert "to be used up to and including" in said
        assert log.verify().ok
        assert {entry.link.category for entry in log.entries()} <= set(categories())


def test_nothing_is_given_if_it_cannot_be_recorded(tmp_path):
    unrecorded = share(case(), "mayor", "return_serious_offence", DAY)
    with open_log(tmp_path / "record.db", create=True) as log:
        with pytest.raises(ReentryError, match="expected who gives or revokes it"):
            share(case(), "mayor", "return_serious_offence", DAY, log=log)
        assert len(log) == 0
        with pytest.raises(ReentryError, match="has nothing given with hash"):
            open_view(unrecorded.to_json(), DAY, log=log)
        with pytest.raises(ReentryError, match="expected exactly one"):
            find_given(log, unrecorded.sha256)


def test_content_that_the_purpose_does_not_name_is_not_issued():
    purpose = find_purpose("municipality", "detention_end", DAY)
    for content in ({"debts": [{"kind": "fine"}]}, {"persons": {"sex": "male"}}, {"screening": {}}):
        with pytest.raises(ReentryError, match="municipality/detention_end does not name"):
            issue(case(), purpose, DAY, content)


# --- the table ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('recipient = "mayor"', 'recipient = "press"', "recipient is 'press'; expected one of"),
        ('"released_on"]', '"released"]', "detentions.released; expected one of recorded_at"),
        ("debts = [", "loans = [", "table is 'loans'; expected one of"),
        ("debts = [", "audit = [", "table is 'audit'; expected one of"),
        ('kind = ["valid_id"]', 'kind = ["passport"]', "'passport' is not in vocabulary"),
        ('last = ["detentions"]', 'last = ["conduct"]', "conduct is chosen from and not given"),
        ('running = ["debts"', 'running = ["programme"', "rows of programme do not run"),
        ("keep_days = 183", "keep_days = 0", "Expected `int` >= 1"),
        ("valid_from = 2021-07-01", "valid_from = 2021-07-01\nvalid_until = 2020-01-01", "before"),
        ('id = "detention_begin"', 'id = "detention_end"', "is there twice for one day"),
        ("[purposes.fields]", "[purposes.columns]", "unknown field `columns`"),
        ('recipient = "mayor"', 'recipient = "mayor"\nextract = true', "no extract is for them"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused(tmp_path, old, new, said):
    text = (Path(part.__file__).parent / "purposes.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "own.toml").write_text(
        text.replace(old, new, 1 if "last" not in old else 4), "utf-8"
    )
    with pytest.raises(ReentryError, match=said):
        read_purposes(tmp_path / "own.toml")


def test_versions_follow_each_other(tmp_path):
    text = (Path(part.__file__).parent / "purposes.toml").read_text("utf-8")
    first, marker, rest = text.partition('[[purposes]]\nrecipient = "mayor"')
    entry = marker + rest.split("[[purposes]]")[0]
    old = entry.replace("valid_from", "valid_until = 2020-12-31\nvalid_from")
    new = entry.replace("2011-07-01", "2021-01-01").replace('"judged_on"', "")
    (tmp_path / "own.toml").write_text(old + new.replace(", ]", "]"), "utf-8")
    table = read_purposes(tmp_path / "own.toml")
    before = find_purpose("mayor", "return_serious_offence", dt.date(2020, 12, 31), table=table)
    after = find_purpose("mayor", "return_serious_offence", dt.date(2021, 1, 1), table=table)
    assert "convictions.judged_on" in before.named
    assert "convictions.judged_on" not in after.named
    assert first


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_everything_that_can_be_given_has_a_name_in_words(lang):
    for table in ("persons", *tables()):
        if table != "audit":
            assert table_label(table, lang)
            assert all(field_label(table, name, lang) for name in columns_of(table))
    text = purposes_text(lang)
    assert all(one.title.text(lang) in text for one in purposes())


def test_frames_have_the_named_columns_also_where_nothing_is_known():
    view = share(case(), "municipality", "reintegration", DAY)
    frames = view.to_frames()
    purpose = find_purpose("municipality", "reintegration", DAY)
    assert {name: tuple(frame.columns) for name, frame in frames.items()} == purpose.fields
    assert frames["persons"][id_column().name].tolist() == ["EXAMPLE-DEEP"]
    assert len(frames["income_work"]) == 0


def test_of_some_tables_only_the_last_row_or_what_runs_goes_along():
    plain = {
        "person_id": "case-0001",
        "person": {"birth_date": "1990-01-01", "sex": "male"},
        "detentions": [
            {"recorded_at": "2020-01-01", "arrived_on": "2020-01-01", "regime": "sentence",
             "released_on": "2020-06-01"},
            {"recorded_at": "2022-01-01", "arrived_on": "2022-01-01", "regime": "sentence"},
        ],
        "debts": [
            {"recorded_at": "2022-02-01", "kind": "fine", "creditor": "state", "amount_eur": 10,
             "since": "2020-01-01", "until": "2022-03-01"},
            {"recorded_at": "2022-02-01", "kind": "rent", "creditor": "landlord",
             "amount_eur": 20, "since": "2021-01-01"},
        ],
    }  # fmt: skip
    dossier = read_dossier(json.dumps(plain))
    view = share(dossier, "municipality", "reintegration", dt.date(2022, 3, 1))
    assert [row["arrived_on"] for row in view.content["detentions"]] == ["2022-01-01"]
    assert [row["kind"] for row in view.content["debts"]] == ["rent"]
    before = share(dossier, "municipality", "reintegration", dt.date(2022, 2, 28))
    assert [row["kind"] for row in before.content["debts"]] == ["fine", "rent"]


def test_a_consent_that_will_be_withdrawn_ends_the_view_the_day_before():
    purpose = find_purpose("care_provider", "continuity_of_care", DAY)
    withdrawn = DAY + dt.timedelta(days=5)
    consent = consent_for(purpose, case().person_id, withdrawn_on=withdrawn)
    assert share(case(), purpose.recipient, purpose.id, DAY, consent=consent).ends_on == (
        withdrawn - dt.timedelta(days=1)
    )


def test_no_content_is_issued_without_the_consent_that_its_purpose_needs():
    purpose = find_purpose("care_provider", "continuity_of_care", DAY)
    with pytest.raises(ReentryError, match="needs the consent"):
        issue(case(), purpose, DAY, {})


def test_a_result_of_a_later_day_does_not_go_along():
    result = Screener.load().screen(example("deny"), "leave", as_of=DAY)
    with pytest.raises(ReentryError, match=f"the result is as of {DAY}"):
        share(case("deny"), "decision_maker", "decision", DAY - dt.timedelta(days=1), result=result)
