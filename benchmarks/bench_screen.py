"""One dossier from JSON to a result with reasons, beside one row through scikit-learn.

    python benchmarks/bench_screen.py

Prints what each step takes in Python alone, one after the other as a screening does them; the
median and the 99th percentile of whole screenings, with the compiled library and without it, and
the ratio of the two, taken in turn; the first screening of a fresh process, of which the byte code
is written as after an installation; and the ratio to a peer.

The peer is the probabilities alone: one row of features, already computed, through a calibrated
spline pipeline for each model that the policy reads. Both are timed in turn, and the ratio is taken
pair by pair.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from _full_dossier import AS_OF, full_dossier

if TYPE_CHECKING:
    from risicoscreener import Screener
    from risicoscreener.screening.route import Route

IMPORT = """
import time
t = time.perf_counter()
import risicoscreener as rs
imported = time.perf_counter() - t
data = open(0, "rb").read()
t = time.perf_counter()
rs.screen(data, as_of="2024-06-01")
first = time.perf_counter()
rs.screen(data, as_of="2024-06-01")
print(imported, first - t, time.perf_counter() - first)
"""


def microseconds(run: Callable[[], object], n: int) -> float:
    started = time.perf_counter()
    for _ in range(n):
        run()
    return (time.perf_counter() - started) / n * 1e6


def main(rounds: int, calls: int) -> None:
    data = json.dumps(full_dossier()).encode()
    print(f"one dossier of {len(data):,} bytes")
    from risicoscreener import Screener

    screener = Screener.load()
    for decision in screener.policies.kinds(AS_OF):
        print(screener.screen(data, decision, as_of=AS_OF).rule.id, "for", decision)
    for name, each in steps(screener, data, calls).items():
        print(f"  {name:38} {each:7.1f} µs")
    for name, each in compiled_steps(screener, data, calls).items():
        print(f"  {name:38} {each:7.1f} µs")
    both_ways(lambda: screener.screen(data, "leave", as_of=AS_OF), rounds, calls // 10)
    each = sorted(times(lambda: screener.screen(data, "leave", as_of=AS_OF).to_json(), calls))
    print(f"  screen and write JSON   {each[len(each) // 2]:9.1f} µs")
    route = screener.route("leave")
    ratio_to_peer(lambda: screener.screen(data, "leave", as_of=AS_OF), route, rounds)
    imported, first, second = fresh_processes(data, 5)
    print(f"  import risicoscreener    {imported:9.3f} s")
    print(f"  first screen() after it  {first:9.3f} s")
    print(f"  second screen()          {second * 1e6:9.0f} µs")


def both_ways(run: Callable[[], object], rounds: int, calls: int) -> None:
    """Whole screenings with the compiled library and without it, in turn."""
    from risicoscreener import native

    compiled: list[float] = []
    python: list[float] = []
    ratios = []
    for _ in range(rounds):
        if native.available():
            compiled += (of_round := times(run, calls))
        with native.without():
            python += (without := times(run, calls))
        if native.available():
            ratios.append(statistics.median(of_round) / statistics.median(without))
    for name, found in (("compiled library", compiled), ("Python alone", python)):
        if found:
            each = sorted(found)
            middle, late = each[len(each) // 2], each[len(each) * 99 // 100]
            least = f"least {each[0]:.1f} µs, 99 in 100 within {late:.1f} µs"
            print(f"  screen, {name:18} {middle:9.1f} µs, {least}")
    if ratios:
        print(f"  compiled / Python alone {statistics.median(ratios):9.2f} (median of pairs)")
    else:
        print(f"  no compiled library: {native.why_not()}")


def times(run: Callable[[], object], n: int) -> list[float]:
    """What each of so many calls takes, in microseconds, freeing what it gave included."""
    found = []
    for _ in range(n):
        started = time.perf_counter()
        run()
        found.append((time.perf_counter() - started) * 1e6)
    return found


def steps(screener: Screener, data: bytes, n: int) -> dict[str, float]:
    """The median of each step of a screening, in microseconds, as they follow each other."""
    from risicoscreener.dossier import reading

    route = screener.route("leave")
    today, clock = dt.date.today(), time.perf_counter
    found: list[list[float]] = []
    for _ in range(n):
        at = [clock()]
        dossier = reading._decode(data)
        at.append(clock())
        reading.fits_together(dossier, today)
        at.append(clock())
        reading._may_repeat_a_key(data, dossier)
        at.append(clock())
        values = route.features_of(dossier, AS_OF)
        at.append(clock())
        seen = route.judge(values, AS_OF)
        at.append(clock())
        result = route.result("", AS_OF, *seen, 0)
        at.append(clock())
        del dossier, values, seen, result
        at.append(clock())
        found.append([b - a for a, b in pairwise(at)])
    names = (
        "decode",
        "dates, links, facts given twice",
        "no key given twice",
        f"{len(route.names)} features",
        "models, intervals, support, decision",
        "result with its reasons",
        "free what was made",
    )
    return medians(names, found)


def compiled_steps(screener: Screener, data: bytes, n: int) -> dict[str, float]:
    """The same with the compiled library; nothing where there is none."""
    route = screener.route("leave")
    compiled = route._compiled
    if compiled is None:
        return {}
    today, clock = dt.date.today(), time.perf_counter
    found: list[list[float]] = []
    for _ in range(n):
        at = [clock()]
        of_library = compiled.look(data, AS_OF, today)
        assert of_library is not None
        at.append(clock())
        assessments = {
            m: compiled.programs[m].assess_passed(
                route._values_of[m](of_library.values), of_library.passed[m]
            )
            for m in range(len(route.models))
        }
        compiled.done(of_library)
        at.append(clock())
        version = route._version_for(of_library.values, AS_OF)
        seen = route._decide(version, of_library.values, assessments, 0)
        at.append(clock())
        result = route.result("", AS_OF, *seen, 0)
        at.append(clock())
        del of_library, assessments, seen, result
        at.append(clock())
        found.append([b - a for a, b in pairwise(at)])
    names = (
        "compiled: read, features, terms",
        "compiled: intervals, support",
        "compiled: decision",
        "compiled: result with its reasons",
        "compiled: free what was made",
    )
    return medians(names, found)


def medians(names: tuple[str, ...], found: list[list[float]]) -> dict[str, float]:
    """The median of each column, in microseconds."""
    columns = zip(*found, strict=True)
    return {
        name: statistics.median(column) * 1e6 for name, column in zip(names, columns, strict=True)
    }


def ratio_to_peer(ours: Callable[[], object], route: Route, rounds: int) -> None:
    """Our whole screening in turn with one pipeline, and with one for each model of the policy."""
    from _peers import calibrated_pipeline, training_data

    fitted = []
    for view in route.models:
        frame, outcome = training_data(list(view.model.features))
        fitted.append((calibrated_pipeline(frame, outcome), frame.iloc[[0]]))
    for pipelines in (fitted[:1], fitted):
        pairs = [
            (
                microseconds(lambda p=pipelines: [m.predict_proba(row) for m, row in p], 20),
                microseconds(ours, 500),
            )
            for _ in range(rounds)
        ]
        peer, own = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
        ratio = statistics.median(a / b for a, b in pairs)
        counted = f"{len(pipelines)} of {len(fitted)} models"
        print(f"  scikit-learn, one row, {counted} {peer:9.1f} µs")
        print(f"  screen, all models {own:24.1f} µs: {ratio:.0f} times faster (median of pairs)")


def fresh_processes(data: bytes, n: int) -> list[float]:
    """Seconds of the import, the first and the second screening; medians of so many processes."""
    with tempfile.TemporaryDirectory() as cache:
        env = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        found = [fresh_process(data, env) for _ in range(n + 1)]
    return [statistics.median(column) for column in zip(*found[1:], strict=True)]


def fresh_process(data: bytes, env: dict[str, str]) -> list[float]:
    command = [sys.executable, "-c", IMPORT]
    done = subprocess.run(command, input=data, capture_output=True, check=True, env=env)
    return [float(word) for word in done.stdout.split()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=5000)
    given = parser.parse_args()
    main(given.rounds, given.calls)
