"""What nobody noted, or what contradicts itself, gives nobody more liberty."""

from __future__ import annotations

import copy
import datetime as dt
import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cases import example
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DossierError, PolicyError
from strategies import applies, dossiers

TODAY = dt.date(2024, 4, 15)
FAMILY = (
    "leave",
    "long_leave",
    "incidental_leave",
    "penitentiary_programme",
    "conditional_release",
)


def ago(days: int) -> str:
    return (TODAY - dt.timedelta(days=days)).isoformat()


def a_leave(began, ended=None, outcome="returned", **changes):
    row = {
        "recorded_at": ago(began + 9),
        "kind": "short_leave",
        "asked_on": ago(began + 9),
        "decision": "granted",
        "decided_on": ago(began + 5),
        "started_on": ago(began),
        **({} if ended is None else {"ended_on": ago(ended), "outcome": outcome}),
    }
    return {**row, **changes}


def with_rows(table, *rows):
    plain = example("grant")
    plain[table] = [*plain.get(table, []), *rows]
    return plain


def screened(screener, plain, kind="leave", **how):
    return screener.screen(plain, kind, as_of=TODAY, **how)


def test_a_leave_that_ended_well_is_no_hindrance(screener):
    assert screened(screener, with_rows("liberties", a_leave(40, 39))).outcome == "grant"


def test_a_leave_that_ended_nobody_knows_how_is_refused_or_set_apart(screener):
    plain = with_rows("liberties", a_leave(40, 39))
    del plain["liberties"][0]["outcome"]
    with pytest.raises(DossierError, match=r"liberties\[0\].outcome"):
        screened(screener, plain)
    found = screened(screener, plain, on_error="quarantine")
    assert found.domain("dossier").level == "flawed"
    assert found.outcome == "deny"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_leaving_out_a_value_that_its_date_asks_for_never_grants(screener, data):
    """For anybody, and for any decision in which liberty is at stake."""
    plain = json.loads(data.draw(dossiers(person_id="p1")).to_json())
    places = [
        (name, i, one.field)
        for name, spec in tables().items()
        for i, row in enumerate(plain.get(name, []))
        for one in spec.agreements
        if one.needed and applies(one, row)
    ]
    assume(places)
    name, i, field = data.draw(st.sampled_from(places))
    del plain[name][i][field]
    for kind in FAMILY:
        try:
            found = screened(screener, plain, kind, on_error="quarantine")
        except PolicyError:  # of a judgment before any version
            continue
        assert found.outcome != "grant"


@settings(max_examples=60, deadline=None)
@given(
    st.integers(32, 400),
    st.sampled_from(["general_leave", "short_leave", "long_leave", "incidental_leave"]),
    st.sampled_from(["returned", "late", "absconded", "offence", "revoked"]),
    st.sampled_from(FAMILY),
)
def test_forgetting_how_and_when_a_leave_ended_never_gives_more(
    screener, began, kind, outcome, decision
):
    assume(TODAY - dt.timedelta(days=began + 9) >= dt.date(2023, 3, 6))
    plain = with_rows("liberties", a_leave(began, began - 1, outcome, kind=kind))
    forgotten = copy.deepcopy(plain)
    for field in ("ended_on", "outcome"):
        del forgotten["liberties"][0][field]
    without = screened(screener, forgotten, decision)
    assert without.outcome == "deny"
    if screened(screener, plain, decision).outcome == "grant":
        track = "reliability" if decision == "incidental_leave" else "conduct"
        assert without.domain(track).level == "unknown"


def test_a_leave_that_runs_is_no_hindrance_within_a_month(screener):
    assert screened(screener, with_rows("liberties", a_leave(31))).outcome == "grant"
    assert screened(screener, with_rows("liberties", a_leave(32))).outcome == "deny"


@pytest.mark.parametrize(("ended", "level"), [(None, "met"), (-1, "met"), (0, "not_met")])
def test_work_outside_that_has_stopped_gives_no_place(screener, ended, level):
    work = a_leave(40, ended, kind="extramural_leave")
    found = screened(screener, with_rows("liberties", work), "low_security")
    (requirement,) = [r for r in found.requirements if r.name == "extramural_leave"]
    assert requirement.level == level


def review(days, grade="undesired", **changes):
    row = {"recorded_at": ago(days), "occurred_on": ago(days), "kind": "week_review"}
    return {**row, "category": "living_climate", "grade": grade, **changes}


@pytest.mark.parametrize("decision", ["leave", "long_leave", "low_security", "conditional_release"])
@pytest.mark.parametrize(("number", "level"), [(2, "good"), (3, "mixed")])
def test_undesired_weeks_make_conduct_mixed(screener, decision, number, level):
    rows = [review(50 + 7 * i) for i in range(number)]
    found = screened(screener, with_rows("conduct", *rows), decision)
    assert found.domain("conduct").level == level


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("conduct", review(20, "undesired", kind="positive_act")),
        ("conduct", review(20, "desired", kind="incident")),
    ],
)
def test_a_row_that_contradicts_itself_is_not_passed_over(screener, table, row):
    found = screened(screener, with_rows(table, row), on_error="quarantine")
    assert found.outcome == "deny"
    assert found.quarantined_rows == 1


@pytest.mark.parametrize(("field", "value"), [("conditional_days", 601), ("sentence_days", 0)])
def test_a_sentence_that_cannot_be_is_set_apart(screener, field, value):
    plain = example("grant")
    plain["detentions"][0][field] = value
    with pytest.raises(DossierError, match=field):
        screened(screener, plain)
    assert screened(screener, plain, on_error="quarantine").outcome == "deny"
