"""Lots that can be drawn again, within strata, and balanced."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.pilots.data import drawn, wedge
from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots import allocate, randomisation, stepped_wedge
from risicoscreener.evaluation.pilots.design import imbalance

SIZES = {"size": [210.0, 90, 150, 160, 300, 120, 180, 240]}


@given(st.integers(0, 10**6))
@settings(max_examples=20)
def test_lots_come_from_their_seed_and_not_from_who_starts_now(seed):
    one = allocate(wedge(8), seed=seed, balance=SIZES)
    other = allocate(wedge(8).with_starts([4, 4, 3, 3, 2, 2, 1, 1]), seed=seed, balance=SIZES)
    assert one.design.starts == other.design.starts
    assert sorted(one.design.starts) == sorted(wedge(8).starts)
    assert one.imbalance <= one.cut + 1e-12


def test_every_site_can_get_every_start():
    found = np.array([allocate(wedge(4, 1), seed=s).design.starts for s in range(400)])
    for site in found.T:
        share = np.bincount(site, minlength=5)[1:] / 400
        assert share == pytest.approx([0.25] * 4, abs=0.09)


def test_balance_leaves_the_better_half_and_the_test_goes_over_what_is_left():
    made = allocate(wedge(8), seed=3, balance=SIZES, keep=0.1)
    assert made.possible == pytest.approx(252, abs=30)
    left = made.design.assignments()
    assert len(left) == made.possible
    assert (imbalance(made.design, left) <= made.cut + 1e-12).all()
    test = randomisation(made.design, drawn(made.design))
    assert len(test.weights) == made.possible


def test_too_many_to_list_are_drawn_and_still_balanced():
    sizes = {"size": list(np.random.default_rng(1).normal(200, 60, 14))}
    one, other = (allocate(wedge(14), seed=9, balance=sizes, keep=0.05) for _ in range(2))
    assert one.design.starts == other.design.starts
    assert len(one.design.assignments()) > 1000
    for seed in range(8):
        again = allocate(wedge(14), seed=seed, balance=sizes, keep=0.05)
        assert again.imbalance <= again.cut + 1e-12


def test_the_real_assignment_is_gone_over_even_if_it_is_not_balanced():
    sizes = {"size": tuple(float(2**i) for i in range(8))}
    design = replace(wedge(8), balance=sizes, keep=0.1)
    found = design.assignments()
    assert imbalance(design, found[:1])[0] > design.cut
    assert found[0].tolist() == list(design.starts)
    assert (imbalance(design, found[1:]) <= design.cut + 1e-12).all()


def test_lots_stay_within_strata():
    strata = {f"PI-0{i + 1}": "north" if i < 4 else "south" for i in range(8)}
    sites = list(strata)
    groups = [[sites[i], sites[i + 4]] for i in range(4)]
    made = allocate(stepped_wedge(groups, strata=strata), seed=5)
    frame = made.to_frame()
    assert frame.groupby("stratum")["start"].apply(sorted).tolist() == [["2", "3", "4", "5"]] * 2
    assert made.possible == 24 * 24


def test_lots_that_leave_chance_nothing_are_refused():
    uneven = {"size": [3.0**i for i in range(8)]}
    with pytest.raises(PilotError, match="expected at least 20"):
        allocate(wedge(8), seed=1, balance=uneven, keep=0.001)


def test_a_figure_that_is_no_number_is_refused():
    with pytest.raises(PilotError, match="'size' with a value"):
        allocate(wedge(8), seed=1, balance={"size": [float("nan")] * 8})
