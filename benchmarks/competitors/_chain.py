"""From facts to an outcome, as small as a user would begin: seven features, a model, four rules.

What others do in the tasks of whole chains. Ours does all that `screen` does.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

import numpy as np

from competitors._features import SEVEN
from competitors._probability import Line
from risicoscreener.models import ScoringProgram
from risicoscreener.models.terms import Term

GRANT, DEEP_ASSESSMENT, DENY = 0, 1, 2
HIGH = 0.5
GRAVE = 4
HIGH_DEBT = 20_000.0


@cache
def small_model() -> ScoringProgram:
    """A curve for each of the seven features, with values that are lifelike and nothing more."""
    curves = (
        ((0.0, 2.0, 5.0, 10.0, 30.0), (-0.8, -0.2, 0.2, 0.5, 0.9)),
        ((0.0, 1.0, 3.0, 10.0), (-0.3, 0.1, 0.6, 1.0)),
        ((0.0, 180.0, 730.0, 1825.0, 7305.0), (0.6, 0.4, 0.0, -0.5, -1.0)),
        ((1.0, 3.0, 5.0), (-0.1, 0.0, 0.2)),
        ((0.0, 2.0, 5.0, 10.0), (-0.3, 0.0, 0.2, 0.3)),
        ((0.0, 1_000.0, 10_000.0, 50_000.0), (-0.2, 0.0, 0.2, 0.3)),
        ((0.0, 1.0), (0.1, -0.2)),
    )
    terms = (
        Term(name, knots, values, missing=0.0)
        for name, (knots, values) in zip(SEVEN, curves, strict=True)
    )
    return ScoringProgram(intercept=-0.7, terms=tuple(terms))


@cache
def small_line() -> Line:
    """The same for who writes it in another way."""
    terms = small_model().terms
    return Line(
        knots=tuple(np.array(term.knots) for term in terms),
        values=tuple(np.array(term.values) for term in terms),
        missing=np.array([term.missing for term in terms]),
        intercept=small_model().intercept,
    )


@cache
def pieces() -> tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]:
    """Knots and values of each curve, as plain numbers."""
    return tuple((term.knots, term.values) for term in small_model().terms)


def log_odds(features: list[float]) -> float:
    """Of one person, in plain Python."""
    total = small_model().intercept
    for x, (knots, values) in zip(features, pieces(), strict=True):
        if x != x:
            continue
        i = bisect_right(knots, x)
        if i in (0, len(knots)):
            total += values[0 if i == 0 else -1]
        else:
            left, right = knots[i - 1], knots[i]
            total += values[i - 1] + (values[i] - values[i - 1]) * (x - left) / (right - left)
    return total


def outcome_one(features: list[float], probability: float) -> int:
    """The four rules, for one person."""
    _, violent, _, severity, _, debt, own = features
    if severity >= GRAVE and violent >= 1:
        return DENY
    if probability >= HIGH:
        return DEEP_ASSESSMENT
    if own == 1 and debt < HIGH_DEBT:
        return GRANT
    return DEEP_ASSESSMENT


def outcome_many(features: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """The four rules, for many people, shape (n,)."""
    grave = (features[:, 3] >= GRAVE) & (features[:, 1] >= 1)
    at_home = (features[:, 6] == 1) & (features[:, 5] < HIGH_DEBT)
    tests = [grave, probability >= HIGH, at_home]
    return np.select(tests, [DENY, DEEP_ASSESSMENT, GRANT], DEEP_ASSESSMENT)


@dataclass(frozen=True)
class Chain:
    """What a chain gave; of a model of its own the features alone.

    Attributes
    ----------
    features
        Shape (n, 7).
    probability, outcome
        Shape (n,).
    """

    features: np.ndarray
    probability: np.ndarray | None = None
    outcome: np.ndarray | None = None


def check_chain(theirs: Chain) -> None:
    """Probability and outcome are those of the small model and the rules, of their features."""
    if theirs.probability is None:
        return
    expected = small_model().score_many(theirs.features).probability
    np.testing.assert_allclose(theirs.probability, expected, rtol=0.0, atol=1e-9)
    assert theirs.outcome is not None
    near = np.abs(expected - HIGH) < 1e-9
    decided = outcome_many(theirs.features, expected)
    np.testing.assert_array_equal(theirs.outcome[~near], decided[~near])
