"""Each aggregation and each rule of the algebra, by hand, in the record and in the tables."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.features import Catalogue, compute_features
from risicoscreener.features.definition import Case
from risicoscreener.features.one import compile_one
from strategies import a_debt, a_person

from .strategies import a_feature

TODAY = dt.date(2024, 6, 1)
CONSULTED = {
    "subject": "debts",
    "source": "municipality",
    "recorded_at": "2020-01-01",
    "consulted_on": "2020-01-01",
    "complete": True,
}


def ago(days: int) -> str:
    return (TODAY - dt.timedelta(days=days)).isoformat()


def debt(days_ago: int, **changes):
    return a_debt(since=ago(days_ago), recorded_at=ago(days_ago), **changes)


def stay(days_ago: int, **changes):
    return {
        "recorded_at": ago(days_ago),
        "arrived_on": ago(days_ago),
        "regime": "sentence",
        **changes,
    }


def value(features, name="trial", **parts):
    """The value on `TODAY`, equal by both ways."""
    own = Catalogue({f.name: f for f in (features if isinstance(features, list) else [features])})
    dossier = read_dossier({**a_person(), **parts})
    alone = compile_one(own.plan([name]))(dossier, TODAY)[0]
    whole = DossierTables.from_dossiers([dossier])
    together = compute_features(whole, TODAY, [name], definitions=own).values[0, 0]
    assert together == alone or (math.isnan(together) and math.isnan(alone))
    return alone


WORK = {"recorded_at": ago(9), "kind": "work", "from_on": ago(9)}


def of_debts(aggregate, rows, **changes):
    return value(a_feature("trial", aggregate, **changes), debts=rows, inquiries=[CONSULTED])


SIX = [
    debt(400, amount_eur=10, kind="fine"),
    debt(30, amount_eur=30, kind="tax"),
    debt(30, amount_eur=20, kind="fine"),
    debt(0, amount_eur=5, kind="rent"),
]


@pytest.mark.parametrize(
    ("aggregate", "more", "expected"),
    [
        ("count", {}, 4),
        ("any", {}, 1),
        ("sum", {"field": "amount_eur"}, 65),
        ("max", {"field": "amount_eur"}, 30),
        ("distinct", {"field": "kind"}, 3),
        ("last", {"field": "amount_eur"}, 5),
        ("days_since_last", {}, 0),
        ("days_since_first", {}, 400),
        ("days_covered", {}, 400),
        ("kernel", {"kernel": "longest_gap"}, 370),
    ],
)
def test_each_aggregation_gives_what_one_would_count(aggregate, more, expected):
    assert of_debts(aggregate, SIX, **more) == expected


def test_age_at_first_is_in_years_of_365_and_a_quarter_days():
    born = dt.date(1990, 1, 1)
    first = TODAY - dt.timedelta(days=400)
    assert of_debts("age_at_first", SIX) == (first - born).days / 365.25


def test_days_until_a_date_that_has_passed_are_negative():
    feature = a_feature("trial", "days_until", table="detentions", field="expected_release_on")
    for days, expected in ((-10, 10), (3, -3), (0, 0)):
        assert value(feature, detentions=[stay(50, expected_release_on=ago(days))]) == expected


def test_a_code_counts_as_the_value_given_to_it():
    kinds = dict.fromkeys(_codes("debts", "kind"), 1.0) | {"tax": 9.0, "rent": 2.0}
    assert of_debts("max", SIX, field="kind", values=kinds) == 9
    assert of_debts("last", SIX, field="kind", values=kinds) == 2


def _codes(table, field):
    from risicoscreener.dossier.schema import tables

    return tables()[table].columns[field].codes


# --- time -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days_ago", "counts"), [(0, 1), (29, 1), (30, 0), (31, 0)])
def test_a_window_begins_after_its_first_day_and_ends_with_today(days_ago, counts):
    assert of_debts("count", [debt(days_ago)], window_days=30) == counts


@pytest.mark.parametrize(("days_ago", "counts"), [(9, 0), (10, 1), (29, 1), (30, 0)])
def test_days_skipped_are_those_of_less_than_so_many_days_ago(days_ago, counts):
    assert of_debts("count", [debt(days_ago)], window_days=30, skip_days=10) == counts


def test_two_windows_that_follow_each_other_share_no_day_and_miss_none():
    rows = [debt(n) for n in range(40)]
    recent = of_debts("count", rows, window_days=15)
    before = of_debts("count", rows, window_days=40, skip_days=15)
    assert (recent, before) == (15, 25)


@pytest.mark.parametrize("order", [1, -1])
def test_several_on_the_latest_day_that_differ_are_unknown_in_any_order(order):
    rows = [
        debt(30, amount_eur=1),
        debt(5, amount_eur=2),
        debt(5, amount_eur=3),
        debt(9, amount_eur=4),
    ]
    assert math.isnan(of_debts("last", rows[::order], field="amount_eur", none_value=0.0))
    rows += [debt(4, amount_eur=7)]
    assert of_debts("last", rows[::order], field="amount_eur") == 7


@pytest.mark.parametrize("order", [1, -1])
def test_several_on_the_latest_day_that_say_the_same_are_known(order):
    rows = [debt(30, amount_eur=1), debt(5, amount_eur=2), debt(5, amount_eur=2, kind="tax")]
    assert of_debts("last", rows[::order], field="amount_eur") == 2


def test_codes_that_stand_for_one_number_say_the_same():
    rows = [debt(5, kind="fine"), debt(5, kind="tax"), debt(5, kind="rent")]
    values = dict.fromkeys(tables()["debts"].columns["kind"].codes, 1.0)
    assert of_debts("last", rows, field="kind", values=values) == 1
    differ = {**values, "tax": 0.0}
    assert math.isnan(of_debts("last", rows, field="kind", values=differ))


@pytest.mark.parametrize("order", [1, -1])
def test_a_row_of_the_latest_day_that_lacks_the_field_makes_it_unknown(order):
    rows = [{**WORK, "hours_per_week": 8}, WORK]
    feature = a_feature("trial", "last", table="income_work", field="hours_per_week")
    assert math.isnan(value(feature, income_work=rows[::order]))


@pytest.mark.parametrize("order", [1, -1])
def test_days_until_two_dates_that_one_day_gives_are_unknown(order):
    asked = {"recorded_at": ago(9), "kind": "deep_risk_assessment", "asked_on": ago(9)}
    done = {**asked, "done_on": ago(9), "outcome": "favourable"}
    rows = [{**done, "valid_until": ago(-5)}, {**done, "valid_until": ago(5)}]
    feature = a_feature("trial", "days_until", table="assessments", field="valid_until")
    assert value(feature, assessments=rows[:1]) == 5
    assert math.isnan(value(feature, assessments=rows[::order]))


def test_only_spells_that_run_today_are_open():
    rows = [debt(50), debt(50, until=ago(0)), debt(50, until=ago(-1)), debt(50, until=ago(10))]
    assert of_debts("count", rows, open=True) == 2


def test_since_arrival_counts_from_the_day_of_the_latest_arrival_that_still_stands():
    stays = [stay(900, released_on=ago(500)), stay(100)]
    rows = [debt(n) for n in (600, 101, 100, 20)]
    feature = a_feature("trial", "count", since_arrival=True)
    assert value(feature, debts=rows, detentions=stays) == 2


def test_since_arrival_is_unknown_without_a_present_detention():
    feature = a_feature("trial", "count", since_arrival=True)
    for stays in ([], [stay(900, released_on=ago(500))]):
        assert math.isnan(value(feature, debts=[debt(3)], detentions=stays))


@pytest.mark.parametrize("in_order", [True, False])
def test_detentions_themselves_can_be_counted_since_arrival(in_order):
    stays = [stay(900, released_on=ago(500)), stay(100, released_on=ago(40)), stay(40)]
    feature = a_feature("trial", "count", table="detentions", since_arrival=True)
    assert value(feature, detentions=stays if in_order else stays[::-1]) == 1


def test_a_row_can_be_placed_in_time_by_another_date():
    rows = [debt(400, until=ago(3)), debt(2)]
    assert of_debts("days_since_last", rows, on="until") == 3
    assert of_debts("count", rows, on="until", window_days=3) == 0


def test_a_date_that_is_known_with_another_places_a_row_once_both_have_passed():
    asked = {"recorded_at": ago(90), "kind": "deep_risk_assessment", "asked_on": ago(90)}
    feature = a_feature("trial", "count", table="assessments", on="valid_until")
    done = {**asked, "done_on": ago(20), "outcome": "favourable"}
    assert value(feature, assessments=[{**done, "valid_until": ago(-5)}]) == 0
    assert value(feature, assessments=[{**done, "valid_until": ago(5)}]) == 1


# --- spells and slopes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [
        (50, None, 50),
        (50, 20, 30),
        (200, None, 100),
        (200, 50, 50),
        (200, 100, 0),
        (0, None, 0),
        (30, -30, 30),
    ],
)
def test_a_spell_counts_for_the_days_that_it_has_in_the_window(begin, end, days):
    row = debt(begin) if end is None else debt(begin, until=ago(end))
    assert of_debts("days_covered", [row], window_days=100) == days


def test_days_on_which_two_spells_run_count_once():
    rows = [
        debt(60, until=ago(40)),
        debt(50, until=ago(30)),
        debt(55, until=ago(45)),
        debt(10, until=ago(5)),
    ]
    assert of_debts("days_covered", rows) == 35
    assert of_debts("days_covered", rows[::-1], window_days=45) == 20


def test_days_covered_since_arrival_begin_at_the_arrival():
    feature = a_feature("trial", "days_covered", since_arrival=True)
    assert value(feature, debts=[debt(400)], detentions=[stay(25)]) == 25


@pytest.mark.parametrize("days", [(0,), (3, 3, 3), (0, 8, 8, 20, 34), (34, 34, 28, 7)])
def test_a_slope_is_that_of_the_line_through_the_counts_of_its_bins(days):
    counts = np.bincount([4 - d // 7 for d in days], minlength=5)
    rows = [debt(d, fact_id=f"f{i}") for i, d in enumerate(days)]
    found = of_debts("slope", rows, window_days=35, bin_days=7)
    assert found == pytest.approx(np.polyfit(range(5), counts, 1)[0], abs=1e-12)


def test_events_outside_the_window_do_not_tilt_a_slope():
    assert of_debts("slope", [debt(35), debt(400)], window_days=35, bin_days=7) == 0


# --- unknown and none -------------------------------------------------------------------------


COUNTED = [
    ("count", {}),
    ("any", {}),
    ("sum", {"field": "amount_eur"}),
    ("distinct", {"field": "kind"}),
    ("days_covered", {}),
    ("slope", {"window_days": 10, "bin_days": 5}),
]


@pytest.mark.parametrize(("aggregate", "more"), COUNTED)
def test_of_a_register_that_was_consulted_and_has_nothing_the_count_is_zero(aggregate, more):
    assert of_debts(aggregate, [], **more) == 0


@pytest.mark.parametrize(
    ("aggregate", "more"), [*COUNTED, ("days_since_last", {"none_value": 9.0})]
)
def test_what_was_neither_consulted_nor_filled_is_unknown(aggregate, more):
    assert math.isnan(value(a_feature("trial", aggregate, **more)))


@pytest.mark.parametrize(
    "change", [{"complete": False}, {"subject": "housing"}, {"recorded_at": ago(-1)}]
)
def test_an_inquiry_that_is_incomplete_elsewhere_or_later_leaves_it_unknown(change):
    assert math.isnan(value(a_feature(), inquiries=[{**CONSULTED, **change}]))


def test_a_table_with_facts_is_known_without_an_inquiry():
    assert value(a_feature("trial", where={"kind": ["tax"]}), debts=[debt(3)]) == 0


@pytest.mark.parametrize("none_value", [None, 60.0])
def test_that_nothing_matches_gives_the_value_for_none_or_is_unknown(none_value):
    found = of_debts("days_since_last", [], none_value=none_value)
    assert found == none_value or (none_value is None and math.isnan(found))


@pytest.mark.parametrize("aggregate", ["last", "max"])
def test_a_row_that_lacks_the_field_is_unknown_and_not_none(aggregate):
    feature = a_feature(
        "trial", aggregate, table="income_work", field="hours_per_week", none_value=0.0
    )
    assert math.isnan(value(feature, income_work=[WORK]))
    later = {**WORK, "from_on": ago(8), "recorded_at": ago(8), "hours_per_week": 8}
    assert value(feature, income_work=[WORK, later]) == 8


def test_a_sum_adds_nothing_for_a_row_that_lacks_the_field():
    feature = a_feature("trial", "sum", table="income_work", field="hours_per_week")
    assert value(feature, income_work=[WORK, {**WORK, "hours_per_week": 8}]) == 8


def test_the_last_row_decides_also_if_an_earlier_one_has_the_field():
    feature = a_feature("trial", "last", table="income_work", field="hours_per_week")
    earlier = {"recorded_at": ago(30), "kind": "work", "from_on": ago(30), "hours_per_week": 8}
    assert math.isnan(value(feature, income_work=[WORK, earlier]))


@pytest.mark.parametrize(("decided_on", "kinds"), [(ago(1), 1), (ago(0), 1), (ago(-1), 0)])
def test_a_code_that_is_not_yet_known_is_not_one_of_the_different_codes(decided_on, kinds):
    feature = a_feature("trial", "distinct", table="liberties", field="decision")
    asked = {"recorded_at": ago(20), "kind": "short_leave", "asked_on": ago(20)}
    asked["kind"] = _codes("liberties", "kind")[0]
    row = {**asked, "decision": "granted", "decided_on": decided_on}
    assert value(feature, liberties=[row]) == kinds


def test_a_cap_is_the_largest_value():
    assert of_debts("sum", [debt(3, amount_eur=900)], field="amount_eur", cap=500.0) == 500
    assert of_debts("sum", [debt(3, amount_eur=400)], field="amount_eur", cap=500.0) == 400


# --- conditions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "counts"),
    [
        ({"kind": ["fine"]}, 1),
        ({"kind": "fine"}, 1),
        ({"kind": ["@judicial"]}, 1),
        ({"kind": ["tax", "rent"]}, 0),
        ({"amount_eur": {"min": 300}}, 1),
        ({"amount_eur": {"min": 300.01}}, 0),
        ({"amount_eur": {"max": 300}}, 1),
        ({"amount_eur": {"min": 1, "max": 299}}, 0),
        ({"until": "absent"}, 1),
        ({"until": "present"}, 0),
        ({"arrangement": ["agreed"]}, 0),
        ({"kind": ["fine"], "amount_eur": {"min": 1000}}, 0),
    ],
)
def test_a_row_matches_if_every_condition_holds(where, counts):
    assert of_debts("count", [debt(3)], where=where) == counts


@pytest.mark.parametrize(("flag", "counts"), [(True, 1), (False, 1)])
def test_a_flag_that_is_not_filled_is_neither_true_nor_false(flag, counts):
    known = {"recorded_at": ago(3), "known_on": ago(3), "interest": "known"}
    rows = [known, {**known, "no_contact_asked": True}, {**known, "no_contact_asked": False}]
    feature = a_feature("trial", table="victims", where={"no_contact_asked": flag})
    assert value(feature, victims=rows) == counts


# --- of the person and of other features ------------------------------------------------------


def test_age_is_in_years():
    assert value(a_feature("trial", "age")) == (TODAY - dt.date(1990, 1, 1)).days / 365.25


def test_a_code_of_the_person_without_a_value_is_unknown():
    assert value(a_feature("trial", "person", field="sex", values={"male": 4.0})) == 4
    assert math.isnan(value(a_feature("trial", "person", field="sex", values={"female": 4.0})))


TOP = a_feature("top", "sum", field="amount_eur")
BOTTOM = a_feature("bottom", "count", where={"kind": ["tax"]})


def share(rows, **changes):
    ratio = a_feature("trial", "ratio", numerator="top", denominator="bottom", **changes)
    return value(
        [TOP, BOTTOM, ratio], debts=rows, inquiries=[CONSULTED] if rows is not None else []
    )


def test_a_ratio_is_scaled():
    assert share([debt(3, kind="tax"), debt(4, kind="tax")], scale=10.0) == 3000


def test_a_ratio_by_zero_is_the_value_for_none_or_unknown():
    assert math.isnan(share([debt(3)]))
    assert share([debt(3)], none_value=7.0) == 7


def test_a_ratio_of_the_unknown_is_unknown_also_with_a_value_for_none():
    ratio = a_feature("trial", "ratio", numerator="top", denominator="bottom", none_value=7.0)
    assert math.isnan(value([TOP, BOTTOM, ratio]))


def test_a_ratio_by_less_than_zero_is_as_by_zero():
    below = a_feature("bottom", "linear", terms={"top": -1.0})
    ratio = a_feature("trial", "ratio", numerator="top", denominator="bottom", none_value=7.0)
    assert value([TOP, below, ratio], debts=[debt(3)]) == 7


def test_a_weighted_sum_adds_its_constant():
    linear = a_feature("trial", "linear", terms={"top": 2.0, "bottom": -3.0}, constant=0.5)
    assert value([TOP, BOTTOM, linear], debts=[debt(3, amount_eur=10, kind="tax")]) == 17.5


def test_the_first_case_that_holds_decides():
    cases = (
        Case("top", 1.0, high=99.0),
        Case("top", 2.0, low=50.0),
        Case("bottom", 3.0, low=0.0, high=0.0),
    )
    feature = a_feature("trial", "cases", cases=cases, otherwise=9.0)
    for amount, expected in ((99, 1), (100, 2)):
        assert value([TOP, BOTTOM, feature], debts=[debt(3, amount_eur=amount)]) == expected


@pytest.mark.parametrize(
    ("otherwise", "requires", "expected"),
    [(9.0, (), 9), (None, (), math.nan), (9.0, ("top",), math.nan)],
)
def test_where_no_case_holds_it_is_otherwise_unless_something_required_is_unknown(
    otherwise, requires, expected
):
    feature = a_feature(
        "trial", "cases", cases=(Case("top", 1.0, low=0.0),), otherwise=otherwise, requires=requires
    )
    assert value([TOP, feature]) == pytest.approx(expected, nan_ok=True)


def test_a_case_can_say_that_it_is_unknown():
    feature = a_feature("trial", "cases", cases=(Case("top", math.nan, low=0.0),), otherwise=9.0)
    assert math.isnan(value([TOP, feature], debts=[debt(3)]))


@pytest.mark.parametrize("aggregate", ["last", "max"])
@pytest.mark.parametrize(("done_on", "is_known"), [(1, True), (0, True), (-1, False)])
def test_a_field_is_known_from_its_day_on(aggregate, done_on, is_known):
    values = dict.fromkeys(_codes("assessments", "outcome"), 5.0)
    feature = a_feature("trial", aggregate, table="assessments", field="outcome", values=values)
    row = {"recorded_at": ago(9), "kind": "deep_risk_assessment", "asked_on": ago(9)}
    found = value(feature, assessments=[{**row, "outcome": "favourable", "done_on": ago(done_on)}])
    assert found == 5.0 if is_known else math.isnan(found)


@pytest.mark.parametrize(("done_on", "expected"), [(1, 40), (0, 40), (-1, math.nan)])
def test_a_date_is_known_from_its_day_on(done_on, expected):
    feature = a_feature("trial", "days_until", table="assessments", field="valid_until")
    row = {"recorded_at": ago(9), "kind": "deep_risk_assessment", "asked_on": ago(9)}
    done = {"valid_until": ago(-40), "done_on": ago(done_on), "outcome": "favourable"}
    found = value(feature, assessments=[{**row, **done}])
    assert found == pytest.approx(expected, nan_ok=True)
