"""Days in a row that are alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def stretches(values: np.ndarray) -> Iterator[tuple[int, int, Any]]:
    """First and last position of each unbroken row of one value, and the value; shape (days,)."""
    cuts = np.flatnonzero(values[1:] != values[:-1]) + 1
    begins = [0, *cuts.tolist()]
    ends = [*(cuts - 1).tolist(), len(values) - 1]
    for begin, end in zip(begins, ends, strict=True):
        yield begin, end, values[begin]
