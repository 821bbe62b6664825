"""A covariance as its lower-triangular root."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray


def lower_triangular(root: FloatArray) -> FloatArray:
    """A lower-triangular ``L`` with ``L @ L.T`` equal to ``root @ root.T``, ``(P, P)``."""
    size, columns = root.shape
    if columns < size:
        root = np.hstack([root, np.zeros((size, size - columns))])
    triangle = np.asarray(np.linalg.qr(root.T, mode="r"))
    return np.tril(triangle.T)
