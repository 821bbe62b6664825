"""The people of a validation design: checked once, fitted on and predicted for in parts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.resampling import check_seed
from risicoscreener.evaluation.sample import Sample, as_numbers, labels_of

FloatArray = npt.NDArray[np.float64]
Rows = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]
_T = TypeVar("_T")
_U = TypeVar("_U")

FEWEST_PER_CLASS = 2
"""Least people with and without the outcome to fit on."""

MOST_ATTEMPTS = 20
"""Draws for one resample with both outcomes."""


@dataclass(frozen=True, eq=False)
class People:
    """Features and outcomes of people, in the order in which they were given.

    Attributes
    ----------
    x
        ``(n, F)``: a matrix or a frame, as the estimator takes it.
    y, weight
        ``(n,)``.
    weighted
        Whether weights were given, and so go into fits.
    groups
        ``(n,)`` person of each row, or None if each row is a person.
    """

    x: Any
    y: FloatArray
    weight: FloatArray
    weighted: bool
    groups: npt.NDArray[Any] | None

    @classmethod
    def of(cls, x: Any, y: Any, weight: Any = None, groups: Any = None) -> Self:
        """Check.

        Raises
        ------
        EvaluationError
            If lengths differ, an outcome is not 0 or 1, or a weight is not a positive number.
        """
        matrix = x if hasattr(x, "iloc") else np.asarray(x)
        outcome = as_numbers(y, "y")
        if matrix.ndim != 2 or outcome.shape != (len(matrix),):
            raise EvaluationError(
                f"X of shape {matrix.shape} and y of shape {outcome.shape} do not fit; expected "
                "(n, F) and (n,)"
            )
        if not np.isin(outcome, (0.0, 1.0)).all():
            row = int(np.argmin(np.isin(outcome, (0.0, 1.0))))
            raise EvaluationError(f"y[{row}] is {outcome[row]:g}; expected 0 or 1")
        weights = np.ones(len(outcome)) if weight is None else as_numbers(weight, "sample_weight")
        if weights.shape != outcome.shape or not (np.isfinite(weights) & (weights > 0)).all():
            raise EvaluationError(
                f"sample_weight must hold a positive number for each of the {len(outcome)} rows"
            )
        persons = None if groups is None else labels_of(groups, len(outcome), "groups")
        return cls(matrix, outcome, weights, weight is not None, persons)

    def __len__(self) -> int:
        return len(self.y)

    @property
    def person(self) -> Codes:
        """``(n,)`` codes from 0 of the person of each row."""
        if self.groups is None:
            return np.arange(len(self.y))
        codes: Codes = np.unique(self.groups, return_inverse=True)[1]
        return codes

    @property
    def clusters(self) -> npt.NDArray[Any] | None:
        """``(n,)`` person of each row; None if nobody has more than one."""
        if self.groups is None or len(np.unique(self.groups)) == len(self.groups):
            return None
        return self.groups

    def fit(self, estimator: Any, rows: npt.NDArray[Any]) -> Any:
        """A fresh fit on some rows: a mask, or places that may be repeated."""
        from sklearn.base import clone

        fresh, options = clone(estimator), {}
        if self.weighted:
            options[_weight_parameter(estimator)] = self.weight[rows]
        if self.groups is not None and "groups" in inspect.signature(fresh.fit).parameters:
            options["groups"] = self.groups[rows]
        return fresh.fit(self._taken(rows), self.y[rows], **options)

    def predict(self, fitted: Any, rows: npt.NDArray[Any] | None = None) -> FloatArray:
        """Probabilities of the outcome of some rows, or of all."""
        return probabilities(fitted, self.x if rows is None else self._taken(rows))

    def sample(self, probability: FloatArray, rows: Rows | None = None) -> Sample:
        """Predictions of all, or of some rows of them, beside the outcomes; persons are units."""
        kept = slice(None) if rows is None else rows
        clusters = None if self.clusters is None else self.clusters[kept]
        return Sample.of(
            probability[kept], self.y[kept], weight=self.weight[kept], cluster=clusters
        )

    def usable(self, rows: npt.NDArray[Any]) -> bool:
        """Whether both outcomes occur often enough among some rows to fit on."""
        events = self.y[rows].sum()
        return bool(min(events, len(self.y[rows]) - events) >= FEWEST_PER_CLASS)

    def without_persons_of(self, rows: Rows) -> Rows:
        """The rows of persons who have none among some rows."""
        if self.groups is None:
            return ~rows
        found: Rows = ~np.isin(self.groups, np.unique(self.groups[rows]))
        return found

    def folds(self, rows: Rows, count: int, seed: int = 0) -> Rows | None:
        """Which of some rows each fold holds, ``(k, count)``; None if there are too few people.

        People are dealt at random, those with the outcome apart from those without, so that folds
        are about alike; rows of one person stay together.
        """
        member = np.unique(self.person[rows], return_inverse=True)[1]
        event = np.bincount(member, self.y[rows]) > 0
        if min(event.sum(), (~event).sum()) < count or count < 2:
            return None
        check_seed(seed)
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(event))
        order = order[np.argsort(event[order], kind="stable")]
        fold = np.empty(len(event), dtype=np.intp)
        fold[order] = np.arange(len(event)) % count
        held: Rows = fold[member][:, None] == np.arange(count)
        return held

    def resamples(self, count: int, seed: int) -> Iterator[Codes]:
        """Places of the rows of bootstrap samples of persons; each sample has both outcomes.

        Raises
        ------
        EvaluationError
            If the draws keep missing an outcome.
        """
        person = self.person
        persons = int(person.max()) + 1

        def draw(rng: np.random.Generator) -> Codes:
            drawn: Codes = np.bincount(rng.integers(0, persons, persons), minlength=persons)
            return drawn

        for times in self.drawn(draw, person, count, seed):
            yield np.repeat(np.arange(len(times)), times)

    def drawn(
        self, draw: Callable[[np.random.Generator], Codes], person: Codes, count: int, seed: int
    ) -> Iterator[Codes]:
        """How often each row is in each of the resamples that a function draws of persons."""
        if count < 2:
            raise EvaluationError(f"{count} resamples say nothing on variation; give at least 2")
        check_seed(seed)
        for child in np.random.SeedSequence(seed).spawn(count):
            rng = np.random.default_rng(child)
            for _ in range(MOST_ATTEMPTS):
                times = draw(rng)[person]
                if self.usable(times > 0):
                    break
            else:
                raise EvaluationError("too few people with or without the outcome to resample")
            yield times

    def _taken(self, rows: npt.NDArray[Any]) -> Any:
        return self.x.iloc[_places(rows)] if hasattr(self.x, "iloc") else self.x[rows]


def probabilities(fitted: Any, x: Any) -> FloatArray:
    """Probabilities of the second class.

    Raises
    ------
    EvaluationError
        If the estimator gives no probabilities of two classes.
    """
    if not hasattr(fitted, "predict_proba"):
        raise EvaluationError(
            f"{type(fitted).__name__} gives no probabilities; expected a classifier with "
            "predict_proba"
        )
    found = np.asarray(fitted.predict_proba(x), dtype=np.float64)
    if found.ndim != 2 or found.shape[1] != 2:
        raise EvaluationError(
            f"predict_proba gives shape {found.shape}; expected two columns, no and yes"
        )
    return found[:, 1]


def each(function: Callable[[_T], _U], items: Iterable[_T], jobs: int) -> Iterable[_U]:
    """The function of each item, in order; with several jobs in processes."""
    if jobs == 1:
        return map(function, items)
    from joblib import Parallel, delayed

    found: Iterable[_U] = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(function)(item) for item in items
    )
    return found


def _places(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.flatnonzero(rows) if rows.dtype == bool else rows


def _weight_parameter(estimator: Any) -> str:
    """How weights are handed to `fit`: in a pipeline, to its last step."""
    steps = getattr(estimator, "steps", None)
    last = estimator if steps is None else steps[-1][1]
    if "sample_weight" not in inspect.signature(last.fit).parameters:
        raise EvaluationError(f"{type(last).__name__} takes no sample_weight; leave weights out")
    return "sample_weight" if steps is None else f"{steps[-1][0]}__sample_weight"
