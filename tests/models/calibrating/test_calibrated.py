"""Any additive estimator with any calibration: cross-fitted, and lowered to one program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from risicoscreener.errors import ModelError
from risicoscreener.models import Identity, SplineLogisticClassifier
from risicoscreener.models.calibrating import (
    CalibratedAdditive,
    calibrate,
    fit_beta,
    method_names,
)
from risicoscreener.models.calibration import Beta, Spline, Table, VennAbers
from risicoscreener.models.estimators import deal_folds

PLAIN = SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1)
NAMES = ["age", "priors", "debt"]


def sample(n: int = 900, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(size=n), rng.poisson(2, n), rng.normal(size=n)])
    lp = -0.8 + x[:, 0] + 0.3 * x[:, 1]
    y = (rng.random(n) < expit(lp + 0.2 * lp * np.abs(lp))).astype(float)
    x[rng.random(x.shape) < 0.05] = np.nan
    return x, y


@parametrize_with_checks(
    [
        CalibratedAdditive(PLAIN, folds=3),
        CalibratedAdditive(PLAIN, method="none"),
        CalibratedAdditive(PLAIN, method="choose", folds=3),
    ]
)
def test_it_is_a_scikit_learn_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("method", method_names())
def test_the_lowered_program_gives_the_probabilities_of_the_estimator(method: Any) -> None:
    x, y = sample()
    model = calibrate(PLAIN, x, y, method=method, folds=3)
    new = np.random.default_rng(1).normal(0, 10, (200, 3))
    new[::4, 1] = np.nan
    for inputs in (x, new):
        scored = model.lower(NAMES).score_many(inputs).probability
        assert np.abs(scored - model.predict_proba(inputs)[:, 1]).max() <= 1e-12


@pytest.mark.parametrize("method", method_names())
def test_the_spline_logistic_takes_each_method_and_lowers_to_1e_12(method: Any) -> None:
    x, y = sample()
    model = SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1, calibration=method).fit(x, y)
    scored = model.lower(NAMES).score_many(x).probability
    assert np.abs(scored - model.predict_proba(x)[:, 1]).max() <= 1e-12
    labels = np.where(scored > 0.5, 1.0, 0.0)
    assert (model.predict(x) == labels).all()


def test_the_two_ways_to_calibrate_a_spline_logistic_agree() -> None:
    x, y = sample()
    inside = SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1, calibration="beta").fit(x, y)
    around = CalibratedAdditive(PLAIN, method="beta").fit(x, y)
    # The knots are those of all people in the one and of those in the other folds in the other.
    assert around.predict_proba(x) == pytest.approx(inside.predict_proba(x), abs=0.01)


def test_the_map_is_fitted_on_predictions_of_fits_that_did_not_see_the_person() -> None:
    x, y = sample(600)
    model = CalibratedAdditive(PLAIN, method="beta", folds=4).fit(x, y)
    lp = np.empty(600)
    for held in deal_folds(x, y, np.ones(600), None, 4).T > 0:
        fold = SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1, calibration=None)
        lp[held] = fold.fit(x[~held], y[~held]).decision_function(x[held])
    assert model.out_of_fold_ == pytest.approx(lp, abs=1e-9)
    by_hand = fit_beta(lp, y)
    assert model.calibration_.a == pytest.approx(by_hand.a, abs=1e-7)
    assert model.calibration_.b == pytest.approx(by_hand.b, abs=1e-7)


def test_a_person_with_several_rows_is_never_on_both_sides() -> None:
    x, y = sample(300)
    groups = np.repeat(np.arange(300), 2)
    seen = []

    class Spy(SplineLogisticClassifier):
        def fit(self, X, y, sample_weight=None, groups=None):
            seen.append((np.asarray(sample_weight), np.asarray(groups)))
            return super().fit(X, y, sample_weight=sample_weight, groups=groups)

    spy = Spy(shrinkage=1.0, smoothness=0.1)
    CalibratedAdditive(spy, folds=3).fit(np.repeat(x, 2, axis=0), np.repeat(y, 2), groups=groups)
    assert len(seen) == 4
    for weight, _ in seen:
        assert set(np.unique(weight)) <= {0.0, 1.0}
        assert (weight[0::2] == weight[1::2]).all()


def test_a_calibration_of_the_estimators_own_is_not_used() -> None:
    x, y = sample()
    own = SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1, calibration="logistic")
    model = CalibratedAdditive(own, method="none").fit(x, y)
    assert model.estimator_.calibration_ == Identity()
    assert own.calibration == "logistic"


def test_the_choice_fits_model_and_map_anew_for_each_fold() -> None:
    x, y = sample(500)
    model = calibrate(PLAIN, x, y, folds=3)
    choice = model.choice_
    assert choice.nested
    assert choice.calibration == model.calibration_
    losses = np.empty(500)
    for held in deal_folds(x, y, np.ones(500), None, 3).T > 0:
        inner = CalibratedAdditive(PLAIN, method="logistic", folds=3).fit(x[~held], y[~held])
        p = inner.predict_proba(x[held])[:, 1]
        losses[held] = -np.log(np.where(y[held] == 1, p, 1 - p))
    assert choice.results[1].method == "logistic"
    assert choice.results[1].log_loss == pytest.approx(losses.mean(), abs=1e-9)


def test_calibration_repairs_a_model_that_is_too_sure() -> None:
    x, y = sample(500, 1)
    noise = np.random.default_rng(0).normal(size=(500, 12))
    loose = SplineLogisticClassifier(shrinkage=0.01, smoothness=0.0)
    wide = np.column_stack([x, noise])
    new_x, new_y = sample(20_000, 2)
    new = np.column_stack([new_x, np.random.default_rng(1).normal(size=(20_000, 12))])
    losses = {}
    for method in ("none", "logistic", "spline", "beta"):
        p = calibrate(loose, wide, y, method=method).predict_proba(new)[:, 1]
        losses[method] = -np.log(np.where(new_y == 1, p, 1 - p)).mean()
    assert max(losses["logistic"], losses["spline"], losses["beta"]) < losses["none"] - 0.02


def test_venn_abers_gives_bounds_around_its_probability() -> None:
    x, y = sample()
    model = calibrate(PLAIN, x, y, method="venn_abers")
    bounds, p = model.predict_bounds(x), model.predict_proba(x)[:, 1]
    assert (bounds[:, 0] <= p).all()
    assert (p <= bounds[:, 1]).all()
    program = model.lower(NAMES)
    lp = program.score_many(x).linear_predictor
    assert np.column_stack(program.calibration.bounds_many(expit(lp))) == pytest.approx(bounds)
    with pytest.raises(ModelError, match="only a Venn-Abers"):
        calibrate(PLAIN, x, y, method="beta").predict_bounds(x)


def test_names_and_directions_of_a_data_frame_reach_the_estimator() -> None:
    x, y = sample()
    frame = pd.DataFrame(x, columns=NAMES)
    held = SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1, monotone={"debt": -1})
    program = CalibratedAdditive(held, method="spline").fit(frame, y).lower()
    assert program.features == tuple(NAMES)
    assert (np.diff(program.term("debt").values) <= 0).all()
    assert isinstance(program.calibration, Spline)


def test_each_method_has_its_kind_of_map() -> None:
    x, y = sample()
    kinds = {
        "beta": Beta,
        "isotonic": Table,
        "centred_isotonic": Table,
        "cross_venn_abers": VennAbers,
    }
    for method, kind in kinds.items():
        assert isinstance(calibrate(PLAIN, x, y, method=method).calibration_, kind)


def test_isotonic_calibration_of_few_people_is_refused() -> None:
    x, y = sample(150)
    with pytest.raises(ModelError, match="needs 200 people"):
        calibrate(PLAIN, x, y, method="isotonic")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"method": "platt"}, "Or choose"),
        ({"folds": 1}, "folds=1"),
        ({"estimator": LogisticRegression()}, "no lower"),
    ],
)
def test_senseless_parameters_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CalibratedAdditive(**parameters).fit(*sample(100))


def test_the_decision_function_agrees_with_the_probability_for_maps_of_the_predictor() -> None:
    x, y = sample()
    model = calibrate(PLAIN, x, y, method="spline")
    assert model.decision_function(x) == pytest.approx(
        logit(model.predict_proba(x)[:, 1]), abs=1e-9
    )
