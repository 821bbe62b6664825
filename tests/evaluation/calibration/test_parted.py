"""Where probabilities separate the outcomes, neither curve nor index has limits."""

from __future__ import annotations

import numpy as np

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.calibration import calibration_curve, moderate_calibration


def test_curve_and_indices_give_the_same_reason():
    p = np.linspace(0.05, 0.95, 60)
    sample = Sample.of(p, p > 0.5)
    assert calibration_curve(sample).problem == "separated"
    found = moderate_calibration(sample, replicates=20)
    assert {one.problem for one in found} == {"separated"}
    assert not any(one.has_interval for one in found)


def test_one_person_on_the_other_side_is_enough_for_both():
    p = np.linspace(0.05, 0.95, 60)
    outcome = p > 0.5
    outcome[[5, 20, 40, 50]] = ~outcome[[5, 20, 40, 50]]
    sample = Sample.of(p, outcome)
    assert calibration_curve(sample).ok
    assert all(one.has_interval for one in moderate_calibration(sample, replicates=20))
