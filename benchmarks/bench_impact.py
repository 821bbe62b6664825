"""A year of requests for leave in a flow of 30,000 people, screened and queued.

    python benchmarks/bench_impact.py --people 30000

The chain is asked about everybody who may ask, on each weekly meeting and in each state of a deep
assessment. With `--peer`, a sample of the same questions goes one by one through `screen`, as a
plain loop would ask them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time

import numpy as np

from risicoscreener import Screener
from risicoscreener.impact import People, Settings, book_of, policy_of, screen_days, simulate
from risicoscreener.impact.around import cohort_around
from risicoscreener.impact.screens import NONE, NOT_ASKED_FOR
from risicoscreener.synthetic import at_liberty
from risicoscreener.synthetic import simulate as make_cohort

START = dt.date(2022, 1, 1)


def main(people: int, capacity: float, sample: int) -> None:
    settings = Settings.of(START, "leave", capacity=capacity, replicates=1)
    n, changes = cohort_around(settings, people)
    started = time.perf_counter()
    cohort = make_cohort(n, seed=1, population="flow", changes=changes, n_jobs=2)
    print(f"made {n:,} people, {people:,} a year, in {time.perf_counter() - started:.1f} s")
    chain = Screener(Screener.load().bundle, book_of(policy_of("leave/2021-07-01")))
    chain.route("leave")

    started = time.perf_counter()
    who = People.of(cohort.tables, cohort.index(), at_liberty(cohort))
    stays, work = time.perf_counter(), time.process_time()
    screened = screen_days(who, chain, settings)
    asked, work = time.perf_counter(), time.process_time() - work
    found = simulate(screened, None, settings)
    done = time.perf_counter()
    questions = int((screened.kinds["leave"].outcome != NOT_ASKED_FOR).sum())
    print(f"  stays and truth  {stays - started:8.2f} s")
    print(f"  the chain        {asked - stays:8.2f} s, of processors {work:.2f} s")
    print(f"                   {questions:,} questions on {screened.rows:,} days of people")
    print(f"  the queue        {done - asked:8.2f} s, {len(found.runs[0]):,} requests")
    print(f"  a year           {done - started:8.2f} s")
    if sample:
        each = seconds_of_a_loop(chain, screened, sample) / sample
        print(f"  one by one       {1e3 * each:8.2f} ms a question, of processors")
        print(f"                   {each * questions / work:.0f} times as much work")


def seconds_of_a_loop(chain: Screener, screened: object, sample: int) -> float:
    """The same questions through `screen`, dossiers as records; those are made beforehand."""
    kind = screened.kinds["leave"]
    counts = kind.last - kind.first
    who = np.sort(np.random.default_rng(0).choice(np.flatnonzero(counts), sample, replace=False))
    dossiers = list(screened.people.dossiers.select(who).to_dossiers())
    days = [
        dt.date(1970, 1, 1) + dt.timedelta(days=int(screened.meetings[kind.first[p]])) for p in who
    ]
    started = time.process_time()
    results = [
        chain.screen(dossier, "leave", as_of=day)
        for dossier, day in zip(dossiers, days, strict=True)
    ]
    took = time.process_time() - started
    same = [
        ("deny", "deep_assessment", "grant")[kind.outcome[NONE, kind.offset[p]]] == r.outcome
        for p, r in zip(who, results, strict=True)
    ]
    print(f"  of the sample {np.mean(same):.0%} have the outcome without an assessment")
    return took


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=30_000, help="a year")
    parser.add_argument("--capacity", type=float, default=20.0, help="assessments a week")
    parser.add_argument("--peer", type=int, default=400, metavar="N", help="size of the sample")
    given = parser.parse_args()
    main(given.people, given.capacity, given.peer)
