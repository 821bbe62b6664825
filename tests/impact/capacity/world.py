"""Worlds of stays in which everything is known, without dossiers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from risicoscreener.impact.capacity import CapacitySettings, Stays

START = dt.date(2024, 1, 1)
DAY = (START - dt.date(1970, 1, 1)).days
PLAIN = {
    "chance.doubt": False,
    "arrivals.trend": False,
    "arrivals.harmonics": 0,
    "arrivals.wander_per_year": 0.0,
}
"""Nothing but the chance of coming and staying."""


def stays_from(rows: list[dict[str, Any]], *, years: float = 3) -> Stays:
    """Stays by ``arrived`` and ``left`` in days from the start (``left`` None: still there)."""
    base = np.datetime64(START)

    def day(value: int | None) -> Any:
        return pd.NaT if value is None else base + np.timedelta64(value, "D")

    dates = ("arrived", "left", "switched", "low_from", "expected", "conditional")
    frame = pd.DataFrame(
        [
            {
                **{f"{name}_on": day(row.get(name)) for name in dates},
                "kind": row.get("kind", "remand"),
                "regime": row.get("regime", row.get("kind", "remand")),
                "prison": row.get("prison", "PI-01"),
                "sentence_days": row.get("sentence_days", 0),
            }
            for row in rows
        ]
    )
    first = START - dt.timedelta(days=round(365 * years))
    return Stays.from_frame(frame, seen_from=first, seen_until=START)


def steady(
    rate: float = 2.0, mean: float = 60.0, *, seed: int = 0, years: float = 3, **columns: Any
) -> Stays:
    """People who come at a constant rate and stay for a time of a gamma distribution."""
    rng = np.random.default_rng(seed)
    days = np.arange(-2500, 0)
    arrived = np.repeat(days, rng.poisson(rate, len(days)))
    length = np.ceil(rng.gamma(1.5, mean / 1.5, len(arrived))).astype(int)
    rows = [
        {"arrived": int(a), "left": int(a + n), **columns}
        for a, n in zip(arrived, length, strict=True)
    ]
    return stays_from(rows, years=years)


def plain(**changes: Any) -> CapacitySettings:
    """Settings with nothing but the chance of coming and staying; dots as two underscores."""
    given = {name.replace("__", "."): value for name, value in changes.items()}
    return CapacitySettings.of(PLAIN | given)
