"""Three ways to choose a penalty, and the bootstrap samples of one of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.estimators.choosing import (
    Penalty,
    PenaltyFamily,
    corrected_deviance,
    information_criterion,
)
from risicoscreener.models.estimators.folds import resampled_weights
from risicoscreener.models.estimators.penalised import Expansion, Sample
from risicoscreener.models.estimators.splines import RampBasis

from .data import sparse_sample

OPTIMISM = {"penalty_choice": "optimism", "bootstraps": 10}


@parametrize_with_checks(
    [SplineLogisticClassifier(**OPTIMISM), SplineLogisticClassifier(penalty_choice="aic")]
)
def test_it_is_a_scikit_learn_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


def studied(n: int = 600) -> tuple[PenaltyFamily, Expansion]:
    x, y = sparse_sample(n)
    basis = RampBasis.fit(x, np.ones(n), 5, 0.01)
    family = PenaltyFamily(basis)
    sample = Sample(basis.design(x), y, np.ones(n))
    return family, Expansion.around_pilot(sample, family.pilot)


def deviance(p: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    return float(-(weight * np.log(np.where(y == 1, p, 1 - p))).sum())


def test_corrected_deviance_is_that_of_a_bootstrap_with_scikit_learn() -> None:
    """The ridge at shrinkage 2 without smoothness is a plain ridge of columns scaled by its root."""
    family, whole = studied()
    sample = whole.sample
    x, y = sparse_sample(600)
    drawn = resampled_weights(x, y, sample.weight, None, 20, seed=1)
    found = corrected_deviance(whole, drawn, family, [(2.0, 0.0)])[0]
    columns = sample.design[:, 1:] / np.sqrt(np.diag(family.basis.penalty(2.0, 0.0))[1:])

    def fitted(weight: np.ndarray) -> np.ndarray:
        model = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10)
        return model.fit(columns, y, sample_weight=weight).predict_proba(columns)[:, 1]

    optimism = [
        deviance(p, y, np.ones(600)) - deviance(p, y, weight)
        for weight, p in ((weight, fitted(weight)) for weight in drawn.T)
    ]
    expected = deviance(fitted(np.ones(600)), y, np.ones(600)) + np.mean(optimism)
    assert np.mean(optimism) > 1.0
    assert found == pytest.approx(expected, rel=2e-3)  # ours is by quadratic expansion


def test_effective_parameters_are_all_without_penalty_and_the_trace_of_the_hat_matrix_with_one() -> (
    None
):
    rng = np.random.default_rng(0)
    root = rng.normal(size=(20, 5))
    information, b = root.T @ root, rng.normal(size=5)
    free = Penalty(np.zeros((5, 5)))
    assert free.effective_parameters(b, information) == pytest.approx(5.0)
    ridge = 3.0 * np.eye(5)
    expected = np.trace(np.linalg.solve(information + ridge, information))
    assert Penalty(ridge).effective_parameters(b, information) == pytest.approx(expected)


def test_the_information_criterion_is_half_the_deviance_plus_the_effective_parameters() -> None:
    family, whole = studied()
    pair = (3.0, 0.1)
    coefficients = whole.fit(family.at(pair).quadratic)
    trace = np.trace(
        np.linalg.solve(whole.information + family.basis.penalty(*pair), whole.information)
    )
    p = 1 / (1 + np.exp(-whole.sample.design @ coefficients))
    expected = deviance(p, whole.sample.outcome, whole.sample.weight) + trace
    assert information_criterion(whole, family, [pair])[0] == pytest.approx(expected)


@pytest.mark.parametrize("choice", ["cross_validation", "optimism", "aic"])
def test_each_way_shrinks_noise_hard_and_signal_little(choice: Any) -> None:
    rng = np.random.default_rng(1)
    noise, y = rng.normal(size=(400, 8)), (rng.random(400) < 0.3).astype(float)
    flat = SplineLogisticClassifier(penalty_choice=choice).fit(noise, y)
    steep = SplineLogisticClassifier(penalty_choice=choice).fit(*sparse_sample(2000))
    assert flat.shrinkage_ >= 10.0 > steep.shrinkage_


# -- bootstrap samples -------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_choice_whatever_the_order_of_rows() -> None:
    x, y = sparse_sample(300)
    order = np.random.default_rng(0).permutation(len(y))
    a = SplineLogisticClassifier(**OPTIMISM).fit(x, y)
    b = SplineLogisticClassifier(**OPTIMISM).fit(x[order], y[order])
    assert (a.shrinkage_, a.smoothness_) == (b.shrinkage_, b.smoothness_)
    assert a.predict_proba(x) == pytest.approx(b.predict_proba(x), abs=1e-8)


def test_samples_have_the_size_of_the_data_and_draw_people_not_rows() -> None:
    x, y = sparse_sample(200)
    weight = np.random.default_rng(0).integers(1, 4, 200).astype(float)
    drawn = resampled_weights(x, y, weight, None, 400, seed=0)
    assert (drawn.sum(axis=0) == weight.sum()).all()
    assert np.abs(drawn.mean(axis=1) - weight).max() < 0.4
    assert np.corrcoef(drawn.var(axis=1), weight)[0, 1] > 0.9


def test_another_seed_draws_other_samples() -> None:
    x, y = sparse_sample(200)
    first, second = (resampled_weights(x, y, np.ones(200), None, 2, seed) for seed in (0, 1))
    assert (first != second).any()


def test_rows_of_one_person_are_drawn_together() -> None:
    x, y = sparse_sample(200)
    person = np.repeat(np.arange(40), 5)
    drawn = resampled_weights(x, y, np.full(200, 0.5), person, 3, seed=0).reshape(40, 5, 3)
    assert (drawn == drawn[:, :1]).all()
    assert set(np.unique(drawn)) <= {0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [({"penalty_choice": "guess"}, "optimism"), ({"bootstraps": 1}, "bootstraps=1")],
)
def test_senseless_parameters_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SplineLogisticClassifier(**parameters).fit(*sparse_sample(100))
