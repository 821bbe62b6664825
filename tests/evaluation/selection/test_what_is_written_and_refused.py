"""Results can be written as JSON and shown; input that cannot be used is refused in words."""

from __future__ import annotations

import json

import numpy as np
import pytest

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.scoring import brier
from risicoscreener.evaluation.selection import (
    PartlySeen,
    contraction,
    corrected_for_registration,
    inverse_weighting,
    label_bias,
    lag_from_sample,
    share_registered,
    verified_rates,
)

N = 60
P = np.linspace(0.1, 0.9, N)
Y = (np.arange(N) % 2).astype(float)
LATE = np.arange(N) >= N // 2


def test_weights_of_people_who_could_not_have_been_granted_can_be_written():
    partly = PartlySeen.of(P, Y, ~LATE)
    found = inverse_weighting(partly, {"brier": brier}, features=P, replicates=10)
    assert found.overlap.problem == "separated"
    json.dumps(found.to_dict(), allow_nan=False)
    assert "before" in found._repr_html_()


@pytest.mark.parametrize("truncate", [-0.1, 1.5, float("nan")])
def test_a_lowest_chance_that_is_no_chance_is_refused(truncate):
    partly = PartlySeen.of(P, Y, Y == 1)
    with pytest.raises(EvaluationError, match="truncate is"):
        inverse_weighting(partly, {"brier": brier}, features=P, truncate=truncate, replicates=10)


def test_a_decision_maker_whose_cases_have_weights_is_the_one_with_these_cases_repeated():
    rng = np.random.default_rng(0)
    weight, maker = rng.integers(0, 4, N), rng.choice(["<b>", "x", "y"], N)
    seen = rng.random(N) < 0.7
    once = PartlySeen.of(P, Y, seen, weight=weight.astype(float))
    row = np.repeat(np.arange(N), weight)
    often = PartlySeen.of(P[row], Y[row], seen[row])
    one = contraction(once, maker, fewest=5, replicates=10)
    other = contraction(often, maker[row], fewest=5, replicates=10)
    assert one.difference.value == pytest.approx(other.difference.value, abs=1e-12)
    for name in ("probability", "granted", "failed"):
        np.testing.assert_allclose(one.makers[name], other.makers[name], atol=1e-12)
    json.dumps(one.to_dict(), allow_nan=False)
    assert "<b>" not in one._repr_html_()


def test_a_maker_or_stratum_that_is_missing_in_a_list_is_no_label():
    partly = PartlySeen.of(P, Y, Y == 1)
    with pytest.raises(EvaluationError, match=r"maker\[59\] is missing"):
        contraction(partly, ["a"] * 59 + [float("nan")], fewest=5, replicates=10)
    with pytest.raises(EvaluationError, match=r"strata\[1\] is missing"):
        verified_rates([1, 0], [1, 0], strata=["a", float("nan")])


def test_one_cluster_gives_values_without_intervals():
    sample = Sample.of(P, Y, cluster=np.zeros(N))
    found = label_bias(sample, np.arange(N) % 3 == 0, detected=0.5)
    assert found.on_registered.problem == found.tipping_point.problem == "few_clusters"
    assert found.on_registered.ok
    assert found.tipping_point.ok
    assert found.on_committed.problem == "few_clusters"
    rates = corrected_for_registration(sample, np.full(N, 0.5))
    assert rates.estimates["expected_observed"].problem == "few_clusters"
    assert rates.estimates["expected_observed"].method == ""
    assert "expected" in rates._repr_html_()


def test_lags_and_follow_up_that_cannot_be_used_are_refused():
    for lags, weight in (([1.0], [0.0]), ([1.0], [1.0, 2.0]), ([1.0], [-1.0]), (["a"], None)):
        with pytest.raises(EvaluationError):
            lag_from_sample(lags, weight)
    with pytest.raises(EvaluationError, match="follow_up_days"):
        share_registered(["a"], 365, np.ones_like)
    with pytest.raises(EvaluationError, match="horizon_days is inf"):
        share_registered([5.0], float("inf"), np.ones_like)
    with pytest.raises(EvaluationError, match="reference"):
        verified_rates([1, 0], ["a", "b"])
