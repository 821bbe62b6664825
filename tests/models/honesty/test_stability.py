"""What depends on who happened to be in the sample is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from risicoscreener.errors import ModelError
from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.honesty import (
    PredictionStability,
    SelectionStability,
    prediction_stability,
    selection_stability,
)

LASSO = LogisticRegression(l1_ratio=1.0, solver="liblinear", C=0.05)
SPLINE = SplineLogisticClassifier(shrinkage=3.0, smoothness=0.1, calibration=None)


def people(n=300, seed=0, noise=6):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1 + noise))
    y = (rng.random(n) < 1 / (1 + np.exp(-1.5 * x[:, 0]))).astype(float)
    return pd.DataFrame(x, columns=["real", *(f"noise_{i}" for i in range(noise))]), y


def test_a_real_effect_is_selected_always_and_noise_seldom():
    x, y = people()
    found = selection_stability(LASSO, x, y, resamples=40)
    assert found.frequency[0] == 1.0
    assert found.frequency[1:].max() < 0.9
    assert found.stable(0.9) == ("real",)
    assert found.to_frame().loc[0, "feature"] == "real"


def test_the_bound_on_false_selections_is_that_of_meinshausen_and_buhlmann():
    found = SelectionStability(tuple("abcdefghij"), np.zeros(10), 4.0, np.zeros((10, 10)), 50)
    assert found.expected_false(0.9) == pytest.approx(16 / (0.8 * 10))
    with pytest.raises(ModelError, match="threshold"):
        found.expected_false(0.5)


def test_features_selected_together_are_counted():
    x, y = people()
    found = selection_stability(LASSO, x, y, resamples=30)
    assert np.diag(found.together) == pytest.approx(found.frequency)
    assert found.together.sum() / found.mean_selected >= 1.0


def test_halves_of_the_people_are_drawn_without_replacement():
    sizes, owners = [], np.repeat(np.arange(150), 2)

    def keep(fitted):
        return [True]

    class Counting(DummyClassifier):
        def fit(self, X, y, sample_weight=None):
            sizes.append(np.bincount(owners[X[:, 0].astype(int)], minlength=150))
            return super().fit(X, y)

    y = (np.arange(300) % 3 == 0).astype(float)
    x = np.arange(300.0)[:, None]
    selection_stability(Counting(), x, y, selected=keep, groups=owners, resamples=5)
    for count in sizes:
        assert set(count) == {0, 2}  # both rows of a person, or none
        assert (count == 2).sum() == 75


def test_terms_that_are_flat_were_not_selected():
    x, y = people(noise=1)
    x["constant"] = 1.0
    found = selection_stability(SPLINE, x, y, resamples=5)
    assert dict(zip(found.names, found.frequency, strict=True))["constant"] == 0.0
    assert found.frequency[0] == 1.0


def test_an_estimator_that_does_not_say_what_it_selected_is_refused():
    x, y = people()
    with pytest.raises(ModelError, match="GaussianNB"):
        selection_stability(GaussianNB(), x, y, resamples=3)


def test_draws_depend_on_the_seed_alone():
    x, y = people()
    a, b = (selection_stability(LASSO, x, y, resamples=10, seed=4) for _ in range(2))
    assert (a.frequency == b.frequency).all()
    one, two = (
        prediction_stability(SPLINE, x, y, resamples=3, seed=seed).resampled for seed in (1, 2)
    )
    assert (one != two).any()


def test_resampled_predictions_spread_as_the_standard_error_says():
    import statsmodels.api as sm

    x, y = people(800, noise=1)
    plain = LogisticRegression(C=np.inf)
    found = prediction_stability(plain, x.to_numpy(), y, resamples=150)
    design = sm.add_constant(x.to_numpy())
    fit = sm.GLM(y, design, family=sm.families.Binomial()).fit()
    error = np.sqrt(np.einsum("ij,jk,ik->i", design, fit.cov_params(), design))
    log_odds = np.log(found.resampled / (1 - found.resampled))
    assert log_odds.std(axis=0).mean() == pytest.approx(error.mean(), rel=0.12)


def test_errors_and_intervals_per_person_are_those_of_the_definition():
    resampled = np.array([[0.1, 0.6], [0.3, 0.4], [0.2, 0.5]])
    found = PredictionStability(np.array([0.2, 0.45]), resampled)
    assert found.person_error == pytest.approx([0.2 / 3, (0.15 + 0.05 + 0.05) / 3])
    assert found.mean_absolute_prediction_error == pytest.approx((0.2 / 3 + 0.25 / 3) / 2)
    low, high = found.interval(0.5)
    assert low == pytest.approx([0.15, 0.45])
    assert high == pytest.approx([0.25, 0.55])
    assert found.crossing(0.5) == pytest.approx([0.0, 2 / 3])
    assert list(found.to_frame().columns) == ["original", "lower", "upper", "error"]


def test_more_people_make_more_stable_predictions():
    errors = []
    for n in (150, 1500):
        x, y = people(n)
        at = people(50, seed=9)[0]
        found = prediction_stability(SPLINE, x, y, people=at, resamples=10)
        errors.append(found.mean_absolute_prediction_error)
        assert found.resampled.shape == (10, 50)
    assert errors[1] < 0.6 * errors[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"resamples": 1}, "at least 2"),
        ({"people": np.zeros((2, 1))}, "expected"),
        ({"y": np.r_[1.0, np.zeros(299)]}, "too few"),
    ],
)
def test_unusable_data_are_refused(change, message):
    x, y = people()
    given = {"y": y, "resamples": 3} | change
    with pytest.raises(ModelError, match=message):
        prediction_stability(GaussianNB(), x, **given)
