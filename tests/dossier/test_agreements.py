"""What one field of a row asks of another: a date comes with its value, a grade fits its kind."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import (
    DossierTables,
    dossier_json_schema,
    read_dossier,
    read_dossier_leniently,
)
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DossierError
from strategies import a_person as person
from strategies import applies, dossiers

STAY = {"recorded_at": "2024-01-01", "arrived_on": "2024-01-01", "regime": "sentence"}
LEAVE = {"recorded_at": "2024-02-01", "kind": "short_leave", "asked_on": "2024-01-10"}
DECIDED = {**LEAVE, "decision": "granted", "decided_on": "2024-01-12"}
GOAL = {"recorded_at": "2024-02-01", "kind": "goal", "occurred_on": "2024-01-10", "goal": "housing"}
CONDUCT = {"recorded_at": "2024-02-01", "occurred_on": "2024-01-10", "category": "reintegration"}
ASKED = {"recorded_at": "2024-02-01", "asked_on": "2024-01-10", "done_on": "2024-01-20"}

REFUSED = {
    "ended without an outcome": (
        "liberties",
        {**DECIDED, "started_on": "2024-01-15", "ended_on": "2024-01-16"},
        "outcome",
        None,
        "a value, since ended_on is given",
    ),
    "decided without a decision": (
        "liberties",
        {**LEAVE, "decided_on": "2024-01-12"},
        "decision",
        None,
        "a value, since decided_on is given",
    ),
    "a day of status without a status": (
        "programme",
        {**GOAL, "status_on": "2024-01-20"},
        "status",
        None,
        "a value, since status_on is given",
    ),
    "a deep assessment that was done without an outcome": (
        "assessments",
        {**ASKED, "kind": "deep_risk_assessment"},
        "outcome",
        None,
        "a value, since done_on is given and kind is deep_risk_assessment",
    ),
    "a positive act that is undesired": (
        "conduct",
        {**CONDUCT, "kind": "positive_act", "grade": "undesired"},
        "grade",
        "undesired",
        "desired, since kind is positive_act",
    ),
    "a positive act that is intolerable": (
        "conduct",
        {**CONDUCT, "kind": "positive_act", "grade": "intolerable"},
        "grade",
        "intolerable",
        "desired, since kind is positive_act",
    ),
    "an incident that is desired": (
        "conduct",
        {**CONDUCT, "kind": "incident", "grade": "desired"},
        "grade",
        "desired",
        "undesired or intolerable, since kind is incident",
    ),
    "a conditional part longer than the sentence": (
        "detentions",
        {**STAY, "sentence_days": 100, "conditional_days": 101},
        "conditional_days",
        101,
        "at most sentence_days (100)",
    ),
    "a sentence of no days": (
        "detentions",
        {**STAY, "sentence_days": 0},
        "sentence_days",
        0,
        "1 or more, since regime is sentence or self_reporter",
    ),
}
ACCEPTED = {
    "an end with its outcome": ("liberties", {**DECIDED, "ended_on": "2024-01-16", "outcome": "late"}),
    "no end yet": ("liberties", {**DECIDED, "started_on": "2024-01-15"}),
    "a report of needs, without a word for or against": ("assessments", {**ASKED, "kind": "needs_assessment"}),
    "a week that was desired": ("conduct", {**CONDUCT, "kind": "week_review", "grade": "desired"}),
    "a week that was not": ("conduct", {**CONDUCT, "kind": "week_review", "grade": "undesired"}),
    "a sentence that is conditional as a whole": ("detentions", {**STAY, "sentence_days": 9, "conditional_days": 9}),
    "a conditional part of a sentence that is not given": ("detentions", {**STAY, "conditional_days": 9}),
    "remand of no days": ("detentions", {**STAY, "regime": "remand", "sentence_days": 0}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "row", "field", "value", "expected"), REFUSED.values(), ids=REFUSED
)
def test_a_row_that_contradicts_itself_is_named_with_what_was_expected(
    table, row, field, value, expected
):  # fmt: skip
    source = {**person(), table: [row]}
    with pytest.raises(DossierError) as caught:
        read_dossier(source)
    (problem,) = caught.value.problems
    assert (problem.table, problem.row, problem.field) == (table, 0, field)
    assert (problem.value, problem.expected) == (value, expected)
    kept, problems = read_dossier_leniently(source)
    assert not getattr(kept, table)
    assert problems == caught.value.problems


@pytest.mark.parametrize(("table", "row"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_row_that_does_not_is_read(table, row):
    source = {**person(), table: [row]}
    read = read_dossier(source)
    assert len(getattr(read, table)) == 1
    assert DossierTables.from_dossiers([read]).n_persons == 1
    jsonschema.validate(source, dossier_json_schema())


@pytest.mark.parametrize("name", [name for name in REFUSED if "longer" not in name])
def test_the_schema_refuses_what_the_reader_refuses(name):
    table, row, *_ = REFUSED[name]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**person(), table: [row]}, dossier_json_schema())


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_value_that_its_date_asks_for_cannot_be_left_out(data):
    name = data.draw(st.sampled_from(["programme", "liberties", "assessments"]))
    plain = json.loads(data.draw(dossiers(only=(name,), person_id="p1")).to_json())
    found = [
        (i, one.field)
        for i, row in enumerate(plain.get(name, []))
        for one in tables()[name].agreements
        if applies(one, row)
    ]
    for i, field in found:
        lacking = json.loads(json.dumps(plain))
        del lacking[name][i][field]
        with pytest.raises(DossierError) as caught:
            read_dossier(lacking)
        assert (i, field) in {(p.row, p.field) for p in caught.value.problems}


def test_every_agreement_names_fields_and_codes_that_there_are():
    for spec in tables().values():
        for one in spec.agreements:
            assert one.field in spec.columns
            assert one.at_most is None or one.at_most in spec.columns
            assert set(one.codes) <= set(spec.columns[one.field].codes)
            for name, codes in one.where:
                assert set(codes) <= set(spec.columns[name].codes)
