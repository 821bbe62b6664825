"""Each scenario has the effect that it is there for, and leaves alone what it must leave alone.

Cohorts of one seed share their random numbers, so that what stays the same does so exactly.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from risicoscreener.synthetic import simulate
from risicoscreener.synthetic.scenario import Scenario

from .looking import facts, logit, of_owner, present_stay, visible

PEOPLE = 6000
AFTER_RELEASE = "_registered|_seen"
CHANGED_ON = np.datetime64("2021-01-01")


@cache
def cohort_of(which):
    """The cohort of a scenario, or that of a population without one."""
    if which in ("flow", "sentenced"):
        return simulate(PEOPLE, population=which)
    scenario = Scenario.load(which)
    return simulate(PEOPLE, population=scenario.population, changes=scenario.changes)


def base_of(scenario):
    return cohort_of(Scenario.load(scenario).population)


def so(cohort):
    """What is so, whether a register knows it or not."""
    frame = cohort.truth.persons
    return frame.drop(columns=[*frame.filter(regex=AFTER_RELEASE), "latent_linked"])


def without_supervision(cohort):
    """Probability and outcome of each person if nobody were under supervision."""
    return cohort.truth.interventions.filter(regex="2y_if_supervision_0$")


def origin(cohort):
    """Whether each person was born abroad."""
    audit = facts(cohort, "audit")
    groups = audit[audit["attribute"] == "origin_group"].set_index("owner")["value"]
    return (groups.sort_index() == "born_abroad").to_numpy()


def same(one, other):
    pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.mark.parametrize("which", ["base", "label_bias_100"])
def test_nothing_changes_in_the_base_or_with_equal_registration(which):
    base, found = cohort_of("flow"), cohort_of(which)
    same(found.truth.persons, base.truth.persons)
    for name in ("convictions", "conduct", "housing"):
        same(facts(found, name), facts(base, name))


ONLY_REGISTERS = [
    "label_bias_125",
    "label_bias_150",
    "label_bias_200",
    "register_lag",
    "missing_not_at_random",
    "coding_change",
    "small_municipality",
]


@pytest.mark.parametrize("which", ONLY_REGISTERS)
def test_a_scenario_of_registers_changes_nothing_of_what_is_so(which):
    found, base = cohort_of(which), base_of(which)
    same(so(found), so(base))
    same(found.truth.liberties, base.truth.liberties)


def test_registration_grows_more_unequal_with_the_odds():
    seen, registered, custody = [], [], []
    for which in ("base", "label_bias_125", "label_bias_150", "label_bias_200"):
        cohort, abroad = cohort_of(which), origin(cohort_of(which))
        past = visible(cohort, "convictions")
        per_person = np.bincount(past["owner"], minlength=PEOPLE)
        seen.append(per_person[abroad].mean() / per_person[~abroad].mean())
        shown = cohort.truth.persons["probability_any_2y_registered"].to_numpy()
        registered.append(shown[abroad].mean() - shown[~abroad].mean())
        inside = past["sanction"] == "custodial"
        custody.append(inside[abroad[past["owner"]]].mean())
    assert (np.diff(seen) > 0.04).all()
    assert (np.diff(registered) > 0.01).all()
    assert custody[1] > custody[0] + 0.03


def test_unequal_registration_leaves_the_cases_of_others_as_they_were():
    base, biased = cohort_of("flow"), cohort_of("label_bias_200")
    others = ~origin(base)
    columns = ["owner", "offence_class", "offence_on", "judged_on", "sanction", "recorded_at"]
    found = []
    for cohort in (base, biased):
        rows = facts(cohort, "convictions")
        found.append(rows.loc[others[rows["owner"]], columns].reset_index(drop=True))
    same(*found)


def spread_of_place(cohort):
    """How far the mean place of municipalities differs by origin, in places of one."""
    homes = facts(cohort, "housing").dropna(subset=["municipality"])
    place = homes["municipality"].astype(str).str.slice(3).astype(int) / 340
    abroad = origin(cohort)[homes["owner"]]
    return place[abroad].mean() - place[~abroad].mean()


def test_proxies_tell_origin_and_origin_does_not_tell_risk():
    base, proxies = cohort_of("flow"), cohort_of("proxies")
    abroad, truth = origin(proxies), proxies.truth.persons
    np.testing.assert_array_equal(abroad, origin(base))
    assert abs(spread_of_place(base)) < 0.03 < 0.25 < spread_of_place(proxies)
    for state in ("problematic_debt", "no_id"):
        share = truth[f"latent_{state}"].to_numpy()
        assert share[abroad].mean() > share[~abroad].mean() + 0.1
    chance = truth["probability_any_2y"].to_numpy()
    noise = chance.std() * np.sqrt(1 / abroad.sum() + 1 / (~abroad).sum())
    assert abs(chance[abroad].mean() - chance[~abroad].mean()) < 4 * noise


def test_debts_and_documents_have_no_effect_of_their_own_where_they_are_proxies():
    truth = cohort_of("proxies").truth.persons
    variables = [
        "latent_propensity",
        "latent_momentum",
        "latent_disadvantage",
        "latent_problematic_debt",
        "latent_no_id",
        "latent_in_work",
        "latent_homeless",
        "latent_addicted",
        "latent_prone",
    ]
    x = truth[variables].to_numpy(dtype=float)
    x = np.column_stack([np.ones(len(x)), np.log1p(truth["latent_prior_cases"]), x])
    effects = np.linalg.lstsq(x, logit(truth["probability_any_2y"].to_numpy()), rcond=None)[0]
    by_name = dict(zip(variables, effects[2:], strict=True))
    assert by_name["latent_in_work"] < -0.4
    assert abs(by_name["latent_problematic_debt"]) < 0.1
    assert abs(by_name["latent_no_id"]) < 0.1
    assert abs(by_name["latent_disadvantage"]) < 0.05


def shares_of_index_classes(cohort, classes):
    """Share of index offences among some classes, before 2008 and from 2019."""
    index = facts(cohort, "convictions").query("index_offence == True")
    year = of_owner(cohort, "as_of", index).astype("datetime64[Y]").astype(int) + 1970
    found = index["offence_class"].isin(classes).to_numpy()
    return found[year < 2008].mean(), found[year >= 2019].mean()


def test_base_rate_and_case_mix_drift():
    drift, base = cohort_of("drift"), cohort_of("flow")
    early, late = shares_of_index_classes(drift, ["theft", "burglary", "fraud", "damage"])
    assert early / late == pytest.approx(30 / 18, abs=0.3)
    early, late = shares_of_index_classes(drift, ["drugs"])
    assert early < 0.8 * late
    frame = drift.truth.persons
    released = frame["release_on"].dt.year
    level = logit(frame["probability_any_2y"])
    assert level[released < 2005].mean() > level[released >= 2012].mean() + 0.25
    for name in ("propensity", "prior_cases", "true_cases", "addicted", "homeless"):
        assert (frame[f"latent_{name}"] == base.truth.persons[f"latent_{name}"]).all()


def test_slow_registers_show_less_on_the_index_day_and_less_of_two_years():
    base, slow = cohort_of("flow"), cohort_of("register_lag")
    for name in ("convictions", "conduct"):
        assert len(visible(slow, name)) < len(visible(base, name))
    frames = [c.truth.persons for c in (base, slow)]
    assert frames[0]["any_2y_registered"].equals(frames[1]["any_2y_registered"])
    late = frames[0]["release_on"].dt.year >= 2024
    hidden = [(f["any_2y_registered"] - f["any_2y_seen"])[late].mean() for f in frames]
    assert hidden[1] > hidden[0] + 0.02


def test_what_is_read_early_is_censored_the_more_the_later_the_release():
    frame = cohort_of("censoring").truth.persons
    linked = frame["latent_linked"]
    seen = frame["any_2y_seen"][linked] / frame["any_2y_registered"][linked].mean()
    by_year = seen.groupby(frame["release_on"].dt.year).mean()
    assert by_year[2023] > by_year[2024] > by_year[2025] + 0.1
    assert by_year[2025] < 0.35
    later = dict(Scenario.load("censoring").changes)
    later["calendar.extracted_on"] = pd.Timestamp("2040-01-01").date()
    read_late = simulate(PEOPLE, changes=later)
    same(so(cohort_of("censoring")), so(read_late))


def test_short_stays_have_empty_fields_and_long_ones_what_they_had():
    base, bare = cohort_of("flow"), cohort_of("missing_not_at_random")
    stays = base.truth.persons["release_on"] - present_stay(base)["arrived_on"].to_numpy()
    short = (stays.dt.days < 28).to_numpy()
    assert 0.3 < short.mean() < 0.7
    for name in ("conduct", "programme", "housing", "income_work", "identity_care", "debts"):
        found, had = facts(bare, name), facts(base, name)
        assert not short[found["owner"]].any()
        assert len(found) == (~short[had["owner"]]).sum()
    asked = facts(bare, "inquiries")
    of_short = set(asked.loc[short[asked["owner"]], "subject"])
    assert of_short == {"convictions", "liberties", "victims", "assessments"}


@pytest.mark.parametrize(("which", "missed"), [("base", 0.02), ("missing_not_at_random", 0.10)])
def test_some_are_not_found_a_little_more_often_if_born_abroad(which, missed):
    cohort = cohort_of(which)
    lost = ~cohort.truth.persons["latent_linked"].to_numpy()
    assert lost.mean() == pytest.approx(missed, abs=4 * np.sqrt(missed / PEOPLE))
    if which != "base":
        abroad = origin(cohort)
        assert 1.1 < lost[abroad].mean() / lost[~abroad].mean() < 2.0


def test_whoever_is_not_found_looks_like_someone_without_a_past_and_nobody_notices():
    cohort = cohort_of("missing_not_at_random")
    truth = cohort.truth.persons
    lost = ~truth["latent_linked"].to_numpy()
    convictions, stays = facts(cohort, "convictions"), facts(cohort, "detentions")
    assert convictions.loc[lost[convictions["owner"]], "index_offence"].all()
    of_lost = stays[lost[stays["owner"]]]
    assert (of_lost.groupby("owner")["arrived_on"].nunique() == 1).all()
    assert set(of_lost["owner"]) == set(np.flatnonzero(lost))
    assert truth["latent_prior_cases"][lost].mean() > 3
    assert truth["any_2y"][lost].mean() > 0.3
    assert (truth["any_2y_seen"][lost] == 0).all()
    asked = facts(cohort, "inquiries").query("subject == 'convictions'")
    complete = asked.groupby(lost[asked["owner"]])["complete"].mean()
    assert complete[True] > 0.97
    assert complete[True] == pytest.approx(complete[False], abs=0.02)


@pytest.mark.parametrize(
    ("table", "column", "day", "recoded"),
    [
        ("convictions", "offence_class", "judged_on", {"threat": "violence", "fraud": "theft"}),
        ("conduct", "subject", "occurred_on", {"drugs": "contraband"}),
    ],
)
def test_codes_change_from_a_day_and_nothing_else_does(table, column, day, recoded):
    base, found = (facts(cohort_of(which), table) for which in ("flow", "coding_change"))
    since = (base[day] >= CHANGED_ON).to_numpy()
    expected = base[column].astype(str).where(~since, base[column].astype(str).replace(recoded))
    assert (found[column].astype(str) == expected).all()
    assert (expected != base[column].astype(str)).any()
    assert found.drop(columns=column).equals(base.drop(columns=column))


def incidents_by_prison(cohort):
    """Registered and true incidents by the prison of the present stay, and its undesired weeks."""
    conduct = facts(cohort, "conduct")
    prison = present_stay(cohort)["prison"].astype(str)
    registered = conduct[conduct["kind"] == "incident"].groupby("owner").size()
    reviews = conduct[conduct["kind"] == "week_review"]
    undesired = (reviews["grade"] != "desired").groupby(reviews["owner"]).sum()
    frame = pd.DataFrame(
        {
            "prison": prison,
            "registered": registered,
            "undesired": undesired,
            "true": cohort.truth.persons["latent_true_incidents"].to_numpy(),
        }
    )
    return frame.groupby("prison").sum()


def read_late(which):
    """A scenario whose registers are read when all stays have ended."""
    scenario = Scenario.load(which)
    changes = {**scenario.changes, "calendar.extracted_on": pd.Timestamp("2060-01-01").date()}
    return simulate(PEOPLE, population=scenario.population, changes=changes)


def test_one_prison_registers_everything_and_one_nothing():
    found = incidents_by_prison(read_late("registers_everything_and_nothing"))
    assert found.loc["PI-01", "registered"] == found.loc["PI-01", "true"] > 30
    assert found.loc["PI-02", "registered"] == 0 < 30 < found.loc["PI-02", "true"]
    assert found.loc["PI-02", "undesired"] == 0
    others = found.drop(["PI-01", "PI-02"])
    assert 0.4 < others["registered"].sum() / others["true"].sum() < 0.6
    assert (others["registered"] < others["true"]).all()


def test_what_happens_inside_does_not_depend_on_who_registers_it():
    which = "registers_everything_and_nothing"
    base, found = base_of(which), cohort_of(which)
    frames = [c.truth.persons.filter(regex="^latent_|as_of|release_on") for c in (base, found)]
    same(*frames)
    same(without_supervision(found), without_supervision(base))


def test_other_prisons_register_what_they_registered():
    which = "registers_everything_and_nothing"
    elsewhere = ~present_stay(base_of(which))["prison"].isin(["PI-01", "PI-02"]).to_numpy()
    base, found = (facts(c, "conduct") for c in (base_of(which), cohort_of(which)))
    base, found = (
        frame[elsewhere[frame["owner"]]].reset_index(drop=True) for frame in (base, found)
    )
    pd.testing.assert_frame_equal(found, base)


def test_more_counts_as_intolerable_from_a_day_on():
    which = "intolerable_redefined"
    base, found = (facts(c, "conduct") for c in (base_of(which), cohort_of(which)))
    base, found = (frame[frame["kind"] == "incident"] for frame in (base, found))
    since = (base["occurred_on"] >= CHANGED_ON).to_numpy()
    wider = base["subject"].isin(["drugs", "threat", "refusal"]).to_numpy()
    assert (found["grade"][since & wider] == "intolerable").all()
    assert (found["grade"][~(since & wider)] == base["grade"][~(since & wider)]).all()
    assert (found["subject"].to_numpy() == base["subject"].to_numpy()).all()
    intolerable = [(frame["grade"] == "intolerable")[since].mean() for frame in (base, found)]
    assert intolerable[1] > intolerable[0] + 0.25
    isolated = [(frame["discipline"] == "isolation")[since].mean() for frame in (base, found)]
    assert isolated[1] > isolated[0] + 0.1
    same(without_supervision(cohort_of(which)), without_supervision(base_of(which)))


def test_interchanged_formulas_are_wrong_for_a_quarter_and_mostly_too_low():
    own, swapped = cohort_of("two_populations"), cohort_of("swapped_populations")
    chance = [c.truth.interventions["probability_any_2y_if_supervision_0"] for c in (own, swapped)]
    moved = (chance[1] - chance[0]).to_numpy()
    clearly = np.abs(moved) > 0.05
    assert 0.2 < clearly.mean() < 0.32
    assert (moved[clearly] > 0).mean() > 0.65
    index = facts(own, "convictions").query("index_offence == True").drop_duplicates("owner")
    for_drugs = np.zeros(PEOPLE, dtype=bool)
    for_drugs[index.loc[index["offence_class"] == "drugs", "owner"]] = True
    assert not moved[~for_drugs].any()
    assert visible(own, "convictions").equals(visible(swapped, "convictions"))


def test_self_reporters_come_by_themselves_for_a_short_sentence():
    cohort = cohort_of("self_reporters")
    stay = present_stay(cohort)
    assert (stay["regime"] == "self_reporter").all()
    days = (stay["released_on"] - stay["arrived_on"]).dt.days
    assert days.max() <= 365
    assert days.mean() == pytest.approx(52, abs=6)
    assert (stay["judged_on"] <= stay["arrived_on"]).all()
    assert (stay["arrived_on"] - stay["judged_on"]).dt.days.mean() > 100


def test_short_stays_are_of_thirty_days_at_most():
    stays = facts(cohort_of("short_stays"), "detentions")
    present = stays[stays["fact_id"].isin(["stay-1", "stay-2"])]
    days = (present["released_on"] - present["arrived_on"]).dt.days
    assert days.max() == 30
    assert (days == 30).mean() < 0.1
    base, short = (facts(cohort_of(which), "programme") for which in ("flow", "short_stays"))
    assert len(short) < 0.1 * len(base)


def test_women_are_as_women_are_in_the_base():
    base, women = cohort_of("flow"), cohort_of("women")
    sex = base.tables.to_pandas("persons")["sex"].to_numpy()
    assert (women.tables.to_pandas("persons")["sex"] == "female").all()
    were_women = sex == "female"
    latent = "latent_propensity"
    same(women.truth.persons[[latent]], base.truth.persons[[latent]])
    prior = women.truth.persons["latent_prior_cases"]
    assert prior.mean() < 0.7 * base.truth.persons["latent_prior_cases"].mean()
    chance = [
        women.truth.persons["probability_any_2y"].mean(),
        base.truth.persons["probability_any_2y"][were_women].mean(),
    ]
    assert chance[0] == pytest.approx(chance[1], abs=0.05)


def test_young_adults_are_18_to_22_on_arrival():
    cohort = cohort_of("young_adults")
    born = cohort.tables.to_pandas("persons")["birth_date"]
    age = (present_stay(cohort)["arrived_on"] - born.to_numpy()).dt.days / 365.25
    assert age.min() >= 17.99
    assert age.max() < 23
    assert len(np.unique(np.floor(age + 0.01))) == 5
    before = cohort.truth.persons["latent_true_cases"].mean()
    assert before < 0.7 * cohort_of("flow").truth.persons["latent_true_cases"].mean()


def test_a_small_municipality_is_the_only_one_and_has_few_people():
    scenario = Scenario.load("small_municipality")
    cohort = simulate(scenario.people, changes=scenario.changes)
    assert scenario.people < 100
    assert set(facts(cohort, "housing")["municipality"].dropna()) == {"GM-001"}


@pytest.mark.parametrize("which", sorted(Scenario.shipped()))
def test_each_scenario_has_a_test_of_its_effect(which):
    source = __import__("pathlib").Path(__file__).read_text("utf-8")
    assert f'"{which}"' in source
