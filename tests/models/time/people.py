"""Made-up people with an event, a competing event and an end of follow-up, and the truth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from risicoscreener.models.time import TimeToEvent


class People(NamedTuple):
    """Features ``(n, 3)``, outcome, and the true hazards per day."""

    x: np.ndarray
    y: TimeToEvent
    hazard: np.ndarray
    competing: np.ndarray

    def truth(self, horizon):
        """True cumulative incidence at a horizon."""
        total = self.hazard + self.competing
        return self.hazard / total * -np.expm1(-total * horizon)


def people(n=1500, seed=0, *, competing=True, unknown=0.1) -> People:
    """Hazards are constant over time, and follow-up ends at random after 200 to 1000 days."""
    rng = np.random.default_rng(seed)
    x = np.column_stack(
        [rng.uniform(-1, 1, n), rng.integers(0, 2, n).astype(float), rng.normal(size=n)]
    )
    hazard = np.exp(0.8 * x[:, 0] + 0.5 * x[:, 1]) / 900
    other = np.exp(0.5 * x[:, 1]) / 2500 if competing else np.zeros(n)
    first = rng.exponential(1 / hazard)
    second = rng.exponential(1 / other) if competing else np.full(n, np.inf)
    end = rng.uniform(200, 1000, n)
    time = np.minimum(np.minimum(first, second), end)
    cause = np.where(time == first, 1, np.where(time == second, 2, 0))
    x[rng.random(n) < unknown, 2] = np.nan
    return People(x, TimeToEvent(np.ceil(time), cause), hazard, other)
