"""Odd people give a problem in words: never a crash, never a warning (warnings are errors here)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.calibration import calibration_slope, expected_observed
from risicoscreener.evaluation.discrimination import RateAt, auc
from risicoscreener.evaluation.scoring import brier
from risicoscreener.evaluation.selection import (
    PartlySeen,
    bounds,
    contraction,
    inverse_weighting,
    label_bias,
    sensitivity,
)

N = 60
ALTERNATING = (np.arange(N) % 2).astype(float)
SPREAD = np.linspace(0.1, 0.9, N)
THIRDS = np.arange(N) % 3 > 0
MEASURES = {
    "expected_observed": expected_observed,
    "auc": auc,
    "brier": brier,
    "calibration_slope": calibration_slope,
    "ppv": RateAt("ppv", 0.5),
}
ODD = {
    "no events are seen": (SPREAD, np.zeros(N), THIRDS),
    "only events are seen": (SPREAD, np.ones(N), THIRDS),
    "one probability": (np.full(N, 0.3), ALTERNATING, THIRDS),
    "only certain probabilities": (ALTERNATING, ALTERNATING, THIRDS),
    "certain and wrong": (1 - ALTERNATING, ALTERNATING, THIRDS),
    "separated": (SPREAD, (SPREAD > 0.5).astype(float), THIRDS),
    "one is granted": (SPREAD, ALTERNATING, np.arange(N) == 7),
    "one is denied": (SPREAD, ALTERNATING, np.arange(N) != 7),
    "all are granted": (SPREAD, ALTERNATING, np.ones(N, dtype=bool)),
    "granted by score alone": (SPREAD, ALTERNATING, SPREAD < 0.5),
}


@pytest.fixture(params=ODD)
def people(request) -> PartlySeen:
    return PartlySeen.of(*ODD[request.param])


def test_bounds_have_a_region_or_a_problem(people):
    for region in bounds(people, 0.5, replicates=20):
        assert region.has_interval or region.problem, region
        assert region.text("nl")
        assert region.text("en")
        if region.ok:
            assert region.lowest <= region.highest
        if region.has_interval:
            assert region.low <= region.lowest + 1e-12
            assert region.high >= region.highest - 1e-12


def test_weighting_has_values_or_problems(people):
    found = inverse_weighting(
        people,
        MEASURES,
        features=people.people.probability[np.argsort(people.people.order)],
        replicates=20,
    )
    for one in found.estimates:
        assert one.has_interval or one.problem, one
    assert math.isfinite(found.overlap.effective)
    assert found.overlap.to_dict()["seen"] == people.seen.sum()


def test_sensitivity_has_curves_or_problems(people):
    found = sensitivity(people, MEASURES, [0.5, 1.0, 2.0], replicates=20)
    for name in MEASURES:
        curve = found.curve(name)
        assert np.isfinite(curve.low).all() or curve.problem, name
        point = found.tipping_point(name, 0.5)
        assert point.has_interval or point.problem
        assert point.text("nl")


def test_contraction_has_a_curve_or_a_problem(people):
    found = contraction(people, np.repeat(["a", "b"], N // 2), fewest=10, replicates=20)
    assert np.isfinite(found.curve.low).all() or found.curve.problem
    assert found.difference.has_interval or found.difference.problem


@pytest.mark.parametrize("outcome", [np.zeros(N), np.ones(N), ALTERNATING])
@pytest.mark.parametrize("probability", [SPREAD, np.full(N, 0.3), ALTERNATING])
def test_label_bias_has_values_or_problems(probability, outcome):
    for unit in ("case", "person"):
        found = label_bias(
            Sample.of(probability, outcome), np.arange(N) < N // 2, detected=0.5, unit=unit
        )
        for one in (found.on_registered, found.tipping_point):
            assert one.has_interval or one.problem, one
            assert one.text("nl")


def test_a_weight_of_two_is_the_same_person_twice_in_bounds():
    rng = np.random.default_rng(4)
    p, y, seen = rng.choice(SPREAD[::9], 50), rng.integers(0, 2, 50), rng.random(50) < 0.6
    twice = rng.integers(1, 3, 50)
    rows = np.repeat(np.arange(50), twice)
    weighted = bounds(PartlySeen.of(p, y, seen, weight=twice), 0.5, replicates=10)
    repeated = bounds(PartlySeen.of(p[rows], y[rows], seen[rows]), 0.5, replicates=10)
    for one, other in zip(weighted, repeated, strict=True):
        # cuts are tried between people, so that the two of a pair can be apart only when repeated
        slack = 0.01 if one.name == "auc" else 1e-12
        assert one.lowest == pytest.approx(other.lowest, abs=slack)
        assert one.highest == pytest.approx(other.highest, abs=slack)


def test_clusters_are_the_units_of_every_interval():
    rng = np.random.default_rng(5)
    p, y, seen = rng.uniform(0.1, 0.9, 200), rng.integers(0, 2, 200), rng.random(200) < 0.6
    people = PartlySeen.of(p, y, seen, cluster=np.arange(200) // 4)
    found = inverse_weighting(people, {"auc": auc}, chance=np.full(200, 0.6), replicates=20)
    assert found.estimates["auc"].method == "clustered_bootstrap"
    assert sensitivity(people, {"auc": auc}, replicates=20).curve("auc").method.startswith("clust")
    assert contraction(people, ["a"] * 200, replicates=20).curve.method == "clustered_bootstrap"
