"""Who starts when, and how else chance could have had it."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.pilots.data import designs, wedge
from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots import NEVER, parallel, staggered, stepped_wedge


def test_a_stepped_wedge_starts_with_nobody_and_ends_with_all():
    design = stepped_wedge([["a", "b"], ["c"], ["d"]])
    assert design.exposure.tolist() == [[0, 1, 1, 1], [0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1]]
    assert design.exposure_time.tolist()[0] == [0, 1, 2, 3]


def test_setting_up_does_not_count():
    design = stepped_wedge([["a"], ["b"]], periods=["1", "2", "3", "4"], transition=1)
    assert (~design.analysed).tolist() == [[False, True, False, False], [False, False, True, False]]
    assert design.to_frame().isna().to_numpy().tolist() == (~design.analysed).tolist()


@given(designs(most_sites=6))
def test_assignments_are_the_permutations_of_starts_each_once(design):
    found = {tuple(row) for row in design.assignments().tolist()}
    assert found == set(permutations(design.starts))
    assert len(found) == design.assignments_possible == len(design.assignments())
    assert tuple(design.assignments()[0]) == design.starts


def test_lots_stay_within_strata():
    strata = {"a": "north", "b": "north", "c": "south", "d": "south"}
    design = stepped_wedge([["a", "c"], ["b", "d"]], strata=strata)
    found = design.assignments()
    assert len(found) == design.assignments_possible == 4
    north = [design.strata[i] == "north" for i in range(4)]
    assert all(sorted(row[north]) == [1, 2] for row in found)


def test_too_many_assignments_are_drawn_with_the_real_one_first():
    design = wedge(14)
    assert design.assignments_possible == 681_080_400
    found = design.assignments(draws=300, seed=4)
    assert found.shape == (301, 14)
    assert found[0].tolist() == list(design.starts)
    assert np.array_equal(found, design.assignments(draws=300, seed=4))
    assert all(sorted(row) == sorted(design.starts) for row in found.tolist())


@pytest.mark.parametrize(("n", "smallest"), [(4, 2 / 6), (6, 0.1), (8, 2 / 70)])
def test_few_sites_cannot_give_a_small_p_value(n, smallest):
    sites = [str(i) for i in range(n)]
    design = parallel(sites, sites[: n // 2], periods=["1", "2"], start=1)
    assert design.smallest_p() == pytest.approx(smallest)


def test_a_design_goes_to_plain_values_by_the_names_of_periods():
    design = staggered({"a": "2027", "b": None}, ["2026", "2027"])
    assert design.to_dict()["starts"] == ["2027", None]
    assert design.starts == (1, NEVER)
    assert not design.randomised


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: stepped_wedge([["a"]]), "one site"),
        (lambda: stepped_wedge([["a", "b"]]), "at least two groups"),
        (lambda: stepped_wedge([["a"], ["a"]]), "'a' more than once"),
        (lambda: stepped_wedge([["a"], ["b"]], periods=["1", "2"]), "starts in period 2"),
        (lambda: parallel(["a", "b"], ["c"]), "'c'"),
        (lambda: parallel(["a", "b"], ["a", "b"]), "together"),
        (lambda: parallel(["a", "b"], []), "none does"),
        (lambda: staggered({"a": "9", "b": None}, ["1"]), "'9' is no period"),
        (lambda: stepped_wedge([["a"], ["b"]], transition=3), "transition is 3"),
    ],
)
def test_what_is_no_design_is_refused_with_a_reason(make, said):
    with pytest.raises(PilotError, match=said):
        make()


@given(designs(), st.data())
def test_a_design_of_some_sites_keeps_their_starts(design, data):
    count = data.draw(st.integers(2, len(design.sites)))
    sites = design.sites[-count:]
    starts = dict(zip(design.sites, design.starts, strict=True))
    if len({starts[s] for s in sites}) > 1:
        kept = design.only(sites)
        assert dict(zip(kept.sites, kept.starts, strict=True)) == {s: starts[s] for s in sites}
