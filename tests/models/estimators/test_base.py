"""What all classifiers of the library do alike."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.calibration import Table

from .data import sparse_sample


def test_log_odds_are_those_of_the_probability_also_where_the_calibration_is_a_table() -> None:
    x, y = sparse_sample(600)
    model = SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1).fit(x, y)
    model.calibration_ = Table((0.1, 0.5, 0.9), (0.0, 0.4, 1.0))
    probability = model.predict_proba(x)[:, 1]
    assert {0.0, 1.0} <= set(probability)
    assert expit(model.decision_function(x)) == pytest.approx(probability, abs=1e-11)
    assert np.isfinite(model.decision_function(x)).all()


def test_log_odds_far_out_are_not_cut_off_where_the_calibration_is_logistic() -> None:
    x, y = sparse_sample(600)
    model = SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1).fit(x, y)
    model.coefficients_[0] = -60.0
    assert model.decision_function(x).max() < -40.0
    assert (model.predict_proba(x)[:, 1] > 0).all()
