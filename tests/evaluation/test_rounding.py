"""What rounding does to sums of weights decides nothing: no class, no interval, no area above 1."""

from __future__ import annotations

import math

import numpy as np
import pytest

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration import (
    ici,
    ici_by_chance,
    mean_calibration,
    weak_calibration,
)
from risicoscreener.evaluation.comparing import compare
from risicoscreener.evaluation.discrimination import auc, auc_estimate, error_rates, roc_curve
from risicoscreener.evaluation.intervals import effective_number
from risicoscreener.evaluation.resampling import bootstrap
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.scoring import brier, brier_estimate, scaled_brier, scores
from risicoscreener.evaluation.utility import (
    cost_curve,
    decision_curve,
    expected_cost,
    net_benefit,
)

SEEDS = range(8)


def _weighted(seed: int, outcome: int | None) -> Sample:
    rng = np.random.default_rng(seed)
    probability = rng.random(60)
    y = np.full(60, outcome) if outcome is not None else (probability > 0.5).astype(int)
    return Sample.of(probability, y, weight=rng.random(60))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("outcome", [0, 1])
def test_one_class_has_no_area_whatever_the_weights(seed: int, outcome: int) -> None:
    sample = _weighted(seed, outcome)
    assert math.isnan(auc(sample, sample.weight))
    assert auc_estimate(sample).problem == "one_class"
    assert math.isnan(scaled_brier(sample, sample.weight))
    assert not cost_curve(sample, [0.3]).lowest.ok
    cost = expected_cost(sample, 0.3, cost_missed=2, cost_alarm=1, prevalence=0.2)
    assert cost.problem == "one_class"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", ["logit", "plain"])
def test_separated_outcomes_have_an_area_of_one_without_interval(seed: int, scale: str) -> None:
    found = auc_estimate(_weighted(seed, None), scale=scale)
    assert found.value <= 1
    assert found.value == pytest.approx(1, abs=1e-12)
    assert (found.problem, found.has_interval) == ("separated", False)


def test_next_to_nobody_without_the_outcome_keeps_its_area() -> None:
    """The area is that of the one person without it: 2 of 3 are above, as weights count."""
    sample = Sample.of([0.1, 0.3, 0.5, 0.7], [1, 0, 1, 1], weight=[1.0, 1e-12, 1.0, 1.0])
    assert auc(sample, sample.weight) == pytest.approx(2 / 3, abs=1e-12)


def test_losses_that_do_not_differ_have_no_interval() -> None:
    sample = Sample.of(np.full(60, 0.3), np.ones(60))
    assert brier_estimate(sample).problem == "no_spread"
    assert net_benefit(sample, 0.2)["net_benefit_all"].problem == "no_spread"


def test_clusters_with_equal_shares_give_the_interval_of_their_number() -> None:
    p = np.tile(np.linspace(0.05, 0.95, 7), 3)
    y = np.tile([0, 0, 1, 0, 1, 0, 1], 3)
    sample = Sample.of(p, y, cluster=np.repeat([0, 1, 2], 7))
    assert effective_number(sample, np.ones(21, bool), sample.outcome) == 3
    assert error_rates(sample, 0.3)["ppv"].high - error_rates(sample, 0.3)["ppv"].low > 0.5


def test_a_person_who_outweighs_all_others_leaves_an_interval_of_one() -> None:
    sample = Sample.of([0.2, 0.4, 0.6], [1, 0, 1], weight=[1e20, 1.0, 1.0])
    found = error_rates(sample, 0.1)["ppv"]
    assert found.value == 1
    assert found.low == pytest.approx(0.2065, abs=1e-3)  # Wilson of 1 out of 1


@pytest.mark.parametrize("weight", [1e300, 1e-300])
def test_weights_whose_squares_cannot_be_told_are_refused(weight: float) -> None:
    with pytest.raises(EvaluationError, match=r"weight\[1\] is 1e.300; expected 0, or from"):
        Sample.of([0.2, 0.4], [0, 1], weight=[1.0, weight])


def test_a_replicate_of_people_without_weight_has_no_value() -> None:
    sample = Sample.of(np.linspace(0.1, 0.9, 20), np.arange(20) % 2, weight=np.r_[1, np.zeros(19)])
    found = bootstrap(sample, {"brier": brier}, replicates=40)
    assert 0 < found.without("brier") < 1
    assert found.estimate("brier").problem == "unstable"


def test_models_that_are_both_certain_and_wrong_have_no_difference_of_log_loss() -> None:
    y = np.arange(40) % 2
    first = Sample.of(np.r_[1.0, np.linspace(0.1, 0.9, 39)], y)
    second = Sample.of(np.r_[1.0, np.linspace(0.2, 0.8, 39)], y)
    for method in ("analytic", "bootstrap"):
        found = compare(first, second, method=method, replicates=20)["log_loss"]
        assert found.estimate.problem == "infinite_loss"


def test_intervals_of_costs_stay_within_what_can_be_paid() -> None:
    rng = np.random.default_rng(2)
    y = np.r_[np.ones(5), np.zeros(7)]
    sample = Sample.of(rng.random(12), y, cluster=np.arange(12) // 4)
    line = cost_curve(sample, [0.6], points=11).at_cut_offs[0]
    assert np.nanmin(line.low) >= 0
    assert np.nanmax(line.high) <= 1
    cost = expected_cost(sample, 0.6, cost_missed=3, cost_alarm=1)
    assert 0 <= cost.low < cost.high <= 3


def test_a_curve_without_any_band_says_why() -> None:
    curve = decision_curve(Sample.of([0.1, 0.6, 0.7], [0, 0, 0]), [0.2, 0.5])
    assert (curve.standardised.method, curve.standardised.problem) == ("", "one_class")
    assert curve.model.problem == ""


@pytest.mark.parametrize("level", [0, 1, 1.5, -1, math.nan, None, "0.95"])
def test_a_level_that_is_none_is_refused_by_name(level: object) -> None:
    sample = Sample.of(np.linspace(0.1, 0.9, 20), np.arange(20) % 2)
    for made in (auc_estimate, roc_curve):
        with pytest.raises(EvaluationError, match="level is"):
            made(sample, level=level)


@pytest.mark.parametrize("seed", [None, -1, 1.5, "one"])
def test_a_seed_from_which_draws_would_not_follow_is_refused(seed: object) -> None:
    sample = Sample.of(np.linspace(0.1, 0.9, 20), np.arange(20) % 2)
    with pytest.raises(EvaluationError, match="seed is"):
        bootstrap(sample, {"brier": brier}, replicates=20, seed=seed)  # type: ignore[arg-type]


def test_a_curve_through_separated_outcomes_is_that_of_the_outcomes() -> None:
    """A spline can tell these apart without fault; Newton's last step once led far away from it."""
    none = (0.103, 0.133, 0.146, 0.353, 0.506, 0.516, 0.6, 0.626, 0.641, 0.68, 0.734, 0.74, 0.805)
    p = np.array([*none, 0.941, 0.958, 0.174, 0.176, 0.256, 0.321, 0.338, 0.987])
    y = np.r_[np.zeros(15), np.ones(6)]
    times = np.array([1, 1, 2, 1, 1, 2, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 1, 1, 2])
    weighted = Sample.of(p, y, weight=times)
    repeated = Sample.of(np.repeat(p, times), np.repeat(y, times))
    distance = float(np.average(np.abs(y - p), weights=times))
    for sample in (weighted, repeated):
        assert ici(sample, sample.weight) == pytest.approx(distance, abs=1e-6)


@pytest.mark.parametrize("clustered", [False, True])
def test_rows_without_weight_change_nothing_whether_or_not_they_are_clusters(
    clustered: bool,
) -> None:
    rng = np.random.default_rng(3)
    p, weight, units = rng.random(90), rng.integers(1, 4, 90), rng.integers(0, 15, 90)
    y = rng.random(90) < p

    def figures(more: int) -> list[list[float]]:
        sample = Sample.of(
            np.r_[p, np.linspace(0.2, 0.8, more)],
            np.r_[y, np.arange(more) % 2],
            weight=np.r_[weight, np.zeros(more)],
            cluster=np.r_[units, 20 + np.arange(more)] if clustered else None,
        )
        found = scores(sample) + mean_calibration(sample) + weak_calibration(sample)
        found += net_benefit(sample, 0.2)
        if not clustered:
            chance = ici_by_chance(sample, replicates=20)
            assert chance.has_interval
            assert chance.n == 90
        cost = expected_cost(sample, 0.3, cost_missed=2, cost_alarm=1, prevalence=0.2)
        found_all = (auc_estimate(sample), cost, *found)
        return [[e.value, e.low, e.high, e.n, e.events] for e in found_all]

    for without, with_more in zip(figures(0), figures(7), strict=True):
        assert with_more == pytest.approx(without, rel=1e-9, nan_ok=True)
