"""Many people on each of many days, without reading their facts anew for each day.

    python benchmarks/bench_days.py --people 100000 --days 365

Features, features and probabilities, and the whole outcome with intervals, support and reasons, in
blocks that are thrown away once made;
then the same index rows of some of the people through `compute_many`, which reads all facts of a
person for each day. With `--lifelike` the people are those of a synthetic cohort, who have a row
for each week of conduct, instead of the made-up nation.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from _national import AS_OF, national_tables
from bench_dossier_validation import PeakMemory
from risicoscreener import Screener
from risicoscreener.dossier import DossierTables
from risicoscreener.features.changing_days import DailyPlan
from risicoscreener.features.many import EventTables, compute_many
from risicoscreener.features.over_days import FeaturesOverDays, Stretches
from risicoscreener.screening.route import Route

SAMPLE = 400
"""People of whom the index rows are also computed one by one."""


def main(people: int, days: int, decision: str, lifelike: bool, threads: int | None) -> None:
    dossiers = cohort_tables(people) if lifelike else national_tables(people)
    first, rows = AS_OF - dt.timedelta(days=days - 1), dossiers.n_persons * days
    facts = sum(table.num_rows for table in dossiers.tables.values())
    print(f"{dossiers.n_persons:,} people with {facts:,} facts on {days} days: {rows:,} index rows")
    screener = Screener.load()
    route = screener.route(decision)
    print(f"  {changes(route, dossiers, first, days):.1f} days with a change for each person")

    features = FeaturesOverDays(route.plan, dossiers, first, AS_OF, n_threads=threads)
    ours = told(f"{len(route.plan.names)} features", rows, lambda: used(features))
    told("and probabilities", rows, lambda: score(route, features))
    for only_changes in (False, True):
        screened = screener.screen_over_days(
            dossiers, decision, first, AS_OF, only_changes=only_changes, n_threads=threads
        )
        what = "outcome, changes" if only_changes else "whole outcome"
        told(what, rows, lambda screened=screened: used(screened))
    again = rescanned(route, dossiers, first, days)
    print(f"  the features by reading all facts for each day take {again / ours:.1f} times the CPU")


def cohort_tables(people: int) -> DossierTables:
    """A synthetic cohort; those who were not born when the days begin are left out."""
    from risicoscreener.synthetic import simulate

    return simulate(people, seed=1, population="sentenced").tables


def changes(route: Route, dossiers: DossierTables, first: dt.date, days: int) -> float:
    """Days of a person on which any feature of the route is computed, on average."""
    events = EventTables(dossiers)
    events.prepare(route.plan)
    some = slice(0, min(dossiers.n_persons, SAMPLE))
    begin = (first - dt.date(1970, 1, 1)).days
    span = np.arange(begin, begin + days, dtype=np.int32)
    return len(Stretches(DailyPlan(route.plan), events, some, span).changes) / some.stop


def used(blocks: Iterable[Any]) -> None:
    """Make all blocks, and keep none."""
    for _ in blocks:
        pass


def score(route: Route, features: FeaturesOverDays) -> None:
    """Probabilities of each row by each model; they are computed in one thread."""
    for block in features:
        matrix = block.values.transpose(2, 0, 1).reshape(len(block.names), -1).T
        for model, inputs in zip(route.models, route.model_inputs, strict=True):
            model.program.score_many(matrix[:, list(inputs)])


def told(what: str, rows: int, run: Callable[[], None]) -> float:
    """Print how long it takes; CPU seconds by index row."""
    with PeakMemory() as memory:
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"  {what:<18} {wall:7.2f} s, {cpu:7.2f} s CPU, {rows / wall:13,.0f} rows/s, "
        f"extra memory {memory.extra_gib:.2f} GiB"
    )
    return cpu / rows


def rescanned(route: Route, dossiers: DossierTables, first: dt.date, days: int) -> float:
    """CPU seconds by index row if facts are read for each: some people, taken apart first."""
    n = min(dossiers.n_persons, SAMPLE)
    some = dossiers.select(np.arange(n))
    begin = (first - dt.date(1970, 1, 1)).days
    people = np.repeat(np.arange(n), days)
    on = np.tile(np.arange(begin, begin + days, dtype=np.int32), n)
    started = time.process_time()
    compute_many(route.plan, some, people, on, n_threads=1)
    return (time.process_time() - started) / len(people)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--decision", default="leave")
    parser.add_argument("--lifelike", action="store_true")
    parser.add_argument("--threads", type=int)
    given = parser.parse_args()
    main(given.people, given.days, given.decision, given.lifelike, given.threads)
