"""Features that tell a group, and the same people as of another group."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.groups import prediction_shift, proxies

LINE = LogisticRegression()


def told(n: int = 600, seed: int = 0, strength: float = 1.5):
    """Features of which the first goes with the group, and the group."""
    rng = np.random.default_rng(seed)
    group = np.where(rng.random(n) < 0.4, "abroad", "nl")
    x = rng.standard_normal((n, 3))
    x[:, 0] += strength * (group == "abroad")
    return pd.DataFrame(x, columns=["debts", "age", "work"]), group


def test_the_area_is_that_of_people_that_the_classifier_did_not_see():
    x, group = told()
    found = proxies(x, group, "abroad", classifier=LINE, seed=3)
    folds = StratifiedKFold(5, shuffle=True, random_state=3)
    member = group == "abroad"
    score = cross_val_predict(LINE, x.to_numpy(), member, cv=folds, method="predict_proba")[:, 1]
    assert found.told.value == pytest.approx(roc_auc_score(member, score), abs=1e-12)
    assert found.told.has_interval


def test_the_feature_that_tells_stands_first_and_is_missed_most():
    x, group = told()
    found = proxies(x, group, "abroad", classifier=LINE)
    first, *others = found.features
    assert first.name == "debts"
    assert first.alone.value == pytest.approx(roc_auc_score(group == "abroad", x["debts"]))
    assert first.lost > 0.2 > max(f.lost for f in others)


@pytest.mark.parametrize(
    ("strength", "words"), [(0.0, "(next to) nothing"), (0.9, "say something"), (2.0, "say much")]
)
def test_the_reading_follows_the_lower_limit(strength, words):
    x, group = told(strength=strength)
    assert words in proxies(x, group, "abroad", classifier=LINE).reading("en")


def test_boosted_trees_bear_missing_values_and_see_what_is_not_linear():
    x, _ = told(800)
    group = np.where(np.abs(x["age"]) > 1, "far", "near")
    x.loc[::7, "work"] = math.nan
    found = proxies(x, group, "far")
    assert found.told.value > 0.95
    assert found.features[0].name == "age"
    assert abs(found.features[0].alone.value - 0.5) < 0.1  # alone it does not rank the group


def test_rows_of_one_person_are_in_one_fold_and_the_interval_counts_persons():
    x, group = told(300)
    once = proxies(x, group, "abroad", classifier=LINE)
    twice = proxies(
        pd.concat([x, x]),
        np.r_[group, group],
        "abroad",
        classifier=LINE,
        cluster=np.r_[np.arange(300), np.arange(300)],
    )
    assert twice.told.method == "clustered"
    width = once.told.high - once.told.low
    assert twice.told.high - twice.told.low == pytest.approx(width, rel=0.25)


def test_proxies_are_a_table_and_plain_values():
    x, group = told(200)
    found = proxies(x.to_numpy(), group, "abroad", classifier=LINE)
    assert set(found.to_frame()["feature"]) == {"x0", "x1", "x2"}
    assert found.to_dict()["told"]["name"] == "group_told"
    assert "lost" in found._repr_html_()
    named = proxies(x.to_numpy(), group, "abroad", names=["a", "b", "c"], classifier=LINE)
    assert {f.name for f in named.features} == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"group": "elsewhere"}, "0 of 200 people are 'elsewhere'"),
        ({"labels": ["a"]}, "labels has shape"),
        ({"names": ["a"]}, "features have shape"),
    ],
)
def test_what_cannot_be_told_is_refused(changes, message):
    x, group = told(200)
    given = {"labels": group, "group": "abroad"} | changes
    with pytest.raises(EvaluationError, match=message):
        proxies(x, **given)


def test_a_shift_is_the_mean_of_the_pairs_whatever_their_order():
    before = np.array([0.5, 0.1, 0.3, 0.7])
    after = np.array([0.6, 0.1, 0.1, 0.8])
    found = prediction_shift(before, after)
    assert found["prediction_shift"].value == pytest.approx(0.0)
    assert found["prediction_shift_size"].value == pytest.approx(0.1)
    np.testing.assert_allclose(found.shift, after - before)
    error = np.std(after - before, ddof=1) / 2
    assert found["prediction_shift"].high == pytest.approx(1.959963984540054 * error)


def test_people_who_cross_the_cut_off_are_counted_each_way():
    found = prediction_shift([0.2, 0.2, 0.4, 0.6], [0.5, 0.2, 0.3, 0.6], cut_off=0.4)
    assert found["moved_above"].value == 0.25
    assert found["moved_below"].value == 0.25
    assert found.to_dict()["quantiles"]["0.5"] == pytest.approx(0.0)


def test_no_change_is_a_shift_of_nothing_without_an_interval():
    found = prediction_shift([0.2, 0.4], [0.2, 0.4])
    assert found["prediction_shift"].value == 0.0
    assert found["prediction_shift"].problem == "no_spread"
    assert "prediction_shift" in found.to_frame().index
    assert "measure" in found._repr_html_()


@pytest.mark.parametrize("after", [[0.2], [0.2, 1.2], [0.2, math.nan]])
def test_predictions_that_are_no_pairs_are_refused(after):
    with pytest.raises(EvaluationError):
        prediction_shift([0.2, 0.4], after)


def test_quantiles_of_a_shift_with_weights_are_those_of_repeated_people():
    rng = np.random.default_rng(0)
    before, after = rng.random((2, 50))
    weight = rng.integers(0, 4, 50)
    once = prediction_shift(before, after, weight=weight.astype(float))
    often = prediction_shift(np.repeat(before, weight), np.repeat(after, weight))
    np.testing.assert_allclose(once.quantiles, often.quantiles, atol=1e-12)


def test_a_cut_off_that_is_no_probability_is_refused():
    with pytest.raises(EvaluationError, match="cut_off is nan"):
        prediction_shift([0.1], [0.2], cut_off=float("nan"))


def test_labels_features_and_clusters_that_cannot_be_used_are_refused_in_words():
    x, group = told(40)
    with pytest.raises(EvaluationError, match=r"labels\[39\] is missing"):
        proxies(x, [*group[:39], None], "abroad")
    with pytest.raises(EvaluationError, match="cannot be predicted"):
        proxies(np.full((40, 1), math.nan), group, "abroad")
    with pytest.raises(EvaluationError, match="cannot be predicted"):
        proxies(x, group, "abroad", folds=1)
    with pytest.raises(EvaluationError, match="cluster has shape"):
        proxies(x, group, "abroad", cluster=[1, 2])
    apart = np.where(group == "abroad", 0, np.arange(40) + 1)
    with pytest.raises(EvaluationError, match="came into one fold"):
        proxies(x, group, "abroad", cluster=apart)
