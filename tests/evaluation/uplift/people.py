"""People with and without help, for the tests of effects."""

from __future__ import annotations

import numpy as np

from risicoscreener.evaluation.uplift import Compared


def trial(n: int = 600, *, seed: int = 0, slope: float = 0.3, cluster: bool = False):
    """A trial in which the effect is `slope * x`; gives the comparison and x."""
    rng = np.random.default_rng(seed)
    x = rng.random(n)
    treated = rng.random(n) < 0.4
    outcome = rng.random(n) < 0.3 + treated * slope * x
    units = np.arange(n) // 10 if cluster else None
    found = Compared.of(
        outcome.astype(float),
        treated,
        0.4,
        mean_with=0.3 + slope * x,
        mean_without=0.3,
        cluster=units,
    )
    return found, x
