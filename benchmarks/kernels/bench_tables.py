"""Features and scores of many people: numpy, which is what the package has, numba and C.

    python benchmarks/kernels/bench_tables.py --people 200000

Each way computes the same plan from the same columns, in blocks, and is checked against ours before
it is timed: features to the last bit, probabilities and intervals to 1e-11. What is told is the
ratio of CPU time in one thread, or of time on the clock with --threads, the median over runs in
turn: above 1 the other way is faster. What a way needs beforehand (columns, compiling) is not in
it; `bench_costs.py` has that.
"""

from __future__ import annotations

import argparse
import ctypes as ct
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import _generated_c
from _bytecode import encode
from _c import BY_COLUMNS, BY_ROWS, CPlan, gcc
from _c import features_kernel as in_c
from _c import scoring_kernel as scoring_in_c
from _scoring import OUT, program_in_c

from _national import AS_OF, national_tables
from bench_features import SEVEN, with_corrections
from risicoscreener import native
from risicoscreener.dossier import DossierTables
from risicoscreener.features import FeaturePlan, Index, catalogue
from risicoscreener.features.many import BLOCK, EventTables, compute_block
from risicoscreener.models import ScoringProgram
from risicoscreener.screening import Screener

THREADS = 1
Way = Callable[[], np.ndarray]


def turn_by_turn(ways: dict[str, Way], repeat: int) -> dict[str, float]:
    """How many times as long the first takes as each of the others, in CPU time."""
    clock = time.perf_counter if THREADS > 1 else time.process_time
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeat):
        for name, run in ways.items():
            started = clock()
            run()
            took[name].append(clock() - started)
    first = took[next(iter(took))]
    found = {
        name: statistics.median(a / b for a, b in zip(first, runs, strict=True))
        for name, runs in took.items()
    }
    print(f"  {next(iter(ways)):<34}{statistics.median(first):8.3f} s")
    for name in list(ways)[1:]:
        print(f"  {name:<34}{found[name]:8.2f} times as fast")
    return found


def by_blocks(n: int, work: Callable[[int, int], Any]) -> None:
    """Blocks of rows, each handed to a free thread."""
    bounds = [(a, min(a + BLOCK, n)) for a in range(0, n, BLOCK)]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda bound: work(*bound), bounds))


def features(plan: FeaturePlan, dossiers: DossierTables, repeat: int) -> None:
    at = Index.same_day(dossiers, AS_OF)
    persons_at = np.ascontiguousarray(at.positions, dtype=np.int64)
    days_at = np.ascontiguousarray(at.days, dtype=np.int32)
    n, columns = len(days_at), EventTables(dossiers)
    columns.prepare(plan)
    code = encode(plan)

    def by_numpy() -> np.ndarray:
        out = np.empty((len(plan.names), n))

        def work(a: int, b: int) -> None:
            out[:, a:b] = compute_block(plan, columns, persons_at[a:b], days_at[a:b]).T

        by_blocks(n, work)
        return out

    ways: dict[str, Way] = {"numpy (ours)": by_numpy}
    if gcc():
        in_layout = CPlan(code, columns)
        sources = {
            "C, bytecode, row by row": BY_ROWS,
            "C, bytecode, by columns": BY_COLUMNS,
            "C, generated from the plan": _generated_c.source(code),
        }
        for name, source in sources.items():
            ways[name] = _way_in_c(in_c(source), in_layout, persons_at, days_at, len(plan.names))
    else:
        print("  there is no gcc: nothing in C")
    import _numba_kernels

    run = _numba_kernels.features_kernel(code, columns)

    def by_numba() -> np.ndarray:
        out = np.empty((len(plan.names), n))
        by_blocks(n, lambda a, b: run(persons_at, days_at, a, b, out))
        return out

    ways["numba, bytecode, by columns"] = by_numba
    expected = by_numpy()
    for name, way in ways.items():
        np.testing.assert_array_equal(way(), expected, err_msg=name)
    turn_by_turn(ways, repeat)


def _way_in_c(
    function: Callable[..., None], plan: CPlan, persons_at: Any, days_at: Any, n_features: int
) -> Way:
    def run() -> np.ndarray:
        n = len(days_at)
        out = np.empty((n_features, n))
        pointers = [array.ctypes.data for array in (persons_at, days_at)]
        to = out.ctypes.data
        by_blocks(n, lambda a, b: function(ct.byref(plan.plan), *pointers, a, b, n, to))
        return out

    return run


def scores(program: ScoringProgram, matrix: np.ndarray, repeat: int) -> None:
    n, by_column = len(matrix), np.ascontiguousarray(matrix.T)

    def by_numpy() -> np.ndarray:
        found = program.assess_many(matrix)
        assert found.intervals is not None
        assert found.support is not None
        between = found.intervals
        plain = (found.support.status == 0) & (found.support.missing_share == 0)
        scored = (found.scores.linear_predictor, found.scores.probability)
        return np.array([*scored, between.lower, between.upper, between.standard_error, plain])

    ways: dict[str, Way] = {"numpy (ours)": by_numpy}
    if gcc():
        function, in_layout = scoring_in_c(), program_in_c(program)

        def by_c() -> np.ndarray:
            out = np.empty((len(OUT), n))
            function(ct.byref(in_layout), by_column.ctypes.data, 0, n, n, out.ctypes.data)
            return out

        ways["C"] = by_c
    import _numba_kernels

    run = _numba_kernels.scoring_kernel(program)

    def by_numba() -> np.ndarray:
        out = np.empty((len(OUT), n))
        run(by_column, 0, n, out)
        return out

    ways["numba"] = by_numba
    expected = by_numpy()
    for name, way in ways.items():
        found = way()
        np.testing.assert_array_equal(found[0], expected[0], err_msg=name)
        np.testing.assert_allclose(found, expected, rtol=1e-11, err_msg=name)
        same = float((found[1] == expected[1]).mean())
        print(f"  {name}: probability the same double in {same:.1%} of the rows")
    turn_by_turn(ways, repeat)


def main(people: int, repeat: int) -> None:
    dossiers = with_corrections(national_tables(people))
    route = Screener.load().route("leave")
    print(f"seven features of {people:,} people")
    features(catalogue().plan(SEVEN), dossiers, repeat)
    print(f"{len(route.names)} features of {people:,} people")
    features(route.plan, dossiers, repeat)
    if THREADS > 1:
        return
    at = Index.same_day(dossiers, AS_OF)
    columns = EventTables(dossiers)
    columns.prepare(route.plan)
    values = compute_block(route.plan, columns, at.positions, at.days)
    for view, inputs in zip(route.models, route.model_inputs, strict=True):
        size = view.program._errors.size
        print(f"score, interval and support by {view.model.name}, {size} coefficients")
        scores(view.program, values[:, list(inputs)], repeat)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1, help="for features")
    given = parser.parse_args()
    THREADS = given.threads
    with native.without():  # ours is here the way in numpy
        main(given.people, given.repeat)
