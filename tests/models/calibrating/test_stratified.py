"""Calibration per stratum against mgcv, and the pooling that it promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit

from risicoscreener.errors import ModelError
from risicoscreener.models import Logistic, ScoringProgram, Table, Term
from risicoscreener.models.calibrating import fit_logistic, fit_stratified
from risicoscreener.models.calibrating.stratified import _fit, _Strata

from .data import expected, people

R = expected()["mixed"]
PEOPLE = people()
LP, Y = PEOPLE["lp"].to_numpy(), PEOPLE["outcome"].to_numpy(float)
STRATA = PEOPLE["stratum"].to_numpy(str)


def at_the_variances_of_r() -> tuple[_Strata, Any]:
    sample = _Strata.of(LP, Y, STRATA, None)
    return sample, _fit(sample, np.array(R["variances"]))


def test_at_given_variances_the_fit_and_its_covariance_are_those_of_mgcv() -> None:
    sample, fit = at_the_variances_of_r()
    assert sample.centre == pytest.approx(R["centre"], abs=1e-12)
    assert fit.common == pytest.approx(R["common"], abs=1e-8)
    assert fit.common_covariance == pytest.approx(np.array(R["common_covariance"]), abs=1e-8)
    for position, name in enumerate(sample.names):
        oracle = R["strata"][name]
        assert fit.common + fit.deviations[position] == pytest.approx(oracle["b"], abs=1e-8)
        assert fit.covariance(position) == pytest.approx(np.array(oracle["covariance"]), abs=1e-8)


def test_the_criterion_is_the_restricted_likelihood_of_mgcv() -> None:
    # R integrates the common coefficients with a factor sqrt(2 pi) each, which we leave out.
    _, fit = at_the_variances_of_r()
    assert fit.criterion - np.log(2 * np.pi) == pytest.approx(R["reml"], abs=1e-6)


def test_the_variances_between_strata_are_those_of_mgcv() -> None:
    # Both search numerically for the top of a flat curve: 1e-4 of each other, relatively.
    found = fit_stratified(LP, Y, STRATA)
    assert [found.sd_intercept**2, found.sd_slope**2] == pytest.approx(R["variances"], rel=1e-4)


def simulated(
    spread: float, seed: int = 0, sizes: tuple[int, ...] = (2000, 2000, 2000, 300, 300, 40, 40, 40)
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    strata = np.repeat(np.arange(len(sizes)), sizes)
    lp = rng.normal(-0.5, 1.0, len(strata))
    level = rng.normal(0.0, spread, len(sizes))
    truth = expit(level[strata] + lp)
    return lp, (rng.random(len(lp)) < truth).astype(float), strata, truth


def test_small_strata_shrink_more() -> None:
    lp, y, strata, _ = simulated(0.5)
    shares = fit_stratified(lp, y, strata).to_frame()["own_share"]
    assert shares[[0, 1, 2]].min() > shares[[3, 4]].max() > shares[[3, 4]].min()
    assert shares[[3, 4]].min() > shares[[5, 6, 7]].max()


def test_a_large_stratum_is_as_if_fitted_apart_and_a_small_one_lies_in_between() -> None:
    lp, y, strata, _ = simulated(0.8, 3)
    found = fit_stratified(lp, y, strata)

    def level(calibration: Logistic) -> float:
        return calibration.intercept + calibration.slope * found.centre

    apart = {s: level(fit_logistic(lp[strata == s], y[strata == s])) for s in range(8)}
    own = {s: level(found.for_stratum(s).calibration) for s in range(8)}
    assert own[0] == pytest.approx(apart[0], abs=0.02)
    common = level(found.common)
    for s in (5, 6, 7):
        assert abs(own[s] - common) < abs(apart[s] - common)


def test_strata_that_do_not_differ_get_the_common_map() -> None:
    lp, y, strata, _ = simulated(0.0, 1)
    found = fit_stratified(lp, y, strata)
    common = fit_logistic(lp, y)
    for s in range(8):
        assert found.for_stratum(s).calibration.intercept == pytest.approx(
            common.intercept, abs=0.1
        )


def test_pooling_beats_one_map_for_all_and_a_map_for_each() -> None:
    errors = []
    for seed in range(8):
        lp, y, strata, truth = simulated(0.4, seed, (300, *(40,) * 9))
        pooled = expit(fit_stratified(lp, y, strata).linear_predictor(lp, strata))
        one = expit(fit_logistic(lp, y).before_link(lp))
        each = np.empty(len(lp))
        for s in np.unique(strata):
            rows = strata == s
            each[rows] = expit(fit_logistic(lp[rows], y[rows]).before_link(lp[rows]))
        errors.append([np.abs(p - truth).mean() for p in (pooled, one, each)])
    pooled, one, each = np.mean(errors, axis=0)
    assert pooled < one
    assert pooled < each


def test_a_stratum_with_one_outcome_or_one_person_has_a_map() -> None:
    lp, y, strata, _ = simulated(0.5)
    strata = np.append(strata, [20, 21, 21])
    found = fit_stratified(np.append(lp, [0.1, 0.2, 0.3]), np.append(y, [1.0, 0.0, 0.0]), strata)
    assert found.for_stratum(20).n == 1
    assert found.for_stratum(20).own_share < 0.1
    assert found.for_stratum(21).events == 0


def test_an_unseen_stratum_gets_the_common_map_with_a_wider_error_and_says_so() -> None:
    lp, y, strata, _ = simulated(0.5)
    found = fit_stratified(lp, y, strata)
    new = found.for_stratum("nowhere")
    assert not new.known
    assert new.calibration == found.common
    assert new.standard_error(-0.5) ** 2 >= found.sd_intercept**2
    assert new.standard_error(-0.5) > found.for_stratum(5).standard_error(-0.5)
    assert "nowhere: not in the data" in new.text("en")
    assert "nowhere: niet in de gegevens" in new.text("nl")
    assert "eigen kalibratie op 40 personen" in found.for_stratum(7).text("nl")


def test_standard_errors_cover_the_true_level_of_strata() -> None:
    inside = []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        level = rng.normal(0.0, 0.5, 20)
        strata = np.repeat(np.arange(20), 60)
        lp = rng.normal(0.0, 1.0, 1200)
        y = (rng.random(1200) < expit(level[strata] + lp)).astype(float)
        found = fit_stratified(lp, y, strata)
        for s in range(20):
            own = found.for_stratum(s)
            error = own.standard_error(0.0)
            inside.append(abs(own.calibration.intercept - level[s]) < 1.96 * error)
    assert 0.92 < np.mean(inside) < 0.975


def test_a_program_takes_the_calibration_of_a_stratum() -> None:
    found = fit_stratified(LP, Y, STRATA)
    program = ScoringProgram(
        intercept=0.0,
        terms=(Term("x", (-3.0, 3.0), (-3.0, 3.0), missing=0.0),),
        calibration=Table((0.0, 1.0), (0.2, 0.3)),
    )
    applied = found.apply(program, "C")
    probability, lp, _ = applied.score_one([0.7])
    assert lp == pytest.approx(0.7)
    assert logit(probability) == pytest.approx(found.linear_predictor([0.7], ["C"])[0])


def test_the_order_of_rows_and_repeated_rows_do_not_matter() -> None:
    order = np.random.default_rng(1).permutation(len(LP))
    found = fit_stratified(LP, Y, STRATA)
    assert fit_stratified(LP[order], Y[order], STRATA[order]).common == found.common
    twice = np.repeat(np.arange(len(LP)), 2)
    weighted = fit_stratified(LP, Y, STRATA, np.full(len(LP), 2.0))
    repeated = fit_stratified(LP[twice], Y[twice], STRATA[twice])
    for name in "ABJ":
        one, other = weighted.for_stratum(name), repeated.for_stratum(name)
        assert one.calibration.slope == pytest.approx(other.calibration.slope, abs=1e-6)
        assert (one.n, one.events) == (other.n, other.events)


@pytest.mark.parametrize(
    ("strata", "message"),
    [
        (["a"] * 4, "fit_logistic"),
        (["a", "b"], "strata has shape"),
        (np.array(["a", None, "b", "a"], dtype=object), "stratum is missing"),
    ],
)
def test_strata_that_cannot_be_used_are_refused(strata: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        fit_stratified([0.0, 1.0, 2.0, 3.0], [0, 1, 0, 1], strata)
