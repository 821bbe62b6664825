"""Input that cannot answer gives a problem in words; input that is wrong gives one error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from evaluation.time.samples import ROWS, people, tied
from risicoscreener.errors import EvaluationError, ModelError
from risicoscreener.evaluation.time import (
    HorizonSample,
    concordance_index,
    follow_up_summary,
    horizon_calibration,
    horizon_decision_curve,
    horizon_net_benefit,
    horizon_performance,
    horizon_recalibration,
    over_time,
)
from risicoscreener.evaluation.wording import problem_text


def everything(sample):
    calibration = horizon_calibration(sample, replicates=20, groups=3)
    found = (
        horizon_performance(sample)
        + concordance_index(sample)
        + horizon_recalibration(sample)
        + horizon_net_benefit(sample, 0.3)
        + calibration.errors
    )
    return {one.name: one for one in found}, calibration


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_each_figure_has_an_interval_or_a_reason(rows):
    found, calibration = everything(tied(rows))
    for one in found.values():
        assert one.ok or one.problem, one
        if one.has_interval:
            assert not one.problem
            assert one.low <= one.value <= one.high or one.method.endswith("bootstrap"), one
    assert calibration.curve.ok or calibration.curve.problem


def test_if_nobody_was_followed_up_to_the_horizon_nothing_has_a_value():
    sample = HorizonSample.of([0.1, 0.2, 0.4], [100, 200, 300], [1, 0, 1], horizon_days=365)
    found, calibration = everything(sample)
    assert {one.problem for name, one in found.items() if not one.ok} == {"short_follow_up"}
    assert not found["horizon_brier"].ok
    assert not found["c_uno"].ok
    assert calibration.curve.problem == "short_follow_up"
    assert follow_up_summary(sample)["horizon_followed"].value == 0.0


def test_if_few_were_followed_up_to_the_horizon_there_is_a_value_without_interval():
    rng = np.random.default_rng(2)
    time = np.r_[rng.uniform(1, 364, 95), np.full(5, 400.0)]
    cause = np.r_[np.tile([0, 0, 0, 0, 1], 19), np.zeros(5)]
    sample = HorizonSample.of(rng.uniform(size=100), time, cause, horizon_days=365)
    assert follow_up_summary(sample)["horizon_followed"].value < 0.1
    one = horizon_performance(sample)["horizon_brier"]
    assert one.ok
    assert (one.has_interval, one.problem) == (False, "short_follow_up")
    assert "te weinig mensen" in problem_text(one.problem).text("nl")


def test_few_followed_or_few_clusters_take_the_band_and_the_intervals_of_the_errors_away():
    rng = np.random.default_rng(3)
    p = rng.uniform(0.1, 0.9, 400)
    time = np.r_[rng.uniform(1, 364, 380), np.full(20, 400.0)]
    cause = np.where(rng.uniform(size=400) < 0.4 * p, 1, 0)
    short = HorizonSample.of(p, time, np.where(time > 365, 0, cause), horizon_days=365)
    for sample, problem in ((short, "short_follow_up"), (people(300, clusters=5), "few_clusters")):
        found = horizon_calibration(sample, replicates=20)
        assert found.curve.ok
        assert np.isnan(found.curve.low).all()
        one = found.errors["horizon_ici"]
        assert (one.ok, one.has_interval) == (True, False)
        assert found.curve.problem == one.problem == problem


def test_a_horizon_on_the_last_day_of_everybody_needs_no_weights():
    sample = HorizonSample.of([0.1, 0.2, 0.6, 0.7], [9, 9, 9, 4], [0, 0, 1, 1], horizon_days=9)
    np.testing.assert_array_equal(sample.known_weight(sample.weight), np.ones(4))
    assert horizon_performance(sample)["horizon_auc"].value == 1.0


@pytest.mark.parametrize("cause", [0, 1, 2])
def test_one_outcome_for_all_is_no_ground_for_ranking_or_slope(cause):
    sample = HorizonSample.of(
        np.linspace(0.1, 0.6, 20), np.full(20, 500.0), np.full(20, cause), horizon_days=500
    )
    found, calibration = everything(sample)
    for name in ("horizon_auc", "horizon_auc_event_free", "horizon_slope", "horizon_intercept"):
        assert found[name].problem == "one_class"
    assert found["horizon_brier"].ok
    assert calibration.curve.problem == "one_class"


def test_one_probability_for_all_has_an_auc_of_a_half_and_no_slope():
    rng = np.random.default_rng(0)
    sample = HorizonSample.of(
        np.full(60, 0.3), rng.uniform(1, 900, 60), rng.integers(0, 3, 60), horizon_days=300
    )
    found, _ = everything(sample)
    for name in ("horizon_auc", "c_harrell", "c_uno"):
        assert found[name].value == pytest.approx(0.5, abs=1e-15)
        assert found[name].problem == "no_spread"
    assert found["horizon_slope"].problem == "constant_score"
    assert found["horizon_intercept"].has_interval


def test_predictions_that_part_the_outcomes_have_no_slope():
    sample = HorizonSample.of(
        np.linspace(0.1, 0.9, 40),
        np.where(np.arange(40) < 20, 900.0, 10.0),
        np.where(np.arange(40) < 20, 0, 1),
        horizon_days=300,
    )
    found, calibration = everything(sample)
    assert found["horizon_slope"].problem == "separated"
    assert found["horizon_auc"].value == 1.0
    assert calibration.curve.problem == "separated"


def test_predictions_of_0_and_1_are_left_out_of_slope_and_curve_alone():
    base = people(200, 1)
    p = np.r_[0.0, base.probability, 1.0]
    time, cause = np.r_[900.0, base.time, 900.0], np.r_[0, base.cause, 0]
    sample = HorizonSample.of(p, time, cause, horizon_days=500)
    inner = sample.where((sample.probability > 0) & (sample.probability < 1))
    one, other = (horizon_recalibration(s)["horizon_slope"].value for s in (sample, inner))
    assert one == pytest.approx(other, rel=0.02)  # they still count for censoring
    assert horizon_calibration(sample, replicates=0).curve.x[0] > 0


def test_one_person_gives_problems_and_no_error():
    found, _ = everything(HorizonSample.of([0.3], [900.0], [0], horizon_days=365))
    assert not any(one.has_interval for one in found.values())


def test_few_clusters_give_values_without_intervals():
    found = horizon_performance(people(300, clusters=5))
    assert {one.problem for one in found} == {"few_clusters"}
    assert all(one.ok for one in found)


def test_nobody_above_a_cut_off_has_a_net_benefit_of_0():
    sample = people(200)
    assert horizon_net_benefit(sample, 0.99)["horizon_net_benefit"].value == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: HorizonSample.of([1.2], [1], [0], horizon_days=9), r"probability\[0\] is 1.2"),
        (lambda: HorizonSample.of([0.2], [-1], [0], horizon_days=9), "time must be a number"),
        (lambda: HorizonSample.of([0.2], [1], [0.5], horizon_days=9), "cause must be 0"),
        (lambda: HorizonSample.of([0.2], [1, 2], [0, 1], horizon_days=9), "2 rows.*has 1"),
        (lambda: HorizonSample.of([0.2], [1], [0], horizon_days=0), "horizon_days is 0; expected"),
        (lambda: HorizonSample.of([0.2], [1], [0], horizon_days=9, event=0), "event is 0"),
        (lambda: people(50).where([True]), "a mask of"),
        (lambda: people(50).where(np.zeros(50)), "leaves nobody"),
        (lambda: horizon_net_benefit(people(50), 1.0), "cut_off is 1.0"),
        (lambda: horizon_performance(people(50), level=95), "level is 95"),
        (lambda: over_time([[0.1, 0.2]], [1], [0], [9.0]), r"shape \(1, 2\); expected \(n, 1\)"),
        (lambda: over_time([[0.1]], [1], [0], [9.0, 8.0]), "expected ascending"),
        (lambda: over_time([[0.3, 0.2]], [1], [0], [8.0, 9.0]), r"probability\[0\] falls from 0.3"),
        (lambda: horizon_calibration(people(50), knots=2), "knots is 2"),
    ],
)
def test_wrong_input_is_named(call, message):
    with pytest.raises(EvaluationError, match=message):
        call()


def test_a_wrong_outcome_is_an_error_of_evaluation_and_of_models():
    for kind in (EvaluationError, ModelError):
        with pytest.raises(kind, match=r"time must be .*\(-5\)"):
            HorizonSample.of([0.2], [-5], [0], horizon_days=9)


def test_net_benefit_over_cut_offs_is_that_of_each():
    sample = people(300)
    found = horizon_decision_curve(sample, [0.1, 0.4])
    for place, cut_off in enumerate((0.1, 0.4)):
        one = horizon_net_benefit(sample, cut_off)
        assert found.model.y[place] == one["horizon_net_benefit"].value
        assert found.everybody.low[place] == one["horizon_net_benefit_all"].low
    assert list(found.to_frame()) == [
        "cut_off",
        "model",
        "low",
        "high",
        "everybody",
        "over_everybody",
    ]
    assert math.isfinite(horizon_decision_curve(sample).model.y.sum())
