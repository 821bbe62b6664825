"""A nation of dossiers from Arrow tables, or from Parquet, to outcomes with reasons.

    python benchmarks/bench_screen_many.py --people 1000000
    python benchmarks/bench_screen_many.py --people 1000000 --parquet
    python benchmarks/bench_screen_many.py --people 10000000 --parts 250000

15 convictions, 6 debts, 5 housing spells and 20 conduct rows for each person, and the other
tables in proportion. From tables in memory first their validation, then the screening; with
`--parquet` from files that `DossierTables.write` made, read, validated and screened; with
`--parts` from files in parts, one part after the other in the memory of one.
What a user would write otherwise: `compare.py --task batch`.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from _national import AS_OF, national_tables
from bench_dossier_validation import PeakMemory
from risicoscreener import Screener
from risicoscreener.dossier import DossierTables


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long it takes, by the clock and in the processors."""
    started, worked = time.perf_counter(), time.process_time()
    yield
    seconds, work = time.perf_counter() - started, time.process_time() - worked
    print(f"  {what:24} {seconds:8.2f} s, {work:8.2f} s of processor time")


def give_back_memory() -> None:
    """What making the tables took is not counted with what screening takes."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    ctypes.CDLL(None).malloc_trim(0)


def rows_of(dossiers: DossierTables) -> int:
    return sum(table.num_rows for table in dossiers.tables.values())


def from_memory(dossiers: DossierTables, screener: Screener, decision: str) -> None:
    """From Arrow tables in memory, valid or not, to outcomes."""
    with PeakMemory() as memory, timed("all"):
        with timed("validation"):
            valid = DossierTables.from_arrow(dossiers.tables, on_error="quarantine")
        with timed("screen_many"):
            screened = screener.screen_many(valid, decision, AS_OF)
        with timed("as Arrow table"):
            screened.to_arrow()
    print(f"  {screened!r}")
    print(f"  problems found {len(valid.problems)}")
    print(f"  extra memory    {memory.extra_gib:8.2f} GiB")
    print(f"  highest memory  {memory.highest_gib:8.2f} GiB, tables included")


def from_parquet(folder: Path, screener: Screener, decision: str) -> None:
    """From files to outcomes; the files are in the cache of the system, as they were just made."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"  {size / 2**20:,.0f} MiB of Parquet")
    with PeakMemory() as memory, timed("all"):
        with timed("read and validate"):
            dossiers = DossierTables.read(folder)
        with timed("screen_many"):
            screener.screen_many(dossiers, decision, AS_OF)
    print(f"  highest memory  {memory.highest_gib:8.2f} GiB")


def in_parts(people: int, size: int, screener: Screener, decision: str, root: str | None) -> None:
    """From files in parts, one after the other."""
    with tempfile.TemporaryDirectory(dir=root) as name:
        folder = Path(name)
        for part, first in enumerate(range(0, people, size)):
            n = min(size, people - first)
            national_tables(n, seed=part + 1, first=first).write(folder, part=part)
        give_back_memory()
        done = 0
        with PeakMemory() as memory, timed(f"{people:,} in parts of {size:,}"):
            for dossiers in DossierTables.read_parts(folder, on_error="quarantine"):
                done += len(screener.screen_many(dossiers, decision, AS_OF))
                del dossiers
        assert done == people
    print(f"  highest memory  {memory.highest_gib:8.2f} GiB")


def main(asked: argparse.Namespace) -> None:
    screener = Screener.load()
    screener.route(asked.decision)
    if asked.parts:
        in_parts(asked.people, asked.parts, screener, asked.decision, asked.folder)
        return
    started = time.perf_counter()
    dossiers = national_tables(asked.people)
    seconds = time.perf_counter() - started
    print(f"made {asked.people:,} people, {rows_of(dossiers):,} rows in {seconds:.1f} s")
    give_back_memory()
    if asked.parquet:
        with tempfile.TemporaryDirectory(dir=asked.folder) as name:
            dossiers.write(name)
            del dossiers
            give_back_memory()
            from_parquet(Path(name), screener, asked.decision)
        return
    from_memory(dossiers, screener, asked.decision)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--decision", default="leave")
    parser.add_argument("--parquet", action="store_true")
    parser.add_argument("--parts", type=int, default=0, help="people in a part")
    parser.add_argument("--folder", help="where files are made and removed; a temporary folder")
    main(parser.parse_args())
