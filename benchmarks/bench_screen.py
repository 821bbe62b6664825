"""One dossier from JSON to a result with reasons, beside one row through scikit-learn.

    python benchmarks/bench_screen.py

The peer is the probabilities alone: one row of features, already computed, through a calibrated
spline pipeline for each model that the policy reads. Both are timed in turn, and the ratio is taken
pair by pair.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from _full_dossier import AS_OF, full_dossier

if TYPE_CHECKING:
    from risicoscreener.screening.route import Route

IMPORT = """
import time
t = time.perf_counter()
import risicoscreener as rs
imported = time.perf_counter() - t
data = open(0, "rb").read()
t = time.perf_counter()
rs.screen(data, as_of="2024-06-01")
print(imported, time.perf_counter() - t)
"""


def microseconds(run: Callable[[], object], n: int) -> float:
    started = time.perf_counter()
    for _ in range(n):
        run()
    return (time.perf_counter() - started) / n * 1e6


def main(rounds: int) -> None:
    data = json.dumps(full_dossier()).encode()
    print(f"one dossier of {len(data):,} bytes")
    from risicoscreener import Screener

    screener = Screener.load()
    for decision in screener.policies.kinds(AS_OF):
        print(screener.screen(data, decision, as_of=AS_OF).rule.id, "for", decision)
    route = screener.route("leave")
    dossier = screener_reads(data)
    steps = {
        "read and check": lambda: screener_reads(data),
        f"{len(route.names)} features": lambda: route.features_of(dossier, AS_OF),
        "screen": lambda: screener.screen(data, "leave", as_of=AS_OF),
        "screen and write JSON": lambda: screener.screen(data, "leave", as_of=AS_OF).to_json(),
    }
    for name, run in steps.items():
        best = min(microseconds(run, 500) for _ in range(rounds))
        print(f"  {name:24} {best:9.1f} µs")
    ratio_to_peer(lambda: screener.screen(data, "leave", as_of=AS_OF), route, rounds)
    runs = [fresh_process(data) for _ in range(5)]
    print(f"  import risicoscreener    {statistics.median(r[0] for r in runs):9.3f} s")
    print(f"  first screen() after it  {statistics.median(r[1] for r in runs):9.3f} s")


def screener_reads(data: bytes) -> object:
    from risicoscreener import read_dossier

    return read_dossier(data)


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


def fresh_process(data: bytes) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT], input=data, capture_output=True, check=True
    )
    imported, first = done.stdout.split()
    return float(imported), float(first)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    main(parser.parse_args().rounds)
