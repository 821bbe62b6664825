"""What counts as answered, unknown, contradictory or outdated, case by case."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake_cases import a_document, a_dossier, a_home, day, inquiry, iso
from risicoscreener.dossier.known import as_known
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.intake import Questionnaire, intake
from risicoscreener.reentry.intake.curve import curve_of
from risicoscreener.reentry.intake.progress import intake_of
from risicoscreener.reentry.intake.questions import STATUSES, TO_DO
from risicoscreener.reentry.intake.standing import Asked, present_stay
from strategies import as_of_days, dossiers

SHIPPED = Questionnaire.shipped()


def status(dossier, question, on):
    return intake_of(dossier, day(on), SHIPPED)[question].status


def test_nobody_asked():
    assert status(a_dossier(), "housing_now", 5) == "not_asked"
    assert status(a_dossier(), "convictions", 5) == "not_asked"


def test_asked_and_not_known():
    asked = a_dossier(inquiries=[inquiry("housing", "municipality", 2, complete=False)])
    assert status(asked, "housing_now", 1) == "not_asked"
    assert status(asked, "housing_now", 2) == "unknown"
    found = intake_of(asked, day(2), SHIPPED)["housing_now"]
    assert (found.asked_on, found.register) == (day(2), "municipality")


def test_a_register_that_cannot_answer_does_not():
    asked = a_dossier(inquiries=[inquiry("convictions", "self_report", 2)])
    assert status(asked, "convictions", 3) == "not_asked"
    asked = a_dossier(inquiries=[inquiry("convictions", "justice_documentation", 2)])
    assert status(asked, "convictions", 3) == "known"


def test_facts_without_a_full_consultation_are_not_all():
    debt = {
        "recorded_at": iso(2),
        "kind": "rent",
        "creditor": "landlord",
        "amount_eur": 900.0,
        "since": "2023-06-01",
    }
    partly = a_dossier(debts=[debt])
    assert status(partly, "debts_other", 3) == "unknown"
    assert status(partly, "debts_judicial", 3) == "not_asked"
    whole = a_dossier(debts=[debt], inquiries=[inquiry("debts", "municipality", 3)])
    assert status(whole, "debts_other", 3) == "known"


def test_each_debt_needs_its_arrangement_from_the_day_that_it_came_true():
    debt = {
        "recorded_at": iso(2),
        "kind": "rent",
        "creditor": "landlord",
        "amount_eur": 900.0,
        "since": "2023-06-01",
        "arrangement": "agreed",
        "arranged_on": iso(20),
    }
    dossier = a_dossier(debts=[debt])
    assert status(dossier, "arrangements", 19) == "unknown"
    assert intake_of(dossier, day(19), SHIPPED)["arrangements"].fields == ("arrangement",)
    assert status(dossier, "arrangements", 20) == "known"
    assert intake_of(dossier, day(20), SHIPPED)["arrangements"].known_on == day(20)


def test_facts_of_the_same_day_that_differ_contradict_each_other():
    dossier = a_dossier(identity_care=[a_document(3), a_document(4, "no", fact_id="b")])
    assert status(dossier, "valid_id", 3) == "known"
    assert status(dossier, "valid_id", 4) == "contradictory"
    assert intake_of(dossier, day(4), SHIPPED)["valid_id"].fields == ("finding",)


def test_a_correction_ends_the_contradiction():
    rows = [
        a_document(3, fact_id="a"),
        a_document(4, "no", fact_id="b"),
        a_document(6, "no", fact_id="c", supersedes="a"),
    ]
    dossier = a_dossier(identity_care=rows)
    assert status(dossier, "valid_id", 5) == "contradictory"
    assert status(dossier, "valid_id", 6) == "known"


def test_what_could_not_be_established_is_unknown():
    dossier = a_dossier(identity_care=[a_document(3, "unclear")])
    assert status(dossier, "valid_id", 3) == "unknown"
    assert status(a_dossier(housing=[a_home()]), "leave_address", 3) == "unknown"
    checked = a_dossier(housing=[a_home(address_check="accepted")])
    assert status(checked, "leave_address", 3) == "known"


def test_an_answer_goes_out_of_date_and_a_consultation_renews_it():
    old = a_dossier(housing=[a_home(3)])
    assert status(old, "housing_now", 3 + 182) == "known"
    found = intake_of(old, day(3 + 183), SHIPPED)["housing_now"]
    assert found.status == "outdated"
    assert found.answered_on == day(3)
    assert found.due_on == day(3 + 183)
    assert found.days_late == 0
    renewed = a_dossier(housing=[a_home(3)], inquiries=[inquiry("housing", "municipality", 100)])
    assert status(renewed, "housing_now", 3 + 183) == "known"


def test_an_answer_from_before_the_detention_has_to_be_confirmed():
    home = {**a_home(), "recorded_at": "2023-11-01"}
    assert status(a_dossier(housing=[home]), "housing_now", 2) == "outdated"
    confirmed = a_dossier(housing=[home], inquiries=[inquiry("housing", "population_register", 2)])
    assert status(confirmed, "housing_now", 2) == "known"


def test_terms_count_from_arrival_and_late_answers_are_late():
    dossier = a_dossier(housing=[a_home(12)])
    before = intake_of(dossier, day(11), SHIPPED)["housing_now"]
    assert (before.due_on, before.is_overdue, before.days_late) == (day(7), True, 4)
    after = intake_of(dossier, day(30), SHIPPED)["housing_now"]
    assert (after.is_overdue, after.days_late, after.answered_on) == (False, 5, day(12))
    on_time = intake_of(dossier, day(7), SHIPPED)["housing_now"]
    assert (on_time.is_overdue, on_time.days_late) == (False, 0)


def test_the_plan_is_due_four_weeks_after_arrival():
    plan = {"recorded_at": iso(29), "kind": "plan_made", "occurred_on": iso(28)}
    dossier = a_dossier(programme=[plan])
    assert intake_of(dossier, day(28), SHIPPED)["plan_made"].status == "not_asked"
    found = intake_of(dossier, day(40), SHIPPED)["plan_made"]
    assert (found.status, found.due_on, found.days_late) == ("known", day(28), 1)


def test_a_plan_of_an_earlier_detention_is_no_plan():
    plan = {"recorded_at": "2023-02-01", "kind": "plan_made", "occurred_on": "2023-02-01"}
    assert status(a_dossier(programme=[plan]), "plan_made", 10) == "not_asked"


def test_a_question_that_is_for_other_grounds_of_detention_does_not_apply():
    assert status(a_dossier("remand"), "sentence", 10) == "not_applicable"
    assert status(a_dossier("sentence"), "sentence", 10) == "unknown"
    found = intake_of(a_dossier("remand"), day(10), SHIPPED)["sentence"]
    assert (found.days_late, found.is_to_do, found.is_overdue) == (0, False, False)


def test_none_is_an_answer_where_the_question_says_so():
    asked = [inquiry("income_work", "municipality", 3), inquiry("housing", "municipality", 3)]
    dossier = a_dossier(inquiries=asked)
    assert status(dossier, "income_work", 3) == "known"
    assert status(dossier, "housing_now", 3) == "unknown"


def test_a_fact_that_was_withdrawn_is_no_answer():
    rows = [a_home(3, fact_id="a"), a_home(5, fact_id="b", supersedes="a", void=True)]
    dossier = a_dossier(housing=rows)
    assert status(dossier, "housing_now", 4) == "known"
    found = intake_of(dossier, day(9), SHIPPED)["housing_now"]
    assert found.status == "not_asked"
    assert (found.answered_on, found.due_on, found.days_late) == (day(3), day(7), 2)


def test_who_is_not_detained_has_no_intake():
    with pytest.raises(ReentryError, match="no detention is known on 2023-12-31"):
        intake(a_dossier(), "2023-12-31")


def test_of_two_detentions_the_present_one_counts():
    stays = [
        {
            "recorded_at": "2020-01-01",
            "arrived_on": "2020-01-01",
            "regime": "remand",
            "released_on": "2020-03-01",
        },
        {"recorded_at": iso(0), "arrived_on": iso(0), "regime": "sentence"},
    ]
    dossier = a_dossier(detentions=stays)
    assert intake_of(dossier, day(5), SHIPPED).arrived_on == day(0)
    assert intake_of(dossier, dt.date(2020, 2, 1), SHIPPED).arrived_on == dt.date(2020, 1, 1)
    with pytest.raises(ReentryError, match="no detention"):
        intake_of(dossier, dt.date(2020, 3, 1), SHIPPED)


def detained(dossier, on):
    try:
        return present_stay(dossier, on)
    except ReentryError:
        return None


@settings(max_examples=60)
@given(dossiers(max_rows=3), as_of_days())
def test_facts_of_later_days_move_nothing(dossier, on):
    if detained(dossier, on) is None:
        return
    assert intake_of(dossier, on, SHIPPED) == intake_of(as_known(dossier, on), on, SHIPPED)


@settings(max_examples=50)
@given(dossiers(max_rows=3), as_of_days(), st.integers(0, 400))
def test_the_course_says_on_each_day_what_the_intake_of_that_day_says(dossier, on, ago):
    stay = detained(dossier, on)
    if stay is None:
        return
    curve = curve_of(dossier, on, SHIPPED)
    then = max(stay.arrived_on, on - dt.timedelta(days=ago))
    if detained(dossier, then) != stay:
        return
    items = intake_of(dossier, then, SHIPPED).items
    expected = {name: sum(item.status == name for item in items) for name in STATUSES}
    assert curve.on(then) == expected


@settings(max_examples=50)
@given(dossiers(max_rows=3), as_of_days())
def test_every_question_stands_in_one_way_and_no_open_one_is_taken_for_answered(dossier, on):
    stay = detained(dossier, on)
    if stay is None:
        return
    found = intake_of(dossier, on, SHIPPED)
    assert [item.question for item in found.items] == [q.id for q in SHIPPED]
    for item in found.items:
        assert item.is_to_do == (item.status in TO_DO)
        if item.status == "known":
            assert item.answered_on is not None
            assert item.known_on is not None
            assert item.known_on <= on
        if item.is_overdue:
            assert on > item.due_on
        if item.status == "not_asked":
            assert not Asked(SHIPPED[item.question], dossier, stay).on(on).asked_on
