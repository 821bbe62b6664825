"""What each way costs besides time per row: importing, compiling, disk, lines.

    python benchmarks/kernels/bench_costs.py

CPU seconds of fresh processes, the least of three; size on disk of what is installed; lines of the
sources of these prototypes, with those of the package for the same part.
"""

from __future__ import annotations

import importlib.metadata
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import _c
import _generated_c
from _bytecode import encode

from risicoscreener.screening import Screener

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1] / "src" / "risicoscreener"
NUMBA = """
import sys; sys.path[:0] = {paths!r}
import numpy as np, bench_tables as b
from _bytecode import encode
from risicoscreener.features.many import EventTables
plan = b.Screener.load().route("leave").plan
columns = EventTables(b.national_tables(300))
columns.prepare(plan)
import time
started = time.process_time()
import _numba_kernels as kernels
run = kernels.features_kernel(encode(plan), columns)
run(np.arange(300), np.full(300, 19875, dtype=np.int32), 0, 300, np.empty((len(plan.names), 300)))
print(time.process_time() - started)
"""
LINES = {
    "features of tables, numpy (ours)": [PACKAGE / "features" / "many.py"],
    "features, numba": [HERE / "_bytecode.py", HERE / "_numba_kernels.py"],
    "features, C by columns": [HERE / n for n in ("_bytecode.py", "_c.py", "plan.h", "columns.h")],
    "features, C from the plan": [
        HERE / n for n in ("_bytecode.py", "_c.py", "_generated_c.py", "plan.h", "many.h")
    ],
    "features of one, generated Python (ours)": [PACKAGE / "features" / "one.py"],
    "reading one, msgspec and generated (ours)": [PACKAGE / "dossier" / "reading.py"],
    "reading one, C": [HERE / "reader.h", HERE / "_reader.py"],
    "scores, C": [HERE / "scoring.h", HERE / "_scoring.py"],
}


def fresh(code: str, **environment: str) -> tuple[float, str]:
    """CPU seconds of a fresh process, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def least(run: Callable[[], float]) -> float:
    return min(run() for _ in range(3))


def imports() -> None:
    empty = least(lambda: fresh("pass")[0])
    for name in ("ctypes", "numpy", "numba"):
        took = least(lambda name=name: fresh(f"import {name}")[0]) - empty
        print(f"  import {name:<33}{took:8.2f} s")


def compiling() -> None:
    plan = Screener.load().route("leave").plan
    if _c.gcc():
        sources = {
            "C, columns and scores": _c.BY_COLUMNS,
            "C, reader of one dossier": (HERE / "reader.c").read_text(),
            "C, generated from the plan": _generated_c.source(encode(plan)),
        }
        for name, source in sources.items():
            print(f"  {name:<40}{least(lambda s=source: _gcc(s)):8.2f} s")
            print(f"  {'  shared library':<40}{_c.built(source).stat().st_size / 1e3:8.0f} kB")
    code = NUMBA.format(paths=[str(HERE), str(HERE.parent)])
    with tempfile.TemporaryDirectory() as cache:
        for name in ("nothing cached", "cached, a new process"):
            took = float(fresh(code, NUMBA_CACHE_DIR=cache)[1])
            print(f"  numba, {name:<33}{took:8.2f} s")
        size = sum(f.stat().st_size for f in Path(cache).rglob("*") if f.is_file())
    print(f"  {'  its cache':<40}{size / 1e3:8.0f} kB")


def _gcc(source: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _c.built(source, cached=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime


def disk() -> None:
    for name in ("numpy", "pyarrow", "numba", "llvmlite"):
        files = importlib.metadata.files(name) or ()
        size = sum(f.locate().stat().st_size for f in files if Path(f.locate()).is_file())
        print(f"  {name:<40}{size / 1e6:8.0f} MB")


def lines() -> None:
    for name, files in LINES.items():
        print(f"  {name:<44}{sum(len(f.read_text().splitlines()) for f in files):4}")


if __name__ == "__main__":
    for title, part in {
        "import, CPU": imports,
        "compile, CPU": compiling,
        "on disk": disk,
        "lines": lines,
    }.items():
        print(title)
        part()
