"""How screening grows with people, partitions and cores: processes, Dask and Spark on one machine.

    python benchmarks/bench_scaling.py [--people 1000 10000 100000] [--ways spark] [--write]

Dossiers of some 76 facts are written to disk, as folders of parts and as nested files, and each
way reads, validates and screens them and counts the outcomes, which must be the same. Of each
setting the shortest of some runs is kept. A formula is fitted to the times, and from it the costs
of whole populations are worked out on paper. With ``--write`` all goes to
docs/beyond-one-machine.md.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pyarrow.parquet
from scipy.optimize import nnls

from _between import write_between
from _national import AS_OF, national_tables
from risicoscreener import Screener
from risicoscreener.dossier import DossierTables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

DECISION = "leave"
PAGE, MARK, PAPER = "beyond-one-machine.md", "measured", "on paper"
PRICE = 0.05
"""Money for an hour of a core; a parameter."""
POPULATIONS = (
    ("prisons of the EU, every day for a year", 499_000, 365),
    ("prisons of the Council of Europe, every day for a year", 1_021_431, 365),
    ("50 million police records, once", 50_000_000, 1),
    ("500 million police records, once", 500_000_000, 1),
)
"""Who, how many, how many times a year; the sources are in the page."""

LONG = 5.0
"""Seconds."""

Outcomes = Counter[str]
Way = Callable[["Data"], Outcomes]


@dataclass(frozen=True)
class Data:
    """The same people as a folder of parts and as a folder of nested files."""

    people: int
    partitions: int
    folder: Path
    nested: Path

    @classmethod
    def write(cls, people: int, partitions: int, at: Path) -> Data:
        folder, nested = at / f"parts-{people}-{partitions}", at / f"nested-{people}-{partitions}"
        nested.mkdir()
        whole = national_tables(people)
        bounds = np.linspace(0, people, partitions + 1).astype(int)
        for part, (start, stop) in enumerate(pairwise(bounds)):
            some = whole.select(np.arange(start, stop))
            some.write(folder, part=part)
            rows = some.to_nested(as_text=True)
            pyarrow.parquet.write_table(rows, nested / f"part-{part:05d}.parquet")
        return cls(people, partitions, folder, nested)

    def sizes(self) -> tuple[float, float]:
        """Bytes for a person on disk, in parts and nested."""
        return tuple(
            sum(file.stat().st_size for file in at.rglob("*.parquet") if file.is_file())
            / self.people
            for at in (self.folder, self.nested)
        )


@dataclass(frozen=True)
class Measured:
    """One setting: wall seconds, and seconds of processors of all processes together."""

    way: str
    cores: int
    people: int
    partitions: int
    seconds: float
    cpu: float

    @property
    def row(self) -> tuple[float, float, float]:
        """What the formula multiplies: a start, partitions and people for each core that works."""
        cores = min(self.cores, self.partitions)
        return 1.0, self.partitions / cores, self.people / cores


# -- the ways ------------------------------------------------------------------------------------


@contextmanager
def here(_cores: int) -> Iterator[Way]:
    """One process with one thread, part after part."""
    screener = Screener.load()

    def run(data: Data) -> Outcomes:
        counts: Outcomes = Counter()
        for part in DossierTables.read_parts(data.folder):
            counts.update(screener.screen_many(part, DECISION, AS_OF, n_threads=1).counts())
        return counts

    yield run


@contextmanager
def processes(cores: int) -> Iterator[Way]:
    """`scale.parts.screen_parts`: processes that read the parts of a folder."""
    from risicoscreener.scale.parts import screen_parts

    def run(data: Data) -> Outcomes:
        found = screen_parts(data.folder, DECISION, AS_OF, n_jobs=cores)
        return sum((Counter(table.column("outcome").to_pylist()) for table in found), Counter())

    yield run


@contextmanager
def dask(cores: int) -> Iterator[Way]:
    """`scale.dask.screen` on a cluster of processes with one thread each."""
    from distributed import Client, LocalCluster

    from risicoscreener.scale.dask import screen

    def run(data: Data) -> Outcomes:
        found = screen(data.folder, DECISION, AS_OF)["outcome"].value_counts().compute()
        return Counter({str(name): int(n) for name, n in found.items()})

    with (
        LocalCluster(
            n_workers=cores, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        Client(cluster),
    ):
        yield run


@contextmanager
def spark_session(cores: int) -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(f"local[{cores}]")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "3g",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.files.maxPartitionBytes": "4g",  # a file is never split,
        "spark.sql.files.openCostInBytes": "4g",  # and never put together with another
        "spark.sql.parquet.enableVectorizedReader": "true",
        "spark.sql.parquet.enableNestedColumnVectorizedReader": "true",
    }.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@contextmanager
def spark_on_parts(cores: int) -> Iterator[Way]:
    """`scale.spark.screen_folder`: Spark hands out the parts of a folder."""
    from risicoscreener.scale.spark import screen_folder

    with spark_session(cores) as session:
        yield lambda data: _counted_by_spark(
            screen_folder(session, data.folder, DECISION, AS_OF), data.partitions
        )


@contextmanager
def spark_on_rows(cores: int) -> Iterator[Way]:
    """`scale.spark.screen` of nested files, each a partition, which Spark reads as its rows."""
    from risicoscreener.scale.spark import screen

    with spark_session(cores) as session:
        yield lambda data: _counted_by_spark(
            screen(session.read.parquet(str(data.nested)), DECISION, AS_OF), data.partitions
        )


def _counted_by_spark(screened: DataFrame, partitions: int) -> Outcomes:
    assert screened.rdd.getNumPartitions() == partitions
    rows = screened.groupBy("outcome").count().collect()
    return Counter({row["outcome"]: row["count"] for row in rows})


WAYS = {
    "one process": here,
    "processes": processes,
    "Dask": dask,
    "Spark, parts": spark_on_parts,
    "Spark, rows": spark_on_rows,
}
ALONE = "one process"


# -- measuring -----------------------------------------------------------------------------------


def cpu_seconds() -> float:
    """Seconds of processors of this process and all that it started, those that ended too."""
    me = psutil.Process()
    total = 0.0
    for process in (me, *me.children(recursive=True)):
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.Error:
            continue
    return total


def timed(run: Way, data: Data, expected: Outcomes | None) -> tuple[float, float, Outcomes]:
    gc.collect()
    cpu, wall = cpu_seconds(), time.perf_counter()
    counts = +run(data)
    took = time.perf_counter() - wall, cpu_seconds() - cpu
    if expected is not None and counts != expected:
        raise SystemExit(f"{data}: {counts} instead of {expected}")
    return *took, counts


def measure(ways: Sequence[str], data: Sequence[Data], repeat: int) -> Iterator[Measured | Started]:
    expected: dict[int, Outcomes] = {}
    with here(1) as run:
        for some in data:
            *_, expected[some.people] = timed(run, some, expected.get(some.people))
    small = [some for some in data if some.people == data[0].people]
    for way in ways:
        for cores in (1,) if way == ALONE else (1, 2):
            started = time.perf_counter()
            with WAYS[way](cores) as run:
                timed(run, small[-1], expected[small[-1].people])
                yield Started(way, cores, time.perf_counter() - started)
                timed(run, small[-1], expected[small[-1].people])
                for some in data:
                    yield best_of(run, some, expected[some.people], repeat, way, cores)


def best_of(
    run: Way, data: Data, expected: Outcomes, repeat: int, way: str, cores: int
) -> Measured:
    """The shortest of some runs; a long one is not repeated, as what disturbs it averages out."""
    runs = []
    while not runs or (len(runs) < repeat and runs[-1][0] < LONG):
        runs.append(timed(run, data, expected))
    seconds, cpu, _ = min(runs, key=lambda took: took[0])
    return Measured(way, cores, data.people, data.partitions, seconds, cpu)


@dataclass(frozen=True)
class Started:
    """Seconds until the first answer: processes begun, bundle and policies read in each."""

    way: str
    cores: int
    seconds: float


# -- the formula ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Formula:
    """A job, so much a partition and so much a person, in seconds.

    Attributes
    ----------
    job, partition, person
        Seconds for each.
    off
        Median of how far measured times are from it, as a share.
    """

    job: float
    partition: float
    person: float
    off: float

    @classmethod
    def of_the_clock(cls, found: Sequence[Measured]) -> Formula:
        """Seconds = job + (partition * partitions + person * people) / cores that work."""
        return cls._fit([one.row for one in found], [one.seconds for one in found])

    @classmethod
    def of_processors(cls, found: Sequence[Measured]) -> Formula:
        """Seconds of all processors together = job + partition * partitions + person * people."""
        rows = [(1.0, one.partitions, one.people) for one in found]
        return cls._fit(rows, [one.cpu for one in found])

    @classmethod
    def _fit(cls, rows: Sequence[tuple[float, ...]], took: Sequence[float]) -> Formula:
        """Least squares of relative errors, nothing below zero."""
        matrix, seconds = np.array(rows), np.array(took)
        constants, _ = nnls(matrix / seconds[:, None], np.ones(len(seconds)))
        off = np.median(np.abs(matrix @ constants / seconds - 1))
        return cls(*map(float, constants), float(off))

    def seconds(self, people: float, partitions: float) -> float:
        """On one core."""
        return self.job + self.partition * partitions + self.person * people

    def __str__(self) -> str:
        return (
            f"{self.job:.2f} s | {self.partition:.3f} s | {1000 * self.person:.4f} s | "
            f"{self.off:.0%}"
        )


# -- the page ------------------------------------------------------------------------------------


def lines_of(found: Sequence[Measured | Started], largest: Data) -> Iterator[str]:
    """The measured times and the constants of the formula, as tables."""
    parts, nested = largest.sizes()
    yield f"On disk a person takes {parts:,.0f} bytes in parts, and {nested:,.0f} nested."
    yield ""
    runs = [one for one in found if isinstance(one, Measured)]
    yield "| way | cores | people | partitions | seconds | people per core second | CPU seconds |"
    yield "|---|---|---|---|---|---|---|"
    for one in runs:
        rate = one.people / one.seconds / min(one.cores, one.partitions)
        yield (
            f"| {one.way} | {one.cores} | {one.people:,} | {one.partitions} | {one.seconds:.2f} | "
            f"{rate:,.0f} | {one.cpu:.2f} |"
        )
    yield ""
    yield "| way | seconds of | a job | a partition | 1,000 people | off by |"
    yield "|---|---|---|---|---|---|"
    for way, own in by_way(runs).items():
        yield f"| {way} | the clock | {Formula.of_the_clock(own)} |"
        yield f"| {way} | processors | {Formula.of_processors(own)} |"
    yield ""
    yield "| way | first answer after | two cores, against one |"
    yield "|---|---|---|"
    for way in by_way(runs):
        first = max(one.seconds for one in found if isinstance(one, Started) and one.way == way)
        yield f"| {way} | {first:.1f} s | {speedup(runs, way)} |"


def by_way(runs: Sequence[Measured]) -> dict[str, list[Measured]]:
    ways = dict.fromkeys(one.way for one in runs)
    return {way: [one for one in runs if one.way == way] for way in ways}


def speedup(runs: Sequence[Measured], way: str) -> str:
    """How many times as fast two cores are as one, in the largest setting of both."""
    took = {(r.people, r.partitions, r.cores): r.seconds for r in runs if r.way == way}
    both = [key for key in took if key[2] == 2 and key[1] > 1 and (*key[:2], 1) in took]
    if not both:
        return ""
    people, partitions, _ = max(both)
    return f"{took[people, partitions, 1] / took[people, partitions, 2]:.2f} times"


def paper_of(runs: Sequence[Measured], price: float, per_partition: int) -> Iterator[str]:
    """Costs of whole populations by the seconds of processors of each way."""
    yield "| who | way | screenings a year | core hours | money | cores to end in an hour |"
    yield "|---|---|---|---|---|---|"
    for who, people, times in POPULATIONS:
        for way, own in by_way(runs).items():
            if way == ALONE:
                continue
            once = Formula.of_processors(own).seconds(people, max(1, people // per_partition))
            hours = times * once / 3600
            yield (
                f"| {who} | {way} | {people * times:,} | {hours:,.1f} | {hours * price:,.2f} | "
                f"{max(1, int(np.ceil(once / 3600))):,} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--partitions", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), metavar="WAY")
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--price", type=float, default=PRICE, help="money for an hour of a core")
    parser.add_argument("--per-partition", type=int, default=25_000, help="people, on paper")
    parser.add_argument("--write", action="store_true", help="put the tables into the page")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as at:
        data = [
            Data.write(people, partitions, Path(at))
            for people in given.people
            for partitions in given.partitions
        ]
        found = []
        for one in measure(given.ways, data, given.repeat):
            found.append(one)
            print(one, flush=True)
        tables = {MARK: list(lines_of(found, data[-1]))}
    runs = [one for one in found if isinstance(one, Measured)]
    tables[PAPER] = list(paper_of(runs, given.price, given.per_partition))
    for mark, lines in tables.items():
        print("\n".join(lines), end="\n\n")
        if given.write:
            write_between(PAGE, mark, lines)


if __name__ == "__main__":
    main()
