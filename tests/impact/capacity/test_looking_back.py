"""A forecast beside what came, policies, and published figures beside a cohort."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from impact.capacity.world import START, plain, stays_from, steady
from risicoscreener import Screener
from risicoscreener.decision import OUTCOMES
from risicoscreener.errors import ImpactError
from risicoscreener.impact import book_of, policy_of
from risicoscreener.impact.capacity import (
    CapacitySettings,
    ConditionalRelease,
    Scenario,
    Stays,
    against_published,
    backtest,
    forecast,
    outcomes_under,
)
from risicoscreener.impact.capacity.around import flow_around
from risicoscreener.impact.capacity.policy import _worst
from risicoscreener.impact.screens import KindScreens
from risicoscreener.synthetic import simulate

BACK = dt.date(2023, 1, 1)


def test_a_steady_world_is_forecast_as_it_came():
    stays = steady(rate=3.0, mean=50.0)
    found = backtest(stays, BACK, plain(), months=12, replicates=60)
    assert found.covered > 0.5
    assert found.error < 0.1
    first = (BACK - dt.date(1970, 1, 1)).days
    january = stays.occupancy(np.arange(first, first + 31)).mean()
    assert found.observed[0] == pytest.approx(january)
    assert found.before == stays.occupancy([first - 1])[0]
    assert found.made.start == BACK
    assert "12 maanden, en wat er kwam" in found.text("nl")
    assert f"of {len(found.observed)} months" in found.text("en")
    assert found.to_dict()["months"][0]["month"] == "2023-01-01"


def test_a_world_that_changed_is_outside_the_limits():
    rows = [
        {"arrived": -a, "left": -a + 40} for a in range(1, 1200) for _ in range(4 if a > 366 else 1)
    ]
    found = backtest(stays_from(rows), BACK, plain(), months=12, replicates=40)
    assert found.covered < 0.3
    assert "outside the limits" in found.text("en")
    assert found.error > 1


def test_what_comes_after_must_have_been_watched():
    with pytest.raises(ImpactError, match="24 months from 2023-01-01 run until 2025-01-01"):
        backtest(steady(), BACK, plain(), months=24)


@pytest.fixture(scope="module")
def cohort():
    n, calendar = flow_around(START, 4, 500)
    made = simulate(n, seed=2, population="flow", changes=calendar)
    stays = Stays.of(made.tables, START, seen_from=dt.date(2020, 1, 1), index=made.index())
    return made, stays


def under(cohort, *names) -> Stays:
    made, stays = cohort
    policies = book_of(*(policy_of(name) for name in names), start=dt.date(1900, 1, 1))
    screener = Screener(Screener.load().bundle, policies)
    return outcomes_under(stays, made.tables, screener, sorted({n.split("/")[0] for n in names}))


def test_a_policy_says_something_of_who_may_ask(cohort):
    found = under(cohort, "leave/2021-07-01")
    outcome = found.outcomes["leave"]
    asked = outcome >= 0
    assert asked.sum() > 50
    assert (found.sentence_days[asked] >= 182).all()
    said = {OUTCOMES[code] for code in np.unique(outcome[asked])}
    assert said == set(OUTCOMES)


def test_a_rule_that_sends_more_people_on_asks_for_more_assessments(cohort):
    settings = CapacitySettings.of({"deep.per_week": 1.0})
    old, new = (
        forecast(under(cohort, name), settings, months=12, replicates=10)
        for name in ("leave/2021-07-01", "leave/2021-11-15")
    )
    assert old.deep_asked.sum() > 0
    assert (new.deep_asked.sum(axis=1) >= old.deep_asked.sum(axis=1)).all()
    assert (new.occupancy == old.occupancy).all()
    assert new["deep_waiting_end"].value >= old["deep_waiting_end"].value


def test_placements_and_releases_by_what_policies_say(cohort):
    found = under(cohort, "low_security/2021-07-01", "conditional_release/2021-07-01")
    settings = CapacitySettings.of({"low_security.from_policy": "outcomes"})
    asked = forecast(found, settings, months=12, replicates=10)
    seen = forecast(found, months=12, replicates=10)
    assert asked.by_ground[:, 1::2].sum() != seen.by_ground[:, 1::2].sum()
    assert (asked.occupancy == seen.occupancy).all()
    release = Scenario(changes=(ConditionalRelease(by_policy=True),))
    fewer = forecast(found, months=60, replicates=10, scenario=release)
    all_of_them = Scenario(changes=(ConditionalRelease(share=1.0),))
    most = forecast(found, months=60, replicates=10, scenario=all_of_them)
    assert fewer["occupancy_end"].value > most["occupancy_end"].value


def test_who_is_sent_on_at_some_time_is_sent_on_and_then_who_is_granted():
    deny, deep, grant = (OUTCOMES.index(one) for one in ("deny", "deep_assessment", "grant"))
    outcome = np.full((5, 6), -2, np.int8)
    outcome[0] = [deep, grant, deny, grant, deny, deny]
    first, last = np.array([0, 3, 5, 7]), np.array([2, 5, 7, 7])
    nothing = np.zeros(6)
    screened = KindScreens(
        "leave", first, last, nothing, outcome, nothing, nothing, ("leave",), (365,)
    )
    assert _worst(screened, 4).tolist() == [deep, grant, deny, -1]


def test_stays_from_a_table_cannot_be_screened(cohort):
    made, _ = cohort
    with pytest.raises(ImpactError, match="stays are from a table"):
        outcomes_under(steady(), made.tables, Screener.load(), ["leave"])


def test_the_flow_of_a_synthetic_cohort_has_the_published_lengths(cohort):
    _, stays = cohort
    frame = against_published(stays).set_index("quantity")
    short = frame.loc["share of detentions shorter than 3 months (flow)"]
    assert short["found"] == pytest.approx(short["published"], abs=4)
    mean = frame.loc["mean stay"]
    assert mean["found"] == pytest.approx(mean["published"], rel=0.2)
    assert frame["source"].str.len().min() > 10
    grounds = frame.loc["stock by legal title"]
    assert grounds["found"].sum() <= 100


def test_published_figures_by_hand():
    rows = [
        {"arrived": -a, "left": -a + (50 if a % 2 else 150), "kind": "sentence"}
        for a in range(151, 800)
    ]
    frame = against_published(stays_from(rows)).set_index(["quantity", "subgroup"])
    assert frame.loc[("mean stay", "all"), "found"] == pytest.approx(100, rel=0.03)
    share = frame.loc[("share of detentions shorter than 3 months (flow)", "all titles"), "found"]
    assert share == pytest.approx(50, abs=2)
