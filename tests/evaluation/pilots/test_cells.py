"""Outcomes added up by site and period; what cannot be used is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.pilots.data import drawn, wedge
from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots import cells_from, parallel

DESIGN = parallel(["a", "b"], ["a"], periods=["1", "2"], start=1)


def table(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("12"), st.integers(0, 1)),
        min_size=1,
        max_size=40,
    )
)
def test_people_and_their_sums_give_the_same_cells(rows):
    people = pd.DataFrame(rows, columns=["site", "period", "outcome"])
    sums = people.groupby(["site", "period"])["outcome"].agg(["size", "sum"]).reset_index()
    sums.columns = ["site", "period", "size", "total"]
    one, other = cells_from(people, DESIGN), cells_from(sums, DESIGN)
    assert np.array_equal(one.size, other.size)
    assert np.array_equal(one.total, other.total)
    assert one.within == pytest.approx(other.within, nan_ok=True)


def test_the_variance_within_cells_is_the_pooled_one():
    people = table(site=["a"] * 3 + ["b"] * 2, period=["1"] * 5, outcome=[1.0, 2, 6, 4, 8])
    cells = cells_from(people, DESIGN, "continuous")
    assert cells.within == pytest.approx((14 / 3 * 3 / 3 + 8 / 3, 3))
    assert cells.within[0] == pytest.approx((np.var([1, 2, 6]) * 3 + np.var([4, 8]) * 2) / 3)


def test_time_at_risk_is_what_rates_are_of():
    people = table(site=["a", "a", "b"], period=["1", "1", "2"], outcome=[2, 0, 1], time=[3, 1, 2])
    cells = cells_from(people, DESIGN, "count")
    assert cells.mean[0, 0] == 0.5
    assert cells.mean[1, 1] == 0.5
    assert np.isnan(cells.mean[0, 1])
    assert cells.people == 0


@pytest.mark.parametrize("kind", ["binary", "count", "continuous"])
def test_cells_come_back_from_their_table(kind):
    design = wedge(4, 1)
    cells = drawn(design, kind=kind, level=0.4)
    again = cells_from(cells.to_frame(design), design, kind)
    assert np.allclose(again.total, cells.total)
    assert np.allclose(again.squares, cells.squares) or kind == "count"


@pytest.mark.parametrize(
    ("frame", "kind", "said"),
    [
        (table(site=["a"], period=["1"]), "binary", "column 'outcome' is absent"),
        (table(site=["x"], period=["1"], outcome=[1]), "binary", "row 1: site is 'x'"),
        (table(site=["a"], period=["9"], outcome=[1]), "binary", "period is '9'"),
        (
            table(site=["a", "a"], period=["1", "1"], outcome=[1, 2]),
            "binary",
            "row 2: outcome is 2",
        ),
        (table(site=["a"], period=["1"], outcome=["yes"]), "binary", "'yes'; expected a finite"),
        (table(site=["a"], period=["1"], outcome=[None]), "binary", "expected a finite"),
        (table(site=["a"], period=["1"], outcome=[-1]), "count", "whole number"),
        (table(site=["a"], period=["1"], outcome=[1], time=[0]), "count", "time above 0"),
        (table(site=["a"], period=["1"], size=[3], total=[4]), "binary", "at most size"),
        (table(site=["a"], period=["1"], size=[2.5], total=[1]), "binary", "whole number"),
        (table(site=["a"], period=["1"], size=[3], total=[4]), "continuous", "'squares' is absent"),
        (
            table(site=["a"], period=["1"], size=[2], total=[4], squares=[1]),
            "continuous",
            "at least total",
        ),
        (
            table(site=["a", "a"], period=["1", "1"], size=[3, 3], total=[1, 1]),
            "binary",
            "there twice",
        ),
        (table(site=["a"], period=["1"], outcome=[1]), "odd", "outcome is 'odd'"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_row(frame, kind, said):
    with pytest.raises(PilotError, match=said):
        cells_from(frame, DESIGN, kind)
