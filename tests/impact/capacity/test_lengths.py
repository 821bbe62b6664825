"""Lengths of stays: the product-limit estimator with truncation, and its weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from risicoscreener.impact.capacity.lengths import Lengths


def drawn(n: int = 600, seed: int = 0) -> tuple[np.ndarray, Lengths]:
    """True lengths, and lengths as they are seen with truncation and censoring."""
    rng = np.random.default_rng(seed)
    length = np.ceil(rng.gamma(0.8, 120, 20 * n))
    entry = np.where(rng.random(20 * n) < 0.4, 0, np.floor(rng.random(20 * n) * 300))
    until = entry + np.ceil(rng.exponential(250, 20 * n))
    seen = np.flatnonzero(length > entry)[:n]
    time, ended = np.minimum(length, until)[seen], (length <= until)[seen]
    return length, Lengths(time, entry[seen], ended)


def test_the_curve_is_that_of_statsmodels():
    _, lengths = drawn()
    entry = np.where(lengths.entry > 0, lengths.entry, -1)
    oracle = SurvfuncRight(lengths.time, lengths.ended.astype(int), entry=entry)
    ours = lengths.survival()[np.searchsorted(lengths.days, oracle.surv_times)]
    np.testing.assert_allclose(ours, oracle.surv_prob, atol=1e-12)


def test_weights_of_people_count_as_so_many_people():
    _, lengths = drawn(80)
    mass = np.random.default_rng(1).integers(1, 4, 80)
    more = Lengths(*(np.repeat(one, mass) for one in (lengths.time, lengths.entry, lengths.ended)))
    np.testing.assert_allclose(lengths.survival(mass.astype(float)), more.survival(), atol=1e-12)


def test_weights_are_the_jumps_of_the_curve():
    _, lengths = drawn()
    found = np.bincount(np.searchsorted(lengths.days, lengths.time), lengths.weights())
    jumps = -np.diff(np.concatenate([[1.0], lengths.survival()]))
    open_days = np.searchsorted(lengths.days, lengths.time[lengths.open])
    kept = np.setdiff1d(np.arange(len(jumps)), open_days)
    np.testing.assert_allclose(found[kept], jumps[kept], atol=1e-12)


def test_who_was_there_already_does_not_make_stays_longer():
    truth, lengths = drawn(6000)
    share = lengths.weights()[lengths.time > 200].sum()
    assert share == pytest.approx((truth > 200).mean(), abs=0.025)
    naive = Lengths(lengths.time, np.zeros(len(lengths.time)), lengths.ended)
    assert naive.weights()[naive.time > 200].sum() > share + 0.1


def test_by_hand():
    # Three seen on arrival (2, 3+, 5 days), one from day 2 on who leaves on day 4.
    found = Lengths(
        np.array([2.0, 3.0, 5.0, 4.0]),
        np.array([0.0, 0.0, 0.0, 2.0]),
        np.array([True, False, True, True]),
    )
    # Day 2: 1 of 3 leaves; day 4: 1 of 2; day 5: the last.
    np.testing.assert_allclose(found.survival(), [2 / 3, 2 / 3, 1 / 3, 0])
    np.testing.assert_allclose(found.weights(), [1 / 3, 0, 1 / 3, 1 / 3])


def test_an_early_risk_set_of_one_does_not_end_the_curve():
    found = Lengths(
        np.array([2.0, 50.0, 60.0]), np.array([0.0, 10.0, 10.0]), np.array([True, True, True])
    )
    assert found.survival()[0] == 1.0
    np.testing.assert_allclose(found.weights(), [0, 0.5, 0.5])


def test_who_has_not_left_stays_on_by_the_rate_of_the_longest():
    rng = np.random.default_rng(3)
    length = rng.exponential(100, 4000)
    found = Lengths(np.minimum(length, 150), np.zeros(4000), length <= 150)
    assert found.open.sum() == (length > 150).sum()
    assert found.weights()[found.open].sum() == pytest.approx((length > 150).mean())
    assert found.tail_days == pytest.approx(100, rel=0.5)


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 30), st.booleans()), min_size=1, max_size=40
    ),
    st.integers(0, 99),
)
def test_weights_are_shares(rows, seed):
    time = np.array([max(a, b) + (a == b) for a, b, _ in rows], float)
    entry = np.array([min(a, b) for a, b, _ in rows], float)
    ended = np.array([e for *_, e in rows])
    ended[0] = True
    mass = np.random.default_rng(seed).exponential(size=len(rows))
    found = Lengths(time, entry, ended)
    for weights in (found.weights(), found.weights(mass)):
        assert (weights >= 0).all()
        assert weights.sum() == pytest.approx(1)
        assert not weights[~found.ended & ~found.open].any()
    assert (np.diff(found.survival(mass)) <= 1e-12).all()
