"""The truth is true: outcomes happen with the probabilities that are said."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.metrics import roc_auc_score

from risicoscreener.dossier import vocabularies
from risicoscreener.synthetic import load_parameters, simulate

from .looking import facts, logit, of_owner

OUTCOMES = ["any_2y", "violence_2y"]


def pairs(cohort, name):
    """True probability and outcome: of persons, or of leave movements."""
    if name == "failed":
        frame = cohort.truth.liberties
        return frame["probability_failed"].to_numpy(), frame["failed"].to_numpy()
    frame = cohort.truth.persons
    return frame[f"probability_{name}"].to_numpy(), frame[name].to_numpy()


@pytest.mark.parametrize("name", [*OUTCOMES, "failed"])
def test_the_mean_of_the_true_probability_is_the_rate_of_the_outcome(cohort, name):
    chance, outcome = pairs(cohort, name)
    noise = np.sqrt((chance * (1 - chance)).sum()) / len(chance)
    assert abs(outcome.mean() - chance.mean()) < 3.3 * noise


@pytest.mark.parametrize("name", [*OUTCOMES, "failed"])
def test_the_slope_of_the_outcome_on_the_true_log_odds_is_one(cohort, name):
    chance, outcome = pairs(cohort, name)
    fit = sm.GLM(outcome, sm.add_constant(logit(chance)), family=sm.families.Binomial()).fit()
    assert abs(fit.params[1] - 1.0) < 3.3 * fit.bse[1]
    assert fit.bse[1] < 0.2


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("any_2y", 0.75, 0.80), ("violence_2y", 0.72, 0.78), ("failed", 0.70, 0.80)],
)
def test_the_true_probability_tells_people_apart_as_well_as_life_allows(flow, name, low, high):
    chance, outcome = pairs(flow, name)
    assert low <= roc_auc_score(outcome, chance) <= high


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_case_within_two_years_is_one_within_730_days(cohort, name):
    frame = cohort.truth.persons
    years = frame["years_to_any" if name == "any_2y" else "years_to_violence"]
    assert ((years * 365.25 < 730.5) == (frame[name] == 1)).all()


def test_violence_is_never_more_likely_than_any_case_and_never_comes_before_it(cohort):
    frame = cohort.truth.persons
    assert (frame["probability_violence_2y"] <= frame["probability_any_2y"]).all()
    assert (frame["violence_2y"] <= frame["any_2y"]).all()
    assert not (frame["years_to_violence"] < frame["years_to_any"]).any()


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_register_shows_what_the_truth_says_it_shows(cohort, name):
    cases = facts(cohort, "convictions")
    after = (cases["offence_on"] - of_owner(cohort, "release_on", cases)).dt.days
    counted = (after > 0) & (after <= 730)
    if name == "violence_2y":
        counted &= cases["offence_class"].isin(vocabularies()["offence_class"].groups["violent"])
    shown = np.bincount(cases.loc[counted, "owner"], minlength=len(cohort.truth.persons)) > 0
    assert (shown == (cohort.truth.persons[f"{name}_registered"] == 1)).all()


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_register_shows_most_but_not_all_and_nothing_that_did_not_happen(cohort, name):
    frame = cohort.truth.persons
    shown = frame.loc[frame[name] == 1, f"{name}_registered"].mean()
    assert 0.93 < shown < 1.0
    assert (frame[f"{name}_registered"] <= frame[name]).all()


def test_the_index_day_lies_inside_the_stay_and_within_the_calendar(cohort):
    frame, p = cohort.truth.persons, load_parameters()
    stays = facts(cohort, "detentions")
    inside = (stays["arrived_on"] <= of_owner(cohort, "as_of", stays)) & (
        of_owner(cohort, "as_of", stays) < stays["released_on"]
    )
    assert len(set(stays.loc[inside, "owner"])) == len(frame)
    days = frame["as_of"].to_numpy().astype("datetime64[D]").astype(int)
    assert days.min() >= p["calendar.as_of_from"]
    assert days.max() <= p["calendar.as_of_to"]


def test_each_movement_that_started_is_in_the_truth_with_how_it_ended(cohort):
    leaves = facts(cohort, "liberties")
    started = leaves[leaves["started_on"].notna() & (leaves["kind"] != "conditional_release")]
    truth = cohort.truth.liberties
    assert len(truth) == len(started)
    ids = np.array(cohort.tables.person_ids.to_pylist())[started["owner"]]
    assert (truth["person_id"].to_numpy() == ids).all()
    assert (truth["kind"].to_numpy() == started["kind"].astype(str)).all()
    assert (truth["failed"].to_numpy() == (started["outcome"] != "returned")).all()
    one_day = np.timedelta64(1, "D")
    assert (truth["as_of"].to_numpy() == started["decided_on"].to_numpy() - one_day).all()


def test_stronger_effects_make_outcomes_easier_to_foresee():
    path = "outcomes.any_2y"
    effects = load_parameters()[path]
    stronger = {name: 2.0 * value for name, value in effects.items()}
    usual, changed = simulate(4000), simulate(4000, changes={path: stronger})
    auc = [roc_auc_score(*reversed(pairs(c, "any_2y"))) for c in (usual, changed)]
    assert auc[1] > auc[0] + 0.05


def test_unequal_registration_changes_what_is_known_and_nothing_of_what_is_so():
    usual = simulate(8000)
    biased = simulate(8000, changes={"registration.detection_odds_ratio": 2.0})
    shown = [f"{name}_registered" for name in OUTCOMES]
    assert usual.truth.persons.drop(columns=shown).equals(biased.truth.persons.drop(columns=shown))
    assert usual.truth.liberties.equals(biased.truth.liberties)
    counts = []
    for cohort in (usual, biased):
        audit = facts(cohort, "audit")
        group = audit[audit["attribute"] == "origin_group"].set_index("owner")["value"]
        cases = facts(cohort, "convictions")
        counts.append(cases["owner"].map(group).value_counts())
    assert counts[1]["born_abroad"] > 1.2 * counts[0]["born_abroad"]
    assert counts[1]["born_in_nl"] == counts[0]["born_in_nl"]
