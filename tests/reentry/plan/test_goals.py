"""The catalogue of goals, and what a dossier would have if they were reached."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from hypothesis import given, settings

from cases import EXAMPLES
from risicoscreener import Screener
from risicoscreener.decision.outcome import OUTCOMES
from risicoscreener.dossier import read_dossier
from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.record import IdentityCare
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import PolicyError, ReentryError
from risicoscreener.reentry.conditions.situation import present_stay
from risicoscreener.reentry.plan import (
    GoalCatalogue,
    Plan,
    PlanGoal,
    if_reached,
    liberties_if_reached,
    read_plan,
)
from risicoscreener.reentry.plan.liberties import is_shown
from risicoscreener.synthetic import simulate
from strategies import as_of_days, dossiers

KNOWN = GoalCatalogue.shipped()
CASES = EXAMPLES / "reentry"
DAY = dt.date(2024, 4, 15)


@pytest.fixture(scope="module")
def people():
    """Dossiers of people inside, each with the day of its picture."""
    cohort = simulate(12, seed=5, population="sentenced")
    days = cohort.truth.persons["as_of"].dt.date
    found = [(d, days[d.person_id]) for d in cohort.tables.to_dossiers()]
    found = [(dossier, day) for dossier, day in found if present_stay(dossier, day) is not None]
    assert len(found) >= 5
    return found


@pytest.fixture(scope="module")
def long_sentence():
    return read_dossier((CASES / "long_sentence.json").read_bytes())


@pytest.fixture(scope="module")
def plan():
    return read_plan((CASES / "long_sentence_plan.json").read_bytes())


@pytest.mark.parametrize("goal", KNOWN.goals, ids=lambda goal: goal.id)
def test_a_dossier_that_has_a_goal_reached_is_valid_and_shows_it(goal, people):
    shown = 0
    for dossier, day in people:
        after = if_reached(as_known(dossier, day), day, [goal])
        assert read_dossier(after.to_json()) == after
        assert after.victims == as_known(dossier, day).victims
        waits = any(test.input == "days_since_arrival" for test in goal.tests)
        unknown = goal.id in ("debts_arranged", "fines_arranged") and not dossier.debts
        if not waits and not unknown:
            assert is_shown(goal, after, day, KNOWN)
        shown += is_shown(goal, after, day, KNOWN)
    assert shown


def test_a_fact_that_was_corrected_does_not_come_back_when_its_correction_goes(long_sentence):
    day = dt.date(2024, 1, 10)
    first = IdentityCare(
        recorded_at=dt.date(2023, 12, 1),
        kind="valid_id",
        finding="no",
        from_on=dt.date(2023, 12, 1),
        fact_id="id-1",
    )
    second = msgspec.structs.replace(
        first, recorded_at=dt.date(2023, 12, 5), fact_id="id-2", supersedes="id-1"
    )
    third = msgspec.structs.replace(
        first, recorded_at=dt.date(2023, 12, 9), fact_id="id-3", supersedes="id-2"
    )
    before = msgspec.structs.replace(long_sentence, identity_care=[first, second, third])
    after = if_reached(before, day, [KNOWN["identity_valid"]])
    assert [(row.finding, row.from_on) for row in after.identity_care] == [("yes", day)]


@settings(max_examples=40)
@given(dossiers(), as_of_days())
def test_facts_of_victims_are_never_changed(dossier, day):
    after = if_reached(as_known(dossier, day), day, KNOWN.goals)
    assert after.victims == as_known(dossier, day).victims
    assert after.detentions == as_known(dossier, day).detentions


def test_each_subject_of_the_vocabulary_has_one_goal_that_is_meant():
    for subject in vocabularies()["goal"].codes:
        assert KNOWN.default_for(subject).subject == subject


def test_the_outcome_now_is_that_of_the_screening(people):
    screener = Screener.load()
    changed = 0
    for dossier, day in people[:4]:
        plan = Plan(
            person_id=dossier.person_id,
            goals=tuple(PlanGoal(goal=g.id, set_on=day) for g in KNOWN.goals),
        )
        found = liberties_if_reached(dossier, day, plan=plan, screener=screener)
        for one in found.liberties:
            assert one.now == screener.screen(dossier, one.decision, as_of=day).outcome
            changed += len(one.effects)
            assert all(effect.then != one.now for effect in one.effects)
    assert changed


def test_an_address_takes_away_what_stands_in_the_way_of_long_leave(long_sentence, plan):
    found = liberties_if_reached(long_sentence, DAY, plan=plan)
    leave = found["long_leave"]
    assert leave.now == "deny"
    assert {(e.goal, e.then) for e in leave.effects} == {
        ("all", "deep_assessment"),
        ("address_acceptable", "deep_assessment"),
    }
    assert found["low_security"].effects == ()
    text = found.text("en")
    assert "No promise: a person decides" in text
    assert "if 'have an address that was found acceptable' is reached" in text
    assert OUTCOMES.index(leave.effects[0].then) > OUTCOMES.index(leave.now)


def test_why_no_goal_changes_it_is_what_is_not_met_or_unknown_or_else_the_rule(long_sentence, plan):
    screener, levels = Screener.load(), set()
    found = liberties_if_reached(long_sentence, DAY, plan=plan, screener=screener)
    for one in found.liberties:
        result = screener.screen(long_sentence, one.decision, as_of=DAY)
        lacking = [r for r in result.requirements if r.level in ("not_met", "unknown")]
        levels |= {r.level for r in lacking}
        assert one.by_rule == (not lacking)
        assert list(one.in_the_way) == ([r.text for r in lacking] or [result.rule.text])
    assert levels == {"not_met", "unknown"}
    text = found.text("nl")
    assert "Daarvoor is niet vastgesteld: betrokkene is gepromoveerd" in text
    assert "Reden: Het model kan over deze persoon geen uitspraak doen" in text


def test_a_kind_of_decision_that_there_is_not_is_refused(long_sentence, plan):
    with pytest.raises(PolicyError, match="parole"):
        liberties_if_reached(long_sentence, DAY, plan=plan, decisions=["parole"])
    only = liberties_if_reached(long_sentence, DAY, plan=plan, decisions=["leave"])
    assert [one.decision for one in only.liberties] == ["leave"]


def test_what_takes_time_is_not_shown_as_if_it_were_there(people):
    fresh, day = people[0]
    soon = present_stay(fresh, day).arrived_on + dt.timedelta(days=30)
    assert soon < day
    plan = Plan(person_id=fresh.person_id, goals=(PlanGoal(goal="no_drugs", set_on=soon),))
    found = liberties_if_reached(fresh, soon, plan=plan, decisions=["leave"])
    assert "no_drugs" not in found.goals
    assert "cannot show this yet" in found.text("en")


OWN = """
[[goals]]
id = "choir"
kind = "reintegration"
subject = "network"
default = true
term_days = 30
who = "mentor"
source = "own"
text = { nl = "meezingen", en = "sing along" }
all = [{ input = "visits_3m", min = 1 }]
[[goals.if_reached]]
do = "add"
table = "programme"
row = { kind = "visit", occurred_on = "@as_of" }
"""
OWN_NEEDS = """
[[needs]]
id = "quiet"
groups = ["programme"]
goals = ["choir"]
source = "own"
text = { nl = "stil", en = "quiet" }
all = [{ input = "visits_3m", max = 0 }]
"""


def own_files(tmp_path, goals: str = OWN, needs: str = OWN_NEEDS):
    others = "".join(
        f"""
[[goals]]
id = "other_{subject}"
kind = "conduct"
subject = "{subject}"
default = true
term_days = 30
who = "mentor"
source = "own"
text = {{ nl = "x", en = "x" }}
"""
        for subject in vocabularies()["goal"].codes
        if subject != "network"
    )
    (tmp_path / "goals.toml").write_text(goals + others, "utf-8")
    (tmp_path / "needs.toml").write_text(needs, "utf-8")
    return tmp_path / "goals.toml", tmp_path / "needs.toml"


def test_a_prison_has_goals_of_its_own(tmp_path):
    own = GoalCatalogue.from_files(*own_files(tmp_path))
    assert own["choir"].text.en == "sing along"
    with pytest.raises(ReentryError, match="goal 'no_drugs'; expected one of choir"):
        _ = own["no_drugs"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('subject = "network"', 'subject = "music"', "goal 'choir': subject 'music'"),
        ('who = "mentor"', 'who = "conductor"', "goal 'choir': who 'conductor'"),
        ("visits_3m", "songs_3m", "goals: input 'songs_3m'; expected the name of a feature"),
        ('table = "programme"', 'table = "songs"', "goal 'choir': table 'songs'"),
        ('occurred_on = "@as_of"', 'sung_on = "@as_of"', "goal 'choir': field 'sung_on'"),
        ('do = "add"', 'do = "weekly"', "goal 'choir': weekly without weeks"),
        ("default = true", "default = false", "subject 'network': 0 default goals"),
        ("term_days = 30", "term_days = 0", "goals.toml: Expected `int` >= 1"),
        ("all = [", "any = [{ input = 'age', min = 1 }]\nall = [", "tests in all and in any"),
    ],
)
def test_goals_of_ones_own_that_do_not_fit_say_where(tmp_path, old, new, said):
    with pytest.raises(ReentryError) as error:
        GoalCatalogue.from_files(*own_files(tmp_path, OWN.replace(old, new, 1)))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('goals = ["choir"]', 'goals = ["band"]', "need 'quiet': goal 'band'"),
        ('groups = ["programme"]', 'groups = ["music"]', "need 'quiet': group 'music'"),
        ('all = [{ input = "visits_3m", max = 0 }]', "all = []", "need 'quiet': no tests"),
    ],
)
def test_needs_of_ones_own_that_do_not_fit_say_where(tmp_path, old, new, said):
    with pytest.raises(ReentryError) as error:
        GoalCatalogue.from_files(*own_files(tmp_path, needs=OWN_NEEDS.replace(old, new, 1)))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"goal": "fly"}, "goal 'fly'; expected one of conduct_six_weeks"),
        ({"due_on": dt.date(2024, 1, 1)}, "due_on 2024-01-01 lies before set_on 2024-02-01"),
        ({"dropped_on": dt.date(2024, 1, 1)}, "dropped_on 2024-01-01 lies before"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(changes, said):
    goal = msgspec.structs.replace(PlanGoal(goal="insured", set_on=dt.date(2024, 2, 1)), **changes)
    plan = Plan(person_id="case-0004", goals=(goal,))
    with pytest.raises(ReentryError) as error:
        read_plan(msgspec.json.encode(plan))
    assert said in str(error.value)
