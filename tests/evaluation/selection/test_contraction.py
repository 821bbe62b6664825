"""Contraction of the cases of the most lenient decision maker."""

from __future__ import annotations

import math

import numpy as np
import pytest

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.selection import PartlySeen, contraction


def decided(n: int = 6000, seed: int = 0, makers: int = 6, *, skill: float = 0.0):
    """Decision makers of unequal leniency who see the risk with more or less noise."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    risk = 1 / (1 + np.exp(1.2 - 1.2 * x))
    maker = rng.integers(0, makers, n)
    leniency = np.linspace(0.4, 0.95, makers)[maker]
    sees = skill * x + (1 - skill) * rng.standard_normal(n)
    order = sees.argsort().argsort() / n
    granted = order < leniency
    return risk, (rng.random(n) < risk).astype(float), granted, maker


def test_ten_cases_by_hand():
    p = [0.1, 0.2, 0.3, 0.4, 0.5, 0.1, 0.2, 0.3, 0.4, 0.5]
    failed = [0, 1, 0, 1, 0, 0, 0, 1, 0, 0]
    granted = [1, 1, 1, 1, 0, 0, 1, 1, 0, 0]
    maker = ["lenient"] * 5 + ["strict"] * 5
    found = contraction(PartlySeen.of(p, failed, granted), maker, fewest=5, replicates=10)
    assert found.lenient == "lenient"
    assert found.makers["granted"].tolist() == [0.8, 0.4]
    assert found.makers["failed"].tolist() == [0.4, 0.2]
    # at 0.4 granted the model keeps the two lowest of the lenient one, of whom one fails
    assert np.interp(0.4, found.curve.x, found.curve.y) == pytest.approx(0.2, abs=0.01)
    assert found.difference.value == pytest.approx(0.0)
    assert found.curve.x[-1] == pytest.approx(0.8)


def test_a_model_beats_decision_makers_who_do_not_see_the_risk():
    p, y, granted, maker = decided()
    found = contraction(PartlySeen.of(p, y, granted), maker, replicates=100)
    assert found.difference.high < 0
    assert found.difference.method == "bootstrap"
    assert found.lenient == "5"


def test_a_model_loses_to_decision_makers_who_see_more():
    rng = np.random.default_rng(1)
    _, y, granted, maker = decided(skill=0.9)
    noise = rng.random(len(y))
    found = contraction(PartlySeen.of(noise, y, granted), maker, replicates=100)
    assert found.difference.low > 0


def test_the_curve_of_the_model_does_not_fall_and_ends_at_the_lenient_one():
    p, y, granted, maker = decided(2000)
    found = contraction(PartlySeen.of(p, y, granted), maker, replicates=20)
    assert (np.diff(found.curve.y) >= 0).all()
    assert len(found.curve.low) == len(found.curve.high) == len(found.curve.x)
    assert (found.curve.low <= found.curve.y).all()
    assert (found.curve.high >= found.curve.y).all()
    top = found.makers.iloc[0]
    assert found.curve.x[-1] == pytest.approx(top["granted"])
    assert found.curve.y[-1] == pytest.approx(top["failed"])


def test_among_equal_probabilities_nobody_comes_first():
    p, failed = [0.2] * 10, [1] + [0] * 9
    people = PartlySeen.of(p, failed, [True] * 10)
    found = contraction(people, ["a"] * 10, fewest=5, replicates=10)
    np.testing.assert_allclose(found.curve.y, 0.1 * found.curve.x)


def test_one_decision_maker_gives_a_curve_and_no_comparison():
    p, y, granted, _ = decided(300)
    found = contraction(PartlySeen.of(p, y, granted), ["a"] * 300, replicates=10)
    assert found.difference.problem == "one_maker"
    assert found.curve.ok


def test_decision_makers_with_few_cases_are_counted_and_left_out():
    p, y, granted, _ = decided(300)
    maker = np.array(["a"] * 150 + ["b"] * 140 + ["c"] * 10)
    found = contraction(PartlySeen.of(p, y, granted), maker, replicates=10)
    assert found.left_out == 1
    assert set(found.makers["maker"]) == {"a", "b"}
    assert found.to_dict()["left_out"] == 1


@pytest.mark.parametrize(
    ("maker", "fewest", "message"),
    [
        (["a", None], 1, r"maker\[1\] is missing"),
        (["a"], 1, "maker has shape"),
        (["a", "b"], 50, "no decision maker has 50 cases"),
    ],
)
def test_what_cannot_be_meant_is_refused(maker, fewest, message):
    with pytest.raises(EvaluationError, match=message):
        contraction(PartlySeen.of([0.2, 0.3], [0, math.nan]), maker, fewest=fewest, replicates=10)
