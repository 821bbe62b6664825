"""What an allocation is worth, against values that were worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.uplift.people import trial
from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.uplift import (
    Compared,
    average_effect,
    first_share,
    help_overlap,
    policy_difference,
    policy_value,
)


def four() -> Compared:
    return Compared.of(
        [1, 0, 1, 0],
        [1, 1, 0, 0],
        [0.5, 0.25, 0.5, 0.2],
        mean_with=[0.6, 0.5, 0.7, 0.4],
        mean_without=[0.4, 0.4, 0.5, 0.1],
    )


SCORES = [
    0.6 - 0.4 + (1 - 0.6) / 0.5,  # 1.0
    0.5 - 0.4 + (0 - 0.5) / 0.25,  # -1.9
    0.7 - 0.5 - (1 - 0.5) / 0.5,  # -0.8
    0.4 - 0.1 - (0 - 0.1) / 0.8,  # 0.425
]


def test_scores_are_those_of_a_calculation_by_hand():
    assert four().scores == pytest.approx(SCORES)
    assert SCORES == pytest.approx([1.0, -1.9, -0.8, 0.425])


def test_the_value_of_an_allocation_is_that_of_a_calculation_by_hand():
    found = policy_value(four(), [1, 0, 0, 1])
    without = [0.4, 0.4, 0.5 + 0.5 / 0.5, 0.1 + (0 - 0.1) / 0.8]
    gain = (1.0 + 0.425) / 4
    assert found["policy_gain"].value == pytest.approx(gain)
    assert found["policy_value"].value == pytest.approx(sum(without) / 4 + gain)
    # followed: the first (helped, chance 1/2) with outcome 1, and the third (not, 1/2) with outcome 1
    assert found["policy_value_ipw"].value == pytest.approx(1.0)
    error = np.std([1.0, 0, 0, 0.425], ddof=1) / 2
    assert found["policy_gain"].high - gain == pytest.approx(1.959964 * error, rel=1e-5)


def test_the_difference_of_allocations_is_that_of_their_values():
    compared, x = trial()
    first, other = first_share(x, 0.3), np.full(len(x), 0.3)
    values = [policy_value(compared, pi)["policy_value"].value for pi in (first, other)]
    found = policy_difference(compared, first, other)
    assert found.value == pytest.approx(values[0] - values[1])


def test_helping_everybody_gains_the_average_effect():
    compared, x = trial(cluster=True)
    everybody = policy_value(compared, np.ones(len(x)))["policy_gain"]
    average = average_effect(compared)["average_effect"]
    assert (everybody.value, everybody.low) == pytest.approx((average.value, average.low))
    assert average.method == "clustered"


def test_a_row_of_weight_two_is_two_rows():
    rng = np.random.default_rng(1)
    outcome, treated = rng.integers(0, 2, 40), rng.integers(0, 2, 40)
    chance, twice = rng.uniform(0.2, 0.8, 40), rng.integers(1, 3, 40)
    weighted = Compared.of(outcome, treated, chance, mean_with=0.5, mean_without=0.4, weight=twice)
    rows = np.repeat(np.arange(40), twice)
    repeated = Compared.of(
        outcome[rows], treated[rows], chance[rows], mean_with=0.5, mean_without=0.4
    )
    for name in ("average_effect", "average_effect_ipw", "difference_as_seen"):
        assert average_effect(weighted)[name].value == pytest.approx(
            average_effect(repeated)[name].value
        )


def test_expectations_that_are_right_make_up_for_propensities_that_are_wrong():
    rng = np.random.default_rng(2)
    n = 40_000
    x = rng.random(n)
    treated = rng.random(n) < 0.2 + 0.6 * x
    outcome = rng.random(n) < 0.2 + 0.4 * x + 0.1 * treated
    right = {"mean_with": 0.3 + 0.4 * x, "mean_without": 0.2 + 0.4 * x}
    wrong_chance = Compared.of(outcome.astype(float), treated, 0.5, **right)
    wrong_means = Compared.of(outcome.astype(float), treated, 0.2 + 0.6 * x)
    for compared in (wrong_chance, wrong_means):
        found = average_effect(compared)
        assert found["average_effect"].value == pytest.approx(0.1, abs=0.02)
        assert found["difference_as_seen"].value > 0.15


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=30),
    st.floats(0, 1),
)
def test_the_first_share_has_exactly_that_share_and_leaves_nobody_in_front_out(priority, share):
    treat = first_share(priority, share)
    assert treat.sum() == pytest.approx(share * len(priority))
    for level in set(priority):
        if 0 < treat[np.array(priority) == level][0] < 1 - 1e-12:
            assert (treat[np.array(priority) > level] > 1 - 1e-9).all()
            assert (treat[np.array(priority) < level] < 1e-9).all()


def test_overlap_tells_people_who_never_receive_the_help():
    rng = np.random.default_rng(3)
    chance = np.where(np.arange(400) < 200, 0.02, 0.5)
    treated = rng.random(400) < chance
    compared = Compared.of(rng.integers(0, 2, 400), treated, chance)
    found = help_overlap(compared, chance, ["chance"])
    assert found.problem == "poor_overlap"
    assert found.hardly_ever == 0.5
    assert abs(found.after[0]) < abs(found.before[0])
    left = compared.where(compared.in_overlap())
    assert len(left) == 200
    assert help_overlap(left).problem == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"treated": [1, 1, 1, 1]}, "everybody was treated"),
        ({"treated": [0, 0, 0, 0]}, "nobody was treated"),
        ({"propensity": [0.5, 0.5, 1.0, 0.5]}, r"propensity\[2\] is 1; expected a chance in \(0"),
        ({"outcome": [0, 1, 2, 0]}, r"outcome\[2\] is 2"),
        ({"outcome": [0, 1, math.nan, 0]}, r"outcome\[2\]"),
        ({"treated": [1, 0, 1]}, "treated has 3 rows"),
        ({"mean_with": [0.1, 0.2, 1.2, 0.1]}, r"mean_with\[2\] is 1.2"),
    ],
)
def test_what_cannot_be_compared_is_refused(changes, said):
    given = {"outcome": [0, 1, 1, 0], "treated": [1, 0, 1, 0], "propensity": 0.5} | changes
    columns = [given.pop(name) for name in ("outcome", "treated", "propensity")]
    with pytest.raises(EvaluationError, match=said):
        Compared.of(*columns, **given)


def test_an_allocation_outside_its_range_is_refused():
    with pytest.raises(EvaluationError, match=r"treat\[1\] is 1.5"):
        policy_value(four(), [0, 1.5, 0, 0])
    with pytest.raises(EvaluationError, match="share is 2"):
        first_share([1, 2], 2)


def test_who_has_no_weight_is_nowhere_in_the_overlap():
    rng = np.random.default_rng(4)
    treated, chance = rng.random(80) < 0.5, rng.uniform(0.3, 0.7, 80)
    outcome, x = rng.integers(0, 2, 80).astype(float), rng.standard_normal((80, 2))
    alone = help_overlap(Compared.of(outcome, treated, chance), x)
    more = Compared.of(
        np.r_[np.ones(60), outcome],
        np.r_[np.ones(60, dtype=bool), treated],
        np.r_[np.full(60, 0.001), chance],
        weight=np.r_[np.zeros(60), np.ones(80)],
    )
    assert help_overlap(more, np.r_[np.full((60, 2), 1e6), x]) == alone
    assert alone.problem == ""


def test_no_people_at_all_are_refused_by_what_was_given():
    with pytest.raises(EvaluationError, match="outcome has no rows"):
        Compared.of([], [], 0.5)
