"""People with predictions and follow-up, with and without ties, weights and clusters."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from risicoscreener.evaluation.time import HorizonSample

HORIZON = 8.0
ROWS = st.lists(
    st.tuples(
        st.integers(1, 9),  # prediction in tenths
        st.integers(1, 12),  # time
        st.integers(0, 2),  # cause
        st.sampled_from([0.5, 1.0, 2.0]),  # weight
    ),
    min_size=6,
    max_size=30,
)


def tied(rows, horizon=HORIZON) -> HorizonSample:
    """Of drawn rows, in which nearly everything is tied."""
    p, time, cause, weight = np.array(rows, dtype=float).T
    return HorizonSample.of(p / 10, time, cause, horizon_days=horizon, weight=weight)


def people(n=400, seed=0, *, censored=True, clusters=0, horizon=500.0, competing=True):
    """Predictions of a model that is too extreme; hazards are constant over time."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    event = np.exp(0.6 * x) / 900
    other = np.full(n, 1 / 2500 if competing else 1e-12)
    first, second = rng.exponential(1 / event), rng.exponential(1 / other)
    end = rng.uniform(100, 1200, n) if censored else np.full(n, horizon + 1)
    time = np.minimum(np.minimum(first, second), end)
    cause = np.where(time == first, 1, np.where(time == second, 2, 0))
    predicted = -np.expm1(-horizon * np.exp(0.8 * x) / 1000)
    return HorizonSample.of(
        predicted,
        time,
        cause,
        horizon_days=horizon,
        cluster=rng.integers(0, clusters, n) if clusters else None,
    )
