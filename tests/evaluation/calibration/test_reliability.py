"""The CORP diagram: a staircase without settings, a band, and scores in parts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.calibration import (
    reliability_diagram,
    score_decomposition,
    score_parts,
)

from .people import calibrated, overfitted

ROWS = st.lists(
    st.tuples(
        st.sampled_from([0.1, 0.25, 0.5]) | st.floats(0.01, 0.99),
        st.booleans(),
        st.sampled_from([0.5, 1.0, 2.0]),
    ),
    min_size=1,
    max_size=30,
)


def sample_of(rows):
    p, y, weight = (np.array(column) for column in zip(*rows, strict=True))
    return Sample.of(p, y, weight=weight)


def test_outcomes_that_fall_are_pooled():
    found = reliability_diagram(Sample.of([0.1, 0.2, 0.4, 0.8], [0, 1, 0, 1]), band="none")
    pools = [(p.lowest, p.highest, p.recalibrated, p.n) for p in found.pools]
    assert pools == [(0.1, 0.1, 0.0, 1), (0.2, 0.4, 0.5, 2), (0.8, 0.8, 1.0, 1)]
    assert found.curve.y.tolist() == [0.0, 0.5, 0.5, 1.0]
    assert list(found.to_frame().columns) == [
        "lowest",
        "highest",
        "recalibrated",
        "n",
        "weight",
    ]


@settings(max_examples=50, deadline=None)
@given(ROWS, st.sampled_from(["brier", "log_loss"]))
def test_the_parts_of_a_score_add_up_and_are_not_negative(rows, score):
    sample = sample_of(rows)
    miscalibration, discrimination, uncertainty = score_parts(sample, sample.weight, score)
    p, y, w = sample.probability, sample.outcome, sample.weight
    loss = (y - p) ** 2 if score == "brier" else -np.log(np.where(y == 1, p, 1 - p))
    assert miscalibration - discrimination + uncertainty == pytest.approx(
        np.average(loss, weights=w), abs=1e-12
    )
    assert min(miscalibration, discrimination, uncertainty) >= -1e-12


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_the_staircase_rises_and_keeps_the_mean(rows):
    sample = sample_of(rows)
    found = reliability_diagram(sample, band="none")
    assert (np.diff(found.curve.y) >= 0).all()
    kept = sum(pool.recalibrated * pool.weight for pool in found.pools)
    assert kept == pytest.approx(sample.weight @ sample.outcome)
    assert sum(pool.n for pool in found.pools) == len(sample)


def test_recalibrated_probabilities_have_no_miscalibration():
    p, y = overfitted(300)
    pools = reliability_diagram(Sample.of(p, y), band="none").pools
    again = np.empty(300)
    for pool in pools:
        again[(p >= pool.lowest) & (p <= pool.highest)] = pool.recalibrated
    sample = Sample.of(again, y)
    parts = score_decomposition(sample)
    assert parts["brier_miscalibration"].value == pytest.approx(0, abs=1e-12)
    before = score_decomposition(Sample.of(p, y))
    assert parts["brier_discrimination"].value == pytest.approx(
        before["brier_discrimination"].value
    )


def test_a_consistency_band_holds_most_of_calibrated_staircases():
    held = []
    for seed in range(20):
        sample = Sample.of(*calibrated(300, seed=seed))
        found = reliability_diagram(sample, replicates=60, seed=seed).curve
        held.append(((found.low <= found.y) & (found.y <= found.high)).mean())
        assert found.method == "consistency"
    assert np.mean(held) == pytest.approx(0.95, abs=0.04)


def test_a_staircase_that_is_off_leaves_the_consistency_band():
    bad = reliability_diagram(Sample.of(*overfitted(1000)), replicates=100)
    outside = (bad.curve.y < bad.curve.low) | (bad.curve.y > bad.curve.high)
    assert outside.mean() > 0.3
    assert bad.test.p_value == pytest.approx(1 / 101)


def test_the_p_value_of_calibrated_probabilities_is_uniform():
    found = [
        reliability_diagram(
            Sample.of(*calibrated(100, seed=seed)), replicates=39, seed=seed
        ).test.p_value
        for seed in range(1000, 1100)
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=0.09)
    assert np.mean(np.array(found) <= 0.2) == pytest.approx(0.2, abs=0.12)


def test_a_confidence_band_lies_around_the_staircase():
    sample = Sample.of(*overfitted(500))
    found = reliability_diagram(sample, band="confidence", replicates=100)
    middle = (found.curve.x > 0.2) & (found.curve.x < 0.6)
    held = (found.curve.low <= found.curve.y) & (found.curve.y <= found.curve.high)
    assert held[middle].mean() > 0.95
    assert found.curve.method == "bootstrap"
    assert math.isnan(found.test.p_value)


def test_with_clusters_the_band_is_that_of_clusters():
    p, y = overfitted(200)
    tripled = Sample.of(np.tile(p, 3), np.tile(y, 3), cluster=np.tile(np.arange(200), 3))
    found = reliability_diagram(tripled, replicates=60)
    assert (found.band, found.curve.method) == ("confidence", "clustered_bootstrap")
    alone = reliability_diagram(
        Sample.of(np.tile(p, 3), np.tile(y, 3)), band="confidence", replicates=60
    )
    assert np.nanmean(found.curve.high - found.curve.low) > 1.3 * np.nanmean(
        alone.curve.high - alone.curve.low
    )
    with pytest.raises(EvaluationError, match="independent"):
        reliability_diagram(tripled, band="consistency")


def test_a_band_follows_from_its_seed():
    sample = Sample.of(*overfitted(100))
    one, same, other = (
        reliability_diagram(sample, replicates=20, seed=seed).to_dict() for seed in (1, 1, 2)
    )
    assert one == same
    assert one["curve"]["high"] != other["curve"]["high"]


def test_who_was_certain_and_wrong_leaves_the_log_loss_without_miscalibration():
    sample = Sample.of([0.0, 0.2, 0.7, 1.0], [1, 0, 1, 0])
    parts = score_decomposition(sample, score="log_loss")
    assert parts["log_loss_miscalibration"].problem == "infinite_loss"
    assert parts["log_loss_uncertainty"].value == pytest.approx(math.log(2))
    assert score_decomposition(sample)["brier_miscalibration"].ok


@pytest.mark.parametrize(
    ("p", "y"), [([0.3], [1]), ([0.2, 0.4], [0, 0]), ([0.5] * 30, [0, 1] * 15)]
)
def test_degenerate_samples_have_a_staircase_and_say_why_there_is_no_band(p, y):
    found = reliability_diagram(Sample.of(p, y), replicates=20)
    assert found.curve.ok
    assert found.curve.problem == ("" if len(p) == 30 else "few_events")
    assert found.parts["brier_discrimination"].value == pytest.approx(0)


@pytest.mark.parametrize(
    "options", [{"band": "wide"}, {"replicates": 5}, {"level": 2.0}, {"score": "auc"}]
)
def test_unknown_settings_are_refused(options):
    sample = Sample.of([0.1, 0.2], [0, 1])
    make = score_decomposition if "score" in options else reliability_diagram
    with pytest.raises(EvaluationError, match="expected"):
        make(sample, **options)
