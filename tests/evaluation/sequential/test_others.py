"""Intervals, the CUSUM, what a reference allows, timing, and the conformal martingale."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import ROOT
from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sequential import (
    BettingSequence,
    Binned,
    ConformalMartingale,
    Cusum,
    TimingCurve,
    cusum_limit,
    cusum_run_length,
    rank_factors,
    stability_index,
    tolerated_range,
    tolerated_rate,
)
from risicoscreener.evaluation.sequential.cusum import cusum_path, cusum_weights

ORACLES = ROOT / "tests" / "oracles" / "sequential"
CONFSEQ = json.loads((ORACLES / "confseq.json").read_text("utf-8"))
CUSUM = json.loads((ORACLES / "cusum.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CONFSEQ["cases"], ids=lambda case: case["name"])
def test_capital_number_by_number_is_that_of_confseq(case):
    """Half of the capital is with each of the two who bet; a mean is out if one has 1 / alpha."""
    sequence, level = BettingSequence.of(CONFSEQ["level"]), CONFSEQ["level"]
    for number, value in enumerate(case["values"]):
        sequence = sequence.advance([value])
        low, high = sequence.interval
        for mean, capital in case["capital"].items():
            place = round(float(mean) * 1000)
            mine = max(sequence.log_up[place], sequence.log_down[place])
            expected = capital[number]
            assert np.exp(mine) / 2 == pytest.approx(expected, rel=1e-9)
            if expected <= 1 / (1 - level):
                assert low <= float(mean) <= high


def test_intervals_hold_after_every_block():
    missed = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        sequence = BettingSequence.of(0.9)
        inside = True
        for _ in range(20):
            sequence = sequence.advance((rng.random(30) < 0.2).astype(float))
            low, high = sequence.interval
            inside = inside and low <= 0.2 <= high
        missed += not inside
    assert missed / 150 <= 0.1 + 3 * math.sqrt(0.09 / 150)
    assert high - low < 0.2


@given(st.lists(st.floats(0, 1), max_size=20), st.lists(st.floats(0, 1), max_size=20))
def test_a_sequence_goes_on_from_what_was_kept(first, second):
    before = BettingSequence.of().advance(first)
    kept = BettingSequence.from_dict(json.loads(json.dumps(before.to_dict())))
    assert kept.advance(second).to_dict() == before.advance(second).to_dict()


# -- CUSUM -------------------------------------------------------------------------------------


def test_the_weights_are_those_of_the_textbook():
    """Rigdon and Fricker, p. 225: Parsonnet 19 by -3.67 + 0.077 s, survives, odds ratio 1/2."""
    p = 1 / (1 + math.exp(-(-3.67 + 0.077 * 19)))
    assert cusum_weights(np.array([p]), np.array([0.0]), 0.5)[0] == pytest.approx(0.05083, abs=5e-6)


def test_a_course_by_hand():
    p, y = np.full(4, 0.5), np.array([1.0, 1.0, 0.0, 0.0])
    up, down = math.log(2 / 1.5), -math.log(1.5)
    path = cusum_path(cusum_weights(p, y, 2.0))
    assert path == pytest.approx([up, 2 * up, 2 * up + down, 0.0])
    chart = Cusum(2.0, 0.5).advance(p[:1], y[:1])
    assert not chart.alarm
    chart = chart.advance(p[1:], y[1:])
    assert chart.alarm
    assert (chart.value, chart.n) == (0.0, 4)
    assert chart.largest == pytest.approx(2 * up)


def run_length_by_chain(p, weight, odds_ratio, limit, cells=1500):
    """Mean run length by a Markov chain of the sum in small steps (Brook and Evans 1972)."""
    width = limit / cells
    moves = np.zeros((cells + 1, cells + 1))
    middles = np.arange(cells + 1) * width
    for q, w in zip(p, weight, strict=True):
        for y, chance in ((1.0, q), (0.0, 1 - q)):
            step = y * math.log(odds_ratio) - math.log(1 - q + odds_ratio * q)
            to = np.maximum(middles + step, 0.0) / width
            # between two cells, each gets its part
            low = np.floor(to).astype(int)
            for place, part in ((low, low + 1 - to), (low + 1, to - low)):
                inside = place <= cells
                np.add.at(
                    moves,
                    (np.flatnonzero(inside), place[inside]),
                    (w * chance * part)[inside],
                )
    return np.linalg.solve(np.eye(cells + 1) - moves, np.ones(cells + 1))[0]


def published_mix():
    count = np.array(CUSUM["count"], float)
    return np.array(CUSUM["probability"]), count / count.sum()


def test_the_published_limit_has_the_published_run_length():
    """Steiner's operations: vlad says a limit of 1.8592 gives a mean run of 370."""
    p, weight = published_mix()
    by_chain = run_length_by_chain(p, weight, CUSUM["odds_ratio"], CUSUM["limit"])
    assert by_chain == pytest.approx(CUSUM["run_length"], rel=0.01)
    people = np.repeat(p, np.array(CUSUM["count"]))
    mean, error = cusum_run_length(people, 2.0, CUSUM["limit"], runs=3000, seed=1)
    assert abs(mean - CUSUM["run_length"]) < 3.5 * error
    assert error / mean < 0.03


def test_a_run_is_short_if_odds_are_doubled():
    p, _ = published_mix()
    people = np.repeat(p, np.array(CUSUM["count"]))
    assert cusum_run_length(people, 2.0, 1.8592, true_odds_ratio=2.0, runs=500)[0] < 150


def test_a_limit_for_a_time_is_exceeded_as_often_as_asked():
    p = np.random.default_rng(0).uniform(0.05, 0.6, 500)
    limit = cusum_limit(p, 1.5, people=800, level=0.1, runs=1000, seed=1)
    rng = np.random.default_rng(99)
    over = 0
    for _ in range(1000):
        drawn = rng.choice(p, 800)
        y = (rng.random(800) < drawn).astype(float)
        over += Cusum(1.5, limit).advance(drawn, y).alarm
    assert abs(over / 1000 - 0.1) < 4 * math.sqrt(2 * 0.09 / 1000)


# -- reference ---------------------------------------------------------------------------------


def test_bins_are_cut_at_quantiles_and_keep_equal_values_together():
    bins = Binned.of([1, 1, 1, 1, 2, 3, 4, 5, math.nan, 6], bins=5)
    assert bins.counts.sum() == 10
    assert bins.counts[-1] == 1
    assert bins.counts[0] == 4
    assert bins.count([1.0, 99.0, math.nan]).tolist() == [1, *[0] * (len(bins.counts) - 3), 1, 1]


def test_of_what_is_always_the_same_there_is_one_bin():
    bins = Binned.of([7.0] * 5)
    assert bins.counts.tolist() == [5, 0]
    assert Binned.of([math.nan] * 3).counts.tolist() == [0, 3]


def test_the_stability_index_by_hand():
    assert stability_index([50, 50], [60, 40]) == pytest.approx(
        0.1 * math.log(1.2) - 0.1 * math.log(0.8)
    )
    assert stability_index([1, 1], [30, 30]) == 0
    assert math.isnan(stability_index([1, 1], [0, 0]))


def test_ranges_are_clopper_pearson_widened():
    from scipy.stats import binomtest

    exact = binomtest(30, 200).proportion_ci(0.99, "exact")
    assert tolerated_range(30, 200, alpha=0.01) == pytest.approx((exact.low, exact.high))
    low, high = tolerated_range(30, 200, odds_ratio=2.0, alpha=0.01)
    assert high / (1 - high) == pytest.approx(2 * exact.high / (1 - exact.high))
    assert low / (1 - low) == pytest.approx(exact.low / (1 - exact.low) / 2)
    assert tolerated_range(0, 10)[0] == 0
    assert tolerated_range(10, 10)[1] == 1


def test_rates_are_poisson_limits_widened():
    from scipy.stats import chi2

    low, high = tolerated_rate(100, 10, rate_ratio=1.5, alpha=0.05)
    assert low == pytest.approx(chi2.ppf(0.025, 200) / 2 / 10 / 1.5)
    assert high == pytest.approx(chi2.ppf(0.975, 202) / 2 / 10 * 1.5)


# -- timing ------------------------------------------------------------------------------------


def test_a_curve_is_learnt_from_outcomes_of_long_ago():
    days = np.random.default_rng(1).integers(1, 700, 4000)
    curve = TimingCurve.of(days)
    for at in (0, 100, 350, 699, 2000):
        assert curve([at])[0] == pytest.approx((days <= at).mean(), abs=0.02)


# -- conformal ---------------------------------------------------------------------------------


def test_ranks_of_the_same_people_are_even_and_bets_on_them_are_fair():
    u = (np.arange(100_000) + 0.5) / 100_000
    one_by_one = np.array([np.exp(rank_factors(np.array([x]))) for x in u[::500]])
    assert np.allclose(one_by_one.mean(axis=0), 1, atol=0.01)


def martingale(seed, shift):
    rng = np.random.default_rng(seed)
    found = ConformalMartingale.of(Binned.of(rng.normal(size=400), bins=10))
    for period in range(20):
        found = found.advance(rng.normal(shift if period >= 5 else 0.0, 1.0, 40), seed=period)
    return found.process


def test_the_conformal_martingale_keeps_its_level_and_finds_a_shift():
    most = np.array([math.exp(martingale(seed, 0.0).log_largest) for seed in range(120)])
    assert (most >= 10).mean() <= 0.1 + 3 * math.sqrt(0.09 / 120)
    assert martingale(1, 0.7).log_largest > math.log(1000)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: BettingSequence.of(1.0), "level is 1.0"),
        (lambda: BettingSequence.of().advance([1.1]), "outside 0 to 1"),
        (lambda: Cusum(1.0, 2.0), "odds_ratio is 1.0"),
        (lambda: Cusum(2.0, 0.0), "limit is 0.0"),
        (lambda: cusum_limit([0.5], 2.0, people=0), "people 0"),
        (lambda: cusum_limit([], 2.0, people=1), "n > 0"),
        (lambda: Binned.of([]), "with n of 1 or more"),
        (lambda: stability_index([1], [1, 2]), "the same bins"),
        (lambda: tolerated_range(3, 2), "3 of 2"),
        (lambda: tolerated_range(1, 2, odds_ratio=0.5), "odds_ratio 0.5"),
        (lambda: tolerated_rate(1, 0), "a length above 0"),
        (lambda: TimingCurve(np.array([2.0, 1.0]), np.array([0.5, 1.0])), "days that rise"),
        (lambda: TimingCurve(np.array([1.0]), np.array([0.5])), "end at 1"),
        (lambda: rank_factors([1.5]), "outside 0 to 1"),
    ],
)
def test_what_cannot_be_is_refused(call, said):
    with pytest.raises(EvaluationError, match=said):
        call()
