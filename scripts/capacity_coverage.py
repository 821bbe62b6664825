"""Whether the limits of a forecast of capacity hold what comes as often as they say.

Worlds of which everything is known: people come at a rate, stay for a time, and are watched for
some years; a forecast is made, and the year that follows is drawn from the same world. Printed is,
for each world and horizon, how often the limits of 90% hold the number inside, with the interval of
Wilson; and the mean error. Beside it stand forecasts that leave something out:

- without doubt: the fitted rates and lengths taken for the truth;
- without truncation: who was there already when watching began, counted as if seen on arrival.

    python scripts/capacity_coverage.py [worlds] [replicates] [kind of world]

The table in docs/capacity.md has the defaults: 80 worlds of each kind, 99 replicates. Kinds of
world are numbered from 0, and can be run beside each other.
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass, replace

import numpy as np

from risicoscreener.evaluation.intervals import wilson
from risicoscreener.impact.capacity import CapacitySettings, Forecast, Stays, forecast

START = dt.date(2024, 1, 1)
DAY = (START - dt.date(1970, 1, 1)).days
HORIZONS = (30, 90, 180, 360)
AHEAD, BEFORE = 12, 15 * 365
LEVEL = 0.9


@dataclass(frozen=True)
class World:
    """Arrivals a day, how they vary, how long people stay (lognormal), and years watched."""

    name: str
    rate: float = 3.0
    season: float = 0.0
    extra: float = 0.0
    wander: float = 0.0
    mu: float = 3.443
    sigma: float = 1.665
    years: int = 4


WORLDS = (
    World("steady"),
    World("season, spread twice Poisson", season=0.2, extra=1.0),
    World("rate that wanders", wander=0.08),
    World("long stays, watched for a year", rate=0.5, mu=6.0, sigma=0.8, years=1),
)


def lived(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Days of arrival and lengths of all who come, from years before until a year after."""
    days = np.arange(-BEFORE, 366)
    weeks = len(days) // 7 + 1
    steps = rng.normal(0, world.wander * np.sqrt(7 / 365.25), weeks).cumsum()
    frailty = world.extra / (7 * world.rate)
    more = rng.gamma(1 / frailty, frailty, weeks) if frailty else np.ones(weeks)
    week = np.arange(len(days)) // 7
    level = steps - steps[week[-366]]  # a rate near the usual one on the first day
    rate = world.rate * np.exp(level[week]) * more[week]
    rate *= 1 + world.season * np.sin(2 * np.pi * (days + DAY) / 365.25)
    arrived = np.repeat(days, rng.poisson(rate))
    length = np.ceil(np.clip(rng.lognormal(world.mu, world.sigma, len(arrived)), 1, 7300))
    return arrived, length.astype(np.int64)


def watched(world: World, arrived: np.ndarray, length: np.ndarray) -> Stays:
    """What was seen by the first day."""
    import pandas as pd

    known = arrived < 0
    base = np.datetime64(START)
    frame = pd.DataFrame(
        {
            "arrived_on": base + arrived[known].astype("timedelta64[D]"),
            "left_on": base + (arrived + length)[known].astype("timedelta64[D]"),
            "kind": "remand",
        }
    )
    first = START - dt.timedelta(days=365 * world.years)
    return Stays.from_frame(frame, seen_from=first, seen_until=START)


def inside(arrived: np.ndarray, length: np.ndarray, day: int) -> int:
    """How many are there at the end of a day."""
    return int(((arrived <= day) & (arrived + length > day)).sum())


def held(made: Forecast, truth: list[int]) -> list[bool]:
    """At each horizon whether the limits hold the truth."""
    days = made.days()
    rows = [days.iloc[h - 1] for h in HORIZONS]
    return [row["low"] <= true <= row["high"] for row, true in zip(rows, truth, strict=True)]


def main(worlds: int = 80, replicates: int = 99, only: int | None = None) -> None:
    """Print the table."""
    ways = ("as it is", "without doubt", "without truncation")
    print(f"{worlds} worlds, {replicates} replicates, limits of {LEVEL:.0%}\n")
    print(
        "| world | forecast | "
        + " | ".join(f"day {h}" for h in HORIZONS)
        + " | mean error, day 360 |"
    )
    print("|---|---|" + "---|" * (len(HORIZONS) + 1))
    for number, world in enumerate(WORLDS):
        if only not in (None, number):
            continue
        hits = {way: np.zeros(len(HORIZONS), int) for way in ways}
        errors: dict[str, list[float]] = {way: [] for way in ways}
        for one in range(worlds):
            arrived, length = lived(world, np.random.default_rng([number, one]))
            truth = [inside(arrived, length, h - 1) for h in HORIZONS]
            stays = watched(world, arrived, length)
            changes = {
                "arrivals.wander_per_year": world.wander,
                "arrivals.harmonics": 1 if world.season else 0,
                "arrivals.trend": False,
            }
            for way in ways:
                settings = CapacitySettings.of(
                    changes | {"chance.doubt": way != "without doubt"}, ()
                )
                seen = replace(stays, entered=stays.arrived) if way == ways[2] else stays
                made = forecast(
                    seen, settings, months=AHEAD, replicates=replicates, seed=one, level=LEVEL
                )
                hits[way] += held(made, truth)
                mean = float(made.occupancy[:, HORIZONS[-1] - 1].mean())
                errors[way].append(mean / truth[-1] - 1)
        for way in ways:
            cells = []
            for n in hits[way]:
                low, high = wilson(n / worlds, worlds)
                cells.append(f"{n / worlds:.0%} ({low:.0%} to {high:.0%})")
            print(f"| {world.name} | {way} | {' | '.join(cells)} | {np.mean(errors[way]):+.1%} |")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:4]))
