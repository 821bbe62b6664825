"""Qini and uplift curves are those of scikit-uplift; areas from scores those of their definition."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from cases import ROOT
from evaluation.uplift.people import trial
from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.uplift import (
    Compared,
    qini_curve,
    rate,
    targeting_curve,
    uplift_curve,
    uplift_scores,
)
from risicoscreener.evaluation.uplift.curves import Ranked, points
from risicoscreener.evaluation.uplift.targeting import _Areas

ORACLE = ROOT / "tests" / "oracles" / "uplift"


@pytest.fixture(scope="module")
def asked():
    table = pd.read_csv(ORACLE / "people.csv")
    compared = Compared.of(table["outcome"], table["treated"], float(table["treated"].mean()))
    return (
        compared,
        table["priority"].to_numpy(),
        json.loads((ORACLE / "expected.json").read_text()),
    )


@pytest.mark.parametrize("kind", ["qini", "uplift"])
def test_a_curve_is_that_of_scikit_uplift(asked, kind):
    compared, priority, expected = asked
    x, y = points(kind, compared, Ranked.of(priority), compared.weight)
    assert x == pytest.approx(expected[f"{kind}_curve"]["x"])
    assert y == pytest.approx(expected[f"{kind}_curve"]["y"])


def test_areas_are_those_of_scikit_uplift(asked):
    compared, priority, expected = asked
    found = uplift_scores(compared, priority, replicates=50)
    assert found["qini_coefficient"].value == pytest.approx(expected["qini"])
    assert found["auuc"].value == pytest.approx(expected["auuc"])
    assert found["auuc"].low < found["auuc"].value < found["auuc"].high


def test_curves_begin_at_nothing_and_end_at_everybody():
    compared, x = trial()
    for curve in (qini_curve(compared, x, replicates=20), uplift_curve(compared, x, replicates=20)):
        assert curve.y[0] == 0
    y, t = compared.outcome, compared.treated
    difference = y[t == 1].mean() - y[t == 0].mean()
    assert uplift_curve(compared, x, replicates=20).y[-1] == pytest.approx(difference)


def areas(scores, priority, weight=None):
    weight = np.ones(len(scores)) if weight is None else weight
    measure = _Areas(np.asarray(scores, float), Ranked.of(np.asarray(priority, float)))
    return measure(None, weight)


def test_areas_of_scores_are_those_of_a_calculation_by_hand():
    # TOC(u) = 2 - 1 for u up to a half, then (1 + 0 (u - 1/2)) / u - 1
    autoc, qini = areas([2.0, 0.0], [1, 0])
    assert autoc == pytest.approx(0.5 + math.log(2) - 0.5)
    # cumulative score: 2u up to a half, then 1; less u: a triangle of base 1 and height 1/2
    assert qini == pytest.approx(0.25)


def test_an_order_that_says_nothing_has_no_area_and_the_opposite_order_the_opposite_sign():
    scores = np.random.default_rng(0).standard_normal(50)
    assert areas(scores, np.zeros(50)) == pytest.approx([0.0, 0.0], abs=1e-12)
    by_score, against = areas(scores, scores), areas(scores, -scores)
    assert by_score[1] > 0
    assert against[1] == pytest.approx(-by_score[1])


def test_a_row_of_weight_two_counts_as_two_rows_that_tie():
    rng = np.random.default_rng(1)
    scores, priority, twice = (
        rng.standard_normal(30),
        rng.integers(0, 9, 30),
        rng.integers(1, 3, 30),
    )
    repeated = np.repeat(np.arange(30), twice)
    assert areas(scores, priority, twice.astype(float)) == pytest.approx(
        areas(scores[repeated], priority[repeated])
    )


def test_the_area_is_the_limit_of_the_sum_over_people():
    """As the R package grf sums: the mean over people of the mean score so far, less that of all."""
    rng = np.random.default_rng(2)
    priority = rng.random(20_000)
    scores = priority + rng.standard_normal(20_000)
    so_far = np.cumsum(scores[np.argsort(-priority)]) / np.arange(1, 20_001)
    assert areas(scores, priority)[0] == pytest.approx(so_far.mean() - scores.mean(), abs=2e-3)


def test_the_interval_of_an_area_has_the_width_of_repeated_trials():
    values = [areas(c.scores, x)[0] for c, x in (trial(seed=s) for s in range(60))]
    compared, x = trial(seed=100)
    found = rate(compared, x, replicates=200)["autoc"]
    width = (found.high - found.low) / (2 * 1.959964)
    assert width == pytest.approx(np.std(values, ddof=1), rel=0.3)


def test_the_targeting_curve_ends_at_nothing():
    compared, x = trial()
    curve = targeting_curve(compared, x, replicates=20)
    assert curve.y[-1] == pytest.approx(0.0, abs=1e-12)
    assert curve.y[0] > 0


def test_a_missing_priority_is_refused():
    compared, x = trial(40)
    with pytest.raises(EvaluationError, match=r"priority\[3\]"):
        rate(compared, np.where(np.arange(40) == 3, np.nan, x))


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_where_everybody_fares_the_same_there_is_no_figure_and_the_reason_is_said(value):
    compared, x = trial(60)
    same = Compared.of(np.full(60, value), compared.treated, 0.4)
    for found in uplift_scores(same, x, replicates=20):
        assert not found.ok
        assert found.problem == "one_class"
        assert found.text("en") == "cannot be determined: everybody has the same outcome"


def test_who_has_no_weight_gives_no_figure_where_there_is_none():
    outcome, treated = [1.0, 1.0, 1.0, 0.0], [1, 0, 1, 0]
    found = uplift_scores(
        Compared.of(outcome, treated, 0.5, weight=[1, 1, 1, 0]), [3.0, 2.0, 1.0, 0.0], replicates=20
    )
    assert {one.problem for one in found} == {"one_class"}
