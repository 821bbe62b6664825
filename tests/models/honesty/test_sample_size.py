"""Sample sizes are the published ones."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit

from risicoscreener.errors import ModelError
from risicoscreener.evaluation.discrimination import delong_error
from risicoscreener.models.honesty import (
    largest_r_squared,
    r_squared_of_c_statistic,
    required_sample_size,
    required_sample_size_for_time_to_event,
    required_sample_size_for_validation,
)


@pytest.mark.parametrize(
    ("given", "shrinkage", "optimism", "overall"),
    [
        # The worked examples of the R package pmsampsize (Riley et al. 2019; Ensor et al.).
        ({"parameters": 24, "prevalence": 0.174, "r_squared": 0.288}, 623, 662, 221),
        # Their R2 is simulated, here it is integrated: the same numbers come out.
        ({"parameters": 24, "prevalence": 0.174, "c_statistic": 0.89}, 615, 660, 221),
        # Printed output of pmsampsize 1.1.3 for a model of 30 parameters.
        ({"parameters": 30, "prevalence": 0.47, "c_statistic": 0.75}, 1308, 709, 383),
    ],
)
def test_a_binary_model_needs_what_pmsampsize_says(given, shrinkage, optimism, overall):
    found = required_sample_size(**given).criteria
    assert found["shrinkage"] == shrinkage
    assert found["optimism"] == optimism
    assert found["overall_risk"] == overall


def test_r_squared_of_a_c_statistic_is_that_of_pmsampsize():
    assert r_squared_of_c_statistic(0.75, 0.47) == pytest.approx(0.1845, abs=2e-4)
    assert largest_r_squared(0.47) == pytest.approx(0.749, abs=5e-4)


def test_r_squared_of_a_c_statistic_is_that_of_a_simulated_fit():
    rng = np.random.default_rng(0)
    y = (rng.random(200_000) < 0.2).astype(float)
    lp = rng.normal(size=200_000) + y * np.sqrt(2) * 0.8416212  # AUC 0.8
    fit = sm.GLM(y, sm.add_constant(lp), family=sm.families.Binomial()).fit()
    cox_snell = 1 - np.exp((fit.deviance - fit.null_deviance) / 200_000)
    assert r_squared_of_c_statistic(0.8, 0.2) == pytest.approx(cox_snell, abs=0.003)


def test_no_discrimination_explains_nothing():
    assert r_squared_of_c_statistic(0.5, 0.3) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("given", "shrinkage", "optimism"),
    [
        # Worked example of pmsampsize (Riley et al. 2019, recurrence of venous thrombosis).
        (
            {
                "parameters": 30,
                "rate": 0.065,
                "horizon": 2,
                "mean_follow_up": 2.07,
                "r_squared": 0.051,
            },
            5143,
            1039,
        ),
    ],
)
def test_a_model_of_time_needs_what_pmsampsize_says(given, shrinkage, optimism):
    found = required_sample_size_for_time_to_event(**given)
    assert found.criteria["shrinkage"] == found.n == shrinkage
    assert found.criteria["optimism"] == optimism
    assert found.events == 692


def test_the_limits_of_the_risk_by_the_horizon_are_within_the_margin_at_the_number_needed():
    rate, horizon, follow_up = 0.065, 2.0, 2.07
    n = required_sample_size_for_time_to_event(
        parameters=2, rate=rate, horizon=horizon, mean_follow_up=follow_up, r_squared=0.05
    ).criteria["overall_risk"]

    def distance(people):
        half = 1.96 * np.sqrt(rate / (people * follow_up))
        return (1 - np.exp(-(rate + half) * horizon)) - (1 - np.exp(-rate * horizon)), (
            np.exp(-(rate - half) * horizon) * -1 + np.exp(-rate * horizon)
        ).__abs__()

    assert max(distance(n)) <= 0.05 < max(distance(n - 1))


def test_small_mean_errors_need_the_number_of_van_smeden():
    # exp((-0.508 + 0.259 ln 0.1 + 0.504 ln 10 - ln 0.05) / 0.544), by hand 460.9
    found = required_sample_size(parameters=10, prevalence=0.1, r_squared=0.1)
    by_hand = np.exp((-0.508 + 0.259 * np.log(0.1) + 0.504 * np.log(10) - np.log(0.05)) / 0.544)
    assert found.criteria["prediction_error"] == np.ceil(by_hand)


def test_the_criterion_of_mean_errors_is_left_out_where_its_formula_was_not_made():
    many = required_sample_size(parameters=31, prevalence=0.2, r_squared=0.1)
    rare = required_sample_size(parameters=10, prevalence=0.02, r_squared=0.05)
    assert "prediction_error" not in many.criteria
    assert "prediction_error" not in rare.criteria


def test_all_criteria_are_met_at_the_number_needed():
    found = required_sample_size(parameters=12, prevalence=0.3, r_squared=0.15)
    assert found.n == max(found.criteria.values())
    assert found.events == int(np.ceil(found.n * 0.3))
    assert found.enough(found.n)
    assert not found.enough(found.n - 1)
    assert found.events_per_parameter == pytest.approx(found.n * 0.3 / 12)


def test_more_parameters_need_more_people():
    sizes = [
        required_sample_size(parameters=p, prevalence=0.3, r_squared=0.15).n for p in (5, 20, 60)
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]


def test_the_number_is_told_in_dutch_and_english():
    found = required_sample_size(parameters=24, prevalence=0.174, r_squared=0.288)
    assert found.text("en", 100).startswith("Needed: 801 people, 140 of them with the outcome")
    assert "too few" in found.text("en", 100)
    assert "genoeg" in found.text("nl", 900)
    assert found.decided_by == "prediction_error"


def test_the_number_for_the_observed_expected_ratio_gives_the_wanted_width():
    found = required_sample_size_for_validation(
        prevalence=0.018,
        c_statistic=0.8,
        linear_predictor=(-5.0, 2.5),
        observed_expected_width=1.0,
    ).criteria["observed_expected"]
    # By hand: exp(1.96 s) - exp(-1.96 s) = 1 at s = 0.24552, and 0.982 / (0.018 s^2) = 905.06.
    assert found == 906


def test_the_number_for_the_c_statistic_gives_the_wanted_width_by_delong():
    n = required_sample_size_for_validation(
        prevalence=0.2, c_statistic=0.75, linear_predictor=(-1.5, 1.0)
    ).criteria["c_statistic"]
    rng = np.random.default_rng(2)
    widths = []
    for _ in range(200):
        y = (np.arange(n) < round(0.2 * n)).astype(float)
        score = rng.normal(size=n) + y * np.sqrt(2) * 0.6744898  # AUC 0.75
        widths.append(2 * 1.959964 * delong_error(y, score))
    assert np.mean(widths) == pytest.approx(0.1, rel=0.03)


def test_the_number_for_the_slope_is_that_of_the_information_of_a_logistic_regression():
    rng = np.random.default_rng(1)
    z = rng.normal(-1.5, 0.9, 4000)
    found = required_sample_size_for_validation(
        prevalence=0.2, c_statistic=0.72, linear_predictor=z
    ).criteria["calibration_slope"]
    model = sm.GLM(expit(z), sm.add_constant(z), family=sm.families.Binomial())
    covariance = np.linalg.inv(-model.hessian([0.0, 1.0]))
    error = np.sqrt(covariance[1, 1] * 4000 / found)
    assert 2 * 1.959964 * error == pytest.approx(0.2, rel=1e-3)


def test_miscalibration_changes_the_number_for_the_slope():
    settings = {"prevalence": 0.2, "c_statistic": 0.72, "linear_predictor": (-1.5, 0.9)}
    good = required_sample_size_for_validation(**settings)
    low = required_sample_size_for_validation(**settings, intercept=-1.5)
    assert low.criteria["calibration_slope"] > 1.5 * good.criteria["calibration_slope"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prevalence": 0.0}, "prevalence"),
        ({"parameters": 0}, "parameters"),
        ({"r_squared": 0.99}, "R2"),
        ({"r_squared": None}, "one of the two"),
        ({"c_statistic": 0.7}, "one of the two"),
        ({"shrinkage": 1.0}, "shrinkage"),
        ({"r_squared": None, "c_statistic": 0.4}, "c_statistic"),
    ],
)
def test_an_impossible_target_is_refused(change, message):
    given = {"parameters": 10, "prevalence": 0.2, "r_squared": 0.1} | change
    with pytest.raises(ModelError, match=message):
        required_sample_size(**given)


def test_predictors_that_are_all_the_same_have_no_slope():
    with pytest.raises(ModelError, match="slope"):
        required_sample_size_for_validation(
            prevalence=0.2, c_statistic=0.7, linear_predictor=[-1.0, -1.0, -1.0]
        )
