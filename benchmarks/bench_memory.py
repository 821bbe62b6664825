"""How much memory a run takes: of all at once, and part by part of any number of parts.

    python benchmarks/bench_memory.py [--people 10000 100000 1000000] [--jobs 1 2] [--write]

Dossiers of some 76 facts are written to disk in parts. Each row of the table is a process of its
own, so that its highest memory is its own: read, validated and screened from those files, all at
once in memory or as a run (`screen_folder`) of which results go to disk. With ``--write`` the table
goes to docs/long-runs.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from _between import write_between
from _national import AS_OF, national_tables
from risicoscreener import Screener
from risicoscreener.dossier import DossierTables
from risicoscreener.scale.runs import screen_folder

PAGE, MARK = "long-runs.md", "memory"
PART = 25_000
AT_ONCE = 300_000
"""Above so many people they are not also screened all at once, unless asked."""


def write_parts(people: int, part: int, folder: Path) -> None:
    """Dossiers of so many people in parts of so many, with ids of their own."""
    for number, first in enumerate(range(0, people, part)):
        made = national_tables(min(part, people - first), seed=number)
        with_ids_from(made, first).write(folder, part=number)


def with_ids_from(made: DossierTables, first: int) -> DossierTables:
    """The same dossiers with other ids, which count from ``first``."""
    ids = pa.array([f"SYN-{first + i:09d}" for i in range(made.n_persons)])
    renamed = {}
    for name, table in made.tables.items():
        owners = ids if name == "persons" else _dictionary(made, name, ids)
        renamed[name] = table.set_column(0, table.schema.field(0), owners)
    return DossierTables(renamed)


def _dictionary(made: DossierTables, name: str, ids: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(made.owners(name)), ids)


def measure(folder: str, jobs: int) -> dict[str, float]:
    """Seconds and highest memory (GiB) of this process and of the largest of its processes.

    Parameters
    ----------
    jobs
        Number of processes of a run; 0 for all at once, in this one.
    """
    begun, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    if jobs == 0:
        Screener.load().screen_many(DossierTables.read(folder), "leave", AS_OF).to_arrow()
    else:
        with tempfile.TemporaryDirectory() as out:
            screen_folder(folder, out, "leave", AS_OF, n_jobs=jobs)
    seconds = time.perf_counter() - started
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "seconds": seconds,
        "cpu": sum(one.ru_utime + one.ru_stime for one in used),
        "began": begun / 2**20,
        "own": used[0].ru_maxrss / 2**20,
        "largest": max(one.ru_maxrss for one in used) / 2**20,
    }


def measured(folder: Path, jobs: int) -> dict[str, float]:
    """`measure` in a process of its own."""
    words = [sys.executable, __file__, "--measure", str(folder), "--jobs", str(jobs)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def rows_of(people: int, part: int, jobs: list[int], at_once: bool) -> list[str]:
    """The rows of the table for a number of people."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "dossiers"
        write_parts(people, part, folder)
        parts = -(-people // part)
        found = [
            (way, how, measured(folder, how))
            for way, how in [
                *([("all at once", 0)] if at_once else []),
                *[
                    (f"{parts} part{'s' * (parts > 1)}, {j} process{'es' * (j > 1)}", j)
                    for j in jobs
                ],
            ]
        ]
    return [
        f"| {people:,} | {way} | {one['own']:.2f} | {one['largest'] if how > 1 else 0:.2f} "
        f"| {one['cpu'] / people * 1e6:.1f} | {one['seconds']:.1f} |".replace("| 0.00 |", "| |")
        for way, how, one in found
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--part", type=int, default=PART, help=f"people in a part ({PART})")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument(
        "--at-once", type=int, default=AT_ONCE, help=f"largest number all at once ({AT_ONCE})"
    )
    parser.add_argument("--write", action="store_true", help=f"also to docs/{PAGE}")
    parser.add_argument("--measure", metavar="FOLDER", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.jobs[0])))
        return
    lines = [
        "| people | how | this process, GiB | largest of the others, GiB "
        "| processor time a person, µs | s |",
        "|---|---|---|---|---|---|",
    ]
    print(*lines, sep="\n")
    for people in given.people:
        found = rows_of(people, given.part, given.jobs, people <= given.at_once)
        print(*found, sep="\n", flush=True)
        lines += found
    if given.write:
        write_between(PAGE, MARK, lines)


if __name__ == "__main__":
    main()
