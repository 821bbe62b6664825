"""Named functions of the days of matching rows, for what the algebra cannot say.

A kernel is a pair: ``one`` takes the days ago of the matching rows of one person, in any order;
``many`` takes them for many people, flat, with the segment that each belongs to. They agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from risicoscreener.errors import FeatureError


@dataclass(frozen=True, slots=True)
class Kernel:
    """A function of event days, for one person and for many; no day is before zero.

    Attributes
    ----------
    one
        ``one(days_ago) -> value``; called with at least one day.
    many
        ``many(days_ago, segment, n_segments) -> values`` of shape (n_segments,); only segments
        with at least one row are read.
    steady
        Whether the value stays the same when all days are as many days more ago, so that it need
        not be computed anew for each day.
    """

    one: Callable[[list[int]], float]
    many: Callable[[np.ndarray, np.ndarray, int], np.ndarray]
    steady: bool = False


def _longest_gap_one(days_ago: list[int]) -> float:
    ordered = sorted(days_ago)
    return float(max((b - a for a, b in pairwise(ordered)), default=0))


def _longest_gap_many(days_ago: np.ndarray, segment: np.ndarray, n_segments: int) -> np.ndarray:
    longest = np.zeros(n_segments)
    # As one number each, which sorts many times faster than a pair.
    ordered = np.sort((segment.astype(np.int64) << 32) | days_ago)
    owner = ordered >> 32
    same = np.flatnonzero(owner[1:] == owner[:-1])
    gaps = ordered[same + 1] - ordered[same]
    np.maximum.at(longest, owner[same], gaps.astype(np.float64))
    return longest


_KERNELS: dict[str, Kernel] = {
    "longest_gap": Kernel(_longest_gap_one, _longest_gap_many, steady=True)
}


def kernel(name: str) -> Kernel:
    """The kernel of this name.

    Raises
    ------
    FeatureError
        If there is none.
    """
    if name not in _KERNELS:
        raise FeatureError(f"kernel {name!r} does not exist; known: {', '.join(_KERNELS)}")
    return _KERNELS[name]


def register_kernel(
    name: str,
    one: Callable[[list[int]], float],
    many: Callable[[np.ndarray, np.ndarray, int], np.ndarray],
    *,
    steady: bool = False,
) -> None:
    """Add a kernel, after which feature definitions may name it; see `Kernel`.

    Raises
    ------
    FeatureError
        If the name is taken.
    """
    if name in _KERNELS:
        raise FeatureError(f"kernel {name!r} exists already")
    _KERNELS[name] = Kernel(one, many, steady)
