"""Pattern submodels score with what is known."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pandas as pd
import pytest

from risicoscreener.errors import ModelError
from risicoscreener.models import FeatureRange, SplineLogisticClassifier, Support
from risicoscreener.models.missing import PatternSubmodels, fit_pattern_submodels

NAMES = ["a", "b", "c"]
ESTIMATOR = SplineLogisticClassifier(
    shrinkage=1.0, smoothness=0.1, knots=4, folds=3, calibration=None
)
NAN = math.nan


def people(n: int = 1500, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """``b`` is missing for half; the effect of ``a`` is the other way round for them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    gone = rng.random(n) < 0.5
    slope = np.where(gone, -1.0, 1.0)
    y = (rng.random(n) < 1 / (1 + np.exp(-slope * x[:, 0] - 0.5 * x[:, 1]))).astype(float)
    x[gone, 1] = NAN
    x[rng.random(n) < 0.02, 2] = NAN
    return pd.DataFrame(x, columns=NAMES), y


def support(**changes) -> Support:
    ranges = tuple(FeatureRange(-3.0, 3.0, 0.0) for _ in NAMES)
    return Support(**{"features": tuple(NAMES), "ranges": ranges} | changes)


@pytest.fixture(scope="module")
def fitted() -> PatternSubmodels:
    frame, y = people()
    return fit_pattern_submodels(ESTIMATOR, frame, y, support=support())


ROWS = [
    [0.5, 1.0, -1.0],
    [0.5, NAN, -1.0],
    [1.5, NAN, NAN],
    [NAN, NAN, NAN],
    [2.0, 0.1, NAN],
    [5.0, NAN, 0.0],
]


def test_frequent_patterns_have_a_model_and_rare_ones_the_fall_back(fitted):
    assert {s.known for s in fitted.submodels} == {"111", "101"}
    assert fitted.program_for([NAN, 1.0, 1.0]) is fitted.fallback
    assert fitted.program_for([1.0, NAN, 1.0]).features == ("a", "c")


def test_a_submodel_is_the_fit_on_the_people_of_its_pattern(fitted):
    frame, y = people()
    own = (frame["b"].isna() & frame["a"].notna() & frame["c"].notna()).to_numpy()
    expected = ESTIMATOR.fit(frame.loc[own, ["a", "c"]], y[own]).lower()
    assert fitted.program_for([0.0, NAN, 0.0]) == expected
    (submodel,) = [s for s in fitted.submodels if s.known == "101"]
    assert (submodel.n, submodel.events) == (own.sum(), y[own].sum())


def test_a_submodel_can_be_made_on_all_of_whom_its_features_are_known():
    frame, y = people()
    fitted = fit_pattern_submodels(ESTIMATOR, frame, y, rows="known")
    known = frame[["a", "c"]].notna().all(axis=1).to_numpy()
    expected = ESTIMATOR.fit(frame.loc[known, ["a", "c"]], y[known]).lower()
    assert fitted.program_for([0.0, NAN, 0.0]) == expected


def test_what_is_missing_for_a_reason_is_predicted_better_than_by_one_model(fitted):
    frame, y = people(4000, seed=1)
    x = frame.to_numpy()
    brier = [
        np.square(model.score_many(x).probability - y).mean() for model in (fitted, fitted.fallback)
    ]
    assert brier[0] < brier[1] - 0.02


def test_contributions_are_of_what_is_known_and_add_up(fitted):
    for row in ROWS:
        probability, lp, contributions = fitted.score_one(row)
        assert fitted.reference_for(row) + sum(contributions) == pytest.approx(lp)
        assert 0 < probability < 1
    assert fitted.score_one([0.5, NAN, -1.0])[2][1] == 0.0


def test_one_and_many_agree(fitted):
    many = fitted.assess_many(ROWS, contributions=True)
    for i, row in enumerate(ROWS):
        one = fitted.assess_one(row)
        assert many.scores.probability[i] == one.probability
        assert many.scores.linear_predictor[i] == one.linear_predictor
        assert many.scores.contributions[i].tolist() == one.contributions
        assert many.intervals.lower[i] == pytest.approx(one.interval.lower, abs=1e-12)
        assert many.support.labels()[i] == one.support.status
        assert many.support.missing_share[i] == one.support.missing_share
        assert many.support.leverage_exceeded[i] == one.support.leverage_exceeded


def test_a_feature_that_must_be_known_is_missed_in_any_pattern(fitted):
    strict = msgspec.structs.replace(
        fitted,
        fallback=msgspec.structs.replace(fitted.fallback, support=support(required=("b",))),
    )
    found = strict.assess_one([0.5, NAN, -1.0]).support
    assert found.status == "insufficient"
    assert found.unknown_required == ("b",)


def test_the_leverage_is_held_against_that_of_the_submodel(fitted):
    (submodel,) = [s for s in fitted.submodels if s.known == "101"]
    tight = msgspec.structs.replace(submodel, max_leverage=1e-9)
    strict = PatternSubmodels(fitted.fallback, (tight,))
    assert strict.assess_one([0.5, NAN, -1.0]).support.leverage_exceeded
    assert not strict.assess_one([0.5, 1.0, -1.0]).support.leverage_exceeded


def test_it_is_plain_data(fitted):
    stored = msgspec.json.encode(fitted)
    assert msgspec.json.decode(stored, type=PatternSubmodels) == fitted


def test_without_uncertainty_there_are_no_intervals(fitted):
    plain = [msgspec.structs.replace(s.program, uncertainty=None) for s in fitted.submodels]
    bare = PatternSubmodels(
        msgspec.structs.replace(fitted.fallback, uncertainty=None, support=None),
        tuple(
            msgspec.structs.replace(s, program=p)
            for s, p in zip(fitted.submodels, plain, strict=True)
        ),
    )
    found = bare.assess_many(ROWS)
    assert found.intervals is None
    assert found.support is None
    assert bare.assess_one(ROWS[1]).interval is None


def test_bad_input_is_refused(fitted):
    with pytest.raises(ModelError, match="2 values"):
        fitted.score_one([1.0, 2.0])
    with pytest.raises(ModelError, match="matrix of shape"):
        fitted.score_many([[1.0, 2.0]])
    with pytest.raises(ModelError, match="infinite"):
        fitted.score_one([1.0, NAN, math.inf])
    one = fitted.submodels[0]
    with pytest.raises(ModelError, match="one pattern"):
        PatternSubmodels(fitted.fallback, (one, one))
    with pytest.raises(ModelError, match="pattern 110"):
        PatternSubmodels(fitted.fallback, (msgspec.structs.replace(one, known="110"),))
    frame, y = people(300)
    with pytest.raises(ModelError, match="rows is"):
        fit_pattern_submodels(ESTIMATOR, frame, y, rows="all")
