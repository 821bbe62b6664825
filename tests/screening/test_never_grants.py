"""What is missing, unknown, contradictory or out of range never becomes a grant."""

from __future__ import annotations

import datetime as dt
import json
import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cases import KINDS, example
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DossierError, PolicyError
from strategies import corrupted, dossiers

PERSON = {"person_id": "x", "person": {"birth_date": "1990-01-01", "sex": "male"}}


def test_the_example_is_granted_so_that_these_tests_mean_something(screener, granted):
    assert screener.screen(granted, "leave").outcome == "grant"


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_dossier_is_no_clean_record(screener, kind):
    result = screener.screen(PERSON, kind)
    assert result.outcome != "grant"
    assert result.missing


@pytest.mark.parametrize(
    "table", ["detentions", "convictions", "conduct", "programme", "victims", "liberties"]
)
def test_a_part_of_which_nothing_is_known_is_not_taken_for_a_good_one(screener, granted, table):
    granted.pop(table, None)
    granted["inquiries"] = [i for i in granted["inquiries"] if i["subject"] != table]
    result = screener.screen(granted, "leave")
    assert result.outcome != "grant"
    assert result.missing


@pytest.mark.parametrize(
    "changes",
    [
        {"recorded_at": "2023-13-01"},
        {"amount_eur": -5.0},
        {"amount_eur": 1e300},
        {"since": "1850-01-01"},
        {"since": "2023-05-01"},
        {"kind": "gambling"},
        {"colour": "red"},
        {"recorded_at": "2199-01-01"},
    ],
)
def test_a_bad_row_is_refused_or_set_apart_and_then_nothing_is_granted(screener, granted, changes):
    granted["debts"][0] |= changes
    with pytest.raises(DossierError, match=r"debts\[0\]"):
        screener.screen(granted, "leave", as_of="2024-04-15")
    result = screener.screen(granted, "leave", as_of="2024-04-15", on_error="quarantine")
    assert result.outcome != "grant"
    assert result.quarantined_rows == 1
    assert result.domain("dossier").level == "flawed"


@settings(max_examples=150, deadline=None)
@given(dossiers().flatmap(corrupted))
def test_corrupted_dossiers_are_refused_or_not_granted(screener, made):
    assume(made.recorded_by is None)
    data = json.dumps(made.plain, default=str).encode()
    with pytest.raises(DossierError):
        screener.screen(data, "leave", as_of="2024-06-01")
    try:
        result = screener.screen(data, "leave", as_of="2024-06-01", on_error="quarantine")
    except DossierError:
        return
    assert result.quarantined_rows > 0
    assert result.outcome != "grant"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_forgetting_facts_and_inquiries_never_turns_a_refusal_into_a_grant(screener, data):
    """A denied dossier loses whole tables with their inquiries: it may not become granted."""
    plain = example("deny")
    for name in data.draw(st.sets(st.sampled_from([*tables()]), min_size=1)):
        plain.pop(name, None)
        plain["inquiries"] = [i for i in plain.get("inquiries", []) if i["subject"] != name]
    assert screener.screen(plain, "leave", as_of="2024-04-15").outcome != "grant"


@settings(max_examples=60, deadline=None)
@given(st.floats(), st.sampled_from(["sentence_days", "conditional_days"]))
def test_absurd_numbers_are_refused(screener, value, field):
    plain = example("grant")
    plain["detentions"][0][field] = value
    try:
        result = screener.screen(plain, "leave")
    except DossierError as error:
        assert field in str(error)
        return
    assert float(value).is_integer()
    assert 0 <= value <= 36525
    assert all(x is None or math.isfinite(x) for x in result.values.values())


def test_outside_the_population_of_a_model_an_expert_is_asked(screener, granted):
    granted["person"]["birth_date"] = "1915-01-01"
    result = screener.screen(granted, "leave")
    assert result.model("leave_failure").support == "outside"
    assert result.domain("certainty").level == "outside"
    assert result.outcome == "deep_assessment"
    assert any(item.feature == "age_years" for item in result.model("leave_failure").outside)


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        ("2024-02-30", "YYYY-MM-DD"),
        ("tomorrow", "YYYY-MM-DD"),
        ("1850-01-01", "1900"),
        (dt.datetime(2024, 4, 15, 12), "without a time"),
        (20240415, "expected a date"),
        (dt.date(9000, 1, 1), "today"),
        ("1970-01-01", "before the birth"),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused(screener, granted, as_of, said):
    with pytest.raises(DossierError, match=said):
        screener.screen(granted, "leave", as_of=as_of)


def test_an_unknown_kind_of_decision_is_said_with_the_known_ones(screener, granted):
    with pytest.raises(PolicyError, match="leave"):
        screener.screen(granted, "holiday")


def test_a_day_before_any_policy_is_refused(screener, granted):
    with pytest.raises(PolicyError, match="leave"):
        screener.screen(granted, "leave", as_of="1985-01-01")


# --- given twice, and contradictory -----------------------------------------------------------


def refused_and_in_quarantine_not_granted(screener, source, match):
    with pytest.raises(DossierError, match=match):
        screener.screen(source, "leave")
    result = screener.screen(source, "leave", on_error="quarantine")
    assert result.outcome != "grant"
    assert result.quarantined_rows > 0


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("arrived_on", ["2023-03-05", "2023-03-06", "2023-03-07"])
def test_a_second_open_detention_hides_no_removal_and_no_tbs(screener, granted, arrived_on, order):
    (good,) = granted["detentions"]
    bad = {**good, "arrived_on": arrived_on, "recorded_at": "2023-03-08"}
    bad |= {"removal_or_extradition": True, "tbs_with_care": True}
    granted["detentions"] = [good, bad][::order]
    refused_and_in_quarantine_not_granted(screener, granted, "no arrival during another stay")


DONE = {
    "recorded_at": "2024-03-01",
    "kind": "deep_risk_assessment",
    "asked_on": "2024-02-01",
    "done_on": "2024-03-01",
}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    "other",
    [
        {"outcome": "unfavourable"},
        {"outcome": "inconclusive"},
        {"outcome": "favourable", "valid_until": "2024-04-01"},
    ],
    ids=["unfavourable", "inconclusive", "expired"],
)
def test_of_two_assessments_asked_for_on_a_day_none_wins_by_its_place(screener, other, order):
    favourable = {**DONE, "outcome": "favourable", "valid_until": "2025-06-01"}
    other = {**DONE, **other}
    found = {}
    for rows in ([favourable], [favourable, other][::order]):
        plain = {**example("deep_assessment"), "assessments": rows}
        found[len(rows)] = screener.screen(plain, "leave")
    assert found[1].outcome == "grant"
    assert found[1].domain("assessment").level == "favourable"
    assert found[2].domain("assessment").level != "favourable"
    assert found[2].outcome != "grant"


@pytest.mark.parametrize("first", ["intolerable", "undesired"])
def test_a_grade_that_is_given_twice_is_refused(screener, granted, first):
    text = json.dumps(granted).replace('"grade": ', f'"grade": "{first}", "grade": ', 1)
    assert json.loads(text) == granted
    refused_and_in_quarantine_not_granted(screener, text, r"conduct\[0\].grade = .*each key once")


@pytest.mark.parametrize(
    "key", ["person_id", "person", "birth_date", "detentions", "convictions", "inquiries"]
)
def test_a_key_of_the_dossier_or_the_person_that_is_given_twice_is_refused(screener, granted, key):
    value = {"person_id": '"x"', "person": "{}", "birth_date": '"1980-01-01"'}.get(key, "[]")
    text = json.dumps(granted).replace(f'"{key}": ', f'"{key}": {value}, "{key}": ', 1)
    assert json.loads(text) == granted
    for on_error in ("raise", "quarantine"):
        with pytest.raises(DossierError, match=f"{key} = .*each key once"):
            screener.screen(text, "leave", on_error=on_error)


@pytest.mark.parametrize("table", ["convictions", "conduct", "debts", "inquiries"])
def test_a_fact_that_is_given_twice_is_refused(screener, granted, table):
    granted[table].append(dict(granted[table][0]))
    where = rf"{table}\[{len(granted[table]) - 1}\].fact_id = .*no second copy of row 0"
    refused_and_in_quarantine_not_granted(screener, granted, where)
    refused_and_in_quarantine_not_granted(screener, json.dumps(granted), where)


WEIGHTY = {
    "recorded_at": "2024-04-01",
    "known_on": "2024-04-01",
    "interest": "known",
    "protection_need": "high",
    "objects_to_liberty": True,
    "no_contact_asked": True,
    "area_ban_asked": True,
}


def assessment(kind="deep_risk_assessment", asked="2023-06-01", **more):
    done = {"done_on": asked, "outcome": "favourable", "valid_until": "2025-06-01"}
    return {"recorded_at": asked, "kind": kind, "asked_on": asked, **done, **more}


@pytest.mark.parametrize(
    ("assessments", "granted_then"),
    [
        ([assessment()], True),
        ([], False),
        ([assessment("offence_analysis")], False),
        ([assessment("needs_assessment")], False),
        (
            [assessment(), assessment("needs_assessment", "2023-09-01", outcome="unfavourable")],
            True,
        ),
        ([assessment(valid_until=None)], False),
        ([assessment(valid_until="2024-01-01")], False),
        ([assessment(outcome="unfavourable"), assessment("offence_analysis", "2023-09-01")], False),
        (
            [
                assessment(outcome="unfavourable"),
                assessment(asked="2023-09-01", done_on=None, outcome=None, valid_until=None),
            ],
            False,
        ),
        ([assessment(), assessment(asked="2023-09-01", outcome="inconclusive")], False),
    ],
)
def test_only_a_favourable_deep_assessment_that_is_valid_opens_what_it_was_asked_for(
    screener, granted, assessments, granted_then
):
    granted["victims"] = [WEIGHTY]
    granted["assessments"] = assessments
    assert (screener.screen(granted, "leave").outcome == "grant") is granted_then


def test_an_unfavourable_assessment_is_not_undone_by_asking_again(screener, granted):
    asked_again = assessment(asked="2024-02-01", done_on=None, outcome=None, valid_until=None)
    granted["assessments"] = [assessment(outcome="unfavourable"), asked_again]
    assert screener.screen(granted, "leave").outcome == "deny"


@pytest.mark.parametrize("outcome", ["absconded", "offence"])
@pytest.mark.parametrize("kind", ["low_security", "conditional_release", "short_leave"])
def test_a_liberty_that_ended_badly_in_this_detention_bars_the_next(
    screener, granted, kind, outcome
):
    granted["liberties"] = [
        {
            "recorded_at": "2023-11-02",
            "kind": kind,
            "asked_on": "2023-10-01",
            "decision": "granted",
            "decided_on": "2023-10-20",
            "started_on": "2023-11-01",
            "outcome": outcome,
            "ended_on": "2023-11-02",
        }
    ]
    granted["assessments"] = [assessment()]
    assert screener.screen(granted, "leave").outcome == "deny"


def test_a_weekly_review_of_intolerable_conduct_counts_as_such(screener, granted):
    granted["conduct"][-2]["grade"] = "intolerable"
    assert screener.screen(granted, "leave").outcome == "deny"


def test_a_high_need_of_protection_counts_though_no_interest_was_noted(screener, granted):
    granted["victims"] = [WEIGHTY | {"interest": "none_known", "objects_to_liberty": False}]
    assert screener.screen(granted, "leave").outcome != "grant"


@pytest.mark.parametrize(
    ("table", "row", "day"),
    [
        ("programme", {"kind": "goal", "goal": "behaviour", "status": "refused"}, "status_on"),
        ("liberties", {"kind": "short_leave", "outcome": "absconded"}, "ended_on"),
        ("liberties", {"kind": "extramural_leave", "decision": "withdrawn"}, "decided_on"),
        ("assessments", {"kind": "deep_risk_assessment", "outcome": "unfavourable"}, "done_on"),
    ],
)
def test_what_has_no_day_is_not_left_out_of_the_picture_but_refused(
    screener, granted, table, row, day
):
    begins = "occurred_on" if table == "programme" else "asked_on"
    fact = {"recorded_at": "2024-04-01", begins: "2024-03-01", **row}
    granted.setdefault(table, []).append(fact)
    place = len(granted[table]) - 1
    with pytest.raises(DossierError, match=rf"{table}\[{place}\].*no value without {day}"):
        screener.screen(granted, "leave")
    assert screener.screen(granted, "leave", on_error="quarantine").outcome != "grant"
