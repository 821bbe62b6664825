"""Odd people give a problem in words: never a crash, never a warning (warnings are errors here)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.groups import Disclosure, by_group, contrasts, impossibility

from .people import drawn

EVERYTHING = Disclosure(1, 0)
N = 40
ALTERNATING = np.arange(N) % 2
ODD = {
    "nobody has the outcome": (np.linspace(0.1, 0.9, N), np.zeros(N)),
    "everybody has the outcome": (np.linspace(0.1, 0.9, N), np.ones(N)),
    "one probability": (np.full(N, 0.3), ALTERNATING),
    "only certain probabilities": (ALTERNATING.astype(float), ALTERNATING),
    "certain and wrong": (1.0 - ALTERNATING, ALTERNATING),
    "separated": (np.linspace(0.1, 0.9, N), (np.arange(N) >= N // 2).astype(float)),
    "three have the outcome": (np.linspace(0.1, 0.9, N), (np.arange(N) < 3).astype(float)),
}
LABELS = np.repeat(["a", "b"], N // 2)


@pytest.mark.parametrize("which", ODD)
def test_every_figure_has_a_value_or_a_problem(which):
    sample = Sample.of(*ODD[which])
    table = by_group(sample, LABELS, cut_offs=[0.5], disclosure=EVERYTHING, replicates=10)
    for group in table:
        for one in [*group.estimates, *group.at[0].estimates]:
            assert one.has_interval or one.problem, one
            assert one.text("nl")
            assert one.text("en")


@pytest.mark.parametrize("which", ODD)
def test_contrasts_and_impossibility_have_a_value_or_a_problem(which):
    sample = Sample.of(*ODD[which])
    found = contrasts(sample, LABELS, disclosure=EVERYTHING, replicates=20, shuffles=5)
    for contrast in found.items:
        for one in (contrast.difference, contrast.ratio):
            assert one.has_interval or one.problem, one
    rates = impossibility(sample, LABELS, 0.5, disclosure=EVERYTHING, replicates=20)
    for group in rates.groups:
        assert all(one.has_interval or one.problem for one in group.estimates)
    assert isinstance(rates.text("nl"), str)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_a_weight_of_two_is_the_same_person_twice(seed):
    rng = np.random.default_rng(seed)
    p, y = rng.uniform(0.05, 0.95, 60), rng.integers(0, 2, 60)
    labels, twice = rng.choice(["a", "b"], 60), rng.integers(1, 3, 60)
    weighted = by_group(
        Sample.of(p, y, weight=twice), labels, cut_offs=[0.5], disclosure=EVERYTHING, replicates=10
    )
    rows = np.repeat(np.arange(60), twice)
    repeated = by_group(
        Sample.of(p[rows], y[rows]),
        labels[rows],
        cut_offs=[0.5],
        disclosure=EVERYTHING,
        replicates=10,
    )
    for one, other in zip(weighted, repeated, strict=True):
        pairs = zip(
            [*one.estimates, *one.at[0].estimates],
            [*other.estimates, *other.at[0].estimates],
            strict=True,
        )
        for a, b in pairs:
            if a.name == "ici":  # knots stand at quantiles of rows
                continue
            assert math.isclose(a.value, b.value, abs_tol=1e-8) or (
                math.isnan(a.value) and math.isnan(b.value)
            ), a.name


def test_people_without_weight_do_not_count_as_people():
    sample, labels = drawn(100)
    p, y = np.empty(100), np.empty(100)
    p[sample.order], y[sample.order] = sample.probability, sample.outcome
    weight = np.where(np.arange(100) < 95, (labels == "g0").astype(float), 1.0)
    table = by_group(Sample.of(p, y, weight=weight), labels, replicates=10)
    assert table["g1"].hidden == "small"
