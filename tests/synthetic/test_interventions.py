"""What help would have done: potential outcomes whose effects are known."""

from __future__ import annotations

import numpy as np
import pytest

from risicoscreener.synthetic import load_parameters, simulate
from risicoscreener.synthetic.aims.targets import COMPLETE
from risicoscreener.synthetic.stages.interventions import NAMES, interventions

P = load_parameters()
BINARY = [name for name in NAMES if name != "labour_hours"]
OUTCOMES = ["any_2y", "any_2y_registered"]


@pytest.fixture(scope="module")
def cohort():
    return simulate(40_000, seed=4, changes=COMPLETE)


@pytest.fixture(scope="module")
def what_if(cohort):
    return cohort.truth.interventions


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_outcome_under_what_was_received_is_the_outcome(cohort, what_if, name, outcome):
    received = what_if[name] == 1
    factual = cohort.truth.persons
    for column in (outcome, f"probability_{outcome}"):
        under = np.where(
            received, what_if[f"{column}_if_{name}_1"], what_if[f"{column}_if_{name}_0"]
        )
        np.testing.assert_allclose(under, factual[column], atol=1.1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("level", [0, 1])
def test_potential_outcomes_happen_with_the_probability_that_is_said(what_if, name, outcome, level):
    chance = what_if[f"probability_{outcome}_if_{name}_{level}"]
    noise = np.sqrt((chance * (1 - chance)).sum()) / len(chance)
    assert abs(what_if[f"{outcome}_if_{name}_{level}"].mean() - chance.mean()) < 4 * noise


@pytest.mark.parametrize("name", NAMES)
def test_no_one_does_worse_with_help_as_all_effects_are_favourable(what_if, name):
    assert (what_if[f"any_2y_if_{name}_1"] <= what_if[f"any_2y_if_{name}_0"]).all()


def hazards(what_if, name, level):
    return -np.log1p(-what_if[f"probability_any_2y_if_{name}_{level}"].to_numpy())


def test_without_competing_events_the_log_hazard_ratio_is_that_of_the_parameters():
    never = {"intercept": -60.0}
    alone = {"followup.death": never, "followup.new_detention": never, "detention.removal": 0.0}
    cohort = simulate(4096, changes=alone)
    what_if, people = cohort.truth.interventions, cohort.truth.persons
    expected = {
        "supervision": P["interventions.supervision"]["intercept"]
        + P["interventions.supervision"]["addicted"] * people["latent_addicted"],
        "debt_help": P["interventions.debt_help"]["problematic_debt"]
        * people["latent_problematic_debt"],
        "housing_help": P["interventions.housing_help"]["homeless"] * people["latent_homeless"],
        "labour_hours": 10.0 * P["interventions.labour_hours"]["intercept"],
    }
    usual = (people["probability_any_2y"].to_numpy() > 0.05) & (
        people["probability_any_2y"].to_numpy() < 0.99
    )
    for name in NAMES:
        found = np.log(hazards(what_if, name, 1) / hazards(what_if, name, 0))
        wanted = np.broadcast_to(np.asarray(expected[name], dtype=float), len(found))
        np.testing.assert_allclose(found[usual], wanted[usual], atol=0.002)


def test_help_changes_nothing_for_those_who_do_not_need_it(cohort, what_if):
    fine = ~cohort.truth.persons["latent_homeless"]
    for outcome in OUTCOMES:
        with_help = what_if.loc[fine, f"probability_{outcome}_if_housing_help_1"]
        assert (with_help == what_if.loc[fine, f"probability_{outcome}_if_housing_help_0"]).all()


def test_those_under_supervision_are_not_like_the_others(what_if):
    """Their risk without supervision differs, so that a naive comparison misses the effect."""
    column = "probability_any_2y_if_supervision_0"
    supervised = what_if["supervision"] == 1
    noise = what_if[column].std() / np.sqrt(supervised.sum())
    difference = what_if.loc[supervised, column].mean() - what_if.loc[~supervised, column].mean()
    assert abs(difference) > 4 * noise


def test_supervision_sees_more_of_what_happens(what_if):
    shown = [
        what_if[f"any_2y_registered_if_supervision_{level}"].sum()
        / what_if[f"any_2y_if_supervision_{level}"].sum()
        for level in (0, 1)
    ]
    assert shown[1] > shown[0] + 0.005


def test_an_intervention_without_effect_leaves_everything_as_it_is():
    none = dict.fromkeys(("intercept",), 0.0)
    found = interventions(
        load_parameters(changes={f"interventions.{name}": none for name in NAMES}),
        {name: np.ones(3) for name in NAMES},
        {"addicted": np.zeros(3)},
    )
    assert found.factor.tolist() == [1.0, 1.0, 1.0]
