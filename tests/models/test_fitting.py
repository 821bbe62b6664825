"""Fitting a risk model: its guards, its stated performance, its support and golden vectors."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from risicoscreener.errors import ModelError
from risicoscreener.models import (
    RiskModel,
    SplineLogisticClassifier,
    Waiver,
    cross_validate,
    fit_risk_model,
)
from risicoscreener.models.kinds import KINDS, EstimatorRecipe, MemberRecipe, make_estimator
from risicoscreener.models.performance import measure_performance
from risicoscreener.models.time import TimeToEvent

from .conftest import DEFINITIONS, WAIVER, cohort, settings

# -- guards ------------------------------------------------------------------------------------


def test_a_proxy_without_a_waiver_does_not_reach_a_model() -> None:
    frame, y = cohort(200)
    with pytest.raises(ModelError, match=r"postcode_income \(proxy\)"):
        fit_risk_model(frame, y, **settings(waivers=[]))


def test_a_waiver_for_a_proxy_does_not_cover_a_forbidden_feature() -> None:
    frame, y = cohort(200)
    kinds = settings()["sensitivity"] | {"postcode_income": "forbidden"}
    with pytest.raises(ModelError, match=r"postcode_income \(forbidden\)"):
        fit_risk_model(frame, y, **settings(sensitivity=kinds))


def test_a_waiver_is_recorded_in_the_model(model: RiskModel) -> None:
    assert model.waivers == (WAIVER,)
    assert model.sensitive == {"postcode_income": "proxy"}


def test_a_model_whose_waiver_was_taken_out_cannot_exist(model: RiskModel) -> None:
    with pytest.raises(ModelError, match="without a recorded waiver"):
        msgspec.structs.replace(model, waivers=())


def test_a_waiver_that_no_feature_needs_is_not_recorded() -> None:
    frame, y = cohort(200)
    spare = Waiver(
        feature="shoe_size",
        sensitivity="forbidden",
        reason="r",
        granted_by="board",
        granted_on=date(2025, 1, 1),
    )
    fitted = fit_risk_model(frame, y, **settings(waivers=[spare, WAIVER]))
    assert fitted.waivers == (WAIVER,)


def test_a_feature_of_undeclared_sensitivity_is_refused() -> None:
    frame, y = cohort(200)
    with pytest.raises(ModelError, match="sensitivity of shoe_size is not declared"):
        fit_risk_model(frame.assign(shoe_size=40.0), y, **settings())


def test_a_column_without_a_definition_is_refused() -> None:
    frame, y = cohort(200)
    some = {k: v for k, v in DEFINITIONS.items() if k != "priors"}
    with pytest.raises(ModelError, match="priors have no feature definition"):
        fit_risk_model(frame, y, **settings(definitions=some))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"priors": np.nan}, "priors are unknown for everyone"),
        ({"priors": np.inf}, "priors hold an infinite value"),
        ({"priors": "many"}, "priors are not numeric"),
    ],
)
def test_an_unusable_column_is_refused_by_name(change: dict[str, Any], message: str) -> None:
    frame, y = cohort(200)
    with pytest.raises(ModelError, match=message):
        fit_risk_model(frame.assign(**change), y, **settings())


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (np.zeros(200), "0 of 200 rows have the outcome"),
        (np.r_[np.ones(19), np.zeros(181)], "19 of 200"),
        (np.r_[np.zeros(19), np.ones(181)], "181 of 200"),
        (np.full(200, 0.5), "0 or 1"),
        (np.zeros(100), "each of the 200 rows"),
    ],
)
def test_an_unusable_outcome_is_refused(outcome: np.ndarray, message: str) -> None:
    frame, _ = cohort(200)
    with pytest.raises(ModelError, match=message):
        fit_risk_model(frame, outcome, **settings())


@pytest.mark.parametrize("weight", [np.zeros(200), np.ones(3), np.full(200, np.nan)])
def test_an_unusable_weight_is_refused(weight: np.ndarray) -> None:
    frame, y = cohort(200)
    with pytest.raises(ModelError, match="positive number for each of 200"):
        fit_risk_model(frame, y, **settings(sample_weight=weight))


# -- performance -------------------------------------------------------------------------------


def test_the_stated_performance_is_that_of_people_not_fitted_on() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(300, 10)), (rng.random(300) < 0.4).astype(float)
    loose = SplineLogisticClassifier(shrinkage=0.01, smoothness=0.0)
    fitted = loose.fit(x, y)
    assert roc_auc_score(y, fitted.decision_function(x)) > 0.7
    assert cross_validate(x, y, estimator=loose).performance.auc < 0.6


def test_a_person_with_many_rows_does_not_vouch_for_himself() -> None:
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(60), 8)
    mark = rng.permutation(np.arange(60.0))[person]  # says who it is, and nothing else
    y = (rng.random(60) < 0.5).astype(float)[person]
    x = np.column_stack([mark, rng.normal(size=480)])
    tells = SplineLogisticClassifier(knots=60, shrinkage=0.01, smoothness=0.0)
    leaky = cross_validate(x, y, estimator=tells).performance.auc
    honest = cross_validate(x, y, estimator=tells, groups=person).performance.auc
    assert leaky > 0.95
    assert honest < 0.7


def test_the_measures_are_those_of_scikit_learn_and_of_a_logistic_regression() -> None:
    rng = np.random.default_rng(1)
    lp = rng.normal(-1, 1.5, 4000)
    y = (rng.random(4000) < 1 / (1 + np.exp(-(0.3 + 0.8 * lp)))).astype(float)
    found = measure_performance(y, lp, method="test")
    assert found.auc == pytest.approx(roc_auc_score(y, lp))
    assert found.brier == pytest.approx(brier_score_loss(y, 1 / (1 + np.exp(-lp))))
    low, high = found.intervals["calibration_slope"]
    assert low < 0.8 < high
    assert found.calibration_intercept > 0.2
    assert (low + high) / 2 == pytest.approx(found.calibration_slope)


def test_whole_weights_change_the_measures_as_repeated_rows_do() -> None:
    rng = np.random.default_rng(1)
    lp, weight = rng.normal(size=500), rng.integers(1, 4, 500)
    y = (rng.random(500) < 0.4).astype(float)
    weighted = measure_performance(y, lp, weight.astype(float), method="")
    repeated = measure_performance(np.repeat(y, weight), np.repeat(lp, weight), method="")
    for name in ("auc", "brier", "calibration_intercept", "calibration_slope"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), abs=1e-9)


def test_a_model_that_says_the_same_of_everybody_is_refused_in_words() -> None:
    """Every term is held to zero, since each direction is against the data."""
    frame, y = cohort(600)
    against = {"age_years": 1, "priors": -1, "debt_eur": -1, "postcode_income": -1}
    frame = frame.fillna(frame.median())
    frame["postcode_income"] = frame["priors"]
    constant = SplineLogisticClassifier(
        shrinkage=1.0, smoothness=0.1, monotone=list(against.values())
    )
    with pytest.raises(ModelError, match="same for everybody.*directions"):
        fit_risk_model(frame, y, **settings(estimator=constant))


@pytest.mark.parametrize(
    "kind", ["spline_logistic", "scorecard", "boosting", "stack", "subdistribution", "cox"]
)
def test_no_kind_of_estimator_fits_where_all_directions_are_against_the_data(kind: str) -> None:
    """In words, and without a warning of a matrix that is singular."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(400, 2)), columns=["age_years", "priors"])
    lp = 3.0 * (frame["priors"] - frame["age_years"])
    y = (rng.random(400) < 1 / (1 + np.exp(-lp))).astype(float)
    fixed = {"shrinkage": 1.0, "smoothness": 0.1, "knots": 3}
    parameters = {"boosting": {"max_rounds": 20}, "scorecard": {}, "stack": {}}.get(kind, fixed)
    members = (MemberRecipe(name="one", kind="spline_logistic", parameters=fixed),)
    recipe = EstimatorRecipe(
        kind=kind, parameters=parameters, members=members if kind == "stack" else ()
    )
    estimator = make_estimator(recipe, monotone=[1, -1], horizon_days=730)
    if KINDS[kind].in_time:
        outcome: Any = TimeToEvent(np.where(y == 1, np.arange(400.0), 730.0), y.astype(int))
    else:
        outcome = y
    options = settings(estimator=estimator, folds=2, waivers=[])
    with pytest.raises(ModelError, match="same for everybody.*directions"):
        fit_risk_model(frame, outcome, **options)


def test_a_predictor_that_is_the_same_for_everybody_has_no_performance() -> None:
    y = np.tile([0.0, 1.0], 50)
    with pytest.raises(ModelError, match="same for everybody"):
        measure_performance(y, np.full(100, -1.0), method="any")


# -- what the model carries -----------------------------------------------------------------------


def test_the_training_summary_counts_people_events_and_unknowns(model: RiskModel) -> None:
    frame, y = cohort()
    assert (model.training.n, model.training.events) == (800, int(y.sum()))
    assert model.training.missing_share["debt_eur"] == pytest.approx(frame.debt_eur.isna().mean())


def test_the_training_range_hides_the_extremes(model: RiskModel) -> None:
    frame, _ = cohort()
    assert model.program.support is not None
    ages = np.sort(frame.age_years)
    bounds = model.program.support.ranges[0]
    assert (bounds.low, bounds.high) == (ages[4], ages[-5])
    assert bounds.typical == pytest.approx(np.median(ages))


def test_nearly_everyone_of_the_training_data_is_inside(model: RiskModel) -> None:
    frame, _ = cohort()
    found = model.program.assess_many(frame.to_numpy()).support
    assert found is not None
    assert (found.labels() == "inside").mean() > 0.93
    assert 1 <= found.leverage_exceeded.sum() <= 2


def test_no_golden_vector_is_a_person_of_the_training_data(model: RiskModel) -> None:
    frame, _ = cohort()
    people = {tuple(row) for row in frame.to_numpy().tolist()}
    assert len(model.golden) >= 50
    assert not people & {tuple(vector.inputs()) for vector in model.golden}


def test_golden_vectors_hold_unknown_values_and_every_status(model: RiskModel) -> None:
    assert any(None in vector.values for vector in model.golden)
    assert {vector.status for vector in model.golden} == {"inside", "outside", "insufficient"}


def test_two_fits_of_the_same_data_are_the_same_model() -> None:
    frame, y = cohort(300)
    one, two = (fit_risk_model(frame, y, **settings()) for _ in range(2))
    assert one == two
