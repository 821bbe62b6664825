"""Made-up people of whom only some are granted."""

from __future__ import annotations

import numpy as np

from risicoscreener.evaluation.selection import PartlySeen


def drawn(n: int = 2000, seed: int = 0, *, hidden: float = 0.0):
    """``(x, probability, outcome, granted, chance)``; `hidden` also moves granting and outcome."""
    rng = np.random.default_rng(seed)
    x, u = rng.standard_normal((2, n))
    probability = 1 / (1 + np.exp(1.0 - 0.9 * x))
    real = 1 / (1 + np.exp(1.0 - 0.9 * x - hidden * u))
    outcome = (rng.random(n) < real).astype(float)
    chance = 1 / (1 + np.exp(-0.4 + 1.2 * x + hidden * u))
    return x, probability, outcome, rng.random(n) < chance, chance


def partly(n: int = 2000, seed: int = 0, **changes) -> PartlySeen:
    _, probability, outcome, granted, _ = drawn(n, seed, **changes)
    return PartlySeen.of(probability, outcome, granted)


def base_rate(sample, weight) -> float:
    return float(weight @ sample.outcome / weight.sum())
