"""Debts grow, are arranged and paid; what registers show of that is renewed at each inquiry."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.synthetic.parameters import load_parameters
from risicoscreener.synthetic.stages.balances import (
    NEVER,
    Course,
    amount_on,
    arrangement_on,
    collection_costs,
    ended_on,
)
from risicoscreener.synthetic.stages.draws import NO_DAY, code

from .looking import facts, of_owner

P = load_parameters()
SINCE = (dt.date(2015, 1, 1) - dt.date(1970, 1, 1)).days


def course(kind, principal=1000.0, fate="none", arranged=None, broken=None, helped=None, paid=None):
    """One debt; days are counted from the one on which it arose."""

    def day(after):
        return np.array([NEVER if after is None else SINCE + after], dtype=np.int32)

    return Course(
        kind=np.array([code("debt_kind", kind)], dtype=np.int8),
        principal_eur=np.array([float(principal)]),
        since=day(0),
        fate=np.array([code("arrangement", fate)], dtype=np.int8),
        arranged_on=day(arranged),
        broken_on=day(broken),
        helped_on=day(helped),
        settled_on=day(paid),
    )


def amount(debt, after):
    return amount_on(P, debt, np.array([SINCE + after]))[0]


def state(debt, after):
    found, since = arrangement_on(P, debt, np.array([SINCE + after]))
    names = ("none", "agreed", "kept", "broken", "refused")
    known = {code("arrangement", name): name for name in names} | {-1: None}
    return known[found[0]], None if since[0] == NO_DAY else since[0] - SINCE


@pytest.mark.parametrize(
    ("principal", "costs"),
    [(100, 40), (1000, 150), (3000, 425), (6000, 675), (20_000, 975), (2_000_000, 6775)],
)
def test_collection_costs_are_those_of_the_decree(principal, costs):
    assert collection_costs(P, np.array([float(principal)]))[0] == pytest.approx(costs)


def test_an_administrative_fine_is_raised_by_a_half_and_then_doubled():
    fine = course("administrative_fine", 200)
    assert [amount(fine, day) for day in (55, 56, 111, 112, 3000)] == [200, 300, 300, 600, 600]


def test_a_premium_not_paid_bears_costs_and_the_legal_interest():
    premium = course("health_insurance")
    assert amount(premium, 44) == pytest.approx(1000 * 1.02 ** (44 / 365.25))
    assert amount(premium, 45) == pytest.approx(1150 * 1.02 ** (45 / 365.25))
    assert amount(premium, 731) == pytest.approx(1150 * 1.02 ** (731 / 365.25))
    eight_years_later = 1150 * 1.02 ** (2922 / 365.25) * 1.05 ** (100 / 365.25)
    assert amount(premium, 3022) == pytest.approx(eight_years_later)


def test_a_confiscation_order_does_not_grow():
    assert amount(course("confiscation", 9000), 4000) == 9000


def test_an_arrangement_that_is_kept_stops_the_growth_and_ends_with_the_last_instalment():
    kept = course("rent", fate="kept", arranged=100)
    frozen = 1150 * 1.02 ** (100 / 365.25)
    assert amount(kept, 100) == pytest.approx(frozen)
    assert amount(kept, 100 + 548) == pytest.approx(frozen / 2)
    assert amount(kept, 100 + 1096) == 0
    assert ended_on(P, kept)[0] == SINCE + 100 + 1096


def test_an_arrangement_that_is_broken_sets_the_growth_going_again():
    broken = course("rent", fate="broken", arranged=100, broken=100 + 548)
    left = 1150 * 1.02 ** (100 / 365.25) / 2
    assert amount(broken, 648) == pytest.approx(left)
    assert amount(broken, 1013) == pytest.approx(left * 1.02 ** (365 / 365.25))
    assert ended_on(P, broken)[0] == NEVER


def test_an_agreement_under_which_nothing_was_paid_yet_freezes_the_amount():
    assert amount(course("confiscation", fate="agreed", arranged=9), 900) == 1000


@pytest.mark.parametrize("fate", ["none", "refused"])
def test_without_an_arrangement_a_debt_grows_on(fate):
    debt = course("consumer", fate=fate, arranged=100)
    assert amount(debt, 731) == pytest.approx(1150 * 1.02 ** (731 / 365.25))


def test_help_arranges_what_was_broken():
    debt = course("rent", fate="broken", arranged=100, broken=648, helped=1013)
    due = 1150 * 1.02 ** (100 / 365.25) / 2 * 1.02 ** (365 / 365.25)
    assert amount(debt, 1013 + 548) == pytest.approx(due / 2)
    assert state(debt, 1012) == ("broken", 100)
    assert state(debt, 1013) == ("agreed", 1013)
    assert state(debt, 1200) == ("kept", 1013)


def test_states_of_an_arrangement_follow_each_other():
    kept = course("rent", fate="kept", arranged=100)
    assert [state(kept, day)[0] for day in (99, 100, 219, 220)] == [
        None,
        "agreed",
        "agreed",
        "kept",
    ]
    broken = course("rent", fate="broken", arranged=100, broken=150)
    assert [state(broken, day)[0] for day in (120, 150)] == ["agreed", "broken"]
    assert state(course("rent", fate="refused", arranged=5), 6) == ("refused", 5)
    assert state(course("rent"), 6) == (None, None)


def test_a_debt_paid_at_once_stays_at_what_was_due_then():
    debt = course("confiscation", 9000, paid=50)
    assert ended_on(P, debt)[0] == SINCE + 50
    assert amount(debt, 900) == 9000


def day_by_day(debt, after):
    """The amount as someone would reckon it who goes through the days one by one."""
    rate = P["debts.legal_interest"]
    kind = ("administrative_fine", "rent")[debt["kind"] == "rent"]
    due, paid_each_day = debt["principal"], None
    for age in range(1, after + 1):
        arranged = debt["arranged"] <= age - 1 < debt["broken"]
        helped = debt["helped"] <= age - 1
        if arranged or helped:
            starts = (debt["helped"] if helped else debt["arranged"]) == age - 1
            paid_each_day = due / P["debts.instalment_days"] if starts else paid_each_day
            due = max(due - paid_each_day, 0.0)
            continue
        if kind == "rent":
            # Costs in the same proportion to what is due as they have to the principal.
            due *= 1.15 if age == P["debts.costs_after"] else 1.0
            year = (dt.date(1970, 1, 1) + dt.timedelta(days=SINCE + age - 1)).year
            due *= (1 + rate[str(max(y for y in map(int, rate) if y <= year))]) ** (1 / 365.25)
        else:
            due *= {56: 1.5, 112: 2.0}.get(age, 1.0)
    return due


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(["administrative_fine", "rent"]),
    arranged=st.integers(0, 400),
    lasts=st.integers(1, 400),
    helped=st.none() | st.integers(801, 900),
    after=st.integers(0, 1000),
)
def test_amounts_are_those_of_reckoning_day_by_day(kind, arranged, lasts, helped, after):
    broken = arranged + lasts
    debt = course(kind, 1000, "broken", arranged, broken, helped)
    steps = {"kind": kind, "principal": 1000.0, "arranged": arranged, "broken": broken}
    expected = day_by_day(steps | {"helped": helped or 10**6}, after)
    assert amount(debt, after) == pytest.approx(expected, rel=1e-6)


@pytest.fixture(scope="module")
def versions(sentenced):
    """Every version of every debt, with the version that it supersedes where there is one."""
    found = facts(sentenced, "debts")
    named = found[found["fact_id"].notna()]
    before = found.merge(
        named[["owner", "fact_id", "amount_eur", "arrangement", "recorded_at", "kind", "since"]],
        left_on=["owner", "supersedes"],
        right_on=["owner", "fact_id"],
        suffixes=("", "_before"),
    )
    return found, before


def test_each_version_supersedes_the_one_before_and_was_recorded_later(versions):
    found, before = versions
    assert len(before) == found["supersedes"].notna().sum() > 5000
    assert not before.duplicated(["owner", "supersedes"]).any()
    assert (before["recorded_at"] >= before["recorded_at_before"]).all()
    assert (before["kind"] == before["kind_before"]).all()
    assert (before["since"] == before["since_before"]).all()


def test_a_debt_that_never_changes_has_one_version_without_an_id(versions):
    found, before = versions
    renewed = found["fact_id"].notna()
    stands_alone = ~renewed & found["supersedes"].isna()
    assert stands_alone.sum() > 1000
    changed = before["amount_eur"] != before["amount_eur_before"]
    changed |= before["arrangement"].astype(str) != before["arrangement_before"].astype(str)
    assert (changed | before["until"].notna()).all()


def test_what_runs_without_an_arrangement_never_becomes_less(versions):
    _, before = versions
    free = before["arrangement"].isna() & before["arrangement_before"].isna()
    free &= before["until"].isna()
    assert free.sum() > 1000
    assert (before.loc[free, "amount_eur"] >= before.loc[free, "amount_eur_before"]).all()
    kept = (before["arrangement"] == "kept") & (before["arrangement_before"] == "kept")
    assert kept.sum() > 500
    assert (before.loc[kept, "amount_eur"] < before.loc[kept, "amount_eur_before"]).mean() > 0.95


def test_an_end_is_shown_when_it_has_come_and_nothing_follows_it(versions):
    found, _ = versions
    ended = found[found["until"].notna()]
    assert (ended["until"] <= ended["recorded_at"]).all()
    later = pd.MultiIndex.from_frame(
        found.loc[found["supersedes"].notna(), ["owner", "supersedes"]]
    )
    named = ended[ended["fact_id"].notna()]
    assert not pd.MultiIndex.from_frame(named[["owner", "fact_id"]]).isin(later).any()


def test_debts_of_those_with_help_are_arranged_in_the_stay(sentenced, versions):
    found, _ = versions
    replaced = pd.MultiIndex.from_frame(found[["owner", "supersedes"]].dropna())
    stands = ~pd.MultiIndex.from_frame(found[["owner", "fact_id"]].fillna("")).isin(replaced)
    last = found[stands & found["until"].isna()]
    helped = sentenced.truth.interventions["debt_help"].to_numpy()[last["owner"]] == 1
    arranged = last["arrangement"].isin(["agreed", "kept"])
    inside = last["arranged_on"].to_numpy() < of_owner(sentenced, "release_on", last)
    share = (arranged & inside)[helped].mean()
    assert helped.sum() > 500
    assert share > P["help.debts_arranged_share"] - 3 * np.sqrt(0.25 / helped.sum())
    assert arranged[~helped].mean() < 0.5
