"""The picture of a detention draws every day's screening, and says the same in words."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from cases import example
from risicoscreener import Screener
from risicoscreener.decision import OUTCOMES
from risicoscreener.errors import DossierError, RisicoscreenerError
from risicoscreener.report.detention import describe_detention, plot_detention
from risicoscreener.screening.admissible import admissible
from risicoscreener.screening.picture.course import Course, course_of

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def screener() -> Screener:
    return Screener.load()


@pytest.fixture(scope="module")
def course(screener) -> Course:
    kinds = ["leave", "low_security", "conditional_release"]
    return course_of(example("grant"), kinds=kinds, last="2024-04-20", screener=screener)


def test_each_day_is_that_of_a_screening(course, screener):
    assert course.first == dt.date(2023, 3, 6)
    for kind in course.kinds:
        for n in (0, 100, course.days - 6, course.days - 1):
            day = course.first + n * DAY
            scratch = screener.screen(example("grant"), kind.decision, as_of=day)
            assert OUTCOMES[kind.outcome[n]] == scratch.outcome
            met = all(r.level == "met" for r in scratch.requirements)
            assert kind.admissible[n] == met
            for model in scratch.models:
                (found,) = [m for m in course.models if m.name == model.name]
                assert found.probability[n] == model.probability


def test_spans_cover_each_day_once(course):
    for kind in course.kinds:
        spans = list(kind.spans(course.first))
        assert sum((last - first).days + 1 for _, first, last in spans) == course.days
        assert len({outcome for outcome, _, _ in spans}) == len(np.unique(kind.outcome))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_bands_lines_and_facts_are_drawn(course, language):
    figure = plot_detention(course, language=language)
    labels = [ax.get_label() for ax in figure.axes if ax.get_label()]
    assert labels[0] == "outcomes"
    assert {m.name for m in course.models} <= set(labels)
    outcomes = figure.axes[0]
    drawn = [patch.get_gid() for patch in outcomes.patches]
    for kind in course.kinds:
        names = [OUTCOMES[o] for o, _, _ in kind.spans(course.first)]
        assert [g for g in drawn if g.startswith(kind.decision)] == [
            f"{kind.decision}.{name}" for name in names
        ]
    assert any(line.get_gid() == "leave.admissible" for line in outcomes.lines)
    looks = {(p.get_facecolor(), p.get_hatch()) for p in outcomes.patches}
    assert len(looks) == len({gid.split(".")[1] for gid in drawn})


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_words_say_what_is_drawn(course, language):
    text = describe_detention(course, language=language)
    for kind in course.kinds:
        assert kind.title.text(language) in text
        for outcome, _, _ in kind.spans(course.first):
            assert kind.words[outcome].text(language) in text
    for model in course.models:
        assert model.outcome.text(language) in text


def test_what_is_misused_is_said(course, screener):
    with pytest.raises(RisicoscreenerError, match="language"):
        plot_detention(course, language="de")
    with pytest.raises(RisicoscreenerError, match="language"):
        describe_detention(course, language="de")
    with pytest.raises(DossierError, match="first"):
        course_of(example("grant"), first="2024-05-01", last="2024-04-20", screener=screener)
    with pytest.raises(KeyError, match="parole"):
        course["parole"]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_admissible_line_has_a_bar_for_each_span(screener, language):
    timeline = admissible(example("grant"), "leave", "2023-05-01", screener=screener)
    ax = timeline.plot(language=language)
    bars = [patch.get_gid() for patch in ax.patches]
    for course in timeline["leave"].requirements:
        assert bars.count(f"leave.{course.name}") == len(course.spans)
    assert bars.count("leave") == len(timeline["leave"].windows)
    assert len(ax.get_yticklabels()) == 1 + len(timeline["leave"].requirements)
