"""Memory over millions of screenings: of many people, on many days, for every kind of decision.

    python benchmarks/soak.py --calls 10000000 --threads 2
    python benchmarks/soak.py --calls 10000000 --lives 0 --days 1 --missing 0   # most an hour

Prints the resident memory after each tenth of the calls, and ends with an error if it grows by more
than `MOST_GROWTH` after the first tenth.
"""

from __future__ import annotations

import argparse
import ctypes
import datetime as dt
import gc
import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path

from _full_dossier import AS_OF, full_dossier
from risicoscreener import Screener

MOST_GROWTH = 5.0
"""In MB, after the first tenth."""

PR_SET_THP_DISABLE = 41
VARIANTS = 2000


def resident() -> float:
    """Resident memory in MB that the process took for itself, pages of files left out.

    Which pages of files are resident is for the kernel to say, and differs by tens of MB.
    """
    gc.collect()
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    own = next(line for line in lines if line.startswith("RssAnon:"))
    return int(own.split()[1]) / 1e3


def keep_pages_small() -> None:
    """Ask Linux not to join pages of this process into huge ones, each of which is 2 MB at once."""
    ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)


def cases(lives: int, missing: float) -> list[tuple[bytes, dt.date]]:
    """People as JSON, and the last day on which each can be screened.

    Some whole lives of a synthetic cohort, among many variants of one dossier of usual length: so
    most of the time goes into many calls.
    """
    from risicoscreener.synthetic import simulate

    people = []
    if lives:
        cohort = simulate(lives, seed=1, population="sentenced")
        days = cohort.truth.persons["as_of"]
        people = [
            (dossier.to_json(), days[dossier.person_id].date())
            for dossier in cohort.tables.to_dossiers()
        ]
    draw = random.Random(1)
    return people + [(variant(draw, missing), AS_OF) for _ in range(VARIANTS)]


def variant(draw: random.Random, missing: float) -> bytes:
    """The full dossier of someone of another age, without this part of its facts."""
    plain = full_dossier()
    plain["person"]["birth_date"] = f"{draw.randrange(1965, 1990)}-03-14"
    for name in ("convictions", "debts", "housing", "conduct", "programme", "inquiries"):
        plain[name] = [row for row in plain[name] if draw.random() >= missing]
    return json.dumps(plain).encode()


def screen_some(
    screener: Screener, people: list[tuple[bytes, dt.date]], days: int, calls: int, seed: int
) -> None:
    """So many screenings of people, days and kinds of decision that are drawn anew each time."""
    draw = random.Random(seed)
    kinds = cache(partial(kinds_on, screener))
    for _ in range(calls):
        data, last = draw.choice(people)
        day = last - dt.timedelta(days=draw.randrange(days))
        kind = draw.choice(kinds(day))
        screener.screen(data, kind, as_of=day)


def kinds_on(screener: Screener, day: dt.date) -> tuple[str, ...]:
    """The kinds of decision that there are on a day, whatever day the policy goes by."""
    return tuple(
        kind
        for kind in screener.policies.kinds(day)
        if screener.policies.versions(kind)[0].policy.date_basis == "decision"
    )


def main(calls: int, threads: int, lives: int, days: int, missing: float) -> int:
    keep_pages_small()
    people = cases(lives, missing)
    screener = Screener.load()
    share = calls // 10 // threads
    after_first = 0.0
    grown = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for tenth in range(1, 11):
            started = time.perf_counter()
            seeds = [tenth * threads + thread for thread in range(threads)]
            list(pool.map(lambda seed: screen_some(screener, people, days, share, seed), seeds))
            each = (time.perf_counter() - started) / (share * threads) * 1e6
            now = resident()
            after_first = after_first or now
            grown = now - after_first
            done = tenth * share * threads
            print(f"{done:>12,} calls  {now:8.1f} MB  {grown:+6.1f} MB  {each:7.1f} µs", flush=True)
    if grown > MOST_GROWTH:
        print(f"memory grew by {grown:.1f} MB; expected at most {MOST_GROWTH}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--lives", type=int, default=20, help="whole lives of a synthetic cohort")
    parser.add_argument("--days", type=int, default=700, help="days on which they are screened")
    parser.add_argument("--missing", type=float, default=0.3, help="part of facts left out (0.3)")
    sys.exit(main(**vars(parser.parse_args())))
