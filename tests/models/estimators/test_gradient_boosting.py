"""Gradient boosting as the reference: chosen and calibrated out of fold, and never lowered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import Logistic
from risicoscreener.models.estimators import GradientBoostingReference

from .data import sparse_sample

SMALL = {"leaves": (3,), "max_trees": 20, "folds": 3}


@parametrize_with_checks([GradientBoostingReference(**SMALL)])
def test_it_is_a_scikit_learn_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


def test_it_is_the_boosting_of_scikit_learn_but_for_the_calibration() -> None:
    x, y = sparse_sample(500)
    model = GradientBoostingReference(**SMALL).fit(x, y)
    plain = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=model.trees_, max_leaf_nodes=3, early_stopping=False
    ).fit(x, y)
    assert isinstance(model.calibration_, Logistic)
    expected = model.calibration_.intercept + model.calibration_.slope * plain.decision_function(x)
    assert model.decision_function(x) == pytest.approx(expected, abs=1e-12)


def test_predictors_out_of_fold_are_of_fits_that_did_not_see_the_row() -> None:
    x = np.random.default_rng(0).normal(size=(400, 3))
    y = (np.random.default_rng(1).random(400) < 0.4).astype(float)
    model = GradientBoostingReference(leaves=(8,), max_trees=100, calibration=None).fit(x, y)
    apparent = np.corrcoef(model.decision_function(x), y)[0, 1]
    assert apparent > np.corrcoef(model.out_of_fold_, y)[0, 1] + 0.1


def test_leaves_are_chosen_where_only_an_interaction_tells() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 2))
    y = (rng.random(1500) < expit(2.0 * np.sign(x[:, 0] * x[:, 1]))).astype(float)
    assert GradientBoostingReference(max_trees=80, folds=3).fit(x, y).leaves_ > 2


def test_noise_gets_a_probability_near_the_prevalence() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(600, 5)), (rng.random(600) < 0.3).astype(float)
    plain = HistGradientBoostingClassifier(max_iter=100, early_stopping=False).fit(x, y)
    model = GradientBoostingReference(max_trees=100, folds=3).fit(x, y)
    away, away_plain = (
        np.abs(one.predict_proba(x)[:, 1] - y.mean()).mean() for one in (model, plain)
    )
    assert away < 0.05 < 0.2 < away_plain


def test_a_monotone_feature_never_goes_the_other_way() -> None:
    x, y = sparse_sample(800)
    model = GradientBoostingReference(**SMALL, monotone=[-1, 1, 0, 0, 0, 0]).fit(x, y)
    line = np.tile(np.nanmedian(x, axis=0), (100, 1))
    for feature, direction in ((0, -1), (1, 1)):
        moved = line.copy()
        moved[:, feature] = np.linspace(-3, 3, 100)
        assert (direction * np.diff(model.decision_function(moved)) >= -1e-12).all()


def test_the_order_of_rows_does_not_matter() -> None:
    x, y = sparse_sample(400)
    order = np.random.default_rng(0).permutation(len(y))
    a = GradientBoostingReference(**SMALL).fit(x, y)
    b = GradientBoostingReference(**SMALL).fit(x[order], y[order])
    assert a.predict_proba(x) == pytest.approx(b.predict_proba(x), abs=1e-10)


def test_rows_of_one_person_are_not_parted() -> None:
    """Each person has ten equal rows and an outcome by chance: only a copy could tell it."""
    rng = np.random.default_rng(0)
    x = np.repeat(rng.normal(size=(80, 2)), 10, axis=0)
    y = np.repeat((rng.random(80) < 0.5).astype(float), 10)
    options = {"leaves": (31,), "max_trees": 60, "min_people": 5}
    parted = GradientBoostingReference(**options).fit(x, y)
    whole = GradientBoostingReference(**options).fit(x, y, groups=np.repeat(np.arange(80), 10))
    assert np.corrcoef(parted.out_of_fold_, y)[0, 1] > 0.9
    assert np.corrcoef(whole.out_of_fold_, y)[0, 1] < 0.4


def test_it_refuses_to_lower_and_says_what_it_is_for() -> None:
    model = GradientBoostingReference(**SMALL).fit(*sparse_sample(200))
    with pytest.raises(ModelError, match="reference.*does not lower.*predict_proba"):
        model.lower(list("abcdef"))


@pytest.mark.parametrize(
    "parameters",
    [{"leaves": ()}, {"leaves": (1,)}, {"learning_rate": 0.0}, {"max_trees": 0}, {"folds": 1}],
)
def test_senseless_parameters_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"give|must be"):
        GradientBoostingReference(**parameters).fit(*sparse_sample(100))
