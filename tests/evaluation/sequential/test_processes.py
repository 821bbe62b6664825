"""Wealth does not grow if what is bet against holds, whatever the moment that is chosen."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sequential import (
    CohortProcess,
    EProcess,
    bonferroni,
    calibration_factors,
    chance_in_period,
    e_bh,
    mean_log_e,
    registered_factors,
    share_factors,
    slope_factors,
    volume_factors,
)


def expected_factor(factors, outcomes):
    """Expectation of each factor over all outcomes with their probabilities."""
    return sum(chance * np.exp(factors(y)) for y, chance in outcomes)


def all_outcomes(p):
    for y in itertools.product((0.0, 1.0), repeat=len(p)):
        yield (
            np.array(y),
            float(np.prod([q if one else 1 - q for q, one in zip(p, y, strict=True)])),
        )


PEOPLE = np.array([0.05, 0.3, 0.3, 0.6, 0.9])
EDGE = 0.3


@pytest.mark.parametrize("shift", [-EDGE, -0.1, 0.0, 0.2, EDGE])
def test_no_bet_on_calibration_gains_within_what_is_tolerated(shift):
    odds = PEOPLE / (1 - PEOPLE) * math.exp(shift)
    true = odds / (1 + odds)
    mean = expected_factor(lambda y: calibration_factors(PEOPLE, y, edge=EDGE), all_outcomes(true))
    assert (mean <= 1 + 1e-12).all()
    if abs(shift) == EDGE:  # and at the edge nothing is given away
        assert np.isclose(mean, 1).sum() == 4


def test_a_bet_on_calibration_gains_beyond_what_is_tolerated():
    odds = PEOPLE / (1 - PEOPLE) * math.exp(EDGE + 0.4)
    mean = expected_factor(
        lambda y: calibration_factors(PEOPLE, y, edge=EDGE), all_outcomes(odds / (1 + odds))
    )
    assert mean.max() > 1.05
    assert (mean[4:] < 1).all()


@pytest.mark.parametrize("shift", [-EDGE, 0.0, EDGE])
def test_no_bet_on_outcomes_as_they_come_in_gains_either(shift):
    before, after = np.array([0.0, 0.1, 0.4, 0.4, 0.0]), np.array([0.2, 0.3, 0.45, 0.9, 0.05])
    odds = PEOPLE / (1 - PEOPLE) * math.exp(shift)
    true = chance_in_period(odds / (1 + odds), before, after)
    mean = expected_factor(
        lambda y: registered_factors(PEOPLE, y, before, after, edge=EDGE), all_outcomes(true)
    )
    assert (mean <= 1 + 1e-12).all()


def test_counting_over_the_whole_horizon_is_the_same_as_plain_calibration():
    y = np.array([0, 1, 0, 1, 1.0])
    whole = registered_factors(PEOPLE, y, np.zeros(5), np.ones(5), edge=EDGE)
    assert np.allclose(whole, calibration_factors(PEOPLE, y, edge=EDGE))


def test_months_of_follow_up_make_up_the_whole():
    """The chances of having no outcome in each part of the horizon multiply to that of none."""
    shares = np.linspace(0, 1, 13)
    none = np.ones(5)
    for before, after in itertools.pairwise(shares):
        none *= 1 - chance_in_period(PEOPLE, np.full(5, before), np.full(5, after))
    assert np.allclose(none, 1 - PEOPLE)


@pytest.mark.parametrize("slope", [0.8, 1.0, 1.2])
@pytest.mark.parametrize("level", [-1.0, 0.0, 2.0])
def test_no_bet_on_the_slope_gains_from_another_level(slope, level):
    logits = np.log(PEOPLE / (1 - PEOPLE))
    true = 1 / (1 + np.exp(-(slope * logits + level)))
    mean = expected_factor(lambda y: slope_factors(PEOPLE, y, edge=0.2), all_outcomes(true))
    assert (mean <= 1 + 1e-9).all()


def test_a_bet_on_the_slope_gains_if_the_order_is_turned_round():
    true = PEOPLE[::-1]
    mean = expected_factor(lambda y: slope_factors(PEOPLE, y), all_outcomes(true))
    assert mean.argmax() >= 4
    assert mean.max() > 1.5


def test_the_slope_is_judged_as_by_all_sets_of_so_many_people():
    """Against the definition: all sets of two of the five, one by one."""
    x = np.log(PEOPLE / (1 - PEOPLE))
    y = np.array([1, 0, 0, 1, 0.0])

    def log_chance(slope):
        sets = [sum(slope * x[list(pair)]) for pair in itertools.combinations(range(5), 2)]
        return slope * float(x @ y) - math.log(math.fsum(map(math.exp, sets)))

    found = slope_factors(PEOPLE, y, edge=0.1, steps=(0.3,))
    assert found[0] == pytest.approx(log_chance(1.4) - log_chance(1.1), abs=1e-10)
    assert found[1] == pytest.approx(log_chance(0.6) - log_chance(0.9), abs=1e-10)


def test_cohorts_are_judged_apart_and_add_up():
    rng = np.random.default_rng(1)
    p = rng.uniform(0.1, 0.9, 300)
    y = (rng.random(300) < p).astype(float)
    cohort = rng.integers(0, 3, 300)
    both = slope_factors(p, y, cohort=cohort, cohorts=4)
    assert both.shape == (4, 8)
    assert not both[3].any()
    for one in range(3):
        rows = cohort == one
        assert np.allclose(both[one], slope_factors(p[rows], y[rows]))


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.01, 0.5), st.floats(0.0, 0.4))
def test_bets_on_a_share_are_ratios_of_binomial_chances(hits, more, low, wider):
    from scipy.stats import binom

    n, high = hits + more, min(low + wider, 0.95)
    found = share_factors(hits, n, low, high, steps=(0.4,))
    for factor, null, bet in ((found[0], high, 0.4), (found[1], low, -0.4)):
        odds = null / (1 - null) * math.exp(bet)
        ratio = binom.logpmf(hits, n, odds / (1 + odds)) - binom.logpmf(hits, n, null)
        assert factor == pytest.approx(ratio, abs=1e-8)


@given(st.integers(0, 400), st.floats(1.0, 200.0), st.floats(1.0, 2.0))
def test_bets_on_a_count_are_ratios_of_poisson_chances(count, low, wider):
    from scipy.stats import poisson

    found = volume_factors(count, low, low * wider, steps=(0.2,))
    for factor, null, bet in ((found[0], low * wider, 0.2), (found[1], low, -0.2)):
        ratio = poisson.logpmf(count, null * math.exp(bet)) - poisson.logpmf(count, null)
        assert factor == pytest.approx(ratio, abs=1e-7)


def largest_wealth(seed, periods=60, people=40):
    rng = np.random.default_rng(seed)
    process = EProcess.of(8)
    for _ in range(periods):
        p = rng.uniform(0.05, 0.6, people)
        process = process.advance(calibration_factors(p, rng.random(people) < p))
    return math.exp(process.log_largest)


def test_wealth_seldom_grows_if_all_is_well():
    """Ville: the wealth reaches 1 / alpha with a chance of at most alpha, over all periods."""
    most = np.array([largest_wealth(seed) for seed in range(400)])
    for alpha in (0.2, 0.1, 0.05):
        share = (most >= 1 / alpha).mean()
        assert share <= alpha + 3 * math.sqrt(alpha * (1 - alpha) / len(most))


def test_wealth_after_a_change_is_more_than_an_alarm_though_it_comes_late():
    rng = np.random.default_rng(5)
    process = EProcess.of(8)
    for period in range(60):
        p = rng.uniform(0.05, 0.6, 150)
        odds = p / (1 - p) * (2.0 if period >= 40 else 1.0)
        process = process.advance(calibration_factors(p, rng.random(150) < odds / (1 + odds)))
        if period == 39:
            assert process.log_e < math.log(20)
    assert process.log_e > math.log(1000)


def test_a_process_by_cohort_is_the_mixture_of_its_starts():
    """Against its definition: a stake in each period, on who came in from then on."""
    rng = np.random.default_rng(2)
    process = CohortProcess.of(2, first=0.5, mean_wait=4.0)
    factors = []
    for period in range(5):
        factors.append(rng.normal(size=(period + 1, 2)))
        process = process.advance(factors[-1])
    kept = [1.0] + [0.5 * 0.75**k for k in range(1, 6)]
    wealth = kept[5]
    for start in range(5):
        stake = (kept[start] - kept[start + 1]) / 2
        grown = sum(one[start:].sum(axis=0) for one in factors[start:])
        wealth += stake * np.exp(grown).sum()
    assert process.e_value == pytest.approx(wealth)


def test_a_plain_process_is_one_in_which_everybody_counts():
    factors = np.random.default_rng(3).normal(size=(6, 8))
    plain, by_cohort = EProcess.of(8), CohortProcess.of(8)
    for period, one in enumerate(factors):
        plain = plain.advance(one)
        # all people came in in this period: no bet leaves them out
        rows = np.zeros((period + 1, 8))
        rows[-1] = one
        by_cohort = by_cohort.advance(rows)
    assert plain.log_e == pytest.approx(by_cohort.log_e)


@pytest.mark.parametrize("kind", [EProcess, CohortProcess])
def test_a_process_goes_on_from_what_was_kept(kind):
    process = kind.of(8)
    for period in range(4):
        assert kind.from_dict(process.to_dict()).to_dict() == process.to_dict()
        shape = (8,) if kind is EProcess else (period + 1, 8)
        process = process.advance(np.full(shape, 0.1))


def test_e_bh_rejects_by_its_definition():
    log_e = [math.log(e) for e in (1.0, 60.0, 30.0, 0.5)]
    # 4 / (2 * 0.1) = 20: two are 20 or more; 4 / (3 * 0.1) = 13.3: not three
    assert e_bh(log_e, 0.1) == (False, True, True, False)
    assert bonferroni(log_e, 0.1) == (False, True, False, False)
    assert e_bh([], 0.1) == ()


def test_the_mean_of_processes_is_their_mean():
    many = [EProcess.of(2).advance([a, -a]) for a in (0.0, 1.0, 2.0)]
    assert math.exp(mean_log_e(many)) == pytest.approx(np.mean([one.e_value for one in many]))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: EProcess.of(0), "bets is 0"),
        (lambda: EProcess.of(2, first=1.5), "first is 1.5"),
        (lambda: EProcess.of(2, mean_wait=0.0), "mean_wait is 0.0"),
        (lambda: EProcess.of(2).advance([0.0]), "each of 2 bets"),
        (lambda: CohortProcess.of(2).advance([[0.0, math.nan]]), "missing values"),
        (lambda: calibration_factors([0.1, 1.2], [0, 1]), r"probability\[1\] is 1.2"),
        (lambda: calibration_factors([0.1], [2]), r"outcome\[0\] is 2"),
        (lambda: calibration_factors([0.1], [0], edge=-1.0), "edge is -1.0"),
        (lambda: slope_factors([0.0], [0]), r"probability\[0\] is 0"),
        (lambda: share_factors(3, 2, 0.1, 0.2), "3 of 2"),
        (lambda: share_factors(1, 2, 0.3, 0.2), "0.3 to 0.2"),
        (lambda: volume_factors(-1, 1, 2), "counted -1"),
        (lambda: e_bh([math.nan], 0.1), r"log_e\[0\] is missing"),
        (lambda: e_bh([0.0], 1.0), "alpha is 1.0"),
        (lambda: mean_log_e([]), "no processes"),
        (lambda: chance_in_period([0.1], [0.5], [0.4]), "share_after is below"),
        (lambda: registered_factors([0.1], [1], [0.5], [0.5]), "when none could"),
    ],
)
def test_what_cannot_be_is_refused(call, said):
    with pytest.raises(EvaluationError, match=said):
        call()
