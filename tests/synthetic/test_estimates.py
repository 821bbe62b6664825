"""Standard errors, held against hand-computed cases and other implementations."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from risicoscreener.evaluation.discrimination import delong_error
from risicoscreener.synthetic.aims.estimates import (
    area,
    area_gain,
    mean,
    mean_by_row,
    paired_difference,
    ratio,
    share,
)


def test_a_share_has_the_binomial_error():
    found = share(np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0]))
    assert found.value == pytest.approx(20.0)
    assert found.error == pytest.approx(100 * (0.2 * 0.8 / 10) ** 0.5)
    assert found.n == 10


def test_a_mean_has_the_error_of_its_spread():
    found = mean(np.array([1.0, 2.0, 3.0, 6.0]))
    assert found.value == 3.0
    assert found.error == pytest.approx((14 / 3) ** 0.5 / 2)


def test_a_ratio_of_sums_is_linearised_by_person():
    found = ratio(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    # rests 1 - 2 and 3 - 2: variance 2, so the root of 2 x 2 over 4
    assert found.value == 1.0
    assert found.error == pytest.approx(0.5)


def test_the_ratio_has_the_error_that_the_bootstrap_finds():
    rng = np.random.default_rng(5)
    below = rng.poisson(5, 800) + 1.0
    above = rng.binomial(below.astype(int), 0.3).astype(float)
    draws = rng.integers(0, 800, (2000, 800))
    resampled = above[draws].sum(axis=1) / below[draws].sum(axis=1)
    assert ratio(above, below).error == pytest.approx(np.std(resampled), rel=0.08)


def test_rows_of_one_person_count_as_one_draw():
    owner = np.repeat(np.arange(50), 20)
    values = np.repeat(np.arange(50) % 2, 20)
    clustered = mean_by_row(values, owner, 60)
    apart = share(values, 1.0)
    assert clustered.value == apart.value == 0.5
    # fifty independent people, not a thousand independent rows
    assert clustered.error == pytest.approx(share(np.arange(50) % 2, 1.0).error, rel=0.03)
    assert clustered.n == 1000


def test_a_difference_between_the_same_people_has_the_error_of_the_differences():
    later, earlier = np.array([1, 0, 1, 1]), np.array([1, 1, 1, 0])
    found = paired_difference(later, earlier, 1.0)
    assert found.value == 0.0
    assert found.error == pytest.approx((2 / 3) ** 0.5 / 2)


@pytest.fixture
def scored():
    rng = np.random.default_rng(2)
    outcome = rng.random(600) < 0.3
    score = np.round(rng.standard_normal(600) + outcome, 1)
    return outcome.astype(float), score


def test_an_area_is_that_of_the_curve_with_the_error_of_delong(scored):
    found = area(*scored)
    assert found.value == pytest.approx(roc_auc_score(*scored))
    assert found.error == pytest.approx(delong_error(*scored), rel=1e-12)


def test_a_gain_in_area_has_the_error_that_the_bootstrap_finds(scored):
    outcome, score = scored
    rng = np.random.default_rng(3)
    simpler = score + rng.standard_normal(600)
    found = area_gain(outcome, score, simpler)
    gains = []
    for _ in range(400):
        drawn = rng.integers(0, 600, 600)
        gains.append(
            roc_auc_score(outcome[drawn], score[drawn])
            - roc_auc_score(outcome[drawn], simpler[drawn])
        )
    assert found.value == pytest.approx(
        roc_auc_score(outcome, score) - roc_auc_score(outcome, simpler)
    )
    assert found.error == pytest.approx(np.std(gains), rel=0.15)


@pytest.mark.parametrize(
    "nobody",
    [
        share(np.array([])),
        mean(np.array([])),
        ratio(np.zeros(3), np.zeros(3)),
        area(np.ones(3), np.arange(3)),
        area_gain(np.ones(3), np.arange(3), np.arange(3)),
    ],
)
def test_nobody_to_measure_gives_no_number_and_no_warning(nobody):
    assert np.isnan(nobody.value)
    assert np.isnan(nobody.error)
    assert nobody.n == 0
