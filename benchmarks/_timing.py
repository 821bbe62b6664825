"""The shortest of some runs, and how many times as long another way takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any


def best(run: Callable[[], Any], repeat: int) -> float:
    """Shortest of some runs, in seconds."""
    runs = []
    for _ in range(repeat):
        started = time.perf_counter()
        run()
        runs.append(time.perf_counter() - started)
    return min(runs)


def ratio(other: Callable[[], Any], ours: Callable[[], Any], repeat: int) -> float:
    """How many times as long another way takes: median over pairs run in turn, CPU time."""
    found = []
    for _ in range(repeat):
        took = []
        for way in (other, ours):
            started = time.process_time()
            way()
            took.append(time.process_time() - started)
        found.append(took[0] / took[1])
    return statistics.median(found)
