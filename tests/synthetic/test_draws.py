"""Draws for many people at once agree with what is plainly meant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.dossier import vocabularies
from risicoscreener.synthetic import load_parameters
from risicoscreener.synthetic.stages.draws import (
    Block,
    between,
    choose,
    choose_by,
    gamma_days,
    pick,
    pick_by,
)
from risicoscreener.synthetic.stages.rows import repeat
from risicoscreener.synthetic.stages.spells import (
    first_of_owner,
    in_time,
    largest_so_far,
    merged,
    rank_in_owner,
    sums_in_owner,
)


def stream(number=0):
    return np.random.default_rng(number)


spells = st.lists(
    st.tuples(st.integers(0, 4), st.integers(-300, 300), st.integers(0, 60)), max_size=30
)


def in_order(found):
    """Owners, starts and ends in the order of owner and start."""
    rows = sorted(found)
    return tuple(np.array([row[i] for row in rows], dtype=np.int32) for i in range(3))


@given(spells)
def test_merged_spells_cover_exactly_the_days_of_the_spells(found):
    owner, start, length = in_order(found)
    first, end = merged(owner, start, start + length)
    covered = {
        (o, d) for o, s, n in zip(owner, start, length, strict=True) for d in range(s, s + n + 1)
    }
    again = [(owner[i], d) for i, e in zip(first, end, strict=True) for d in range(start[i], e + 1)]
    assert set(again) == covered
    assert len(again) == len(set(again))


@given(spells)
def test_ranks_and_sums_start_anew_with_each_owner(found):
    owner, _, values = in_order(found)
    ranks, sums, firsts = rank_in_owner(owner), sums_in_owner(owner, values), first_of_owner(owner)
    for i, o in enumerate(owner):
        before = [j for j in range(i) if owner[j] == o]
        assert ranks[i] == len(before)
        assert sums[i] == values[i] + sum(int(values[j]) for j in before)
        assert firsts[i] == (not before)


@given(spells)
def test_the_largest_so_far_starts_anew_with_each_owner(found):
    owner, _, values = in_order(found)
    latest = largest_so_far(owner, values)
    for i, o in enumerate(owner):
        assert latest[i] == max(values[j] for j in range(i + 1) if owner[j] == o)


@given(spells)
def test_rows_are_put_in_the_order_of_owner_and_day(found):
    owner = np.array([row[0] for row in found], dtype=np.int32)
    day = np.array([row[1] for row in found], dtype=np.int32)
    order = in_time(owner, day)
    assert list(zip(owner[order], day[order], strict=True)) == sorted(zip(owner, day, strict=True))


@given(st.lists(st.integers(0, 5), max_size=20))
def test_rows_are_repeated_by_their_counts(counts):
    owner, place = repeat(np.array(counts, dtype=np.int64))
    expected = [(o, k) for o, n in enumerate(counts) for k in range(n)]
    assert list(zip(owner.tolist(), place.tolist(), strict=True)) == expected


@given(
    st.lists(
        st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(any), min_size=1, max_size=4
    ),
    st.integers(0, 9),
)
def test_a_column_of_weight_zero_is_never_chosen(table, seed):
    weights = np.array(table, dtype=np.float64)
    kind = np.repeat(np.arange(len(table)), 50)
    assert (weights[kind, choose_by(stream(seed), weights, kind)] > 0).all()
    assert (weights[kind, choose(stream(seed), weights[kind])] > 0).all()


def test_columns_are_chosen_by_the_weights_of_the_kind_of_each_row():
    table = np.array([[1.0, 3.0, 0.0], [5.0, 0.0, 5.0]])
    kind = np.tile([0, 1], 20_000)
    chosen = choose_by(stream(), table, kind)
    shares = [np.bincount(chosen[kind == k], minlength=3) / 20_000 for k in (0, 1)]
    np.testing.assert_allclose(shares, [[0.25, 0.75, 0], [0.5, 0, 0.5]], atol=0.015)


def test_codes_are_places_in_their_vocabulary():
    codes = vocabularies()["grade"].codes
    drawn = pick(stream(), {"intolerable": 1.0}, "grade", 3)
    assert [codes[i] for i in drawn] == ["intolerable"] * 3
    kinds = np.array([1, 0])
    drawn = pick_by(stream(), [{"desired": 2.0}, {"undesired": 1.0}], kinds, "grade")
    assert [codes[i] for i in drawn] == ["undesired", "desired"]


def test_bounds_of_whole_numbers_are_both_included():
    assert set(between(stream(), [2, 4], 500)) == {2, 3, 4}


def test_days_have_the_mean_and_spread_of_their_gamma():
    drawn = gamma_days(stream(), {"mean": 50.0, "shape": 4.0}, 100_000)
    assert drawn.mean() == pytest.approx(50.0, rel=0.01)
    assert drawn.std() == pytest.approx(25.0, rel=0.02)


def test_a_stage_draws_the_same_each_time_and_apart_from_other_stages_and_blocks():
    p = load_parameters()
    block, other = Block(1, 0, 10, p), Block(1, 1, 10, p)
    first = block.stream("people").random(5)
    np.testing.assert_array_equal(first, block.stream("people").random(5))
    assert not np.isin(first, block.stream("stay").random(5)).any()
    assert not np.isin(first, other.stream("people").random(5)).any()
    shared = [b.shared_stream("prisons").random(5) for b in (block, other)]
    np.testing.assert_array_equal(*shared)
