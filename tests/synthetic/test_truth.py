"""The truth is true: outcomes happen with the probabilities that are said."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.metrics import roc_auc_score

from risicoscreener.dossier import vocabularies
from risicoscreener.dossier.schema import tables
from risicoscreener.synthetic import load_parameters, simulate

from .looking import facts, logit, of_owner

KINDS = ["any", "violence", "serious_violence"]
OUTCOMES = [f"{kind}_2y" for kind in KINDS]
ALL = [
    f"{kind}_{horizon}{end}"
    for kind in KINDS
    for horizon in ("1y", "2y", "5y")
    for end in ("", "_registered")
]


def pairs(cohort, name):
    """True probability and outcome: of persons, or of leave movements."""
    if name == "failed":
        frame = cohort.truth.liberties
        return frame["probability_failed"].to_numpy(), frame["failed"].to_numpy()
    frame = cohort.truth.persons
    return frame[f"probability_{name}"].to_numpy(), frame[name].to_numpy()


@pytest.mark.parametrize("name", [*ALL, "failed"])
def test_the_mean_of_the_true_probability_is_the_rate_of_the_outcome(cohort, name):
    chance, outcome = pairs(cohort, name)
    noise = np.sqrt((chance * (1 - chance)).sum()) / len(chance)
    assert abs(outcome.mean() - chance.mean()) < 4 * noise


@pytest.mark.parametrize("name", [*ALL, "failed"])
def test_the_slope_of_the_outcome_on_the_true_log_odds_is_one(cohort, name):
    chance, outcome = pairs(cohort, name)
    fit = sm.GLM(outcome, sm.add_constant(logit(chance)), family=sm.families.Binomial()).fit()
    assert abs(fit.params[1] - 1.0) < 4 * fit.bse[1]
    assert fit.bse[1] < 0.2


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("any_2y_registered", 0.745, 0.78),
        ("violence_2y_registered", 0.70, 0.80),
        ("failed", 0.70, 0.80),
    ],
)
def test_the_true_probability_tells_people_apart_as_well_as_life_allows(flow, name, low, high):
    chance, outcome = pairs(flow, name)
    assert low <= roc_auc_score(outcome, chance) <= high


@pytest.mark.parametrize("kind", KINDS)
def test_a_case_within_two_years_is_one_within_730_days(cohort, kind):
    frame = cohort.truth.persons
    assert ((frame[f"years_to_{kind}"] * 365.25 < 730.5) == (frame[f"{kind}_2y"] == 1)).all()


def test_a_narrower_outcome_is_never_more_likely_and_never_comes_before_the_wider_one(cohort):
    frame = cohort.truth.persons
    for wide, narrow in pairwise(KINDS):
        for name in (f"probability_{{}}_{h}" for h in ("1y", "2y", "5y")):
            assert (frame[name.format(narrow)] <= frame[name.format(wide)]).all()
        assert (frame[f"{narrow}_2y"] <= frame[f"{wide}_2y"]).all()
        assert not (frame[f"years_to_{narrow}"] < frame[f"years_to_{wide}"]).any()


def test_a_longer_horizon_never_has_less(cohort):
    frame = cohort.truth.persons
    for kind in KINDS:
        for short, long in (("1y", "2y"), ("2y", "5y")):
            assert (frame[f"{kind}_{short}"] <= frame[f"{kind}_{long}"]).all()
            assert (
                frame[f"probability_{kind}_{short}"] <= frame[f"probability_{kind}_{long}"]
            ).all()


@pytest.mark.parametrize("days", [183, 365, 730, 1096, 1461, 1826])
def test_registered_cases_come_along_the_published_curve(flow, days):
    """F(t) = 0.74 (1 - exp(-0.615 t^0.713)), t in years: all people together."""
    cases = facts(flow, "convictions")
    after = (cases["offence_on"] - of_owner(flow, "release_on", cases)).dt.days
    n = len(flow.truth.persons)
    reached = np.unique(cases.loc[(after > 0) & (after <= days), "owner"]).size / n
    published = 0.74 * (1 - np.exp(-0.615 * (days / 365.25) ** 0.713))
    assert abs(reached - published) < 0.012 + 3 * np.sqrt(published * (1 - published) / n)


def test_no_case_comes_after_an_event_that_rules_it_out(cohort):
    frame = cohort.truth.persons
    ended = frame["competing_event"] != "none"
    assert 0.05 < ended.mean() < 0.5
    assert (frame["years_to_competing_event"].notna() == ended).all()
    assert not (frame["years_to_any"] > frame["years_to_competing_event"]).any()


@pytest.mark.parametrize("event", ["death", "deportation", "new_detention"])
def test_every_competing_event_occurs(flow, event):
    assert (flow.truth.persons["competing_event"] == event).any()


def test_only_those_who_are_to_be_removed_are_deported_and_nearly_all_of_them_are(cohort):
    stays = facts(cohort, "detentions")
    removed = set(stays.loc[stays["removal_or_extradition"] == True, "owner"])  # noqa: E712
    deported = np.flatnonzero(cohort.truth.persons["competing_event"] == "deportation")
    assert set(deported) <= removed
    assert len(deported) > 0.8 * len(removed)


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_register_shows_what_the_truth_says_it_shows(cohort, name):
    cases = facts(cohort, "convictions")
    after = (cases["offence_on"] - of_owner(cohort, "release_on", cases)).dt.days
    counted = (after > 0) & (after <= 730)
    group = {"violence_2y": "violent", "serious_violence_2y": "serious_violent"}.get(name)
    if group is not None:
        counted &= cases["offence_class"].isin(vocabularies()["offence_class"].groups[group])
    shown = np.bincount(cases.loc[counted, "owner"], minlength=len(cohort.truth.persons)) > 0
    truth = cohort.truth.persons
    assert (shown == ((truth[f"{name}_registered"] == 1) & truth["latent_linked"])).all()
    assert (truth[f"{name}_seen"] == shown).all()


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_register_shows_a_part_and_nothing_that_did_not_happen(cohort, name):
    frame = cohort.truth.persons
    assert (frame[f"{name}_registered"] <= frame[name]).all()
    assert (frame[f"{name}_seen"] <= frame[f"{name}_registered"]).all()
    assert (frame[f"probability_{name}_registered"] <= frame[f"probability_{name}"]).all()
    assert 0.45 < frame.loc[frame[name] == 1, f"{name}_registered"].mean() < 0.85


def test_a_case_is_registered_with_the_share_that_is_said(flow):
    """Of people with one true case in all the years, the share with a registered one."""
    share = load_parameters()["registration.detected_share"]
    frame = flow.truth.persons
    level = -np.log1p(-frame["probability_any_2y"])
    rare = frame[(level < 0.1) & (frame["competing_event"] == "none")]
    of_true = rare.loc[rare["any_2y"] == 1, "any_2y_registered"]
    noise = np.sqrt(share * (1 - share) / len(of_true))
    assert share - 4 * noise < of_true.mean() < share * 1.06 + 4 * noise


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
    leaves = leaves[leaves["kind"].isin(vocabularies()["liberty_kind"].groups["leave"])]
    started = leaves[leaves["started_on"].notna()]
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


UNEQUAL = {
    f"registration.{name}_odds_ratio": value
    for name, value in {"detection": 2.0, "history": 2.0, "custody": 1.49}.items()
}


def test_unequal_registration_changes_what_is_known_and_nothing_of_what_is_so():
    usual, biased = simulate(8000), simulate(8000, changes=UNEQUAL)
    one, other = (
        c.truth.persons.drop(columns=c.truth.persons.filter(regex="_registered|_seen").columns)
        for c in (usual, biased)
    )
    assert one.equals(other)
    assert usual.truth.liberties.equals(biased.truth.liberties)
    counts = []
    for cohort in (usual, biased):
        audit = facts(cohort, "audit")
        group = audit[audit["attribute"] == "origin_group"].set_index("owner")["value"]
        cases = facts(cohort, "convictions")
        counts.append(cases["owner"].map(group).value_counts())
    assert counts[1]["born_abroad"] > 1.2 * counts[0]["born_abroad"]
    assert counts[1]["born_in_nl"] == counts[0]["born_in_nl"]


def test_unequal_registration_leaves_what_is_known_of_others_as_it_is():
    usual, biased = simulate(4096), simulate(4096, changes=UNEQUAL)
    audit = facts(usual, "audit")
    others = set(audit.loc[audit["value"] == "born_in_nl", "owner"])
    for name in tables():
        one, other = (facts(c, name) for c in (usual, biased))
        one, other = (f[f["owner"].isin(others)].reset_index(drop=True) for f in (one, other))
        pd.testing.assert_frame_equal(one, other)


def test_twice_the_odds_of_registration_give_the_probability_that_thinning_gives():
    """From a half to two thirds: the log chance of no registered case grows by a third."""
    alone = {"followup.death": {"intercept": -60.0}, "followup.new_detention": {"intercept": -60.0}}
    alone |= {"detention.removal": 0.0, "interventions.seen_odds_ratio": 1.0}
    usual, biased = (simulate(4096, changes=alone | more) for more in ({}, UNEQUAL))
    audit = facts(usual, "audit")
    abroad = np.zeros(4096, dtype=bool)
    abroad[audit.loc[audit["value"] == "born_abroad", "owner"]] = True
    none = [
        np.log1p(-c.truth.persons["probability_any_2y_registered"].to_numpy())
        for c in (usual, biased)
    ]
    ratio = none[1] / none[0]
    np.testing.assert_allclose(ratio[abroad], 4 / 3, rtol=1e-3)
    np.testing.assert_allclose(ratio[~abroad], 1.0, rtol=1e-3)


def test_nobodys_outcome_depends_on_the_level_of_somebody_else():
    """Where only the risk of women is changed, everything that men do stays as it is.

    When a register knows of it may differ: days of disposal are drawn case by case.
    """
    usual, changed = simulate(4096), simulate(4096, changes={"outcomes.any_2y.female": 2.0})
    men = (usual.tables.to_pandas("persons")["sex"] == "male").to_numpy()
    one, other = (
        c.truth.persons.drop(columns=c.truth.persons.filter(regex="_seen$").columns)
        for c in (usual, changed)
    )
    pd.testing.assert_frame_equal(one[men], other[men])
    assert not one[~men].equals(other[~men])
