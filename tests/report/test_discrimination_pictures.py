"""Pictures of discrimination show the numbers, and words say what they show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.discrimination import (
    distribution,
    precision_recall_curve,
    roc_curve,
)
from risicoscreener.report.pictures.discrimination import (
    describe_distribution,
    describe_precision_recall,
    describe_roc,
    plot_distribution,
    plot_precision_recall,
    plot_roc,
)

ONE_CLASS = Sample.of([0.1, 0.4], [0, 0])
KINDS = [
    (roc_curve, plot_roc, describe_roc),
    (precision_recall_curve, plot_precision_recall, describe_precision_recall),
]


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(0)
    p = rng.beta(2, 4, 400)
    return Sample.of(p, rng.random(400) < p)


@pytest.mark.parametrize(("curve", "plot", "describe"), KINDS)
def test_a_picture_draws_the_curve_and_its_band(sample, curve, plot, describe):
    found = curve(sample, replicates=50)
    ax = plot(found)
    drawn = max(ax.lines, key=lambda line: len(line.get_xdata()))
    assert drawn.get_ydata().tolist() == found.y.tolist()
    assert len(ax.collections) == 1
    ax.figure.draw_without_rendering()
    place = int(np.argmin(np.abs(found.x - 0.3)))
    assert f"{100 * found.y[place]:.0f}%" in describe(found, language="en")


@pytest.mark.parametrize(("curve", "plot", "describe"), KINDS)
def test_two_models_are_told_apart_by_strokes_and_labels(sample, curve, plot, describe):
    one = curve(sample, replicates=20)
    two = [replace(one, label="old"), replace(one, label="new")]
    ax = plot(two, language="en")
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert {"old", "new"} <= set(labels)
    lines = [line for line in ax.lines if line.get_label() in {"old", "new"}]
    assert len({line.get_linestyle() for line in lines}) == 2
    assert len({line.get_marker() for line in lines}) == 2
    assert "of new" in describe(two, language="en")


@pytest.mark.parametrize(("curve", "plot", "describe"), KINDS)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_curve_that_cannot_be_drawn_is_said(curve, plot, describe, language):
    found = curve(ONE_CLASS)
    plot(found, language=language).figure.draw_without_rendering()
    problem = "dezelfde uitkomst" if language == "nl" else "same outcome"
    assert problem in describe(found, language=language)


def test_a_curve_without_a_band_is_described_without_one():
    constant = Sample.of([0.3] * 4, [0, 1, 0, 1])
    assert "(" not in describe_roc(roc_curve(constant), language="en")


def test_people_with_the_outcome_stand_up_and_those_without_hang_down(sample):
    found = distribution(sample, bins=10)
    ax = plot_distribution(found, language="nl")
    heights = [bar.get_height() for bar in ax.patches]
    assert heights == [*found.with_outcome, *-found.without_outcome]
    ax.figure.draw_without_rendering()
    ticks = [text.get_text() for text in ax.get_yticklabels()]
    assert not any("-" in text or "−" in text for text in ticks)
    said = describe_distribution(found, language="nl")
    assert f"{sample.events} mensen met" in said
    assert f"{100 * found.mean_with:.0f}%" in said


def test_a_distribution_of_one_outcome_has_one_mean():
    said = describe_distribution(distribution(ONE_CLASS), language="en")
    assert said.count("on average") == 1
