"""The test over assignments: against one written out, exact, and with limits that are its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.pilots.data import as_cells, designs, drawn, wedge
from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots import PilotDesign, parallel, randomisation
from risicoscreener.evaluation.pilots.randomisation import Randomisation


def written_out(design: PilotDesign, cells, starts, y, icc=0.05, cac=0.8) -> float:
    """Generalised least squares with periods, one assignment."""
    kept = cells.seen
    site, period = np.nonzero(kept)
    v = icc * cac * (site[:, None] == site) + np.diag(
        icc * (1 - cac) + (1 - icc) / cells.size[kept]
    )
    exposure = np.array([[float(s >= 0 and t >= s) for t in range(kept.shape[1])] for s in starts])
    x = np.column_stack([exposure[kept], np.eye(kept.shape[1])[period]])
    w = np.linalg.inv(v)
    return float(np.linalg.lstsq(x.T @ w @ x, x.T @ w @ y[kept], rcond=None)[0][0])


def test_estimates_are_those_written_out():
    design = wedge(6)
    cells = drawn(design, seed=4)
    cells = cells.where(np.arange(cells.size.size).reshape(cells.size.shape) != 7)
    test, starts = randomisation(design, cells), design.assignments()
    found = test.estimates(cells.mean)
    mean = np.nan_to_num(cells.mean)
    assert len(found) == 90
    for place in (0, 17, 89):
        own = written_out(design, cells, starts[place], mean)
        assert found[place] == pytest.approx(own, rel=1e-8)


@given(st.integers(0, 10_000))
@settings(max_examples=25)
def test_limits_are_where_the_p_value_crosses(seed):
    design = wedge(6)
    cells = drawn(design, -0.1, seed=seed)
    test = randomisation(design, cells)
    low, high = test.interval(cells.mean, 0.9)
    step = 1e-6
    assert test.p_value(cells.mean, low + step) > 0.1 >= test.p_value(cells.mean, low - step)
    assert test.p_value(cells.mean, high - step) > 0.1 >= test.p_value(cells.mean, high + step)
    assert low <= test.estimates(cells.mean)[0] <= high


@given(designs(most_sites=6), st.integers(0, 1000), st.floats(-0.5, 0.5))
@settings(max_examples=40)
def test_moving_an_effect_moves_the_limits_and_no_p_value(design, seed, effect):
    rng = np.random.default_rng(seed)
    mean, size = rng.normal(size=design.shape), rng.integers(5, 40, design.shape)
    try:
        test = randomisation(design, as_cells(mean, size))
    except PilotError:
        return
    moved = mean + effect * design.exposure
    assert test.p_value(moved, effect) == pytest.approx(test.p_value(mean))
    one, other = np.array(test.interval(mean, 0.8)), np.array(test.interval(moved, 0.8))
    assert np.allclose(one + effect, other, atol=1e-7, equal_nan=True)


def test_over_all_assignments_the_test_is_exact():
    # Whichever assignment is the real one, no more than the share is rejected, ties aside.
    sites = [str(i) for i in range(8)]
    design = parallel(sites, sites[:4], periods=["1", "2"], start=1)
    cells = drawn(design, seed=11)
    rejected = 0
    for starts in design.assignments():
        real = design.with_starts(starts.tolist())
        rejected += randomisation(real, cells).p_value(cells.mean) <= 0.1 + 1e-12
    assert rejected / 70 <= 0.1
    assert rejected / 70 >= 0.1 - 2 / 70


def test_with_too_few_assignments_the_interval_has_no_end():
    design = parallel(["a", "b", "c", "d"], ["a", "b"], periods=["1", "2"], start=1)
    cells = drawn(design)
    assert randomisation(design, cells).interval(cells.mean) == (-np.inf, np.inf)


def test_the_mean_over_exposure_times_is_found_when_effects_grow():
    design = wedge(8)
    effect = 0.3 * np.maximum(design.exposure_time - 1, 0)
    cells = as_cells(np.arange(5) * 0.2 + effect, 20)
    plain = randomisation(design, cells).estimates(cells.mean)[0]
    by_time = randomisation(design, cells, effect="by_exposure_time").estimates(cells.mean)[0]
    assert by_time == pytest.approx(0.45)
    assert plain < 0.35


def test_an_effect_that_cannot_be_told_from_periods_is_refused():
    design = wedge(4)
    cells = drawn(design).where(np.arange(3) > 1)
    with pytest.raises(PilotError, match="told apart"):
        randomisation(design, cells)


@pytest.mark.parametrize(("icc", "cac"), [(1.0, 0.5), (-0.1, 0.5), (0.1, 1.2)])
def test_weights_that_cannot_be_are_refused(icc, cac):
    design = wedge(4)
    with pytest.raises(PilotError, match="expected shares"):
        randomisation(design, drawn(design), icc=icc, cac=cac)


def test_limits_where_an_assignment_moves_as_much_as_the_real_one():
    # (found - e)² >= (1 - e)² with moved 1: for e up to 1.5 where found is 2.
    test = Randomisation(
        np.array([[1.0], [2.0], [0.5]]),
        np.ones((1, 1), bool),
        np.ones(3),
        True,
        np.zeros((3, 1), int),
    )
    mean = np.ones((1, 1))
    for effect, share in ((1.4, 1.0), (1.6, 2 / 3), (0.7, 2 / 3), (0.8, 1.0)):
        assert test.p_value(mean, effect) == pytest.approx(share)
    low, high = test.interval(mean, 1 / 3)
    assert (low, high) == pytest.approx((0.75, 1.5))
