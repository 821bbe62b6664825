"""Nobody is scored by a fit, or a choice, that saw them or their future."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from risicoscreener.errors import ModelError
from risicoscreener.models import SplineLogisticClassifier, cross_validate
from risicoscreener.models.honesty import forward_in_time, nested_cross_validate

SEEN: list[np.ndarray] = []


class Recorder(ClassifierMixin, BaseEstimator):
    """Keeps the first column of what it was fitted on and scored for: the number of the row."""

    def __init__(self, shift=0.0):
        self.shift = shift

    def fit(self, X, y, groups=None):
        self.classes_ = np.array([0.0, 1.0])
        self.rows_, self.mean_, self.groups_ = X[:, 0].astype(int), y.mean(), groups
        return self

    def predict_proba(self, X):
        SEEN.append((self.rows_, X[:, 0].astype(int)))
        p = np.clip(self.mean_ + self.shift + 0.01 * X[:, 1], 0.01, 0.99)
        return np.column_stack([1 - p, p])


def people(n=400, seed=0):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.arange(n), rng.normal(size=(n, 2))])
    y = (rng.random(n) < 1 / (1 + np.exp(0.7 - x[:, 1]))).astype(float)
    return x, y, rng


def test_nobody_is_in_both_parts_of_any_fold_outer_or_inner():
    x, y, rng = people()
    person = rng.integers(0, 120, 400)
    SEEN.clear()
    nested_cross_validate(
        Recorder(), {"shift": [0.0, 0.3]}, x, y, groups=person, folds=5, inner_folds=3
    )
    assert len(SEEN) == 5 * (2 * 3 + 1)
    for fitted, scored in SEEN:
        assert not set(person[fitted]) & set(person[scored])


def test_every_row_is_scored_once():
    x, y, _ = people()
    found = nested_cross_validate(LogisticRegression(), None, x[:, 1:], y, folds=5)
    assert np.isfinite(found.linear_predictor).all()
    assert sum(part.n for part in found.parts) == 400
    assert sum(part.events for part in found.parts) == y.sum()


def test_parameters_are_chosen_by_the_inner_folds():
    x, y, _ = people()
    grid = {"C": [1e-6, 1.0]}
    found = nested_cross_validate(LogisticRegression(), grid, x[:, 1:], y, folds=4)
    assert [part.chosen for part in found.parts] == [{"C": 1.0}] * 4


def test_a_list_of_settings_is_a_grid_too():
    x, y, _ = people()
    grid = [{"C": 1e-6}, {"C": 1.0}]
    found = nested_cross_validate(LogisticRegression(), grid, x[:, 1:], y, folds=3)
    assert found.parts[0].chosen == {"C": 1.0}


def test_choosing_among_noise_gains_nothing():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(300, 20)), (rng.random(300) < 0.5).astype(float)
    grid = {"random_state": list(range(12)), "max_depth": [3], "max_features": [1]}
    tree = DecisionTreeClassifier()
    found = nested_cross_validate(tree, grid, x, y, folds=5, inner_folds=3)
    assert abs(found.performance.auc - 0.5) < 0.1


def test_without_a_grid_it_is_plain_cross_validation():
    x, y, _ = people()
    estimator = SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1)
    nested = nested_cross_validate(estimator, None, x[:, 1:], y, folds=5)
    plain = cross_validate(x[:, 1:], y, estimator=estimator, folds=5)
    assert nested.linear_predictor == pytest.approx(plain.linear_predictor, abs=1e-9)
    assert nested.performance.auc == pytest.approx(plain.performance.auc, abs=1e-12)


def test_each_prison_is_scored_by_a_fit_without_it_and_without_its_people():
    x, y, rng = people()
    person, prison = rng.integers(0, 120, 400), rng.choice(["north", "south", "west"], 400)
    SEEN.clear()
    found = nested_cross_validate(Recorder(), None, x, y, groups=person, prison=prison)
    assert [part.name for part in found.parts] == ["north", "south", "west"]
    for fitted, scored in SEEN:
        assert len(set(prison[scored])) == 1
        assert not set(person[fitted]) & set(person[scored])
        assert not set(prison[scored]) & set(prison[fitted])
    assert list(found.to_frame()["part"]) == ["north", "south", "west"]


def test_a_prison_with_one_outcome_has_no_performance_of_its_own():
    x, y, _ = people()
    prison = np.where(np.arange(400) < 5, "small", np.where(np.arange(400) < 200, "a", "b"))
    y[:5] = 0.0
    found = nested_cross_validate(LogisticRegression(), None, x[:, 1:], y, prison=prison)
    by_name = {part.name: part.performance for part in found.parts}
    assert by_name["small"] is None
    assert by_name["a"] is not None


def test_a_prison_where_everyone_gets_the_same_prediction_has_no_performance_of_its_own():
    x, y, _ = people()
    prison = np.repeat(["a", "b"], 200)
    x[:200, 1:] = 0.0
    found = nested_cross_validate(LogisticRegression(), None, x[:, 1:], y, prison=prison)
    assert found.parts[0].performance is None


def test_weights_reach_the_fit_and_the_measures():
    x, y, _ = people()
    weight = np.where(y == 1, 3.0, 1.0)
    plain = nested_cross_validate(LogisticRegression(), None, x[:, 1:], y, folds=4)
    heavy = nested_cross_validate(
        LogisticRegression(), None, x[:, 1:], y, folds=4, sample_weight=weight
    )
    assert heavy.linear_predictor.mean() > plain.linear_predictor.mean() + 0.8
    assert abs(heavy.performance.calibration_intercept) < 0.2


# -- forward in time ---------------------------------------------------------------------------


def dated(n=400, seed=0):
    x, y, rng = people(n, seed)
    days = np.datetime64("2015-01-01") + np.sort(rng.integers(0, 3000, n))
    return x, y, days, rng


@pytest.mark.parametrize("lag", [0, 90])
def test_nothing_is_fitted_on_that_had_not_matured(lag):
    x, y, days, rng = dated()
    person = rng.integers(0, 200, 400)
    SEEN.clear()
    found = forward_in_time(
        Recorder(), None, x, y, days, horizon_days=730, lag_days=lag, groups=person, cuts=3
    )
    assert len(SEEN) == 3
    for fitted, scored in SEEN:
        first = days[scored].min()
        assert (days[fitted] + 730 + lag <= first).all()
        assert not set(person[fitted]) & set(person[scored])
    assert np.isnan(found.linear_predictor[days < found_start(found)]).all()


def found_start(found):
    return np.datetime64(found.parts[0].name)


def test_periods_begin_at_the_given_days():
    x, y, days, _ = dated()
    cuts = ["2019-01-01", "2021-01-01"]
    found = forward_in_time(
        LogisticRegression(), None, x[:, 1:], y, days, horizon_days=365, cuts=cuts
    )
    assert [part.name for part in found.parts] == cuts
    tested = ~np.isnan(found.linear_predictor)
    assert (tested == (days >= np.datetime64("2019-01-01"))).all()
    assert (
        found.parts[0].n
        == ((days >= np.datetime64(cuts[0])) & (days < np.datetime64(cuts[1]))).sum()
    )


def test_a_period_before_anything_matured_is_refused():
    x, y, days, _ = dated()
    with pytest.raises(ModelError, match="left to fit on"):
        forward_in_time(
            LogisticRegression(), None, x, y, days, horizon_days=730, cuts=["2015-06-01"]
        )


def test_a_horizon_beyond_the_data_is_refused():
    x, y, days, _ = dated()
    with pytest.raises(ModelError, match="longer time"):
        forward_in_time(LogisticRegression(), None, x, y, days, horizon_days=5000)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.full(400, 3.0)}, "0 or 1"),
        ({"groups": np.zeros(3)}, "groups"),
        ({"sample_weight": np.zeros(400)}, "sample_weight"),
        ({"prison": np.zeros(3)}, "prison"),
        ({"prison": np.zeros(400)}, "one prison"),
        ({"y": np.r_[1.0, np.zeros(399)]}, "too few"),
    ],
)
def test_unusable_data_are_refused(change, message):
    x, y, _ = people()
    given = {"y": y} | change
    with pytest.raises(ModelError, match=message):
        nested_cross_validate(LogisticRegression(), None, x, **given)
