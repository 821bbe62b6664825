"""Measures at a horizon agree with riskRegression, survival, pec and others of R.

Expected numbers are made by tests/oracles/evaluation_time/make.R and make.py.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from risicoscreener.evaluation.intervals import influence_error
from risicoscreener.evaluation.time import (
    HorizonSample,
    c_uno,
    concordance_index,
    grouped_calibration,
    horizon_auc,
    horizon_auc_event_free,
    horizon_brier,
    horizon_net_benefit,
    horizon_performance,
    horizon_recalibration,
)
from risicoscreener.evaluation.time.c_index import linear_harrell, linear_uno
from risicoscreener.evaluation.time.calibration import Spline
from risicoscreener.evaluation.time.horizon import complementary_log_log
from risicoscreener.evaluation.time.influence import influence
from risicoscreener.evaluation.time.measures import linear_incidence

ORACLE = Path(__file__).parents[2] / "oracles" / "evaluation_time"
PEOPLE = pd.read_csv(ORACLE / "people.csv")
R = json.loads((ORACLE / "expected.json").read_text("utf-8"))
SKSURV = json.loads((ORACLE / "scikit_survival.json").read_text("utf-8"))
ALONE = (PEOPLE["cause"] == 1).astype(int)
WAYS = {
    "plain": {},
    "weighted": {"weight": PEOPLE["weight"]},
    "clustered": {"cluster": PEOPLE["prison"]},
}


def sample(time="time", risk="risk600", horizon=600, cause=PEOPLE["cause"], **more):
    return HorizonSample.of(PEOPLE[risk], PEOPLE[time], cause, horizon_days=horizon, **more)


def error_of_sums(made, of):
    """Standard error as R has it: without the factor n / (n - 1) of the library."""
    units = of.n_clusters
    error = influence_error(influence(of, made(of, of.weight)), of.cluster)
    return error * math.sqrt((units - 1) / units)


def error_of_interval(one):
    return (one.high - one.low) / 2 / 1.959963984540054


@pytest.fixture(params=["competing", "alone"])
def score(request):
    cause = PEOPLE["cause"] if request.param == "competing" else ALONE
    found = [
        horizon_performance(sample(risk=f"risk{d}", horizon=d, cause=cause)) for d in R["days"]
    ]
    return R["score"][request.param], found


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("horizon_brier", "brier"),
        ("horizon_brier_reference", "reference"),
        ("horizon_scaled_brier", "ipa"),
        ("horizon_auc", "auc"),
    ],
)
def test_values_are_those_of_score(score, name, theirs):
    expected, found = score
    assert [one[name].value for one in found] == pytest.approx(expected[theirs], abs=1e-12)


@pytest.mark.parametrize(("name", "theirs"), [("horizon_brier", "brier"), ("horizon_auc", "auc")])
def test_errors_are_those_of_score_but_for_a_term_of_order_one_over_n(score, name, theirs):
    # Score divides the martingale of censoring by who is at risk, the derivative by who is left
    expected, found = score
    errors = [error_of_interval(one[name]) for one in found]
    assert errors == pytest.approx(expected[f"{theirs}_error"], rel=2e-4)


@pytest.mark.parametrize("way", WAYS)
def test_incidence_and_its_error_are_those_of_survfit_with_ties(way):
    for month, value, error in zip((10, 20), *R["jackknife"][way].values(), strict=True):
        of = sample("month", horizon=month, **WAYS[way])
        assert linear_incidence(of, of.weight).value == pytest.approx(value, abs=1e-12)
        assert error_of_sums(linear_incidence, of) == pytest.approx(error, rel=1e-10)


@pytest.mark.parametrize("way", WAYS)
def test_harrells_index_and_its_error_are_those_of_survival_with_ties(way):
    of = sample("month", "rounded", 20, ALONE, **WAYS[way])
    expected = R["harrell"][way]
    assert linear_harrell(of, of.weight).value == pytest.approx(expected["value"], abs=1e-12)
    assert error_of_sums(linear_harrell, of) == pytest.approx(expected["error"], rel=1e-10)


def test_unos_index_is_that_of_survival():
    of = sample(cause=ALONE)
    assert c_uno(of, of.weight) == pytest.approx(R["uno"]["value"], abs=1e-12)


def test_the_error_of_unos_index_is_near_that_of_survival_which_takes_the_weights_as_known():
    of = sample(cause=ALONE)
    assert error_of_sums(linear_uno, of) == pytest.approx(R["uno"]["error"], rel=0.01)


def test_with_competing_events_the_weighted_index_is_that_of_pec():
    of = sample()
    assert c_uno(of, of.weight) == pytest.approx(R["competing_c"]["pec"], abs=1e-10)


def test_with_ties_the_weighted_index_is_the_sum_over_all_pairs():
    of = sample("month", "rounded", 20)
    assert c_uno(of, of.weight) == pytest.approx(R["competing_c"]["tied"], abs=1e-12)


def test_both_aucs_are_the_sum_over_all_pairs_with_ties_as_half():
    of, untied = sample("month", "rounded", 20), sample()
    assert horizon_auc(of, of.weight) == pytest.approx(R["auc"]["tied_others"], abs=1e-12)
    assert horizon_auc_event_free(of, of.weight) == pytest.approx(
        R["auc"]["tied_event_free"], abs=1e-12
    )
    assert horizon_auc_event_free(untied, untied.weight) == pytest.approx(
        R["auc"]["event_free"], abs=1e-12
    )


def test_intercept_and_slope_are_those_of_glm_with_the_same_weights():
    found = horizon_recalibration(sample())
    expected = R["regression"]
    assert found["horizon_intercept"].value == pytest.approx(expected["intercept"], abs=1e-8)
    assert found["horizon_slope"].value == pytest.approx(expected["slope"], abs=1e-8)


def test_intercept_and_slope_are_within_half_an_error_of_those_by_pseudo_values():
    found, other = horizon_recalibration(sample()), R["pseudo_values"]
    for name in ("intercept", "slope"):
        one = found[f"horizon_{name}"]
        assert abs(one.value - other[name]) < 0.5 * other[f"{name}_error"]
        assert error_of_interval(one) == pytest.approx(other[f"{name}_error"], rel=0.05)


def test_the_flexible_curve_is_that_of_glm_on_rcs():
    of = sample()
    spline, expected = Spline.of(of, 4), R["regression"]
    lp = spline.fit(of, of.weight).coefficients @ spline.at(
        complementary_log_log(np.array(expected["at"]))
    )
    np.testing.assert_allclose(-np.expm1(-np.exp(lp)), expected["curve"], atol=1e-8)


def test_net_benefit_is_that_of_the_incidence_by_cuminc_above_the_cut_off():
    of = sample("month", horizon=20)
    found = [horizon_net_benefit(of, c)["horizon_net_benefit"].value for c in (0.2, 0.35, 0.5)]
    assert found == pytest.approx(R["net_benefit"], abs=1e-12)


def test_incidence_in_quarters_is_that_of_survfit_in_each():
    found = grouped_calibration(sample("month", horizon=20), groups=4)
    for one, expected in zip(found, R["quarters"], strict=True):
        assert one["horizon_incidence"].n == expected["n"]
        assert one["horizon_incidence"].value == pytest.approx(expected["incidence"], abs=1e-12)


def test_without_competing_events_scikit_survival_says_the_same():
    for place, days in enumerate(SKSURV["days"]):
        of = sample(risk=f"risk{days:g}", horizon=days, cause=ALONE)
        assert horizon_auc(of, of.weight) == pytest.approx(SKSURV["auc"][place], abs=1e-12)
        assert horizon_brier(of, of.weight) == pytest.approx(SKSURV["brier"][place], abs=1e-12)
        assert c_uno(of, of.weight) == pytest.approx(SKSURV["uno"][place], abs=1e-12)


def test_without_competing_events_lifelines_counts_the_same_pairs():
    from lifelines.utils import concordance_index as lifelines_index

    last = float(PEOPLE["time"].max())
    found = concordance_index(sample(horizon=last, cause=ALONE))["c_harrell"].value
    expected = lifelines_index(PEOPLE["time"], -PEOPLE["risk600"], ALONE)
    assert found == pytest.approx(expected, abs=1e-12)
