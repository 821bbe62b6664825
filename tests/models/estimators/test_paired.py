"""Tables of two features stay only if they help on people held out, and lower with the curves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.utils.estimator_checks import parametrize_with_checks

from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.estimators import GradientBoostingReference, PairedClassifier

from .data import sparse_sample

BASE = SplineLogisticClassifier(knots=4, shrinkage=1.0, smoothness=0.0, folds=3)
QUICK: dict[str, Any] = {"learning_rate": 0.3, "patience": 5, "folds": 3}


@parametrize_with_checks([PairedClassifier(BASE, **QUICK)])
def test_it_is_a_scikit_learn_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


def crossed(n: int = 1500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The first two features count together only; the third counts; some of it is unknown."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4))
    lp = np.where(x[:, 0] * x[:, 1] > 0, 1.2, -1.2) + 0.7 * x[:, 2]
    y = (rng.random(n) < expit(lp)).astype(float)
    x[rng.random(n) < 0.05, 0] = np.nan
    return x, y


@pytest.fixture(scope="module")
def fitted() -> PairedClassifier:
    return PairedClassifier(BASE, **QUICK).fit(*crossed())


def test_a_table_is_found_where_two_features_count_together(fitted: PairedClassifier) -> None:
    assert {pair.first for pair in fitted.pairs_} | {p.second for p in fitted.pairs_} >= {0, 1}
    assert fitted.gain_ > 10 * fitted.standard_error_
    strongest = max(fitted.pairs_, key=lambda pair: np.abs(pair.values).max())
    assert (strongest.first, strongest.second) == (0, 1)
    assert strongest.values[0, 0] > 0.5 > -0.5 > strongest.values[0, -2]


def test_people_whom_it_did_not_see_are_better_predicted_than_by_curves(
    fitted: PairedClassifier,
) -> None:
    x, y = crossed(seed=1)
    losses = [
        float((np.logaddexp(0, lp) - y * lp).mean())
        for lp in (fitted.decision_function(x), fitted.base_.decision_function(x))
    ]
    assert losses[0] < losses[1] - 0.05


def test_the_program_says_the_same_probabilities(fitted: PairedClassifier) -> None:
    x, _ = crossed(seed=2)
    program = fitted.lower(list("abcd"))
    probability = fitted.predict_proba(x)[:, 1]
    assert program.score_many(x).probability == pytest.approx(probability, abs=1e-12)
    assert program.uncertainty is None


def test_each_table_has_mean_zero_in_its_rows_and_columns(fitted: PairedClassifier) -> None:
    x, _ = crossed()
    for pair in fitted.pairs_:
        assert pair.at(x).mean() == pytest.approx(0.0, abs=1e-9)
        cell = np.searchsorted(pair.first_edges, x[:, pair.first], side="right")
        for row in np.unique(cell[~np.isnan(x[:, pair.first])]):
            inside = (cell == row) & ~np.isnan(x[:, pair.first])
            assert pair.at(x)[inside].mean() == pytest.approx(0.0, abs=1e-9)


def test_without_interactions_the_model_and_its_interval_are_those_of_the_base() -> None:
    x, y = sparse_sample(600)
    model = PairedClassifier(BASE, **QUICK).fit(x, y)
    alone = SplineLogisticClassifier(**BASE.get_params()).fit(x, y)
    names = list("abcdef")
    assert model.pairs_ == []
    assert model.rounds_ == 0
    assert model.gain_ <= model.standard_error_
    assert model.predict_proba(x) == pytest.approx(alone.predict_proba(x), abs=1e-12)
    theirs, ours = alone.lower(names).interval_many(x), model.lower(names).interval_many(x)
    assert ours is not None
    assert theirs is not None
    assert ours.lower == pytest.approx(theirs.lower, abs=1e-9)


def test_tables_are_shrunk_by_the_part_of_the_gain_that_may_be_noise() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(700, 3))
    lp = np.where(x[:, 0] * x[:, 1] > 0, 0.45, -0.45)
    y = (rng.random(700) < expit(lp)).astype(float)
    model = PairedClassifier(BASE, **QUICK).fit(x, y)
    ratio = model.gain_ / model.standard_error_
    assert 1.0 < ratio < 6.0
    assert model.strength_ == pytest.approx(1.0 - ratio**-2)


def test_no_more_tables_are_made_than_asked_for() -> None:
    assert len(PairedClassifier(BASE, pairs=1, **QUICK).fit(*crossed()).pairs_) == 1


def test_a_direction_holds_at_every_value_of_the_others() -> None:
    x, y = crossed(800)
    model = PairedClassifier(BASE, monotone=[0, 0, 1, 0], **QUICK).fit(x, y)
    low, high = x.copy(), x.copy()
    low[:, 2], high[:, 2] = np.minimum(x[:, 2], x[::-1, 2]), np.maximum(x[:, 2], x[::-1, 2])
    assert (model.decision_function(high) >= model.decision_function(low) - 1e-12).all()


def test_people_are_predicted_out_of_fold_by_fits_that_did_not_see_them(
    fitted: PairedClassifier,
) -> None:
    x, y = crossed()
    loss = [
        float((np.logaddexp(0, lp) - y * lp).mean())
        for lp in (fitted.decision_function(x), fitted.out_of_fold_)
    ]
    assert loss[0] < loss[1] < np.log(2)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"base": GradientBoostingReference()}, "base"),
        ({"pairs": 0}, "pairs"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"min_weight": 0.0}, "min_weight"),
        ({"folds": 1}, "folds"),
        ({"calibration": "isotonic"}, "calibration"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused_by_name(
    changed: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        PairedClassifier(**changed).fit(*crossed(100))
