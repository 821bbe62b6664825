"""What always holds of an action list."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import combinations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reentry.conditions.situations import KNOWN, situations
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.conditions import HANDED_OVER, TO_DO, action_list, moved
from risicoscreener.reentry.conditions.days import is_working_day, works_on
from risicoscreener.reentry.conditions.definition import Action
from risicoscreener.reentry.conditions.planning import Window, choose, plan_days

FEW = settings(max_examples=150)
ONE_DAY = dt.timedelta(days=1)


@FEW
@given(situations())
def test_nothing_is_planned_after_its_latest_day_without_being_said_to_be_late(situation):
    for action in action_list(situation).in_state(TO_DO):
        assert action.planned_on >= situation.as_of
        assert action.planned_on >= action.earliest
        is_after = action.planned_on > action.latest
        assert is_after == (action.state == "late")
        assert not is_after or "te laat" in action.line("nl")


@FEW
@given(situations() | situations(with_release=False))
def test_every_unknown_has_an_action_that_finds_it_out(situation):
    found = action_list(situation)
    for question in KNOWN.questions:
        unknown = situation.answers[question.id] is None
        assert (f"find_out_{question.id}" in found) == unknown


@FEW
@given(situations() | situations(with_release=False))
def test_nothing_comes_before_what_it_needs(situation):
    found = action_list(situation)
    order = [action.id for action in found.actions]
    for action in found.in_state(TO_DO):
        for need in action.needs:
            if need in found and found[need].state in TO_DO:
                assert order.index(need) < order.index(action.id)
                assert found[need].planned_on <= action.planned_on
                if not need.startswith("find_out_"):
                    works = works_on(KNOWN.by_action[need], found[need].planned_on)
                    assert works <= action.planned_on
            else:
                assert need not in found or found[need].state == "done"


def family(name: str) -> str:
    """An action and what stands in for it are one."""
    while name in KNOWN.by_action and KNOWN.by_action[name].instead_of:
        name = KNOWN.by_action[name].instead_of
    return name


@settings(max_examples=300)
@given(situations(), st.integers(1, 60))
def test_a_later_release_makes_nothing_impossible(situation, days):
    later = msgspec.structs.replace(situation, release_on=situation.release_on + days * ONE_DAY)
    before, after = action_list(situation), action_list(later)
    possible = {family(a.id) for a in before.actions if a.state != "too_late"}
    still = {family(a.id) for a in after.actions if a.state != "too_late"}
    assert possible <= still


@FEW
@given(situations())
def test_nothing_stands_in_for_what_is_possible_itself(situation):
    found = [a for a in action_list(situation).actions if a.state not in ("too_late", "done")]
    ends = [family(action.id) for action in found]
    assert len(ends) == len(set(ends))


@FEW
@given(situations(), st.integers(1, 30), st.integers(1, 240))
def test_what_is_moved_is_told_once(situation, days, minutes):
    release = situation.release_on + days * ONE_DAY
    change = moved(situation, release, minutes_per_day=minutes)
    assert change.too_late == ()
    for name in change.possible:
        assert change.before[name].state in HANDED_OVER
        assert change.after[name].state in TO_DO
    back = moved(
        msgspec.structs.replace(situation, release_on=release),
        situation.release_on,
        minutes_per_day=minutes,
    )
    assert back.before == change.after


@FEW
@given(situations(), st.integers(5, 120))
def test_no_day_has_more_work_than_there_is_time(situation, minutes):
    found = action_list(situation, minutes_per_day=minutes)
    total = Counter()
    for action in found.in_state(TO_DO):
        total[action.medical] += action.minutes
    last = max((a.planned_on for a in found.in_state(TO_DO)), default=situation.as_of)
    days = (situation.as_of + n * ONE_DAY for n in range((last - situation.as_of).days + 1))
    room = minutes * sum(map(is_working_day, days))
    assert all(used <= room for used in total.values())


@FEW
@given(situations(), st.sampled_from(["running", "needed", "none", None]))
def test_the_list_of_the_municipality_cannot_tell_what_care_there_is(situation, care):
    given_ = {**situation.answers, "care": care}
    other = msgspec.structs.replace(situation, answers=given_)
    lists = [
        action_list(one, minutes_per_day=30).for_recipient("municipality")
        for one in (situation, other)
    ]
    # what was done on care is not on it either
    assert lists[0].to_dict() == lists[1].to_dict()
    told = [*lists[0].actions, *lists[0].answers]
    assert all(not one.medical for one in told)
    assert all(one.condition != "care" for one in told)


@FEW
@given(situations())
def test_what_is_handed_over_says_to_whom(situation):
    for action in action_list(situation).in_state(HANDED_OVER):
        assert action.planned_on is None
        assert action.after_text.nl in action.line("nl")
        assert action.after_text.en in action.line("en")


@given(situations(with_release=False))
def test_without_a_day_of_release_only_arrival_can_come_too_late(situation):
    for action in action_list(situation).actions:
        if action.state == "too_late":
            assert action.before_arrival
        elif action.latest is None:
            assert action.state in ("no_date", "done")


@given(situations(ahead=False))
def test_what_belongs_before_arrival_is_not_asked_of_somebody_inside(situation):
    found = action_list(situation)
    assert not any(action.before_arrival for action in found.in_state([*TO_DO, *HANDED_OVER]))


@FEW
@given(situations())
def test_an_answer_more_never_hides_another_unknown(situation):
    unknown = [name for name, answer in situation.answers.items() if answer is None]
    found = action_list(situation)
    asked = {a.question for a in found.actions if a.question is not None}
    assert asked == set(unknown)


def an_action(name: str, **changes) -> Action:
    text = KNOWN.actions[0].text
    plain = {
        "id": name,
        "condition": "debts",
        "owner": "person",
        "after": "person",
        "source": "project",
        "text": text,
        "minutes": 30,
        "weight": 5,
    }
    return Action(**{**plain, **changes})


@st.composite
def few_actions(draw: st.DrawFn):
    number = draw(st.integers(1, 6))
    monday = dt.date(2024, 3, 4)
    actions, found = [], {}
    for n in range(number):
        needs = draw(st.sets(st.integers(0, n - 1), max_size=2)) if n else set()
        action = an_action(
            f"a{n}",
            minutes=draw(st.integers(0, 120)),
            weight=draw(st.integers(1, 10)),
            needs=tuple(f"a{i}" for i in sorted(needs)),
        )
        last = monday + draw(st.integers(0, 6)) * ONE_DAY
        actions.append(action)
        found[action.id] = Window(monday, last, last, too_late=False)
    return actions, found


@FEW
@given(few_actions(), st.integers(10, 120))
def test_what_is_chosen_matters_most_of_all_that_fits(made, minutes):
    actions, found = made
    chosen = choose(actions, found, minutes)
    weight = {action.id: action.weight for action in actions}
    best = 0
    for size in range(len(actions) + 1):
        for some in combinations(actions, size):
            names = {action.id for action in some}
            complete = all(names.issuperset(action.needs) for action in some)
            if complete and plan_days(some, found, minutes) is not None:
                best = max(best, sum(weight[name] for name in names))
    assert sum(weight[name] for name in chosen) == best
    assert all(set(a.needs) <= set(chosen) for a in actions if a.id in chosen)


@pytest.mark.parametrize("minutes", [0, 1441, "60", 30.0, True])
def test_a_time_that_there_cannot_be_is_refused(minutes):
    with pytest.raises(ReentryError, match="minutes_per_day"):
        action_list(a_situation(), minutes_per_day=minutes)


def a_situation(**changes):
    from risicoscreener.reentry.conditions import Situation

    plain = {
        "person_id": "case-0001",
        "as_of": dt.date(2024, 3, 4),
        "arrival_on": dt.date(2024, 3, 1),
        "release_on": dt.date(2024, 3, 29),
        "regime": "sentence",
    }
    return Situation(**{**plain, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"regime": "jail"}, "regime 'jail'; expected one of remand"),
        ({"release_on": dt.date(2024, 3, 3)}, "release_on 2024-03-03 lies before as_of"),
        ({"release_on": dt.date(2024, 2, 1)}, "release_on 2024-02-01 lies before arrival_on"),
        ({"arrival_on": dt.date(2024, 3, 5)}, "expected that of self_reporter only"),
        ({"arrival_on": dt.date(1000, 1, 1)}, "arrival_on 1000-01-01; expected a day from"),
        ({"answers": {"cash": "yes"}}, "question 'cash'; expected one of work"),
        ({"answers": {"work": "maybe"}}, "answers.work 'maybe'; expected one of kept"),
        ({"from_dossier": {"work": ("x",)}}, "from_dossier.work 'x'"),
    ],
)
def test_a_situation_that_does_not_fit_is_refused(changes, said):
    with pytest.raises(ReentryError) as error:
        action_list(a_situation(**changes))
    assert said in str(error.value)


def test_who_comes_in_tomorrow_can_still_be_asked_in_a_weekend():
    saturday, sunday = dt.date(2023, 3, 18), dt.date(2023, 3, 19)
    found = action_list(
        a_situation(
            as_of=saturday,
            arrival_on=sunday,
            release_on=None,
            regime="self_reporter",
            answers={"insurance": "none", "identity": "here"},
        )
    )
    assert found["find_out_housing"].planned_on == saturday
    assert found["insurance_take"].state == "no_date"


def test_what_was_done_later_does_not_count():
    from risicoscreener.reentry.conditions import Done

    late = Done("identity_apply", dt.date(2024, 3, 5))
    found = action_list(a_situation(answers={"identity": "none"}, done=(late,)))
    assert found["identity_apply"].state == "planned"
    found = action_list(
        a_situation(
            answers={"identity": "none"}, done=(Done("identity_apply", dt.date(2024, 3, 4)),)
        )
    )
    assert found["identity_apply"].state == "done"


def test_what_was_done_for_an_end_is_not_asked_for_again_in_another_way():
    from risicoscreener.reentry.conditions import Done

    found = action_list(
        a_situation(
            as_of=dt.date(2023, 1, 1),
            arrival_on=dt.date(2023, 1, 2),
            release_on=None,
            regime="self_reporter",
            answers={"identity": "none", "income": "benefit"},
            done=(Done("identity_apply", dt.date(2023, 1, 1)),),
        )
    )
    assert "before_identity" not in found
    assert found["benefit_restart"].state == "no_date"


def test_what_waits_for_something_that_was_done_waits_until_it_works():
    from risicoscreener.reentry.conditions import Done

    applied = Done("identity_apply", dt.date(2024, 3, 4))
    found = action_list(a_situation(answers={"identity": "none", "access": "no"}, done=(applied,)))
    assert found["access_arrange"].earliest == dt.date(2024, 3, 11)


def test_contradictory_answers_are_found_out_again():
    situation = a_situation(answers={"identity": "here"}, from_dossier={"identity": ("none",)})
    found = action_list(situation)
    answer = next(one for one in found.answers if one.found.question == "identity")
    assert answer.found.origin == "contradictory"
    assert "find_out_identity" in found


def test_facts_that_leave_two_answers_are_sharpened_by_what_is_given():
    reading = {"insurance": ("reported", "unreported")}
    unsure = action_list(a_situation(from_dossier=reading))
    assert "find_out_insurance" in unsure
    assert unsure["insurer_end"].state == "planned"
    sure = action_list(a_situation(from_dossier=reading, answers={"insurance": "reported"}))
    assert "find_out_insurance" not in sure


def test_the_casemanager_gets_nothing_medical_and_the_person_everything():
    found = action_list(a_situation(answers={"care": "running"}))
    assert "care_handover" not in found.for_recipient("casemanager")
    assert "care_handover" in found.for_recipient("person")
    with pytest.raises(ReentryError, match="recipient 'neighbour'"):
        found.for_recipient("neighbour")


def test_a_list_for_care_needs_consent_and_has_care_alone():
    from risicoscreener.reentry.sharing import Consent

    found = action_list(a_situation(answers={"care": "running"}))
    with pytest.raises(ReentryError, match="needs the consent of case-0001"):
        found.for_recipient("care_provider")
    consent = Consent(
        person_id="case-0001",
        recipient="care_provider",
        purpose="continuity_of_care",
        given_on=dt.date(2024, 3, 1),
        reference="consent-0001",
    )
    shown = found.for_recipient("care_provider", consents=[consent])
    assert {action.id for action in shown.actions} == {"care_handover", "medication_supply"}
    ended = msgspec.structs.replace(consent, withdrawn_on=dt.date(2024, 3, 4))
    with pytest.raises(ReentryError, match="none was given that holds then"):
        found.for_recipient("care_provider", consents=[ended])
    other = msgspec.structs.replace(consent, person_id="case-0002")
    with pytest.raises(ReentryError, match="consent of 'case-0002'"):
        found.for_recipient("care_provider", consents=[other])


@pytest.mark.parametrize("minutes", [10, 15, 30, 60])
def test_around_easter_nothing_is_done_on_a_holiday_nor_is_time_counted_there(minutes):
    thursday, tuesday = dt.date(2024, 3, 28), dt.date(2024, 4, 2)
    found = action_list(
        a_situation(
            as_of=thursday,
            arrival_on=thursday,
            release_on=tuesday,
            answers={"identity": "none", "income": "benefit", "housing": "nowhere"},
        ),
        minutes_per_day=minutes,
    )
    planned = found.in_state(TO_DO)
    assert {action.planned_on for action in planned} <= {thursday, tuesday}
    for medical in (False, True):
        asked = [a.minutes for a in planned if a.medical is medical]
        assert sum(asked) <= 2 * minutes
    assert "werkdagen: 2." in found.text("nl")
    assert "Goede Vrijdag (29 maart 2024), Tweede Paasdag (1 april 2024)" in found.text("nl")


@pytest.mark.parametrize(("lang", "said"), [("nl", "nog 1 dag,"), ("en", ": 1 day left,")])
def test_one_day_is_one_day(lang, said):
    day = dt.date(2024, 3, 29)
    assert said in action_list(a_situation(as_of=day, release_on=day)).text(lang)


def test_of_many_holidays_the_first_are_named_and_the_others_counted():
    found = action_list(a_situation(as_of=dt.date(2024, 3, 28), release_on=dt.date(2025, 1, 1)))
    assert "Tweede Pinksterdag (20 mei 2024) en nog 4." in found.text("nl")
    assert "Whit Monday (20 May 2024) and 4 more." in found.text("en")
