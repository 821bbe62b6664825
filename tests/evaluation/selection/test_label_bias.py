"""What unequal registration makes of calibration by group."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.selection import (
    committed_rate,
    detected_in_group,
    label_bias,
    registered_rate,
)

SHARES = st.floats(0.05, 0.95)


def registered(n: int = 4000, seed: int = 0, ratio: float = 1.0, unit: str = "case"):
    """Registered outcomes of two groups, the probabilities by the truth, and the truth."""
    rng = np.random.default_rng(seed)
    group = rng.random(n) < 0.4
    committed = rng.uniform(0.1, 0.8, n)
    detected = np.where(group, detected_in_group(0.5, ratio), 0.5)
    shown = np.array(
        [float(registered_rate(c, d, unit)) for c, d in zip(committed, detected, strict=True)]
    )
    return Sample.of(shown, rng.random(n) < shown), group, committed, shown


@given(st.floats(0.0, 0.999), SHARES, st.sampled_from(["case", "person"]))
def test_committed_is_the_inverse_of_registered(rate, detected, unit):
    there = float(registered_rate(rate, detected, unit))
    assert float(committed_rate(there, detected, unit)) == pytest.approx(rate, abs=1e-9)
    assert there <= rate + 1e-15


def test_more_cases_are_more_chances_to_be_found():
    assert registered_rate(0.6, 0.5, "case") > registered_rate(0.6, 0.5, "person")
    # two cases on average, each found half of the time, are one found case on average
    assert float(registered_rate(1 - math.exp(-2), 0.5)) == pytest.approx(1 - math.exp(-1))
    assert float(committed_rate(1.0, 0.5)) == 1.0
    assert committed_rate([0.5, 1.0], 0.5).tolist() == pytest.approx([0.75, 1.0])
    assert float(committed_rate(0.9, 0.5, "person")) == 1.0


def test_by_person_the_overstatement_is_the_ratio_of_the_shares_detected():
    sample, group, _, _ = registered(unit="person")
    found = label_bias(sample, group, detected=0.5, odds_ratios=[1.0, 2.0], unit="person")
    assert found.on_committed.y[0] == pytest.approx(found.on_registered.value)
    ratio = detected_in_group(0.5, 2.0) / 0.5
    assert found.on_committed.y[1] == pytest.approx(found.on_registered.value * ratio)


def test_by_case_the_overstatement_is_that_of_the_committed_rates():
    ratio = 2.0
    sample, group, committed, shown = registered(40_000, ratio=ratio)
    found = label_bias(sample, group, detected=0.5, odds_ratios=[ratio])
    over = [shown[g].mean() / committed[g].mean() for g in (group, ~group)]
    assert found.on_committed.y[0] == pytest.approx(over[0] / over[1], rel=0.03)
    assert found.on_committed.low[0] < over[0] / over[1] < found.on_committed.high[0]


def test_at_the_tipping_point_the_group_is_estimated_like_the_others():
    sample, group, _, _ = registered(ratio=1.5)
    point = label_bias(sample, group, detected=0.5).tipping_point
    at = label_bias(sample, group, detected=0.5, odds_ratios=[point.value])
    assert at.on_committed.y[0] == pytest.approx(1.0, abs=1e-9)
    assert point.low < point.value < point.high


def test_by_person_the_tipping_point_has_a_closed_form():
    rng = np.random.default_rng(3)
    group, p = rng.random(3000) < 0.5, rng.uniform(0.1, 0.5, 3000)
    y = rng.random(3000) < np.where(group, 1.25 * p, p)  # too low for the group on the register
    found = label_bias(Sample.of(p, y), group, detected=0.8, unit="person")
    share = 0.8 / found.on_registered.value
    assert found.tipping_point.value == pytest.approx((share / (1 - share)) / (0.8 / 0.2))


def test_a_conclusion_that_no_registration_turns_has_no_tipping_point():
    p = np.r_[np.full(500, 0.2), np.full(500, 0.2)]
    y = np.r_[np.ones(100), np.zeros(400), np.ones(10), np.zeros(490)]
    found = label_bias(Sample.of(p, y), np.arange(1000) < 500, detected=0.9, unit="person")
    assert found.on_registered.value == pytest.approx(0.1)
    assert found.tipping_point.problem == "no_tipping_point"


def test_the_interval_is_that_of_the_ratio_of_observed_over_expected():
    sample, group, _, _ = registered(3000)
    estimate = label_bias(sample, group, detected=0.5).on_registered
    rng, logs = np.random.default_rng(0), []
    p, y = np.empty(3000), np.empty(3000)
    p[sample.order], y[sample.order] = sample.probability, sample.outcome
    for _ in range(400):
        drawn = rng.integers(0, 3000, 3000)
        g, q, o = group[drawn], p[drawn], y[drawn]
        logs.append(np.log(q[g].sum() / o[g].sum()) - np.log(q[~g].sum() / o[~g].sum()))
    reach = math.log(estimate.high / estimate.value)
    assert reach / 1.96 == pytest.approx(np.std(logs), rel=0.12)


def test_clusters_are_the_units_if_there_are():
    sample, group, _, _ = registered(1000)
    p, y = np.empty(1000), np.empty(1000)
    p[sample.order], y[sample.order] = sample.probability, sample.outcome
    doubled = Sample.of(np.r_[p, p], np.r_[y, y], cluster=np.r_[np.arange(1000), np.arange(1000)])
    once = label_bias(sample, group, detected=0.5).on_registered
    twice = label_bias(doubled, np.r_[group, group], detected=0.5).on_registered
    assert twice.method == "clustered"
    assert twice.high == pytest.approx(once.high, rel=1e-3)  # t against normal


def test_a_group_without_the_outcome_gives_a_problem():
    sample = Sample.of([0.2, 0.3, 0.4, 0.5], [0, 1, 0, 0])
    found = label_bias(sample, [True, False, True, False], detected=0.5)
    assert found.on_registered.problem == found.tipping_point.problem == "few_events"
    assert np.isnan(found.on_committed.y).all()
    assert found.to_dict()["on_registered"]["value"] is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"group": [True] * 4}, "some in the group and some not"),
        ({"group": [True, False]}, "some in the group and some not"),
        ({"detected": 1.0}, "detected is 1.0"),
        ({"odds_ratios": [-1.0]}, "odds_ratio is -1.0"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes, message):
    given_ = {"group": [True, False, True, False], "detected": 0.5} | changes
    with pytest.raises(EvaluationError, match=message):
        label_bias(Sample.of([0.2, 0.3, 0.4, 0.5], [0, 1, 1, 0]), **given_)


def test_a_table_has_a_row_per_odds_ratio():
    sample, group, _, _ = registered(500)
    found = label_bias(sample, group, detected=0.5)
    assert found.to_frame()["odds_ratio"].tolist() == [1.0, 1.25, 1.5, 2.0, 3.0]
    assert "relative" in found._repr_html_()
