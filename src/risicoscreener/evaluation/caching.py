"""What follows from a sample alone is made once and forgotten with the sample."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from risicoscreener.evaluation.sample import Sample

T = TypeVar("T")


def once_per_sample(function: Callable[[Sample], T]) -> Callable[[Sample], T]:
    """Keep the result of a function of a sample for as long as there is the sample.

    The result must not refer to the sample, and must not be changed.
    """
    made: WeakKeyDictionary[Sample, T] = WeakKeyDictionary()

    @wraps(function)
    def kept(sample: Sample) -> T:
        if sample not in made:
            made[sample] = function(sample)
        return made[sample]

    return kept
