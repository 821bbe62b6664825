"""Pictures at a horizon and over time, and what they say in words."""

from __future__ import annotations

import io

import numpy as np
import pytest

from evaluation.time.samples import people
from evaluation.time.test_calibration_and_time import right
from risicoscreener.evaluation.time import (
    HorizonSample,
    horizon_calibration,
    horizon_decision_curve,
    over_time,
)
from risicoscreener.report.pictures import time as pictures


@pytest.fixture(scope="module")
def calibration():
    return horizon_calibration(people(1500, horizon=730.5), replicates=20)


@pytest.fixture(scope="module")
def figures():
    by, time, cause = right(400)
    days = [100.0, 400.0, 800.0, 5000.0]
    return over_time(np.column_stack([by(d) for d in days]), time, cause, days)


def texts(ax):
    drawn = io.BytesIO()
    ax.figure.savefig(drawn, format="svg")
    labels = [t.get_text() for t in ax.get_xticklabels() + ax.get_yticklabels() + ax.texts]
    return " ".join([ax.get_xlabel(), ax.get_ylabel(), *labels])


def test_the_picture_of_calibration_has_curve_band_groups_and_people(calibration):
    ax = pictures.plot_horizon_calibration(calibration)
    labels = ax.get_legend_handles_labels()[1]
    assert labels == ["gekalibreerd", "kalibratiecurve", "10 groepen (Aalen-Johansen)"]
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), calibration.curve.x)
    assert len(ax.collections) >= 1
    assert len(ax.patches) == pictures.BINS
    assert "binnen 2 jaar" in texts(ax)


def test_it_is_drawn_on_the_axes_that_are_given(calibration, figures):
    from matplotlib.figure import Figure

    axes = Figure().subplots(4)
    assert pictures.plot_horizon_calibration(calibration, ax=axes[0], language="en") is axes[0]
    for ax, name in zip(axes[1:], ("auc", "brier", "incidence"), strict=True):
        assert getattr(pictures, f"plot_{name}_over_time")(figures, ax=ax) is ax


def test_words_say_the_heights_that_the_picture_shows(calibration):
    said = pictures.describe_horizon_calibration(calibration, language="en")
    assert said.startswith("Calibration curve at 2 years, 1,500 people of whom")
    place = len(calibration.curve.x) // 2
    assert f"At a probability of {calibration.curve.x[place]:.0%} the share" in said
    assert f"slope {calibration.weak['horizon_slope'].value:.2f}" in said


@pytest.mark.parametrize("name", ["auc", "brier", "incidence"])
def test_curves_over_time_are_drawn_in_years_and_said_in_words(figures, name):
    ax = getattr(pictures, f"plot_{name}_over_time")(figures, language="nl")
    assert ax.get_xlabel() == "jaren"
    said = getattr(pictures, f"describe_{name}_over_time")(figures, language="nl")
    assert "van 100 dagen tot 2,2 jaar, 400 mensen" in said
    assert "Bij 2,2 jaar: " in said


def test_incidences_are_said_in_percentages(figures):
    said = pictures.describe_incidence_over_time(figures, language="en")
    observed = figures["incidence_over_time"].y[0]
    assert f"At 100 days: {observed:.1%} (" in said


def test_net_benefit_is_drawn_beside_everybody_and_nobody_and_said():
    found = horizon_decision_curve(people(500), np.arange(1, 10) / 10, label="model A")
    ax = pictures.plot_horizon_decision(found, language="en")
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), found.model.y)
    assert ax.get_legend_handles_labels()[1] == ["model A", "everybody", "nobody"]
    said = pictures.describe_horizon_decision(found, language="en")
    assert "model A" in said
    assert "of the 9 cut-offs" in said


def test_what_cannot_be_drawn_is_said(figures):
    nothing = HorizonSample.of([0.1, 0.2], [5, 6], [0, 1], horizon_days=400)
    found = horizon_calibration(nothing, replicates=0)
    pictures.plot_horizon_calibration(found)
    said = pictures.describe_horizon_calibration(found, language="nl")
    assert said.startswith("Geen grafiek: niet betrouwbaar te bepalen")
    late = over_time([[0.1], [0.2]], [5, 6], [0, 1], [400.0])
    assert "No picture" in pictures.describe_auc_over_time(late, language="en")
    for name in ("auc", "brier", "incidence"):
        getattr(pictures, f"plot_{name}_over_time")(late)


@pytest.mark.parametrize(
    ("days", "nl", "en"),
    [
        (30, "30 dagen", "30 days"),
        (365.25, "1 jaar", "1 year"),
        (365, "1 jaar", "1 year"),
        (730, "2 jaar", "2 years"),
        (548, "1,5 jaar", "1.5 years"),
    ],
)
def test_a_term_is_said_in_days_or_years(days, nl, en):
    assert (pictures.term(days, "nl"), pictures.term(days, "en")) == (nl, en)
