"""Survival estimates agree with survival, cmprsk and riskRegression of R.

Expected numbers are made by tests/oracles/time/make.R.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from risicoscreener.evaluation.time.outcome import as_time_to_event
from risicoscreener.models.time import (
    CauseSpecificCox,
    SubdistributionHazard,
    TimeToEvent,
    aalen_johansen,
    concordance,
    kaplan_meier,
)
from risicoscreener.models.time.partial_likelihood import PartialLikelihood, RiskSets

ORACLE = Path(__file__).parents[2] / "oracles" / "time"
PEOPLE = pd.read_csv(ORACLE / "people.csv")
ASKED = pd.read_csv(ORACLE / "asked.csv").to_numpy()
R = json.loads((ORACLE / "expected.json").read_text("utf-8"))
X = PEOPLE[["age", "prior", "woman"]].to_numpy()
WEEKS, HORIZONS = R["weeks"], R["horizons"]


def outcome(time="week", *, competing=True, weighted=False):
    cause = PEOPLE["cause"] if competing else PEOPLE["cause"].where(PEOPLE["cause"] == 1, 0)
    return TimeToEvent(PEOPLE[time], cause, PEOPLE["weight"] if weighted else None)


def per_unit(model):
    """Coefficients per unit of each feature; the ramps run from the lowest to the highest value."""
    width = np.ptp(X, axis=0)
    return model.hazards_[1].coefficients[::2] / width


def plain(**changes):
    return {"terms": "linear", "shrinkage": 0.0, **changes}


COX = {
    "breslow": ("breslow", False),
    "efron": ("efron", False),
    "weighted": ("breslow", True),
    "weighted_efron": ("efron", True),
}


@pytest.fixture(scope="module", params=COX)
def cox(request):
    ties, weighted = COX[request.param]
    y = outcome(competing=False, weighted=weighted)
    return R["cox"][request.param], CauseSpecificCox(**plain(ties=ties)).fit(X, y), y, ties


def test_coefficients_of_cox_are_those_of_coxph(cox):
    expected, model, _, _ = cox
    np.testing.assert_allclose(per_unit(model), expected["coefficients"], rtol=1e-8)


def test_their_covariance_is_that_of_coxph(cox):
    expected, model, _, _ = cox
    factor = model.hazards_[1].factor[::2]
    covariance = factor @ factor.T / np.outer(np.ptp(X, axis=0), np.ptp(X, axis=0))
    np.testing.assert_allclose(covariance, expected["variance"], rtol=1e-7)


def test_the_partial_likelihood_is_that_of_coxph(cox):
    expected, _, y, ties = cox
    likelihood = PartialLikelihood(X, y.weight, RiskSets.of(y, 1, ties))
    b = np.array(expected["coefficients"])
    assert -likelihood.deviance(b) == pytest.approx(expected["loglik"], rel=1e-12)


def test_survival_after_cox_is_that_of_survfit(cox):
    expected, model, _, _ = cox
    found = model.predict_survival(ASKED, WEEKS)
    np.testing.assert_allclose(found, expected["survival"], rtol=1e-8)


def test_the_error_of_the_log_hazard_in_a_lowered_cox_is_that_of_survfit():
    model = CauseSpecificCox(**plain()).fit(X, outcome("time", competing=False))
    for column, horizon in enumerate(HORIZONS):
        program = model.lower(horizon, ["age", "prior", "woman"])
        hazard = np.array(R["log_hazard"]["hazard"])[:, column]
        error = np.array(R["log_hazard"]["error"])[:, column] / hazard
        found = program.interval_many(ASKED)
        np.testing.assert_allclose(
            np.exp(program.score_many(ASKED).linear_predictor), hazard, rtol=1e-8
        )
        np.testing.assert_allclose(found.standard_error, error, rtol=1e-7)


def test_kaplan_meier_is_that_of_survfit():
    expected = R["kaplan_meier"]
    curves = kaplan_meier(outcome())
    at = np.searchsorted(curves.times, WEEKS, side="right") - 1
    np.testing.assert_allclose(curves.survival_at(WEEKS), expected["survival"], rtol=1e-10)
    np.testing.assert_allclose(curves.survival_error[at], expected["error"], rtol=1e-10)
    weighted = kaplan_meier(outcome(weighted=True)).survival_at(WEEKS)
    np.testing.assert_allclose(weighted, expected["weighted"], rtol=1e-10)


def test_its_interval_is_the_log_log_interval_of_survfit():
    curves, expected = kaplan_meier(outcome()), R["kaplan_meier"]
    for week, lower, upper in zip(WEEKS, expected["lower"], expected["upper"], strict=True):
        low, high = curves.incidence_interval(week)
        assert (1 - high, 1 - low) == pytest.approx((lower, upper), rel=1e-10)


def test_aalen_johansen_is_that_of_survfit_and_cuminc():
    expected, curves = R["aalen_johansen"], aalen_johansen(outcome())
    for cause in (1, 2):
        column = np.array(expected["incidence"])[:, cause - 1]
        found = curves.incidence_at(WEEKS, cause)
        np.testing.assert_allclose(found, column, rtol=1e-10)
        np.testing.assert_allclose(found, expected["gray"][cause - 1], rtol=1e-10)
        errors = curves.incidence_error[cause - 1][np.searchsorted(curves.times, WEEKS)]
        np.testing.assert_allclose(errors, np.array(expected["error"])[:, cause - 1], rtol=1e-8)
    np.testing.assert_allclose(curves.survival_at(WEEKS), expected["survival"], rtol=1e-10)


@pytest.fixture(scope="module", params=["untied", "tied"])
def fine_gray(request):
    column, horizons = {"untied": ("time", HORIZONS), "tied": ("week", WEEKS)}[request.param]
    return (
        R["fine_gray"][request.param],
        SubdistributionHazard(**plain()).fit(X, outcome(column)),
        horizons,
    )


def test_coefficients_of_fine_and_gray_are_those_of_crr(fine_gray):
    expected, model, _ = fine_gray
    np.testing.assert_allclose(per_unit(model), expected["coefficients"], rtol=1e-8)


def test_incidence_after_fine_and_gray_is_that_of_predict_crr(fine_gray):
    expected, model, horizons = fine_gray
    found = model.predict_cumulative_incidence(ASKED, horizons)
    np.testing.assert_allclose(found, expected["risk"], rtol=1e-8)


def test_the_covariance_is_the_inverse_information_of_crr(fine_gray):
    expected, model, _ = fine_gray
    factor = model.hazards_[1].factor[::2]
    covariance = factor @ factor.T / np.outer(np.ptp(X, axis=0), np.ptp(X, axis=0))
    # both take the information one Newton step before the end
    np.testing.assert_allclose(covariance, expected["information"], rtol=1e-6)


def test_it_is_within_a_tenth_of_the_errors_of_crr_that_count_the_censoring_weights_as_estimated(
    fine_gray,
):
    expected, _, _ = fine_gray
    ratio = np.sqrt(np.diag(expected["information"]) / np.diag(expected["sandwich"]))
    assert (np.abs(ratio - 1) < 0.1).all()


@pytest.mark.parametrize(
    ("name", "column", "horizons"), [("product_limit", "time", HORIZONS), ("tied", "week", WEEKS)]
)
def test_incidence_after_cause_specific_cox_is_that_of_csc(name, column, horizons):
    model = CauseSpecificCox(**plain(survival="product_limit")).fit(X, outcome(column))
    for cause, part in ((1, "first"), (2, "second")):
        found = model.predict_cumulative_incidence(ASKED, horizons, cause)
        np.testing.assert_allclose(found, R["csc"][name][part], rtol=1e-8)


def test_the_two_rules_of_survival_differ_less_than_a_hundredth_of_the_risk_in_a_hundred_events():
    a, b = (
        CauseSpecificCox(**plain(survival=rule)).fit(X, outcome("time"))
        for rule in ("product_limit", "exponential")
    )
    first, second = (m.predict_cumulative_incidence(ASKED, HORIZONS) for m in (a, b))
    assert 0 < np.abs(first - second).max() < 0.01


def test_concordance_is_that_of_survival():
    y = outcome(competing=False)
    assert concordance(y, PEOPLE["age"]) == pytest.approx(R["concordance"]["plain"], abs=1e-12)
    heavy = as_time_to_event(y, PEOPLE["weight"])
    assert concordance(heavy, PEOPLE["age"]) == pytest.approx(
        R["concordance"]["weighted"], abs=1e-12
    )


def test_cox_agrees_with_statsmodels():
    from statsmodels.duration.hazard_regression import PHReg

    y = outcome(competing=False)
    expected = PHReg(y.time, X, status=y.cause, ties="efron").fit(gtol=1e-12).params
    model = CauseSpecificCox(**plain(ties="efron")).fit(X, y)
    # its optimiser stops on a norm of the gradient
    np.testing.assert_allclose(per_unit(model), expected, rtol=1e-6)
