"""Who belongs to which group, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sample import Sample, texts_of

Labels = npt.NDArray[np.str_]
Mask = npt.NDArray[np.bool_]

DEFAULT_ATTRIBUTE = "group"


def checked_labels(sample: Sample, labels: npt.ArrayLike, name: str = DEFAULT_ATTRIBUTE) -> Labels:
    """Labels as text, in the order of the sample.

    Parameters
    ----------
    labels
        ``(n,)`` in the order in which people were given. Give who is unknown a label of their
        own: they are people too.

    Raises
    ------
    EvaluationError
        If a label is missing, or their number is not that of the people.
    """
    return sample.sorted(texts_of(labels, len(sample), name, "a label, 'unknown' if need be"))


def attributes(
    sample: Sample, groups: npt.ArrayLike | Mapping[str, npt.ArrayLike]
) -> dict[str, Labels]:
    """By attribute the labels; one set of labels is the attribute ``group``.

    Raises
    ------
    EvaluationError
        As of `checked_labels`, or if there are none.
    """
    if not isinstance(groups, Mapping):
        return {DEFAULT_ATTRIBUTE: checked_labels(sample, groups)}
    if not groups:
        raise EvaluationError("no groups; expected labels, or labels by the name of an attribute")
    return {name: checked_labels(sample, values, name) for name, values in groups.items()}


def partitions(by: Mapping[str, Labels], depth: int) -> list[tuple[str, ...]]:
    """Attributes to split by: none, each, and the combinations of up to `depth` of them."""
    names = list(by)
    found: list[tuple[str, ...]] = [()]
    for size in range(1, min(max(depth, 1), len(names)) + 1):
        found += combinations(names, size)
    return found


def members(
    by: Mapping[str, Labels], split: tuple[str, ...], n: int
) -> dict[tuple[str, ...], Mask]:
    """The people of each group of a split, by its labels, in order of these."""
    found: dict[tuple[str, ...], Mask] = {(): np.ones(n, dtype=bool)}
    for name in split:
        values: Any = by[name]
        found = {
            (*key, label): mask & (values == label)
            for key, mask in found.items()
            for label in sorted(set(values.tolist()))
        }
    return {key: mask for key, mask in found.items() if mask.any()}
