"""Five years of 30,000 admissions a year, drawn many times over.

    python benchmarks/bench_capacity.py --replicates 200

Stays are drawn with lengths as published (lognormal, mean 125 days), on six grounds and in 26
prisons; five years are watched, and five are forecast with cells, a flexible shell of 2,100 places,
self-reporters who wait, and six tasks of casemanagers. The peer does the same by a loop of events
of simpy, arrivals and stays alone.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import time

import numpy as np
import pandas as pd

from risicoscreener.impact.capacity import CapacitySettings, Stays, forecast

START = dt.date(2024, 1, 1)
A_YEAR, YEARS = 30_000, 5
SHARES = {"remand": 0.33, "sentence": 0.25, "arrestant": 0.30, "self_reporter": 0.08}
SHARES |= {"isd": 0.01, "other": 0.03}


def watched(seed: int = 1) -> Stays:
    """Stays of the years before the start."""
    rng = np.random.default_rng(seed)
    n = 2 * YEARS * A_YEAR
    arrived = np.sort(rng.integers(-2 * YEARS * 365, 0, n))
    length = np.ceil(np.clip(rng.lognormal(3.443, 1.665, n), 1, 7300)).astype(np.int64)
    kind = np.array(list(SHARES))[rng.choice(len(SHARES), n, p=list(SHARES.values()))]
    base = np.datetime64(START)
    frame = pd.DataFrame(
        {
            "arrived_on": base + arrived.astype("timedelta64[D]"),
            "left_on": base + (arrived + length).astype("timedelta64[D]"),
            "kind": kind,
            "prison": np.char.add("PI-", rng.integers(1, 27, n).astype(str)),
            "sentence_days": np.where(np.isin(kind, ["sentence", "self_reporter"]), length, 0),
        }
    )
    first = START - dt.timedelta(days=365 * YEARS)
    return Stays.from_frame(frame, seen_from=first, seen_until=START)


def seconds_of_simpy(stays: Stays, seed: int = 1) -> float:
    """Time of processors of one replicate as a loop of events: people come, stay and leave."""
    import simpy

    rng = np.random.default_rng(seed)
    days = YEARS * 365
    arrived = np.sort(rng.uniform(0, days, A_YEAR * YEARS))
    length = rng.choice(stays.length[~stays.inside], len(arrived))
    inside = np.zeros(days + 1, np.int64)
    env = simpy.Environment()

    def stay(day: float, n: float) -> object:
        inside[int(day)] += 1
        yield env.timeout(n)
        inside[min(int(env.now), days)] -= 1

    def come() -> object:
        for day, n in zip(arrived.tolist(), length.tolist(), strict=True):
            yield env.timeout(day - env.now)
            env.process(stay(day, n))

    started = time.process_time()
    env.process(come())
    env.run(until=days)
    np.cumsum(inside)
    return time.process_time() - started


def main(replicates: int, peer: bool) -> None:
    stays = watched()
    print(f"{len(stays):,} stays watched, {int(stays.inside.sum()):,} inside")
    settings = CapacitySettings.of(
        {"places.regular": 10_000, "shell.places": 2_100, "casemanagers.fte": 500.0}
    )
    forecast(stays, settings, months=1, replicates=1)
    work, started = time.process_time(), time.perf_counter()
    made = forecast(stays, settings, months=12 * YEARS, replicates=replicates)
    made.months()
    work, wall = time.process_time() - work, time.perf_counter() - started
    people = int(made.arrivals.sum())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {replicates} replicates, {people:,} people who came")
    print(f"  of processors    {work:8.1f} s ({wall:.1f} s on the clock)")
    print(f"                   {1e6 * work / people:8.2f} microseconds a person")
    print(f"  memory           {memory:8,.0f} MB at most")
    if peer:
        one = seconds_of_simpy(stays)
        print(f"  a loop of simpy  {one:8.1f} s of processors a replicate, without cells and work")
        print(f"                   {one / (work / replicates):8.0f} times as much")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=200)
    parser.add_argument("--peer", action="store_true")
    arguments = parser.parse_args()
    main(arguments.replicates, arguments.peer)
