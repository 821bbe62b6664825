"""Venn-Abers probabilities against their definition: isotonic regression anew for each person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import logit
from sklearn.isotonic import isotonic_regression

from risicoscreener.errors import ModelError
from risicoscreener.models.calibrating import fit_cross_venn_abers, fit_venn_abers
from risicoscreener.models.calibrating.data import CalibrationData
from risicoscreener.models.calibrating.venn_abers import Steps, _stored
from risicoscreener.models.calibration import MAX_EDGES, expit_many

from .data import drawn


def by_definition(p: np.ndarray, y: np.ndarray, w: np.ndarray, asked: float) -> tuple[float, float]:
    """Value at ``asked`` of isotonic regression with (asked, 0) added, and with (asked, 1)."""
    found = []
    for label in (0.0, 1.0):
        score, position = np.unique(np.append(p, asked), return_inverse=True)
        weight = np.bincount(position, np.append(w, 1.0))
        events = np.bincount(position, np.append(w * y, label))
        fitted = isotonic_regression(events / weight, sample_weight=weight)
        found.append(fitted[np.searchsorted(score, asked)])
    return found[0], found[1]


@st.composite
def samples(draw) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = draw(st.integers(4, 40))
    # Few distinct predictors, so that there are ties.
    lp = np.array(draw(st.lists(st.integers(-12, 12), min_size=n, max_size=n))) / 4.0
    y = np.array(draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n)))
    w = np.array(draw(st.lists(st.sampled_from([0.3, 1.0, 2.0]), min_size=n, max_size=n)))
    assume(len(np.unique(y)) == 2)
    return lp, y, w


def asked_about(p: np.ndarray) -> np.ndarray:
    """The scores themselves, between them, and beyond them."""
    ends = np.concatenate([[0.0], np.unique(p), [1.0]])
    return np.concatenate([ends, (ends[1:] + ends[:-1]) / 2.0])


@settings(max_examples=80)
@given(samples())
def test_both_probabilities_are_those_of_the_definition(sample) -> None:
    lp, y, w = sample
    asked = asked_about(expit_many(lp))
    lower, upper = fit_venn_abers(lp, y, w).bounds_many(asked)
    defined = np.array([by_definition(expit_many(lp), y, w, s) for s in asked])
    assert lower == pytest.approx(defined[:, 0], abs=1e-12)
    assert upper == pytest.approx(defined[:, 1], abs=1e-12)


@settings(max_examples=40)
@given(samples(), st.integers(0, 100))
def test_the_cross_predictor_joins_the_folds_by_geometric_means(sample, seed: int) -> None:
    lp, y, w = sample
    fold = np.random.default_rng(seed).integers(0, 2, len(y))
    assume(all(len(np.unique(y[fold == k])) == 2 for k in (0, 1)))
    p = expit_many(lp)
    asked = asked_about(p)
    defined = np.array(
        [
            [by_definition(p[fold == k], y[fold == k], w[fold == k], s) for s in asked]
            for k in (0, 1)
        ]
    )
    other, event = (
        np.sqrt((1 - defined[..., 0]).prod(axis=0)),
        np.sqrt(defined[..., 1].prod(axis=0)),
    )
    found = fit_cross_venn_abers(lp, y, w, folds=fold)
    assert found.after_link_many(asked) == pytest.approx(event / (other + event), abs=1e-12)


def test_the_single_probability_is_that_of_the_paper() -> None:
    lp, y = drawn(100, 1)
    found = fit_venn_abers(lp, y)
    p = np.linspace(0.05, 0.9, 40)
    lower, upper = found.bounds_many(p)
    assert found.after_link_many(p) == pytest.approx(upper / (1 - lower + upper), abs=1e-15)


def test_two_people_by_hand() -> None:
    # Below the first score nothing holds (s, 0) up; an event added there is pooled with it: 1/2.
    found = fit_venn_abers(logit([0.3, 0.6]), [0.0, 1.0])
    assert found.bounds_one(0.1) == (0.0, 0.5)
    assert found.bounds_one(0.3) == (0.0, 0.5)
    assert found.bounds_one(0.45) == (0.0, 1.0)
    assert found.bounds_one(0.9) == (0.5, 1.0)


def test_with_more_steps_than_may_be_stored_the_bounds_only_become_wider() -> None:
    lp, y = drawn(150_000, 5)
    steps = Steps.of(CalibrationData.of(lp, y))
    exact_lower, exact_upper = steps.lower, steps.upper
    changes = (np.diff(exact_lower[::2]) > 0) | (np.diff(exact_upper[::2]) > 0)
    stored = _stored(steps.compact(), formula=True)
    assert 0.6 * MAX_EDGES < len(stored.edges) <= MAX_EDGES < changes.sum()
    lower, upper = stored.bounds_many(steps.edges)
    assert (lower <= exact_lower[1::2]).all()
    assert (upper >= exact_upper[1::2]).all()
    assert (exact_lower[1::2] - lower).max() < 0.005
    assert (upper - exact_upper[1::2]).max() < 0.005


def test_more_data_bring_the_two_probabilities_together() -> None:
    widths = []
    for n in (100, 1000, 10_000):
        lower, upper = fit_venn_abers(*drawn(n, 7)).bounds_many(np.linspace(0.2, 0.7, 50))
        widths.append((upper - lower).mean())
    assert widths[0] > 2 * widths[1] > 4 * widths[2]


def test_the_bound_of_the_outcome_is_calibrated() -> None:
    # The guarantee (Vovk et al. 2015, section 2): with the label known, that bound is calibrated,
    # so over many samples people with and without the event balance. Lower alone is too low.
    balance, lowest = [], []
    for seed in range(1500):
        lp, y = drawn(41, seed)
        if min(y[:40].sum(), 40 - y[:40].sum()) < 1:
            continue
        lower, upper = fit_venn_abers(lp[:40], y[:40]).bounds_one(float(expit_many(lp[40:])[0]))
        balance.append((upper if y[40] else lower) - y[40])
        lowest.append(lower - y[40])
    error = np.std(balance) / np.sqrt(len(balance))
    assert abs(np.mean(balance)) < 2.5 * error
    assert np.mean(lowest) < -2.5 * error


def test_a_fold_with_one_outcome_is_refused() -> None:
    with pytest.raises(ModelError, match="with and without"):
        fit_cross_venn_abers([0.0, 1.0, 2.0, 3.0], [0, 1, 1, 1], folds=[0, 0, 1, 1])
    with pytest.raises(ModelError, match="folds has shape"):
        fit_cross_venn_abers([0.0, 1.0], [0, 1], folds=[0])
    with pytest.raises(ModelError, match="at least two people"):
        fit_cross_venn_abers([0.0, 1.0, 2.0], [0, 1, 1])
