"""Figures of a simulation, counted by hand where the world is small enough."""

from __future__ import annotations

import datetime as dt
import json
import math

import numpy as np
import pytest

from risicoscreener.errors import ImpactError
from risicoscreener.evaluation.groups import Disclosure
from risicoscreener.impact import (
    FIGURES,
    Asking,
    Assessing,
    Settings,
    Team,
    assumptions,
    by_prison,
    capacity_needed,
    compare_impacts,
    over_capacities,
    simulate,
)
from risicoscreener.impact.result import _figures_of
from risicoscreener.impact.running import DENIED, GRANTED, LOST, WAITING, Run
from risicoscreener.impact.screens import DEEP, DENY, GRANT, WISHES
from risicoscreener.impact.settings import months_after, usual_closures
from risicoscreener.impact.spread import Spread, per_prevented, spread
from risicoscreener.report.impact_page import impact_page

from .world import START, people, settings, told

NAN = math.nan


def by_hand() -> Run:
    """Five requests: granted, granted after 35 days, denied, lost, waiting; one withdrawn."""
    rows = [
        # person, asked, wanted, bound, status, ended, needed, taken, withdrawn
        (0, 0, 20, 0, GRANTED, 7, NAN, 20, NAN),
        (1, 0, 30, 0, GRANTED, 35, 7, 35, NAN),
        (2, 3, 40, 0, DENIED, 7, NAN, NAN, NAN),
        (3, 10, 25, 1, LOST, 25, 14, NAN, NAN),
        (4, 80, 85, 0, WAITING, 90, 84, NAN, NAN),
        (0, 10, 60, 0, GRANTED, 14, NAN, 60, 21),
    ]
    names = (
        "person", "asked_on", "wanted_on", "bound", "status", "ended_on", "needed_on", "taken_on",
        "withdrawn_on",
    )  # fmt: skip
    cases = {
        name: np.array(column, float)
        for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
    n = len(rows)
    cases |= {
        "kind": np.zeros(n),
        "repeats": np.zeros(n),
        "expired": np.zeros(n),
        "reopened": np.zeros(n),
    }
    cases |= {"counted": np.ones(n), **{f"met_{wish}": np.ones(n) for wish in WISHES}}
    cases["met_victims_no_contact_asked"][0] = 0
    cases["met_victims_not_informed"][2] = 0  # denied: nobody was let out
    jobs = {
        "person": np.array([1.0, 3, 4]),
        "asked_on": np.array([7.0, 14, 84]),
        "done_on": np.array([30.0, NAN, NAN]),
    }
    return Run(cases, jobs)


def test_figures_are_what_one_counts_by_hand():
    of = settings()
    who = people([100, 100, 100, 100, 100])
    found = _figures_of(by_hand(), of, told(who, of))
    expected = {
        "asked": 6, "reopened": 0, "granted": 2, "withdrawn": 1, "denied": 1, "lost": 1,
        "released": 0, "waiting": 1, "needed": 3, "late": 2, "assessments": 3, "assessed": 1,
        "repeated": 0, "wait_median": 15, "taken": 2, "wishes_unmet": 1, "not_informed": 0,
        "queue_end": 1, "queue_highest": 2,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert found["wait_p90"] == pytest.approx(np.quantile([35, 15, 10], 0.9))
    assert found["failures"] == pytest.approx(2 * 0.02)
    assert found["offences"] == pytest.approx(2 * -np.expm1(-0.001))
    assert set(found) == set(FIGURES)


def test_a_liberty_until_release_lasts_until_release():
    of = settings(asking=(Asking(kind="leave", per_month=2.0, days_out=0),))
    who = people([100, 100, 100, 100, 100])
    found = _figures_of(by_hand(), of, told(who, of))
    assert found["offences"] == pytest.approx(-np.expm1(-0.001 * 80) - np.expm1(-0.001 * 65))


def test_a_liberty_wanted_after_release_is_not_taken_unless_it_begins_then():
    who = people([30, 100, 100, 100, 100])
    of = settings()
    assert _figures_of(by_hand(), of, told(who, of))["taken"] == 2
    who = people([20, 100, 100, 100, 100])
    assert _figures_of(by_hand(), of, told(who, of))["taken"] == 1
    after = settings(asking=(Asking(kind="leave", per_month=2.0, until_release=False),))
    assert _figures_of(by_hand(), after, told(who, after))["taken"] == 2


def test_of_the_warm_up_nothing_is_counted_but_the_queue_it_leaves():
    who = people([300] * 60)
    cold, warm = settings(1.0), settings(1.0, warm_up_months=3)
    first, second = (simulate(told(who, s), None, s) for s in (cold, warm))
    assert first.weeks().query("name == 'queue'")["value"].iloc[0] == 0
    assert second.weeks().query("name == 'queue'")["value"].iloc[0] > 3
    assert second["asked"].value == pytest.approx(first["asked"].value, rel=0.2)
    assert (second.runs[0].cases["counted"] == 0).any()


def test_more_psychologists_shorten_the_queue():
    who, of = people([300] * 60), settings(1.0, replicates=3)
    waits = [one["queue_mean"].value for one in over_capacities(told(who, of), of, [1, 3, 30])]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] > 2 * waits[-1]


def test_the_capacity_that_is_needed_suffices_and_less_does_not():
    who, of = people([300] * 60), settings(1.0, replicates=3)
    screened = told(who, of)
    found = capacity_needed(screened, of, wait_days=40, within=0.05)
    enough, less = over_capacities(screened, of, [found, found / 1.3])
    assert enough["wait_p90"].value <= 40 < less["wait_p90"].value
    assert capacity_needed(screened, of, wait_days=1.0, high=50.0) == math.inf


def test_months_add_up_to_the_figures():
    who, of = people([300] * 40), settings(2.0)
    found = simulate(told(who, of), None, of)
    months = found.months().groupby("name")["value"].sum()
    assert months["asked"] == pytest.approx(found["asked"].value)
    assert months["granted"] == pytest.approx(found["granted"].value + found["withdrawn"].value)
    assert months["denied"] == pytest.approx(found["denied"].value)
    assert len(found.months()) == 3 * 6


def test_small_groups_are_hidden_and_do_not_follow_from_the_others():
    prison = np.array(["PI-01"] * 40 + ["PI-02"] * 40 + ["PI-03"] * 3)
    who = people([300] * 83, prison=prison)
    of = settings(20.0)
    mixed = told(who, of, lambda m: np.where(np.arange(len(m)) % 2, DENY, GRANT))
    table = simulate(mixed, None, of).by("prison", disclosure=Disclosure(10, 1))
    assert table.loc["PI-03", "hidden"] == "not shown: too few people"
    assert table.loc["PI-03"].drop("hidden").isna().all()
    assert (table["hidden"] == "").sum() == 2  # everybody, and one prison
    shown = table[table["hidden"] == ""]
    assert shown["people"].notna().all()
    with pytest.raises(ImpactError, match="there is no group 'origin'; expected prison, sex"):
        simulate(mixed, None, of).by("origin")


def test_groups_have_figures_of_their_own():
    who = people([300] * 60, prison=np.array(["PI-00"] * 30 + ["PI-01"] * 30))
    teams = by_prison(3.0, {"PI-00": 9, "PI-01": 1})
    of = settings(teams, asking=(Asking(kind="leave", per_month=1.0),))
    table = simulate(told(who, of), None, of).by("prison", disclosure=Disclosure(2, 0))
    assert table.loc["PI-01", "wait_median"] > table.loc["PI-00", "wait_median"]
    whole = table.loc["everybody", "asked"]
    assert whole == pytest.approx(table.drop("everybody")["asked"].sum())


def test_differences_are_paired_and_have_the_chance_of_the_difference_alone():
    who, of = people([300] * 60), settings(3.0, replicates=6)
    old = simulate(told(who, of, (GRANT,) * 5), None, of, label="old")
    new = simulate(told(who, of), None, of, label="new")
    found = compare_impacts(old, new)
    assert found["asked"].value == found["asked"].low == 0
    withheld = old["taken"].value - new["taken"].value
    assert withheld > 0
    assert found["taken"].value == pytest.approx(-withheld)
    each = found.needed_to_detain
    assert each.value == pytest.approx(1 / -np.expm1(-0.001))
    assert each.low == pytest.approx(each.high)
    same = compare_impacts(new, new)
    assert math.isnan(same.needed_to_detain.value)
    assert "not defined, because no liberties are withheld" in same.text("en")
    json.dumps(found.to_dict(), allow_nan=False)


def test_liberties_per_offence_prevented_can_be_infinite():
    none = per_prevented("x", np.array([10.0, 12.0]), np.array([0.0, 0.0]))
    assert (none.value, none.low, none.high) == (math.inf,) * 3
    unsure = per_prevented("x", np.array([10.0, 10.0, 10.0]), np.array([1.0, -0.5, 0.2]))
    assert unsure.value == pytest.approx(30 / 0.7)
    assert unsure.high == math.inf
    assert 0 < unsure.low < unsure.value
    one = per_prevented("x", np.array([10.0]), np.array([2.0]))
    assert one.value == 5
    assert not one.has_interval
    worse = per_prevented("x", np.array([10.0, 11.0]), np.array([-1.0, -1.0]))
    assert worse.value == math.inf


def test_an_interval_is_students():
    # Of 1, 2, 3: mean 2, standard error 1/sqrt(3), t(2; 0.975) = 4.302653.
    found = spread("asked", [1, 2, 3])
    assert (found.value, found.low) == pytest.approx((2.0, 2 - 4.302653 / math.sqrt(3)))
    assert spread("asked", [0.0, 0.0, 1.0], least=0.0).low == 0
    assert spread("asked", [0.0, 0.0, 1.0]).low < 0
    assert spread("asked", [NAN, 2.0]).value == 2
    assert math.isnan(spread("asked", [NAN]).value)


def test_scenarios_of_other_chance_are_not_compared():
    who, of = people([300] * 9), settings(3.0)
    first = simulate(told(who, of), None, of, label="first")
    for other in (settings(3.0, seed=2), settings(3.0, replicates=3)):
        with pytest.raises(ImpactError, match="expected the same, so"):
            compare_impacts(first, simulate(told(who, other), None, other, label="other"))
    others = simulate(told(people([299] * 9), of), None, of)
    with pytest.raises(ImpactError, match="expected the same people"):
        compare_impacts(first, others)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_texts_say_what_it_is_and_what_it_is_not(lang):
    who, of = people([300] * 20), settings(3.0)
    one = simulate(told(who, of), None, of, label="the rule")
    text = one.text(lang)
    assert "the rule" in text
    assert ("bestaan niet" if lang == "nl" else "do not exist") in text
    assert "{" not in text
    assert len(one.to_frame(lang)) == len(FIGURES)
    json.dumps(one.to_dict(), allow_nan=False)
    assert "Δ" in compare_impacts(one, one).text(lang)
    assert "<table" in one._repr_html_()
    with pytest.raises(ImpactError, match="there is no figure 'queue'"):
        one["queue"]


def test_who_was_granted_before_and_now_needs_an_assessment():
    who, of = people([300] * 30), settings(9.0)
    change = 6
    told_so = told(who, of, lambda m: np.where(m >= change, DEEP, GRANT), version_from=change)
    day = START + dt.timedelta(days=7 * (change + 1))
    found = simulate(told_so, None, of).granted_before(day)
    assert found["people"].value == found["sent_on"].value > 10
    with pytest.raises(ImpactError, match="expected one before"):
        simulate(told_so, None, of).granted_before(dt.date(2023, 1, 1))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: settings(0.0), "capacity of all prisons: per_week is 0.0"),
        (lambda: Settings.of("2022-01-03", capacity=1), "start is '2022-01-03'; expected a datetime"),
        (lambda: settings(months=0), "months is 0; expected a number from 1 to 120"),
        (lambda: settings(priority="lifo"), "priority is 'lifo'; expected one of fifo"),
        (lambda: settings(asking=()), "expected one or more kinds"),
        (lambda: settings(asking=(Asking.of("leave"),) * 2), "each once"),
        (lambda: settings(level=2), "level is 2"),
        (lambda: settings((Team(per_week=1, discipline="x"),)), "expected a team of each of psych"),
        (lambda: settings((Team(per_week=1), Team(per_week=1, place="A"))), "one of the two"),
        (lambda: settings((Team(per_week=1), Team(per_week=2))), "each place and discipline once"),
        (lambda: Asking(kind="leave"), "nobody asks"),
        (lambda: Asking.of("leave", lead_days=(9, 3)), r"lead_days is \(9, 3\)"),
        (lambda: Assessing(sensitivity=1.2), "sensitivity is 1.2"),
        (lambda: Assessing(service_shape=0), "service_shape is 0"),
        (lambda: Assessing(disciplines={}), "disciplines are {}"),
        (lambda: by_prison(1.0, {"A": 0.0}), "expected numbers above 0"),
        (lambda: Settings.of(START, capacity=float("nan")), "per_week is nan"),
        (lambda: Settings.of(START, capacity="3"), "capacity is '3'"),
        (lambda: Settings.of(START, capacity=None), "capacity is None"),
        (lambda: Settings.of(START, capacity=True), "capacity is True"),
        (lambda: Settings.of(START, capacity=[]), r"capacity is \[\]"),
        (lambda: Settings.of(START, capacity=1, months=1.5), "months is 1.5; expected a whole"),
        (lambda: settings(replicates=2.0), "replicates is 2.0; expected a whole"),
        (lambda: settings(seed=1.5), "seed is 1.5; expected a whole"),
        (lambda: Asking.of("leave", lead_days=(5,)), r"lead_days is \(5,\)"),
        (lambda: Settings.of(dt.date(9998, 6, 1), capacity=1), "the year 9999; expected a year"),
        (lambda: Settings.of(dt.date(1, 2, 1), capacity=1, warm_up_months=3), "the year 0;"),
    ],
)  # fmt: skip
def test_settings_out_of_range_are_refused_in_one_line(make, said):
    with pytest.raises(ImpactError, match=said) as found:
        make()
    assert "\n" not in str(found.value)


def test_every_assumption_has_a_mark_and_a_source():
    for section in assumptions().values():
        for entry in section.values():
            assert entry.mark in {"C", "D", "A"}
            assert entry.source.strip()
    assert Asking.of("furlough").per_month == assumptions()["asking.other"]["per_month"].value
    assert Assessing.assumed() == Assessing()


def test_disciplines_share_the_work():
    two = {"psychologist": 3.0, "psychiatrist": 1.0}
    of = Settings.of(
        START, capacity=8, months=2, assessing=Assessing(disciplines=two), replicates=1
    )
    assert {t.discipline: t.per_week for t in of.teams} == {"psychologist": 6, "psychiatrist": 2}
    who = people([300] * 40)
    found = simulate(told(who, of), None, of)
    assert found["assessed"].value > 10


def test_calendars():
    assert months_after(dt.date(2022, 11, 30), 3) == dt.date(2023, 2, 28)
    assert months_after(dt.date(2022, 1, 1), -1) == dt.date(2021, 12, 1)
    closed = usual_closures(dt.date(2021, 7, 1), 12)
    assert [c.first for c in closed] == [dt.date(2021, 7, 15), dt.date(2021, 12, 24)]
    assert usual_closures(dt.date(2022, 1, 1), 1)[0].first == dt.date(2021, 12, 24)


def test_what_somebody_who_left_was_granted_is_not_withdrawn():
    who = people([60] * 40)
    far = Asking(kind="leave", per_month=2.0, lead_days=(40, 40))
    of = settings(asking=(far,))
    found = simulate(told(who, of, (GRANT,) * 5, validity_days=14), None, of, label="x")
    after = [(run.cases["taken_on"] > 60).any() for run in found.runs]
    assert all(after)
    assert found["withdrawn"].value == 0


@pytest.mark.parametrize("outcomes", [(DENY,) * 5, (GRANT,) * 5, (DEEP,) * 5])
@pytest.mark.parametrize("release", [[], [0, 0], [200], [200] * 30])
def test_a_world_of_nobody_or_of_one_answer_is_told(outcomes, release):
    of = settings(1e-6, months=1, replicates=1)
    found = simulate(told(people(release), of, outcomes), None, of, label="x")
    ways = ("granted", "withdrawn", "denied", "lost", "released", "waiting")
    ended = sum(found.values(name) for name in ways)
    assert (found.values("asked") + found.values("reopened") == ended).all()
    for lang in ("nl", "en"):
        assert "x" in found.text(lang)
        assert "x" in compare_impacts(found, found).text(lang)
    json.dumps([found.to_dict(), compare_impacts(found, found).to_dict()], default=str)


def test_a_page_on_nobody_is_made():
    of = settings(months=1, replicates=1)
    found = simulate(told(people([]), of), None, of, label="<x>")
    page = impact_page([found], "nl")
    assert "<x>" not in page
    assert '<html lang="nl">' in page
    assert '<th scope="col">mensen</th>' in page


def test_meetings_that_never_come_leave_everybody_waiting():
    of = settings(decision_every_days=366)
    found = simulate(told(people([200] * 9), of), None, of, label="x")
    assert found["waiting"].value == found["asked"].value > 0


def test_of_one_replicate_no_interval_is_promised():
    of = settings(replicates=1)
    found = simulate(told(people([200] * 30), of), None, of, label="x")
    assert "no intervals" in found.text("en")
    assert "In brackets" not in found.text("en")


def test_a_difference_that_rounds_to_nothing_has_no_sign():
    assert Spread("taken", -0.001, -0.5, 0.001).text("en") == "0.00 (-0.50 to 0.00)"


def test_liberties_per_offence_prevented_have_an_interval_that_covers():
    rng = np.random.default_rng(3)
    rate, hits = 0.02, 0
    for _ in range(2000):
        withheld = 100 + 10 * rng.standard_normal(8)
        prevented = rate * withheld + 0.5 * rng.standard_normal(8)
        found = per_prevented("offences", withheld, prevented, 0.9)
        hits += found.low <= 1 / rate <= found.high
    assert hits == pytest.approx(1800, abs=50)


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({"low": 0}, "0 < low < high"),
        ({"low": 9, "high": 3}, "0 < low < high"),
        ({"high": float("inf")}, "0 < low < high"),
        ({"within": 0}, "within is 0"),
        ({"wait_days": float("nan")}, "wait_days is nan"),
        ({"figure": "days"}, "no figure 'days'"),
    ],
)
def test_bounds_between_which_nothing_can_be_sought_are_refused(bounds, said):
    of = settings()
    with pytest.raises(ImpactError, match=said):
        capacity_needed(told(people([200]), of), of, **{"wait_days": 5, **bounds})


def test_scenarios_of_another_warm_up_or_of_other_people_are_not_compared():
    of, who = settings(), people([200] * 20)
    longer = settings(warm_up_months=2)
    others = people([200] * 20, failure=np.full(20, 0.5))
    found = [
        simulate(told(they, them), None, them, label="x")
        for they, them in ((who, of), (who, longer), (others, of))
    ]
    with pytest.raises(ImpactError, match="warm_up_months is 0"):
        compare_impacts(found[0], found[1])
    with pytest.raises(ImpactError, match="other people"):
        compare_impacts(found[0], found[2])
