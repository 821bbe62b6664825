"""The rows of a comparison with where and when they were measured, as a file."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from competitors._interface import ROOT
from competitors._measuring import Row
from history import Entry
from risicoscreener import __version__
from risicoscreener.writing import put_in_place

PACKAGES = (
    "numpy",
    "pandas",
    "polars",
    "duckdb",
    "scikit-learn",
    "numba",
    "featuretools",
    "onnxruntime",
    "m2cgen",
    "tl2cgen",
    "zen-engine",
    "pyarrow",
)


@dataclass(frozen=True)
class Results:
    """Rows, with where and when.

    Attributes
    ----------
    machine, python, versions
        Processor and number of cores; version of Python and of what was compared.
    library, committed
        Version of this library, and the day of its last change.
    measured
        For each task the day on which its rows were measured.
    busy
        How many processes of others ran or waited when the last of them began (the load of the
        machine): well below the number of cores, or times are those of a busy machine.
    """

    machine: str
    python: str
    versions: dict[str, str]
    library: str
    committed: str
    measured: dict[str, str]
    busy: float
    rows: tuple[Row, ...]

    def entries(self) -> list[Entry]:
        """The ratios of all rows, for the history."""
        return [
            Entry(
                date=self.measured[row.task],
                version=self.library,
                machine=self.machine,
                task=row.task,
                competitor=row.competitor,
                size=row.size,
                ratio=float(f"{row.ratio:.4g}"),
            )
            for row in self.rows
        ]

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "rows": [row.to_dict() for row in self.rows]}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Results:
        """From plain data."""
        return cls(**{**plain, "rows": tuple(Row(**row) for row in plain["rows"])})


def results(rows: Iterable[Row], busy: float) -> Results:
    """Rows that were measured here and now."""
    found = tuple(rows)
    today = dt.date.today().isoformat()
    return Results(
        machine=_machine(),
        python=platform.python_version(),
        versions=_versions(),
        library=__version__,
        committed=_committed(),
        measured=dict.fromkeys((row.task for row in found), today),
        busy=round(busy, 1),
        rows=found,
    )


def joined(now: Results, before: Results | None) -> Results:
    """With the rows of the tasks that were not measured now, if they are of the same machine."""
    if before is None or before.machine != now.machine:
        return now
    kept = tuple(row for row in before.rows if row.task not in now.measured)
    days = {task: day for task, day in before.measured.items() if task not in now.measured}
    return Results(
        **{**vars(now), "rows": (*kept, *now.rows), "measured": {**days, **now.measured}}
    )


def load(path: Path) -> Results | None:
    """The last results; None if there are none."""
    if not path.exists():
        return None
    return Results.from_dict(json.loads(path.read_text("utf-8")))


def save(found: Results, path: Path) -> None:
    """Write them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with put_in_place(path) as unfinished:
        unfinished.write_text(json.dumps(found.to_dict(), indent=1) + "\n", "utf-8")


def _machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        models = []
    return f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores"


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _committed() -> str:
    done = subprocess.run(
        ["git", "log", "-1", "--format=%cs"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
