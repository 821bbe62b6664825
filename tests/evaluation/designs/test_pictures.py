"""Pictures of validation show the figures, and say in words what they show."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from evaluation.designs.data import people
from risicoscreener.evaluation.designs import Instability, instability, internal_external
from risicoscreener.report.pictures import designs as pictures


@pytest.fixture(scope="module")
def unstable():
    x, y, _ = people(150)
    return instability(LogisticRegression(), x[:, 1:], y, resamples=4)


@pytest.fixture(scope="module")
def summary():
    x, y, _ = people(400)
    prison = np.where(
        np.arange(400) < 5, "tiny", np.array(["a", "b", "c", "d"])[np.arange(400) % 4]
    )
    y[:5] = 0
    return internal_external(LogisticRegression(), x[:, 1:], y, prison).summaries["auc"]


def test_a_forest_has_a_row_for_each_prison_the_mean_and_the_next(summary):
    ax = pictures.plot_forest(summary, language="en")
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(labels) == 5 + 2
    assert labels[-2:] == ["mean", "next prison"]
    assert any(label.startswith("tiny (5, 0)") for label in labels)
    assert [text.get_text() for text in ax.texts] == ["no figure"]
    prediction = ax.lines[-1].get_xdata()
    assert list(prediction) == [summary.next_low, summary.next_high]


def test_a_forest_is_described_with_what_was_left_out(summary):
    said = pictures.describe_forest(summary, language="en")
    assert "in 5 prisons" in said
    assert "next prison" in said
    assert said.endswith("not counted: tiny.")


def test_the_instability_plot_shows_every_model(unstable):
    ax = pictures.plot_prediction_instability(unstable)
    assert len(ax.lines) == 4 + 3  # models, two limits, the diagonal
    assert ax.get_ylabel() == "kans volgens modellen van andere steekproeven"


def test_of_many_people_some_at_equal_distances_in_rank_are_shown():
    rng = np.random.default_rng(0)
    many = Instability(rng.random(5000), rng.random((100, 5000)))
    shown = pictures.plot_prediction_instability(many).lines[0].get_xdata()
    assert len(shown) == 200
    assert shown[0] == many.original.min()
    assert shown[-1] == many.original.max()


def test_the_shift_of_each_person_is_shown_with_the_mean(unstable):
    ax = pictures.plot_error_instability(unstable)
    assert sorted(ax.lines[0].get_ydata()) == sorted(unstable.person_error)
    assert ax.lines[1].get_ydata()[0] == unstable.mean_absolute_prediction_error


def test_changes_of_side_are_shown_at_the_cut_off(unstable):
    ax = pictures.plot_classification_instability(unstable, 0.3, language="en")
    assert sorted(ax.lines[0].get_ydata()) == sorted(unstable.crossing(0.3))
    assert "30%" in ax.get_ylabel()
    assert "At cut-off 30%" in pictures.describe_classification_instability(
        unstable, 0.3, language="en"
    )


def test_calibration_curves_of_all_models_are_shown(unstable):
    ax = pictures.plot_calibration_instability(unstable)
    assert len(ax.lines) == 4 + 2  # models, this model, the diagonal
    assert "4 modellen" in pictures.describe_calibration_instability(unstable)


def test_instability_is_described(unstable):
    said = pictures.describe_instability(unstable, language="en")
    assert said.startswith("Of 150 people")
