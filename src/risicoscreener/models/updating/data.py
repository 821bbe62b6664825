"""New data on which a model is updated, checked once and split in old and new features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from risicoscreener.errors import ModelError

if TYPE_CHECKING:
    import numpy.typing as npt

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram

FEWEST_PER_CLASS = 5
"""Fewest people with, and without, the outcome; with less even an intercept is a guess."""


@dataclass(frozen=True)
class NewData:
    """People of the new population.

    Attributes
    ----------
    old
        ``(n, F)``: the features of the program, in its order.
    new
        ``(n, E)``: the other columns, ``E`` may be 0.
    new_names
        Their names.
    outcome, weight
        ``(n,)``: 0 or 1, and a positive weight (2 is a row seen twice).
    groups
        ``(n,)`` person of each row, or None if every row is another person.
    """

    old: FloatArray
    new: FloatArray
    new_names: tuple[str, ...]
    outcome: FloatArray
    weight: FloatArray
    groups: npt.NDArray[Any] | None

    @classmethod
    def read(
        cls, program: ScoringProgram, x: Any, y: Any, weight: Any = None, groups: Any = None
    ) -> NewData:
        """Check what a caller gives.

        Raises
        ------
        ModelError
            For an absent feature, values that are not numbers, an outcome that is not 0 or 1, a
            weight that is not positive, another number of rows, or too few of an outcome.
        """
        old, new, names = _columns(program, x)
        n = len(old)
        outcome = _numbers(y, n, "y")
        if not np.isin(outcome, (0.0, 1.0)).all():
            raise ModelError(f"y must hold 0 or 1 for each of the {n} rows.")
        weights = np.ones(n) if weight is None else _numbers(weight, n, "sample_weight")
        if not (np.isfinite(weights) & (weights > 0)).all():
            raise ModelError(f"sample_weight must hold a positive number for each of {n} rows.")
        fewest = int(min(outcome.sum(), n - outcome.sum()))
        if fewest < FEWEST_PER_CLASS:
            raise ModelError(
                f"{int(outcome.sum())} of {n} new people have the outcome; at least "
                f"{FEWEST_PER_CLASS} with and without it are needed to update a model."
            )
        if groups is not None and np.shape(groups) != (n,):
            raise ModelError(f"groups must name the person of each of the {n} rows.")
        return cls(old, new, names, outcome, weights, None if groups is None else np.array(groups))

    def rows(self, chosen: npt.NDArray[np.bool_]) -> NewData:
        """Part of the rows."""
        groups = None if self.groups is None else self.groups[chosen]
        return NewData(
            self.old[chosen],
            self.new[chosen],
            self.new_names,
            self.outcome[chosen],
            self.weight[chosen],
            groups,
        )

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.outcome)

    @property
    def events(self) -> int:
        """Number of rows with the outcome."""
        return int(self.outcome.sum())

    @property
    def everything(self) -> FloatArray:
        """Old features, then new ones: the order of a program that was extended."""
        return np.hstack([self.old, self.new])


def _columns(program: ScoringProgram, x: Any) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    """Old features, new features and the names of the new ones."""
    if isinstance(x, pd.DataFrame):
        names = [str(column) for column in x.columns]
        absent = [name for name in program.features if name not in names]
        if absent:
            raise ModelError(
                f"the new data have no column {', '.join(absent)}; compute every feature of the "
                "model, with NaN where a value is unknown."
            )
        if len(set(names)) < len(names):
            raise ModelError("columns of the new data have the same name; name each differently.")
        order = [names.index(name) for name in program.features]
        extra = [i for i in range(len(names)) if i not in set(order)]
        matrix = _matrix(x.iloc[:, [*order, *extra]], len(names))
        width = len(order)
        return matrix[:, :width], matrix[:, width:], tuple(names[i] for i in extra)
    matrix = _matrix(x, len(program.features))
    return matrix, matrix[:, :0], ()


def _matrix(x: Any, width: int) -> FloatArray:
    try:
        if isinstance(x, pd.DataFrame):
            matrix = x.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            matrix = np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(f"the new data hold what is no number ({error}).") from error
    if matrix.ndim != 2 or matrix.shape[1] != width:
        raise ModelError(
            f"new data of shape {matrix.shape} were given; expected (n, {width}), or a data frame "
            "with a column for each feature."
        )
    if np.isinf(matrix).any():
        raise ModelError("the new data hold an infinite value; use NaN for unknown.")
    return matrix


def _numbers(values: Any, n: int, name: str) -> FloatArray:
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{name} holds what is no number ({error}).") from error
    if numbers.shape != (n,):
        raise ModelError(f"{name} has shape {numbers.shape}; expected ({n},), one per row.")
    return numbers
