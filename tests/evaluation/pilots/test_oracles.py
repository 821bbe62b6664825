"""The same pilot in R: mixed models, robust errors, estimating equations, a series, a formula."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.pilots.data import ORACLE, as_cells, expected, oracle_design, oracle_people
from risicoscreener.evaluation.pilots import (
    AnalysisPlan,
    analyse,
    cell_model,
    cells_from,
    effect_error,
    fit_marginal,
    fit_mixed,
    interrupted,
    parallel,
    robust_error,
    stepped_wedge,
)
from risicoscreener.evaluation.pilots.power import power_at
from risicoscreener.evaluation.pilots.robust import unweighted


@pytest.fixture(scope="module")
def model():
    frame = oracle_people().rename(columns={"y": "outcome"})
    return cell_model(cells_from(frame, oracle_design(), "continuous"), oracle_design())


def test_variances_and_effect_are_those_of_lme4(model):
    fit, r = fit_mixed(model), expected()["mixed"]
    for name in ("site", "site_period", "within", "value"):
        assert getattr(fit, name) == pytest.approx(r[name], rel=2e-5), name
    assert fit.error("satterthwaite")[0] == pytest.approx(r["error"], rel=1e-5)


def test_the_correction_is_that_of_pbkrtest(model):
    error, degrees = fit_mixed(model).error("kenward_roger")
    assert error == pytest.approx(expected()["mixed"]["kenward_roger_error"], rel=1e-5)
    assert degrees == pytest.approx(expected()["mixed"]["degrees"], rel=1e-4)


def test_the_p_value_of_an_analysis_is_that_of_pbkrtest():
    frame = oracle_people().rename(columns={"y": "outcome"})
    cells = cells_from(frame, oracle_design(), "continuous")
    found = analyse(cells, oracle_design(), AnalysisPlan("kenward_roger"), checks=False)
    assert found.effect.p_value == pytest.approx(expected()["mixed"]["p_value"], rel=1e-4)


def test_cr2_of_a_mixed_model_is_that_of_clubsandwich(model):
    fit, r = fit_mixed(model), expected()["mixed_cr2"]
    found = robust_error(model, fit.inverse, fit.cell_covariance)
    assert found == pytest.approx((r["value"], r["error"], r["degrees"]), rel=2e-5)


@pytest.mark.parametrize(("name", "sites"), [("periods", False), ("sites_and_periods", True)])
def test_cr2_of_weighted_least_squares_is_that_of_clubsandwich(name, sites):
    frame = oracle_people().rename(columns={"y": "outcome"})
    cells = cells_from(frame, oracle_design(), "continuous")
    model, r = cell_model(cells, oracle_design(), site_effects=sites), expected()[name]
    found = robust_error(model, *unweighted(model))
    assert found == pytest.approx((r["value"], r["error"], r["degrees"]), rel=1e-8)


def test_estimating_equations_and_their_correction_are_those_of_r():
    frame, r = oracle_people().rename(columns={"z": "outcome"}), expected()["binary"]
    found = fit_marginal(cells_from(frame, oracle_design(), "binary"), oracle_design())
    # geepack and statsmodels estimate the correlation with other degrees of freedom.
    assert found.value == pytest.approx(r["value"], abs=0.01)
    assert found.error == pytest.approx(r["error"], rel=0.02)
    assert found.correlation == pytest.approx(r["correlation"], rel=0.05)


def test_a_segmented_line_is_that_of_nlme():
    series, r = pd.read_csv(ORACLE / "series.csv")["y"].to_numpy(), expected()["series"]
    design = parallel(["a", "b"], ["a"], periods=[str(i) for i in range(24)], start=12)
    found = interrupted(as_cells(np.array([series, np.zeros(24)]), 10), design)
    assert found.controlled
    assert found.level == pytest.approx((r["level"], r["level_error"]), rel=1e-4)
    assert found.slope == pytest.approx((r["slope"], r["slope_error"]), rel=1e-4)
    assert found.autocorrelation == pytest.approx(r["autocorrelation"], abs=1e-4)


@pytest.mark.parametrize(
    ("name", "each", "n", "level", "site", "effect"),
    [("published", 6, 120, 0.0425, 0.01, 0.015), ("few", 2, 40, 0.3, 0.08, 0.1)],
)
def test_precision_is_the_closed_form_of_hussey_and_hughes(name, each, n, level, site, effect):
    sites = iter(range(100))
    design = stepped_wedge([[str(next(sites)) for _ in range(each)] for _ in range(4)])
    r = expected()["hussey_hughes"][name]
    error = effect_error(design, n, site=site**2, within=level * (1 - level))
    assert error == pytest.approx(r["error"], rel=1e-10)
    assert power_at(effect, error, float("inf"), 0.95) == pytest.approx(r["power"], rel=1e-4)
