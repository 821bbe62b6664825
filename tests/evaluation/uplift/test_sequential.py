"""The test ahead keeps its level where a test by cross-fitting does not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from evaluation.uplift.people import trial
from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.uplift import Compared, sequential_test, within_folds
from risicoscreener.evaluation.uplift.sequential import WEIGHTS, area_weights, rank_weights

FOLDS = np.arange(600) % 5


def ahead_of(x, fold):
    return np.where(fold > 0, x, np.nan)


def learnt(features, score, before, now):
    slopes = np.linalg.lstsq(features[before], score[before] - score[before].mean(), rcond=None)[0]
    return features[now] @ slopes


def no_difference(seed):
    """People whose effect is the same, with features to learn a difference from."""
    rng = np.random.default_rng(seed)
    treated = rng.random(600) < 0.5
    compared = Compared.of((rng.random(600) < 0.5).astype(float), treated, 0.5)
    return compared, rng.standard_normal((600, 8))


def by_cross_fitting(seed):
    """Each half is judged by what the other taught: twice the same evidence."""
    compared, features = no_difference(seed)
    half = FOLDS % 2
    found = np.empty(600)
    for number in range(2):
        found[half == number] = learnt(features, compared.scores, half != number, half == number)
    away = compared.scores - compared.scores.mean()
    t = found @ away / np.sqrt((found**2) @ (away**2))
    return t > norm.ppf(0.95)


def by_going_ahead(seed):
    compared, features = no_difference(seed)
    ahead = np.full(600, np.nan)
    for number in range(1, 5):
        ahead[FOLDS == number] = learnt(features, compared.scores, FOLDS < number, FOLDS == number)
    return sequential_test(compared, ahead, FOLDS).p_value < 0.05


def test_the_level_holds_and_that_of_cross_fitting_does_not():
    claims = np.mean([by_going_ahead(seed) for seed in range(400)])
    naive = np.mean([by_cross_fitting(seed) for seed in range(400)])
    assert claims < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)
    assert naive > 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


@pytest.mark.parametrize("by", list(WEIGHTS))
def test_a_difference_is_found(by):
    compared, x = trial(slope=0.6)
    assert sequential_test(compared, ahead_of(x, FOLDS), FOLDS, by=by).differs
    assert not sequential_test(compared, ahead_of(-x, FOLDS), FOLDS, by=by).differs


def test_the_statistic_is_the_sum_of_those_of_folds():
    compared, x = trial()
    found = sequential_test(compared, ahead_of(x, FOLDS), FOLDS)
    by_hand = []
    for number in range(1, 5):
        rows = FOLDS == number
        away = x[rows] - x[rows].mean()
        parts = away * (compared.scores[rows] - compared.scores[rows].mean())
        by_hand.append(parts.mean() / (parts.std(ddof=1) / math.sqrt(rows.sum())))
    assert found.by_fold == pytest.approx(by_hand)
    assert found.statistic == pytest.approx(sum(by_hand) / 2)
    assert found.p_value == pytest.approx(norm.sf(found.statistic))


def test_predictions_that_do_not_differ_claim_nothing():
    compared, _ = trial()
    found = sequential_test(compared, ahead_of(np.full(600, 0.1), FOLDS), FOLDS)
    assert (found.p_value, found.by_fold) == (1.0, (0.0, 0.0, 0.0, 0.0))


@pytest.mark.parametrize("weigh", [area_weights, rank_weights])
def test_weights_of_scores_have_mean_zero_and_are_shared_by_ties(weigh):
    rng = np.random.default_rng(4)
    predicted, weight = rng.integers(0, 6, 40).astype(float), rng.random(40)
    found = weigh(predicted, weight)
    assert np.average(found, weights=weight) == pytest.approx(0.0, abs=1e-12)
    assert len(set(found.round(12))) == len(set(predicted))


def test_the_weighted_scores_give_the_area():
    compared, x = trial()
    from risicoscreener.evaluation.uplift.curves import Ranked
    from risicoscreener.evaluation.uplift.targeting import _Areas

    areas = _Areas(compared.scores, Ranked.of(x))(None, compared.weight)
    for weigh, area in zip((area_weights, rank_weights), areas, strict=True):
        assert np.mean(weigh(x, compared.weight) * compared.scores) == pytest.approx(area)


def test_places_within_folds_do_not_depend_on_the_size_of_predictions():
    ahead = np.array([np.nan, 1.0, 5.0, 100.0, 300.0, 200.0])
    fold = np.array([0, 1, 1, 2, 2, 2])
    assert within_folds(ahead, fold)[1:] == pytest.approx([0.25, 0.75, 1 / 6, 5 / 6, 0.5])
    assert math.isnan(within_folds(ahead, fold)[0])


def test_what_spoils_the_test_is_refused():
    compared, x = trial(cluster=True)
    with pytest.raises(EvaluationError, match="lies in two folds"):
        sequential_test(compared, ahead_of(x, FOLDS), FOLDS)
    compared, x = trial()
    part = np.where(np.arange(600) == 1, np.nan, ahead_of(x, FOLDS))
    with pytest.raises(EvaluationError, match="part of fold 1"):
        sequential_test(compared, part, FOLDS)
    with pytest.raises(EvaluationError, match="no prediction"):
        sequential_test(compared, np.full(600, np.nan), FOLDS)
    with pytest.raises(EvaluationError, match="by is 'size'"):
        sequential_test(compared, ahead_of(x, FOLDS), FOLDS, by="size")
