"""Fitted maps against R, against scikit-learn, and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from risicoscreener.errors import ModelError
from risicoscreener.evaluation.calibration.basis import weighted_quantiles
from risicoscreener.models.calibrating import (
    fit_beta,
    fit_calibration,
    fit_centred_isotonic,
    fit_isotonic,
    fit_logistic,
    fit_spline,
    method_names,
    restricted_cubic_basis,
)
from risicoscreener.models.calibration import Beta, Logistic, Spline, Table, expit_many
from risicoscreener.models.piecewise import MAX_KNOTS

from .data import drawn, expected, people

R = expected()
PEOPLE = people()
LP, Y, W = (PEOPLE[c].to_numpy(float) for c in ("lp", "outcome", "weight"))
NO_SIGNAL = drawn(2000, 3, slope=-0.6)


# -- R ------------------------------------------------------------------------------------------


def test_the_spline_basis_is_that_of_rms() -> None:
    assert restricted_cubic_basis(LP[:50], R["knots"]) == pytest.approx(
        np.array(R["basis"]), abs=1e-12
    )


def test_the_knots_of_the_spline_are_those_of_rms() -> None:
    assert fit_spline(LP, Y).knots == pytest.approx(R["knots"], abs=1e-12)


@pytest.mark.parametrize("oracle", ["spline_glm", "spline_lrm"])
def test_the_spline_is_the_fit_of_glm_and_of_lrm(oracle: str) -> None:
    found = fit_spline(LP, Y)
    assert isinstance(found, Spline)
    assert [found.intercept, *found.coefficients] == pytest.approx(R[oracle], abs=1e-8)


def test_the_weighted_spline_is_the_fit_of_glm() -> None:
    found = fit_spline(LP, Y, W, knots=R["knots"])
    assert [found.intercept, *found.coefficients] == pytest.approx(R["spline_weighted"], abs=1e-8)


def test_logistic_recalibration_is_that_of_glm() -> None:
    for weight, oracle in ((None, "logistic"), (W, "logistic_weighted")):
        found = fit_logistic(LP, Y, weight)
        assert [found.intercept, found.slope] == pytest.approx(R[oracle], abs=1e-8)


def test_beta_calibration_is_the_glm_on_both_logarithms() -> None:
    for weight, oracle in ((None, "beta"), (W, "beta_weighted")):
        found = fit_beta(LP, Y, weight)
        assert [found.intercept, found.a, found.b] == pytest.approx(R[oracle], abs=1e-8)


@pytest.mark.parametrize("oracle", ["isotonic", "isotonic_weighted"])
def test_isotonic_calibration_is_that_of_r_but_for_blocks_of_0_and_1(oracle: str) -> None:
    fitted = np.array(R[oracle])
    table = fit_isotonic(LP, Y, None if oracle == "isotonic" else W)
    inner = (fitted > 0.0) & (fitted < 1.0)
    assert inner.sum() > 1100
    assert table.after_link_many(expit_many(LP))[inner] == pytest.approx(fitted[inner], abs=1e-8)


# -- other implementations and hand-computed cases ---------------------------------------------------


def test_isotonic_calibration_is_that_of_scikit_learn_between_the_data_too() -> None:
    lp, y = drawn(3000, 1)
    p, grid = expit_many(lp), np.linspace(0.02, 0.9, 300)
    other = IsotonicRegression(out_of_bounds="clip").fit(p, y)
    steps = other.predict(grid)
    inner = (steps > other.predict(p).min()) & (steps < other.predict(p).max())
    found = fit_isotonic(lp, y).after_link_many(grid)
    assert found[inner] == pytest.approx(steps[inner], abs=1e-9)


def test_centred_isotonic_calibration_by_hand() -> None:
    # Events 0, 1, 1, 0, 1, 1: the pools are {.1} of 0, {.2, .4, .6} of 2/3 and {.7, .9} of 1.
    p = np.array([0.1, 0.2, 0.4, 0.6, 0.7, 0.9])
    table = fit_centred_isotonic(logit(p), [0, 1, 1, 0, 1, 1])
    assert table.before == pytest.approx([0.0, 0.1, 0.4, 0.8, 1.0])
    # The first block holds one person without an event: half an event in two people. The last
    # holds two with one: one less half an event in three people.
    assert table.after == pytest.approx([0.0, 0.25, 2 / 3, 1 - 0.5 / 3, 1.0])


def test_isotonic_calibration_by_hand() -> None:
    p = np.array([0.1, 0.2, 0.4, 0.6, 0.7, 0.9])
    table = fit_isotonic(logit(p), [0, 1, 1, 0, 1, 1])
    assert table.before == pytest.approx([0.1, 0.2, 0.6, 0.7, 0.9])
    assert table.after == pytest.approx([0.25, 2 / 3, 2 / 3, 1 - 0.5 / 3, 1 - 0.5 / 3])


def test_people_whom_isotonic_calibration_ties_keep_their_order_when_it_is_centred() -> None:
    lp, y = drawn(1000, 2)
    p = np.sort(expit_many(lp))
    assert len(np.unique(fit_isotonic(lp, y).after_link_many(p))) < 200
    assert (np.diff(fit_centred_isotonic(lp, y).after_link_many(p)) > 0).all()


def test_no_isotonic_map_is_certain_of_anyone_in_the_data() -> None:
    lp = np.linspace(-3, 3, 60)
    y = (lp > 0).astype(float)
    for fit in (fit_isotonic, fit_centred_isotonic):
        found = fit(lp, y).after_link_many(expit_many(lp))
        assert found.min() > 0.0
        assert found.max() < 1.0


def test_a_long_table_is_thinned_and_stays_close() -> None:
    lp = np.linspace(-3, 3, 20_000)
    y = (np.arange(20_000) * 0.6180339887498949 % 1.0 < expit(lp)).astype(
        float
    )  # many small blocks
    table = fit_isotonic(lp, y)
    other = IsotonicRegression(y_min=0, y_max=1).fit(expit_many(lp), y)
    assert len(table.before) <= MAX_KNOTS < len(other.X_thresholds_)
    found = table.after_link_many(expit_many(lp))
    steps = other.predict(expit_many(lp))
    assert np.abs(found - steps).mean() < 0.002
    assert np.abs(found - steps).max() < 0.03  # at a jump whose foot was dropped


def test_probabilities_too_close_for_a_slope_are_pooled() -> None:
    lp = np.concatenate([[0.0, 1e-15, 1e-14], np.linspace(-2, 2, 50)])
    y = np.concatenate([[0.0, 1.0, 1.0], np.tile([0.0, 1.0], 25)])
    for fit in (fit_isotonic, fit_centred_isotonic):
        assert isinstance(fit(lp, y), Table)


def test_weighted_quantiles_of_whole_weights_are_those_of_repeated_people() -> None:
    rng = np.random.default_rng(4)
    x, weight = np.sort(rng.normal(size=40)), rng.integers(1, 5, 40)
    levels = [0.05, 0.3, 0.5, 0.77, 1.0]
    found = weighted_quantiles(x, weight.astype(float), levels)
    assert found == pytest.approx(np.quantile(np.repeat(x, weight), levels), abs=1e-12)


# -- shape --------------------------------------------------------------------------------------------


def test_a_spline_that_would_fall_is_smoothed_until_it_rises() -> None:
    lp, y = drawn(400, 6, slope=0.3, bend=0.0)
    y[(lp > 0.6) & (lp < 1.2)] = 0.0
    raw = np.column_stack([np.ones(400), restricted_cubic_basis(lp, fit_spline(lp, y).knots)])
    import statsmodels.api as sm

    free = sm.GLM(y, raw, family=sm.families.Binomial()).fit().params
    with pytest.raises(ModelError, match="falls"):
        Spline(fit_spline(lp, y).knots, free[0], tuple(free[1:]))
    found = fit_spline(lp, y)
    assert 0.001 <= found.least_slope < 0.02
    assert expit(found.before_link(lp)).mean() == pytest.approx(y.mean(), abs=1e-6)


def test_a_spline_of_a_predictor_that_points_the_wrong_way_is_the_flattened_line() -> None:
    found = fit_spline(*NO_SIGNAL)
    assert isinstance(found, Logistic)
    assert found.slope == 0.05


def test_a_spline_of_a_predictor_with_two_values_is_a_line() -> None:
    lp, y = np.repeat([-1.0, 1.0], 50), np.tile([0.0, 1.0, 0.0, 1.0, 1.0], 20)
    assert isinstance(fit_spline(lp, y), Logistic)


def test_beta_holds_a_coefficient_at_0_rather_than_fall() -> None:
    lp, _ = drawn(3000, 8)
    p = expit(lp)
    falling_in_the_end = expit(1.0 + 1.5 * np.log(p) + 0.4 * np.log1p(-p))
    y = (np.random.default_rng(1).random(3000) < falling_in_the_end).astype(float)
    found = fit_beta(lp, y)
    assert found.b == 0.0
    assert found.a > 1.0
    assert found.after_link_many(p).mean() == pytest.approx(y.mean(), abs=1e-6)


def test_beta_of_a_predictor_that_points_the_wrong_way_is_flattened() -> None:
    found = fit_beta(*NO_SIGNAL)
    assert (found.a, found.b) == (0.05, 0.05)


def test_centred_isotonic_of_a_predictor_that_points_the_wrong_way_hardly_rises() -> None:
    lp, y = NO_SIGNAL
    found = fit_centred_isotonic(lp, y).after_link_many(expit_many(np.sort(lp)))
    assert 0.0 < np.ptp(found) < 0.06
    assert found.mean() == pytest.approx(y.mean(), abs=0.01)


# -- whatever the method -----------------------------------------------------------------------------


@pytest.mark.parametrize("method", method_names())
def test_the_order_of_rows_does_not_matter(method: Any) -> None:
    order = np.random.default_rng(0).permutation(len(LP))
    assert fit_calibration(method, LP, Y, W) == fit_calibration(
        method, LP[order], Y[order], W[order]
    )


@pytest.mark.parametrize("method", [m for m in method_names() if m != "cross_venn_abers"])
def test_a_weight_of_two_is_a_row_seen_twice(method: Any) -> None:
    twice = np.repeat(np.arange(len(LP)), W.astype(int))
    weighted, repeated = (
        fit_calibration(method, LP, Y, W),
        fit_calibration(method, LP[twice], Y[twice]),
    )
    p = np.linspace(0.01, 0.99, 99)
    for each in (weighted, repeated):
        assert type(each) is type(weighted)
    one, other = (
        c.after_link_many(expit_many(c.before_link(logit(p)))) for c in (weighted, repeated)
    )
    assert one == pytest.approx(other, abs=1e-9)


@pytest.mark.parametrize("method", method_names())
def test_rows_of_weight_0_do_not_count(method: Any) -> None:
    zeros = np.concatenate([np.ones(len(LP)), np.zeros(3)])
    more = np.append(LP, [9.0, -9.0, 0.1]), np.append(Y, [0.0, 1.0, 1.0])
    assert fit_calibration(method, *more, zeros) == fit_calibration(method, LP, Y)


@pytest.mark.parametrize("method", [m for m in method_names() if m != "none"])
def test_a_method_with_too_few_events_is_refused(method: Any) -> None:
    lp = np.linspace(-2, 2, 500)
    y = np.zeros(500)
    y[[250, 300, 350, 490]] = 1.0
    with pytest.raises(ModelError, match=r"needs \d+ people with and as many without.* has 4"):
        fit_calibration(method, lp, y)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(-0.5, 2.0), st.floats(-0.5, 0.5), st.integers(2, 4))
def test_every_fit_is_a_map_that_can_be_stored(
    seed: int, slope: float, bend: float, digits: int
) -> None:
    lp, y = drawn(300, seed, slope, bend)
    if min(y.sum(), (1 - y).sum()) < 2:
        return
    lp = np.round(8 * lp, digits - 2)
    for fit in (fit_logistic, fit_beta, fit_spline, fit_isotonic, fit_centred_isotonic):
        assert isinstance(fit(lp, y), Logistic | Beta | Spline | Table)


@pytest.mark.parametrize(
    ("lp", "y", "weight", "message"),
    [
        ([0.0, np.nan], [0, 1], None, "1 of 2 linear predictors"),
        ([0.0, 1.0], [0, 2], None, "0 or 1"),
        ([0.0, 1.0], [0, 1, 1], None, "shapes"),
        ([0.0, 1.0], [1, 1], None, "with and without"),
        ([0.0, 1.0], [0, 1], [1, 0], "with and without"),
        ([0.0, 1.0], [0, 1], [1, -1], "at least 0"),
    ],
)
def test_input_that_cannot_be_used_is_refused(lp: Any, y: Any, weight: Any, message: str) -> None:
    for fit in (fit_logistic, fit_isotonic):
        with pytest.raises(ModelError, match=message):
            fit(lp, y, weight)


def test_an_unknown_method_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ModelError, match=r"'platt'; choose from none, logistic"):
        fit_calibration("platt", LP, Y)  # type: ignore[arg-type]
