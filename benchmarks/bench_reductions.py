"""What the choices in the batch executor gain: ways to select, sort, reduce and cut in blocks.

    python benchmarks/bench_reductions.py [--people 200000]

Each way runs in turn with the other, on the arrays of one block (32,768 index rows with 15 rows
each, of which a tenth match a filter), and gives the same numbers, which is checked first.
Then the whole plan of `bench_features.py` in blocks of several sizes, and for people on three days
each, in random order against the order of the persons.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from unittest.mock import patch

import numpy as np

from _national import AS_OF, national_tables
from _timing import ratio
from bench_features import national_plan
from risicoscreener.dossier import DossierTables
from risicoscreener.features import Index, many
from risicoscreener.features.many import compute_many

SEGMENTS = 32_768
ROWS_EACH = 15
MATCHING = 0.1
"""Share of the rows that a filter lets through."""
Way = Callable[[], np.ndarray]


def ways() -> dict[str, tuple[Way, Way]]:
    """Pairs of ways to the same numbers: the other one first, then the one in use."""
    rng = np.random.default_rng(1)
    every = np.repeat(np.arange(SEGMENTS), ROWS_EACH)
    all_values = rng.random(len(every))
    mask = rng.random(len(every)) < MATCHING
    positions = np.flatnonzero(mask)
    segment, values = every[positions], all_values[positions]
    days, first = rng.integers(0, 7000, len(every)), _begins(every)
    return {
        "x[mask], against positions kept": (
            lambda: all_values[mask],
            lambda: all_values[positions],
        ),
        "x[mask], against positions found anew": (
            lambda: all_values[mask],
            lambda: all_values[np.flatnonzero(mask)],
        ),
        "lexsort of segment and day, against sort of one number": (
            lambda: days[np.lexsort((days, every))],
            lambda: np.sort((every << 32) | days) & 0xFFFF_FFFF,
        ),
        "maximum.reduceat, against maximum.at": (
            lambda: _reduced(np.maximum, values, segment, -np.inf),
            lambda: _at(np.maximum, values, segment, -np.inf),
        ),
        "  the same, all rows match": (
            lambda: _reduced(np.maximum, all_values, every, -np.inf),
            lambda: _at(np.maximum, all_values, every, -np.inf),
        ),
        "  the same, and where segments begin is known": (
            lambda: _reduced(np.maximum, all_values, every, -np.inf, first),
            lambda: _at(np.maximum, all_values, every, -np.inf),
        ),
        "add.reduceat, against bincount": (
            lambda: _reduced(np.add, values, segment, 0.0),
            lambda: np.bincount(segment, values, SEGMENTS),
        ),
        "  the same, all rows match ": (
            lambda: _reduced(np.add, all_values, every, 0.0),
            lambda: np.bincount(every, all_values, SEGMENTS),
        ),
        "  the same, and where segments begin is known ": (
            lambda: _reduced(np.add, all_values, every, 0.0, first),
            lambda: np.bincount(every, all_values, SEGMENTS),
        ),
    }


def _begins(segment: np.ndarray) -> np.ndarray:
    """Where each segment that has a row begins."""
    return np.flatnonzero(np.concatenate(([True], segment[1:] != segment[:-1])))


def _reduced(
    operation: np.ufunc,
    values: np.ndarray,
    segment: np.ndarray,
    none: float,
    first: np.ndarray | None = None,
) -> np.ndarray:
    """By segment with `reduceat`, which must know where each begins."""
    if first is None:
        first = _begins(segment)
    result = np.full(SEGMENTS, none)
    result[segment[first]] = operation.reduceat(values, first)
    return result


def _at(operation: np.ufunc, values: np.ndarray, segment: np.ndarray, none: float) -> np.ndarray:
    """By segment in place."""
    result = np.full(SEGMENTS, none)
    operation.at(result, segment, values)
    return result


def compare_ways(repeat: int) -> None:
    print(
        f"{SEGMENTS:,} segments of {ROWS_EACH} rows, {MATCHING:.0%} match; "
        "times as long as the second"
    )
    for name, (other, ours) in ways().items():
        np.testing.assert_allclose(other(), ours(), rtol=1e-12)
        print(f"  {name:<56}{ratio(other, ours, repeat):6.1f}")


def compare_blocks(dossiers: DossierTables, repeat: int) -> None:
    plan, at = national_plan(), Index.same_day(dossiers, AS_OF)

    def run(size: int) -> object:
        with patch.object(many, "BLOCK", size):
            return compute_many(plan, dossiers, at.positions, at.days, n_threads=1)

    print(f"{len(at):,} index rows, one thread; times as long as blocks of {many.BLOCK:,}")
    for size in (2_048, 8_192, 16_384, 65_536, len(at)):
        found = ratio(lambda size=size: run(size), lambda: run(many.BLOCK), repeat)
        print(f"  blocks of {size:<46,}{found:6.2f}")


def compare_orders(dossiers: DossierTables, repeat: int) -> None:
    """A person on three days: index rows in the order of persons, and in random order."""
    plan, once = national_plan(), Index.same_day(dossiers, AS_OF)
    positions, days = np.repeat(once.positions, 3), np.repeat(once.days, 3)
    days = days - np.tile(np.array([0, 182, 365], days.dtype), len(once))
    mixed = np.random.default_rng(2).permutation(len(positions))
    found = ratio(
        lambda: compute_many(plan, dossiers, positions[mixed], days[mixed], n_threads=1),
        lambda: compute_many(plan, dossiers, positions, days, n_threads=1),
        repeat,
    )
    print(f"three days for each person: random order takes {found:.2f} times the order of persons")
    single = ratio(
        lambda: compute_many(plan, dossiers, positions, days, n_threads=1),
        lambda: compute_many(plan, dossiers, once.positions, once.days, n_threads=1),
        repeat,
    )
    print(f"three days for each person take {single:.1f} times one day")


def main(people: int, repeat: int) -> None:
    compare_ways(max(repeat, 15))
    dossiers = national_tables(people)
    compare_blocks(dossiers, repeat)
    compare_orders(dossiers, repeat)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    main(given.people, given.repeat)
