"""Who is not on the list of the morning has, but for the drift of a probability, the same picture."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from following import DAY, incident, index_case, inquiry, person, stay
from risicoscreener.decision.policy import CERTAINTY, RISK
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import DossierError, PolicyError
from risicoscreener.screening import latest_day
from risicoscreener.screening.picture import rescreen_list
from strategies import as_of_days, dossier_sets

TODAY = dt.date.today()
DRIFTS = {RISK, CERTAINTY}


def levels_of(result):
    found = {d.name: d.level for d in result.domains if d.name not in DRIFTS}
    return result.policy.id, found, [r.level for r in result.requirements]


def look(screener, dossier, kind, day):
    try:
        return levels_of(screener.screen(dossier, kind, as_of=day))
    except PolicyError:
        return None


@settings(max_examples=30, deadline=None)
@given(dossier_sets(min_persons=1), as_of_days(), st.integers(0, 400), st.data())
def test_who_is_not_on_the_list_has_not_moved(screener, listed, day, ago, data):
    day = min(day, TODAY)
    since = day - ago * DAY
    listed = [d for d in listed if d.person.birth_date <= since and latest_day(d) <= TODAY]
    assume(listed)
    kinds = data.draw(st.lists(st.sampled_from(screener.kinds), unique=True, min_size=1))
    tables = DossierTables.from_dossiers(listed)
    found = rescreen_list(tables, day, since, kinds=kinds, screener=screener, only_inside=False)
    for row, dossier in enumerate(listed):
        for kind in kinds:
            if not found.reasons(row, kind):
                now, before = (look(screener, dossier, kind, on) for on in (day, since))
                assert now == before


def one(**facts):
    base = {**person(), "detentions": [stay(fact_id="stay")], "convictions": [index_case()]}
    base["inquiries"] = [inquiry(s) for s in ("conduct", "victims", "liberties", "assessments")]
    return DossierTables.from_dossiers([read_dossier({**base, **facts})])


def reasons(screener, tables, day, since, kind="leave", **options):
    return rescreen_list(tables, day, since, screener=screener, **options).reasons(0, kind)


def test_nothing_new_is_not_on_the_list(screener):
    assert reasons(screener, one(), "2022-03-01", "2022-02-15") == ()


def test_a_fact_since_the_last_screening_is(screener):
    tables = one(conduct=[incident("2022-02-20")])
    assert "new_fact" in reasons(screener, tables, "2022-03-01", "2022-02-15")
    assert "new_fact" not in reasons(screener, tables, "2022-03-01", "2022-02-20")
    assert "new_fact" not in reasons(screener, tables, "2022-02-19", "2022-02-15")


def test_a_fact_that_the_kind_does_not_read_is_not(screener):
    audit = {"recorded_at": "2022-02-20", "noted_on": "2022-02-20", "attribute": "religion"}
    tables = one(audit=[{**audit, "value": "none"}])
    assert reasons(screener, tables, "2022-03-01", "2022-02-15") == ()


def test_a_field_that_came_true_is(screener):
    leave = {"kind": "short_leave", "asked_on": "2022-02-01", "decision": "granted"}
    dates = {"recorded_at": "2022-02-01", "decided_on": "2022-02-03", "started_on": "2022-02-10"}
    ends = {"ended_on": "2022-02-20", "outcome": "late"}
    tables = one(liberties=[{**leave, **dates, **ends}])
    assert "new_fact" in reasons(screener, tables, "2022-03-01", "2022-02-15")
    assert "new_fact" not in reasons(screener, tables, "2022-03-01", "2022-02-20")


def test_a_window_that_passed_is(screener):
    tables = one(conduct=[incident("2022-02-01")])
    window = dt.date(2022, 2, 1) + 183 * DAY
    since = window - 10 * DAY
    assert "level_changed" in reasons(screener, tables, window + 5 * DAY, since)
    assert "new_fact" not in reasons(screener, tables, window + 5 * DAY, since)


def test_a_validity_that_ended_is(screener):
    version = screener.policies.pick("leave", dt.date(2022, 3, 1))
    since = dt.date(2022, 3, 1)
    last = since + version.policy.validity_days * DAY
    assert "validity_expired" not in reasons(screener, one(), last, since)
    assert "validity_expired" in reasons(screener, one(), last + DAY, since)


def test_an_admissible_date_that_came_is(screener):
    goal = {"kind": "goal", "goal": "network", "supports_leave": True, "status": "open"}
    dates = dict.fromkeys(("recorded_at", "occurred_on", "status_on"), "2022-01-10")
    tables = one(programme=[{**goal, **dates}])
    first = dt.date(2023, 8, 26) - 365 * DAY
    found = reasons(screener, tables, first, first - DAY)
    assert {"admissible_reached", "level_changed"} <= set(found)
    assert "admissible_lost" in reasons(screener, tables, "2023-08-27", "2023-08-26")


def test_an_assessment_that_expired_is(screener):
    done = {"kind": "deep_risk_assessment", "asked_on": "2022-02-01", "done_on": "2022-03-01"}
    end = {"recorded_at": "2022-03-01", "outcome": "favourable", "valid_until": "2022-06-01"}
    tables = one(assessments=[{**done, **end}])
    assert "assessment_expired" in reasons(screener, tables, "2022-06-02", "2022-06-01")
    assert "assessment_expired" not in reasons(screener, tables, "2022-06-01", "2022-05-31")


def test_another_version_is(screener):
    tables = one(detentions=[stay(recorded_at="2021-03-01", arrived_on="2021-03-01")])
    assert "policy_changed" in reasons(screener, tables, "2021-07-01", "2021-06-30")


def frame(**columns):
    return pd.DataFrame({"person_id": ["SYN-000001"], "as_of": ["2022-02-15"], **columns})


def test_the_last_results_say_by_what_they_were_made(screener):
    policy = screener.policies.pick("leave", dt.date(2022, 3, 1)).id
    same = frame(decision="leave", policy=policy, bundle=screener.bundle.id)
    assert reasons(screener, one(), "2022-03-01", same) == ()
    other = frame(decision="leave", policy="leave/1999-01-01", bundle="old")
    assert set(reasons(screener, one(), "2022-03-01", other)) == {
        "policy_changed",
        "bundle_changed",
    }


def test_models_are_those_of_the_screening_of_the_kind(screener):
    rows = [("leave", "2022-02-15", "old"), ("low_security", "2022-02-16", screener.bundle.id)]
    columns = ["decision", "as_of", "bundle"]
    last = pd.DataFrame(rows, columns=columns).assign(person_id="SYN-000001")
    assert "bundle_changed" in reasons(screener, one(), "2022-03-01", last)
    assert reasons(screener, one(), "2022-03-01", last, kind="low_security") == ()


def test_who_was_never_screened_is(screener):
    other = frame(decision="low_security")
    assert reasons(screener, one(), "2022-03-01", other) == ("never_screened",)
    assert reasons(screener, one(), "2022-03-01", other, kind="low_security") == ()


def test_the_results_of_a_batch_say_when_each_kind_was_screened(screener):
    results = screener.screen_many(one(), "leave", dt.date(2022, 2, 15)).to_frame()
    assert reasons(screener, one(), "2022-03-01", results) == ()
    found = reasons(screener, one(), "2022-03-01", results, kind="low_security")
    assert found == ("never_screened",)


def test_of_two_screenings_the_latest_counts(screener):
    tables = one(conduct=[incident("2022-02-20")])
    twice = pd.concat([frame().assign(as_of="2022-02-25"), frame()])
    assert "new_fact" not in reasons(screener, tables, "2022-03-01", twice)


def test_a_kind_that_is_named_twice_is_there_once(screener):
    for kinds in ("leave", ["leave", "leave"]):
        found = rescreen_list(one(), "2022-03-01", "2022-02-15", kinds=kinds, screener=screener)
        assert found.kinds == ("leave",)
        assert found.why.shape == (1, 1)


def test_who_is_not_inside_is_left_out(screener):
    tables = one(detentions=[stay(released_on="2022-02-20", fact_id="stay")])
    found = rescreen_list(tables, "2022-03-01", "2022-02-15", screener=screener)
    assert (len(found), len(found.people())) == (0, 0)
    everyone = rescreen_list(
        tables, "2022-03-01", "2022-02-15", screener=screener, only_inside=False
    )
    assert len(everyone) > 0


def test_the_list_as_a_frame_and_in_words(screener, cohort, monkeypatch):
    day = dt.date(2021, 3, 1)
    found = rescreen_list(cohort.tables, day, day - 30 * DAY, screener=screener)
    table = found.to_frame()
    assert len(table) == len(found) > 50
    assert found.counts()["new_fact"] == table["new_fact"].sum()
    place = cohort.tables.person_ids.to_pylist().index(table["person_id"][0])
    kind = str(table["decision"][0])
    text = found.text_of(place, kind)
    assert text.nl
    assert text.nl != text.en
    monkeypatch.setattr("risicoscreener.screening.picture.rescreen.BLOCK", 7)
    parts = rescreen_list(cohort.tables, day, day - 30 * DAY, screener=screener)
    assert np.array_equal(parts.why, found.why)


@pytest.mark.parametrize(
    ("day", "since", "error", "says"),
    [
        ("2099-01-01", "2022-01-01", DossierError, "today"),
        ("2022-01-01", "2022-01-02", DossierError, "last screened"),
        ("2022-03-01", frame(as_of="2022-03-02"), DossierError, "last screened"),
        ("2022-03-01", frame(person_id="nobody"), DossierError, "nobody"),
    ],
)
def test_bad_input_is_one_clear_error(screener, day, since, error, says):
    with pytest.raises(error, match=says):
        rescreen_list(one(), day, since, screener=screener)


def test_a_kind_that_is_not_there(screener):
    with pytest.raises(PolicyError, match="parole"):
        rescreen_list(one(), "2022-03-01", "2022-02-15", kinds=["parole"], screener=screener)


@pytest.mark.parametrize("name", ["decision", "policy", "bundle"])
def test_results_of_last_time_with_a_column_twice_are_refused(screener, name):
    tables = one()
    columns = ["person_id", "as_of", name, name]
    row = [tables.person_ids[0].as_py(), dt.date(2022, 2, 15), "leave", "leave"]
    with pytest.raises(DossierError, match=f"last screened has the column {name} twice"):
        rescreen_list(tables, "2022-03-01", pd.DataFrame([row], columns=columns), screener=screener)
