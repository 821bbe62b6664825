"""Effects by group and time, and what plain two-way fixed effects makes of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.pilots.data import as_cells, designs, drawn
from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots import group_time, parallel, staggered, two_way

PERIODS = [str(i) for i in range(6)]
DESIGN = staggered({"a": "2", "b": "2", "c": "4", "d": "4", "e": None, "f": None}, PERIODS)


def world(effect, design=DESIGN, seed=1):
    """Levels of sites and a course that all share, with effects added."""
    rng = np.random.default_rng(seed)
    level = rng.normal(size=(len(design.sites), 1)) + rng.normal(size=len(design.periods))
    return as_cells(level + effect * design.exposure, 20)


def test_with_one_start_it_is_the_difference_in_differences():
    design = parallel(list("abcd"), ["a", "b"], periods=["1", "2"], start=1)
    mean = np.array([[1.0, 4], [2, 6], [1, 2], [0, 3]])
    found = group_time(as_cells(mean, 10), design)
    assert found.value == pytest.approx((3 + 4) / 2 - (1 + 3) / 2)
    # Within groups changes are 3, 4 and 1, 3: variances of means 0.25 and 1.
    assert found.error == pytest.approx(np.sqrt(0.25 + 1))
    assert found.degrees == pytest.approx(1.25**2 / (0.25**2 + 1))


def test_effects_that_grow_are_found_by_time_since_the_start():
    grows = 0.5 * np.maximum(DESIGN.exposure_time - 1, 0)
    found = group_time(world(grows), DESIGN)
    by_time = found.by_exposure_time().set_index("periods_since_start")["value"]
    assert by_time.loc[[0, 1, 2, 3]].tolist() == pytest.approx([0, 0.5, 1, 1.5])
    assert by_time.loc[by_time.index < 0].abs().max() < 1e-12
    assert found.value == pytest.approx(grows[DESIGN.exposure > 0].mean())
    assert found.by_group()["value"].tolist() == pytest.approx([0.75, 0.25])


def test_plain_two_way_fixed_effects_is_wrong_where_effects_grow_and_right_where_not():
    grows = 0.5 * np.maximum(DESIGN.exposure_time - 1, 0)
    plain = two_way(world(grows), DESIGN)
    assert plain.value < 0.4 < group_time(world(grows), DESIGN).value
    assert plain.forbidden > 0
    assert two_way(world(0.7), DESIGN).value == pytest.approx(0.7)


@given(designs(), st.integers(0, 1000))
@settings(max_examples=60)
def test_the_parts_of_two_way_fixed_effects_add_up_to_it(design, seed):
    mean = np.random.default_rng(seed).normal(size=design.shape)
    found = two_way(as_cells(mean, 9), design)
    frame = found.to_frame()
    assert frame["weight"].sum() == pytest.approx(1)
    assert (frame["weight"] >= 0).all()
    assert frame["weight"] @ frame["value"] == pytest.approx(found.value)
    site, period = np.indices(design.shape)
    x = np.column_stack(
        [
            design.exposure.ravel(),
            np.eye(design.shape[0])[site.ravel()],
            np.eye(design.shape[1])[period.ravel()],
        ]
    )
    assert np.linalg.lstsq(x, mean.ravel(), rcond=None)[0][0] == pytest.approx(found.value)


def test_a_trend_of_their_own_before_the_start_shows():
    leaning = np.outer([1, 1, 0, 0, 0, 0], np.arange(6)) * 1.0
    rng = np.random.default_rng(0)
    cells = as_cells(leaning + rng.normal(0, 0.01, (6, 6)), 20)
    value, low, high, p_value = group_time(cells, DESIGN).before()
    assert value == pytest.approx(0.25, abs=0.02)
    assert low < value < high
    assert p_value < 0.05


def test_only_those_who_never_start_can_be_the_controls():
    shifted = world(0.0).mean + np.outer([0, 0, 1, 1, 0, 0], [0, 0, 0, 1, 0, 0])
    cells = as_cells(shifted, 20)
    of_group_two = {
        controls: group_time(cells, DESIGN, controls).to_frame().set_index(["start", "period"])
        for controls in ("not_yet", "never")
    }
    assert of_group_two["never"]["value"]["2", "3"] == pytest.approx(0)
    assert of_group_two["not_yet"]["value"]["2", "3"] == pytest.approx(-0.5)


def test_one_site_that_starts_alone_still_has_an_error():
    design = staggered({"a": "2", "b": "4", "c": None, "d": None, "e": None}, PERIODS)
    found = group_time(drawn(design, seed=3), design)
    assert 0 < found.error < 1
    assert found.degrees > 1


def test_nobody_to_compare_with_is_said():
    design = parallel(list("abc"), ["a"], periods=["1", "2"], start=0)
    with pytest.raises(PilotError, match="no effect can be estimated"):
        group_time(drawn(design), design)


def test_two_way_fixed_effects_wants_whole_tables():
    cells = drawn(DESIGN).where(np.arange(36).reshape(6, 6) > 0)
    with pytest.raises(PilotError, match="a cell is absent"):
        two_way(cells, DESIGN)
