"""Calibration at a horizon, and figures over time."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.time.samples import people
from risicoscreener.evaluation.time import (
    HorizonSample,
    follow_up_summary,
    grouped_calibration,
    horizon_calibration,
    horizon_performance,
    over_time,
)


def right(n, seed=0):
    """People whose predictions are the truth."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    event, other = np.exp(0.6 * x) / 900, 1 / 2500
    first, second = rng.exponential(1 / event), rng.exponential(1 / other, n)
    end = rng.uniform(100, 1200, n)
    time = np.minimum(np.minimum(first, second), end)
    cause = np.where(time == first, 1, np.where(time == second, 2, 0))
    total = event + other

    def by(days):
        return event / total * -np.expm1(-total * days)

    return by, time, cause


def test_predictions_that_are_right_lie_on_their_curve():
    by, time, cause = right(20_000)
    sample = HorizonSample.of(by(500), time, cause, horizon_days=500)
    found = horizon_calibration(sample, replicates=0)
    assert found.errors["horizon_ici"].value < 0.01
    inside = (found.curve.low <= found.curve.x) & (found.curve.x <= found.curve.high)
    assert inside.mean() > 0.8
    assert found.weak["horizon_slope"].low < 1 < found.weak["horizon_slope"].high


def test_predictions_twice_as_high_lie_above_their_curve():
    by, time, cause = right(3000)
    sample = HorizonSample.of(np.minimum(2 * by(500), 0.99), time, cause, horizon_days=500)
    found = horizon_calibration(sample, replicates=50)
    middle = len(found.curve.x) // 2
    assert found.curve.high[middle] < found.curve.x[middle]
    assert found.errors["horizon_ici"].low > 0.1
    assert found.weak["horizon_intercept"].high < 0


def test_the_band_holds_the_true_curve_at_a_place_in_most_samples():
    hits = []
    for seed in range(120):
        by, time, cause = right(400, seed)
        sample = HorizonSample.of(by(400), time, cause, horizon_days=400)
        curve = horizon_calibration(sample, replicates=0).curve
        place = np.searchsorted(curve.x, 0.35)
        hits.append(curve.low[place] <= curve.x[place] <= curve.high[place])
    assert 0.88 <= np.mean(hits) <= 1.0


def test_the_order_of_the_errors_is_that_of_their_names():
    errors = horizon_calibration(people(400), replicates=0).errors
    e50, e90, emax = (errors[f"horizon_{name}"].value for name in ("e50", "e90", "emax"))
    assert 0 <= e50 <= e90 <= emax
    assert errors["horizon_ici"].value <= emax


def test_with_two_distinct_predictions_the_curve_goes_through_both_incidences():
    base = people(600)
    p = np.where(base.probability > 0.4, 0.6, 0.2)
    sample = HorizonSample.of(p, base.time, base.cause, horizon_days=500)
    found = horizon_calibration(sample, replicates=0)
    known = sample.known_weight(sample.weight)
    for place, level in ((0, 0.2), (-1, 0.6)):
        part = sample.probability == level
        share = known[part] @ sample.outcome[part] / known[part].sum()
        assert found.curve.y[place] == pytest.approx(share, abs=1e-9)
    assert len(grouped_calibration(sample)) == 2


def test_groups_hold_all_people_and_ties_stay_together():
    base = people(500)
    sample = HorizonSample.of(base.probability.round(1), base.time, base.cause, horizon_days=500)
    groups = grouped_calibration(sample, groups=10)
    assert sum(one["horizon_incidence"].n for one in groups) == 500
    expected = [one["horizon_expected"].value for one in groups]
    assert expected == sorted(expected)


def test_a_result_goes_to_plain_values_a_frame_and_html():
    found = horizon_calibration(people(300), replicates=20, groups=4)
    plain = found.to_dict()
    assert plain["horizon_days"] == 500.0
    assert len(plain["groups"]) == len(found.to_frame()) == 4
    assert "kalibratie" not in found._repr_html_()
    assert "<table" in found._repr_html_()


def test_the_bootstrap_of_the_errors_follows_from_its_seed():
    sample = people(200)
    one, other = (
        horizon_calibration(sample, replicates=20, seed=4).errors["horizon_ici"] for _ in range(2)
    )
    assert one == other


def test_figures_over_time_are_those_at_each_horizon():
    by, time, cause = right(400)
    days = [200.0, 400.0, 800.0]
    p = np.column_stack([by(d) for d in days])
    found = over_time(p, time, cause, days)
    for place, horizon in enumerate(days):
        sample = HorizonSample.of(p[:, place], time, cause, horizon_days=horizon)
        expected = horizon_performance(sample)
        assert found["auc_over_time"].y[place] == expected["horizon_auc"].value
        assert found["brier_over_time"].low[place] == expected["horizon_brier"].low
    assert found["incidence_over_time"].x.tolist() == days
    assert found.to_frame().loc[(400.0, "horizon_auc"), "value"] == found["auc_over_time"].y[1]
    assert set(found.to_dict()) == {"200", "400", "800"}
    assert len(found.curves) == 5


def test_a_horizon_beyond_follow_up_has_no_value_on_the_curve():
    by, time, cause = right(300)
    found = over_time(np.column_stack([by(400), by(5000)]), time, cause, [400.0, 5000.0])
    curve = found["auc_over_time"]
    assert np.isfinite(curve.y).tolist() == [True, False]
    assert curve.problem == "short_follow_up"


def test_what_is_known_is_said_in_shares_and_people():
    sample = HorizonSample.of([0.1, 0.2, 0.3, 0.4], [5, 10, 10, 2], [0, 0, 0, 1], horizon_days=10)
    found = follow_up_summary(sample)
    assert found["horizon_known"].value == 0.75
    assert found["horizon_followed"].value == pytest.approx(2 / 3)
    assert found["horizon_effective_n"].value == pytest.approx(16 / (1 + 2 * 1.5**2))
