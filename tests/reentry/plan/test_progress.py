"""How far goals are, from facts as of a day."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import msgspec
import pytest

from cases import EXAMPLES
from risicoscreener import screen
from risicoscreener.decision.outcome import TRUE
from risicoscreener.dossier import read_dossier
from risicoscreener.dossier.record import (
    Debt,
    Detention,
    Dossier,
    IdentityCare,
    Inquiry,
    Person,
    Programme,
)
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.conditions.situation import present_stay
from risicoscreener.reentry.plan import (
    GoalCatalogue,
    Plan,
    PlanGoal,
    days_of_course,
    list_plans,
    plan_progress,
    progress_over,
    propose_goals,
    read_plan,
)
from risicoscreener.synthetic import simulate

KNOWN = GoalCatalogue.shipped()
CASES = EXAMPLES / "reentry"
GOLDEN = Path(__file__).parent.parent / "golden"
DAY = dt.date(2024, 4, 15)
ARRIVED = dt.date(2024, 1, 8)


@pytest.fixture(scope="module")
def long_sentence():
    return read_dossier((CASES / "long_sentence.json").read_bytes())


@pytest.fixture(scope="module")
def plan():
    return read_plan((CASES / "long_sentence_plan.json").read_bytes())


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_long_sentence_gives_the_plan_that_was_checked_by_hand(long_sentence, plan, lang):
    found = plan_progress(long_sentence, DAY, plan=plan)
    golden = GOLDEN / f"long_sentence.{lang}.txt"
    assert found.text(lang) == golden.read_text("utf-8")


def a_dossier(*programme: Programme, arrived: dt.date = ARRIVED, care=()) -> Dossier:
    stay = Detention(recorded_at=arrived, arrived_on=arrived, regime="sentence", sentence_days=900)
    asked = [
        Inquiry(
            recorded_at=arrived,
            subject=subject,
            source="prison",
            consulted_on=arrived,
            complete=True,
        )
        for subject in ("identity_care", "programme", "conduct")
    ]
    return Dossier(
        person_id="case-0001",
        person=Person(birth_date=dt.date(1990, 1, 1), sex="female"),
        detentions=[stay],
        programme=list(programme),
        identity_care=list(care),
        inquiries=asked,
    )


def a_row(status: str | None = None, goal: str = "identity", **more) -> Programme:
    day = dt.date(2024, 2, 1)
    when = None if status is None else dt.date(2024, 3, 1)
    plain = {
        "recorded_at": when or day,
        "kind": "goal",
        "occurred_on": day,
        "goal": goal,
        "status": status,
        "status_on": when,
    }
    return Programme(**{**plain, **more})


def an_id(finding: str) -> IdentityCare:
    day = dt.date(2024, 2, 20)
    return IdentityCare(recorded_at=day, kind="valid_id", finding=finding, from_on=day)


@pytest.mark.parametrize(
    ("status", "finding", "state", "note"),
    [
        (None, "yes", "reached", "not recorded in the plan yet"),
        ("open", "yes", "reached", "not recorded in the plan yet"),
        ("met", "yes", "reached", None),
        ("met", "no", "unknown", "the facts say it is not"),
        ("met", None, "unknown", "the facts that show it are lacking"),
        ("met", "unclear", "unknown", "the facts that show it are lacking"),
        (None, None, "unknown", None),
        ("not_met", "no", "not_met", None),
        ("not_met", "yes", "unknown", "the facts say reached"),
        ("refused", "no", "refused", None),
        ("refused", "yes", "unknown", "the facts say reached"),
        (None, "no", "overdue", None),
    ],
)
def test_only_facts_make_a_goal_reached(status, finding, state, note):
    care = [] if finding is None else [an_id(finding)]
    dossier = a_dossier(a_row(status), care=care)
    found = plan_progress(dossier, dt.date(2024, 5, 1))["identity_valid"]
    assert found.state == state
    assert (found.note is None) == (note is None)
    assert note is None or note in found.note.en


def test_a_goal_that_lags_behind_is_at_risk_before_its_term_ends():
    dossier = a_dossier(care=[an_id("no")])
    goal = PlanGoal(goal="identity_valid", set_on=ARRIVED, due_on=dt.date(2024, 4, 17))
    plan = Plan(person_id="case-0001", goals=(goal,))
    states = [
        plan_progress(dossier, day, plan=plan)["identity_valid"].state
        for day in (
            dt.date(2024, 2, 25),
            dt.date(2024, 2, 28),
            dt.date(2024, 4, 17),
            dt.date(2024, 4, 18),
        )
    ]
    assert states == ["not_started", "at_risk", "at_risk", "overdue"]


def test_labour_counts_up_to_what_is_needed():
    weeks = [dt.date(2024, 4, 14) - dt.timedelta(weeks=n) for n in range(4)]
    rows = [Programme(recorded_at=w, kind="labour", occurred_on=w, hours=10.0) for w in weeks]
    goal = PlanGoal(goal="labour_twenty_hours", set_on=dt.date(2024, 4, 1))
    plan = Plan(person_id="case-0001", goals=(goal,))
    found = plan_progress(a_dossier(*rows), DAY, plan=plan)["labour_twenty_hours"]
    assert found.share == 0.5
    assert found.state == "on_the_way"
    assert "40, needed at least 80" in found.line("en")


def test_fines_count_down_from_what_there_was_when_the_goal_was_set():
    def fine(name: str, arranged_on: dt.date | None) -> Debt:
        return Debt(
            recorded_at=arranged_on or ARRIVED,
            fact_id=f"{name}-{arranged_on}" if arranged_on else name,
            supersedes=name if arranged_on else None,
            kind="fine",
            creditor="state",
            amount_eur=100.0,
            since=dt.date(2023, 1, 1),
            arrangement="agreed" if arranged_on else None,
            arranged_on=arranged_on,
        )

    names = ("f1", "f2", "f3", "f4")
    debts = [fine(name, None) for name in names] + [fine("f1", dt.date(2024, 3, 1))]
    dossier = msgspec.structs.replace(a_dossier(), debts=debts)
    goal = PlanGoal(goal="fines_arranged", set_on=dt.date(2024, 2, 1))
    plan = Plan(person_id="case-0001", goals=(goal,))
    found = plan_progress(dossier, DAY, plan=plan)["fines_arranged"]
    assert (found.state, found.share) == ("at_risk", 0.25)
    (measure,) = found.measures
    assert (measure.start, measure.value, measure.high) == (4.0, 3.0, 0.0)


def test_on_generated_lives_reached_is_what_the_criterion_says():
    cohort = simulate(40, seed=3, population="sentenced")
    days = cohort.truth.persons["as_of"].dt.date
    seen = set()
    for dossier in cohort.tables.to_dossiers():
        day = days[dossier.person_id]
        if present_stay(dossier, day) is None:
            continue
        goals = tuple(PlanGoal(goal=goal.id, set_on=day) for goal in KNOWN.goals)
        plan = Plan(person_id=dossier.person_id, goals=goals)
        values = KNOWN.reader.values(dossier, day)
        for one in plan_progress(dossier, day, plan=plan).goals:
            if one.linked and KNOWN[one.goal].measured:
                assert (one.state == "reached") == (KNOWN[one.goal].reached(values) == TRUE)
                seen.add(one.state)
    assert {"reached", "unknown"} <= seen


def test_what_becomes_known_later_changes_no_earlier_picture(long_sentence, plan):
    day = dt.date(2023, 6, 1)
    cut = read_dossier(long_sentence.to_json())
    for name in ("identity_care", "debts", "conduct", "programme", "housing", "income_work"):
        kept = [row for row in getattr(cut, name) if row.recorded_at <= day]
        cut = msgspec.structs.replace(cut, **{name: kept})
    assert plan_progress(cut, day, plan=plan) == plan_progress(long_sentence, day, plan=plan)


@pytest.mark.parametrize(
    ("arrived", "made", "state", "last"),
    [
        (dt.date(2019, 1, 31), dt.date(2019, 2, 28), "in_time", dt.date(2019, 2, 28)),
        (dt.date(2019, 1, 31), dt.date(2019, 3, 1), "late", dt.date(2019, 2, 28)),
        (dt.date(2020, 1, 30), None, "overdue", dt.date(2020, 2, 29)),
        (dt.date(2019, 12, 15), None, "overdue", dt.date(2020, 1, 15)),
        (dt.date(2021, 6, 30), dt.date(2021, 7, 30), "in_time", dt.date(2021, 7, 30)),
        (dt.date(2021, 7, 1), dt.date(2021, 7, 29), "in_time", dt.date(2021, 7, 29)),
        (dt.date(2021, 7, 1), dt.date(2021, 7, 30), "late", dt.date(2021, 7, 29)),
        (dt.date(2024, 4, 1), None, "due", dt.date(2024, 4, 29)),
    ],
)
def test_a_plan_is_due_within_a_month_and_since_july_2021_within_four_weeks(
    arrived, made, state, last
):
    rows = [] if made is None else [Programme(recorded_at=made, kind="plan_made", occurred_on=made)]
    found = plan_progress(a_dossier(*rows, arrived=arrived), DAY)
    assert (found.made_state, found.made_by) == (state, last)


def test_a_plan_is_looked_at_every_six_weeks():
    made = Programme(
        recorded_at=dt.date(2024, 1, 20), kind="plan_made", occurred_on=dt.date(2024, 1, 20)
    )
    found = plan_progress(a_dossier(made), DAY)
    assert (found.review_by, found.review_state) == (dt.date(2024, 3, 2), "overdue")
    looked = plan_progress(a_dossier(made, a_row("open")), DAY)
    assert (looked.review_by, looked.review_state) == (dt.date(2024, 4, 12), "overdue")
    assert plan_progress(a_dossier(), DAY).review_by is None


def test_a_correction_of_the_row_is_still_the_row_of_the_goal():
    first = a_row(fact_id="g1")
    second = a_row("open", fact_id="g2", supersedes="g1")
    third = a_row("met", fact_id="g3", supersedes="g2", recorded_at=dt.date(2024, 3, 5))
    goal = PlanGoal(goal="insured", set_on=dt.date(2024, 2, 1), fact="g1")
    plan = Plan(person_id="case-0001", goals=(goal,))
    found = plan_progress(a_dossier(first, second, third), DAY, plan=plan)
    assert [one.goal for one in found.goals] == ["insured"]
    assert found["insured"].recorded == "met"
    earlier = plan_progress(a_dossier(first, second, third), dt.date(2024, 3, 2), plan=plan)
    assert earlier["insured"].recorded == "open"


def test_what_only_the_plan_can_tell_is_told_by_the_plan():
    for status, state in (("met", "reached"), ("refused", "refused"), ("open", "on_the_way")):
        found = plan_progress(a_dossier(a_row(status, "victim")), DAY)["restoration"]
        assert found.state == state
        assert "only the plan says" in found.line("en")
    assert plan_progress(a_dossier(a_row(None, "victim")), DAY)["restoration"].state == "unknown"


def test_goals_of_an_earlier_stay_and_goals_that_were_dropped_are_none():
    old = a_row(occurred_on=dt.date(2023, 5, 1), recorded_at=dt.date(2023, 5, 1))
    assert plan_progress(a_dossier(old), DAY).goals == ()
    goals = (
        PlanGoal(goal="insured", set_on=ARRIVED, dropped_on=DAY),
        PlanGoal(goal="no_drugs", set_on=DAY + dt.timedelta(days=1)),
    )
    plan = Plan(person_id="case-0001", goals=goals)
    assert plan_progress(a_dossier(), DAY, plan=plan).goals == ()


def test_the_course_is_the_plan_on_each_day(long_sentence, plan):
    days = days_of_course(long_sentence, DAY)
    assert days[-1] == DAY
    assert len(days) <= 31
    course = progress_over(long_sentence, days[-4:], plan=plan)
    assert course[-1] == plan_progress(long_sentence, DAY, plan=plan)
    assert days_of_course(long_sentence, DAY, 1)[0] == dt.date(2022, 3, 1)
    with pytest.raises(ReentryError, match="every_days 0"):
        days_of_course(long_sentence, DAY, 0)


def test_many_plans_are_the_plans_of_each():
    cohort = simulate(40, seed=3, population="sentenced")
    day = cohort.truth.persons["as_of"].min().date()
    frame = list_plans(cohort.tables, day)
    inside = [d for d in cohort.tables.to_dossiers() if present_stay(d, day) is not None]
    assert len(frame) == len(inside) > 0
    for dossier in inside:
        one = plan_progress(dossier, day)
        row = frame[frame["person_id"] == dossier.person_id].iloc[0]
        assert (row["made_state"], row["made_by"]) == (one.made_state, one.made_by)
        assert {s: row[s] for s in one.counts()} == one.counts()
    assert frame["made_by"].notna().all()


def test_proposals_answer_needs_and_set_nothing(long_sentence, plan):
    dossier = a_dossier(care=[an_id("no")])
    found = propose_goals(dossier, DAY)
    by_goal = {one.goal: one for one in found.proposals}
    assert by_goal["identity_valid"].known
    assert by_goal["identity_valid"].needs[0].need == "no_identity"
    assert not by_goal["debts_arranged"].known
    assert "find out first" in found.text("en")
    known = [one.known for one in found.proposals]
    assert known == sorted(known, reverse=True)
    own = Plan(person_id="case-0001", goals=(PlanGoal(goal="identity_valid", set_on=DAY),))
    again = propose_goals(dossier, DAY, plan=own)
    assert "identity_valid" not in {one.goal for one in again.proposals}
    assert "A proposal: a person sets the goals" in found.text("en")
    assert propose_goals(long_sentence, DAY, plan=plan).proposals


def test_what_raises_the_probability_is_proposed_first():
    dossier = read_dossier((EXAMPLES / "deny.json").read_bytes())
    result = screen(dossier, "leave", as_of=DAY)
    found = propose_goals(dossier, DAY, result=result)
    weights = [one.weight for one in found.proposals if one.known]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > 0
    raising = {g: v for g, v in result.models[0].by_group.items() if v > 0}
    share = sum(v for g, v in raising.items() if g in ("conduct",)) / sum(raising.values())
    drugs = next(one for one in found.proposals if one.goal == "no_drugs")
    assert drugs.weight >= share
    with pytest.raises(ReentryError, match="expected one of 'case-0001'"):
        propose_goals(a_dossier(), DAY, result=result)


def test_a_plan_of_somebody_else_or_nobody_is_refused(plan):
    with pytest.raises(ReentryError, match="the plan is of 'case-0004'"):
        plan_progress(a_dossier(), DAY, plan=plan)
    with pytest.raises(ReentryError, match="is not in detention on 2020-01-01"):
        plan_progress(a_dossier(), dt.date(2020, 1, 1))


def test_a_plan_goes_to_plain_values_and_shows_itself(long_sentence, plan):
    found = plan_progress(long_sentence, DAY, plan=plan)
    assert json.loads(json.dumps(found.to_dict()))["person_id"] == "case-0004"
    assert "risicoscreener-plan" in found._repr_html_()
    assert list(found.to_frame("en")["goal"]) == [one.goal for one in found.goals]
    assert sum(found.counts().values()) == len(found.goals)
