"""Learners find effects that are there, and none that is not; scores are those of EconML."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from risicoscreener.errors import ReentryError
from risicoscreener.evaluation.uplift import Compared
from risicoscreener.reentry.selection.expected import dealt, expectations
from risicoscreener.reentry.selection.learners import LEARNERS, Lesson, learn_forest, restored


def lesson(n=4000, seed=0, slope=0.5):
    """A trial in which the effect is ``slope * (x - 1/2)``; the second column is unknown for some."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, 2))
    x[rng.random(n) < 0.1, 1] = np.nan
    t = (rng.random(n) < 0.5).astype(float)
    effect = slope * (x[:, 0] - 0.5)
    y = (rng.random(n) < 0.5 + (t - 0.5) * effect).astype(float)
    means = {"mean_with": 0.5 + effect / 2, "mean_without": 0.5 - effect / 2}
    compared = Compared.of(y, t, 0.5, **means)
    return Lesson(x, compared.scores, t, y, np.full(n, 0.5), np.full(n, 0.5)), effect


@pytest.mark.parametrize("name", ["spline", "two_models", "forest"])
def test_a_difference_in_effect_is_learnt(name):
    given, effect = lesson()
    found, error = LEARNERS[name](given, ("a", "b")).effect(given.x)
    assert np.corrcoef(found, effect)[0, 1] > 0.9
    assert np.abs(found - effect).mean() < 0.08
    assert np.mean(np.abs(found - effect) < 1.96 * error) > 0.75


def test_without_a_difference_the_spline_is_nearly_flat():
    given, _ = lesson(slope=0.0)
    found, error = LEARNERS["spline"](given, ("a", "b")).effect(given.x)
    assert found.std() < 0.02
    assert np.mean(np.abs(found) < 1.96 * error) > 0.9


def test_intervals_of_the_spline_hold_the_effect_over_repeated_trials():
    covered = []
    for seed in range(60):
        given, effect = lesson(800, seed)
        found, error = LEARNERS["spline"](given, ("a", "b")).effect(given.x)
        covered.append(np.mean(np.abs(found - effect) < 1.96 * error))
    assert 0.88 < np.mean(covered) <= 0.99


def test_the_average_is_the_mean_of_the_scores():
    given, _ = lesson(500)
    found, error = LEARNERS["average"](given, ("a", "b")).effect(given.x)
    assert found == pytest.approx(given.score.mean())
    assert error == pytest.approx(given.score.std() / np.sqrt(500), rel=1e-3)


@pytest.mark.parametrize("name", ["spline", "two_models", "average"])
def test_what_is_stored_gives_the_same_effects(name):
    given, _ = lesson(500)
    model = LEARNERS[name](given, ("a", "b"))
    again = restored(model.kind, model.programs())
    assert again.effect(given.x)[0] == pytest.approx(model.effect(given.x)[0])
    with pytest.raises(ReentryError, match="kind 'pickle'"):
        restored("pickle", {})


def test_parts_add_up_to_the_effect():
    given, _ = lesson(500)
    model = LEARNERS["spline"](given, ("a", "b"))
    parts = model.parts(given.x)
    assert model.effect(given.x)[0] - parts.sum(axis=1) == pytest.approx(model.program.reference)


def test_a_forest_without_econml_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "econml.grf", None)
    given, _ = lesson(200)
    with pytest.raises(ReentryError, match=r"risicoscreener\[uplift\]"):
        learn_forest(given, ("a", "b"))


def test_scores_and_their_regression_are_those_of_econml():
    from econml.dr import LinearDRLearner
    from sklearn.dummy import DummyClassifier, DummyRegressor

    rng = np.random.default_rng(1)
    n = 500
    x = rng.standard_normal((n, 2))
    t = (rng.random(n) < 0.4).astype(int)
    y = (rng.random(n) < 0.4 + 0.1 * t).astype(float)
    fold = np.arange(n) % 2
    splits = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in (0, 1)]
    theirs = LinearDRLearner(
        model_propensity=DummyClassifier(strategy="prior"),
        model_regression=DummyRegressor(),
        cv=splits,
    ).fit(y, t, X=x, inference="statsmodels")
    e, m = np.empty(n), np.empty(n)
    for k in (0, 1):
        e[fold == k], m[fold == k] = t[fold != k].mean(), y[fold != k].mean()
    compared = Compared.of(y, t, e, mean_with=m, mean_without=m)
    ours = np.linalg.lstsq(np.column_stack([np.ones(n), x]), compared.scores, rcond=None)[0]
    assert theirs.intercept_(T=1) == pytest.approx(ours[0])
    assert theirs.coef_(T=1) == pytest.approx(ours[1:])
    assert theirs.ate(x) == pytest.approx(compared.scores.mean())


def test_folds_are_dealt_evenly_and_clusters_whole():
    rng = np.random.default_rng(0)
    t, y = rng.integers(0, 2, 103).astype(float), rng.integers(0, 2, 103).astype(float)
    fold = dealt(t, y, 5, seed=1)
    for kind in range(4):
        counts = np.bincount(fold[2 * t + y == kind], minlength=5)
        assert np.ptp(counts) <= 1
    assert not np.array_equal(fold, dealt(t, y, 5, seed=2))
    cluster = np.arange(103) // 8
    of_units = dealt(t, y, 5, seed=1, cluster=cluster)
    assert all(len(set(of_units[cluster == c])) == 1 for c in range(13))
    with pytest.raises(ReentryError, match="13 clusters for 20 folds"):
        dealt(t, y, 20, seed=1, cluster=cluster)


def test_an_expectation_does_not_see_its_own_row():
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((600, 2)), rng.integers(0, 2, 600).astype(float)
    y = rng.integers(0, 2, 600).astype(float)
    fold = np.arange(600) % 3
    before = expectations(x, t, y, fold)
    changed = y.copy()
    changed[0] = 1 - y[0]
    after = expectations(x, t, changed, fold)
    same = fold == fold[0]
    assert np.array_equal(before.with_help[same], after.with_help[same])
    assert np.array_equal(before.without[same], after.without[same])


def test_too_few_people_of_a_kind_are_refused():
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((200, 1)), np.repeat([1.0, 0.0], 100)
    y = np.zeros(200)
    y[::20] = 1
    with pytest.raises(ReentryError, match="cannot tell for whom"):
        expectations(x, t, y, np.arange(200) % 3)
