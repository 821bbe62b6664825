"""A stack is a convex mean of log odds, used only if it wins, and lowers as a sum of terms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.utils.estimator_checks import parametrize_with_checks

from risicoscreener.errors import ModelError
from risicoscreener.models import PairTerm, ScoringProgram, SplineLogisticClassifier, Term
from risicoscreener.models.calibration import Identity, Logistic, Table
from risicoscreener.models.estimators import GradientBoostingReference, StackedClassifier
from risicoscreener.models.estimators.stack import compare, convex_weights
from risicoscreener.models.estimators.summing import weighted_sum

from .data import sparse_sample

NAMES = list("abcdef")
COARSE = SplineLogisticClassifier(knots=3, shrinkage=1.0, smoothness=0.0)
FINE = SplineLogisticClassifier(knots=8, shrinkage=0.3, smoothness=0.1)
MEMBERS = [("coarse", COARSE), ("fine", FINE)]


@parametrize_with_checks(
    [StackedClassifier(MEMBERS), StackedClassifier(MEMBERS, only_if_better=False)]
)
def test_it_is_a_scikit_learn_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


# -- weights ----------------------------------------------------------------------------------------


def test_weights_of_two_members_are_those_of_a_search_over_a_fine_grid() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=3000)
    y = (rng.random(3000) < expit(truth)).astype(float)
    held = truth[:, None] + rng.normal(0, [1.0, 1.4], (3000, 2))
    weight = rng.uniform(0.5, 2.0, 3000)
    grid = np.linspace(0, 1, 2001)
    lp = held[:, :1] * grid + held[:, 1:] * (1 - grid)
    losses = weight @ (np.logaddexp(0, lp) - y[:, None] * lp)
    best = grid[losses.argmin()]
    assert 0.5 < best < 0.9
    assert convex_weights(held, y, weight) == pytest.approx([best, 1 - best], abs=1e-3)


def test_a_member_that_makes_it_worse_has_no_weight() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=3000)
    y = (rng.random(3000) < expit(truth)).astype(float)
    held = np.column_stack([0.7 * truth, -truth])
    assert convex_weights(held, y, np.ones(3000)).tolist() == [1.0, 0.0]


def halves(seed: int, n: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Two members that each know another half of the truth."""
    rng = np.random.default_rng(seed)
    parts = 2.0 * rng.normal(size=(n, 2))
    return parts, (rng.random(n) < expit(parts.sum(axis=1) / 2)).astype(float)


def test_a_stack_of_members_that_know_different_things_wins() -> None:
    held, y = halves(0)
    folds = np.eye(5)[np.arange(2000) % 5]
    found = compare(("one", "two"), held, y, folds)
    assert found.wins
    assert found.stack_log_loss < min(found.log_loss) - 0.02
    assert found.difference == pytest.approx(found.stack_log_loss - min(found.log_loss))
    assert found.to_frame()["name"].tolist() == ["one", "two", "stack"]


def test_a_stack_of_nearly_equal_members_does_not_win_and_the_best_is_used() -> None:
    x, y = sparse_sample(500)
    twins = [("first", COARSE), ("second", SplineLogisticClassifier(knots=3, shrinkage=1.01))]
    model = StackedClassifier(twins).fit(x, y)
    assert model.comparison_ is not None
    assert not model.comparison_.wins
    assert sorted(model.weights_) == [0.0, 1.0]
    used = model.members_[int(model.weights_.argmax())]
    assert model._linear_predictor(x) == pytest.approx(used.decision_function(x))


def test_the_error_of_the_comparison_counts_people_and_groups() -> None:
    held, y = halves(1, 300)
    folds = np.eye(5)[np.arange(300) % 5]
    once = compare(("a", "b"), held, y, folds)
    rows = np.repeat(np.arange(300), 2)
    people = compare(("a", "b"), held, y, 2 * folds)
    rowwise = compare(("a", "b"), held[rows], y[rows], folds[rows])
    grouped = compare(("a", "b"), held[rows], y[rows], folds[rows], groups=rows)
    assert people.standard_error == pytest.approx(rowwise.standard_error)
    assert people.standard_error == pytest.approx(once.standard_error / np.sqrt(2), rel=0.01)
    assert grouped.standard_error == pytest.approx(once.standard_error)


# -- lowering ------------------------------------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), only_if_better=st.booleans())
def test_the_lowered_program_gives_the_probabilities_of_the_estimator(
    seed: int, only_if_better: bool
) -> None:
    x, y = sparse_sample(250, seed)
    model = StackedClassifier(MEMBERS, only_if_better=only_if_better).fit(x, y)
    program = model.lower(NAMES)
    new = np.random.default_rng(seed).normal(0, 10, (50, 6))
    new[::3, 0] = np.nan
    for inputs in (x, new):
        got = program.score_many(inputs).probability
        assert np.abs(got - model.predict_proba(inputs)[:, 1]).max() <= 1e-12


def stepped(jump: float, calibration: Any = Identity()) -> ScoringProgram:
    return ScoringProgram(
        intercept=-jump,
        terms=(
            Term("a", (0.0, jump, jump, 3.0), (0.0, 1.0, 2.0, -1.0), missing=0.3, reference=0.1),
            Term("b", (jump, jump), (0.0, 1.0), missing=0.0),
        ),
        pairs=(
            PairTerm("a", "b", (jump,), (0.0, 1.0), ((0, jump, 0, 1), (2, 0, 1, 0), (0, 0, 3, 0))),
        ),
        calibration=calibration,
    )


def test_a_sum_of_programs_with_jumps_and_pairs_is_exact_also_at_the_jumps() -> None:
    one, other = stepped(1.0, Logistic(0.2, 1.5)), stepped(1.5)
    turned = PairTerm("b", "a", (0.5,), (1.0, 2.0), ((1, 2, 3, 4), (5, 6, 7, 8), (9, 8, 7, 6)))
    other = ScoringProgram(intercept=1.0, terms=other.terms, pairs=(turned,))
    total = weighted_sum([one, other], [0.25, 0.75], Identity())
    edges = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0]
    values = [np.nan, -1.0, 0.7, 5.0, *edges, *np.nextafter(edges, -9), *np.nextafter(edges, 9)]
    grid = np.array([[a, b] for a in values for b in values])
    lp = one.score_many(grid).linear_predictor
    expected = 0.25 * (0.2 + 1.5 * lp) + 0.75 * other.score_many(grid).linear_predictor
    assert len(total.pairs) == 1
    assert np.abs(total.score_many(grid).linear_predictor - expected).max() <= 1e-12


def test_a_program_of_no_weight_leaves_no_trace() -> None:
    total = weighted_sum([stepped(1.0), stepped(2.0)], [1.0, 0.0], Identity())
    assert total.term("a").knots == stepped(1.0).term("a").knots


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (stepped(1.0, Table((0.1, 0.9), (0.2, 0.8))), "calibration='logistic'"),
        (ScoringProgram(intercept=0.0, terms=(Term("z", (0.0,), (0.0,), 0.0),)), "same features"),
        (
            ScoringProgram(
                intercept=0.0,
                terms=(
                    Term("a", tuple(np.arange(199) + 0.5), (0.0,) * 199, 0.0),
                    Term("b", (0.0,), (0.0,), 0.0),
                ),
            ),
            "fewer knots",
        ),
    ],
)
def test_programs_that_cannot_be_added_are_refused(other: ScoringProgram, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        weighted_sum([stepped(1.0), other], [0.5, 0.5], Identity())


# -- what it takes ---------------------------------------------------------------------------------------


def test_directions_reach_every_member() -> None:
    x, y = sparse_sample(800)
    directions = [1, -1, 1, 1, -1, -1]
    program = StackedClassifier(MEMBERS, monotone=directions).fit(x, y).lower(NAMES)
    for name, direction in zip(NAMES, directions, strict=True):
        assert (direction * np.diff(program.term(name).values) >= -1e-15).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"members": []}, "at least one"),
        ({"members": [("a", COARSE), ("a", FINE)]}, "a name of its own"),
        ({"members": [("trees", GradientBoostingReference())]}, "trees are not additive"),
        ({"folds": 1}, "folds=1"),
        ({"calibration": "isotonic"}, "'logistic' or None"),
    ],
)
def test_senseless_parameters_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        StackedClassifier(**parameters).fit(*sparse_sample(100))
