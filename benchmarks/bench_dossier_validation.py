"""How long validating whole tables takes, and one dossier.

    python benchmarks/bench_dossier_validation.py --people 1000000

Makes canonical tables (dictionary-coded, sorted by person, in memory) with 15 convictions, 20
conduct facts, 6 debts and 5 housing periods for each person, and times `DossierTables.from_arrow`
on them: each step apart, then the whole, with the highest extra memory during it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from _dated import without_undated
from risicoscreener.dossier import Dossier, DossierTables, read_dossier
from risicoscreener.dossier.assembling import arrow_schema
from risicoscreener.dossier.schema import Column, TableSpec, persons, tables

ROWS_PER_PERSON = {"convictions": 15, "conduct": 20, "debts": 6, "housing": 5}
DAY = dt.date(1970, 1, 1)


def make_tables(n_people: int, seed: int = 0) -> dict[str, pa.Table]:
    """Canonical tables of sound facts."""
    rng = np.random.default_rng(seed)
    ids = pa.array([f"p{i:08d}" for i in range(n_people)])
    birth = rng.integers(-3_000, 10_000, n_people).astype(np.int32)
    people = {
        "person_id": ids,
        "birth_date": pa.array(birth).view(pa.date32()),
        "sex": _codes(persons().columns["sex"], rng, n_people),
    }
    made = {"persons": pa.table(people, schema=arrow_schema(persons()))}
    for name, per_person in ROWS_PER_PERSON.items():
        made[name] = _facts(tables()[name], ids, birth, per_person, rng)
    return made


def _facts(
    spec: TableSpec, ids: pa.Array, birth: np.ndarray, per_person: int, rng: np.random.Generator
) -> pa.Table:
    owner = np.repeat(np.arange(len(ids), dtype=np.int32), per_person)
    columns: dict[str, Any] = {"person_id": pa.DictionaryArray.from_arrays(pa.array(owner), ids)}
    columns |= _dates(spec, birth[owner], rng)
    for name, column in spec.columns.items():
        if name not in columns:
            columns[name] = _values(column, rng, len(owner))
    dated = without_undated(spec, columns)
    return pa.table({n: dated[n] for n in arrow_schema(spec).names}, schema=arrow_schema(spec))


def _dates(spec: TableSpec, born: np.ndarray, rng: np.random.Generator) -> dict[str, pa.Array]:
    """Dates in an order that no pair contradicts; half of those that may be absent are."""
    made = {}
    day = born + rng.integers(5_000, 8_000, len(born)).astype(np.int32)
    names = [name for name, column in spec.columns.items() if column.kind == "date"]
    in_order = [spec.starts, *(n for n in names if spec.columns[n].required and n != "recorded_at")]
    in_order += ["recorded_at", *(n for n in names if not spec.columns[n].required)]
    for name in dict.fromkeys(in_order):
        column = spec.columns[name]
        mask = None if column.required else rng.random(len(day)) < 0.5
        made[name] = pa.array(day, mask=mask).view(pa.date32())
        day = day + rng.integers(0, 300, len(day)).astype(np.int32)
    return made


def _values(column: Column, rng: np.random.Generator, n: int) -> pa.Array:
    if column.name in ("fact_id", "supersedes"):
        return pa.nulls(n, pa.string())
    if column.kind == "code":
        return _codes(column, rng, n)
    if column.kind == "flag":
        return pa.array(np.zeros(n, dtype=bool))
    if column.kind == "text":
        return pa.array(np.array([f"GM{i:04d}" for i in range(400)])).take(
            pa.array(rng.integers(0, 400, n))
        )
    low, high = int(column.low or 0), min(int(column.high or 0), 20_000)
    if column.kind == "number":
        return pa.array(rng.uniform(low, high, n))
    return pa.array(rng.integers(low, high + 1, n).astype(np.int32))


def _codes(column: Column, rng: np.random.Generator, n: int) -> pa.Array:
    indices = pa.array(rng.integers(0, len(column.codes), n).astype(np.int8))
    return pa.DictionaryArray.from_arrays(indices, pa.array(column.codes, pa.string()))


class PeakMemory:
    """Highest resident memory of this process within a block, above where it began."""

    def __enter__(self) -> PeakMemory:
        self._start = self._peak = _resident()
        self._ends = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._ends.wait(0.005):
            self._peak = max(self._peak, _resident())

    @property
    def extra_gib(self) -> float:
        return (self._peak - self._start) / 2**30

    @property
    def highest_gib(self) -> float:
        """Highest resident memory, what was there before included."""
        return self._peak / 2**30


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def time_tables(n_people: int, repeat: int) -> None:
    started = time.perf_counter()
    raw = make_tables(n_people)
    print(f"made {n_people:,} people in {time.perf_counter() - started:.1f} s")
    for name in raw:
        given = {"persons": raw["persons"], name: raw[name]}
        seconds = min(_seconds_of(given) for _ in range(repeat))
        print(f"  persons and {name:12} {raw[name].num_rows:>12,} rows {seconds:8.3f} s")
    with PeakMemory() as memory:
        runs = [_seconds_of(raw) for _ in range(repeat)]
    rows = sum(table.num_rows for table in raw.values())
    print(
        f"  all {rows:,} rows: best {min(runs):.3f} s, worst {max(runs):.3f} s, "
        f"{rows / min(runs):,.0f} rows/s, extra memory {memory.extra_gib:.2f} GiB"
    )


def _seconds_of(raw: dict[str, pa.Table]) -> float:
    started = time.perf_counter()
    DossierTables.from_arrow(raw)
    return time.perf_counter() - started


def time_record(n: int = 2_000) -> None:
    dossier: Dossier = next(DossierTables.from_arrow(make_tables(1)).to_dossiers())
    source = dossier.to_json()
    runs = []
    for _ in range(7):
        started = time.perf_counter()
        for _ in range(n):
            read_dossier(source)
        runs.append((time.perf_counter() - started) / n)
    print(f"one dossier of {len(source):,} bytes: {min(runs) * 1e6:.1f} µs")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    time_record()
    time_tables(given.people, given.repeat)
