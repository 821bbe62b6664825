"""From when what is possible: the same tests that decide, on every day, with what is known now."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cases import example
from risicoscreener.decision import PolicyBook
from risicoscreener.decision.compiled import CompiledPolicy
from risicoscreener.decision.policy import Policy
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.known import as_known
from risicoscreener.errors import DossierError, PolicyError
from risicoscreener.features import Feature, catalogue
from risicoscreener.screening import Screener, latest_day
from risicoscreener.screening.admissible import NEVER, admissible, admissible_many
from risicoscreener.screening.admissible.timeline import Span
from risicoscreener.screening.picture.known import known_tables
from strategies import as_of_days, dossier_sets, dossiers

DAY = dt.timedelta(days=1)
TODAY = dt.date.today()

HEAD = """
kind = "trial"
valid_from = {first}
date_basis = "decision"
validity_days = 28
title = {{ nl = "proef", en = "trial" }}
status = {{ nl = "proef", en = "trial" }}
domains = []
"""
REQUIREMENT = """
[[requirements]]
id = "{id}"
text = {{ nl = "{id}", en = "{id}" }}
source = "project"
supplier = {{ nl = "iemand", en = "someone" }}
all = [{test}]
"""
RULES = """
[[rules]]
id = "not_admissible"
text = { nl = "niet", en = "not" }
outcome = "deny"
source = "project"
when = { admissibility = ["not_met", "unknown"] }

[[rules]]
id = "rest"
text = { nl = "rest", en = "rest" }
outcome = "grant"
source = "project"
"""
BY_HAND = {
    # Of 540 days from 1 January 2022; the release is expected on 25 June 2023.
    "third": ("{ input = 'hand_third', min = 0 }", "2022-06-30", "2023-06-25"),
    "half": ("{ input = 'hand_half', min = 0 }", "2022-09-28", "2023-06-25"),
    "six_months_of_30_days": ("{ input = 'served_days', min = 180 }", "2022-06-30", "2023-06-25"),
    "last_sixth": ("{ input = 'hand_sixth', min = 0 }", "2023-03-27", "2023-06-25"),
    "four_months_left": ("{ input = 'days_until_release', min = 120 }", "2022-01-01", "2023-02-25"),
    "last_thirty_days": (
        "{ input = 'days_until_release', min = 0, max = 30 }",
        "2023-05-26",
        "2023-06-25",
    ),
}


def hand_features():
    def linear(name, terms):
        text = {"nl": name, "en": name}
        return Feature(
            name, "detention", "linear", text, "days", "project", terms=terms, low=-1e6, high=1e6
        )

    return catalogue().with_features(
        linear("hand_third", {"served_days": 3.0, "unconditional_days": -1.0}),
        linear("hand_half", {"served_days": 2.0, "unconditional_days": -1.0}),
        linear("hand_sixth", {"unconditional_days": 1.0, "days_until_release": -6.0}),
    )


def trial_policy(tests, first="2000-01-01", until=None):
    text = HEAD.format(first=first)
    if until:
        text = f"valid_until = {until}\n{text}"
    text += "".join(REQUIREMENT.format(id=name, test=test) for name, test in tests.items())
    return CompiledPolicy(Policy.from_toml(text.replace("'", '"') + RULES, "trial.toml"))


def trial(screener, *policies):
    return Screener(screener.bundle, PolicyBook(policies), hand_features())


def sentenced(**changes):
    stay = {
        "recorded_at": "2022-01-01",
        "arrived_on": "2022-01-01",
        "regime": "sentence",
        "sentence_days": 540,
        "conditional_days": 0,
        "expected_release_on": "2023-06-25",
    }
    return {
        "person_id": "SYN-000001",
        "person": {"birth_date": "1990-01-01", "sex": "male"},
        "detentions": [{**stay, **changes}],
    }


def test_dates_are_those_computed_by_hand(screener):
    own = trial(screener, trial_policy({name: test for name, (test, _, _) in BY_HAND.items()}))
    found = admissible(sentenced(), as_of="2022-01-10", screener=own)
    assert (found.first, found.last) == (dt.date(2022, 1, 1), dt.date(2023, 6, 25))
    assert found.release_on == dt.date(2023, 6, 25)
    for course in found["trial"].requirements:
        _, first, last = BY_HAND[course.name]
        met = [span for span in course.spans if span.level == "met"]
        assert [(str(s.first), str(s.last)) for s in met] == [(first, last)], course.name


def test_all_are_met_in_the_days_that_the_requirements_share(screener):
    tests = {name: BY_HAND[name][0] for name in ("half", "four_months_left")}
    found = admissible(
        sentenced(), as_of="2022-01-10", screener=trial(screener, trial_policy(tests))
    )["trial"]
    assert str(found.possible_from) == "2022-09-28"
    assert str(found.possible_until) == "2023-02-25"
    assert not found.is_possible
    assert [(i.name, str(i.met_from)) for i in found.lacking] == [("half", "2022-09-28")]


def test_the_version_changes_on_the_day_on_which_the_law_does(screener):
    old = trial_policy({"third": BY_HAND["third"][0]}, until="2022-08-31")
    new = trial_policy({"half": BY_HAND["half"][0]}, first="2022-09-01")
    found = admissible(sentenced(), as_of="2022-02-01", screener=trial(screener, old, new))["trial"]
    assert [(str(w.first), str(w.last)) for w in found.windows] == [
        ("2022-06-30", "2022-08-31"),
        ("2022-09-28", "2023-06-25"),
    ]
    assert found.level("third", dt.date(2022, 8, 31)) == "met"
    assert found.level("third", dt.date(2022, 9, 1)) is None


def test_days_before_the_first_version_have_no_policy(screener):
    policy = trial_policy({"third": BY_HAND["third"][0]}, first="2022-03-01")
    found = admissible(sentenced(), as_of="2022-02-01", screener=trial(screener, policy))["trial"]
    assert [(str(s.first), str(s.last)) for s in found.without_policy] == [
        ("2022-01-01", "2022-02-28")
    ]
    assert not found.lacking


def test_what_is_unknown_names_the_fact_that_is_needed(screener):
    policy = trial_policy({"third": BY_HAND["third"][0]})
    plain = sentenced()
    del plain["detentions"][0]["sentence_days"]
    found = admissible(plain, as_of="2022-02-01", screener=trial(screener, policy))
    assert found["trial"].possible_from is None
    (lacking,) = found["trial"].lacking
    assert (lacking.level, lacking.met_from) == ("unknown", None)
    assert [w.feature for w in lacking.waiting] == ["hand_third"]
    for lang, word in (("nl", "onbekend"), ("en", "unknown")):
        assert word in found.text(lang)


def test_without_a_day_of_release_two_years_are_looked_ahead(screener):
    plain = sentenced()
    del plain["detentions"][0]["expected_release_on"]
    found = admissible(plain, "leave", "2022-02-01", screener=screener)
    assert found.release_on is None
    assert found.last == dt.date(2022, 2, 1) + 730 * DAY


def test_a_later_fact_does_not_change_the_line(screener):
    plain = sentenced(fact_id="stay")
    before = admissible(plain, as_of="2022-02-01", screener=screener)
    later = {**plain["detentions"][0], "recorded_at": "2022-02-02", "fact_id": "stay-2"}
    plain["detentions"].append({**later, "supersedes": "stay", "sentence_days": 300})
    assert admissible(plain, as_of="2022-02-01", screener=screener) == before
    assert admissible(plain, as_of="2022-02-02", screener=screener) != before


def test_an_outcome_that_came_true_later_is_not_known_ahead(screener):
    plain = sentenced()
    plain["liberties"] = [
        {
            "recorded_at": "2022-01-05",
            "kind": "extramural_leave",
            "asked_on": "2022-01-05",
            "decision": "granted",
            "decided_on": "2022-03-01",
        }
    ]
    name = "extramural_leave_in_force"
    found = admissible(plain, "low_security", "2022-02-01", screener=screener)["low_security"]
    course = [c for c in found.requirements if "extramural" in c.name]
    if not course:
        pytest.skip(f"no requirement reads {name}")
    assert {s.level for s in course[0].spans if s.first > dt.date(2022, 2, 1)} <= {"not_met"}


@settings(max_examples=25, deadline=None)
@given(dossiers(), as_of_days(), st.data())
def test_a_span_says_what_a_screening_of_that_day_says(screener, dossier, as_of, data):
    as_of = min(as_of, TODAY)
    assume(latest_day(dossier) <= TODAY and dossier.person.birth_date <= as_of)
    kind = data.draw(st.sampled_from(screener.kinds))
    found = admissible(dossier, kind, as_of, screener=screener)
    known, timeline = as_known(dossier, as_of), found[kind]
    days = [found.first, as_of, found.last, *(w.first for w in timeline.windows)]
    days += [w.last + DAY for w in timeline.windows if w.last < found.last]
    ahead = st.integers(0, (found.last - found.first).days)
    days += [found.first + n * DAY for n in data.draw(st.lists(ahead, max_size=3))]
    for day in days:
        if day < known.person.birth_date:
            continue
        try:
            result = screener.route(kind).screen_one(known, day, 0)
        except PolicyError:
            assert any(s.first <= day <= s.last for s in timeline.without_policy)
            continue
        levels = {r.name: timeline.level(r.name, day) for r in result.requirements}
        assert levels == {r.name: r.level for r in result.requirements}
        if day >= as_of:
            in_window = any(w.first <= day <= w.last for w in timeline.windows)
            assert in_window == all(r.level == "met" for r in result.requirements)


@settings(max_examples=15, deadline=None)
@given(dossier_sets(min_persons=1), as_of_days(), st.data())
def test_many_people_have_the_days_of_each(screener, listed, as_of, data):
    as_of = min(as_of, TODAY)
    listed = [d for d in listed if d.person.birth_date <= as_of and latest_day(d) <= TODAY]
    assume(listed)
    kind = data.draw(st.sampled_from(screener.kinds))
    table = admissible_many(
        DossierTables.from_dossiers(listed), kind, as_of, screener=screener, days_ahead=200
    )
    for row, dossier in enumerate(listed):
        last = dt.date(1970, 1, 1) + int(table.last[row]) * DAY
        one = admissible(dossier, kind, as_of, until=last, screener=screener)[kind]
        for numbers, day in (
            (table.possible_from, one.possible_from),
            (table.possible_until, one.possible_until),
        ):
            assert numbers[row] == (NEVER if day is None else (day - dt.date(1970, 1, 1)).days)
        assert table.now[row] == one.is_possible


@settings(max_examples=50, deadline=None)
@given(dossier_sets(min_persons=1), as_of_days())
def test_tables_are_cut_off_as_records_are(listed, day):
    tables = DossierTables.from_dossiers(listed)
    cut = known_tables(tables, day)
    assert list(cut.to_dossiers()) == [as_known(d, day) for d in listed]


def test_people_in_groups_have_the_same_days(screener, cohort, monkeypatch):
    day = dt.date(2021, 3, 1)
    whole = admissible_many(cohort.tables, "leave", day, screener=screener, days_ahead=40)
    monkeypatch.setattr("risicoscreener.screening.admissible.many.ROWS_AT_ONCE", 500)
    parts = admissible_many(cohort.tables, "leave", day, screener=screener, days_ahead=40)
    assert whole.to_frame().equals(parts.to_frame())
    assert (whole.possible_from != NEVER).sum() > 20
    assert np.array_equal(whole.now, whole.possible_from == (day - dt.date(1970, 1, 1)).days)


def test_the_frame_and_the_plain_values_say_the_same(screener):
    found = admissible(example("grant"), as_of="2023-06-01", screener=screener)
    frame = found.to_frame()
    assert set(frame["level"]) <= {"met", "not_met", "unknown"}
    assert len(frame) == sum(len(c.spans) for k in found.kinds for c in k.requirements)
    plain = found.to_dict()
    assert plain["kinds"][0]["possible_from"] == str(found.kinds[0].possible_from)
    with pytest.raises(KeyError, match="parole"):
        found["parole"]


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda s, d: admissible(d, "parole", screener=s), PolicyError, "parole"),
        (lambda s, d: admissible(d, as_of="2099-01-01", screener=s), DossierError, "today"),
        (lambda s, d: admissible(d, until=dt.date(2001, 1, 1), screener=s), DossierError, "until"),
        (
            lambda s, d: admissible_many(
                DossierTables.from_dossiers([read_dossier(d)]),
                "leave",
                "2022-02-01",
                days_ahead=-1,
                screener=s,
            ),
            DossierError,
            "days_ahead",
        ),
    ],
)
def test_bad_input_is_one_clear_error(screener, call, error, says):
    with pytest.raises(error, match=says):
        call(screener, sentenced())


def test_where_no_release_is_expected_it_is_said_how_far_was_looked(screener):
    plain = example("grant")
    for row in plain["detentions"]:
        for name in ("expected_release_on", "conditional_release_on"):
            row.pop(name, None)
    line = admissible(plain, "leave", screener=screener)
    assert line.release_on is None
    day = f"{line.last.day} {line.last:%B} {line.last.year}"
    assert f"No coming day of release is known; looked at up to and including {day}" in line.text(
        "en"
    )


def test_days_in_several_rows_are_told_one_after_the_other(screener):
    line = admissible(example("grant"), "leave", screener=screener)
    (kind,) = line.kinds
    (window,) = kind.windows
    day = window.first
    two = msgspec.structs.replace(kind, windows=(Span(day, day), window))
    told = msgspec.structs.replace(line, kinds=(two,)).text("en")
    when = f"{day.day} {day:%B} {day.year}"
    assert f"All legal requirements are met on {when}, from {when} up to and including" in told
