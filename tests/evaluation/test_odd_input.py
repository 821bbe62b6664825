"""What people hand over first: lists with holes, text, tables of two columns, places of parts."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Estimate, Estimates
from risicoscreener.evaluation.calibration import (
    calibration_by,
    calibration_curve,
    calibration_hierarchy,
    grouped_calibration,
    ici_by_chance,
    moderate_calibration,
    reliability_diagram,
    unreliability_test,
)
from risicoscreener.evaluation.comparing import compare
from risicoscreener.evaluation.designs import (
    bootstrap_optimism,
    cross_validate,
    external,
    forward_in_time,
    instability,
)
from risicoscreener.evaluation.designs.validation import _averaged
from risicoscreener.evaluation.discrimination import (
    auc_estimate,
    delong_error,
    distribution,
    error_rates,
)
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.scoring import scores
from risicoscreener.evaluation.utility import (
    at_cut_offs,
    cost_curve,
    decision_curve,
    expected_cost,
    net_benefit,
    reclassification,
)

RNG = np.random.default_rng(5)
N = 60
X = RNG.normal(size=(N, 2))
Y = (X[:, 0] + 0.3 * RNG.normal(size=N) > 0).astype(int)
P = 1 / (1 + np.exp(-X[:, 0]))
HOLES = {
    "a list of text": ["a"] * (N - 1) + [math.nan],
    "None": ["a"] * (N - 1) + [None],
    "whole numbers of pandas": pd.Series([1] * (N - 1) + [pd.NA], dtype="Int64"),
    "text of pandas": pd.Series(["a"] * (N - 1) + [pd.NA], dtype="string"),
    "days": pd.Series([pd.Timestamp("2020-01-01")] * (N - 1) + [pd.NaT]),
}


@pytest.mark.parametrize("labels", HOLES.values(), ids=HOLES)
def test_a_missing_label_is_never_a_group_of_its_own(labels):
    with pytest.raises(EvaluationError, match=rf"cluster\[{N - 1}\] is missing"):
        Sample.of(P, Y, cluster=labels)
    with pytest.raises(EvaluationError, match=rf"labels\[{N - 1}\] is missing"):
        calibration_by(Sample.of(P, Y), labels, replicates=0)
    with pytest.raises(EvaluationError, match=rf"groups\[{N - 1}\] is missing"):
        cross_validate(LogisticRegression(), X, Y, groups=labels)


@pytest.mark.parametrize("cluster", [3, np.zeros((N, 2)), [(1, 2)] * N, [1, 2]])
def test_clusters_of_another_shape_are_refused(cluster):
    with pytest.raises(EvaluationError, match="cluster has shape"):
        Sample.of(P, Y, cluster=cluster)


def test_two_columns_of_probabilities_are_told_which_to_give():
    with pytest.raises(EvaluationError, match=r"expected \(n,\).*\[:, 1\]"):
        Sample.of(np.c_[1 - P, P], Y)


@pytest.mark.parametrize("values", [[1, 2], np.arange(N + 1), 3])
def test_values_of_other_rows_are_not_sorted(values):
    with pytest.raises(EvaluationError, match="expected one for each row"):
        Sample.of(P, Y).sorted(values)


def test_what_a_design_cannot_use_is_named():
    model, text = LogisticRegression(), ["no", "yes"] * (N // 2)
    with pytest.raises(EvaluationError, match="y holds something that is no number"):
        cross_validate(model, X, text)
    with pytest.raises(EvaluationError, match="sample_weight holds something"):
        cross_validate(model, X, Y, sample_weight=text)
    with pytest.raises(EvaluationError, match="probability holds something"):
        external(text, X, Y)
    with pytest.raises(EvaluationError, match="LinearSVC gives no probabilities"):
        cross_validate(LinearSVC(), X, Y, folds=3)
    with pytest.raises(EvaluationError, match="grid is empty"):
        cross_validate(model, X, Y, grid=[])
    with pytest.raises(EvaluationError, match="index_date holds something that is no day"):
        forward_in_time(model, X, Y, text, horizon_days=30)
    with pytest.raises(EvaluationError, match="seed is None"):
        bootstrap_optimism(model, X, Y, resamples=3, seed=None)
    with pytest.raises(EvaluationError, match="level is"):
        instability(model, X, Y, resamples=2).interval(1.5)


def test_parameters_that_were_chosen_can_be_written_as_json():
    grid = {"C": np.array([1, 2]), "class_weight": [None, {0: 1, 1: 2}]}
    found = cross_validate(LogisticRegression(), X, Y, grid=grid, folds=3)
    chosen = json.loads(json.dumps(found.to_dict(), allow_nan=False))["parts"][0]["chosen"]
    assert chosen["C"] in (1, 2)


def test_limits_of_areas_stay_at_or_below_1():
    model = LogisticRegression(C=100)
    corrected = bootstrap_optimism(model, 8 * X, Y, resamples=40).corrected["auc"]
    assert corrected.low <= corrected.value <= corrected.high <= 1
    near = Estimates((Estimate("auc", 0.98, 0.9, 0.995, method="logit_delong"),))
    higher = Estimates((Estimate("auc", 1.0, problem="separated"),))
    assert _averaged([near, higher])["auc"].high == 1


def test_a_mean_of_repeats_with_one_that_has_no_value_says_why():
    known = Estimates((Estimate("auc", 0.8, 0.7, 0.9, method="logit_delong"),))
    without = Estimates((Estimate("auc", math.nan, problem="one_class"),))
    mean = _averaged([known, without])["auc"]
    assert (mean.ok, mean.method, mean.problem) == (False, "", "one_class")


S = Sample.of(P, Y)


def test_one_cut_off_is_as_good_as_a_list_of_one():
    assert at_cut_offs(S, 0.3).to_dict() == at_cut_offs(S, [0.3]).to_dict()
    assert reclassification(S, S, 0.3).cut_offs == (0.3,)
    assert len(cost_curve(S, 0.3).at_cut_offs) == 1
    assert compare(S, S, cut_offs=0.3)["net_benefit", 0.3].cut_off == 0.3


WRONG = {
    "cut_off is None": lambda: error_rates(S, None),
    "cut_off is '0.3'": lambda: net_benefit(S, "0.3"),
    "cut_off is array": lambda: error_rates(S, np.array([0.2, 0.3])),
    "cut_offs holds something that is no number": lambda: at_cut_offs(S, ["low"]),
    r"cut_offs have shape \(0,\)": lambda: decision_curve(S, []),
    "cut_off is 1.2": lambda: cost_curve(S, 1.2),
    "cost_missed is None": lambda: expected_cost(S, 0.3, cost_missed=None, cost_alarm=1),
    "points is 1": lambda: cost_curve(S, points=1),
    "scale is 'log'": lambda: auc_estimate(S, scale="log"),
    "groups is 2.5": lambda: grouped_calibration(S, groups=2.5),
    "bins is None": lambda: distribution(S, bins=None),
    "smoother is 'loess'": lambda: calibration_curve(S, smoother="loess"),
    "seed is -1": lambda: reliability_diagram(S, seed=-1),
    "seed is None": lambda: ici_by_chance(S, seed=None),
    "10.5 replicates": lambda: moderate_calibration(S, replicates=10.5),
    "'20' replicates": lambda: reliability_diagram(S, replicates="20"),
}


@pytest.mark.parametrize(("said", "call"), WRONG.items(), ids=WRONG)
def test_an_option_that_cannot_be_is_named_with_its_value(said, call):
    with pytest.raises(EvaluationError, match=said):
        call()


RESULTS = {
    "estimate": lambda: auc_estimate(S),
    "estimates": lambda: scores(S),
    "curve": lambda: calibration_curve(S),
    "distribution": lambda: distribution(S),
    "rates": lambda: error_rates(S, 0.3),
    "hierarchy": lambda: calibration_hierarchy(S, replicates=0),
    "groups": lambda: calibration_by(S, np.arange(N) % 2, replicates=0),
    "grouped": lambda: grouped_calibration(S),
    "reliability": lambda: reliability_diagram(S, replicates=20),
    "test": lambda: unreliability_test(S),
    "comparison": lambda: compare(S, S, cut_offs=[0.2]),
    "decision curve": lambda: decision_curve(S, [0.0, 0.2]),
    "cost curve": lambda: cost_curve(S, [0.2]),
    "consequences": lambda: at_cut_offs(S, [0.2, 0.5]),
    "reclassification": lambda: reclassification(S, S, [0.2, 0.5]),
    "validation": lambda: external(P, X, Y, prison=np.arange(N) % 3),
}


@pytest.mark.parametrize("make", RESULTS.values(), ids=RESULTS)
def test_each_result_is_a_table_a_page_and_json_and_can_be_compared_and_kept(make):
    result = make()
    json.dumps(result.to_dict(), allow_nan=False)
    assert len(result.to_frame()) > 0
    assert result._repr_html_().startswith("<")
    assert result in {result}


def test_the_error_of_an_area_of_one_class_is_not_a_number():
    assert math.isnan(delong_error(np.ones(5), np.arange(5.0)))
