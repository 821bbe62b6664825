"""The elastic net: exact, whole features leave, and what is left lowers as before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import parametrize_with_checks

from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.estimators.choosing import PenaltyFamily
from risicoscreener.models.estimators.groups import Groups, minimise_with_groups
from risicoscreener.models.estimators.penalised import (
    Bounds,
    Sample,
    covariance_factor,
    fit_penalised,
)
from risicoscreener.models.estimators.splines import RampBasis

from .data import sparse_sample

NAMES = list("abcdef")


@parametrize_with_checks(
    [
        SplineLogisticClassifier(l1_ratio=0.5),
        SplineLogisticClassifier(l1_ratio=1.0, penalty_choice="aic"),
    ]
)
def test_it_is_a_scikit_learn_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


# -- the quadratic with groups ------------------------------------------------------------------


def test_with_orthogonal_columns_each_group_is_shrunk_by_its_threshold() -> None:
    """With the identity as Hessian the solution is ``t * (1 - weight / ||t||)`` per group."""
    target = np.array([2.0, 3.0, 4.0, 0.3, 0.4])
    groups = Groups(np.array([0, 1, 1, 2, 2]), np.ones(5), np.array([0.0, 1.0, 1.0]))
    free = (np.full(5, -np.inf), np.full(5, np.inf))
    found = minimise_with_groups(np.eye(5), target, groups, free, np.zeros(5))
    assert found == pytest.approx([2.0, 3.0 * 0.8, 4.0 * 0.8, 0.0, 0.0], abs=1e-14)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), weight=st.sampled_from([0.05, 0.5, 2.0, 8.0]))
def test_no_direction_leads_down_from_the_solution(seed: int, weight: float) -> None:
    """The problem is convex: a point that satisfies the conditions of the optimum is the optimum."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(14, 10)) * rng.uniform(0.2, 3.0, 10)
    hessian, target = root.T @ root + 0.01 * np.eye(10), 5 * rng.normal(size=10)
    member = np.array([0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    groups = Groups(member, rng.uniform(0.5, 2.0, 10), np.array([0.0, *[weight] * 3]))
    lower = np.where((member == 1) | (member == 2), 0.0, -np.inf)
    found = minimise_with_groups(
        hessian, target, groups, (lower, np.full(10, np.inf)), np.zeros(10)
    )
    downhill = (target - hessian @ found) / groups.scale
    for group, threshold in enumerate(groups.weight):
        own = member == group
        scaled, pull, cone = (groups.scale * found)[own], downhill[own], lower[own]
        size = np.linalg.norm(scaled)
        if size == 0:
            inward = np.maximum(pull, cone)
            assert np.linalg.norm(inward) <= threshold * (1 + 1e-8)
        else:
            left = pull - threshold * scaled / size
            resting = scaled == cone
            assert left[~resting] == pytest.approx(0.0, abs=1e-8)
            assert (left[resting] <= 1e-7).all()


def test_the_fit_with_groups_has_no_gradient_left() -> None:
    x, y = sparse_sample()
    basis = RampBasis.fit(x, np.ones(len(y)), 5, 0.01)
    sample = Sample(basis.design(x), y, np.ones(len(y)))
    penalty = PenaltyFamily(basis, 1.0).at((4.0, 0.1), np.ones(6))
    assert penalty.groups is not None
    fit = fit_penalised(
        sample, penalty.quadratic, Bounds.none(basis.size), tolerance=1e-14, groups=penalty.groups
    )
    gradient, _ = sample.expansion(fit.coefficients)
    present = penalty.groups.present(fit.coefficients)
    assert 0 < present.sum() < basis.size
    scaled = penalty.groups.scale * fit.coefficients
    sizes = np.sqrt(np.bincount(penalty.groups.member, scaled**2))[penalty.groups.member]
    weight = penalty.groups.weight[penalty.groups.member]
    slope = gradient + penalty.quadratic @ fit.coefficients
    slope[present] += (weight * penalty.groups.scale * scaled)[present] / sizes[present]
    assert np.abs(slope[present]).max() < 1e-7


# -- features leave ---------------------------------------------------------------------------------


def test_noise_leaves_the_model_as_whole_features_and_what_counts_stays() -> None:
    x, y = sparse_sample(2000)
    model = SplineLogisticClassifier(l1_ratio=0.9).fit(x, y)
    assert model.selected_[:2].all()
    assert (~model.selected_[2:]).sum() >= 3
    program = model.lower(NAMES)
    for name, kept in zip(NAMES, model.selected_, strict=True):
        term = program.term(name)
        assert np.any([*term.values, term.missing]) == kept


def test_the_largest_shrinkage_of_the_path_leaves_nothing_and_a_little_less_leaves_something() -> (
    None
):
    x, y = sparse_sample()
    basis = RampBasis.fit(x, np.ones(len(y)), 7, 0.002)
    sample = Sample(basis.design(x), y, np.ones(len(y)))
    family, importance = PenaltyFamily(basis, 0.7), np.arange(1.0, 7.0)
    largest = max(pair[0] for pair in family.grid(None, 0.1, sample, importance))

    def left(shrinkage: float) -> int:
        penalty = family.at((shrinkage, 0.1), importance)
        fit = fit_penalised(
            sample, penalty.quadratic, Bounds.none(basis.size), groups=penalty.groups
        )
        return int(np.count_nonzero(family.importance(fit.coefficients)))

    assert left(largest * 1.0001) == 0
    assert left(largest * 0.98) >= 1


def test_without_any_feature_everyone_has_the_prevalence() -> None:
    x, y = sparse_sample()
    model = SplineLogisticClassifier(l1_ratio=1.0, shrinkage=1e6, smoothness=0.1).fit(x, y)
    assert not model.selected_.any()
    assert model.predict_proba(x)[:, 1] == pytest.approx(np.full(len(y), y.mean()), abs=1e-4)


def test_without_lasso_every_feature_is_selected() -> None:
    assert SplineLogisticClassifier().fit(*sparse_sample(300)).selected_.all()


# -- as for the ridge --------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), l1_ratio=st.sampled_from([0.3, 1.0]))
def test_the_lowered_program_gives_the_probabilities_of_the_estimator(
    seed: int, l1_ratio: float
) -> None:
    x, y = sparse_sample(250, seed)
    model = SplineLogisticClassifier(l1_ratio=l1_ratio, folds=3).fit(x, y)
    program = model.lower(NAMES)
    new = np.random.default_rng(seed).normal(0, 10, (50, 6))
    new[::3, 0] = np.nan
    for inputs in (x, new):
        got = program.score_many(inputs).probability
        assert np.abs(got - model.predict_proba(inputs)[:, 1]).max() <= 1e-12


def test_a_monotone_term_never_goes_the_other_way() -> None:
    x, y = sparse_sample(1500)
    directions = [1, -1, 1, 1, -1, -1]
    model = SplineLogisticClassifier(l1_ratio=0.5, monotone=directions).fit(x, y)
    program = model.lower(NAMES)
    for name, direction in zip(NAMES, directions, strict=True):
        assert (direction * np.diff(program.term(name).values) >= 0).all()
    assert np.ptp(program.term("a").values) > 1.0


def test_a_weight_of_two_is_a_row_seen_twice() -> None:
    x, y = sparse_sample(300)
    weight = np.random.default_rng(0).integers(0, 4, len(y)).astype(float)
    repeated = np.repeat(np.arange(len(y)), weight.astype(int))
    a = SplineLogisticClassifier(l1_ratio=0.5).fit(x, y, sample_weight=weight)
    b = SplineLogisticClassifier(l1_ratio=0.5).fit(x[repeated], y[repeated])
    assert (a.selected_ == b.selected_).all()
    assert a.predict_proba(x) == pytest.approx(b.predict_proba(x), abs=1e-7)


def test_the_covariance_is_that_of_the_features_left_with_the_ridge_of_the_same_gradient() -> None:
    x, y = sparse_sample()
    model = SplineLogisticClassifier(l1_ratio=1.0, shrinkage=30.0, smoothness=0.0).fit(x, y)
    assert 0 < model.selected_.sum() < 6
    segments = np.array(model.basis_.segments) + 1
    left = np.concatenate([[True], np.repeat(model.selected_, segments)])
    covariance = model.covariance_factor_ @ model.covariance_factor_.T
    assert (covariance[~left] == 0).all()
    block = covariance[np.ix_(left, left)]
    assert np.linalg.eigvalsh(block).min() > 0
    sample = Sample(model.basis_.design(x), y, np.ones(len(y)))
    _, information = sample.expansion(model.coefficients_)
    ridge = np.linalg.inv(block) - information[np.ix_(left, left)]
    scaled = np.diag(ridge)[1:] * model.coefficients_[left][1:]
    gradient, _ = sample.expansion(model.coefficients_)
    assert scaled == pytest.approx(-gradient[left][1:], abs=0.02 * np.abs(gradient).max() + 1e-4)


def test_the_interval_of_an_elastic_net_is_finite_and_the_factor_triangular() -> None:
    x, y = sparse_sample()
    model = SplineLogisticClassifier(l1_ratio=0.8).fit(x, y)
    assert (np.triu(model.covariance_factor_, 1) == 0).all()
    intervals = model.lower(NAMES).interval_many(x)
    assert intervals is not None
    assert (intervals.standard_error > 0).all()
    assert np.isfinite(intervals.standard_error).all()


def test_a_group_of_no_weight_is_no_ridge() -> None:
    groups = Groups(np.array([0, 1, 1]), np.array([1.0, 2.0, 2.0]), np.array([0.0, 3.0]))
    ridge = groups.as_ridge(np.array([7.0, 1.5, 2.0]))
    assert ridge == pytest.approx([0.0, 4 * 3 / 5, 4 * 3 / 5])
    assert covariance_factor(np.eye(3), np.diag(ridge))[0, 0] == pytest.approx(1.0)


@pytest.mark.parametrize("l1_ratio", [-0.1, 1.5])
def test_a_share_of_the_lasso_beyond_one_is_refused(l1_ratio: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        SplineLogisticClassifier(l1_ratio=l1_ratio).fit(*sparse_sample(100))
