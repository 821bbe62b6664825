"""Ratios over time: each run of the comparison adds its ratios to a file, and is held against it.

    python benchmarks/history.py

draws `benchmarks/results/history.jsonl` to `docs/pictures/benchmarks-history.svg`.

A line is one ratio: date, version of the library, machine, task, competitor, size, ratio.

Why not asv or pytest-benchmark. Both keep times of one function over commits. A time says little
on machines that differ and are shared; a ratio of two ways timed in turn does, and both would have
to be run in turn by one process. asv can track any number, but runs each function by itself in an
environment that it builds for each commit, with all competitors in it; pytest-benchmark times each
function by itself and compares its statistics with stored ones. So the pairs would be made here,
and only a file with numbers would be left to them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FELL = 2 / 3
"""A ratio below this part of the last one has fallen."""


@dataclass(frozen=True)
class Entry:
    """One ratio of one run: how many times as long the competitor takes as ours."""

    date: str
    version: str
    machine: str
    task: str
    competitor: str
    size: int
    ratio: float

    @property
    def what(self) -> tuple[str, str, int]:
        """What is compared from run to run."""
        return self.task, self.competitor, self.size


def read(path: Path) -> list[Entry]:
    """The entries, oldest first; none if there is no file."""
    if not path.exists():
        return []
    return [Entry(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def append(entries: Iterable[Entry], path: Path) -> None:
    """Add the entries of a run at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(entry)) + "\n" for entry in entries)


def last(before: Sequence[Entry], machine: str) -> dict[tuple[str, str, int], Entry]:
    """The last entry of each comparison, on this machine if there is one."""
    found: dict[tuple[str, str, int], Entry] = {}
    for entry in sorted(before, key=lambda e: e.machine == machine):  # stable: oldest first
        found[entry.what] = entry
    return found


def fallen(now: Iterable[Entry], before: Sequence[Entry]) -> list[tuple[Entry, Entry]]:
    """What fell by more than a third since the last run: now, and then."""
    found = []
    for entry in now:
        then = last(before, entry.machine).get(entry.what)
        if then is not None and entry.ratio < FELL * then.ratio:
            found.append((entry, then))
    return found


if __name__ == "__main__":
    from competitors._interface import Files
    from competitors._pictures import draw_history

    draw_history(read(Files().history), Files().picture("history"))
