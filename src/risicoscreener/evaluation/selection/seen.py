"""People of whom only some have an outcome that can be seen: a leave fails only if granted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PartlySeen:
    """Predictions for everybody, outcomes of those who were granted.

    Make one with `PartlySeen.of`.

    Attributes
    ----------
    people
        Everybody, in order of probability; the outcome of who was not granted stands as 0 and
        means nothing.
    seen
        ``(n,)`` in the order of `people`: whether the outcome can be seen.
    """

    people: Sample
    seen: Mask

    @classmethod
    def of(
        cls,
        probability: npt.ArrayLike,
        outcome: npt.ArrayLike,
        seen: npt.ArrayLike | None = None,
        *,
        weight: npt.ArrayLike | None = None,
        cluster: npt.ArrayLike | None = None,
    ) -> PartlySeen:
        """Check and sort.

        Parameters
        ----------
        probability
            ``(n,)`` of everybody on whom was decided, in [0, 1].
        outcome
            ``(n,)``, 0 or 1 where seen; NaN elsewhere. With `seen` given, what stands where it is
            False is not looked at: a denied leave that is filled in as *no failure* is no outcome.
        seen
            ``(n,)`` booleans: granted, so that the outcome could come about. By default: where
            `outcome` is not missing.
        weight, cluster
            As of `Sample.of`.

        Raises
        ------
        EvaluationError
            If nobody has an outcome, or values are missing or impossible.
        """
        try:
            y = np.asarray(outcome, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise EvaluationError(f"outcome holds something that is no number: {error}") from error
        mask = ~np.isnan(y) if seen is None else check_mask(seen, "seen")
        if mask.shape != y.shape:
            raise EvaluationError(f"seen has shape {mask.shape}, outcome has {y.shape}")
        if not mask.any():
            raise EvaluationError("nobody has an outcome that is seen; expected one person or more")
        filled = np.where(mask, y, 0.0)
        people = Sample.of(probability, filled, weight=weight, cluster=cluster)
        return cls(people, people.sorted(mask))

    def __len__(self) -> int:
        return len(self.people)

    @property
    def share_seen(self) -> float:
        """Part of the people, by weight, whose outcome is seen."""
        w = self.people.weight
        return float(w[self.seen].sum() / w.sum())

    @cached_property
    def naive(self) -> Sample:
        """Only those whose outcome is seen, as if the others did not exist."""
        return self.people.where(self.seen)


TOLD_EXACTLY = 1e-3


def separates(fitted: FloatArray, happened: npt.ArrayLike) -> bool:
    """Whether all fitted probabilities are so close to 0 and 1 that a fit has run away."""
    return bool((np.abs(fitted - np.asarray(happened, dtype=np.float64)) < TOLD_EXACTLY).all())


def check_mask(values: npt.ArrayLike, name: str) -> Mask:
    """Booleans, or 0 and 1 as booleans.

    Raises
    ------
    EvaluationError
        If there is another value.
    """
    array = np.asarray(values)
    if array.ndim != 1:
        raise EvaluationError(f"{name} has shape {array.shape}; expected (n,)")
    if array.dtype == bool:
        return array
    try:
        numbers = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise EvaluationError(f"{name} holds something that is no truth value: {error}") from error
    wrong = (numbers != 0) & (numbers != 1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise EvaluationError(f"{name}[{row}] is {array[row]!r}; expected True or False")
    return numbers == 1


def check_features(values: npt.ArrayLike, n: int) -> FloatArray:
    """Features as ``(n, k)`` numbers without missing values.

    Raises
    ------
    EvaluationError
        Naming row and column of the first value that is missing or no number.
    """
    try:
        x = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise EvaluationError(f"features hold something that is no number: {error}") from error
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or len(x) != n or not x.shape[1]:
        raise EvaluationError(f"features have shape {x.shape}; expected ({n}, k)")
    wrong = ~np.isfinite(x)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise EvaluationError(
            f"features[{row}, {column}] is {x[row, column]}; expected a number. Fill in missing "
            "values first, with a column that says where"
        )
    return x
