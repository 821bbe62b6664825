"""The probability of the shipped model on features that are there: the task, its data, and ours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from competitors._interface import Competitor, Task
from risicoscreener.models import Bundle, ScoringProgram
from risicoscreener.models.shipped import shipped_bundle_bytes

MODEL = "violence_2y"
UNKNOWN = 0.05


@cache
def program() -> ScoringProgram:
    """The model that is scored: terms, intercept, link and calibration."""
    return Bundle.load(shipped_bundle_bytes()).model(MODEL).program


@dataclass(frozen=True)
class Line:
    """A model as terms and one line: the log odds, with the calibration within.

    Attributes
    ----------
    knots, values
        For each feature, the values times the slope of the calibration.
    missing
        For each feature what an unknown value adds.
    intercept
        Of the log odds.
    """

    knots: tuple[np.ndarray, ...]
    values: tuple[np.ndarray, ...]
    missing: np.ndarray
    intercept: float


@cache
def line() -> Line:
    """The model for who writes it in another way; a logistic calibration is a line of log odds."""
    model = program()
    assert model.link == "logit"
    assert not model.pairs
    at_zero = float(model.calibration.before_link(0.0))
    slope = float(model.calibration.before_link(1.0)) - at_zero
    return Line(
        knots=tuple(np.array(term.knots) for term in model.terms),
        values=tuple(slope * np.array(term.values) for term in model.terms),
        missing=slope * np.array([term.missing for term in model.terms]),
        intercept=at_zero + slope * model.intercept,
    )


@dataclass
class Rows:
    """Made-up features of some people, shape (n, features), a twentieth of them unknown."""

    matrix: np.ndarray

    @cached_property
    def by_feature(self) -> np.ndarray:
        """The same, each feature next to itself in memory."""
        return np.asfortranarray(self.matrix)


def rows(n: int, seed: int = 1) -> Rows:
    """Values between the lowest and the highest knot of each feature, and some beyond."""
    rng = np.random.default_rng(seed)
    low = np.array([term.knots[0] for term in program().terms])
    high = np.array([term.knots[-1] for term in program().terms])
    matrix = low + (high - low) * (1.1 * rng.random((n, len(low))) - 0.05)
    if n > 1:
        matrix[rng.random(matrix.shape) < UNKNOWN] = np.nan
    return Rows(matrix)


def training(n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Features without unknown values and outcomes drawn by the model, for models of one's own."""
    rng = np.random.default_rng(0)
    matrix = np.nan_to_num(rows(n, 0).matrix)
    return matrix, rng.random(n) < program().score_many(matrix).probability


class Ours(Competitor):
    name = "risicoscreener"
    task = "probability"
    does = "the probability; one person with the contribution of each feature"
    tuned = "`score_one` for one, `score_many` for more; one thread"

    def prepare(self, data: Rows) -> np.ndarray | list[float]:
        return data.matrix[0].tolist() if len(data.matrix) == 1 else data.by_feature

    def run(self, prepared: np.ndarray | list[float]) -> np.ndarray:
        if isinstance(prepared, list):
            return program().score_one(prepared)
        return program().score_many(prepared).probability

    def answers(self, prepared: np.ndarray | list[float], found: np.ndarray) -> np.ndarray:
        return np.array(found[:1]) if isinstance(prepared, list) else found


def check(theirs: np.ndarray, ours: np.ndarray, data: Rows) -> None:
    """The same probabilities to 1e-9."""
    assert np.shape(theirs) == np.shape(ours) == (len(data.matrix),)
    np.testing.assert_allclose(theirs, ours, rtol=0.0, atol=1e-9)


TASKS = (
    Task(
        id="probability",
        title="The probability of the shipped model",
        unit="people",
        compared=(
            "From features that are there: the model of violence within two years: a curve for "
            "each of its features, added up and calibrated. Who expresses the same model in "
            "another library must give the same probability to 1e-9. A model of its own (fitted "
            "to data drawn from ours) is there for who would not have ours: it gives other "
            "probabilities, and says so. Interval and support, which ours gives too, are not in "
            "this task."
        ),
        sizes=(1, 1_000, 10_000, 100_000, 1_000_000, 10_000_000),
        data=rows,
        ours=Ours(),
        check=check,
    ),
)
