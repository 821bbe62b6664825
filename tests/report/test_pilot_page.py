"""The page on a pilot: what it says, that it holds nothing from outside, and how it is met."""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec
import numpy as np
import pandas as pd
import pytest

from cases import ROOT
from report.browser import assert_sound
from risicoscreener.evaluation.pilots import judge, read_registration, staggered
from risicoscreener.evaluation.pilots.cells import Cells
from risicoscreener.report.pictures import pilots as pictures
from risicoscreener.report.pilot_page import pilot_page

EXAMPLE = ROOT / "examples" / "pilot"
HOSTILE = "<script>alert('x')</script> & {{ 7*7 }}"


@pytest.fixture(scope="module")
def judged():
    registration = read_registration(EXAMPLE / "registration.toml")
    return judge(registration, pd.read_csv(EXAMPLE / "outcomes.csv"))


@pytest.fixture(scope="module")
def pages(judged, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pilots")
    registration = msgspec.structs.replace(judged.registration, title=HOSTILE, question=HOSTILE)
    hostile = replace(judged, registration=registration)
    found = {}
    for name, one, lang in (("nl", judged, "nl"), ("en", judged, "en"), ("hostile", hostile, "en")):
        found[name] = folder / f"{name}.html"
        found[name].write_text(pilot_page(one, lang), "utf-8")
    return found


def texts_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL))


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("nl", ["Niet te zeggen", "van elke 100 mensen", "PI-05 begon in periode", "euro"]),
        ("en", ["Cannot tell", "of every 100 people", "PI-05 started in period", "euro"]),
    ],
)
def test_it_says_what_was_found_and_what_was_agreed_on(pages, judged, lang, said):
    text = texts_of(pages[lang].read_text("utf-8"))
    for words in (*said, judged.registration.question, judged.registration.hash[:16]):
        assert words in text
    assert "nan" not in text.lower().split()


def test_what_is_typed_is_shown_and_not_run(pages):
    page = pages["hostile"].read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7*7 }}" in page


@pytest.mark.parametrize("kind", ["count", "continuous"])
def test_other_outcomes_and_designs_have_a_page_too(judged, kind):
    design = msgspec.structs.replace(
        judged.registration.design,
        kind="staggered",
        starts={**judged.registration.design.starts, "PI-01": "never", "PI-02": "never"},
    )
    outcome = msgspec.structs.replace(judged.registration.outcome, kind=kind)
    analysis = msgspec.structs.replace(judged.registration.analysis, method="")
    registration = msgspec.structs.replace(
        judged.registration, design=design, outcome=outcome, analysis=analysis, hash="", costs=None
    )
    rng = np.random.default_rng(1)
    frame = pd.read_csv(EXAMPLE / "outcomes.csv").drop(columns="working")
    frame["squares"] = frame["total"] ** 2 / frame["size"] + rng.uniform(5, 9, len(frame))
    page = pilot_page(judge(registration, frame), "nl")
    assert "niet vooraf" in page
    assert "Callaway" in page


def test_the_picture_of_a_design_has_a_square_for_each_cell(judged):
    design = judged.result.design
    ax = pictures.plot_design(design, judged.result.cells)
    assert len(ax.patches) == 48
    assert "PI-03" in pictures.describe_design(design)
    crosses = [line for line in ax.lines if line.get_marker() == "x" and len(line.get_xdata())]
    assert len(crosses) == 1


def test_each_site_has_a_panel_and_those_with_others_a_line(judged):
    panels = pictures.plot_sites(judged.result).get_figure().axes
    assert next(ax.get_title() for ax in panels if ax.get_visible()) == "PI-02"
    forest = pictures.plot_forest(judged.result, worthwhile=-0.05)
    shown = [label.get_text() for label in forest.get_yticklabels()]
    assert shown == [
        *(row[0] for row in judged.result.by_site if np.isfinite(row[1])),
        "alle locaties",
    ]


def test_a_long_pilot_with_sites_that_never_start_can_be_drawn():
    names = [f"site {i}" for i in range(14)]
    starts = {name: (str(3 + i) if i < 10 else None) for i, name in enumerate(names)}
    design = staggered(starts, [str(i) for i in range(24)], transition=1)
    cells = Cells("binary", *(np.full(design.shape, v) for v in (20.0, 6.0, 6.0)))
    assert pictures.plot_design(design, cells, language="en").get_figure()
    assert "Not at all: site 10" in pictures.describe_design(design, language="en")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", ["nl", "en", "hostile"])
def test_axe_finds_nothing_wrong_and_nothing_sticks_out(tab, pages, name, width):
    assert_sound(tab, pages[name], width)
