"""Pictures of decisions show the figures, in both languages, and say in words what they show."""

from __future__ import annotations

import re
import tomllib

import numpy as np
import pytest

from cases import ROOT
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.utility import at_cut_offs, cost_curve, decision_curve
from risicoscreener.report.pictures import utility as pictures
from risicoscreener.report.pictures.wording import number, percent

GRID = np.arange(1, 60) / 100


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(0)
    p = rng.beta(1.5, 4, 400)
    return Sample.of(p, rng.random(400) < p)


@pytest.fixture(scope="module")
def curve(sample):
    return decision_curve(sample, GRID, label="ours")


def drawn(ax):
    """Lines by their label."""
    return {line.get_label(): line for line in ax.lines}


def test_a_decision_curve_shows_the_model_everybody_and_nobody(curve):
    ax = pictures.plot_decision_curve(curve, language="en")
    lines = drawn(ax)
    assert lines["ours"].get_ydata().tolist() == curve.model.y.tolist()
    assert lines["everybody"].get_ydata().tolist() == curve.everybody.y.tolist()
    assert "nobody" in lines
    assert "cut-off" in ax.get_xlabel()


def test_on_the_standardised_scale_everybody_starts_at_one(curve, sample):
    at_zero = decision_curve(sample, [0.0, 0.3, 0.6])
    ax = pictures.plot_decision_curve(at_zero, standardised=True)
    assert drawn(ax)["iedereen"].get_ydata()[0] == pytest.approx(1)
    assert drawn(ax)["model"].get_ydata()[0] == pytest.approx(1)
    later = pictures.plot_decision_curve(curve, standardised=True)
    expected = curve.everybody.y / sample.outcome.mean()
    assert drawn(later)["iedereen"].get_ydata() == pytest.approx(expected)


def test_cut_offs_are_shown_with_what_an_event_is_worth(curve):
    ax = pictures.plot_decision_curve(curve, language="en")
    text = ax.xaxis.get_major_formatter()
    assert text(0.2, 0) == "20%\n4 : 1"
    assert text(0.3, 0) == "30%\n2.3 : 1"
    assert text(0.6, 0) == "60%\n1 : 1.5"
    assert text(0.0, 0) == "0%"


def test_several_models_differ_in_colour_dashes_and_marks(curve):
    lines = pictures.plot_decision_curve([curve, curve]).lines[:2]
    for look in ("get_color", "get_linestyle", "get_marker"):
        assert getattr(lines[0], look)() != getattr(lines[1], look)()


def test_a_decision_curve_is_described(curve, sample):
    said = pictures.describe_decision_curve(curve, language="en")
    assert said.startswith("Net benefit of ours, in 400 people")
    assert "brings more" in said
    wrong = Sample.of(1 - sample.probability, sample.outcome)
    never = pictures.describe_decision_curve(decision_curve(wrong, [0.4, 0.6]))
    assert "Bij geen enkele grenswaarde" in never


def test_interventions_avoided_are_shown_per_thousand(curve):
    ax = pictures.plot_interventions_avoided(curve)
    assert drawn(ax)["ours"].get_ydata().tolist() == curve.avoided.y.tolist()
    assert "1.000" in ax.get_ylabel()
    said = pictures.describe_interventions_avoided(curve, language="en")
    assert f"{curve.avoided.y[29]:,.0f} at cut-off 30%" in said
    one = decision_curve(Sample.of([0.1, 0.5], [0, 1]), [0.2])
    assert "500 bij grenswaarde 20" in pictures.describe_interventions_avoided(one)


def test_a_cost_curve_shows_cut_offs_the_best_of_them_and_no_model(sample):
    curve = cost_curve(sample, [0.2, 0.4])
    lines = drawn(pictures.plot_cost_curve(curve, language="en"))
    assert lines["cut-off 20%"].get_ydata().tolist() == curve.at_cut_offs[0].y.tolist()
    assert {"everybody or nobody", "best cut-off in hindsight", "cut-off 40%"} <= set(lines)
    said = pictures.describe_cost_curve(curve, language="en")
    assert "Cut-off 20%: cheaper" in said


def test_costs_of_one_outcome_are_said_to_be_absent():
    curve = cost_curve(Sample.of([0.1, 0.2], [0, 0]), [0.15])
    pictures.plot_cost_curve(curve)
    assert "geen kostencurve" in pictures.describe_cost_curve(curve)


def test_a_cut_off_that_is_nowhere_the_cheaper_is_said_to_be_so():
    wrong = cost_curve(Sample.of([0.1, 0.2, 0.3, 0.4], [1, 1, 0, 0]), [0.25])
    assert "nergens goedkoper" in pictures.describe_cost_curve(wrong)


def test_a_thousand_people_are_drawn_one_by_one(sample):
    found = at_cut_offs(sample, [0.2, 0.45], names=("verlenen", "onderzoek", "afwijzen"))
    ax = pictures.plot_consequences(found)
    marks = [line for line in ax.lines if len(line.get_xdata())]
    assert sum(len(line.get_xdata()) for line in marks) == 1000
    events = sum(len(line.get_xdata()) for line in marks if line.get_marker() == "^")
    assert events == pytest.approx(1000 * sample.outcome.mean(), abs=2)
    assert "verlenen" in ax.get_xticklabels()[0].get_text()


def test_a_thousand_people_are_described_and_add_up(sample):
    said = pictures.describe_consequences(at_cut_offs(sample, [0.2, 0.45]), language="en")
    assert "probability 0% to 20%" in said
    assert sum(map(int, re.findall(r"%: (\d+),", said))) == 1000


def test_numbers_are_written_as_the_language_does():
    assert number(1234.5, 1, "nl") == "1.234,5"
    assert number(1234.5, 1, "en") == "1,234.5"
    assert number(-0.001, 1, "en") == "0.0"
    assert percent(0.123, "nl", 1) == "12,3%"


@pytest.mark.parametrize("topic", ["utility", "designs"])
def test_every_word_is_there_in_both_languages(topic):
    path = ROOT / "src/risicoscreener/report/pictures" / f"{topic}.toml"
    for entry, texts in tomllib.loads(path.read_text("utf-8")).items():
        assert set(texts) == {"nl", "en"}, entry
        assert all(texts.values()), entry
