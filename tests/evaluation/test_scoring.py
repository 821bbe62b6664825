"""Scores are those of scikit-learn and R, with the errors of means."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.resampling import bootstrap
from risicoscreener.evaluation.scoring import (
    brier,
    brier_reference,
    log_loss,
    log_loss_reference,
    scaled_brier,
    scaled_brier_estimate,
    scores,
)

from .people import expected, people, sample_of, samples

MODELS = ("first", "second")


@given(samples())
def test_the_brier_score_is_that_of_scikit_learn(sample):
    found = brier(sample, sample.weight)
    y, p, w = sample.outcome, sample.probability, sample.weight
    assert found == pytest.approx(brier_score_loss(y, p, sample_weight=w), abs=1e-12)


@given(samples())
def test_the_log_loss_is_that_of_scikit_learn(sample):
    inner = Sample.of(0.1 + 0.8 * sample.probability, sample.outcome, weight=sample.weight)
    y, p, w = inner.outcome, inner.probability, inner.weight
    assert log_loss(inner, w) == pytest.approx(sklearn_log_loss(y, p, sample_weight=w), abs=1e-12)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("score", ["brier", "log_loss"])
def test_scores_and_their_errors_are_those_of_r(model, score):
    oracle = expected()[model][score]
    plain = scores(sample_of(model))[score]
    clustered = scores(sample_of(model, clustered=True))[score]
    both = scores(sample_of(model, weighted=True, clustered=True))[score]
    t = quantile(0.95, people().person.nunique())
    for found, mean, half in (
        (plain, oracle["mean"], quantile(0.95) * oracle["error"]),
        (clustered, oracle["mean"], t * oracle["clustered_error"]),
        (both, oracle["weighted_mean"], t * oracle["weighted_clustered_error"]),
    ):
        assert found.value == pytest.approx(mean, abs=1e-12)
        assert (found.high - found.low) / 2 == pytest.approx(half, rel=1e-10)
    assert (plain.method, clustered.method) == ("normal", "clustered")


@given(samples())
def test_the_reference_gives_everybody_the_share_with_the_outcome(sample):
    share = np.average(sample.outcome, weights=sample.weight)
    same = Sample.of(np.full(len(sample), share), sample.outcome, weight=sample.weight)
    assert brier_reference(sample, sample.weight) == pytest.approx(brier(same, same.weight))
    assert log_loss_reference(sample, sample.weight) == pytest.approx(log_loss(same, same.weight))
    assert scaled_brier(same, same.weight) == pytest.approx(0.0, abs=1e-12)


def test_the_interval_of_the_scaled_brier_score_is_what_the_bootstrap_finds():
    for clustered in (False, True):
        sample = sample_of("second", clustered=clustered)
        estimate = scaled_brier_estimate(sample)
        t = quantile(0.95, sample.n_clusters if clustered else None)
        found = bootstrap(sample, {"scaled_brier": scaled_brier}, replicates=2000)
        error = (estimate.high - estimate.low) / (2 * t)
        assert error == pytest.approx(found.error("scaled_brier"), rel=0.06)


def test_the_scaled_score_is_the_part_of_the_reference_that_is_taken_away():
    found = scores(sample_of("first"))
    share = 1 - found["brier"].value / found["brier_reference"].value
    assert found["scaled_brier"].value == pytest.approx(share)
    assert found["brier_reference"].value == pytest.approx(0.35 * 0.65)
    assert not found["brier_reference"].has_interval


def test_a_certain_probability_that_was_wrong_is_an_infinite_loss():
    sample = Sample.of([0.0, 0.4, 1.0], [1, 0, 1])
    assert log_loss(sample, sample.weight) == math.inf
    found = scores(sample)["log_loss"]
    assert (found.problem, found.ok) == ("infinite_loss", False)
    right = Sample.of([0.0, 0.4, 1.0], [0, 0, 1])
    assert scores(right)["log_loss"].value == pytest.approx(-math.log(0.6) / 3)


def test_a_certain_probability_that_was_wrong_does_not_count_without_weight():
    sample = Sample.of([0.0, 0.4, 0.7], [1, 0, 1], weight=[0, 1, 1])
    found = scores(sample)["log_loss"]
    assert found.value == pytest.approx((-math.log(0.6) - math.log(0.7)) / 2)
    assert found.has_interval


def test_one_outcome_has_scores_but_no_scaled_one():
    found = scores(Sample.of([0.1, 0.2, 0.4], [0, 0, 0]))
    assert found["scaled_brier"].problem == "one_class"
    assert found["brier"].value == pytest.approx((0.01 + 0.04 + 0.16) / 3)
    assert found["log_loss_reference"].value == 0.0


def test_one_person_has_scores_without_interval():
    found = scores(Sample.of([0.3], [1]))
    assert found["brier"].value == pytest.approx(0.49)
    assert (found["brier"].problem, found["log_loss"].problem) == ("no_spread", "no_spread")
