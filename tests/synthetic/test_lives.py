"""Lives hang together: what the dossier says of one person is possible, and what the rules say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.synthetic import load_parameters
from risicoscreener.synthetic.stages.conduct import Weeks
from risicoscreener.synthetic.stages.programme import _changes, _good_weeks

from .looking import facts, of_owner, present_stay

ONE_DAY = pd.Timedelta(days=1)
NEW_LEAVE = {"short_leave", "long_leave", "extramural_leave"}
OLD_LEAVE = {"general_leave", "regime_leave"}
LEAVE = {*OLD_LEAVE, *NEW_LEAVE, "incidental_leave"}
NEW_FROM = pd.Timestamp("2021-07-01")


def per_owner_gaps(frame, start, end):
    """Start of each row less the end of the one before, of the same person."""
    before = frame.groupby("owner")[end].shift()
    return (frame[start] - before).dropna()


def test_nobody_is_in_two_stays_at_once(cohort):
    stays = facts(cohort, "detentions")
    replaced = stays[["owner", "supersedes"]].dropna()
    key = stays["owner"].astype(str) + stays["fact_id"].fillna("")
    stays = stays[~key.isin(replaced["owner"].astype(str) + replaced["supersedes"])]
    stays = stays.sort_values(["owner", "arrived_on"])
    assert (per_owner_gaps(stays, "arrived_on", "released_on") > pd.Timedelta(0)).all()


def test_everybody_is_an_adult_on_arrival_and_at_most_85(cohort):
    stay = present_stay(cohort)
    born = cohort.tables.to_pandas("persons")["birth_date"]
    age = (stay["arrived_on"] - born).dt.days / 365.25
    assert age.min() >= 17.99
    assert age.max() <= 85.01


def test_conditional_release_follows_from_the_sentence_and_the_law_at_judgment(cohort):
    stay = present_stay(cohort)
    stay = stay[stay["conditional_release_on"].notna()]
    assert len(stay) > 100
    sentence = stay["sentence_days"] - stay["conditional_days"]
    served = (stay["conditional_release_on"] - stay["arrived_on"]).dt.days
    short = 365 + (sentence - 365) / 3
    long = 2 * sentence / 3
    since = stay["judged_on"] >= NEW_FROM
    long = long.where(~since, np.maximum(long, sentence - 730))
    expected = short.where(sentence <= 730, long)
    assert (abs(served - expected) <= 0.51).all()
    assert (sentence > 365).all()
    assert (stay["conditional_days"] == 0).all()
    assert not stay["unlawful_stay"].any()


def test_both_laws_occur_among_the_sentenced(sentenced):
    share = (present_stay(sentenced)["judged_on"] >= NEW_FROM).mean()
    assert 0.25 < share < 0.6


def test_the_sentenced_serve_their_sentence_unless_released_early(cohort):
    stay = present_stay(cohort)
    stay = stay[stay["regime"].isin(["sentence", "self_reporter"])]
    sentence = (stay["sentence_days"] - stay["conditional_days"]).astype(int)
    served = (stay["released_on"] - stay["arrived_on"]).dt.days
    early = stay["released_on"] == stay["conditional_release_on"]
    assert (served[~early] == sentence[~early]).all()
    assert (served[early] < sentence[early]).all()


def test_a_stay_that_began_in_remand_is_known_as_remand_until_the_judgment(cohort):
    stays = facts(cohort, "detentions")
    first = stays[stays["fact_id"] == "stay-1"].set_index("owner")
    second = stays[(stays["fact_id"] == "stay-2") & stays["supersedes"].notna()].set_index("owner")
    assert len(first) > 100
    assert first.index.equals(second.index)
    assert (first["regime"] == "remand").all()
    assert first["sentence_days"].isna().all()
    assert (second["recorded_at"] >= second["judged_on"]).all()
    assert (second["arrived_on"] == first["arrived_on"]).all()


def test_denied_conditional_release_moves_the_expected_release_to_the_end(sentenced):
    stays = facts(sentenced, "detentions").set_index("owner")
    before = stays[stays["fact_id"] == "stay-2"]
    after = stays[stays["fact_id"] == "stay-3"]
    before = before.loc[after.index]
    assert len(after) > 50
    assert (before["expected_release_on"] == before["conditional_release_on"]).all()
    assert (after["expected_release_on"] == after["released_on"]).all()
    leaves = facts(sentenced, "liberties")
    asked = leaves[leaves["kind"] == "conditional_release"].set_index("owner")
    assert (asked.loc[after.index, "decision"] == "denied").all()


def test_leave_is_of_the_kinds_of_its_time(cohort):
    leaves = facts(cohort, "liberties")
    decided = leaves[leaves["decided_on"].notna()]
    new = decided["decided_on"] >= NEW_FROM
    assert not decided.loc[new, "kind"].isin(OLD_LEAVE).any()
    assert not decided.loc[~new, "kind"].isin(NEW_LEAVE).any()
    assert set(decided["kind"]) == {
        *OLD_LEAVE,
        *NEW_LEAVE,
        "incidental_leave",
        "low_security",
        "conditional_release",
    }


def test_leave_is_asked_in_the_last_phase_of_a_sentence_and_ends_before_release(cohort):
    leaves = facts(cohort, "liberties")
    leaves = leaves[leaves["kind"].isin(LEAVE)]
    stay = present_stay(cohort).loc[leaves["owner"]].set_axis(leaves.index)
    assert stay["regime"].isin(["sentence", "self_reporter"]).all()
    flags = stay[["tbs_with_care", "unlawful_stay", "removal_or_extradition"]]
    assert not flags.any(axis=None)
    sentence = (stay["sentence_days"] - stay["conditional_days"]).astype(int)
    served = (leaves["asked_on"] - stay["arrived_on"]).dt.days
    assert (sentence >= 182).all()
    assert (served >= np.floor(sentence / 3)).all()
    assert ((stay["released_on"] - leaves["asked_on"]).dt.days <= 365).all()
    ended = leaves["ended_on"].notna()
    assert (leaves.loc[ended, "ended_on"] <= stay.loc[ended, "released_on"]).all()


def test_a_leave_starts_after_the_one_before_has_ended(cohort):
    leaves = facts(cohort, "liberties")
    started = leaves[leaves["started_on"].notna() & leaves["kind"].isin(LEAVE)]
    assert (per_owner_gaps(started, "started_on", "ended_on") > pd.Timedelta(0)).all()


def test_only_granted_liberties_start(cohort):
    leaves = facts(cohort, "liberties")
    started = leaves["started_on"].notna()
    assert (leaves.loc[started, "decision"] == "granted").all()
    assert leaves.loc[~started, "outcome"].isna().all()


def test_an_earlier_failure_makes_the_next_one_more_likely(sentenced):
    truth = sentenced.truth.liberties
    first_failure = truth[truth["failed"] == 1].groupby("person_id")["as_of"].min()
    after = truth["as_of"] > truth["person_id"].map(first_failure) + pd.Timedelta(days=60)
    assert after.sum() > 50
    assert truth.loc[after, "probability_failed"].mean() > 2 * truth["probability_failed"].mean()


def test_the_two_reviews_of_a_week_are_never_better_than_its_incidents(cohort):
    conduct = facts(cohort, "conduct")
    arrived = present_stay(cohort)["arrived_on"].to_numpy()[conduct["owner"]]
    day = (conduct["occurred_on"] - arrived).dt.days
    is_review = conduct["kind"] == "week_review"
    assert (day[is_review] % 7 == 0).all()
    conduct["week"] = np.where(is_review, day // 7 - 1, day // 7)
    order = {"desired": 0, "undesired": 1, "intolerable": 2}
    conduct["rank"] = conduct["grade"].astype(str).map(order)
    key = ["owner", "week", "category"]
    reviews = conduct[is_review].set_index(key)["rank"]
    assert not reviews.index.duplicated().any()
    worst = conduct[conduct["kind"] == "incident"].groupby(key, observed=True)["rank"].max()
    both = pd.concat({"review": reviews, "incident": worst}, axis=1).dropna()
    assert len(both) > 500
    assert (both["review"] >= both["incident"]).all()


def test_promotion_and_degradation_take_turns_beginning_with_promotion(cohort):
    programme = facts(cohort, "programme")
    changes = programme[programme["kind"].isin(["promotion", "degradation"])]
    up = (changes["kind"] == "promotion").astype(int)
    before = up.groupby(changes["owner"]).shift(fill_value=0)
    assert (up != before).all()


def test_nobody_but_self_reporters_is_promoted_before_six_weeks(cohort):
    programme = facts(cohort, "programme")
    first = programme[programme["kind"] == "promotion"].groupby("owner")["occurred_on"].min()
    stay = present_stay(cohort).loc[first.index]
    waited = (first - stay["arrived_on"]).dt.days
    starts_promoted = stay["regime"] == "self_reporter"
    assert (waited[starts_promoted] == 0).all()
    assert (waited[~starts_promoted] > 42).all()
    assert not (stay["regime"] == "isd").any()


@given(st.lists(st.lists(st.booleans(), max_size=30), max_size=4))
def test_good_weeks_in_a_row_are_counted_for_each_person_apart(people):
    owner = np.array([i for i, weeks in enumerate(people) for _ in weeks], dtype=np.int32)
    grade = np.array([0 if good else 1 for weeks in people for good in weeks], dtype=np.int8)
    expected = []
    for weeks in people:
        count = 0
        for good in weeks:
            count = count + 1 if good else 0
            expected.append(count)
    assert _good_weeks(Weeks(owner, owner, grade)).tolist() == expected


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=30))
def test_a_decision_counts_only_if_it_changes_the_programme(decisions):
    decisions = sorted(decisions, key=lambda one: one[0])
    owner = np.array([o for o, _ in decisions], dtype=np.int32)
    up = np.array([u for _, u in decisions], dtype=bool)
    state, expected = {}, []
    for o, u in decisions:
        expected.append(u != state.get(o, False))
        state[o] = u
    assert _changes(owner, up).tolist() == expected


def test_circumstances_are_known_only_where_there_was_an_inquiry(cohort):
    inquiries = facts(cohort, "inquiries")
    for table in ("housing", "income_work", "debts", "identity_care", "victims"):
        found = facts(cohort, table)
        asked = inquiries[inquiries["subject"] == table]
        first = asked.groupby("owner")["consulted_on"].min()
        assert set(found["owner"]) <= set(asked["owner"]), table
        assert (found["recorded_at"] >= found["owner"].map(first)).all(), table


def test_everybody_with_a_complete_inquiry_into_housing_lives_somewhere_or_nowhere_now(cohort):
    inquiries = facts(cohort, "inquiries")
    whole = inquiries[(inquiries["subject"] == "housing") & inquiries["complete"]]
    housing = facts(cohort, "housing")
    now = housing[housing["until_on"].isna()].set_index("owner")["status"]
    assert now.index.is_unique
    assert set(whole["owner"]) <= set(now.index)
    homeless = cohort.truth.persons["latent_homeless"].to_numpy()[now.index]
    housed = cohort.truth.interventions["housing_help"].to_numpy()[now.index] == 1
    assert (now.isin(["none", "shelter"]).to_numpy() == (homeless & ~housed)).all()


def test_spells_of_housing_and_work_do_not_overlap(flow):
    for table in ("housing", "income_work"):
        spells = facts(flow, table).sort_values(["owner", "from_on"])
        assert (per_owner_gaps(spells, "from_on", "until_on") >= pd.Timedelta(0)).all()


def test_an_indication_found_by_screening_errs_both_ways(flow):
    care = facts(flow, "identity_care")
    screened = care[care["instrument"] == "screener"]
    positive = (screened["finding"] == "yes").to_numpy()
    disabled = of_owner(flow, "latent_disabled", screened)
    p = load_parameters()["circumstances.screener"]
    assert positive[disabled].mean() == pytest.approx(p["sensitivity"], abs=0.02)
    assert positive[~disabled].mean() == pytest.approx(p["false_alarm"], abs=0.02)


def test_there_are_as_many_prior_convictions_as_neutral_policing_registers(cohort):
    cases = facts(cohort, "convictions")
    arrived = present_stay(cohort)["arrived_on"].to_numpy()[cases["owner"]]
    prior = cases[~cases["index_offence"] & (cases["offence_on"] < arrived).to_numpy()]
    count = np.bincount(prior["owner"], minlength=len(cohort.truth.persons))
    truth = cohort.truth.persons
    linked = truth["latent_linked"].to_numpy()
    assert (count[linked] == truth["latent_prior_cases"][linked]).all()


def test_deep_assessments_became_usual_for_serious_offences_in_november_2021(sentenced):
    asked = facts(sentenced, "assessments")
    asked = asked[asked["kind"] != "needs_assessment"]
    since = asked["asked_on"] >= pd.Timestamp("2021-11-01")
    stays = present_stay(sentenced)
    middle = stays["arrived_on"] + (stays["released_on"] - stays["arrived_on"]) / 2
    rate = since.sum() / (middle >= pd.Timestamp("2021-11-01")).sum()
    before = (~since).sum() / (middle < pd.Timestamp("2021-11-01")).sum()
    assert rate > 2 * before


def test_victims_are_named_more_often_after_violence_than_after_drugs(flow):
    victims = facts(flow, "victims")
    cases = facts(flow, "convictions")
    index = cases[cases["index_offence"]].set_index("owner")["offence_class"]
    known = (
        (victims["interest"] == "known").groupby(victims["owner"].map(index), observed=True).mean()
    )
    assert known["violence"] > 0.5
    assert known["drugs"] < 0.05


def test_nobody_offends_while_inside(cohort):
    """Neither known past cases, nor the index case, nor later ones lie within a standing stay."""
    stays, cases = facts(cohort, "detentions"), facts(cohort, "convictions")
    replaced = set(zip(stays["owner"], stays["supersedes"].fillna(""), strict=True))
    ids = zip(stays["owner"], stays["fact_id"].fillna("-"), strict=True)
    stays = stays[[key not in replaced for key in ids]]
    both = cases[["owner", "offence_on"]].merge(
        stays[["owner", "arrived_on", "released_on"]].dropna(), on="owner"
    )
    inside = (both["offence_on"] > both["arrived_on"]) & (both["offence_on"] < both["released_on"])
    assert not inside.any()


def test_no_later_case_is_judged_and_no_stay_begins_after_death(cohort):
    truth = cohort.truth.persons
    dead = (truth["competing_event"] == "death").to_numpy()
    died = np.full(len(truth), np.datetime64("2200-01-01", "D"))
    days = np.rint(truth.loc[dead, "years_to_competing_event"].to_numpy() * 365.25).astype(int)
    died[dead] = truth.loc[dead, "release_on"].to_numpy().astype("datetime64[D]") + days
    cases, stays = facts(cohort, "convictions"), facts(cohort, "detentions")
    later = cases[(cases["offence_on"] > of_owner(cohort, "release_on", cases)).to_numpy()]
    for frame, day in ((later, "judged_on"), (stays, "arrived_on")):
        assert not (frame[day].to_numpy() > died[frame["owner"]]).any()


def test_whose_offending_grows_has_more_of_the_past_cases_lately(flow):
    truth, cases = flow.truth.persons, facts(flow, "convictions")
    past = cases[(cases["offence_on"] < of_owner(flow, "as_of", cases)).to_numpy()]
    age = of_owner(flow, "as_of", past) - past["offence_on"].to_numpy()
    recent = pd.Series(age < np.timedelta64(3 * 365, "D")).groupby(past["owner"].to_numpy()).mean()
    momentum = truth["latent_momentum"].to_numpy()[recent.index]
    growing, fading = recent[momentum > 0.5], recent[momentum < -0.5]
    assert growing.mean() - fading.mean() > 3 * np.hypot(growing.sem(), fading.sem())
