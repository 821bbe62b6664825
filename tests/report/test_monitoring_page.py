"""The page on a model in use: what it says, that it holds nothing from outside, how it is met."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import msgspec
import pandas as pd
import pytest

from cases import ROOT
from report.browser import assert_sound
from risicoscreener.monitoring import advise, monitor, outcomes_of, read_settings, screenings_of
from risicoscreener.report.monitoring_page import monitoring_page
from risicoscreener.report.pictures import monitoring as pictures

FOLDER = ROOT / "examples" / "monitoring"
HOSTILE = "<script>alert('x')</script> & {{ 7*7 }}"


@pytest.fixture(scope="module")
def found():
    settings = read_settings(FOLDER / "all_streams.toml")
    screened = pd.read_parquet(FOLDER / "screened.parquet")
    outcomes = pd.read_parquet(FOLDER / "outcomes.parquet")
    return monitor(
        settings,
        screenings_of(screened, settings.model),
        outcomes_of(outcomes),
        as_of=dt.date(2022, 1, 1),
    )


@pytest.fixture(scope="module")
def pages(found, tmp_path_factory):
    folder = tmp_path_factory.mktemp("monitor")
    settings = msgspec.structs.replace(found.settings, title=HOSTILE, owner=HOSTILE)
    hostile = replace(found, settings=settings)
    made = {}
    for name, one, lang in (("nl", found, "nl"), ("en", found, "en"), ("hostile", hostile, "en")):
        made[name] = folder / f"{name}.html"
        made[name].write_text(monitoring_page(one, advise(one), lang), "utf-8")
    return made


def texts_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL))


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("nl", ["Kalibratiehelling", "wie handelt", "vals alarm", "persoonmaanden", "PI-02"]),
        ("en", ["Calibration slope", "who acts", "false alarm", "person-months", "PI-02"]),
    ],
)
def test_it_says_what_was_found_what_it_means_and_who_acts(pages, found, lang, said):
    text = texts_of(pages[lang].read_text("utf-8"))
    for stream in found.settings.streams:
        assert text.count(found.settings.meaning(stream, lang)) >= 1
    for words in said:
        assert words in text
    for one in found.streams:
        assert found.name_of(one, lang) in text
    for one in found.alarms:
        assert found.settings.meaning(found.stream_settings(one), lang) in text
    assert "nan" not in text.lower().split()


def test_what_is_typed_is_shown_and_not_run(pages):
    page = pages["hostile"].read_text("utf-8")
    assert "<script" not in page
    assert "{{ 7*7 }}" in page


def test_before_the_first_period_is_over_there_is_a_page_too(found):
    screened = pd.read_parquet(FOLDER / "screened.parquet")
    outcomes = pd.read_parquet(FOLDER / "outcomes.parquet")
    early = monitor(
        found.settings,
        screenings_of(screened, "any_2y"),
        outcomes_of(outcomes),
        as_of=dt.date(2018, 1, 15),
    )
    assert "no period over yet" in monitoring_page(early, advise(early), "en")


def test_evidence_is_drawn_up_to_its_line(found):
    ax = pictures.plot_evidence(found)
    slope = next(line for line in ax.lines if line.get_label() == "Kalibratiehelling")
    points = found.points("slope")
    assert slope.get_ydata()[-1] == pytest.approx(points[-1].log_e / pictures.TEN)
    assert len(slope.get_xdata()) == len(points)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", ["nl", "en", "hostile"])
def test_axe_finds_nothing_wrong_and_nothing_sticks_out(tab, pages, name, width):
    assert_sound(tab, pages[name], width)


def test_a_stream_in_which_nothing_comes_in_is_not_called_quiet():
    settings = read_settings(FOLDER / "all_streams.toml")
    streams = tuple(one for one in settings.streams if one.kind in ("score", "overrides"))
    screened = pd.read_parquet(FOLDER / "screened.parquet")
    settings = msgspec.structs.replace(settings, streams=streams)

    def page(frame):
        found = monitor(settings, screenings_of(frame, settings.model), as_of=dt.date(2019, 1, 1))
        assert not found.alarms
        return texts_of(monitoring_page(found, advise(found), "en"))

    late = screened["as_of"] >= "2018-11-01"
    gone = screened.assign(
        direction=screened["direction"].mask(late), decided_on=screened["decided_on"].mask(late)
    )
    gone.loc[gone["decided_on"] >= "2018-12-01", ["direction", "decided_on"]] = None
    assert "Departures from the screening no data" in page(gone)
    assert "see above what is not counted" in page(gone)
    assert "Departures from the screening quiet" in page(screened)
    assert "see above what is not counted" not in page(screened)
