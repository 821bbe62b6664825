"""Correction for partial verification, against published figures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.selection import verified_rates


def table(tp, fp, fn, tn, unverified_positive, unverified_negative):
    """Rows of a screening with a reference for part of the people."""
    test = [1] * (tp + fp) + [0] * (fn + tn) + [1] * unverified_positive
    test += [0] * unverified_negative
    truth = [1] * tp + [0] * fp + [1] * fn + [0] * tn
    truth += [math.nan] * (unverified_positive + unverified_negative)
    return np.array(test), np.array(truth)


HEPATIC = table(231, 32, 27, 54, 166, 140)
"""650 people, 344 verified (Drum and Christacopoulos 1972), as in Begg and Greenes (1983)."""
DIAPHANOGRAPHY = table(26, 11, 7, 44, 30, 782)
"""900 people, 88 verified (Marshall et al. 1981), as in Greenes and Begg (1985)."""


def test_the_worked_example_of_the_liver_scan_comes_out():
    found = verified_rates(*HEPATIC)
    assert round(found["sensitivity_verified"].value, 2) == 0.84
    assert round(found["specificity_verified"].value, 2) == 0.74


def test_the_worked_example_of_diaphanography_comes_out():
    found = verified_rates(*DIAPHANOGRAPHY)
    assert round(found["sensitivity_verified"].value, 3) == 0.292
    assert round(found["specificity_verified"].value, 3) == 0.973


@pytest.mark.parametrize("rows", [HEPATIC, DIAPHANOGRAPHY])
def test_intervals_are_those_of_the_formula_of_zhou(rows):
    test, truth = rows
    n, phi = len(test), test.mean()
    seen = ~np.isnan(truth)
    p = [truth[seen & (test == t)].mean() for t in (0, 1)]
    v = [(seen & (test == t)).sum() for t in (0, 1)]
    spread = 1 / (n * phi * (1 - phi)) + sum((1 - p[t]) / (v[t] * p[t]) for t in (0, 1))
    found = verified_rates(test, truth)["sensitivity_verified"]
    logit = math.log(found.value / (1 - found.value))
    for limit, side in ((found.low, -1), (found.high, 1)):
        expected = 1 / (1 + math.exp(-(logit + side * 1.959963984540054 * math.sqrt(spread))))
        assert limit == pytest.approx(expected, abs=1e-12)


def within(found, logit_error: float) -> None:
    """The interval is normal on the logit scale with this standard error."""
    logit = math.log(found.value / (1 - found.value))
    for limit, side in ((found.low, -1), (found.high, 1)):
        expected = 1 / (1 + math.exp(-(logit + side * 1.959963984540054 * logit_error)))
        assert limit == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("rows", [HEPATIC, DIAPHANOGRAPHY])
def test_intervals_of_the_other_rates_follow_from_the_same_counts(rows):
    test, truth = rows
    n, phi, seen = len(test), test.mean(), ~np.isnan(truth)
    p = [truth[seen & (test == t)].mean() for t in (0, 1)]
    v = [(seen & (test == t)).sum() for t in (0, 1)]
    found = verified_rates(test, truth)
    spread = 1 / (n * phi * (1 - phi)) + sum(p[t] / (v[t] * (1 - p[t])) for t in (0, 1))
    within(found["specificity_verified"], math.sqrt(spread))
    within(found["ppv_verified"], 1 / math.sqrt(v[1] * p[1] * (1 - p[1])))
    within(found["npv_verified"], 1 / math.sqrt(v[0] * p[0] * (1 - p[0])))


def test_predictive_values_are_those_of_the_verified():
    found = verified_rates(*HEPATIC)
    assert found["ppv_verified"].value == pytest.approx(231 / 263)
    assert found["npv_verified"].value == pytest.approx(54 / 81)


def test_with_everybody_verified_nothing_is_corrected():
    test, truth = table(40, 10, 5, 45, 0, 0)
    found = verified_rates(test, truth)
    assert found["sensitivity_verified"].value == pytest.approx(40 / 45)
    assert found["specificity_verified"].value == pytest.approx(45 / 55)


def test_strata_correct_for_what_else_decided_on_verification():
    rng = np.random.default_rng(2)
    n = 40_000
    band = rng.integers(0, 3, n)
    truth = rng.random(n) < np.array([0.1, 0.3, 0.6])[band]
    test = rng.random(n) < np.where(truth, 0.8, 0.2)
    assessed = rng.random(n) < np.where(test, 0.6, 0.05) * np.array([0.3, 0.6, 1.0])[band]
    shown = np.where(assessed, truth, np.nan)
    crude = verified_rates(test, shown)["sensitivity_verified"]
    fine = verified_rates(test, shown, strata=band)["sensitivity_verified"]
    assert abs(crude.value - 0.8) > 0.02
    assert fine.low < 0.8 < fine.high


def test_intervals_hold_the_truth_as_often_as_they_say():
    held, rng = 0, np.random.default_rng(7)
    for _ in range(200):
        truth = rng.random(800) < 0.3
        test = rng.random(800) < np.where(truth, 0.8, 0.2)
        assessed = rng.random(800) < np.where(test, 0.7, 0.2)
        one = verified_rates(test, np.where(assessed, truth, np.nan))["sensitivity_verified"]
        held += one.low <= 0.8 <= one.high
    assert 182 <= held <= 198


def test_clusters_are_the_units_if_there_are():
    test, truth = table(40, 10, 5, 45, 20, 30)
    unit = np.arange(len(test))
    twice = verified_rates(np.r_[test, test], np.r_[truth, truth], cluster=np.r_[unit, unit])[
        "sensitivity_verified"
    ]
    once = verified_rates(test, truth)["sensitivity_verified"]
    assert twice.method == "clustered"
    assert twice.value == pytest.approx(once.value)
    assert twice.low == pytest.approx(once.low, abs=0.005)


def test_one_cluster_gives_no_interval():
    test, truth = table(40, 10, 5, 45, 20, 30)
    found = verified_rates(test, truth, cluster=np.zeros(len(test)))["sensitivity_verified"]
    assert found.problem == "few_clusters"


def test_a_stratum_in_which_nobody_was_assessed_gives_a_problem():
    found = verified_rates([1, 1, 0, 0], [1, 0, math.nan, math.nan])
    assert found["sensitivity_verified"].problem == "not_verified"
    assert found["ppv_verified"].value == 0.5


def test_a_rate_of_one_and_a_rate_of_nobody_say_so():
    found = verified_rates([1, 1, 1], [1, 1, 1])
    assert found["sensitivity_verified"].value == 1.0
    assert found["sensitivity_verified"].problem == "few_events"
    assert found["npv_verified"].problem == "nobody"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 0], [1, 2]), r"reference\[1\] is 2"),
        (([1, 0], [1]), "reference has shape"),
        (([1, 3], [1, 0]), "concern"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments, message):
    with pytest.raises(EvaluationError, match=message):
        verified_rates(*arguments)


def test_labels_must_be_there_for_everybody():
    with pytest.raises(EvaluationError, match=r"strata\[1\] is missing"):
        verified_rates([1, 0], [1, 0], strata=["a", None])
    with pytest.raises(EvaluationError, match="cluster has shape"):
        verified_rates([1, 0], [1, 0], cluster=["a"])
