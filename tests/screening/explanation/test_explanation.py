"""Reasons, what helps and when: each is held against the chain that it explains."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import EXAMPLES, OUTCOMES, example
from risicoscreener import Screener
from risicoscreener.decision import OUTCOMES as RANKS
from risicoscreener.dossier import read_dossier
from risicoscreener.dossier.known import as_known
from risicoscreener.screening.explanation import Explanation, explain
from risicoscreener.screening.screener import default_screener

ONE_DAY = dt.timedelta(days=1)
DAYS = st.dates(dt.date(2022, 6, 1), dt.date(2024, 4, 15))
BOOK = default_screener().policies
KINDS = BOOK.kinds(dt.date(2022, 6, 1))
"""The kinds of decision that there are on every day of these tests."""


def rank(outcome: str) -> int:
    return RANKS.index(outcome)


def explained(name: str, kind: str, day: dt.date) -> Explanation:
    return explain(example(name), kind, as_of=day)


def at(name: str, kind: str, known: dt.date, day: dt.date) -> str:
    """The outcome on a day of what was known on an earlier one."""
    dossier = as_known(read_dossier(example(name)), known)
    return default_screener().route(kind).look(dossier, day).decided.outcome


CASES = st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(KINDS), DAYS)


@given(CASES)
@settings(max_examples=30, deadline=None)
def test_an_explanation_is_of_the_screening_of_that_day(case):
    name, kind, day = case
    found = explained(*case)
    screened = default_screener().screen(json.dumps(example(name)), kind, as_of=day)
    assert found.result == screened
    assert found.reasons or found.result.rule.id


@given(CASES)
@settings(max_examples=30, deadline=None)
def test_reasons_are_what_the_rule_names_at_the_level_found(case):
    name, kind, _ = case
    found = explained(*case)
    unmet = {r.name for r in found.result.requirements if r.level != "met"}
    levels = {d.name: d.level for d in found.result.domains}
    for reason in found.reasons:
        if reason.part == "requirement":
            assert reason.name in unmet
        else:
            assert levels[reason.name] == reason.level
    if found.result.rule.id.startswith("not_admissible"):
        assert {r.name for r in found.reasons} == unmet
    assert name
    assert kind


@given(CASES)
@settings(max_examples=30, deadline=None)
def test_waiting_leads_to_a_better_outcome_on_that_day_and_not_before(case):
    name, kind, day = case
    found = explained(*case)
    now = rank(found.result.outcome)
    if found.waiting is None:
        assert rank(at(name, kind, day, day + 30 * ONE_DAY)) <= now
        return
    then = found.waiting.day
    assert at(name, kind, day, then) == found.waiting.outcome
    assert rank(found.waiting.outcome) > now
    assert rank(at(name, kind, day, then - ONE_DAY)) <= now


@given(CASES)
@settings(max_examples=30, deadline=None)
def test_what_comes_with_time_has_come_on_its_day_and_not_the_day_before(case):
    name, kind, day = case
    found = explained(*case)
    route = default_screener().route(kind)
    dossier = as_known(read_dossier(example(name)), day)
    compiled = route.policies[route.look(dossier, day).at].compiled
    ids = [r.id for r in compiled.policy.requirements]
    for step in found.first:
        if step.part != "requirement" or step.from_day is None:
            continue
        for on, met in ((step.from_day, 0), (step.from_day - ONE_DAY, None)):
            inputs = route.inputs_of(route.look(dossier, day).at, route.features_of(dossier, on))
            clause = compiled.requirement_clauses[ids.index(step.name)]
            from risicoscreener.decision.compiled import truth

            assert (truth(*clause, inputs) == 0) is (met == 0)


@given(CASES)
@settings(max_examples=30, deadline=None)
def test_what_helps_is_a_better_cell_of_the_policy(case):
    found = explained(*case)
    for way in found.helps:
        assert rank(way.outcome) > rank(found.result.outcome)
        assert way.steps
    opened = [way.open for way in found.helps]
    assert opened == sorted(opened, reverse=True)


def test_intolerable_conduct_is_something_to_wait_for_and_to_work_on():
    found = explain((EXAMPLES / "deny.json").read_bytes(), "leave")
    (reason,) = found.reasons
    assert (reason.name, reason.level) == ("conduct", "intolerable")
    assert "intolerable_incidents_6m" in reason.features
    (way,) = found.helps
    assert [act.feature for act in way.steps[0].acts] == ["intolerable_incidents_6m"]
    # The incident of 19 February 2024 counts for 182 days.
    assert way.steps[0].from_day == dt.date(2024, 2, 19) + dt.timedelta(days=182)
    assert found.waiting is not None
    assert found.waiting.day == way.steps[0].from_day
    aggression = [f for f in found.facts if "agressie" in f.text.nl]
    assert [f.table for f in aggression] == ["conduct"]


def test_facts_are_those_of_the_dossier_with_who_holds_them():
    raw = example("deep_assessment")
    found = explain(raw, "leave")
    for fact in found.facts:
        row = raw[fact.table][fact.position]
        assert row["recorded_at"] == fact.recorded_at.isoformat()
        assert fact.used_for
        assert fact.holder.nl
        assert fact.source
    places = [(f.table, f.position) for f in found.facts]
    assert len(places) == len(set(places))


def test_bad_rows_are_said_to_be_the_reason_and_time_does_not_help():
    raw = example("grant")
    raw["conduct"][0]["grade"] = "perfect"
    found = explain(raw, "leave", on_error="quarantine")
    assert found.result.outcome == "deny"
    assert [r.name for r in found.reasons] == ["dossier"]
    assert found.waiting is None


def test_another_screener_is_used_when_given(tmp_path):
    screener = Screener.load()
    assert explain(example("grant"), screener=screener).result.outcome == "grant"


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_explanation_goes_to_json(name):
    plain = explain(example(name), "leave").to_dict()
    assert plain["result"]["outcome"] == name
    assert json.dumps(plain)
