"""Everything that is wrong is found, and named by table, row, field, value and expectation."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import DossierTables, Problem, read_dossier, read_dossier_leniently
from risicoscreener.dossier.problems import shown
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DossierError
from strategies import a_debt as debt
from strategies import a_person as person
from strategies import corrupted, dossiers


def problems_of(source, recorded_by=None):
    with pytest.raises(DossierError) as caught:
        read_dossier(source, recorded_by=recorded_by)
    return caught.value.problems


def place(found):
    return found.table, found.row, found.field, repr(found.value)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_every_fault_is_found_and_named(data):
    broken = data.draw(corrupted(data.draw(dossiers())))
    problems = problems_of(broken.plain, broken.recorded_by)
    named = {place(problem) for problem in problems}
    for fault in broken.faults:
        assert place(fault) in named, (fault, [str(p) for p in problems])
    assert all(problem.expected for problem in problems)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_single_wrong_value_is_a_single_problem(data):
    dossier = data.draw(dossiers(only=("housing",)).filter(lambda d: d.housing))
    broken = data.draw(corrupted(dossier, max_faults=1, rows_only=True))
    (fault,) = broken.faults
    problems = problems_of(broken.plain)
    follows = [p for p in problems if p.field == "supersedes" and p.row != fault.row]
    of_row = [p for p in problems if p.row == fault.row]
    assert len(problems) == len(of_row) + len(follows)
    if fault.kind in ("wrong value", "absent value", "unknown field", "no object"):
        assert len({p.field for p in of_row}) == len(of_row)
        assert [place(p) for p in of_row if p.field == fault.field] == [place(fault)]


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_the_message_shows_the_problems_each_on_a_printable_line(data):
    broken = data.draw(corrupted(data.draw(dossiers())))
    with pytest.raises(DossierError) as caught:
        read_dossier(broken.plain, recorded_by=broken.recorded_by)
    lines = str(caught.value).split("\n")
    assert len(lines) == 1 + min(len(caught.value.problems), 20) + (len(caught.value.problems) > 20)
    assert all(line.isprintable() for line in lines)


def test_the_message_says_what_where_whose_and_what_was_expected():
    plain = person()
    plain["debts"] = [debt(), debt(amount_eur=-30, kind="loan")]
    with pytest.raises(DossierError) as caught:
        read_dossier(plain)
    text = str(caught.value)
    assert "the dossier of p1 is not valid" in text
    assert "debts[1].amount_eur = -30: expected a number from 0 to 100,000,000 (person p1)" in text
    assert re.search(r"debts\[1\]\.kind = 'loan': expected one of fine, .*\(person p1\)", text)


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"since": "2020-02-30"}, "since", "a date as YYYY-MM-DD"),
        ({"since": "2020-1-1"}, "since", "a date as YYYY-MM-DD"),
        ({"since": "2020-01-01T00:00:00"}, "since", "a date as YYYY-MM-DD"),
        ({"since": "1850-01-01"}, "since", "a date from 1900-01-01 to 2199-12-31"),
        ({"since": "1989-12-31"}, "since", "a day on or after the day of birth"),
        ({"since": "2021-03-02"}, "recorded_at", "on or after since (2021-03-02)"),
        ({"until": "2019-12-31"}, "until", "on or after since (2020-01-01)"),
        ({"amount_eur": True}, "amount_eur", "a number from 0 to 100,000,000"),
        ({"amount_eur": None}, "amount_eur", "a value"),
        ({"void": None}, "void", "a value"),
        ({"void": "true"}, "void", "true or false"),
        ({"void": True}, "void", "false, unless `supersedes` names the withdrawn fact"),
        ({"fact_id": "a\n"}, "fact_id", "1 to 64 letters, digits, dots, colons, dashes or underscores"),
        ({"supersedes": "f9"}, "supersedes", "the fact_id of another fact of the person"),
    ],
)  # fmt: skip
def test_what_was_expected_is_said_per_kind_of_fault(changes, field, expected):
    plain = {**person(), "debts": [debt(), debt(**changes)]}
    (problem,) = problems_of(plain)
    assert (problem.table, problem.row, problem.field) == ("debts", 1, field)
    assert problem.expected == expected


def test_facts_that_supersede_each_other_are_all_named():
    rows = [
        debt(fact_id="a", supersedes="c"),
        debt(fact_id="b", supersedes="a"),
        debt(fact_id="c", supersedes="b"),
        debt(fact_id="d", supersedes="c"),
    ]
    problems = problems_of({**person(), "debts": rows})
    circular = "a fact that does not in turn supersede this one"
    assert [p.row for p in problems if p.expected == circular] == [0, 1, 2]
    (follower,) = [p for p in problems if p.expected != circular]
    assert (follower.row, follower.field) == (3, "supersedes")
    assert "set apart (row 2)" in follower.expected


def test_a_correction_may_not_be_recorded_before_what_it_corrects():
    rows = [
        debt(fact_id="a", recorded_at="2021-03-02"),
        debt(supersedes="a", recorded_at="2021-03-01"),
    ]
    (problem,) = problems_of({**person(), "debts": rows})
    assert (problem.row, problem.expected) == (1, "a fact recorded on or before this one")


def test_a_fact_id_may_not_be_used_twice_by_a_person_but_may_by_two():
    (problem,) = problems_of({**person(), "debts": [debt(), debt(fact_id="a"), debt(fact_id="a")]})
    assert (problem.row, problem.expected) == (2, "an id not used before (row 1)")
    two = [read_dossier({**person(p), "debts": [debt(fact_id="a")]}) for p in ("p1", "p2")]
    assert DossierTables.from_dossiers(two).n_persons == 2


def test_all_tables_are_examined_though_one_has_a_row_that_is_no_object():
    plain = {**person(), "debts": [3, debt(kind="loan")], "housing": "none", "convictions": [{}]}
    places = {(p.table, p.row, p.field) for p in problems_of(plain)}
    assert places >= {
        ("debts", 0, ""),
        ("debts", 1, "kind"),
        ("housing", -1, ""),
        ("convictions", 0, "offence_class"),
        ("convictions", 0, "recorded_at"),
    }


def test_without_a_person_the_facts_are_examined_all_the_same():
    problems = problems_of({"debts": [debt(kind="loan")]})
    assert {(p.table, p.field) for p in problems} == {
        ("dossier", "person_id"),
        ("dossier", "person"),
        ("debts", "kind"),
    }


def test_a_future_fact_is_refused_only_with_a_limit():
    plain = {**person(), "debts": [debt(recorded_at="2190-01-01")]}
    assert read_dossier(plain).debts
    (problem,) = problems_of(plain, dt.date(2024, 1, 1))
    assert problem.expected == "a day on or before 2024-01-01"
    assert problem.value == "2190-01-01"


def test_a_row_that_cannot_be_read_as_a_whole_does_not_hide_another_in_lenient_reading():
    plain = {**person(), "debts": [3, debt(until="2019-01-01"), debt()]}
    dossier, problems = read_dossier_leniently(plain)
    assert {p.row for p in problems} == {0, 1}
    assert len(dossier.debts) == 1


class Stubborn:
    def __repr__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("nan"), "nan"),
        (True, "True"),
        ("a\nb", r"'a\nb'"),
        ("\u202eabc", "'\\u202eabc'"),
        (10**5000, "<an integer of thousands of digits>"),
        (Stubborn(), "<Stubborn instance"),
        ([[[[[1]]]]], "[[[[...]]]]"),
    ],
    ids=["nan", "flag", "two lines", "unprintable", "huge", "stubborn", "nested"],
)
def test_any_value_can_be_shown(value, text):
    assert text in shown(value)
    assert len(shown("x" * 1000)) < 70
    assert str(Problem("debts", 3, "kind", value, "better")).startswith("debts[3].kind = ")


def test_every_table_names_a_wrong_code_with_the_permitted_ones():
    for name, spec in tables().items():
        codes = [c for c in spec.columns.values() if c.kind == "code" and c.required]
        for column in codes:
            problems = problems_of({**person(), name: [{column.name: "x"}]})
            (found,) = [p for p in problems if p.field == column.name]
            assert found.expected == f"one of {', '.join(column.codes)}"


def test_a_contradiction_is_named_in_a_row_in_which_something_else_is_wrong_too():
    plain = person()
    plain["person"]["birth_date"] = "1950-01-02"
    plain["conduct"] = [
        {
            "recorded_at": "1950-01-01",
            "occurred_on": "1950-01-01",
            "kind": "incident",
            "category": "living_climate",
            "grade": "desired",
        }
    ]
    plain["programme"] = [
        {
            "recorded_at": "1950-01-01",
            "kind": "goal",
            "occurred_on": "1950-01-01",
            "status": "met",
        }
    ]
    named = {(p.table, p.field) for p in problems_of(plain)}
    assert {("conduct", "occurred_on"), ("conduct", "grade"), ("programme", "status")} <= named


def test_a_value_that_cannot_be_read_is_not_said_to_contradict_another():
    plain = person()
    plain["programme"] = [
        {
            "recorded_at": "2020-01-01",
            "kind": "goal",
            "occurred_on": "2020-01-01",
            "status": "met",
            "status_on": "long ago",
        },
        {
            "recorded_at": "2020-01-01",
            "kind": "goal",
            "occurred_on": "2020-01-01",
            "status": "gone",
            "status_on": "2020-01-01",
        },
    ]
    found = [(p.row, p.field) for p in problems_of(plain)]
    assert sorted(found) == [(0, "status_on"), (1, "status")]
