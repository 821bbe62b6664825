"""What a design gives shows its figures in a notebook, and nothing of single people."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from risicoscreener.evaluation.designs import bootstrap_optimism, cross_validate, instability


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(150, 2))
    return x, (rng.random(150) < 1 / (1 + np.exp(-x[:, 0]))).astype(int)


def test_a_validation_shows_its_figures(people):
    shown = repr(cross_validate(LogisticRegression(), *people, folds=3))
    assert shown.startswith("cross_validation, 3 parts\nauc: 0.")
    assert "array" not in shown


def test_optimism_shows_what_is_left(people):
    shown = repr(bootstrap_optimism(LogisticRegression(), *people, resamples=10))
    assert shown.startswith("corrected for optimism\nauc: 0.")


def test_instability_shows_how_far_predictions_move(people):
    shown = repr(instability(LogisticRegression(), *people, resamples=10))
    assert shown.startswith("Instability(150 people, predictions move 0.0")


def test_a_name_that_is_not_there_is_answered_with_those_that_are(people):
    with pytest.raises(KeyError, match="ici2 is not among auc"):
        cross_validate(LogisticRegression(), *people, folds=3).estimates["ici2"]
