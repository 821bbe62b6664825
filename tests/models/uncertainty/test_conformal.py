"""Sets of outcomes and of risk bands hold as often as they say."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest
from scipy.special import expit
from statsmodels.stats.proportion import proportion_confint

from risicoscreener.errors import ModelError
from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.uncertainty import (
    ConformalBands,
    ConformalStratum,
    conformal_bands,
    cross_conformal,
)

CUTS = (0.1, 0.3)


def people(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A probability that is wrong, the true one, and the outcome."""
    lp = rng.normal(-1.0, 1.0, n)
    truth = expit(lp)
    return expit(1.7 * lp - 0.3), truth, (rng.random(n) < truth).astype(float)


def bands(**changes: Any) -> ConformalBands:
    stratum = {
        "name": "*", "n": 10, "events": 3, "quantiles": (0.4, 0.8),
        "edges": (0.2, 0.5), "lower": (0.0, 0.2, 0.35), "upper": (0.1, 0.4, 0.9),
    }  # fmt: skip
    return ConformalBands(0.1, CUTS, (ConformalStratum(**(stratum | changes)),))


def test_a_quantile_is_the_one_of_rank_ceil_n_plus_1_times_1_minus_alpha():
    p = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
    y = np.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    found = conformal_bands(p, y, cut_offs=CUTS, alpha=0.2).strata[0]
    assert found.quantiles == (0.8, 1.0)


def test_outcomes_are_in_the_set_up_to_their_quantile():
    made = bands()
    assert made.outcomes_one(0.1) == (0,)
    assert made.outcomes_one(0.2) == (0, 1)
    assert made.outcomes_one(0.4) == (0, 1)
    assert made.outcomes_one(0.41) == (1,)
    assert bands(quantiles=(0.2, 0.2)).outcomes_one(0.5) == ()


def test_bands_are_those_that_the_interval_of_the_bin_touches():
    made = bands()
    assert made.bands_one(0.19) == (0, 1)
    assert made.bands_one(0.2) == (1, 2)
    assert made.bands_one(0.7) == (2,)


def test_an_unknown_probability_rules_out_nothing():
    assert bands().outcomes_one(math.nan) == (0, 1)
    assert bands().bands_one(math.nan) == (0, 1, 2)


def test_one_and_many_agree():
    made = bands()
    p = [0.05, 0.2, 0.3, 0.41, 0.5, 0.99, math.nan]
    outcomes, in_set = made.outcomes_many(p), made.bands_many(p)
    for row, x in enumerate(p):
        assert tuple(np.flatnonzero(outcomes[row])) == made.outcomes_one(x)
        assert tuple(np.flatnonzero(in_set[row])) == made.bands_one(x)


def test_the_interval_of_a_bin_is_that_of_clopper_and_pearson():
    rng = np.random.default_rng(0)
    p, _, y = people(rng, 500)
    found = conformal_bands(p, y, cut_offs=CUTS, alpha=0.1, bins=4).strata[0]
    cell = np.searchsorted(found.edges, p, side="right")
    assert len(found.lower) == 4
    for i in range(4):
        members = y[cell == i]
        low, high = proportion_confint(members.sum(), len(members), alpha=0.1, method="beta")
        assert (found.lower[i], found.upper[i]) == pytest.approx((low, high), abs=1e-10)


def test_nobody_or_everybody_with_the_outcome_gives_a_bound_of_0_or_1():
    p = np.linspace(0.1, 0.9, 20)
    none = conformal_bands(p, np.zeros(20), cut_offs=CUTS, bins=1).strata[0]
    every = conformal_bands(p, np.ones(20), cut_offs=CUTS, bins=1).strata[0]
    assert none.lower == (0.0,)
    assert every.upper == (1.0,)
    assert none.upper[0] == pytest.approx(1 - every.lower[0])


def test_sets_of_outcomes_cover_each_outcome_however_wrong_the_model():
    rng = np.random.default_rng(1)
    covered: list[list[float]] = []
    for _ in range(200):
        p, _, y = people(rng, 200)
        made = conformal_bands(p, y, cut_offs=CUTS, alpha=0.1)
        p, _, y = people(rng, 400)
        inside = made.outcomes_many(p)[np.arange(400), y.astype(int)]
        covered.append([inside[y == 0].mean(), inside[y == 1].mean(), inside.mean()])
    assert np.mean(covered, axis=0) == pytest.approx(np.full(3, 0.9), abs=0.015)


def test_intervals_cover_the_rate_of_people_with_about_this_probability():
    rng = np.random.default_rng(2)
    many_p, many_truth, _ = people(rng, 200_000)
    covered = []
    for _ in range(100):
        p, _, y = people(rng, 1000)
        made = conformal_bands(p, y, cut_offs=CUTS, alpha=0.1).strata[0]
        cell = np.searchsorted(made.edges, many_p, side="right")
        n = np.bincount(cell, minlength=len(made.lower))
        rate = np.bincount(cell, many_truth, minlength=len(made.lower)) / n
        inside = (np.array(made.lower) <= rate) & (rate <= np.array(made.upper))
        covered.append(inside @ n / n.sum())
    assert 0.895 <= np.mean(covered) <= 0.97


def test_strata_hold_each_for_themselves_where_all_together_would_not():
    rng = np.random.default_rng(3)
    own, pooled = [], []
    for _ in range(100):
        sets = []
        for _ in range(2):
            p, truth, _ = people(rng, 600)
            stratum = np.where(rng.random(600) < 0.3, "b", "a")
            truth = np.where(stratum == "b", truth**2, truth)
            sets.append((p, (rng.random(600) < truth).astype(float), stratum))
        (p, y, stratum), (q, z, other) = sets
        made = conformal_bands(p, y, cut_offs=CUTS, alpha=0.2, strata=stratum)
        chosen = (other == "b") & (z == 1)
        own.append(made.outcomes_many(q, other)[chosen, 1].mean())
        pooled.append(made.outcomes_many(q)[chosen, 1].mean())
    assert np.mean(own) == pytest.approx(0.8, abs=0.04)
    assert abs(np.mean(pooled) - 0.8) > 0.05


def test_a_stratum_that_is_not_named_gets_the_sets_of_everyone():
    rng = np.random.default_rng(4)
    p, _, y = people(rng, 300)
    made = conformal_bands(p, y, cut_offs=CUTS, strata=["a"] * 100 + ["b"] * 200)
    assert [s.name for s in made.strata] == ["*", "a", "b"]
    assert made.stratum("elsewhere") == made.stratum() == made.strata[0]
    assert made.outcomes_one(0.3, "elsewhere") == made.outcomes_one(0.3)


def test_of_a_person_with_several_rows_one_counts():
    rng = np.random.default_rng(5)
    p, _, y = people(rng, 300)
    person = np.repeat(np.arange(100), 3)
    made = conformal_bands(p, y, cut_offs=CUTS, groups=person)
    assert made.strata[0].n == 100
    order = rng.permutation(300)
    assert conformal_bands(p[order], y[order], cut_offs=CUTS, groups=person[order]) == made


def test_cross_conformal_covers_with_all_people_in_the_fit():
    rng = np.random.default_rng(6)
    estimator = SplineLogisticClassifier(
        shrinkage=1.0, smoothness=0.1, knots=3, calibration=None, folds=2
    )
    inside = []
    for _ in range(25):
        x = rng.normal(size=(600, 2))
        y = (rng.random(600) < expit(-0.5 + x[:, 0])).astype(float)
        made = cross_conformal(estimator, x[:300], y[:300], cut_offs=CUTS, alpha=0.2, folds=5)
        p = estimator.fit(x[:300], y[:300]).predict_proba(x[300:])[:, 1]
        inside.append(made.outcomes_many(p)[np.arange(300), y[300:].astype(int)].mean())
    assert np.mean(inside) == pytest.approx(0.8, abs=0.03)


def test_it_is_plain_data():
    made = bands()
    assert msgspec.json.decode(msgspec.json.encode(made), type=ConformalBands) == made


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"quantiles": (0.1, 1.2)}, "from 0 to 1"),
        ({"edges": (0.5, 0.2)}, "do not ascend"),
        ({"lower": (0.0,)}, "one interval per bin"),
        ({"name": "a"}, "strata must be"),
    ],
)
def test_stored_sets_that_make_no_sense_are_refused(changes, match):
    with pytest.raises(ModelError, match=match):
        bands(**changes)


@pytest.mark.parametrize(
    ("p", "y", "options", "match"),
    [
        ([0.1, 1.2], [0, 1], {}, "from 0 to 1"),
        ([0.1, 0.2], [0, 2], {}, "0 or 1"),
        ([0.1, 0.2], [0, 1], {"alpha": 1.0}, "alpha"),
        ([0.1, 0.2], [0, 1], {"strata": ["a"]}, "strata has shape"),
        ([0.1, 0.2], [0, 1], {"groups": [1]}, "groups has shape"),
        ([0.1, 0.2], [0, 1], {"bins": 0}, "bins"),
        ([0.1, 0.2], [0, 1], {"cut_offs": (0.3, 0.1)}, "cut_offs"),
    ],
)
def test_bad_input_is_refused(p, y, options, match):
    with pytest.raises(ModelError, match=match):
        conformal_bands(p, y, **({"cut_offs": CUTS} | options))
