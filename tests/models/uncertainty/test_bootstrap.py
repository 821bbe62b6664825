"""Bootstrap replicates of a fit become the interval of its program."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from risicoscreener.errors import ModelError
from risicoscreener.models import Logistic, ScoringProgram, SplineLogisticClassifier, Term
from risicoscreener.models.ensemble import Ensemble
from risicoscreener.models.estimators import AdditiveBoostingClassifier
from risicoscreener.models.uncertainty import Bootstrap, bootstrap, bootstrap_ensemble

from ..strategies import number, pairs, rows, terms

NAMES = ["a", "b", "c"]
PENALTY = {"shrinkage": 1.0, "smoothness": 0.1, "folds": 3, "knots": 5}


def people(n: int = 400, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    y = (rng.random(n) < 1 / (1 + np.exp(1.0 - x[:, 0] - 0.5 * x[:, 1]))).astype(float)
    x[rng.random(x.shape) < 0.05] = np.nan
    return pd.DataFrame(x, columns=NAMES), y


@pytest.fixture(scope="module")
def made() -> Bootstrap:
    x, y = people()
    return bootstrap(SplineLogisticClassifier(**PENALTY), x, y, replicates=30, seed=1)


class Steps(ClassifierMixin, BaseEstimator):
    """Event rate left and right of the median of one feature: its step moves with the sample."""

    def fit(self, X, y):
        column = np.asarray(X)[:, 0]
        self.edge_ = float(np.median(column))
        right = column >= self.edge_
        self.values_ = (float(y[~right].mean()), float(y[right].mean()))
        return self

    def lower(self, names):
        knots, values = (self.edge_, self.edge_), self.values_
        return ScoringProgram(intercept=0.0, terms=(Term(names[0], knots, values, 0.0),))


def test_the_program_is_that_of_all_people(made):
    x, y = people()
    whole = SplineLogisticClassifier(**PENALTY).fit(x, y).lower()
    assert made.program == whole
    assert msgspec.structs.replace(made.lower(), uncertainty=None) == msgspec.structs.replace(
        whole, uncertainty=None
    )


def test_replicates_of_splines_share_the_knots_of_the_program(made):
    for replicate in made.replicates:
        assert [t.knots for t in replicate.terms] == [t.knots for t in made.program.terms]


def test_the_standard_error_is_the_spread_of_what_the_replicates_say(made):
    x, _ = people(50, seed=5)
    assert isinstance(made.program.calibration, Logistic)
    a, b = made.program.calibration.intercept, made.program.calibration.slope
    said = [r.calibration.before_link(r.score_many(x).linear_predictor) for r in made.replicates]
    expected = np.std((np.array(said) - a) / b, axis=0, ddof=1)
    intervals = made.lower().interval_many(x)
    np.testing.assert_allclose(intervals.standard_error, expected, rtol=1e-9)
    one = made.lower().interval_one(x.to_numpy()[7].tolist())
    assert one.standard_error == pytest.approx(expected[7], rel=1e-9)


def test_the_ensemble_is_near_the_covariance_where_the_penalty_is_light():
    x, y = people(3000, seed=2)
    x = x.fillna(0.0)
    settings = PENALTY | {"shrinkage": 0.01, "smoothness": 0.001, "calibration": None, "knots": 3}
    estimator = SplineLogisticClassifier(**settings)
    found = bootstrap(estimator, x, y, replicates=60, seed=3)
    by_ensemble = found.lower().interval_many(x).standard_error
    by_covariance = found.program.interval_many(x).standard_error
    assert np.median(by_ensemble / by_covariance) == pytest.approx(1.0, abs=0.12)


def test_the_order_of_the_rows_does_not_matter(made):
    x, y = people()
    order = np.random.default_rng(9).permutation(len(x))
    estimator = SplineLogisticClassifier(**PENALTY)
    mixed = bootstrap(estimator, x.iloc[order], y[order], replicates=30, seed=1)
    np.testing.assert_allclose(mixed.ensemble().matrix, made.ensemble().matrix, atol=1e-6)


def test_another_seed_draws_other_people():
    x, y = people()
    estimator = SplineLogisticClassifier(**PENALTY)
    one, other = (bootstrap_ensemble(estimator, x, y, replicates=10, seed=s) for s in (1, 2))
    assert one != other
    assert isinstance(one, Ensemble)


def test_rows_of_a_person_are_drawn_together():
    x, y = people(300)
    x = x.fillna(0.0)
    twice = pd.concat([x, x], ignore_index=True)
    persons = np.tile(np.arange(300), 2)
    estimator = SplineLogisticClassifier(**PENALTY | {"calibration": None, "knots": 2})
    found = {}
    for name, groups in (("persons", persons), ("rows", None)):
        made = bootstrap(estimator, twice, np.tile(y, 2), replicates=150, groups=groups, seed=4)
        found[name] = np.median(made.lower().interval_many(x).standard_error)
    assert found["persons"] / found["rows"] == pytest.approx(np.sqrt(2.0), rel=0.15)


def test_directions_by_name_hold_in_each_replicate():
    x, y = people()
    estimator = SplineLogisticClassifier(**PENALTY, monotone={"c": -1})
    for replicate in bootstrap(estimator, x, y, replicates=10).replicates:
        assert (np.diff(replicate.term("c").values) <= 1e-12).all()


def test_an_estimator_without_weights_gets_rows_as_often_as_drawn():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 1))
    y = (rng.random(200) < 0.3).astype(float)
    found = bootstrap(Steps(), x, y, replicates=10, feature_names=["a"])
    assert len({r.terms[0].knots for r in found.replicates}) > 1


def test_moving_steps_are_exact_on_the_union_of_knots():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 1))
    y = (rng.random(200) < 0.3 + 0.3 * (x[:, 0] > 0)).astype(float)
    found = bootstrap(Steps(), x, y, replicates=20, feature_names=["a"])
    shared = found.on_shared_knots()
    grid = np.sort(
        np.concatenate([np.linspace(-1, 1, 301), *[r.terms[0].knots for r in found.replicates]])
    )[:, None]
    np.testing.assert_array_equal(
        shared.program.score_many(grid).linear_predictor,
        found.program.score_many(grid).linear_predictor,
    )
    said = [r.score_many(grid).linear_predictor for r in found.replicates]
    intervals = shared.lower().interval_many(grid)
    np.testing.assert_allclose(intervals.standard_error, np.std(said, axis=0, ddof=1), atol=1e-12)


def test_a_union_of_too_many_knots_keeps_the_own_and_thins_the_others():
    own = Term("a", (0.0, 0.0, 1.0), (0.0, 1.0, 2.0), 0.0)
    others = [
        ScoringProgram(intercept=0.0, terms=(Term("a", (i / 300, i / 300), (0.0, 1.0), 0.0),))
        for i in range(1, 250)
    ]
    program = ScoringProgram(intercept=0.0, terms=(own,))
    shared = Bootstrap(program, tuple(others)).on_shared_knots().program
    assert set(own.knots) <= set(shared.terms[0].knots)
    assert len(shared.terms[0].knots) <= 200
    grid = np.linspace(-1, 2, 97)[:, None]
    np.testing.assert_allclose(
        shared.score_many(grid).linear_predictor,
        program.score_many(grid).linear_predictor,
        atol=1e-12,
    )


def test_samples_that_keep_lacking_an_outcome_are_an_error():
    class Any(Steps):
        pass

    x = np.arange(3.0)[:, None]
    with pytest.raises(ModelError, match="at least 10"):
        bootstrap(clone(Any()), x, np.array([0.0, 1.0, 0.0]), replicates=5, feature_names=["a"])
    with pytest.raises(ModelError, match="lacked one of the outcomes"):
        bootstrap(Any(), x, np.ones(3), replicates=10, feature_names=["a"])


def test_groups_of_another_length_are_refused():
    x, y = people()
    with pytest.raises(ModelError, match="groups has shape"):
        bootstrap(SplineLogisticClassifier(**PENALTY), x, y, groups=[1, 2])


def test_columns_without_names_are_refused():
    x, y = people()
    with pytest.raises(ModelError, match="feature_names"):
        bootstrap(SplineLogisticClassifier(**PENALTY), x.to_numpy(), y)


@given(st.data())
def test_pairs_that_move_with_the_sample_are_put_on_shared_edges(data: Any) -> None:
    """The spread over the replicates is what the ensemble says, at any values."""
    names = ["a", "b", "c"]

    def drawn(joined: Any) -> ScoringProgram:
        parts = tuple(data.draw(terms(name, jumps=True)) for name in names)
        both = [data.draw(pairs(*pair)) for pair in joined]
        return ScoringProgram(intercept=data.draw(number), terms=parts, pairs=tuple(both))

    ways = st.lists(st.sampled_from([("a", "b"), ("b", "c")]), max_size=2, unique=True)
    program = drawn(data.draw(ways))
    few = [drawn(data.draw(ways)) for _ in range(2)]
    turned = msgspec.structs.replace(few[0], pairs=tuple(p.turned() for p in few[0].pairs))
    found = Bootstrap(program, (*few, turned) * 4).on_shared_knots()
    values = data.draw(rows(3))
    assert found.program.score_one(values)[1] == pytest.approx(
        program.score_one(values)[1], rel=1e-9, abs=1e-9
    )
    lps = [replicate.score_one(values)[1] for replicate in found.replicates]
    interval = found.lower().interval_one(values)
    assert interval is not None
    assert interval.standard_error == pytest.approx(np.std(lps, ddof=1), rel=1e-6, abs=1e-6)


def test_a_model_with_pairs_of_its_own_choice_gets_replicates() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (500, 3))
    y = (rng.random(500) < 1 / (1 + np.exp(-3 * np.sign(x[:, 0] * x[:, 1])))).astype(int)
    steps = AdditiveBoostingClassifier(max_rounds=15, max_bins=6, pairs=1, folds=2)
    program = (
        bootstrap(steps, x, y, replicates=10, feature_names=["a", "b", "c"])
        .on_shared_knots()
        .lower()
    )
    assert program.pairs
    intervals = program.interval_many(x)
    assert intervals is not None
    assert (intervals.standard_error > 0).all()
