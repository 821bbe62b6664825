"""One run: nobody gets lost, nobody counts twice, and nobody is granted what the policy denies."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from risicoscreener.errors import ImpactError
from risicoscreener.impact.requests import draw_requests
from risicoscreener.impact.running import (
    DENIED,
    GRANTED,
    LOST,
    RELEASED,
    STATUSES,
    WAITING,
    run,
)
from risicoscreener.impact.screens import DEEP, DENY, GRANT, STATES
from risicoscreener.impact.settings import Asking, Assessing, Closure, Team
from risicoscreener.impact.simulation import simulate

from .world import START, people, settings, told

ASKING = st.builds(
    Asking,
    kind=st.just("leave"),
    per_month=st.floats(0.5, 6),
    lead_days=st.just((0, 40)),
    time_bound_share=st.floats(0, 1),
    time_bound_days=st.just((1, 30)),
)
TEAMS = st.one_of(
    st.floats(0.1, 20).map(lambda c: (Team(per_week=c),)),
    st.floats(0.1, 20).map(lambda c: tuple(Team(per_week=c, place=f"PI-{i:02}") for i in range(3))),
)
WORLDS = st.fixed_dictionaries(
    {
        "asking": ASKING.map(
            lambda a: (a, Asking(kind="low_security", per_month=1.0, phase_days=60))
        ),
        "capacity": TEAMS,
        "priority": st.sampled_from(["fifo", "earliest_date", "time_bound_first"]),
        "rescreen_weeks": st.sampled_from([None, 2, 8]),
        "warm_up_months": st.sampled_from([0, 2]),
        "seed": st.integers(0, 10_000),
        "assessing": st.builds(
            Assessing,
            service_days=st.floats(1, 30),
            inconclusive=st.floats(0, 0.9),
            valid_days=st.integers(1, 60),
        ),
        "closures": st.sampled_from(
            [(), (Closure(START + dt.timedelta(days=20), START + dt.timedelta(days=40)),)]
        ),
    }
)


def random_outcomes(seed: int):
    rng = np.random.default_rng(seed)
    return lambda meeting: rng.choice([DENY, DEEP, GRANT], (STATES, len(meeting)))


def some_world(given_settings, release, seed):
    who, of = people(release), settings(**given_settings)
    screened = told(who, of, random_outcomes(seed), version_from=seed % 12, validity_days=10)
    return screened, of, run(screened, of, 0)


RELEASES = st.lists(st.integers(-30, 300), min_size=1, max_size=25)


@hypothesis_settings(max_examples=60, deadline=None)
@given(given_settings=WORLDS, release=RELEASES, seed=st.integers(0, 999))
def test_everybody_who_asked_ends_exactly_once(given_settings, release, seed):
    screened, of, found = some_world(given_settings, release, seed)
    cases = found.cases
    assert len(draw_requests(screened.people, of, 0)) == (cases["reopened"] == 0).sum()
    assert (cases["reopened"] == 1).sum() <= (~np.isnan(cases["withdrawn_on"])).sum()
    assert np.isin(cases["status"], range(len(STATUSES))).all()
    assert not np.isnan(cases["ended_on"]).any()
    figures = {f.name: f.value for f in simulate(screened, None, of).figures}
    assert figures["asked"] + figures["reopened"] == pytest.approx(
        sum(figures[n] for n in ("granted", "withdrawn", *STATUSES[1:]))
    )


@hypothesis_settings(max_examples=60, deadline=None)
@given(given_settings=WORLDS, release=RELEASES, seed=st.integers(0, 999))
def test_days_are_in_order_and_within_the_stay(given_settings, release, seed):
    _, of, found = some_world(given_settings, release, seed)
    c, status = found.cases, found.cases["status"]
    leaves = np.array(release)[c["person"].astype(int)]
    assert (c["ended_on"] >= c["asked_on"]).all()
    assert (c["ended_on"] <= np.maximum(of.n_days, c["asked_on"])).all()
    assert (c["ended_on"][status == GRANTED] < leaves[status == GRANTED]).all()
    assert (c["ended_on"] == c["wanted_on"])[status == LOST].all()
    assert (c["bound"] == 1)[status == LOST].all()
    assert (c["ended_on"] == leaves)[status == RELEASED].all()
    assert (c["ended_on"] == of.n_days)[status == WAITING].all()
    needed = ~np.isnan(c["needed_on"])
    assert (c["needed_on"] >= c["asked_on"])[needed].all()
    assert not (needed & (status == GRANTED) & (c["ended_on"] < c["needed_on"])).any()


@hypothesis_settings(max_examples=60, deadline=None)
@given(given_settings=WORLDS, release=RELEASES, seed=st.integers(0, 999))
def test_no_more_assessments_are_worked_on_than_there_are_people(given_settings, release, seed):
    screened, of, found = some_world(given_settings, release, seed)
    jobs = {
        name: column[~np.isnan(found.jobs["started_on"])] for name, column in found.jobs.items()
    }
    prison = screened.people.prison[jobs["person"].astype(int)]
    for team in of.teams:
        mine = np.ones(len(prison), bool) if not team.place else prison == team.place
        begin = np.sort(jobs["started_on"][mine])
        end = np.sort(np.nan_to_num(jobs["done_on"][mine], nan=np.inf))
        # Of equal moments the end comes first: someone stops and takes up the next.
        busy = np.arange(1, len(begin) + 1) - np.searchsorted(end, begin + 1e-9, side="right")
        assert (busy <= team.servers(of.assessing.service_days)).all()


@hypothesis_settings(max_examples=30, deadline=None)
@given(given_settings=WORLDS, release=RELEASES, seed=st.integers(0, 999))
def test_what_came_first_is_taken_up_first(given_settings, release, seed):
    given_settings = {**given_settings, "priority": "fifo", "capacity": (Team(per_week=1.0),)}
    _, _, found = some_world(given_settings, release, seed)
    started = ~np.isnan(found.jobs["started_on"])
    order = np.argsort(found.jobs["started_on"][started], kind="stable")
    assert (np.diff(found.jobs["asked_on"][started][order]) >= 0).all()


@hypothesis_settings(max_examples=30, deadline=None)
@given(given_settings=WORLDS, release=RELEASES)
def test_what_the_policy_denies_in_every_state_is_never_granted(given_settings, release):
    who, of = people(release), settings(**given_settings)
    found = run(told(who, of, (DENY, DENY, DENY, DENY, DENY)), of, 0)
    assert set(found.cases["status"]) <= {DENIED, LOST, RELEASED, WAITING}
    assert not len(found.jobs["person"])


def test_without_a_favourable_outcome_nobody_is_granted():
    who = people([200] * 30)
    of = settings(50.0, assessing=Assessing(service_days=3, sensitivity=1, specificity=0))
    found = run(told(who, of), of, 0)
    assert not (found.cases["status"] == GRANTED).any()
    assert (found.cases["status"] == DENIED).any()


def test_an_assessment_that_is_never_conclusive_is_asked_again():
    who = people([200] * 10)
    of = settings(100.0, assessing=Assessing(service_days=1, inconclusive=0.99))
    found = run(told(who, of), of, 0)
    assert found.cases["repeats"].sum() > 30
    assert found.cases["expired"].sum() == 0  # what has no outcome cannot expire
    assert len(found.jobs["person"]) > found.cases["repeats"].sum()


def test_an_outcome_that_expires_is_asked_again():
    who = people([200] * 10)
    short, long = (
        run(told(who, of), of, 0)
        for of in (
            settings(200.0, assessing=Assessing(service_days=1, inconclusive=0, valid_days=days))
            for days in (7, 400)
        )
    )
    assert long.cases["repeats"].sum() == 0 < short.cases["repeats"].sum()
    assert (short.cases["expired"] == short.cases["repeats"]).all()


def test_under_a_new_version_a_liberty_that_was_not_taken_yet_is_withdrawn_and_taken_up_again():
    who = people([200] * 40, dangerous=np.zeros(40, bool))
    lead = Asking(kind="leave", per_month=1.0, lead_days=(20, 20))
    of = settings(
        100.0, asking=(lead,), assessing=Assessing(service_days=1, inconclusive=0, specificity=1)
    )
    change = 6

    def outcomes(meeting):
        after = np.array([DEEP, DEEP, GRANT, DENY, DEEP])[:, None]
        return np.where(meeting >= change, after, GRANT)

    c = run(told(who, of, outcomes, version_from=change), of, 0).cases
    day = 7.0 * (change + 1)
    withdrawn = ~np.isnan(c["withdrawn_on"])
    assert withdrawn.sum() == (c["reopened"] == 1).sum() > 0
    assert (c["withdrawn_on"][withdrawn] == day).all()
    assert (c["ended_on"][withdrawn] < day).all()
    assert (c["taken_on"][withdrawn] > day).all()
    assert (c["needed_on"] >= day)[~np.isnan(c["needed_on"])].all()
    assert (c["status"][c["reopened"] == 1] == GRANTED).all()


def test_a_liberty_further_away_than_an_outcome_holds_is_looked_at_again():
    who = people([200] * 40)
    far = Asking(kind="leave", per_month=1.0, lead_days=(40, 40))
    of = settings(asking=(far,))

    def outcomes(meeting):
        return np.where(meeting >= 5, DENY, GRANT) * np.ones((STATES, 1), np.int8)

    kept = run(told(who, of, outcomes, validity_days=365), of, 0).cases
    looked = run(told(who, of, outcomes, validity_days=14), of, 0).cases
    assert np.isnan(kept["withdrawn_on"]).all()
    assert (~np.isnan(looked["withdrawn_on"])).any()


def test_time_bound_requests_first_lose_fewer_of_them():
    who = people([300] * 120)
    asking = Asking(
        kind="leave", per_month=1.0, time_bound_share=0.15, time_bound_days=(20, 30), phase_days=365
    )
    found = {}
    for priority in ("fifo", "time_bound_first"):
        of = settings(6.0, asking=(asking,), priority=priority, assessing=Assessing(inconclusive=0))
        found[priority] = simulate(told(who, of), None, of)["lost"].value
    assert found["time_bound_first"] < found["fifo"]


def test_the_earliest_date_goes_before_the_earliest_request():
    who = people([300] * 60)
    of = settings(2.0, priority="earliest_date", asking=(
        Asking(kind="leave", per_month=1.0, lead_days=(1, 80)),
    ))  # fmt: skip
    fifo = settings(2.0, asking=of.asking)
    of_date, of_request = (run(told(who, s), s, 0).jobs for s in (of, fifo))
    for jobs, sorted_ in ((of_date, False), (of_request, True)):
        started = ~np.isnan(jobs["started_on"])
        order = np.argsort(jobs["started_on"][started], kind="stable")
        assert (np.diff(jobs["asked_on"][started][order]) >= 0).all() == sorted_


def test_kinds_share_the_psychologists_and_the_assessment():
    who = people([200] * 40)
    both = (
        Asking(kind="leave", per_month=1.0),
        Asking(kind="low_security", per_month=1.0),
    )
    three = [settings(3.0, asking=kinds) for kinds in (both[:1], both[1:], both)]
    leave, place, two = (run(told(who, s), s, 0) for s in three)
    assert len(two.jobs["person"]) < len(leave.jobs["person"]) + len(place.jobs["person"])
    busy = [np.nansum(r.jobs["done_on"] - r.jobs["started_on"]) for r in (leave, two)]
    assert busy[1] <= three[0].n_days * 3
    assert busy[1] >= busy[0]
    # Somebody who waits for an assessment for one kind does not wait for a second for the other.
    for person in range(40):
        mine = two.jobs["person"] == person
        begin, end = two.jobs["asked_on"][mine], two.jobs["done_on"][mine]
        assert (begin[1:] >= np.nan_to_num(end[:-1], nan=np.inf)).all()


def test_chance_is_the_same_whatever_the_policy():
    who = people([200] * 30)
    of = settings(3.0)
    strict, mild = run(told(who, of), of, 0), run(told(who, of, (GRANT,) * 5), of, 0)
    for name in ("person", "asked_on", "wanted_on", "bound"):
        first = strict.cases["reopened"] == 0
        np.testing.assert_array_equal(strict.cases[name][first], mild.cases[name])
    other = settings(9.0)
    faster = run(told(who, other), other, 0)
    work = [
        {(p, t): w / mean for p, t, w in zip(j["person"], j["turn"], j["work"], strict=True)}
        for j, mean in ((strict.jobs, 3 * 7 / 3), (faster.jobs, 9 * 7 / 9))
    ]
    shared = work[0].keys() & work[1].keys()
    assert len(shared) > 10
    assert all(work[0][k] == pytest.approx(work[1][k]) for k in shared)


def test_a_run_is_repeated_by_its_seed_and_another_is_other():
    who, of = people([200] * 20), settings(2.0)
    first, again, other = (run(told(who, of), of, r) for r in (0, 0, 1))
    for name, column in first.cases.items():
        np.testing.assert_array_equal(column, again.cases[name])
    assert len(other) != len(first) or (other.cases["asked_on"] != first.cases["asked_on"]).any()


def test_somebody_who_is_asked_once_asks_on_one_day():
    who = people([120, 130, 400], conditional=np.array([20_000, -1, -1]))
    who.conditional[0] = who.release[0]
    once = Asking(
        kind="conditional_release", once_before_days=28, phase_days=28, lead_days=(28, 28)
    )
    of = settings(asking=(once,), months=4)
    requests = draw_requests(who, of, 0)
    assert requests.person.tolist() == [0, 1]
    assert requests.asked_on.tolist() == [92, 102]
    assert requests.wanted_on.tolist() == [120, 130]


def test_a_prison_without_a_team_is_named():
    who, of = people([200] * 6), settings((Team(per_week=1.0, place="PI-00"),))
    with pytest.raises(ImpactError, match="PI-01; expected one for each prison"):
        run(told(who, of), of, 0)
