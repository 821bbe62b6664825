"""On which days features can change, by hand, and that they are looked at on no other day."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.schema import EPOCH
from risicoscreener.features import Catalogue, features_over_days, register_kernel
from risicoscreener.features.changing_days import Calendar, DailyPlan, Facts, may_match
from risicoscreener.features.definition import Case
from risicoscreener.features.events import EventTables
from risicoscreener.features.over_days import Stretches
from strategies import a_debt, a_person

from .strategies import a_feature

NEW_YEAR = dt.date(2024, 1, 1)
KNOWN = ("recorded_at", 0)


def plan_of(*features):
    return Catalogue({feature.name: feature for feature in features}).plan()


def moments(aggregate="count", **changes):
    """The days on which a row can change a feature, and those on which a stay can."""
    (part,) = DailyPlan(plan_of(a_feature("trial", aggregate, **changes))).parts
    (found,) = part.moments.values()
    return found, part.stays


STAYS = {KNOWN, ("released_on", 0)}


@pytest.mark.parametrize(
    ("definition", "days"),
    [
        ({}, {KNOWN}),
        ({"window_days": 30}, {KNOWN, ("since", 30)}),
        ({"window_days": 30, "skip_days": 9}, {KNOWN, ("since", 30), ("since", 9)}),
        ({"open": True}, {KNOWN, ("until", 0)}),
        ({"on": "until"}, {KNOWN, ("until", 0)}),
        ({"on": "until", "skip_days": 9}, {KNOWN, ("until", 0), ("until", 9)}),
        ({"on": "since"}, {KNOWN}),
        ({"where": {"kind": ["fine"]}}, {KNOWN}),
        ({"where": {"arrangement": ["agreed"]}}, {KNOWN, ("arranged_on", 0)}),
        ({"where": {"until": "absent"}}, {KNOWN, ("until", 0)}),
        ({"aggregate": "distinct", "field": "kind"}, {KNOWN}),
        ({"aggregate": "distinct", "field": "arrangement"}, {KNOWN, ("arranged_on", 0)}),
        ({"aggregate": "days_covered"}, {KNOWN, ("until", 0)}),
        (
            {"aggregate": "days_covered", "window_days": 30},
            {KNOWN, ("until", 0), ("since", 30), ("until", 30)},
        ),
        (
            {"aggregate": "slope", "window_days": 30, "bin_days": 10},
            {KNOWN, ("since", 10), ("since", 20), ("since", 30)},
        ),
        ({"aggregate": "kernel", "kernel": "longest_gap"}, {KNOWN}),
        ({"table": "conduct", "window_days": 7}, {KNOWN, ("occurred_on", 7)}),
        ({"table": "detentions", "open": True}, {KNOWN, ("released_on", 0)}),
    ],
)
def test_a_row_counts_anew_when_it_begins_ends_or_passes_an_edge(definition, days):
    assert moments(**definition) == (days, frozenset())


@pytest.mark.parametrize(
    ("definition", "days"),
    [
        ({}, STAYS),
        ({"window_days": 30, "skip_days": 3}, STAYS),
        ({"aggregate": "days_covered"}, STAYS),
        ({"aggregate": "days_covered", "window_days": 30}, {*STAYS, ("arrived_on", 30)}),
    ],
)
def test_a_stay_bounds_anew_when_it_is_known_ends_or_began_as_long_ago_as_a_window(
    definition, days
):
    assert moments(**definition, since_arrival=True)[1] == days


def test_of_one_filter_the_moments_are_those_of_all_that_share_it():
    wide, narrow = a_feature("wide", window_days=90), a_feature("narrow", window_days=30)
    opened = a_feature("opened", open=True, since_arrival=True)
    (part,) = DailyPlan(plan_of(wide, narrow, opened)).parts
    found = {each.open: days for each, days in part.moments.items()}
    assert found == {
        False: {KNOWN, ("since", 90), ("since", 30)},
        True: {KNOWN, ("until", 0)},
    }
    assert part.stays == STAYS


@pytest.mark.usefixtures("own_kernels")
def test_parts_are_of_a_table_and_of_what_is_looked_at_as_often():
    register_kernel("fading", lambda ago: 0.5 ** min(ago), lambda ago, segment, n: np.zeros(n))
    daily = DailyPlan(
        plan_of(
            a_feature("n", cap=3.0),
            a_feature("since", "days_since_last", cap=9.0, none_value=5.0),
            a_feature("covered", "days_covered", cap=9.0),
            a_feature("gap", "kernel", kernel="longest_gap"),
            a_feature("fading", "kernel", kernel="fading"),
            a_feature("conduct", table="conduct"),
            a_feature("sex", "person", field="sex", values={"male": 1.0}),
            a_feature("given", "given", field="elsewhere"),
            a_feature("age", "age"),
        )
    )
    assert [(p.table, p.plan.names, p.measured, p.daily) for p in daily.parts] == [
        ("debts", ("n", "since", "gap"), False, False),
        ("debts", ("covered",), True, False),
        ("debts", ("fading",), False, True),
        ("conduct", ("conduct",), False, False),
        (None, ("sex", "given"), False, False),
    ]
    assert [bool(part.moments) for part in daily.parts] == [True, True, False, True, False]
    bare = {name: f for part in daily.parts for name, f in part.plan.features.items()}
    assert [bare[name].cap for name in ("n", "since", "covered")] == [3.0, None, None]
    assert bare["since"].none_value == float("inf")
    rows = [item for part in daily.parts for each in part.plan.of_rows.values() for item in each]
    assert [item.feature for item in rows] == [f for f in bare.values() if f.table]


def test_what_is_made_of_what_stands_still_stands_still_and_all_else_is_made_for_each_day():
    plan = plan_of(
        a_feature("n"),
        a_feature("hidden"),
        a_feature("since", "days_since_last"),
        a_feature("first", "days_since_first"),
        a_feature("until", "days_until", field="until"),
        a_feature("covered", "days_covered"),
        a_feature("age", "age"),
        a_feature("twice", "linear", terms={"n": 2.0}),
        a_feature("case", "cases", cases=(Case("twice", 1.0),), requires=("hidden",)),
        a_feature("moving", "ratio", numerator="since", denominator="hidden"),
        a_feature("older", "linear", terms={"age": 1.0}),
        a_feature("moved", "linear", terms={"moving": 1.0}),
    )
    asked = plan.part(("twice", "case", "moved", "age", "twice", "moved"))
    daily = DailyPlan(asked)
    assert daily.resting == {"n", "hidden", "twice", "case"}
    assert [feature.name for feature in daily.still] == ["twice", "case"]
    on_each = [feature.name for feature in daily.on_each_day]
    assert on_each == ["hidden", "since", "age", "twice", "case", "moving", "moved"]
    assert daily.again == (0, 2)
    assert daily.slope == {"since": 1.0}
    whole = DailyPlan(plan)
    assert whole.slope == {"since": 1.0, "first": 1.0, "until": -1.0}
    assert {*plan.names} - whole.resting == {
        "since", "first", "until", "covered", "age", "moving", "older", "moved",
    }  # fmt: skip
    assert whole.again == ()


# --- which days are looked at -----------------------------------------------------------------


def on(day):
    return (NEW_YEAR + dt.timedelta(days=day)).isoformat()


def noted(day, **changes):
    return a_debt(since="2023-06-01", recorded_at=on(day), **changes)


def asked(day, subject="debts", complete=True, **changes):
    plain = {"recorded_at": on(day), "consulted_on": on(day), "subject": subject}
    return {**plain, "source": "prison", "complete": complete, **changes}


def stay(day, **changes):
    return {"recorded_at": on(day), "arrived_on": on(day), "regime": "sentence", **changes}


def looked_at(feature, n_days=60, **parts):
    """On which of the days from the first of January the second of three people is looked at."""
    rows = [{}, parts, {"debts": [noted(7)], "inquiries": [asked(8)]}]
    people = [
        read_dossier({**a_person(), "person_id": f"p{i}", **each}) for i, each in enumerate(rows)
    ]
    plan = plan_of(feature)
    events = EventTables(DossierTables.from_dossiers(people))
    events.prepare(plan)
    days = np.arange(n_days, dtype=np.int32) + np.int32((NEW_YEAR - EPOCH).days)
    changes = Stretches(DailyPlan(plan), events, slice(0, 3), days).changes
    person, day = np.divmod(changes, n_days)
    assert day[person == 0].tolist() == [0]
    assert [*day[person == 2]] == ([0, 7, 8] if feature.table == "debts" else [0])
    return day[person == 1].tolist()


def test_a_fact_is_looked_at_on_the_day_on_which_it_is_known_ends_or_is_replaced():
    feature = a_feature(open=True, where={"kind": ["fine"]})
    rows = [noted(5, until=on(20)), noted(9, kind="tax", until=on(30)), noted(11, until=on(-3))]
    assert looked_at(feature, debts=rows) == [0, 5, 11, 20]
    rows = [noted(5, fact_id="a"), noted(15, fact_id="b", supersedes="a", kind="tax")]
    assert looked_at(feature, debts=rows) == [0, 5, 15]


def test_a_fact_that_cannot_match_is_not_looked_at_unless_it_is_the_first():
    feature = a_feature(where={"kind": ["fine"], "amount_eur": {"min": 100}})
    rows = [noted(5, kind="tax"), noted(6, kind="rent"), noted(7, amount_eur=3), noted(8)]
    assert looked_at(feature, debts=rows) == [0, 5, 8]
    gone = noted(9, fact_id="b", supersedes="a", void=True)
    assert looked_at(feature, debts=[noted(5, fact_id="a"), gone]) == [0, 5, 9]


def test_only_an_inquiry_that_is_complete_and_of_the_table_is_looked_at():
    inquiries = [
        asked(5),
        asked(6, complete=False),
        asked(7, subject="housing"),
        asked(8, fact_id="a"),
        asked(9, fact_id="b", supersedes="a", void=True),
    ]
    assert looked_at(a_feature(), inquiries=inquiries) == [0, 5, 8, 9]


def test_stays_are_looked_at_where_they_bound_and_nowhere_else():
    stays = [stay(-40, released_on=on(10)), stay(12)]
    rows = [noted(5)]
    assert looked_at(a_feature(), debts=rows, detentions=stays) == [0, 5]
    bound = a_feature(since_arrival=True)
    assert looked_at(bound, debts=rows, detentions=stays) == [0, 5, 10, 12]
    covered = a_feature("trial", "days_covered", since_arrival=True, window_days=45)
    found = looked_at(covered, debts=rows, detentions=stays)
    assert found == [0, 5, 10, 12, 57]


def test_a_field_that_comes_to_be_known_is_looked_at_on_its_day():
    late = noted(5, arrangement="agreed", arranged_on=on(14))
    for feature in (
        a_feature(where={"arrangement": ["agreed"]}),
        a_feature(where={"arrangement": "absent"}),
        a_feature("trial", "distinct", field="arrangement"),
    ):
        assert looked_at(feature, debts=[late]) == [0, 5, 14]
    assert looked_at(a_feature(where={"arrangement": ["kept"]}), debts=[late]) == [0, 5]
    assert looked_at(a_feature(), debts=[late]) == [0, 5]


def facts_of(*rows):
    person = read_dossier({**a_person(), "debts": [*rows]})
    return Facts(EventTables(DossierTables.from_dossiers([person])), "debts", slice(0, 1))


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ({}, [0, 1, 2, 4]),
        ({"kind": ["fine"]}, [0, 2, 4]),
        ({"kind": ["fine"], "amount_eur": {"min": 50}}, [0, 4]),
        ({"until": "present"}, [2]),
        ({"until": "absent"}, [0, 1, 2, 4]),  # not known yet is absent too
        ({"arrangement": ["agreed"]}, [4]),
        ({"fact_id": "present"}, [0, 1]),
        ({"fact_id": "absent"}, [2, 4]),
    ],
)
def test_rows_that_may_match_are_those_that_would_once_all_of_them_is_known(where, rows):
    facts = facts_of(
        noted(1, fact_id="a"),
        noted(2, fact_id="b", kind="tax"),
        noted(3, amount_eur=3, until=on(9)),
        noted(4, supersedes="a", void=True),
        noted(5, arrangement="agreed", arranged_on=on(9)),
    )
    (item,) = plan_of(a_feature(where=where)).of_rows["debts"]
    assert may_match(facts, item.filter).tolist() == rows


def test_a_calendar_has_the_first_day_and_what_is_marked_within_it():
    calendar = Calendar(2, 100, 5)
    calendar.mark(np.array([0, 0, 1, 1, 1, 0]), np.array([99, 101, 100, 104, 105, 10]))
    assert calendar.marks.astype(int).tolist() == [[1, 1, 0, 0, 0], [1, 0, 0, 0, 1]]


# --- what is filled in ------------------------------------------------------------------------


def test_what_moves_is_filled_in_by_a_day_a_day():
    rows = [noted(0, until=on(2)), {**noted(3, until=on(9)), "since": on(3)}]
    own = {
        "last": a_feature("last", "days_since_last", window_days=10, none_value=50.0, cap=60.0),
        "first": a_feature("first", "days_since_first", on="until", cap=2.0),
        "ends": a_feature("ends", "days_until", field="until"),
        "covered": a_feature("covered", "days_covered", window_days=4),
        "half": a_feature("half", "linear", terms={"last": 0.5, "covered": 1.0}, cap=28.0),
        "age": a_feature("age", "age", cap=34.0),
    }
    person = read_dossier({**a_person(), "debts": rows})
    (block,) = features_over_days(
        DossierTables.from_dossiers([person]),
        NEW_YEAR,
        NEW_YEAR + dt.timedelta(days=6),
        definitions=Catalogue(own),
    )
    nan = np.nan
    born = dt.date(1990, 1, 1)
    ages = [(NEW_YEAR + dt.timedelta(days=n) - born).days / 365.25 for n in range(7)]
    expected = {
        "last": [50, 50, 50, 0, 1, 2, 3],
        "first": [nan, nan, 0, 1, 2, 2, 2],
        "ends": [nan, nan, 0, nan, nan, nan, nan],
        "covered": [4, 4, 4, 3, 3, 3, 3],
        "half": [28, 28, 28, 3, 3.5, 4, 4.5],
        "age": [min(age, 34.0) for age in ages],
    }
    for column, name in enumerate(block.names):
        np.testing.assert_array_equal(block.values[0, :, column], expected[name], err_msg=name)
