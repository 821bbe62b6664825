"""What a simulation asks the chain is what the chain says of a dossier with such an assessment."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from risicoscreener import Screener
from risicoscreener.decision import OUTCOMES, PolicyBook
from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.record import Assessment
from risicoscreener.errors import ImpactError, PolicyError
from risicoscreener.features import compute_features
from risicoscreener.impact import People, Settings, book_of, policy_from, policy_of, screen_days
from risicoscreener.impact import simulate as simulate_policies
from risicoscreener.impact.screens import (
    ASKED,
    DEEP,
    DENY,
    EXPIRED,
    FAVOURABLE,
    GRANT,
    NONE,
    STATE,
    UNFAVOURABLE,
)
from risicoscreener.synthetic import Cohort, at_liberty, simulate

START = dt.date(2022, 3, 1)
KIND = "leave"


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    during = {"calendar.as_of_from": START, "calendar.as_of_to": dt.date(2022, 4, 30)}
    return simulate(400, seed=3, population="sentenced", changes=during)


@pytest.fixture(scope="module")
def screener() -> Screener:
    return Screener.load()


@pytest.fixture(scope="module")
def people(cohort) -> People:
    return People.of(cohort.tables, cohort.index(), at_liberty(cohort))


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings.of(START, KIND, capacity=5, months=2)


@pytest.fixture(scope="module")
def screened(people, screener, settings):
    return screen_days(people, screener, settings)


def with_assessment(dossiers: DossierTables, state: int, day: dt.date) -> DossierTables:
    """The same dossiers with the one deep assessment that gives a state on a day."""
    facts = {NONE: [], ASKED: [{}]}
    done = {"done_on": day - dt.timedelta(days=60), "valid_until": day + dt.timedelta(days=100)}
    past = {**done, "valid_until": day - dt.timedelta(days=1)}
    facts[FAVOURABLE] = [{**done, "outcome": "favourable"}]
    facts[UNFAVOURABLE] = [{**done, "outcome": "unfavourable"}]
    facts[EXPIRED] = [{**past, "outcome": "favourable"}]
    changed = []
    for dossier in dossiers.to_dossiers():
        asked = day - dt.timedelta(days=120)
        dossier.assessments = [a for a in dossier.assessments if a.kind == "needs_assessment"] + [
            Assessment(kind="deep_risk_assessment", asked_on=asked, recorded_at=asked, **fact)
            for fact in facts[state]
        ]
        changed.append(dossier)
    return DossierTables.from_dossiers(changed)


@pytest.mark.parametrize("state", [NONE, ASKED, FAVOURABLE, UNFAVOURABLE, EXPIRED])
def test_a_state_says_what_a_dossier_with_such_an_assessment_says(screened, screener, state):
    kind = screened.kinds[KIND]
    meeting = len(screened.meetings) // 2
    there = np.flatnonzero((kind.first <= meeting) & (meeting < kind.last))[:120]
    day = dt.date(1970, 1, 1) + dt.timedelta(days=int(screened.meetings[meeting]))
    real = with_assessment(screened.people.dossiers.select(there), state, day)
    as_meant = compute_features(real, day, [STATE]).to_frame()[STATE].to_numpy() == state
    found = screener.screen_many(real, KIND, day).decided.outcome
    rows = np.array([kind.row(int(person), meeting) for person in there])
    ours = kind.outcome[state, rows]
    compared = as_meant & (ours != -2)
    assert compared.sum() > 15
    np.testing.assert_array_equal(ours[compared], found[compared])


def test_all_outcomes_occur_and_only_a_favourable_assessment_helps(screened):
    kind = screened.kinds[KIND]
    assert set(np.unique(kind.outcome[NONE])) == {DENY, DEEP, GRANT}
    sent_on = kind.outcome[NONE] == DEEP
    assert (kind.outcome[FAVOURABLE, sent_on] == GRANT).all()
    assert (kind.outcome[UNFAVOURABLE, sent_on] == DENY).all()
    known = kind.outcome[UNFAVOURABLE] != -2
    assert not (kind.outcome[UNFAVOURABLE, known] == GRANT).any()


def test_wishes_of_victims_are_met_where_the_policy_attaches_the_condition(
    screened, people, settings, screener
):
    kind = screened.kinds[KIND]
    granted = kind.outcome == GRANT
    assert kind.met[granted].all()
    deaf = policy_from(
        'amends = "leave/2021-07-01"\nvalid_from = 2021-07-02\n'
        'repeals = { conditions = ["no_contact", "inform_victims"], '
        'properties = ["victims_are_protected"] }\n'
    )
    unheard = screen_days(people, Screener(screener.bundle, book_of(deaf)), settings).kinds[KIND]
    assert (unheard.outcome == kind.outcome).all()
    unmet = ~unheard.met[unheard.outcome == GRANT]
    assert unmet[:, 0].any()
    assert not unmet[:, 1].any()  # the area ban stayed


def test_the_day_picks_the_version(people, screener):
    old, new = policy_of("leave/2021-07-01"), policy_of("leave/2021-11-15")
    of = Settings.of(dt.date(2021, 11, 1), KIND, capacity=5, months=1)
    both = screen_days(people, Screener(screener.bundle, book_of(old, new)), of).kinds[KIND]
    days = screen_days(people, Screener(screener.bundle, book_of(old)), of)
    only_old = days.kinds[KIND]
    assert both.policies == ("leave/2021-07-01", "leave/2021-11-15")
    place = np.arange(len(both.version)) - np.repeat(both.offset, both.last - both.first)
    meeting = np.repeat(both.first, both.last - both.first) + place
    before = days.meetings[meeting] < (dt.date(2021, 11, 15) - dt.date(1970, 1, 1)).days
    np.testing.assert_array_equal(both.version, ~before)
    np.testing.assert_array_equal(both.outcome[NONE, before], only_old.outcome[NONE, before])
    assert (both.outcome[NONE] <= only_old.outcome[NONE]).all()


def test_a_policy_that_is_taken_earlier_than_it_was_keeps_its_name(people, screener, settings):
    book = book_of(policy_of("leave/2021-11-15"), start=dt.date(2020, 1, 1))
    assert book.pick(KIND, dt.date(2020, 5, 1)).policy.valid_from == dt.date(2020, 1, 1)
    found = screen_days(people, Screener(screener.bundle, book), settings)
    assert found.kinds[KIND].policies == ("leave/2021-11-15",)


def test_a_day_without_a_policy_is_refused(people, screener):
    of = Settings.of(dt.date(2021, 6, 1), KIND, capacity=5, months=2)
    alone = Screener(screener.bundle, book_of(policy_of("leave/2021-07-01")))
    with pytest.raises(PolicyError, match="no policy for 'leave' on 2021-06"):
        screen_days(people, alone, of)


def test_a_policy_that_reads_more_of_assessments_than_their_state_is_refused(people, settings):
    reads = policy_from(
        'amends = "leave/2021-07-01"\nvalid_from = 2021-07-02\n'
        '[[requirements]]\nid = "asked_once"\nsource = "project"\n'
        'text = { nl = "x", en = "x" }\nsupplier = { nl = "x", en = "x" }\n'
        'all = [{ input = "deep_assessments_asked", max = 3 }]\n'
    )
    with pytest.raises(ImpactError, match="read deep_assessments_asked; expected"):
        screen_days(people, Screener(Screener.load().bundle, book_of(reads)), settings)


def test_settings_of_other_days_or_kinds_are_refused(screened, settings):
    other = Settings.of(START, KIND, capacity=5, months=3)
    with pytest.raises(ImpactError, match="screened on other days"):
        simulate_policies(screened, None, other)
    with pytest.raises(ImpactError, match="expected low_security"):
        simulate_policies(screened, None, Settings.of(START, "low_security", capacity=5, months=2))


def test_stays_are_those_of_the_cohort(cohort, people):
    release = cohort.truth.persons["release_on"].to_numpy("datetime64[D]").astype(int)
    known = people.release >= 0
    assert known.mean() > 0.99
    assert (people.release[known] == release[known]).mean() > 0.99
    assert (people.arrived <= people.release)[known].all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda i, t: (i.iloc[[0, 0]], t), "twice"),
        (lambda i, t: (i.assign(as_of=np.datetime64("1971-01-01")), t), "has no stay on"),
        (lambda i, t: (i, t.drop(columns="failure")), "the truth has no failure"),
        (lambda i, t: (i, t.assign(failure=1.5)), "failure = 1.5; expected one from 0 to 1"),
        (lambda i, t: (i, t.iloc[3:]), "failure = nan"),
    ],
)
def test_people_that_do_not_fit_are_refused(cohort, change, said):
    index, truth = change(cohort.index(), at_liberty(cohort))
    with pytest.raises(ImpactError, match=said):
        People.of(cohort.tables, index, truth)


def test_labels_follow_the_people_and_not_the_rows(cohort):
    index = cohort.index()
    shuffled = index.sample(frac=1, random_state=1)
    labels = shuffled["person_id"].str[-1].to_numpy()
    found = People.of(cohort.tables, shuffled, at_liberty(cohort), groups={"digit": labels})
    ids = np.array(found.dossiers.person_ids.to_pylist())
    assert (np.char.endswith(ids, found.groups["digit"])).all()
    with pytest.raises(ImpactError, match="groups 'digit' has shape"):
        People.of(cohort.tables, index, at_liberty(cohort), groups={"digit": labels[1:]})


def test_the_truth_of_everybody_agrees_with_that_of_movements(cohort):
    big = simulate(3000, seed=2, population="sentenced")
    truth, moved = at_liberty(big), big.truth.liberties
    ours = truth.loc[moved["person_id"], "failure"].to_numpy()
    theirs = moved["probability_failed"].to_numpy()
    # Theirs also knows a recent incident, an earlier failure and the days that are left.
    assert (ours <= theirs * (1 + 1e-9)).all()
    assert np.corrcoef(np.log(ours), np.log(theirs))[0, 1] > 0.8
    assert truth["dangerous"].isin([0.0, 1.0]).all()
    in_a_year = -np.expm1(-truth["offence_per_day"] * 365.25)
    np.testing.assert_allclose(in_a_year, big.truth.persons["probability_any_1y"])


def test_policies_are_found_by_id_or_in_a_file(tmp_path):
    assert policy_of("leave/2021-11-15").id in PolicyBook.examples().versions("leave")[0].id
    file = tmp_path / "own.toml"
    file.write_text('amends = "leave/2021-11-15"\nvalid_from = 2022-09-01\n', "utf-8")
    assert policy_of(file).id == "leave/2022-09-01"
    with pytest.raises(PolicyError, match=r"there is no policy 'leave/2020'; expected a TOML file"):
        policy_of("leave/2020")
    file.write_text('amends = "leave/1900-01-01"\n', "utf-8")
    with pytest.raises(PolicyError, match="there is no policy 'leave/1900-01-01'"):
        policy_of(file)
    assert OUTCOMES[DEEP] == "deep_assessment"


def test_several_kinds_go_through_the_chain_and_share_the_psychologists(people, screener):
    kinds = ("leave", "low_security", "conditional_release")
    of = Settings.of(START, kinds, capacity=5, months=2, replicates=1)
    found = simulate_policies(people, screener, of)
    assert set(found.policies) >= {"leave/2021-07-01", "low_security/2021-07-01"}
    cases, jobs = found.runs[0].cases, found.runs[0].jobs
    assert set(cases["kind"]) == {0, 1, 2}
    sent_on = ~np.isnan(cases["needed_on"])
    assert len(set(cases["kind"][sent_on])) > 1
    assert len(jobs["person"]) <= sent_on.sum() + cases["repeats"].sum()
    once = cases["kind"] == 2
    assert len(np.unique(cases["person"][once])) == once.sum()


def test_people_can_be_screened_on_the_way(people, screener, settings, screened):
    at_once = simulate_policies(people, screener, settings, label="x")
    before = simulate_policies(screened, None, settings, label="x")
    assert at_once.to_dict() == before.to_dict()
    with pytest.raises(ImpactError, match="screener is None"):
        simulate_policies(people, None, settings)
