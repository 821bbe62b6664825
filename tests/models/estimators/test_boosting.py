"""Additive boosting: curves in steps, interactions that earn their place, an exact program."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import log_loss
from sklearn.utils.estimator_checks import parametrize_with_checks

from risicoscreener.models.estimators import AdditiveBoostingClassifier, SplineLogisticClassifier
from risicoscreener.models.estimators.interactions import purified
from risicoscreener.models.estimators.steps import Growth, step_update

from .data import sparse_sample


@parametrize_with_checks(
    [AdditiveBoostingClassifier(), AdditiveBoostingClassifier(pairs="auto", max_rounds=100)]
)
def test_it_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


def xor_sample(n: int = 2000, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Two features that count only together, and one of noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    y = (rng.random(n) < expit(1.5 * np.sign(x[:, 0] * x[:, 1]))).astype(int)
    return x, y


def assert_lowered_exactly(model: AdditiveBoostingClassifier, x: np.ndarray) -> None:
    program = model.lower([f"f{i}" for i in range(x.shape[1])])
    np.testing.assert_allclose(
        program.score_many(x).probability, model.predict_proba(x)[:, 1], rtol=0, atol=1e-12
    )


# -- the program -----------------------------------------------------------------------------


def rows_at_and_beside_edges(model: AdditiveBoostingClassifier) -> np.ndarray:
    columns = []
    for edges in model.edges_:
        beside = [edges, np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)]
        columns.append(np.concatenate([*beside, [np.nan, -1e9, 1e9]]))
    size = max(map(len, columns))
    return np.column_stack([np.resize(column, size) for column in columns])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), levels=st.integers(2, 40), unknown=st.floats(0.0, 0.5))
def test_the_program_gives_the_same_at_ties_edges_and_unknown_values(seed, levels, unknown):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, levels, size=(150, 3)) / 7.0
    y = (rng.random(150) < expit((x[:, 0] > x[:, 0].mean()) * 2.0 - 1.0)).astype(int)
    x[rng.random(x.shape) < unknown] = np.nan
    y[:2] = 0, 1
    model = AdditiveBoostingClassifier(max_rounds=20, folds=3, pairs=2, min_weight=3).fit(x, y)
    assert_lowered_exactly(model, x)
    assert_lowered_exactly(model, rows_at_and_beside_edges(model))


def test_a_program_with_an_interaction_gives_the_same():
    x, y = xor_sample()
    x[::17, 0] = np.nan
    model = AdditiveBoostingClassifier(pairs=1).fit(x, y)
    assert model.pairs_
    assert_lowered_exactly(model, rows_at_and_beside_edges(model))
    assert_lowered_exactly(model, x)


def test_replicates_give_the_program_an_interval_around_the_same_prediction():
    x, y = sparse_sample(300)
    model = AdditiveBoostingClassifier(replicates=10, max_rounds=20).fit(x, y)
    found = model.lower(list("abcdef")).assess_many(x)
    probability = found.scores.probability
    np.testing.assert_allclose(probability, model.predict_proba(x)[:, 1], rtol=0, atol=1e-12)
    assert (found.intervals.lower < probability).all()
    assert (found.intervals.upper > probability).all()


def test_edges_lie_half_way_between_values():
    x, y = np.tile([[0.0], [1.0], [4.0]], (40, 1)), np.tile([0, 1, 1, 0, 1, 0], 20)
    model = AdditiveBoostingClassifier().fit(x, y)
    assert model.edges_[0].tolist() == [0.5, 2.5]


def test_an_unknown_value_that_nobody_had_adds_nothing():
    x, y = xor_sample()
    model = AdditiveBoostingClassifier(pairs=1, calibration=None).fit(x, y)
    assert model.pairs_
    nobody = model.decision_function(np.full((1, 3), np.nan))
    assert nobody[0] == pytest.approx(model.intercept_, abs=1e-12)


# -- what is promised ------------------------------------------------------------------------


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("pairs", [0, 3])
def test_a_direction_holds_at_every_value_of_the_others(direction, pairs):
    rng = np.random.default_rng(5)
    x = rng.normal(size=(1200, 3))
    wave = np.sin(3.0 * x[:, 0]) + 1.5 * (x[:, 0] > 0) * (x[:, 1] > 0)
    y = (rng.random(1200) < expit(wave)).astype(int)
    y = y if direction == 1 else 1 - y
    free = AdditiveBoostingClassifier().fit(x, y)
    assert (direction * np.diff(free.values_[0][:-1]) < 0).any()  # the data go against it
    model = AdditiveBoostingClassifier(monotone=[direction, 0, 0], pairs=pairs).fit(x, y)
    assert bool(model.pairs_) == bool(pairs)
    along = np.sort(np.concatenate([model.edges_[0], [-9.0]]))
    for other in [*np.linspace(-2.5, 2.5, 11), np.nan]:
        rows = np.column_stack([along, np.full((len(along), 2), other)])
        assert (direction * np.diff(model.decision_function(rows)) >= -1e-12).all()
    assert np.ptp(model.values_[0]) > 0


def test_a_weight_of_two_is_a_row_given_twice():
    x, y = sparse_sample(400)
    weight = np.where(np.arange(400) % 3 == 0, 2, 1)
    weighted = AdditiveBoostingClassifier(pairs=2).fit(x, y, sample_weight=weight)
    rows = np.repeat(np.arange(400), weight)
    repeated = AdditiveBoostingClassifier(pairs=2).fit(x[rows], y[rows])
    np.testing.assert_allclose(
        weighted.predict_proba(x), repeated.predict_proba(x), rtol=0, atol=1e-9
    )


def test_the_order_of_the_rows_does_not_matter():
    x, y = sparse_sample(400)
    order = np.random.default_rng(1).permutation(400)
    model = AdditiveBoostingClassifier(pairs=2).fit(x, y)
    shuffled = AdditiveBoostingClassifier(pairs=2).fit(x[order], y[order])
    assert (model.predict_proba(x) == shuffled.predict_proba(x)).all()
    np.testing.assert_array_equal(model.out_of_fold_[order], shuffled.out_of_fold_)


def test_an_increasing_transformation_of_a_feature_leaves_the_curves_as_they_were():
    x, y = sparse_sample(400)
    # Folds follow from a hash of the values, so the number of rounds is the same only if fixed.
    fixed = {"max_rounds": 1, "learning_rate": 0.5}
    model = AdditiveBoostingClassifier(**fixed).fit(x, y)
    stretched = AdditiveBoostingClassifier(**fixed).fit(np.exp(x), y)
    assert model.rounds_ == stretched.rounds_ == 1
    for values, others in zip(model.values_, stretched.values_, strict=True):
        np.testing.assert_allclose(values, others, rtol=0, atol=1e-12)


# -- what it finds ---------------------------------------------------------------------------


def test_it_finds_a_step_that_a_spline_smooths_over():
    rng = np.random.default_rng(7)
    x = rng.uniform(0, 10, size=(6000, 1))
    y = (rng.random(6000) < expit(np.where(x[:, 0] < 6.3, -1.5, 1.5))).astype(int)
    seen, new = slice(0, 3000), slice(3000, None)
    boosted = AdditiveBoostingClassifier().fit(x[seen], y[seen])
    spline = SplineLogisticClassifier(knots=7).fit(x[seen], y[seen])
    jumps = np.diff(boosted.values_[0][:-1])
    assert boosted.edges_[0][jumps.argmax()] == pytest.approx(6.3, abs=0.2)
    assert jumps.max() > 2.0
    loss = log_loss(y[new], boosted.predict_proba(x[new]))
    assert loss < log_loss(y[new], spline.predict_proba(x[new])) - 0.005


def test_it_finds_an_interaction_that_no_sum_of_curves_has():
    x, y = xor_sample(4000)
    seen, new = slice(0, 2000), slice(2000, None)
    boosted = AdditiveBoostingClassifier(pairs="auto").fit(x[seen], y[seen])
    spline = SplineLogisticClassifier().fit(x[seen], y[seen])
    assert [(pair.first, pair.second) for pair in boosted.pairs_] == [(0, 1)]
    truth = log_loss(y[new], expit(1.5 * np.sign(x[new, 0] * x[new, 1])))
    assert log_loss(y[new], boosted.predict_proba(x[new])) < truth + 0.03
    assert log_loss(y[new], spline.predict_proba(x[new])) > 0.68


def test_features_that_do_not_interact_get_no_pair():
    x, y = sparse_sample(1500)
    model = AdditiveBoostingClassifier(pairs="auto").fit(x, y)
    assert model.tried_pairs_
    assert not model.pairs_


def test_without_pairs_none_are_tried():
    x, y = xor_sample(500)
    assert AdditiveBoostingClassifier().fit(x, y).tried_pairs_ == []


def test_a_pair_has_mean_zero_in_each_row_and_column_of_the_training_data():
    x, y = xor_sample()
    x[::11, 1] = np.nan
    model = AdditiveBoostingClassifier(pairs=1).fit(x, y)
    (pair,) = model.pairs_
    term = pair.lowered(list("abc"))
    values = term.many(x[:, 0], x[:, 1])
    assert np.ptp(values) > 0.5
    for column, edges in ((x[:, 0], pair.first_edges), (x[:, 1], pair.second_edges)):
        cell = np.where(np.isnan(column), -1, np.searchsorted(edges, column, side="right"))
        for number in np.unique(cell):
            assert abs(values[cell == number].mean()) < 1e-9


# -- parts -----------------------------------------------------------------------------------


def test_a_tree_is_the_newton_step_in_each_leaf():
    gradient, hessian = np.array([-2.0, -2.0, 3.0, 3.0, 0.0]), np.array([1.0, 1.0, 2.0, 2.0, 0.0])
    weight = np.array([4.0, 4.0, 4.0, 4.0, 0.0])
    step = step_update(gradient, hessian, weight, Growth(leaves=2, least=1.0, shrinkage=1.0))
    np.testing.assert_allclose(step, [4 / 3, 4 / 3, -6 / 5, -6 / 5, 0.0])


def test_purification_leaves_the_sum_as_it_was():
    rng = np.random.default_rng(2)
    table, weight = rng.normal(size=(4, 5)), rng.uniform(1, 9, size=(4, 5))
    pure, rows, columns = purified(table, weight)
    np.testing.assert_allclose(pure + rows[:, None] + columns, table)
    np.testing.assert_allclose((weight * pure).sum(axis=0), 0.0, atol=1e-10)
    np.testing.assert_allclose((weight * pure).sum(axis=1), 0.0, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "value"),
    [("learning_rate", 0.0), ("pairs", -1), ("pairs", "all"), ("max_bins", 1), ("replicates", 3)],
)
def test_a_parameter_that_makes_no_sense_is_named(name, value):
    x, y = sparse_sample(100)
    with pytest.raises(ValueError, match=name):
        AdditiveBoostingClassifier(**{name: value}).fit(x, y)
