"""The pages on the action list and on the plan, as text."""

from __future__ import annotations

import datetime as dt
import re
from xml.etree import ElementTree as ET

import msgspec
import pytest

from cases import EXAMPLES
from risicoscreener.dossier import read_dossier
from risicoscreener.errors import ReentryError, RisicoscreenerError
from risicoscreener.reentry.conditions import action_list, read_situation
from risicoscreener.reentry.plan import progress_over, read_plan
from risicoscreener.report.actions_page import actions_page
from risicoscreener.report.plan_page import describe_plan, plan_page, plan_picture
from risicoscreener.texts import Texts

CASES = EXAMPLES / "reentry"
HOSTILE = "<script>alert('x')</script> & \"q\""
BOTH = Texts(nl=HOSTILE, en=HOSTILE)


@pytest.fixture(scope="module")
def course():
    dossier = read_dossier((CASES / "long_sentence.json").read_bytes())
    plan = read_plan((CASES / "long_sentence_plan.json").read_bytes())
    days = [dt.date(2022, 6, 1), dt.date(2023, 1, 10), dt.date(2023, 3, 1), dt.date(2024, 4, 15)]
    return progress_over(dossier, days, plan=plan)


@pytest.fixture(scope="module")
def actions():
    return action_list(read_situation((CASES / "arrestant_four_days.json").read_bytes()))


def test_texts_with_markup_are_shown_as_they_are(course, actions):
    bad = tuple(msgspec.structs.replace(a, text=BOTH, source=HOSTILE) for a in actions.actions)
    page = actions_page(msgspec.structs.replace(actions, actions=bad), "en")
    goals = tuple(msgspec.structs.replace(g, text=BOTH, source=HOSTILE) for g in course[-1].goals)
    shown = [*course[:-1], msgspec.structs.replace(course[-1], goals=goals)]
    for made in (page, plan_page(shown, "nl")):
        assert "<script" not in made
        assert "&lt;script&gt;" in made


def test_the_page_has_every_action_once_and_says_who_takes_over(actions):
    page = actions_page(actions, "nl")
    body = page.split('id="answers"')[0]
    for action in actions.actions:
        assert body.count(f'<th scope="row">{action.text.nl}') == 1
    assert "Neemt het over" in body
    assert "Content-Security-Policy" in page
    for name in ("municipality", "casemanager"):
        assert "behandeling" not in actions_page(actions.for_recipient(name), "nl")


def test_the_picture_has_a_cell_for_each_goal_on_each_day(course):
    picture = ET.fromstring(plan_picture(course, "nl"))
    cells = [e for e in picture.iter() if e.tag.endswith("rect")]
    assert len(cells) == sum(len(day.goals) for day in course)
    letters = [e.text for e in picture.iter() if e.tag.endswith("text")]
    assert "V" in letters
    assert "B" in letters


def test_what_is_drawn_is_said_in_words(course):
    told = list(describe_plan(course, "en"))
    identity = next(line for line in told if line.startswith("have a valid identity document"))
    assert identity == (
        "have a valid identity document: not started from 1 June 2022, overdue from "
        "10 January 2023, reached from 1 March 2023"
    )
    assert len(told) == len({(g.goal, g.set_on) for day in course for g in day.goals})


def test_a_page_needs_a_day_and_a_language(course, actions):
    with pytest.raises(ReentryError, match="course has no day"):
        plan_page([])
    for page in (lambda: plan_page(course, "fr"), lambda: actions_page(actions, "fr")):
        with pytest.raises(RisicoscreenerError, match="'fr' is not spoken"):
            page()


def test_a_plan_without_goals_has_no_picture(course):
    empty = [msgspec.structs.replace(day, goals=()) for day in course]
    page = plan_page(empty, "en")
    assert "<svg" not in page
    assert page.count("no goals") == 2


def test_all_letters_of_the_states_are_different():
    from risicoscreener.reentry.plan import GOAL_STATES
    from risicoscreener.reentry.plan.wording import say

    for lang in ("nl", "en"):
        letters = [say("letter", state, lang) for state in GOAL_STATES]
        assert len(letters) == len(set(letters))
        assert not re.search(r"\s", "".join(letters))
