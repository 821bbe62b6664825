"""What depends on targets that nobody confirmed, seen by moving them one at a time."""

from __future__ import annotations

import pytest

from risicoscreener.errors import DataError
from risicoscreener.synthetic import load_parameters
from risicoscreener.synthetic.aims.calibration import TargetNotReachedError
from risicoscreener.synthetic.aims.levers import lever
from risicoscreener.synthetic.aims.sensitivity import KEY_QUANTITIES, sensitivity
from risicoscreener.synthetic.aims.targets import target_named

PEOPLE = 4096


@pytest.fixture(scope="module")
def moved():
    """Recalled reoffending in one year moved down and up, and income to its other value."""
    return sensitivity(["any_1y", "no_income"], n=PEOPLE)


def test_a_recalled_target_is_moved_to_both_ends_of_its_tolerance(moved):
    target = target_named("any_1y")
    low, high = moved.variations[1:3]
    assert (low.target.target, high.target.target) == (31, 37)
    for variation in (low, high):
        off = abs(variation.reached["any_1y"].value - variation.target.target)
        assert off <= 0.5 * target.tolerance
    assert low.lever_at > high.lever_at
    two_years = [v.reached["any_2y"] for v in (low, high)]
    assert abs(two_years[0].value - two_years[1].value) < 3 * 1.5 * two_years[0].error


def test_a_confirmed_target_is_moved_only_to_another_published_value(moved):
    assert [v.target.target for v in moved.variations[3:]] == [50]
    assert moved.variations[3].reached["no_income"].value == pytest.approx(50, abs=1.5)


def test_the_cohort_as_it_is_comes_first(moved):
    first = moved.variations[0]
    assert first.title == "as it is"
    assert moved.rows()[0][:3] == ("as it is", "", "")


def test_the_table_shows_key_quantities_and_which_gates_no_longer_hold(moved):
    assert len(moved.columns()) == 3 + len(KEY_QUANTITIES) + 1
    assert all(len(row) == len(moved.columns()) for row in moved.rows())
    income = moved.variations[3]
    assert "no_income" not in [target.key for target in income.gates_missed()]
    assert moved.markdown().count("\n") == 1 + len(moved.variations)
    plain = moved.to_dict()
    assert plain[1]["moved"] == "any_1y"
    assert plain[0]["moved"] is None
    assert set(KEY_QUANTITIES) <= set(plain[1]["reached"])


def test_a_value_that_cannot_be_reached_is_a_row_with_the_nearest(monkeypatch):
    def unreachable(wanted, **_):
        one = lever(wanted[0].fitted_by, load_parameters())
        raise TargetNotReachedError(wanted[0], one, 35.04, "in 6 steps")

    monkeypatch.setattr("risicoscreener.synthetic.aims.sensitivity.calibrate", unreachable)
    found = sensitivity(["any_1y"], n=500)
    said = "not reached: 35.0 % is the nearest"
    assert [row[-1] for row in found.rows()[1:]] == [said, said]
    assert found.to_dict()[1]["failed"] == said


@pytest.mark.parametrize("key", ["female", "any_2y_men"])
def test_a_confirmed_row_and_one_without_a_lever_are_not_moved(key):
    with pytest.raises(DataError, match=f"the target '{key}' cannot be moved"):
        sensitivity([key], n=500)
