"""How much a procedure flatters itself is found by repeating it, as rms and the papers say."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joblib import parallel_config
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from statsmodels.api import GLM, add_constant, families

from cases import ROOT
from evaluation.designs.data import people
from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.designs import MEASURES, bootstrap_optimism
from risicoscreener.evaluation.designs.optimism import _optimism, weigh_632_plus
from risicoscreener.evaluation.designs.people import People
from risicoscreener.evaluation.designs.performance import WITHOUT_INFORMATION
from risicoscreener.evaluation.scoring import brier, log_loss, scaled_brier

FOLDER = ROOT / "tests" / "oracles" / "designs"
R = json.loads((FOLDER / "expected.json").read_text("utf-8"))
TABLE = pd.read_csv(FOLDER / "people.csv")
X, Y = TABLE.drop(columns="outcome"), TABLE["outcome"].to_numpy(float)


class MaximumLikelihood(ClassifierMixin, BaseEstimator):
    """Logistic regression to the last digit."""

    def fit(self, X, y):
        model = GLM(y, add_constant(np.asarray(X)), family=families.Binomial())
        self.b_ = model.fit(tol=1e-13).params
        return self

    def predict_proba(self, X):
        p = 1 / (1 + np.exp(-add_constant(np.asarray(X), has_constant="add") @ self.b_))
        return np.column_stack([1 - p, p])


@pytest.fixture(scope="module")
def in_given_resamples():
    folk = People.of(X, Y)
    model = MaximumLikelihood()
    probability = folk.predict(folk.fit(model, np.arange(len(Y))))
    drawn = np.loadtxt(FOLDER / "resamples.csv", delimiter=",", dtype=int) - 1
    measures = {name: m for name, m in MEASURES.items() if name in R["apparent"]}
    return _optimism(model, folk, probability, drawn, measures, 1, 0.95)


@pytest.mark.parametrize("name", R["apparent"])
def test_figures_in_given_resamples_are_those_of_r(in_given_resamples, name):
    found = in_given_resamples

    def near(value):
        return pytest.approx(value, rel=1e-8, abs=1e-8)

    assert found.apparent[name].value == near(R["apparent"][name])
    assert found.in_resample[name].mean() == near(R["seen"][name])
    assert found.in_original[name].mean() == near(R["original"][name])
    assert found.out_of_bag[name].mean() == near(R["unseen"][name])
    assert found.corrected[name].value == near(
        R["apparent"][name] - R["seen"][name] + R["original"][name]
    )
    assert found.of_632[name].value == near(0.368 * R["apparent"][name] + 0.632 * R["unseen"][name])


@pytest.fixture(scope="module")
def of_many():
    return bootstrap_optimism(LogisticRegression(C=np.inf), X, Y, resamples=400, seed=1)


@pytest.mark.parametrize(
    ("ours", "theirs", "per"),
    [("auc", "dxy", 2), ("calibration_slope", "slope", 1), ("brier",) * 2 + (1,)],
)
def test_the_corrected_figures_are_those_of_rms_within_the_error_of_resampling(
    of_many, ours, theirs, per
):
    expected = R["validate"][theirs] / per + (0.5 if theirs == "dxy" else 0.0)
    error = of_many.monte_carlo_error(ours) * np.sqrt(1 + 400 / 1000)
    assert of_many.corrected[ours].value == pytest.approx(expected, abs=3 * error)


def test_the_632_of_brier_is_that_of_rms_within_the_error_of_resampling(of_many):
    assert of_many.of_632["brier"].value == pytest.approx(R["validate_632"]["brier"], abs=0.001)
    assert of_many.of_632["auc"].value == pytest.approx(
        (R["validate_632"]["dxy"] + 1) / 2, abs=0.003
    )


def test_the_interval_is_apparent_less_the_quantiles_of_the_optimism(of_many):
    for one in of_many.corrected:
        optimism = of_many.in_resample[one.name] - of_many.in_original[one.name]
        least, most = np.quantile(optimism, [0.025, 0.975])
        apparent = of_many.apparent[one.name].value
        assert (one.low, one.high) == pytest.approx((apparent - most, apparent - least))
        assert one.low < one.value < one.high
        assert one.method == "optimism_bootstrap"


def test_a_model_that_learns_by_heart_is_seen_through_by_632_plus():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 5)), (rng.random(200) < 0.5).astype(float)
    found = bootstrap_optimism(KNeighborsClassifier(1), x, y, resamples=60)
    assert found.apparent["auc"].value == 1
    assert found.of_632_plus["auc"].value == pytest.approx(0.5, abs=0.06)
    assert found.of_632["auc"].value > 0.6


@given(st.floats(0.501, 1), st.floats(0, 1))
def test_632_plus_lies_between_632_and_what_is_outside(apparent, outside):
    found = weigh_632_plus(apparent, outside, 0.5)
    outside = max(outside, 0.5)
    plain = 0.368 * apparent + 0.632 * outside
    ends = sorted([plain, outside])
    assert ends[0] - 1e-9 <= found <= ends[1] + 1e-9


@given(st.floats(0, 1))
def test_what_shows_nothing_on_its_own_people_stays_at_nothing(outside):
    assert weigh_632_plus(0.5, outside, 0.5) == pytest.approx(0.5)


def test_632_plus_of_a_case_worked_out_by_hand():
    # overfitting (0.9 - 0.7) / (0.9 - 0.5) = 0.5, weight 0.632 / (1 - 0.184)
    weight = 0.632 / 0.816
    assert weigh_632_plus(0.9, 0.7, 0.5) == pytest.approx((1 - weight) * 0.9 + weight * 0.7)


@pytest.mark.parametrize("measure", [brier, scaled_brier, log_loss])
def test_without_information_a_figure_is_that_of_all_pairs(measure):
    rng = np.random.default_rng(1)
    p, y = rng.random(12), (rng.random(12) < 0.4).astype(float)
    pairs = Sample.of(np.repeat(p, 12), np.tile(y, 12))
    found = WITHOUT_INFORMATION[measure](Sample.of(p, y))
    assert found == pytest.approx(measure(pairs, pairs.weight))


def test_calibration_in_the_large_has_no_632_plus(of_many):
    assert of_many.of_632_plus["calibration_intercept"].problem == "not_defined"


def test_rows_of_one_person_are_drawn_together():
    x, y, _ = people(60)
    person = np.repeat(np.arange(30), 2)
    for places in People.of(x, y, groups=person).resamples(5, 0):
        times = np.bincount(places, minlength=60)
        assert (times[::2] == times[1::2]).all()
        assert times.sum() == 60


def test_own_measures_are_corrected_too_without_an_analytic_interval():
    x, y, _ = people(200)
    found = bootstrap_optimism(
        LogisticRegression(), x[:, 1:], y, measures={"log_loss": log_loss}, resamples=20
    )
    assert found.apparent["log_loss"].method == ""
    assert found.corrected["log_loss"].value > found.apparent["log_loss"].value
    assert found.corrected["log_loss"].has_interval


def test_the_number_of_jobs_changes_nothing():
    x, y, _ = people(150)
    with parallel_config(backend="threading"):
        one, two = (
            bootstrap_optimism(LogisticRegression(), x[:, 1:], y, resamples=8, jobs=jobs)
            for jobs in (1, 2)
        )
    assert one.to_dict() == two.to_dict()


def test_a_result_can_be_read_as_a_table(of_many):
    frame = of_many.to_frame()
    assert frame.loc["brier", "corrected"] == of_many.corrected["brier"].value
    assert "optimism" in of_many._repr_html_()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"resamples": 1}, "at least 2"),
        ({"y": np.zeros(250)}, "too few"),
    ],
)
def test_unusable_data_are_refused(change, message):
    given_ = {"y": Y, "resamples": 50} | change
    with pytest.raises(EvaluationError, match=message):
        bootstrap_optimism(LogisticRegression(), X, **given_)
