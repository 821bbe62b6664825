"""What is compared: tasks, and for each task the ways in which a user could carry it out.

A way must answer as ours does before it is timed. One that cannot, because it is a model of its
own, says so (`Competitor.kind_only`) and is held against its own reference.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parents[2]
EVERY_SIZE = 10**9


@dataclass(frozen=True)
class Files:
    """Where a comparison keeps and shows its figures: under the root of the repository."""

    root: Path = ROOT

    @property
    def latest(self) -> Path:
        return self.root / "benchmarks" / "results" / "latest.json"

    @property
    def history(self) -> Path:
        return self.root / "benchmarks" / "results" / "history.jsonl"

    @property
    def page(self) -> Path:
        return self.root / "docs" / "benchmarks.md"

    def picture(self, name: str) -> Path:
        """A picture by its name: ratios, scaling or history."""
        return self.root / "docs" / "pictures" / f"benchmarks-{name}.svg"


@dataclass(frozen=True)
class Took:
    """Seconds of one run: on the clock, and of the processor, all threads added up."""

    wall: float
    cpu: float


class Competitor(Protocol):
    """One way to carry out one task.

    Attributes
    ----------
    name, task
        What it is called, and the task that it is for.
    does
        What it does of the task, and what not.
    tuned
        How it was written to be fast, and in how many threads it runs.
    needs
        Modules that must be installed; without them it is skipped.
    largest
        The most people (or cases) that it bears in time and memory.
    kind_only
        Why its answers are not ours but of the same kind; empty if they must be equal.
    """

    name: str
    task: str
    does: str
    tuned: str
    needs: tuple[str, ...] = ()
    largest: int = EVERY_SIZE
    kind_only: str = ""

    def prepare(self, data: Any) -> Any:
        """The data in the form that this way likes best; not timed."""
        return data

    def run(self, prepared: Any) -> Any:
        """What is timed."""
        raise NotImplementedError

    def timed(self, prepared: Any, loops: int) -> Took:
        """The mean of some runs."""
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(loops):
            self.run(prepared)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Took(wall / loops, cpu / loops)

    def absent(self) -> str:
        """Why it cannot run here; empty if it can."""
        lacking = [name for name in self.needs if importlib.util.find_spec(name) is None]
        return f"{', '.join(lacking)} is not installed" if lacking else ""

    def answers(self, prepared: Any, found: Any) -> Any:  # noqa: ARG002
        """What `run` gave, in the form that the task checks."""
        return found

    def reference(self, prepared: Any) -> Any:
        """For a way with ``kind_only``: what it should have answered."""
        raise NotImplementedError


@dataclass(frozen=True)
class Task:
    """What is carried out.

    Attributes
    ----------
    id, title, unit
        Short name, what a reader is told, and what its sizes count.
    compared
        What is and what is not compared.
    sizes
        The sizes that are timed unless others are asked for.
    data
        Makes the data of a size, from a seed.
    ours
        Our way.
    check
        Raises AssertionError unless their answers (first) are ours (second), on this data (third).
    part
        The most that is done in one go; a larger size goes in parts of this, as a user with
        more than memory would do it.
    """

    id: str
    title: str
    unit: str
    compared: str
    sizes: tuple[int, ...]
    data: Callable[[int, int], Any]
    ours: Competitor
    check: Callable[[Any, Any, Any], None]
    part: int = 1_000_000
