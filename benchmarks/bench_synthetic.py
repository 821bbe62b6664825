"""How long a synthetic cohort takes, with how much memory, and what a plain loop would take.

    python benchmarks/bench_synthetic.py --people 10000 100000 1000000 --jobs 2

Each size is written by a process of its own, so that its highest memory is its own: with all
tables, the truth, the checks of the dossiers, the digest and the card. Then as many people are
written by one process of ours and by a loop over people as a user would write it.

The peer draws from Python's `random` for each person as many rows of each table as our cohort has
on average, with as many columns of days, codes and numbers; keeps them as lists; and writes a
pandas frame for each table. It has no dependence between columns, no truth and no checks. There is
no public generator to compare with: those of tables (SDV, synthcity) learn from real records, and
make records without the order of events; those of event histories (Synthea) are of patients.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from _timing import ratio
from risicoscreener.dossier.schema import Column, TableSpec, persons, tables
from risicoscreener.synthetic import Cohort, write_cohort

FIRST_DAY = dt.date(1990, 1, 1)


def written(n: int, jobs: int) -> dict[str, float]:
    """Seconds, and the highest memory in GiB of this process and of the largest worker."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        card = write_cohort(Path(folder) / "cohort", n, n_jobs=jobs)
        seconds = time.perf_counter() - started
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    if jobs > 1:
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=True)  # what has ended is counted
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "seconds": seconds,
        "cpu": sum(one.ru_utime + one.ru_stime for one in used),
        "own": used[0].ru_maxrss / 2**20,
        "worker": used[1].ru_maxrss / 2**20,
        "rows": sum(table.rows for table in card.tables),
        "bytes": size,
    }


def written_apart(n: int, jobs: int) -> dict[str, float]:
    """The same in a new process."""
    command = [sys.executable, __file__, "--one", str(n), "--jobs", str(jobs)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def time_sizes(sizes: list[int], jobs: int) -> None:
    for n in sizes:
        found = written_apart(n, jobs)
        highest = found["own"] + jobs * found["worker"]
        print(
            f"  {n:>9,} people {found['rows']:>12,.0f} rows {found['seconds']:8.2f} s "
            f"({found['cpu'] / n * 1e6:.0f} µs of CPU a person), at most {highest:.2f} GiB "
            f"({found['own']:.2f} + {jobs} x {found['worker']:.2f}), "
            f"{found['bytes'] / 2**20:,.0f} MiB on disk"
        )


# -- what a user would write otherwise -------------------------------------------------------


def loop_over_people(n: int, rows_per_person: dict[str, float], folder: Path) -> None:
    """As many people and rows one by one, each value drawn for itself."""
    rng = random.Random(1)
    specs = {"persons": persons(), **tables()}
    draws = {name: _draws(spec, rng) for name, spec in specs.items()}
    records: dict[str, list[dict[str, Any]]] = {name: [] for name in specs}
    for i in range(n):
        person_id = f"P{i:07d}"
        for name, drawn in draws.items():
            for _ in range(_number_of(rng, rows_per_person[name])):
                row = {"person_id": person_id}
                for column, draw in drawn.items():
                    row[column] = draw()
                records[name].append(row)
    for name, rows in records.items():
        pd.DataFrame(rows).to_parquet(folder / f"{name}.parquet")


def _number_of(rng: random.Random, mean: float) -> int:
    """A number of rows with a mean, of which most have few and some have many."""
    return int(mean) if mean == 1 else int(rng.expovariate(1 / max(mean, 1e-9)) + 0.5)


def _draws(spec: TableSpec, rng: random.Random) -> dict[str, Callable[[], Any]]:
    names = [name for name in spec.columns if name not in ("fact_id", "supersedes", "void")]
    return {name: _draw(spec.columns[name], rng) for name in names}


def _draw(column: Column, rng: random.Random) -> Callable[[], Any]:
    match column.kind:
        case "date":
            return lambda: FIRST_DAY + dt.timedelta(days=int(rng.random() * 13_000))
        case "code":
            return lambda: rng.choice(column.codes)
        case "flag":
            return lambda: rng.random() < 0.5
        case "text":
            return lambda: f"X{int(rng.random() * 400):03d}"
    return lambda: rng.gammavariate(2.0, 10.0)


def time_peer(n: int, repeat: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "made"
        write_cohort(made, n)
        parts = Cohort.read(made).tables.tables
        means = {name: table.num_rows / n for name, table in parts.items()}
        places = iter(range(1000))

        def ours() -> None:
            write_cohort(Path(scratch) / f"cohort{next(places)}", n)

        def peer() -> None:
            loop_over_people(n, means, Path(scratch))

        times = ratio(peer, ours, repeat)
    print(f"  {n:,} people by a loop, without truth and checks: {times:.1f} times as long (CPU)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--peer", type=int, default=8_192, help="people for the loop; 0: none")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(written(given.one, given.jobs)))
    else:
        time_sizes(given.people, given.jobs)
        if given.peer:
            time_peer(given.peer, given.repeat)
