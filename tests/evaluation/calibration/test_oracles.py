"""The figures of calibration are those of R and of model-diagnostics."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import norm, t

from risicoscreener.evaluation.calibration import (
    LoessCurve,
    SplineCurve,
    grouped_calibration,
    loess_errors,
    mean_calibration,
    score_parts,
    spiegelhalter_test,
    unreliability_test,
    weak_calibration,
)
from risicoscreener.evaluation.calibration.basis import KNOT_QUANTILES
from risicoscreener.evaluation.calibration.corp import recalibrated
from risicoscreener.evaluation.calibration.flexible import spline_fit
from risicoscreener.evaluation.calibration.inference import fit_covariance
from risicoscreener.evaluation.calibration.levels import levels_of
from risicoscreener.evaluation.calibration.loess import loess_heights

from .people import MODEL_DIAGNOSTICS, PEOPLE, SOME, R, people

CLOSE = {"abs": 1e-8, "rel": 1e-8}


def error_of(estimate, clusters=None):
    tail = norm.ppf(0.975) if clusters is None else t.ppf(0.975, clusters - 1)
    return (estimate.high - estimate.low) / 2 / tail


@pytest.mark.parametrize(("score", "key"), [("probability", "weak"), ("coarse", "coarse_weak")])
def test_slope_and_intercepts_with_their_errors_are_those_of_glm(score, key):
    sample, expected = people(score), R[key]
    weak = list(weak_calibration(sample))
    assert [e.value for e in weak] == pytest.approx(expected["line"], **CLOSE)
    assert [error_of(e) for e in weak] == pytest.approx(expected["line_error"], **CLOSE)
    large = mean_calibration(sample)["calibration_intercept"]
    assert large.value == pytest.approx(expected["large"], **CLOSE)
    assert error_of(large) == pytest.approx(expected["large_error"], **CLOSE)


@pytest.mark.parametrize(("score", "key"), [("probability", "weak"), ("coarse", "coarse_weak")])
def test_errors_of_clusters_and_of_weights_are_those_of_sandwich(score, key):
    expected = R[key]
    clustered, weighted = people(score, clustered=True), people(score, weighted=True)
    both = people(score, weighted=True, clustered=True)
    units = clustered.n_clusters
    for sample, name, clusters in (
        (clustered, "clustered_line_error", units),
        (weighted, "weighted_line_error", None),
        (both, "weighted_clustered_line_error", units),
    ):
        found = [error_of(e, clusters) for e in weak_calibration(sample)]
        assert found == pytest.approx(expected[name], **CLOSE)
    assert [e.value for e in weak_calibration(weighted)] == pytest.approx(
        expected["weighted_line"], **CLOSE
    )
    large = mean_calibration(clustered)["calibration_intercept"]
    assert error_of(large, units) == pytest.approx(expected["clustered_large_error"], **CLOSE)
    large = mean_calibration(weighted)["calibration_intercept"]
    assert large.value == pytest.approx(expected["weighted_large"], **CLOSE)
    assert error_of(large) == pytest.approx(expected["weighted_large_error"], **CLOSE)


@pytest.mark.parametrize(
    ("options", "value", "error"),
    [
        ({}, "value", "error"),
        ({"clustered": True}, "value", "clustered_error"),
        ({"weighted": True}, "weighted_value", "weighted_error"),
    ],
)
def test_expected_over_observed_has_the_interval_of_its_linearised_logarithm(options, value, error):
    sample, expected = people(**options), R["ratio"]
    found = mean_calibration(sample)["expected_observed"]
    assert found.value == pytest.approx(expected[value], **CLOSE)
    tail = t.ppf(0.975, sample.n_clusters - 1) if sample.cluster is not None else norm.ppf(0.975)
    assert np.log(found.high / found.value) / tail == pytest.approx(expected[error], **CLOSE)
    assert found.low * found.high == pytest.approx(found.value**2)


def test_the_tests_are_those_of_val_prob():
    sample, expected = people(), R["val_prob"]
    u = unreliability_test(sample)
    assert u.statistic == pytest.approx(expected["U_Chi_sq"], **CLOSE)
    assert u.p_value == pytest.approx(expected["U_p"], rel=1e-6)
    assert (u.statistic - 2) / len(sample) == pytest.approx(expected["U"], **CLOSE)
    z = spiegelhalter_test(sample)
    assert (z.statistic, z.p_value) == pytest.approx((expected["S_z"], expected["S_p"]), **CLOSE)
    slope = weak_calibration(sample)
    assert slope["calibration_slope"].value == pytest.approx(expected["Slope"], **CLOSE)
    assert slope["recalibration_intercept"].value == pytest.approx(expected["Intercept"], **CLOSE)


def test_the_indices_are_near_those_of_val_prob_which_draws_another_curve():
    # val.prob: lowess, locally straight; here a spline, or loess, locally quadratic
    expected = R["val_prob"]
    for curve in (SplineCurve(), LoessCurve()):
        sample = people()
        ici, _, e90, emax = curve.errors(sample, sample.weight)
        assert ici == pytest.approx(expected["Eavg"], abs=0.005)
        assert e90 == pytest.approx(expected["E90"], abs=0.005)
        assert emax == pytest.approx(expected["Emax"], abs=0.06)


@pytest.mark.parametrize("number", [3, 4, 5])
def test_the_spline_curve_its_band_and_its_indices_are_those_of_rms(number):
    expected, sample = R["splines"][str(number)], people()
    levels = levels_of(sample)
    events, total = levels.counts(sample.weight)
    assert levels.knots(number) == pytest.approx(expected["knots"], **CLOSE)
    fit = spline_fit(levels, events, total, number)
    place = np.searchsorted(levels.probability, PEOPLE["probability"][SOME])
    assert fit.mean[place] == pytest.approx(expected["observed"], **CLOSE)
    assert fit.mean[place] == pytest.approx(expected["rms_observed"], **CLOSE)
    columns = levels.spline(number)
    for options, name in (({}, "error"), ({"clustered": True}, "clustered_error")):
        covariance = fit_covariance(people(**options), levels, columns, fit)
        error = np.sqrt(np.einsum("ki,kl,li->i", columns, covariance, columns))
        assert error[place] == pytest.approx(expected[name], **CLOSE)
    found = SplineCurve(number).errors(sample, sample.weight)
    assert found == pytest.approx(expected["indices"], **CLOSE)


def test_the_band_of_a_curve_is_normal_on_the_log_odds():
    expected, sample = R["splines"]["4"], people()
    from risicoscreener.evaluation.calibration import calibration_curve

    curve = calibration_curve(sample)
    rows = PEOPLE["probability"][SOME]
    shared = np.isin(rows, curve.x)
    assert shared.sum() > 5
    place = np.searchsorted(curve.x, rows[shared])
    half = (logit(curve.high) - logit(curve.low)) / 2 / norm.ppf(0.975)
    assert half[place] == pytest.approx(np.array(expected["error"])[shared], **CLOSE)


def test_the_indices_of_whole_weights_are_those_of_repeated_people():
    sample = people(weighted=True)
    found = SplineCurve().errors(sample, sample.weight)
    assert found == pytest.approx(R["weighted_spline"], **CLOSE)


@pytest.mark.parametrize(
    ("name", "weighted", "span"),
    [("default", False, 0.75), ("narrow", False, 0.4), ("weighted", True, 0.75)],
)
def test_loess_is_that_of_r_fitted_directly(name, weighted, span):
    sample = people(weighted=weighted)
    levels = levels_of(sample)
    at = PEOPLE["probability"][SOME]
    found = loess_heights(levels.probability, *levels.counts(sample.weight), at, span)
    assert found == pytest.approx(np.clip(R["loess"][name], 0, 1), **CLOSE)


def test_the_indices_of_loess_are_those_of_r():
    sample = people()
    found = loess_errors(sample, sample.weight)
    # 300 of 400 levels are fitted, and the curve is straight between them
    assert found == pytest.approx(R["loess"]["indices"], abs=2e-5)
    assert found == pytest.approx(R["loess"]["interpolated_indices"], abs=1e-3)


def test_groups_and_their_intervals_are_those_of_hmisc():
    expected, found = R["groups"], grouped_calibration(people())
    assert found.method == "wilson"
    assert [g.n for g in found.groups] == expected["n"]
    assert [g.events for g in found.groups] == expected["events"]
    means = [g.mean_probability for g in found.groups]
    assert means == pytest.approx(expected["mean_probability"], **CLOSE)
    limits = [value for g in found.groups for value in (g.low, g.high)]
    assert limits == pytest.approx(np.ravel(expected["interval"]), **CLOSE)


@pytest.mark.parametrize(
    ("name", "score", "weighted"),
    [("plain", "probability", False), ("coarse", "coarse", False), ("weighted", "coarse", True)],
)
def test_isotonic_recalibration_and_the_parts_of_scores_are_those_of_isoreg(name, score, weighted):
    expected, sample = R["corp"][name], people(score, weighted)
    levels = levels_of(sample)
    found = recalibrated(*levels.counts(sample.weight))
    assert found == pytest.approx(expected["recalibrated"], **CLOSE)
    for kind in ("brier", "log_loss"):
        parts = score_parts(sample, sample.weight, kind)
        assert parts == pytest.approx(expected[kind], **CLOSE)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("score", ["probability", "coarse"])
def test_the_parts_of_scores_are_those_of_model_diagnostics(score, weighted):
    expected = MODEL_DIAGNOSTICS[f"{score}_{'weighted' if weighted else 'plain'}"]
    sample = people(score, weighted)
    for kind in ("brier", "log_loss"):
        parts = score_parts(sample, sample.weight, kind)
        assert parts == pytest.approx(expected[kind], **CLOSE)


def test_isotonic_recalibration_is_that_of_scikit_learn():
    from sklearn.isotonic import IsotonicRegression

    sample = people("coarse", weighted=True)
    levels = levels_of(sample)
    other = IsotonicRegression().fit(sample.probability, sample.outcome, sample.weight)
    found = recalibrated(*levels.counts(sample.weight))
    assert found == pytest.approx(other.predict(levels.probability), **CLOSE)


def test_every_number_of_knots_has_its_quantiles():
    assert all(len(at) == number for number, at in KNOT_QUANTILES.items())
