"""A model says how many people it needed, and a fit on fewer warns."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from risicoscreener.models import Bundle, RiskModel, SplineLogisticClassifier, fit_risk_model
from risicoscreener.models.enough import (
    SampleSizeWarning,
    effective_parameters,
    people_needed,
    warn_if_too_few,
)
from risicoscreener.models.estimators import AdditiveBoostingClassifier
from risicoscreener.models.honesty import required_sample_size
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.terms import PairTerm, Term

from .conftest import cohort, settings


def test_a_fit_on_too_few_people_warns_with_the_number() -> None:
    frame, y = cohort(200)
    with pytest.warns(SampleSizeWarning, match=r"model 'any_2y': .*There are 200 people: too few"):
        model = fit_risk_model(frame, y, **settings())
    assert model.training.sample_size is not None
    assert not model.training.sample_size.enough(200)


def test_a_fit_on_enough_people_says_so_and_does_not_warn(recwarn: Any) -> None:
    frame, y = cohort(3000)
    model = fit_risk_model(frame, y, **settings())
    needed = model.training.sample_size
    assert needed is not None
    assert needed.enough(3000)
    assert not [w for w in recwarn if isinstance(w.message, SampleSizeWarning)]
    assert "3000 personen: genoeg" in needed.text("nl", 3000)


def test_the_number_is_that_of_the_published_criteria(model: RiskModel) -> None:
    needed, performance = model.training.sample_size, model.performance
    assert needed is not None
    assert performance is not None
    size = required_sample_size(
        parameters=needed.parameters,
        prevalence=model.training.events / model.training.n,
        c_statistic=performance.auc,
    )
    assert (needed.n, needed.events) == (size.n, size.events)
    assert needed.decided_by == size.decided_by


def test_without_penalty_the_effective_parameters_are_those_of_the_fit() -> None:
    """Two knots per term and almost no penalty: one slope per feature, as a plain regression."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4000, 3))
    y = (rng.random(4000) < 1 / (1 + np.exp(-x @ [0.5, -0.5, 0.2]))).astype(float)
    fit = SplineLogisticClassifier(
        knots=2, shrinkage=1e-8, smoothness=0.0, calibration=None, tail=0.0
    ).fit(x, y)
    found = effective_parameters(fit.lower(["a", "b", "c"]), x, np.ones(4000))
    assert found == pytest.approx(3.0, abs=0.01)


def test_with_a_ridge_they_are_the_trace_of_information_and_covariance() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(500, 2))
    y = (rng.random(500) < 1 / (1 + np.exp(-x[:, 0]))).astype(float)
    fit = SplineLogisticClassifier(knots=4, shrinkage=1.0, smoothness=0.1, calibration=None)
    program = fit.fit(x, y).lower(["a", "b"])
    p = program.score_many(x).probability
    design = fit.basis_.design(x)
    information = design.T @ (design * (p * (1 - p))[:, None])
    penalty = fit.basis_.penalty(1.0, 0.1)
    expected = np.trace(np.linalg.pinv(information + penalty) @ information) - 1.0
    assert effective_parameters(program, x, np.ones(500)) == pytest.approx(expected, rel=1e-6)


def test_without_an_interval_what_could_have_moved_is_counted() -> None:
    program = ScoringProgram(
        intercept=0.0,
        terms=(
            Term("a", (1.0, 1.0, 2.0, 2.0), (0.0, 1.0, 1.0, 3.0), 0.5),
            Term("b", (0.0, 5.0), (0.0, 1.0), 0.0),
        ),
        pairs=(PairTerm("a", "b", (1.5,), (), ((0.0, 0.0), (1.0, 1.0), (0.0, 0.0))),),
    )
    x = np.array([[1.0, np.nan], [2.0, 3.0]])
    steps, slope, unknown, cells = 2, 1, 1, 5
    assert effective_parameters(program, x, np.ones(2)) == steps + slope + unknown + cells


@pytest.mark.parametrize("auc", [0.3, 0.5])
def test_a_model_no_better_than_chance_needs_more_than_any_number(auc: float) -> None:
    needed = people_needed(5.0, 0.3, auc)
    assert needed.n is None
    assert not needed.enough(10**9)
    assert "no number is enough" in needed.text("en", 500)
    assert "geen aantal genoeg" in needed.text("nl", 500)


def test_more_parameters_and_a_weaker_model_need_more_people() -> None:
    sizes = [
        people_needed(*case) for case in ((5.0, 0.3, 0.75), (10.0, 0.3, 0.75), (10.0, 0.3, 0.65))
    ]
    numbers = [size.n for size in sizes]
    assert all(number is not None for number in numbers)
    assert numbers == sorted(numbers)  # type: ignore[type-var]
    assert len(set(numbers)) == 3


def test_a_model_of_before_the_number_was_computed_does_not_warn(
    model: RiskModel, recwarn: Any
) -> None:
    warn_if_too_few("old", msgspec.structs.replace(model.training, sample_size=None))
    assert not recwarn.list


def test_the_number_survives_the_file_and_its_absence_leaves_no_trace(bundle: Bundle) -> None:
    assert Bundle.load(bundle.to_bytes()).models[0].training.sample_size is not None
    old = msgspec.structs.replace(
        bundle,
        models=tuple(
            msgspec.structs.replace(
                m, training=msgspec.structs.replace(m.training, sample_size=None)
            )
            for m in bundle.models
        ),
    )
    assert b"sample_size" not in old.to_bytes()


def test_an_estimator_without_interval_gets_a_distance_as_support(model: RiskModel) -> None:
    frame, y = cohort(800)
    steps = AdditiveBoostingClassifier(max_rounds=20, max_bins=8, folds=2)
    without = fit_risk_model(frame, y, **settings(estimator=steps, folds=2)).program
    assert without.uncertainty is None
    assert without.support is not None
    assert without.support.max_leverage is None
    assert without.support.max_distance is not None
    exceeded = without.support.check_many(frame.to_numpy()).distance_exceeded
    assert exceeded is not None
    assert exceeded.sum() == 1
    assert model.program.support is not None
    assert model.program.support.max_distance is None
