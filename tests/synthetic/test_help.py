"""Help during the stay: offered by some prisons, taken by the willing, and visible in dossiers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risicoscreener.synthetic.parameters import load_parameters

from .looking import facts, of_owner, present_stay

P = load_parameters("sentenced")
KINDS = {"debt_help": "latent_problematic_debt", "housing_help": "latent_homeless"}


@pytest.fixture(scope="module")
def people(sentenced):
    """The truth of each person, with the prison of the present stay."""
    stay = present_stay(sentenced).sort_index()
    frame = sentenced.truth.persons.join(sentenced.truth.interventions).reset_index()
    frame["prison"] = stay["prison"].to_numpy()
    frame["days"] = (stay["released_on"] - stay["arrived_on"]).dt.days.to_numpy()
    return frame


@pytest.mark.parametrize(("name", "need"), KINDS.items())
def test_help_is_for_those_in_need_in_half_of_the_prisons(people, name, need):
    helped = people[people[name] == 1]
    assert len(helped) > 200
    assert helped[need].all()
    assert helped["prison"].nunique() == P["detention.prisons"] / 2


def test_short_stays_leave_no_time_for_help(flow):
    stay = present_stay(flow).sort_index()
    days = (stay["released_on"] - stay["arrived_on"]).dt.days.to_numpy()
    for name in KINDS:
        assert days[flow.truth.interventions[name] == 1].min() >= P["help.from_stay_days"]


def difference(values, group):
    """Of two means, in standard errors."""
    one, other = values[group], values[~group]
    error = np.hypot(one.std() / np.sqrt(len(one)), other.std() / np.sqrt(len(other)))
    return (one.mean() - other.mean()) / error


@pytest.mark.parametrize(("name", "need"), KINDS.items())
def test_people_who_take_help_differ_and_prisons_that_offer_it_do_not(people, name, need):
    """So the first comparison is misled, and that of prisons is not."""
    in_need = people[people[need]]
    offering = in_need["prison"].isin(people.loc[people[name] == 1, "prison"].unique())
    propensity = in_need["latent_propensity"]
    assert abs(difference(propensity, offering)) < 4
    assert difference(propensity[offering], in_need.loc[offering, name] == 1) < -2


def test_a_home_found_is_in_the_dossier_and_ends_the_spell_without_one(sentenced):
    housing = facts(sentenced, "housing")
    housed = sentenced.truth.interventions["housing_help"].to_numpy() == 1
    now = housing[housing["until_on"].isna() & housed[housing["owner"]]]
    assert len(now) > 200
    assert now["status"].isin(["own_address", "with_family", "institution"]).all()
    before = (of_owner(sentenced, "release_on", now) - now["from_on"]).dt.days
    assert before.between(0, P["help.housed_before_release"][1]).all()
    assert (now["recorded_at"].to_numpy() < of_owner(sentenced, "release_on", now)).mean() > 0.9
    ended = housing.set_index(["owner", "until_on"]).index
    with_a_past = housing[housed[housing["owner"]] & housing["until_on"].notna()]["owner"]
    known = now[now["owner"].isin(with_a_past)]
    assert pd.MultiIndex.from_frame(known[["owner", "from_on"]]).isin(ended).mean() > 0.8


@pytest.mark.parametrize(("name", "goal"), [("debt_help", "debts"), ("housing_help", "housing")])
def test_goals_that_help_served_are_met(sentenced, name, goal):
    programme = facts(sentenced, "programme")
    goals = programme[(programme["kind"] == "goal") & (programme["goal"] == goal)]
    helped = sentenced.truth.interventions[name].to_numpy()[goals["owner"]] == 1
    assert (goals.loc[helped, "status"] == "met").all()
    assert goals.loc[helped, "willing"].all()
    assert (goals.loc[~helped, "status"] == "met").mean() < 0.5


def test_labour_is_around_the_mean_hours_of_each_person(people, sentenced):
    labour = facts(sentenced, "programme")
    labour = labour[labour["kind"] == "labour"]
    rows = labour.groupby("owner")["hours"].agg(["mean", "size"])
    rows = rows[rows["size"] >= 6]
    true = people["labour_hours"].to_numpy()[rows.index]
    error = true / np.sqrt(P["programme.labour_shape"] * rows["size"])
    z = (rows["mean"] - true) / error
    typical = true < 28
    assert abs(z[typical].mean()) < 4 / np.sqrt(typical.sum()) + 0.05
    assert 0.9 < z[typical].std() < 1.1


def test_hours_of_labour_differ_between_prisons_and_between_people(people):
    of_prison = people.groupby("prison")["labour_hours"].agg(["mean", "std"])
    spread = P["help.labour_sd"]
    assert of_prison["mean"].std() == pytest.approx(spread["prison"], rel=0.5)
    assert of_prison["std"].mean() == pytest.approx(spread["person"], rel=0.1)
    assert people["labour_hours"].mean() == pytest.approx(18, abs=0.3)
