"""The spline logistic estimator, held against scikit-learn, statsmodels and simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from interval_coverage import coverage
from risicoscreener.errors import ModelError
from risicoscreener.models import Identity, Logistic, SplineLogisticClassifier
from risicoscreener.models.estimators import (
    LEAST_CALIBRATION_SLOPE,
    deal_folds,
    logistic_calibration,
)
from risicoscreener.models.estimators.penalised import (
    Bounds,
    Sample,
    covariance_factor,
    cross_validated_deviance,
    fit_penalised,
)
from risicoscreener.models.estimators.splines import RampBasis, weighted_knots

from ..conftest import cohort

PLAIN = {"shrinkage": 1.0, "smoothness": 0.1, "calibration": None}


@parametrize_with_checks([SplineLogisticClassifier(), SplineLogisticClassifier(**PLAIN)])
def test_it_is_a_scikit_learn_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


def sample(n: int = 400, seed: int = 0, unknown: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(size=n), rng.poisson(2, n), rng.integers(0, 2, n), np.ones(n)])
    y = (rng.random(n) < expit(-0.5 + np.tanh(x[:, 0]) + 0.3 * x[:, 1])).astype(float)
    x[rng.random(x.shape) < unknown] = np.nan
    return x, y


# -- lowering ----------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    unknown=st.sampled_from([0.0, 0.2, 0.7]),
    calibration=st.sampled_from(["logistic", None]),
)
def test_the_lowered_program_gives_the_probabilities_of_the_estimator(
    seed: int, unknown: float, calibration: Any
) -> None:
    x, y = sample(200, seed, unknown)
    model = SplineLogisticClassifier(calibration=calibration, folds=3).fit(x, y)
    program = model.lower(["a", "b", "c", "d"])
    new = np.random.default_rng(seed).normal(0, 30, (50, 4))
    new[::3, 0] = np.nan
    for inputs in (x, new):
        got = program.score_many(inputs).probability
        assert np.abs(got - model.predict_proba(inputs)[:, 1]).max() <= 1e-12


def test_contributions_have_mean_zero_over_the_training_data() -> None:
    x, y = sample()
    weight = np.random.default_rng(1).integers(1, 4, len(y)).astype(float)
    program = SplineLogisticClassifier(**PLAIN).fit(x, y, sample_weight=weight).lower(list("abcd"))
    parts = program.score_many(x, contributions=True).contributions
    assert parts is not None
    assert np.abs(weight @ parts / weight.sum()).max() < 1e-12


def test_names_come_from_the_data_frame() -> None:
    frame, y = cohort(200)
    assert SplineLogisticClassifier(**PLAIN).fit(frame, y).lower().features == tuple(frame.columns)


def test_lowering_without_names_is_refused() -> None:
    with pytest.raises(ModelError, match="0 feature names were given for 4 features"):
        SplineLogisticClassifier(**PLAIN).fit(*sample()).lower()


# -- the fit, against other implementations -------------------------------------------------


def ridge_sample() -> Sample:
    rng = np.random.default_rng(3)
    z = np.column_stack([np.ones(500), rng.normal(size=(500, 6))])
    y = (rng.random(500) < expit(z @ np.array([-1, 1, -1, 0.5, 0, 0, 2]))).astype(float)
    return Sample(z, y, rng.uniform(0.5, 2.0, 500))


def test_the_penalised_fit_is_that_of_scikit_learn() -> None:
    data = ridge_sample()
    fit = fit_penalised(data, np.diag([0.0, *[2.0] * 6]), Bounds.none(7))
    other = LogisticRegression(C=0.5, solver="newton-cholesky", tol=1e-12).fit(
        data.design[:, 1:], data.outcome, sample_weight=data.weight
    )
    assert fit.coefficients[1:] == pytest.approx(other.coef_[0], abs=1e-7)
    assert fit.coefficients[0] == pytest.approx(other.intercept_[0], abs=1e-7)


def test_the_bounded_fit_is_that_of_a_general_optimiser() -> None:
    data, penalty = ridge_sample(), np.diag([0.0, *[2.0] * 6])
    lower = np.array([-np.inf, 0, 0, 0, 0, 0, 0])
    fit = fit_penalised(data, penalty, Bounds(lower, np.full(7, np.inf)))

    def loss(b: np.ndarray) -> tuple[float, np.ndarray]:
        gradient, _ = data.expansion(b)
        return float(data.deviance(b)) + b @ penalty @ b / 2, gradient + penalty @ b

    found = minimize(
        loss,
        np.zeros(7),
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None), *[(0, None)] * 6],
        options={"ftol": 1e-15, "gtol": 1e-10},
    )
    assert fit.coefficients == pytest.approx(found.x, abs=1e-5)
    assert fit.coefficients[2] == 0.0


def test_with_hardly_any_penalty_it_is_plain_logistic_regression_with_its_standard_errors() -> None:
    rng = np.random.default_rng(5)
    x = rng.integers(0, 2, (600, 3)).astype(float)
    y = (rng.random(600) < expit(x @ [1.0, -1.0, 0.5] - 0.3)).astype(float)
    model = SplineLogisticClassifier(shrinkage=1e-9, smoothness=0.0, calibration=None).fit(x, y)
    glm = sm.GLM(y, sm.add_constant(x), family=sm.families.Binomial()).fit()
    new = np.array([[0.0, 0, 0], [1, 0, 1], [1, 1, 1]])
    design = sm.add_constant(new, has_constant="add")
    program = model.lower(["a", "b", "c"])
    intervals = program.interval_many(new)
    assert intervals is not None
    assert program.score_many(new).probability == pytest.approx(glm.predict(design), abs=1e-7)
    expected = np.sqrt(np.diag(design @ glm.cov_params() @ design.T))
    assert intervals.standard_error == pytest.approx(expected, rel=1e-5)


def test_the_covariance_factor_is_that_of_the_inverse_hessian() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=(9, 6))
    factor = covariance_factor(a.T @ a, np.eye(6))
    assert factor @ factor.T == pytest.approx(np.linalg.inv(a.T @ a + np.eye(6)), abs=1e-12)
    assert (np.triu(factor, 1) == 0).all()


def test_intervals_cover_the_true_risk_at_about_their_level_where_a_sandwich_covers_less() -> None:
    found = [coverage(seed) for seed in range(30)]
    posterior, known, sandwich, _ = np.mean([one[:4] for one in found], axis=0)
    assert 0.935 <= posterior <= 0.98
    assert sandwich < known - 0.015 < posterior - 0.02


def test_intervals_cover_the_true_risk_where_terms_keep_rising_or_wave() -> None:
    for terms in ("straight", "waving"):
        posterior = np.mean([coverage(seed, 500, terms)[0] for seed in range(12)])
        assert 0.925 <= posterior <= 0.98, terms


# -- knots, basis, penalty ------------------------------------------------------------------------


def test_few_distinct_values_are_the_knots() -> None:
    x = np.array([0.0, 1, 1, 2, 5])
    assert weighted_knots(x, np.ones(5), 7, 0.01).tolist() == [0, 1, 2, 5]


def test_knots_are_weighted_quantiles() -> None:
    x = np.arange(1000.0)
    assert weighted_knots(x, np.ones(1000), 5, 0.02) == pytest.approx([19, 259, 499, 739, 979])
    doubled = weighted_knots(x, np.where(x < 500, 2.0, 1.0), 5, 0.02)
    repeated = weighted_knots(np.concatenate([x, x[:500]]), np.ones(1500), 5, 0.02)
    assert doubled.tolist() == repeated.tolist()


def test_no_boundary_knot_is_the_value_of_a_single_person() -> None:
    x = np.sort(np.random.default_rng(0).normal(size=200))
    knots = weighted_knots(x, np.ones(200), 5, 0.0)
    assert (x <= knots[0]).sum() >= 10
    assert (x >= knots[-1]).sum() >= 10


def test_knots_keep_room_for_a_slope() -> None:
    x = np.repeat([0.0, 1.0, 1.0 + 1e-15, 2.0, 3.0], 50)
    knots = weighted_knots(x, np.ones(250), 4, 0.0)
    assert (np.diff(knots) > 1e-9).all()


def test_a_feature_in_another_unit_gives_the_same_model() -> None:
    x, y = sample()
    years = x.copy()
    years[:, 0] = years[:, 0] / 365.25 + 4
    a = SplineLogisticClassifier(**PLAIN).fit(x, y).predict_proba(x)
    b = SplineLogisticClassifier(**PLAIN).fit(years, y).predict_proba(years)
    assert a == pytest.approx(b, abs=1e-8)


def test_the_penalty_is_the_roughness_of_the_term() -> None:
    """A straight line of rise 1 over m segments has squared slope 1 and no second derivative."""
    basis = RampBasis((np.arange(5.0),), (np.zeros(4),))
    line = np.array([0.0, 0.25, 0.25, 0.25, 0.25, 0.0])
    bent = np.array([0.0, 0.5, 0.5, 0.0, 0.0, 0.0])
    assert line @ basis.penalty(1.0, 0.0) @ line == pytest.approx(1.0)
    assert line @ basis.penalty(0.0, 1.0) @ line == pytest.approx(0.0)
    assert bent @ basis.penalty(0.0, 1.0) @ bent == pytest.approx(64 * 0.25)


@pytest.mark.parametrize("shrinkage", [0.5, 4.0])
def test_an_unknown_value_never_seen_adds_the_mean_with_the_variance_of_the_prior(
    shrinkage: float,
) -> None:
    x, y = sample(unknown=0.0)
    fitted = SplineLogisticClassifier(shrinkage=shrinkage, smoothness=0.0).fit(x, y)
    program = fitted.lower(list("abcd"))
    assert program.term("a").missing == pytest.approx(0.0, abs=1e-9)
    known, unknown = x[0].tolist(), [np.nan, *x[0, 1:].tolist()]
    at_mean = program.interval_one(unknown)
    assert at_mean is not None
    assert program.interval_one(known) is not None
    assert at_mean.standard_error**2 > 1 / shrinkage


def test_an_unknown_value_has_a_risk_of_its_own() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(2000, 1))
    x[:1000] = np.nan
    y = (rng.random(2000) < np.where(np.isnan(x[:, 0]), 0.7, 0.2)).astype(float)
    program = SplineLogisticClassifier(**PLAIN).fit(x, y).lower(["a"])
    assert program.score_one([np.nan])[0] == pytest.approx(0.7, abs=0.04)


def test_a_monotone_term_never_goes_the_other_way() -> None:
    x, _ = sample(500, 4, unknown=0.0)
    truth = expit(np.sin(2 * x[:, 0]) + 0.3 * x[:, 1] - 1)
    y = (np.random.default_rng(0).random(500) < truth).astype(float)
    free = SplineLogisticClassifier(**PLAIN).fit(x, y).lower(list("abcd"))
    assert (np.diff(free.term("a").values) < 0).any()
    assert (np.diff(free.term("b").values) > 0).any()
    bound = SplineLogisticClassifier(**PLAIN, monotone=[1, -1, 0, 0]).fit(x, y).lower(list("abcd"))
    assert (np.diff(bound.term("a").values) >= 0).all()
    assert (np.diff(bound.term("b").values) <= 0).all()
    assert np.ptp(bound.term("a").values) > 0.3


def test_directions_go_by_name_with_a_data_frame() -> None:
    x, y = sample(500, 4)
    frame = pd.DataFrame(x, columns=list("abcd"))
    by_name = SplineLogisticClassifier(**PLAIN, monotone={"a": 1}).fit(frame, y)
    by_place = SplineLogisticClassifier(**PLAIN, monotone=[1, 0, 0, 0]).fit(x, y)
    assert by_name.coefficients_.tolist() == by_place.coefficients_.tolist()
    with pytest.raises(ValueError, match="shoe_size"):
        SplineLogisticClassifier(**PLAIN, monotone={"shoe_size": 1}).fit(frame, y)


# -- folds, penalty, calibration ------------------------------------------------------------------


def test_the_order_of_rows_does_not_matter() -> None:
    x, y = sample()
    order = np.random.default_rng(0).permutation(len(y))
    a = SplineLogisticClassifier().fit(x, y)
    b = SplineLogisticClassifier().fit(x[order], y[order])
    assert (a.shrinkage_, a.smoothness_) == (b.shrinkage_, b.smoothness_)
    assert a.predict_proba(x) == pytest.approx(b.predict_proba(x), abs=1e-8)
    different = ~np.isnan(x[order, 0])  # equal rows may change places
    assert a.out_of_fold_[order][different] == pytest.approx(b.out_of_fold_[different], abs=1e-6)


def test_a_weight_of_two_is_a_row_seen_twice_also_in_the_folds() -> None:
    x, y = sample(300)
    weight = np.random.default_rng(0).integers(0, 4, len(y)).astype(float)
    repeated = np.repeat(np.arange(len(y)), weight.astype(int))
    a = SplineLogisticClassifier().fit(x, y, sample_weight=weight)
    b = SplineLogisticClassifier().fit(x[repeated], y[repeated])
    assert a.calibration_ != Identity()
    assert a.predict_proba(x) == pytest.approx(b.predict_proba(x), abs=1e-8)


def test_folds_share_out_the_weight_and_balance_the_events() -> None:
    x, y = sample(500)
    dealt = deal_folds(x, y, np.ones(500), None, 5)
    assert dealt is not None
    assert (dealt.sum(axis=1) == 1).all()
    events = dealt.T @ y
    assert events.max() - events.min() <= 1


def test_rows_of_one_person_stay_in_one_fold() -> None:
    x, y = sample(500)
    person = np.repeat(np.arange(100), 5)
    dealt = deal_folds(x, y, np.full(500, 0.5), person, 5)
    assert dealt is not None
    assert ((dealt.reshape(100, 5, 5).sum(axis=1) > 0).sum(axis=1) == 1).all()
    assert (dealt.sum(axis=1) == 0.5).all()


def test_the_expansion_of_a_fold_is_close_to_a_fit_of_its_own() -> None:
    x, y = sample(2000)
    basis = RampBasis.fit(x, np.ones(2000), 6, 0.01)
    data = Sample(basis.design(x), y, np.ones(2000))
    dealt = deal_folds(x, y, data.weight, None, 3)
    assert dealt is not None
    penalties = [basis.penalty(s, 0.1) for s in (0.3, 1.0, 10.0)]
    found, _ = cross_validated_deviance(data, dealt, penalties, penalties[1])
    for fold, share in enumerate(dealt.T):
        kept, held = data.reweighted(1 - share), data.reweighted(share)
        for i, penalty in enumerate(penalties):
            exact = fit_penalised(kept, penalty, Bounds.none(basis.size))
            assert found[fold, i] == pytest.approx(held.deviance(exact.coefficients), rel=1e-3)


def test_noise_gets_strong_shrinkage_and_a_probability_near_the_prevalence() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(400, 8)), (rng.random(400) < 0.3).astype(float)
    model = SplineLogisticClassifier().fit(x, y)
    assert model.shrinkage_ >= 10.0
    assert np.abs(model.predict_proba(x)[:, 1] - y.mean()).max() < 0.1


def test_logistic_calibration_is_the_regression_of_the_outcome_on_the_linear_predictor() -> None:
    rng = np.random.default_rng(0)
    lp = rng.normal(size=800)
    y = (rng.random(800) < expit(0.4 + 0.6 * lp)).astype(float)
    weight = rng.integers(1, 4, 800).astype(float)
    found = logistic_calibration(lp, y, weight)
    glm = sm.GLM(y, sm.add_constant(lp), freq_weights=weight, family=sm.families.Binomial()).fit(
        tol=1e-12
    )
    assert [found.intercept, found.slope] == pytest.approx(list(glm.params), abs=1e-6)


def test_a_predictor_that_points_the_wrong_way_is_flattened_not_reversed() -> None:
    rng = np.random.default_rng(0)
    lp = rng.normal(size=800)
    y = (rng.random(800) < expit(-lp)).astype(float)
    found = logistic_calibration(lp, y, np.ones(800))
    assert found.slope == LEAST_CALIBRATION_SLOPE
    assert expit(found.intercept + found.slope * lp).mean() == pytest.approx(y.mean(), abs=1e-6)


def test_calibration_repairs_the_overconfidence_of_a_loose_fit() -> None:
    x, y = sample(300, 7)
    loose = SplineLogisticClassifier(shrinkage=0.01, smoothness=0.0).fit(x, y)
    assert isinstance(loose.calibration_, Logistic)
    assert loose.calibration_.slope < 0.95


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"shrinkage": 0.0}, "above 0"),
        ({"smoothness": -1.0}, "at least 0"),
        ({"calibration": "magic"}, "magic"),
        ({"knots": 1}, "knots=1"),
        ({"monotone": [1]}, "each of 4 features"),
        ({"monotone": [2, 0, 0, 0]}, "each of 4 features"),
    ],
)
def test_senseless_parameters_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SplineLogisticClassifier(**parameters).fit(*sample())


def test_groups_of_another_length_are_refused() -> None:
    x, y = sample()
    with pytest.raises(ValueError, match="groups has shape"):
        SplineLogisticClassifier().fit(x, y, groups=[1, 2])
