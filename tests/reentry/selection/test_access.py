"""Access by group: shares as they are counted, small cells hidden, and what a floor costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.uplift.people import trial
from reentry.selection.worlds import cohort, people
from risicoscreener.errors import EvaluationError, ReentryError
from risicoscreener.evaluation.uplift import first_share
from risicoscreener.reentry.selection import (
    Places,
    access_by_group,
    allocate,
    audit_groups,
    price_of_equal_access,
    shipped_aids,
)
from risicoscreener.reentry.selection.access import _with_floor

AID = shipped_aids()["debt_help"]


def found():
    return allocate(people("debt_help"), Places.everywhere(AID, 200), rule="need_and_risk")


def test_the_rate_of_a_group_is_that_of_those_who_need_the_help():
    allocation = found()
    groups = audit_groups(cohort().tables, allocation)
    assert set(groups) == {"sex", "origin_group"}
    table = access_by_group(allocation, groups)
    men = [p for p, sex in zip(allocation, groups["sex"], strict=True) if sex == "male"]
    considered = [p for p in men if p.status in ("proposed", "waiting")]
    assert table["male"].n == len(considered)
    share = np.mean([p.status == "proposed" for p in considered])
    assert table["male"].rate.value == pytest.approx(share)
    assert table["male"].rate.low < share < table["male"].rate.high
    assert "sex male" in table.text("en")
    assert len(table.to_frame()) == len(table.groups)


def test_a_small_group_is_hidden_and_so_is_what_gives_it_away():
    allocation = found()
    labels = np.where(np.arange(len(allocation)) < 3, "few", "many")
    table = access_by_group(allocation, {"kind": labels})
    assert table["few"].hidden == "small"
    assert table["many"].hidden == "derivable"
    assert table["few"].n is None
    assert np.isnan(table["few"].rate.value)
    assert "too small" in table.text("en")
    assert [one["n"] for one in table.to_dict()["groups"][1:]] == [None, None]


def test_a_missing_label_is_refused():
    with pytest.raises(EvaluationError, match=r"kind\[0\] is missing"):
        access_by_group(found(), {"kind": [None] * len(found())})
    with pytest.raises(ReentryError, match="attribute 'shoe_size' is not in the table audit"):
        audit_groups(cohort().tables, found(), ("shoe_size",))


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from("ab")), min_size=4, max_size=30),
    st.floats(0.1, 0.9),
    st.floats(0, 1),
)
def test_a_floor_gives_each_group_its_part_and_the_same_number_of_places(rows, capacity, ratio):
    score = np.array([float(s) for s, _ in rows])
    labels = np.array([g for _, g in rows])
    weight = np.ones(len(rows))
    treat = _with_floor(score, labels, weight, capacity, ratio)
    assert treat.sum() == pytest.approx(capacity * len(rows))
    assert ((treat >= -1e-12) & (treat <= 1 + 1e-12)).all()
    for group in set(labels):
        assert treat[labels == group].mean() >= ratio * capacity - 1e-9
    free = first_share(score, capacity)
    assert score @ treat <= score @ free + 1e-9


def test_the_price_is_nothing_where_groups_gain_alike_and_something_where_they_do_not():
    compared, x = trial(4000, slope=0.6)
    rng = np.random.default_rng(0)
    alike = price_of_equal_access(
        compared, x, rng.choice(["a", "b"], len(x)), capacity=0.3, least_ratio=1.0
    )
    assert abs(alike.expected_loss) < 0.005
    groups = np.where(x + 0.9 * rng.random(len(x)) > 0.95, "a", "b")
    apart = price_of_equal_access(compared, x, groups, capacity=0.3, least_ratio=1.0)
    assert apart.expected_loss > 0.02
    assert apart.loss.low < 0.6 * apart.expected_loss < apart.loss.high
    assert 0 < apart.rates["b"] < 0.2 < apart.rates["a"]
    assert [apart.equal_rates[g] for g in "ab"] == pytest.approx([0.3, 0.3], abs=0.01)
    half = price_of_equal_access(compared, x, groups, capacity=0.3, least_ratio=0.5)
    assert half.expected_loss < apart.expected_loss
    few = np.where(np.arange(len(x)) < 4, "a", "b")
    assert price_of_equal_access(compared, x, few, capacity=0.3).rates == {"a": None, "b": None}
    with pytest.raises(ReentryError, match="least_ratio is 2"):
        price_of_equal_access(compared, x, np.where(x > 0.5, "a", "b"), capacity=0.3, least_ratio=2)
