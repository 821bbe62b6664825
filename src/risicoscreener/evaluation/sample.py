"""Predicted probabilities beside what happened, checked once and sorted once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

SMALLEST_WEIGHT, LARGEST_WEIGHT = 1e-50, 1e50
"""Beyond them squares of sums of weights cannot be told from 0 or from infinity."""

WEIGHTS = f"0, or from {SMALLEST_WEIGHT:g} to {LARGEST_WEIGHT:g}"


@dataclass(frozen=True, eq=False, repr=False)
class Sample:
    """Predictions and binary outcomes of people, in order of probability.

    Make one with `Sample.of`. Rows are kept sorted by probability, lowest first, so that every
    measure, of the sample or of a replicate of it, is a pass over the same arrays with other
    weights. A measure is a function ``measure(sample, weight) -> float`` of this order; a
    bootstrap replicate is the same function with another weight.

    Attributes
    ----------
    probability, outcome, weight
        ``(n,)`` each, in sorted order: in [0, 1]; 0 or 1; not negative.
    cluster
        ``(n,)`` codes from 0 of the unit that is sampled (person or prison); None where each row
        is a unit of its own.
    order
        ``(n,)``: row ``order[i]`` of what was given stands at place ``i``.
    """

    probability: FloatArray
    outcome: FloatArray
    weight: FloatArray
    cluster: Codes | None
    order: Codes

    @classmethod
    def of(
        cls,
        probability: npt.ArrayLike,
        outcome: npt.ArrayLike,
        *,
        weight: npt.ArrayLike | None = None,
        cluster: npt.ArrayLike | None = None,
    ) -> Sample:
        """Check and sort.

        Parameters
        ----------
        probability
            ``(n,)``, in [0, 1].
        outcome
            ``(n,)``, 0 or 1 (or booleans).
        weight
            ``(n,)``, not negative and not all 0, none beyond 1e50 or, above 0, below 1e-50; 1 for
            everybody without it.
        cluster
            ``(n,)``, any labels without missing values: rows of one label are not independent.

        Raises
        ------
        EvaluationError
            If a value is missing or outside its range (the first row and its value are named),
            lengths differ, or there are no rows. Who has no outcome is left out beforehand, and
            reported.
        """
        p = _numbers(probability, "probability")
        y = _numbers(outcome, "outcome", like=p)
        w = np.ones(len(p)) if weight is None else _numbers(weight, "weight", like=p)
        _refuse((p < 0) | (p > 1), p, "probability", "a number in [0, 1]")
        _refuse((y != 0) & (y != 1), y, "outcome", "0 or 1")
        _refuse(w < 0, w, "weight", "not negative")
        if not w.any():
            raise EvaluationError("weight is 0 for everybody; expected some weight above 0")
        _refuse((w > 0) & ((w < SMALLEST_WEIGHT) | (w > LARGEST_WEIGHT)), w, "weight", WEIGHTS)
        order = np.argsort(p, kind="stable")
        codes = None if cluster is None else _codes(cluster, len(p))[order]
        return cls(p[order], y[order], w[order], codes, order)

    def __len__(self) -> int:
        return len(self.probability)

    def __repr__(self) -> str:
        units = "" if self.cluster is None else f" in {self.n_clusters:,} units"
        return f"Sample({len(self):,} people{units}, {self.events:,} with the outcome)"

    @property
    def people(self) -> int:
        """How many rows have positive weight: those on whom figures rest."""
        return int((self.weight > 0).sum())

    @property
    def events(self) -> int:
        """How many rows of positive weight have the outcome."""
        return int(((self.outcome == 1) & (self.weight > 0)).sum())

    @property
    def n_clusters(self) -> int:
        """How many units were sampled."""
        return len(self) if self.cluster is None else int(self.cluster.max()) + 1

    @cached_property
    def tie_starts(self) -> Codes:
        """Where each run of equal probabilities starts, for ``np.add.reduceat``."""
        new = np.r_[True, np.diff(self.probability) > 0]
        return np.flatnonzero(new)

    def where(self, rows: npt.ArrayLike) -> Sample:
        """The people of a boolean mask in sorted order; clusters keep their meaning."""
        mask = np.asarray(rows, dtype=bool)
        if mask.shape != self.probability.shape:
            raise EvaluationError(f"a mask of {mask.shape} for a sample of {len(self)} rows")
        if not mask.any():
            raise EvaluationError("the mask leaves nobody")
        codes = None
        if self.cluster is not None:
            codes = np.unique(self.cluster[mask], return_inverse=True)[1]
        return Sample(
            self.probability[mask], self.outcome[mask], self.weight[mask], codes, self.order[mask]
        )

    def sorted(self, values: npt.ArrayLike) -> npt.NDArray[Any]:
        """Values in the order in which they were given to `of`, in the order of the sample.

        Raises
        ------
        EvaluationError
            If there is no value for each row that was given.
        """
        found = np.asarray(values)
        last = int(self.order.max())
        whole = last < len(self)  # not a part, of which the rows that were left out are unknown
        if found.ndim == 0 or len(found) <= last or (whole and len(found) != len(self)):
            raise EvaluationError(
                f"values have shape {found.shape}; expected one for each row given to Sample.of"
            )
        return found[self.order]


def as_numbers(values: npt.ArrayLike, name: str) -> FloatArray:
    """Values as an array of numbers; what is missing becomes NaN.

    Raises
    ------
    EvaluationError
        If something is no number.
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise EvaluationError(f"{name} holds something that is no number: {error}") from error


def labels_of(
    labels: npt.ArrayLike, n: int, name: str = "labels", expected: str = "a label"
) -> npt.NDArray[Any]:
    """Labels of rows, none missing.

    Raises
    ------
    EvaluationError
        If one is missing, or their number is not that of the rows.
    """
    import pandas as pd

    found = np.asarray(labels)
    if found.shape != (n,):
        raise EvaluationError(f"{name} has shape {found.shape}; expected ({n},)")
    # of a list, numpy would turn a missing value beside text into the text "nan"
    missing = pd.isna(found if hasattr(labels, "dtype") else np.asarray(labels, dtype=object))
    if missing.any():
        raise EvaluationError(f"{name}[{int(np.argmax(missing))}] is missing; expected {expected}")
    return found


def texts_of(
    labels: npt.ArrayLike, n: int, name: str = "labels", expected: str = "a label"
) -> npt.NDArray[np.str_]:
    """Labels of rows as text, none missing; errors as of `labels_of`."""
    labels_of(labels, n, name, expected)
    return np.asarray(labels, dtype=object).astype(str)


def _numbers(values: npt.ArrayLike, name: str, like: FloatArray | None = None) -> FloatArray:
    array = as_numbers(values, name)
    if array.ndim != 1 or not len(array):
        one = "; of predict_proba give the column of the outcome, [:, 1]" if array.ndim == 2 else ""
        raise EvaluationError(
            f"{name} has shape {array.shape}; expected (n,) with n of 1 or more{one}"
        )
    if like is not None and len(array) != len(like):
        raise EvaluationError(f"{name} has {len(array)} rows, probability has {len(like)}")
    _refuse(~np.isfinite(array), array, name, "a number, not missing or infinite")
    return array


def _refuse(wrong: npt.NDArray[np.bool_], values: FloatArray, name: str, expected: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        more = f" ({int(wrong.sum())} rows in all)" if wrong.sum() > 1 else ""
        raise EvaluationError(f"{name}[{row}] is {values[row]:g}; expected {expected}{more}")


def _codes(labels: npt.ArrayLike, n: int) -> Codes:
    import pandas as pd

    return pd.factorize(labels_of(labels, n, "cluster"))[0].astype(np.intp)
