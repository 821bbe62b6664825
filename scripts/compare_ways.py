"""Compare screening with and without the compiled library, on dossiers altered at random.

    python scripts/compare_ways.py --examples 100000

Some are sound still, others not, or damaged. The reader has to take nothing that Python refuses and
to find the same values; results and errors have to be equal to the last byte. Ends with the first
dossier of which that is not so.
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from risicoscreener import Screener, native
from risicoscreener.dossier.compiled import reader
from risicoscreener.errors import RisicoscreenerError
from risicoscreener.synthetic import simulate

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 60_000
"""Letters of a life that is altered: longer ones take long and show no more."""


def beside(folder: str, name: str) -> Any:
    """A module of the tests or the benchmarks."""
    path = str(ROOT / folder)
    if path not in sys.path:
        sys.path.insert(0, path)
    return importlib.import_module(name)


def examples(n: int, seed: int) -> Iterator[bytes]:
    """The full dossier and lives of a synthetic cohort, altered."""
    draw = random.Random(seed)
    full = beside("benchmarks", "_full_dossier").full_dossier()
    columns = beside("tests", "read_columns")
    cohort = simulate(40, seed=seed, population="sentenced")
    lives = [msgspec.to_builtins(dossier) for dossier in cohort.tables.to_dossiers()]
    short = [life for life in lives if len(str(life)) < LONGEST]
    for _ in range(n):
        yield columns.altered(full if draw.random() < 0.7 else draw.choice(short), draw)


def said(screener: Screener, data: bytes, kind: str) -> Any:
    """The result as bytes, or what was wrong."""
    try:
        return screener.screen(data, kind).to_json()
    except RisicoscreenerError as error:
        return type(error), str(error)


def main(n: int, seed: int) -> int:
    """Exit code 0 if all are the same."""
    read, takes = reader(), beside("tests", "read_columns").takes
    if read is None:
        print(f"no compiled library: {native.why_not()}", file=sys.stderr)
        return 1
    screener = Screener.load()
    counts: Counter[str] = Counter()
    for number, data in enumerate(examples(n, seed)):
        counts["taken by the reader"] += takes(read, data)
        kind = screener.kinds[number % len(screener.kinds)]
        with native.without():
            expected = said(screener, data, kind)
        if said(screener, data, kind) != expected:
            print(f"not the same for {kind}: {data!r}", file=sys.stderr)
            return 1
        counts["screened"] += isinstance(expected, bytes)
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    print(f"{n:,} dossiers, all the same: {told}")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.exit(main(given.examples, given.seed))
