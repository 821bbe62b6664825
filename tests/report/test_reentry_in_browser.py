"""The pages on the action list and on the plan as a reader meets them.

Skipped where Chromium or axe-core is absent; required where RISICOSCREENER_REQUIRE_BROWSER is set.
"""

from __future__ import annotations

import datetime as dt

import pytest

from cases import EXAMPLES
from report.browser import REQUIRED, lacking
from risicoscreener.dossier import read_dossier
from risicoscreener.reentry.conditions import action_list, read_situation
from risicoscreener.reentry.plan import (
    days_of_course,
    liberties_if_reached,
    progress_over,
    propose_goals,
    read_plan,
)
from risicoscreener.report.actions_page import actions_page
from risicoscreener.report.plan_page import plan_page

if lacking() and not REQUIRED:
    pytest.skip(lacking(), allow_module_level=True)

SIZES = {"desktop": (1280, 900), "telephone": (360, 740)}
CASES = EXAMPLES / "reentry"
DAY = dt.date(2024, 4, 15)
PAGES = ["actions-nl", "actions-en", "plan-nl", "plan-en"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    actions = action_list(read_situation((CASES / "arrestant_four_days.json").read_bytes()))
    dossier = read_dossier((CASES / "long_sentence.json").read_bytes())
    plan = read_plan((CASES / "long_sentence_plan.json").read_bytes())
    course = progress_over(dossier, days_of_course(dossier, DAY), plan=plan)
    proposals = propose_goals(dossier, DAY, plan=plan)
    outlook = liberties_if_reached(dossier, DAY, plan=plan)
    found = {}
    for lang in ("nl", "en"):
        made = {
            "actions": actions_page(actions, lang),
            "plan": plan_page(course, lang, proposals, outlook),
        }
        for name, page in made.items():
            found[f"{name}-{lang}"] = folder / f"{name}-{lang}.html"
            found[f"{name}-{lang}"].write_text(page, "utf-8")
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_wrong(tab, pages, name, size):
    tab.size(*SIZES[size])
    tab.open(pages[name])
    assert tab.violations() == []


@pytest.mark.parametrize("name", PAGES)
def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(tab, pages, name):
    tab.open(pages[name])
    assert tab.requests() == [pages[name].resolve().as_uri()]
    assert tab.complaints() == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_sticks_out_of_the_screen(tab, pages, name, size):
    tab.size(*SIZES[size])
    tab.open(pages[name])
    wide, screen = tab.ask(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= screen
