"""Unmeasured selection by an odds ratio: what everybody's figures become, and where they turn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration import expected_observed
from risicoscreener.evaluation.discrimination import auc
from risicoscreener.evaluation.selection import PartlySeen, Sensitivity, bounds, sensitivity

from .people import base_rate, drawn, partly

MEASURES = {"base_rate": base_rate, "expected_observed": expected_observed}


def logit(p):
    return np.log(p / (1 - p))


def test_the_unseen_get_the_odds_of_the_seen_times_the_odds_ratio():
    _, p, y, granted, _ = drawn(800)
    found = sensitivity(PartlySeen.of(p, y, granted), MEASURES, [1.0, 2.0], replicates=10)
    fit = sm.Logit(y[granted], sm.add_constant(logit(p[granted]))).fit(disp=0)
    lp = sm.add_constant(logit(p)) @ fit.params
    for place, ratio in enumerate((1.0, 2.0)):
        expected = np.where(granted, y, 1 / (1 + np.exp(-(lp + math.log(ratio)))))
        assert found.values[place, 0] == pytest.approx(expected.mean(), abs=1e-8)
        assert found.values[place, 1] == pytest.approx(p.sum() / expected.sum(), abs=1e-8)


def test_a_hidden_cause_is_found_at_an_odds_ratio_above_one():
    _, p, y, granted, _ = drawn(20_000, hidden=1.0)
    found = sensitivity(PartlySeen.of(p, y, granted), MEASURES, replicates=10)
    curve = found.curve("base_rate")
    at_one = curve.y[np.flatnonzero(curve.x == 1.0)[0]]
    assert at_one < y.mean() - 0.03
    assert found.tipping_point("base_rate", y.mean()).value > 1.25


def test_the_range_lies_within_the_bounds_without_assumptions():
    people = partly(1000)
    curve = sensitivity(people, {"auc": auc}, [0.05, 1.0, 20.0], replicates=10).curve("auc")
    region = bounds(people, replicates=10)["auc"]
    assert (curve.y >= region.lowest).all()
    assert (curve.y <= region.highest).all()


def test_with_everybody_seen_nothing_depends_on_the_odds_ratio():
    people = partly(300)
    whole = PartlySeen(people.people, np.ones(300, dtype=bool))
    found = sensitivity(whole, MEASURES, [0.5, 2.0], replicates=10)
    assert found.values[0] == pytest.approx(found.values[1])
    assert found.tipping_point("base_rate", 0.99).problem == "no_tipping_point"


def test_the_tipping_point_is_where_the_curve_crosses_and_has_an_interval():
    found = sensitivity(partly(3000), MEASURES, replicates=60)
    at_two = found.curve("base_rate").y[list(found.odds_ratios).index(2.0)]
    point = found.tipping_point("base_rate", float(at_two))
    assert point.value == pytest.approx(2.0)
    assert point.low < 2.0 < point.high
    assert point.method == "bootstrap"


def test_between_odds_ratios_the_tipping_point_is_linear_on_the_log_scale():
    values = np.array([[0.1], [0.5]])
    found = Sensitivity(np.array([1.0, 4.0]), ("base_rate",), values, np.tile(values, (40, 1, 1)))
    point = found.tipping_point("base_rate", 0.2)
    assert point.value == pytest.approx(4.0**0.25)
    assert (point.low, point.high) == pytest.approx((4.0**0.25, 4.0**0.25))


def test_features_are_used_where_they_say_something_on_the_outcome():
    x, _, y, granted, _ = drawn(2000)
    vague = np.full(2000, 0.3)
    people = PartlySeen.of(vague, y, granted)
    without = sensitivity(people, MEASURES, [1.0], replicates=10).values[0, 0]
    with_x = sensitivity(people, MEASURES, [1.0], features=x, replicates=10).values[0, 0]
    assert abs(with_x - y.mean()) < abs(without - y.mean())


def test_outcomes_that_are_separated_by_the_score_give_a_problem():
    p = np.linspace(0.1, 0.9, 60)
    people = PartlySeen.of(p, (p > 0.5).astype(float), np.arange(60) % 3 > 0)
    found = sensitivity(people, MEASURES, [1.0, 2.0], replicates=10)
    assert found.curve("base_rate").problem == "separated"
    assert found.tipping_point("base_rate", 0.5).problem == "separated"


def test_a_result_is_a_table_of_every_measure_and_odds_ratio():
    found = sensitivity(partly(300), MEASURES, [1.0, 2.0], replicates=20)
    frame = found.to_frame()
    assert frame.groupby("name").size().to_dict() == {"base_rate": 2, "expected_observed": 2}
    assert (frame["low"] <= frame["value"]).all()
    assert set(found.to_dict()) == set(MEASURES)
    assert "odds_ratio" in found._repr_html_()


def test_what_cannot_be_meant_is_refused():
    with pytest.raises(EvaluationError, match="numbers above 0"):
        sensitivity(partly(100), MEASURES, [0.0], replicates=10)
    found = sensitivity(partly(100), MEASURES, [1.0], replicates=10)
    with pytest.raises(EvaluationError, match="no measure 'auc' here"):
        found.curve("auc")
