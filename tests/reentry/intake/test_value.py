"""What a missing answer could change: bounds that hold, chances that are counted."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from cases import example
from risicoscreener.dossier import read_dossier
from risicoscreener.dossier.known import as_known
from risicoscreener.errors import PolicyError, ReentryError
from risicoscreener.evaluation.intervals import wilson
from risicoscreener.reentry.intake import Questionnaire, Reference, intake_value
from risicoscreener.reentry.intake.answers import Reachable, filled_by
from risicoscreener.reentry.intake.progress import intake_of
from risicoscreener.reentry.intake.reference import answered_as
from risicoscreener.screening import screen
from risicoscreener.screening.screener import default_screener

SHIPPED = Questionnaire.shipped()
DAY = dt.date(2024, 4, 15)


def without(name, *, subject=None, **tables):
    """An example without some facts, and without what was consulted on a subject."""
    dossier = read_dossier(example(name))
    inquiries = [row for row in dossier.inquiries if row.subject != subject]
    return msgspec.structs.replace(dossier, inquiries=inquiries, **tables)


def test_whether_victims_have_interests_can_change_a_leave():
    dossier = without("grant", subject="victims", victims=[])
    assert screen(dossier, "leave", as_of=DAY).outcome != "grant"
    assert screen(example("grant"), "leave", as_of=DAY).outcome == "grant"
    found = intake_value(dossier, DAY, decisions=["leave", "promotion"])
    assert found.items[0].item.question == "victims"
    assert found["victims"].where("alone") == ("leave",)
    assert found["victims"].effect == "alone"
    assert "kan de uitkomst veranderen van Kortdurend re-integratieverlof" in found.text("nl")


def test_two_answers_that_are_both_needed_matter_together():
    dossier = without("grant", subject="victims", victims=[], programme=[])
    inquiries = [row for row in dossier.inquiries if row.subject != "programme"]
    dossier = msgspec.structs.replace(dossier, inquiries=inquiries)
    found = intake_value(dossier, DAY, decisions=["leave"])
    assert found["victims"].effect == "together"
    assert found["plan_made"].effect == "together"


def test_what_no_answer_can_change_is_said():
    found = intake_value(example("deny"), DAY)
    assert all(item.effect == "none" for item in found.items)
    assert not any(one.is_open for one in found.decisions)
    assert "these can change the outcome of no decision: running treatment" in found.text("en")


def test_a_decision_is_judged_on_the_day_with_the_fewest_obstacles():
    # Leave is for the last year before release, which is then expected on 22 May 2024.
    early = intake_value(example("grant"), "2023-04-10", decisions=["leave"]).decisions[0]
    assert early.on == dt.date(2023, 5, 23)
    late = intake_value(example("grant"), DAY, decisions=["leave"]).decisions[0]
    assert late.on == DAY
    assert late.outcome == screen(example("grant"), "leave", as_of=DAY).outcome


@pytest.fixture(scope="module")
def situations(small_cohort):
    """Some people early in their detention, with decisions on the day itself."""
    tables, index = small_cohort
    days = dict(zip(index.person_id, index.as_of, strict=True))
    return [(one, days[one.person_id]) for one in list(tables.to_dossiers())[:12]]


def test_no_answer_that_people_gave_lies_outside_the_bounds(situations, reference):
    screener, checked, changed = default_screener(), 0, 0
    for dossier, day in situations:
        known = as_known(dossier, day)
        to_do = [item.question for item in intake_of(known, day, SHIPPED).to_do]
        for decision in ("leave", "low_security", "promotion", "conditional_release"):
            route = screener.route(decision)
            one = Reachable(route, route.features_of(known, day), day)
            free = {n: filled_by(SHIPPED[n], route.plan, known, day) for n in to_do}
            everything = frozenset().union(*free.values())
            possible = one.outcomes(one.levels(everything))
            for name in to_do:
                alone = one.outcomes(one.levels(free[name]))
                effect = one.effect(free[name], everything)
                for donor in reference.alike(known, day, name, 4):
                    rest = [SHIPPED[n] for n in to_do if n != name and n in donor.known]
                    question = [SHIPPED[name]]
                    first = answered_as(known, day, question, donor)
                    before = answered_as(known, day, rest, donor)
                    after = answered_as(before, day, question, donor)
                    outcomes = [route.look(d, day).decided.outcome for d in (first, before, after)]
                    assert outcomes[0] in alone | {one.outcome}
                    assert {outcomes[1], outcomes[2]} <= possible
                    if effect == "none":
                        assert outcomes[0] == one.outcome
                        assert outcomes[1] == outcomes[2]
                    if effect == "together":
                        assert outcomes[0] == one.outcome
                    checked += 1
                    changed += outcomes[0] != one.outcome or outcomes[1] != outcomes[2]
    assert checked > 500
    assert changed > 10


def test_probabilities_and_levels_of_people_alike_lie_within_the_bounds(situations, reference):
    route = default_screener().route("leave")
    checked = moved = 0
    emptied = {name: [] for name in ("convictions", "debts", "housing", "income_work", "inquiries")}
    for dossier, day in situations[:4]:
        known = msgspec.structs.replace(as_known(dossier, day), **emptied)
        one = Reachable(route, route.features_of(known, day), day)
        for item in intake_of(known, day, SHIPPED).to_do:
            free = filled_by(SHIPPED[item.question], route.plan, known, day)
            for model, (low, high) in one.probabilities(free).items():
                m = next(i for i, view in enumerate(route.models) if view.model.name == model)
                for donor in reference.alike(known, day, item.question, 5):
                    answered = answered_as(known, day, [SHIPPED[item.question]], donor)
                    seen = route.look(answered, day)
                    assert seen.at == one.seen[0]
                    possible = one.levels(free)
                    assert all(v in possible[d] for d, v in enumerate(seen.decided.levels))
                    moved += seen.decided.levels[2:4] != one.seen[1][2:4]
                    if m in seen.assessments:
                        assert low - 1e-9 <= seen.assessments[m].probability <= high + 1e-9
                        checked += 1
    assert checked > 20
    assert moved > 5


def test_chances_are_shares_of_people_alike(reference):
    dossier = without("grant", subject="victims", victims=[])
    found = intake_value(dossier, DAY, decisions=["leave"], reference=reference, alike=25)
    item = found["victims"]
    change = item.changes[0]
    route = default_screener().route("leave")
    known = as_known(dossier, DAY)
    now = route.look(known, DAY).decided.outcome
    donors = reference.alike(known, DAY, "victims", 25)
    expected = [
        route.look(answered_as(known, DAY, [SHIPPED["victims"]], d), DAY).decided.outcome != now
        for d in donors
    ]
    assert item.alike == len(donors) == 25
    assert change.chance == pytest.approx(sum(expected) / 25)
    assert (change.low, change.high) == pytest.approx(wilson(change.chance, 25))
    assert 0 < change.chance
    assert item.weight == pytest.approx((change.chance + change.chance_last) / 2)
    assert item.per_hour == pytest.approx(item.weight)  # an hour of work
    assert "25 mensen die het meest lijken" in found.text("nl")


def test_chances_last_are_counted_once_all_else_is_answered(reference):
    dossier = without("grant", subject="victims", victims=[])
    found = intake_value(dossier, DAY, decisions=["leave"], reference=reference, alike=25)
    change = found["victims"].changes[0]
    known, route = as_known(dossier, DAY), default_screener().route("leave")
    open_ = [item.question for item in intake_of(known, DAY, SHIPPED).to_do]
    changed = []
    for donor in reference.alike(known, DAY, "victims", 25):
        others = [SHIPPED[q] for q in open_ if q != "victims" and q in donor.known]
        before = answered_as(known, DAY, others, donor)
        after = answered_as(before, DAY, [SHIPPED["victims"]], donor)
        outcomes = [route.look(one, DAY).decided.outcome for one in (before, after)]
        changed.append(outcomes[0] != outcomes[1])
    assert change.chance_last == pytest.approx(sum(changed) / 25)
    assert change.chance_last > 0


def test_people_alike_are_ordered_by_likeness_and_never_oneself(small_cohort, reference):
    tables, index = small_cohort
    days = dict(zip(index.person_id, index.as_of, strict=True))
    one = next(iter(tables.to_dossiers()))
    day = days[one.person_id]
    donors = reference.alike(one, day, "first_review", 40)
    assert one.person_id not in {donor.dossier.person_id for donor in donors}
    assert len(donors) == sum("first_review" in d.known for d in reference.donors) - 1
    assert reference.alike(one, day, "first_review", 3) == donors[:3]


def test_an_answer_keeps_what_was_recorded_and_is_known_from_the_day(reference):
    dossier = as_known(read_dossier(example("deny")), DAY)
    donor = reference.alike(dossier, DAY, "debts_judicial", 1)[0]
    answered = answered_as(dossier, DAY, [SHIPPED["debts_judicial"]], donor)
    assert answered.debts[: len(dossier.debts)] == dossier.debts
    assert all(row.recorded_at == DAY for row in answered.debts[len(dossier.debts) :])
    assert answered.inquiries[:-1] == dossier.inquiries
    assert (answered.inquiries[-1].subject, answered.inquiries[-1].complete) == ("debts", True)
    current = answered_as(dossier, DAY, [SHIPPED["housing_now"]], donor)
    assert all(
        (row.until_on is not None and row.until_on <= DAY) or row.recorded_at == DAY
        for row in current.housing
    )


def test_what_cannot_be_asked_is_refused(small_cohort, reference):
    with pytest.raises(ReentryError, match="alike is 5; expected at least 20"):
        intake_value(example("deny"), DAY, alike=5)
    with pytest.raises(PolicyError, match="nope"):
        intake_value(example("deny"), DAY, decisions=["nope"])
    with pytest.raises(ReentryError, match="question 'convictions' is not open"):
        intake_value(example("deny"), DAY)["convictions"]
    tables, index = small_cohort
    with pytest.raises(ReentryError, match="5 people to compare with"):
        Reference.of(tables, index.iloc[:5])


def test_plain_values_and_frames():
    found = intake_value(without("grant", subject="victims", victims=[]), DAY)
    plain = found.to_dict()
    assert plain["items"][0]["effect"] == "alone"
    frame = found.to_frame()
    assert set(frame.effect) <= {"none", "together", "alone"}
    assert "intake-value" in found._repr_html_()
