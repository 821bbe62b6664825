"""What cannot be told gives a reason, not a crash or a warning."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.tree import DecisionTreeClassifier

from evaluation.designs.data import people
from risicoscreener.evaluation.designs import (
    apparent,
    bootstrap_optimism,
    cross_validate,
    instability,
    internal_external,
)
from risicoscreener.report.pictures import designs as pictures

CONSTANT = DummyClassifier()
BY_HEART = DecisionTreeClassifier(random_state=0)
X, Y, _ = people(120)
PRISON = np.r_[np.zeros(1), np.repeat(np.arange(1, 8), 17)]


@pytest.mark.parametrize("model", [CONSTANT, BY_HEART], ids=["constant", "by heart"])
def test_every_design_gives_each_figure_or_a_reason(model):
    found = bootstrap_optimism(model, X, Y, resamples=10)
    everything = [
        apparent(model, X, Y).estimates,
        cross_validate(model, X, Y, folds=4).estimates,
        internal_external(model, X, Y, PRISON).estimates,
        found.corrected,
        found.of_632,
        found.of_632_plus,
    ]
    for one in (e for estimates in everything for e in estimates):
        assert one.has_interval or one.problem, one


def test_what_is_the_same_for_everybody_is_no_better_than_nothing():
    found = bootstrap_optimism(CONSTANT, X, Y, resamples=10)
    assert found.corrected["auc"].value == 0.5
    assert found.of_632_plus["brier"].value == pytest.approx(Y.mean() * (1 - Y.mean()))


def test_a_prison_of_one_person_is_named_and_not_pooled():
    found = internal_external(BY_HEART, X, Y, PRISON)
    assert found.parts[0].n == 1
    assert found.summaries["brier"].k <= 7


@pytest.mark.parametrize("model", [CONSTANT, BY_HEART], ids=["constant", "by heart"])
def test_pictures_are_drawn_of_what_is_there(model):
    for summary in internal_external(model, X, Y, PRISON).summaries.values():
        pictures.plot_forest(summary)
        assert pictures.describe_forest(summary)
    unstable = instability(model, X, Y, resamples=3)
    pictures.plot_prediction_instability(unstable)
    pictures.plot_calibration_instability(unstable)
    assert "geen kalibratiecurven" in pictures.describe_calibration_instability(unstable)
