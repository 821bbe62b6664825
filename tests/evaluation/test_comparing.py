"""Two models of the same people are compared in pairs, as R does."""

from __future__ import annotations

import math

import numpy as np
import pytest

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.comparing import compare, paired_replicates
from risicoscreener.evaluation.discrimination import auc
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.scoring import brier

from .people import expected, people, sample_of


def both(**options):
    return sample_of("first", **options), sample_of("second", **options)


def half(difference):
    return (difference.estimate.high - difference.estimate.low) / 2


def test_the_paired_difference_in_area_is_that_of_r():
    oracle = expected()["auc_difference"]
    found = compare(*both())["auc"]
    assert found.estimate.value == pytest.approx(oracle["estimate"], abs=1e-12)
    assert (found.estimate.low, found.estimate.high) == pytest.approx(
        (oracle["low"], oracle["high"]), abs=1e-10
    )
    assert found.p_value == pytest.approx(oracle["p_value"], abs=1e-10)
    assert (found.estimate.method, found.favours) == ("delong", "second")


def test_the_clustered_paired_difference_in_area_is_obuchowskis():
    t = quantile(0.95, people().person.nunique())
    oracle = expected()["auc_difference"]["clustered_error"]
    assert half(compare(*both(clustered=True))["auc"]) == pytest.approx(t * oracle, rel=1e-10)


@pytest.mark.parametrize("name", ["brier", "net_benefit"])
def test_paired_differences_of_means_are_those_of_r(name):
    oracle = expected()[f"{name}_difference"]
    key = name if name == "brier" else (name, 0.3)
    plain, clustered, weighted = (
        compare(*both(**options), cut_offs=[0.3])[key]
        for options in ({}, {"clustered": True}, {"clustered": True, "weighted": True})
    )
    t = quantile(0.95, people().person.nunique())
    assert plain.estimate.value == pytest.approx(oracle["mean"], abs=1e-12)
    assert half(plain) == pytest.approx(quantile(0.95) * oracle["error"], rel=1e-10)
    assert half(clustered) == pytest.approx(t * oracle["clustered_error"], rel=1e-10)
    assert weighted.estimate.value == pytest.approx(oracle["weighted_mean"], abs=1e-12)
    assert half(weighted) == pytest.approx(t * oracle["weighted_clustered_error"], rel=1e-10)


def test_the_bootstrap_of_pairs_finds_the_same_intervals():
    analytic = compare(*both(clustered=True), cut_offs=[0.3])
    drawn = compare(*both(clustered=True), cut_offs=[0.3], method="bootstrap")
    assert len(drawn) == len(analytic) == 4
    for one, other in zip(analytic, drawn, strict=True):
        assert other.measure == one.measure
        assert other.estimate.value == pytest.approx(one.estimate.value, abs=1e-12)
        assert half(other) == pytest.approx(half(one), rel=0.1)
        assert other.estimate.method == "clustered_bootstrap"


def test_a_bootstrap_p_value_is_the_share_on_the_other_side_of_zero():
    found = compare(*both(), cut_offs=[0.3], method="bootstrap", replicates=400)["net_benefit", 0.3]
    analytic = compare(*both(), cut_offs=[0.3])["net_benefit", 0.3]
    assert found.p_value == pytest.approx(analytic.p_value, abs=0.1)
    assert 0 < found.p_value <= 1


def test_values_and_signs_are_those_of_the_second_less_the_first():
    first, second = both()
    found, turned = compare(first, second), compare(second, first)
    assert found["brier"].first == pytest.approx(brier(first, first.weight))
    assert found["brier"].favours == "second"
    assert turned["brier"].favours == "first"
    assert turned["brier"].estimate.value == pytest.approx(-found["brier"].estimate.value)


def test_a_model_does_not_differ_from_itself():
    for method in ("analytic", "bootstrap"):
        found = compare(sample_of("first"), sample_of("first"), method=method, replicates=20)
        for one in found:
            assert (one.estimate.value, one.estimate.problem, one.favours) == (0.0, "no_spread", "")
            assert math.isnan(one.p_value)


def test_a_shift_of_all_log_odds_changes_the_score_and_not_the_area():
    first = sample_of("first")
    given = people()
    moved = Sample.of(given["first"] * 0.9, given.outcome)
    found = compare(first, moved)
    assert found["auc"].estimate.problem == "no_spread"
    assert found["brier"].estimate.has_interval


@pytest.mark.parametrize("method", ["analytic", "bootstrap"])
def test_one_outcome_is_said(method):
    first = Sample.of([0.1, 0.2, 0.3], [0, 0, 0])
    second = Sample.of([0.3, 0.25, 0.1], [0, 0, 0])
    found = compare(first, second, method=method, replicates=50)
    assert found["auc"].estimate.problem == "one_class"
    assert found["brier"].estimate.value == pytest.approx((0.1625 - 0.14) / 3)


@pytest.mark.parametrize("method", ["analytic", "bootstrap"])
def test_an_infinite_loss_is_said(method):
    first = Sample.of([0.0, 0.2, 0.3], [1, 0, 0])
    second = Sample.of([0.3, 0.25, 0.1], [1, 0, 0])
    found = compare(first, second, method=method, replicates=50)["log_loss"]
    assert (found.first, found.estimate.problem) == (math.inf, "infinite_loss")
    assert found.to_dict()["first"] is None


def test_other_people_are_not_compared():
    with pytest.raises(EvaluationError, match="same people"):
        compare(Sample.of([0.1, 0.2], [0, 1]), Sample.of([0.1, 0.2], [1, 0]))
    with pytest.raises(EvaluationError, match="method is 'exact'"):
        compare(*both(), method="exact")
    with pytest.raises(EvaluationError, match="cut_off"):
        compare(*both(), cut_offs=[1.0])


def test_a_measure_of_ones_own_is_compared_on_the_same_draws():
    first, second = both()
    found = paired_replicates(first, second, {"auc": auc}, replicates=1000)
    oracle = expected()["auc_difference"]
    assert found.point["auc"] == pytest.approx(oracle["estimate"], abs=1e-12)
    error = (oracle["high"] - oracle["low"]) / (2 * quantile(0.95))
    assert found.error("auc") == pytest.approx(error, rel=0.08)
    apart = np.hypot(*(math.sqrt(expected()[m]["variance"]) for m in ("first", "second")))
    assert found.error("auc") < 0.7 * apart


def test_a_comparison_carries_its_caveats_and_can_be_written():
    found = compare(*both(), cut_offs=[0.2, 0.3])
    assert any("Demler" in text for text in found.caveats("en"))
    assert len(found.caveats("nl")) == 5
    assert found.to_frame().shape[0] == 5
    assert found["net_benefit", 0.2].cut_off == 0.2
    with pytest.raises(KeyError):
        found["net_benefit", 0.9]
    assert [d["measure"] for d in found.to_dict()["differences"]][:2] == ["auc", "brier"]
    assert "net benefit" in found._repr_html_()
