"""The page on capacity: what it says, and as a reader meets it in a browser."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from impact.capacity.world import plain, steady
from report.browser import REQUIRED, lacking
from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity import Replaced, Scenario, forecast
from risicoscreener.report.capacity_page import capacity_page
from risicoscreener.report.pictures.capacity import plot_work

HOSTILE = "<script>alert(1)</script>"
SIZES = {"desktop": (1280, 900), "telephone": (360, 740)}
needs_browser = pytest.mark.skipif(bool(lacking()) and not REQUIRED, reason=lacking())


@pytest.fixture(scope="module")
def forecasts():
    stays = steady(rate=1.0, mean=30.0, kind="self_reporter", sentence_days=60, prison=HOSTILE)
    settings = plain(
        places__regular=25,
        shell__places=20,
        shell__block=5,
        self_reporters__backlog=10,
        casemanagers__fte=1.0,
    )
    less = Scenario(label=f"less {HOSTILE}", changes=(Replaced(share=0.3),))
    return [
        forecast(stays, settings, months=3, replicates=20),
        forecast(stays, settings, months=3, replicates=20, scenario=less),
    ]


@pytest.fixture(scope="module")
def pages(forecasts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("capacity")
    found = {}
    for lang in ("nl", "en"):
        for name, which in (("one", forecasts[:1]), ("two", forecasts)):
            path = folder / f"{name}-{lang}.html"
            path.write_text(capacity_page(which, lang), "utf-8")
            found[f"{name}-{lang}"] = path
    return found


@pytest.mark.parametrize("name", ["one-nl", "one-en", "two-nl", "two-en"])
def test_a_page_is_whole_and_runs_nothing_of_a_name(pages, name):
    html = pages[name].read_text("utf-8")
    assert "<script" not in html
    ET.fromstring(re.sub("<meta[^>]*>", "", html.split("\n", 1)[1]))
    assert html.count("<svg") >= 6
    assert html.count("<table>") == 5
    assert f'<html lang="{name[-2:]}">' in html


def test_what_stands_on_a_page(pages):
    one, two = (pages[name].read_text("utf-8") for name in ("one-nl", "two-en"))
    assert "Het eerst schiet tekort" in one
    assert "zelfmelders die na hun termijn wachten" in one
    assert "places.regular" in one
    assert "Difference in people inside on the last day" in two
    assert "integral intake" not in one


def test_the_bars_of_work_are_as_high_as_the_hours_and_wide_enough_to_see(forecasts):
    bars = plot_work(forecasts[0]).patches
    assert len(bars) == 3 * len(forecasts[0].settings.tasks)
    assert {round(bar.get_width()) for bar in bars} == {24}
    hours = forecasts[0].by_month["hours"].mean(axis=0).sum()
    assert sum(bar.get_height() for bar in bars) == pytest.approx(hours)


def test_one_or_two(forecasts):
    with pytest.raises(ImpactError, match="there are 0 forecasts; expected one or two"):
        capacity_page([])


@needs_browser
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["one-nl", "two-en"])
def test_axe_finds_nothing_wrong_and_nothing_is_wider_than_the_screen(tab, pages, name, size):
    tab.size(*SIZES[size])
    tab.open(pages[name])
    assert tab.violations() == []
    assert tab.ask("document.documentElement.scrollWidth <= window.innerWidth")


@needs_browser
def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(tab, pages):
    tab.open(pages["two-en"])
    assert tab.requests() == [pages["two-en"].resolve().as_uri()]
    assert tab.complaints() == []
