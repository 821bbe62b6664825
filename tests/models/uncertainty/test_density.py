"""A person far from typical in many features at once is out of support, leverage or not."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from risicoscreener.errors import ModelError
from risicoscreener.models import FeatureRange, Support
from risicoscreener.models.uncertainty import with_distance

NAN = math.nan


def support(width: int = 5, **changes) -> Support:
    names = tuple(f"f{i}" for i in range(width))
    ranges = tuple(FeatureRange(-4.0, 4.0, 0.0) for _ in names)
    return Support(**{"features": names, "ranges": ranges} | changes)


def measured(**changes) -> Support:
    return support(2, spreads=(1.0, 2.0), max_distance=1.5, **changes)


def test_the_distance_is_the_root_mean_square_of_spreads_from_typical():
    rows = np.array([[1.0, 4.0], [NAN, 4.0], [3.9, 0.0], [NAN, NAN]])
    expected = [math.sqrt((1 + 4) / 2), 2.0, math.sqrt(9 / 2), 0.0]
    np.testing.assert_allclose(measured().distances(rows), expected)


def test_a_person_farther_than_the_limit_is_outside_and_the_features_are_named():
    found = measured().check_one([1.0, 4.0])
    assert found.status == "outside"
    assert found.distance_exceeded
    assert found.farthest == ("f1", "f0")
    assert "far from what is typical: f1, f0" in " ".join(found.sentences("en"))
    assert "ver van wat gebruikelijk is: f1, f0" in " ".join(found.sentences("nl"))
    near = measured().check_one([1.0, 1.0])
    assert (near.status, near.distance_exceeded, near.farthest) == ("inside", False, ())


def test_one_and_many_agree():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5)) * 1.2
    x[rng.random(x.shape) < 0.1] = NAN
    made = with_distance(support(), x, quantile=0.8)
    for matrix in (x, np.asfortranarray(x)):
        many = made.check_many(matrix)
        for i, row in enumerate(x.tolist()):
            one = made.check_one(row)
            assert one.status == many.labels()[i]
            assert one.distance == many.distance[i]
            assert one.distance_exceeded == many.distance_exceeded[i]


def test_the_limit_leaves_out_the_stated_share_of_the_training_data():
    x = np.random.default_rng(1).normal(size=(5000, 5))
    made = with_distance(support(), x, quantile=0.99)
    assert np.mean(made.check_many(x).distance_exceeded) == pytest.approx(0.01, abs=0.001)
    assert made.spreads == pytest.approx(x.std(axis=0))


def test_many_mild_extremes_are_found_though_each_lies_in_its_range():
    x = np.random.default_rng(2).normal(size=(5000, 20))
    names = tuple(f"f{i}" for i in range(20))
    low, middle, high = np.quantile(x, [0.001, 0.5, 0.999], axis=0).tolist()
    made = with_distance(Support(names, tuple(map(FeatureRange, low, high, middle))), x)
    mild = [1.8] * 20
    found = made.check_one(mild)
    assert found.outside == ()
    assert found.status == "outside"


def test_a_constant_feature_takes_no_part():
    x = np.column_stack([np.full(100, 0.0), np.linspace(-1, 1, 100)])
    made = with_distance(support(2), x)
    assert made.spreads[0] == 1.0


def test_without_a_limit_nothing_is_measured():
    found = support().check_one([3.9] * 5)
    assert (found.status, found.distance) == ("inside", None)
    assert support().check_many(np.full((1, 5), 3.9)).distance is None


def test_support_as_stored_before_loads_without_a_distance():
    stored = msgspec.to_builtins(support(2))
    del stored["spreads"], stored["max_distance"]
    assert msgspec.convert(stored, Support) == support(2)


def test_bad_input_is_refused():
    with pytest.raises(ModelError, match="spreads"):
        support(2, spreads=(1.0,))
    with pytest.raises(ModelError, match="spreads"):
        support(2, max_distance=1.0)
    with pytest.raises(ModelError, match="no spreads"):
        support(2).distances(np.zeros((1, 2)))
    with pytest.raises(ModelError, match="matrix of shape"):
        with_distance(support(2), np.zeros((3, 4)))
    with pytest.raises(ModelError, match="known value"):
        with_distance(support(2), np.array([[1.0, NAN]]))
