"""Power before a pilot: published numbers, formulas, and pilots drawn many times."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.pilots.data import wedge
from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots import (
    AnalysisPlan,
    Assumed,
    World,
    effect_error,
    operating,
    parallel,
    people_needed,
    periods_needed,
    power,
    simulated_power,
    sites_needed,
    stepped_wedge,
)
from risicoscreener.evaluation.pilots.power import power_at

ASSUMED = Assumed("binary", 0.4, 30, icc=0.03, cac=0.8)


def both_halves(n: int):
    sites = [str(i) for i in range(n)]
    return parallel(sites, sites[: n // 2])


def test_it_is_the_example_of_swcrtdesign():
    # README of the R package swCRTdesign: swPwr(swDsn(c(6,6,6,6)), distn="binomial", n=120,
    # mu0=0.05, mu1=0.035, tau=0.01, eta=0, rho=0, gamma=0) gives 0.7861896.
    sites = [str(i) for i in range(24)]
    design = stepped_wedge([sites[i : i + 6] for i in range(0, 24, 6)])
    total = 0.0425 * 0.9575
    icc = 0.01**2 / (0.01**2 + total)
    assumed = Assumed("binary", 0.05, 120, icc=icc, cac=1.0)
    found = power(design, assumed, -0.015, normal=True)
    # There the variance between sites comes on top of that of people; here it is a part of it.
    assert found.power == pytest.approx(0.7861896, abs=2e-3)
    error = effect_error(design, 120, site=0.01**2, within=total)
    assert power_at(0.015, error, math.inf, 0.95) == pytest.approx(0.7861896, abs=1e-7)


@given(st.integers(2, 40), st.integers(1, 300), st.floats(0, 0.5))
def test_a_parallel_pilot_has_the_known_design_effect(half, people, icc):
    error = effect_error(both_halves(2 * half), people, site=icc, within=1 - icc)
    assert error**2 == pytest.approx(2 * (1 + (people - 1) * icc) / (half * people))


@given(st.floats(0.01, 0.3), st.floats(0, 1))
@settings(max_examples=30)
def test_more_people_more_sites_and_less_correlation_never_cost_power(icc, cac):
    def error(design=wedge(8), **changes):
        assumed = {"site": icc * cac, "site_period": icc * (1 - cac), "within": 1 - icc}
        return effect_error(design, **{"size": 20, **assumed, **changes})

    plain = error()
    assert error(size=40) <= plain + 1e-12
    assert error(wedge(16, 4)) == pytest.approx(plain / math.sqrt(2))


def test_a_cell_that_is_left_out_costs_power():
    whole, setting_up = (
        stepped_wedge([["a", "b"], ["c", "d"], ["e", "f"]], transition=t) for t in (0, 1)
    )
    shared = {"size": 20, "site": 0.05, "within": 1.0}
    assert effect_error(setting_up, **shared) > effect_error(whole, **shared)


def test_correlation_that_fades_is_that_of_blocks_for_two_periods():
    sites = list("abcd")
    design = parallel(sites, sites[:2], periods=["1", "2"], start=1)
    blocks = effect_error(design, 20, site=0.04, site_period=0.01, within=1)
    fading = effect_error(design, 20, site=0.05, within=1, decay=0.8)
    assert fading == pytest.approx(blocks)


def test_the_smallest_effect_is_found_with_the_power_that_was_wanted():
    found = power(wedge(8), ASSUMED, -0.1)
    at = Assumed("binary", 0.4 - 0.05 + found.detectable / 2, 30, icc=0.03, cac=0.8)
    assert power(wedge(8), at, -found.detectable).power == pytest.approx(0.8, abs=0.01)


def test_needed_numbers_are_the_smallest_that_do():
    sites = sites_needed(wedge(8), ASSUMED, -0.1)
    assert power(wedge(sites, sites // 4), ASSUMED, -0.1).enough
    people = people_needed(wedge(8), ASSUMED, -0.12)
    for n, enough in ((people, True), (people - 1, False)):
        assumed = Assumed("binary", 0.4, n, icc=0.03, cac=0.8)
        assert power(wedge(8), assumed, -0.12).enough is enough


def test_with_few_sites_that_differ_no_number_of_people_is_enough():
    found = power(both_halves(8), Assumed("binary", 0.35, 30, icc=0.05), -0.05)
    assert found.most < 0.8
    assert people_needed(both_halves(8), Assumed("binary", 0.35, 30, icc=0.05), -0.05) is None
    assert "niet genoeg" in found.text("nl")
    assert "not enough" in found.text("en")
    assert not found.to_dict()["enough"]


def test_lots_among_six_sites_are_called_too_coarse():
    found = power(both_halves(6), ASSUMED, -0.1)
    assert found.p_floor == pytest.approx(0.1)
    assert "0,100" in found.text("nl")


def test_simulation_and_formula_agree_where_there_are_many_sites():
    design = both_halves(60)
    assumed = Assumed("continuous", 0.0, 20, icc=0.05, cac=1.0)
    formula = power(design, assumed, 0.23)
    plan = AnalysisPlan("kenward_roger")
    found = simulated_power(design, assumed, 0.23, plan=plan, runs=400, seed=3)
    assert found.runs == 400
    assert abs(found.power - formula.power) < 3.5 * found.monte_carlo_error


def test_sizes_that_differ_cost_power():
    uneven = Assumed("binary", 0.4, 30, icc=0.03, cac=0.8, size_cv=0.8)
    assert power(wedge(8), uneven, -0.1).power < power(wedge(8), ASSUMED, -0.1).power


@pytest.mark.parametrize("kind", ["binary", "count", "continuous"])
def test_sound_methods_keep_the_level_and_a_naive_one_does_not(kind):
    assumed = Assumed(kind, 0.4, 30, icc=0.08, cac=0.8, size_cv=0.3)
    methods = ["randomisation", "kenward_roger", "cr2", "ignoring_sites"]
    found = {
        one.method: one
        for one in operating(
            wedge(8), assumed, 0.0, methods, world=World(trend=-0.1), runs=250, seed=2
        )
    }
    far = 0.05 + 4 * math.sqrt(0.05 * 0.95 / 250)
    for method in methods[:3]:
        assert found[method].rejected <= far, method
        assert found[method].covered == pytest.approx(1 - found[method].rejected)
    assert found["ignoring_sites"].rejected > far
    assert abs(found["randomisation"].bias) < 4 * found["randomisation"].spread / math.sqrt(250)


def test_a_course_in_time_is_taken_for_effect_without_periods():
    found = operating(
        wedge(8), ASSUMED, 0.0, ["without_time", "kenward_roger"], world=World(trend=-0.2), runs=100
    )
    assert found[0].bias < -0.05
    assert abs(found[1].bias) < 0.03


def test_runs_come_from_their_seed():
    one, other, third = (
        operating(wedge(6), ASSUMED, 0.0, ["randomisation"], runs=20, seed=s) for s in (1, 1, 2)
    )
    assert one == other
    assert one != third


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Assumed("odd", 0.4, 30), "kind is 'odd'"),
        (lambda: Assumed("binary", 1.4, 30), "level is 1.4"),
        (lambda: Assumed("binary", 0.4, 0), "per_cell is 0"),
        (lambda: Assumed("binary", 0.4, 30, icc=1.0), "icc is 1.0"),
        (lambda: power(wedge(8), ASSUMED, 0.0), "effect is 0.0"),
        (lambda: power(wedge(8), ASSUMED, 1.9), "leaves the level of"),
        (lambda: effect_error(parallel(["a", "b"], ["a"]), [[1], [0]], site=0.1, within=1), "told"),
    ],
)
def test_what_cannot_be_is_refused(make, said):
    with pytest.raises(PilotError, match=said):
        make()


def test_a_longer_pilot_helps_where_somebody_is_left_to_compare_with():
    sites = [str(i) for i in range(20)]
    design = parallel(sites, sites[:10], periods=["1", "2"], start=1)
    periods = periods_needed(design, ASSUMED, -0.1)
    assert periods > 2
    for n, enough in ((periods, True), (periods - 1, False)):
        names = [str(i) for i in range(n)]
        longer = parallel(sites, sites[:10], periods=names, start=1)
        assert power(longer, ASSUMED, -0.1).enough is enough
    assert periods_needed(wedge(8), ASSUMED, -0.05) is None


def test_the_same_people_each_period_are_their_own_controls():
    sites = [str(i) for i in range(8)]
    design = parallel(sites, sites[:4], periods=["1", "2"], start=1)
    # With sites that differ beyond all measure only changes tell: of a site 2 · within / n.
    for person, within in ((0.0, 1.0), (0.6, 0.4)):
        error = effect_error(design, 20, site=1e7, person=person, within=within)
        assert error**2 == pytest.approx(2 / 4 * 2 * within / 20, rel=1e-4)
    once = both_halves(8)
    split = effect_error(once, 20, site=0.05, person=0.6, within=0.4)
    assert split == pytest.approx(effect_error(once, 20, site=0.05, within=1.0))
