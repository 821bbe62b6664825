"""Small data sets whose truth is known."""

from __future__ import annotations

import numpy as np
from scipy.special import expit


def sparse_sample(n: int = 800, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two features that count (the second partly unknown) and four of noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6))
    y = (rng.random(n) < expit(-0.5 + 1.5 * np.tanh(x[:, 0]) - x[:, 1])).astype(float)
    x[rng.random(n) < 0.1, 1] = np.nan
    return x, y
