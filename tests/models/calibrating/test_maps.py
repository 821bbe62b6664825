"""Each stored map: never falls, stays a probability, is plain data, and is the same one by one."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.errors import ModelError
from risicoscreener.models import Logistic, ScoringProgram, Table, Term, Uncertainty
from risicoscreener.models.calibrating import restricted_cubic_basis
from risicoscreener.models.calibration import (
    Beta,
    Calibration,
    Spline,
    VennAbers,
    calibrated_log_odds,
    expit_many,
)

from ..strategies import calibrations, splines, unit, venn_abers

LINE = np.unique(
    np.concatenate([np.linspace(-60, 60, 2001), [-1e300, -750.0, -40.0, 0.0, 40.0, 750.0, 1e300]])
)


def program(calibration: Calibration, **changes: Any) -> ScoringProgram:
    term = Term("x", (-5.0, 5.0), (-5.0, 5.0), missing=0.0)
    return ScoringProgram(intercept=0.0, terms=(term,), calibration=calibration, **changes)


def probabilities(calibration: Calibration, lp: np.ndarray) -> np.ndarray:
    return calibration.after_link_many(expit_many(calibration.before_link(lp)))


@given(calibrations)
def test_a_map_never_falls_on_the_whole_line(calibration: Calibration) -> None:
    found = probabilities(calibration, LINE)
    # exp, log and a cubic round, so neighbours may differ in the last two digits; tables may not.
    exact = isinstance(calibration, Table | VennAbers)
    assert np.diff(found).min() >= (0.0 if exact else -5e-16)


@given(calibrations, st.lists(st.floats(-30, 30), min_size=1, max_size=20))
def test_a_map_gives_probabilities(calibration: Calibration, lp: list[float]) -> None:
    found = probabilities(calibration, np.array([*lp, -1e300, 1e300]))
    assert (found >= 0.0).all()
    assert (found <= 1.0).all()


@given(calibrations, st.lists(st.floats(-30, 30), min_size=1, max_size=20))
def test_one_and_many_are_the_same_double(calibration: Calibration, lp: list[float]) -> None:
    scored = program(calibration)
    assert scored.probability_many(np.array(lp)).tolist() == [scored.probability_one(x) for x in lp]


@given(calibrations)
def test_a_map_goes_to_json_and_back(calibration: Calibration) -> None:
    text = msgspec.json.encode(calibration)
    assert msgspec.json.decode(text, type=Calibration) == calibration
    stored = program(calibration)
    assert ScoringProgram.from_dict(stored.to_dict()) == stored


@given(calibrations, st.floats(-5, 5))
def test_the_interval_of_a_program_is_that_of_the_linear_predictor_mapped_by_its_ends(
    calibration: Calibration, x: float
) -> None:
    factor = np.diag([0.3, 0.2, 0.1])
    scored = program(calibration, uncertainty=Uncertainty.from_factor(factor, [[0.5]], 0.95))
    found = scored.interval_one([x])
    probability, lp, _ = scored.score_one([x])
    half = 1.959963984540054 * found.standard_error
    assert found.lower == pytest.approx(scored.probability_one(lp - half), abs=1e-9)
    assert found.upper == pytest.approx(scored.probability_one(lp + half), abs=1e-9)
    assert found.lower - 1e-15 <= probability <= found.upper + 1e-15


@given(venn_abers(), st.lists(unit, min_size=1, max_size=9))
def test_bounds_of_venn_abers_are_the_same_double_and_hold_its_probability(
    calibration: VennAbers, p: list[float]
) -> None:
    lower, upper = calibration.bounds_many(np.array(p))
    assert [*zip(lower.tolist(), upper.tolist(), strict=True)] == [
        calibration.bounds_one(x) for x in p
    ]
    merged = calibration.after_link_many(np.array(p))
    assert (lower <= merged + 1e-15).all()
    assert (merged <= upper + 1e-15).all()


@given(calibrations, st.floats(-30, 30))
def test_calibrated_log_odds_are_those_of_the_probability(
    calibration: Calibration, lp: float
) -> None:
    found = calibrated_log_odds(calibration, np.array([lp]))
    assert np.isfinite(found).all()
    assert expit_many(found) == pytest.approx(probabilities(calibration, np.array([lp])), abs=1e-12)


def test_beta_with_equal_coefficients_is_logistic_recalibration() -> None:
    lp = np.linspace(-8, 8, 33)
    beta, logistic = Beta(a=0.7, b=0.7, intercept=0.3), Logistic(intercept=0.3, slope=0.7)
    assert probabilities(beta, lp) == pytest.approx(probabilities(logistic, lp), abs=1e-12)


def test_beta_is_the_map_of_its_paper() -> None:
    # Kull et al. (2017), equation 2: 1 / (1 + 1 / (exp(c) p**a / (1 - p)**b)).
    p = np.array([0.1, 0.5, 0.8])
    written_out = 1 / (1 + 1 / (np.exp(0.2) * p**1.5 / (1 - p) ** 0.4))
    assert Beta(1.5, 0.4, 0.2).after_link_many(p) == pytest.approx(written_out, abs=1e-14)


def test_a_spline_is_its_basis_times_its_coefficients() -> None:
    spline = Spline((-2.0, -0.5, 0.3, 1.5), 0.1, (1.2, 0.4, -0.9))
    lp = np.linspace(-6, 6, 101)
    basis = restricted_cubic_basis(lp, spline.knots)
    assert spline.before_link(lp) == pytest.approx(0.1 + basis @ [1.2, 0.4, -0.9], abs=1e-12)


def test_a_spline_is_linear_far_beyond_its_knots() -> None:
    spline = Spline((-2.0, -0.5, 0.3, 1.5), 0.1, (1.2, 0.4, -0.9))
    far = spline.before_link(np.array([1e6, 2e6, 3e6]))
    assert far[2] - far[1] == pytest.approx(far[1] - far[0], rel=1e-12)


@given(splines(), st.floats(0.01, 2.0))
def test_the_lowest_slope_of_a_spline_is_the_lowest_on_a_fine_grid(
    spline: Spline, step: float
) -> None:
    fine = np.linspace(spline.knots[0] - 1, spline.knots[-1] + 1, 4001)
    slopes = np.diff(spline.before_link(fine)) / np.diff(fine)
    scale = 1.0 + np.abs(slopes).max()
    assert spline.least_slope <= slopes.min() + 1e-6 * scale
    assert spline.least_slope == pytest.approx(slopes.min(), abs=2e-3 * scale)


def test_a_table_does_not_pass_its_values_by_rounding() -> None:
    rng = np.random.default_rng(0)
    before = tuple(np.sort(rng.random(150)).tolist())
    table = Table(before, (*np.sort(rng.random(149)).tolist(), 1.0))
    near = np.nextafter(np.array(before), 0.0)
    assert (table.after_link_many(near) <= np.array(table.after)).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Logistic(0.0, -0.5), "slope -0.5"),
        (lambda: Logistic(float("nan"), 1.0), "NaN"),
        (lambda: Beta(-0.1, 1.0, 0.0), "a=-0.1"),
        (lambda: Beta(1.0, float("inf"), 0.0), "infinity"),
        (lambda: Spline((0.0, 1.0, 2.0), 0.0, (-1.0, 0.0)), "falls"),
        (lambda: Spline((0.0, 1.0, 2.0), 0.0, (0.1, -5.0)), "falls"),
        (lambda: Spline((0.0, 1.0, 1.0), 0.0, (1.0, 0.0)), "ascend"),
        (lambda: Spline((0.0, 1.0, 2.0), 0.0, (1.0,)), "one coefficient fewer"),
        (lambda: Table((0.1, 0.2), (0.5, 0.4)), "calibration table"),
        (lambda: VennAbers((0.5,), (0.1, 0.2), (0.3, 0.4)), "twice as many"),
        (lambda: VennAbers((0.5,), (0.1, 0.2, 0.1), (0.3, 0.4, 0.5)), "do not decrease"),
        (lambda: VennAbers((0.5,), (0.1, 0.2, 0.6), (0.3, 0.4, 0.5)), "lower at most the upper"),
        (lambda: VennAbers((0.5, 0.5), (0.1,) * 5, (0.3,) * 5), "ascend"),
        (lambda: VennAbers((0.5,), (0.1, 0.2, 0.3), (0.3, 0.4, 1.5)), "between 0 and 1"),
    ],
)
def test_a_map_that_falls_or_is_no_probability_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        make()


def test_a_spline_whose_dip_lies_between_knots_is_refused() -> None:
    # Slope 1 at both ends of the first segment, below 0 in its middle only.
    with pytest.raises(ModelError, match="falls"):
        Spline((0.0, 1.0, 2.0, 3.0), 0.0, (0.5, -9.0, 25.0))


def test_venn_abers_of_nan_is_refused() -> None:
    with pytest.raises(ModelError, match="NaN"):
        VennAbers((0.5,), (0.1, 0.2, 0.3), (0.3, 0.4, 0.5)).bounds_one(float("nan"))


def test_a_long_table_is_shown_by_its_ends() -> None:
    table = Table((0.1, 0.4, 0.9), (0.05, 0.3, 0.8))
    assert repr(table) == "Table(3 knots from 0.1 to 0.9, values from 0.05 to 0.8)"
    bounds = VennAbers((0.25, 0.5), (0.1,) * 5, (0.3,) * 5, (0.2,) * 5)
    assert repr(bounds) == "VennAbers(cross, 2 edges from 0.25 to 0.5)"
    assert len(repr(program(bounds))) < 200
