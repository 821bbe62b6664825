"""Pictures of what is not seen have their numbers, and words that say the same."""

from __future__ import annotations

import numpy as np
import pytest

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.discrimination import auc, auc_estimate
from risicoscreener.evaluation.selection import (
    PartlySeen,
    bounds,
    contraction,
    inverse_weighting,
    label_bias,
    sensitivity,
)
from risicoscreener.report.pictures import selection as pictures

from .people import base_rate, drawn, partly
from .test_contraction import decided
from .test_label_bias import registered

LANGUAGES = ("nl", "en")


@pytest.fixture(scope="module")
def weighed():
    x, p, y, granted, _ = drawn(400)
    people = PartlySeen.of(p, y, granted)
    return people, inverse_weighting(people, {"auc": auc}, features=x, replicates=20)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_figure_stands_beside_what_is_known_without_assumptions(weighed, language):
    people, weighting = weighed
    region = bounds(people, replicates=20)["auc"]
    three = (region, auc_estimate(people.naive), weighting.estimates["auc"])
    ax = pictures.plot_regions(*three, language=language)
    assert len(ax.get_yticks()) == 3
    assert [region.lowest, region.highest] in [list(line.get_xdata()) for line in ax.lines]
    text = pictures.describe_regions(*three, language=language)
    assert all(one.text(language) in text for one in three)
    assert len(pictures.plot_regions(region).get_yticks()) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_sensitivity_is_drawn_over_odds_ratios_with_its_band(language):
    found = sensitivity(partly(300), {"base_rate": base_rate}, replicates=20)
    ax = pictures.plot_sensitivity(found, "base_rate", language=language)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), found.curve("base_rate").y)
    assert ax.get_xscale() == "log"
    ticks = [t.get_text() for t in ax.get_xticklabels()]
    assert ("1,00" if language == "nl" else "1.00") in ticks
    first = f"{found.values[0, 0]:.3f}"
    words = pictures.describe_sensitivity(found, "base_rate", language=language)
    assert (first if language == "en" else first.replace(".", ",")) in words


def test_what_could_not_be_fitted_is_said_in_words():
    p = np.linspace(0.1, 0.9, 60)
    people = PartlySeen.of(p, (p > 0.5).astype(float), np.arange(60) % 3 > 0)
    found = sensitivity(people, {"base_rate": base_rate}, [1.0, 2.0], replicates=10)
    assert "scheiden" in pictures.describe_sensitivity(found, "base_rate")
    assert pictures.plot_sensitivity(found, "base_rate").lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_label_bias_marks_the_register_and_the_tipping_point(language):
    rng = np.random.default_rng(9)
    sample, group, _, _ = registered(2000)
    p, y = np.empty(2000), np.empty(2000)
    p[sample.order], y[sample.order] = sample.probability, sample.outcome
    more = np.maximum(y, group & (rng.random(2000) < 0.06))  # too low for the group
    found = label_bias(Sample.of(p, more), group, detected=0.5, odds_ratios=[1, 2, 4])
    ax = pictures.plot_label_bias(found, language=language)
    assert len(ax.get_legend().get_texts()) == 2
    words = pictures.describe_label_bias(found, language=language)
    assert found.tipping_point.text(language, 2) in words
    assert found.on_registered.text(language) in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_contraction_has_the_model_as_a_line_and_decision_makers_as_points(language):
    p, y, granted, maker = decided(1000)
    found = contraction(PartlySeen.of(p, y, granted), maker, replicates=20)
    ax = pictures.plot_contraction(found, language=language)
    assert list(ax.lines[1].get_xdata()) == found.makers["granted"].tolist()
    words = pictures.describe_contraction(found, language=language)
    assert found.difference.text(language) in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_overlap_has_everybody_once(weighed, language):
    people, weighting = weighed
    ax = pictures.plot_overlap(people, weighting, language=language)
    assert sum(abs(b.get_height()) for b in ax.patches) == len(people)
    assert "400" in pictures.describe_overlap(weighting, language=language)
