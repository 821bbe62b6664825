"""Runs tests in a child of this process, in which one module is another than on disk.

Everything that is not the package is imported once, before the children are made; the package is
imported in each child anew, so that what runs when a module is imported, or is kept after the first
call, is tried too.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any, NoReturn

ENDED_ON_TIME = -1


@dataclass
class Ended:
    """How the tests of one child ended.

    Attributes
    ----------
    failed
        Whether a test failed, nothing could be imported, or the time ran out.
    how
        `test`, `import`, `time` or `lost` (the process was ended), or nothing where all passed.
    by
        The first test that failed.
    seconds
        Processor time of the child.
    outcomes
        Per test whether it passed; filled where every test was run.
    """

    failed: bool
    how: str = ""
    by: str = ""
    seconds: float = 0.0
    outcomes: dict[str, bool] = field(default_factory=dict)


class _Changed(importlib.machinery.SourceFileLoader):
    """Gives one module from a tree instead of from its file."""

    tree: ast.Module

    def get_code(self, _: str) -> CodeType:
        return compile(self.tree, self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, module: str, path: Path, tree: ast.Module) -> None:
        self.module, self.path, self.tree = module, path, tree

    def find_spec(self, fullname: str, *_: Any) -> Any:
        if fullname != self.module:
            return None
        loader = _Changed(fullname, str(self.path))
        loader.tree = self.tree
        is_package = self.path.name == "__init__.py"
        return importlib.util.spec_from_file_location(
            fullname,
            self.path,
            loader=loader,
            submodule_search_locations=[str(self.path.parent)] if is_package else None,
        )


class Listening:
    """A plugin of pytest: keeps what each test came to."""

    def __init__(self) -> None:
        self.outcomes: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep whether no phase of the test failed."""
        self.outcomes[report.nodeid] = self.outcomes.get(report.nodeid, True) and not report.failed


_OUTSIDE = (
    *("numpy", "pandas", "pyarrow", "pyarrow.parquet", "pyarrow.csv", "pyarrow.compute"),
    *("scipy.stats", "scipy.optimize", "scipy.special", "scipy.sparse", "sklearn.linear_model"),
    *("sklearn.ensemble", "sklearn.isotonic", "sklearn.utils.estimator_checks", "statsmodels.api"),
    *("matplotlib.figure", "matplotlib.pyplot", "msgspec", "jinja2", "rich.table", "rich.console"),
    *("pytest", "hypothesis", "jsonschema", "defusedxml.ElementTree", "openpyxl"),
)


def prepare() -> None:
    """Import what the tests need and is not of the package; tests of hypothesis do not shrink."""
    for name in _OUTSIDE:
        importlib.import_module(name)
    from hypothesis.internal.conjecture import engine

    engine.MAX_SHRINKING_SECONDS = 0
    engine.MAX_SHRINKS = 0


def run(
    root: Path,
    tests: Sequence[str],
    change: tuple[Path, ast.Module] | None,
    *,
    seconds: int,
    go_on: bool = False,
) -> Ended:
    """Run tests in a child in which one module is changed.

    Parameters
    ----------
    root
        The checkout; its `src` must come first on the path of this process.
    tests
        Names of tests as pytest gives them, in the order in which they are run.
    change
        File of the module, and its tree; nothing to run the package as it is.
    seconds
        Processor time after which the child is ended; six times as much by the clock.
    go_on
        Run all tests, not only up to the first that fails.
    """
    return run_forked(lambda folder: _tests(root, tests, change, seconds, go_on, folder), seconds)


def run_forked(task: Callable[[Path], int], seconds: int) -> Ended:
    """Run a task in a child; it gives its exit code, and may write `said` in its folder."""
    folder = Path(tempfile.mkdtemp(prefix="mutant-"))
    try:
        child = os.fork()
        if child == 0:
            _and_end(task, folder)
        status, used = _wait(child, 6 * seconds)
        return _ended(folder, status, used)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(child: int, seconds: float) -> tuple[int, float]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found, status, usage = os.wait4(child, os.WNOHANG)
        if found:
            return status, usage.ru_utime + usage.ru_stime
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    _, _, usage = os.wait4(child, 0)
    return ENDED_ON_TIME, usage.ru_utime + usage.ru_stime


def _ended(folder: Path, status: int, used: float) -> Ended:
    said = folder / "said"
    lines = said.read_text("utf-8").splitlines() if said.exists() else []
    outcomes = {line[2:]: line[0] == "+" for line in lines}
    by = next((name for name, passed in outcomes.items() if not passed), "")
    if status == ENDED_ON_TIME or (os.WIFSIGNALED(status) and os.WTERMSIG(status) in _OF_TIME):
        return Ended(True, "time", by, used, outcomes)
    if os.WIFSIGNALED(status):
        return Ended(True, "lost", by, used, outcomes)
    code = os.WEXITSTATUS(status)
    if code == 0:
        return Ended(False, "", "", used, outcomes)
    return Ended(True, "test" if by else "import", by, used, outcomes)


_OF_TIME = (signal.SIGXCPU, signal.SIGKILL)


def _and_end(task: Callable[[Path], int], folder: Path) -> NoReturn:
    code = 1
    try:
        code = task(folder)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def in_child_group(root: Path, seconds: int, folder: Path) -> None:
    """Give this process limits, and a folder for all that it writes."""
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    out = os.open(folder / "output", os.O_WRONLY | os.O_CREAT)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(folder / "hypothesis")
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    os.chdir(root)


def _tests(
    root: Path,
    tests: Sequence[str],
    change: tuple[Path, ast.Module] | None,
    seconds: int,
    go_on: bool,
    folder: Path,
) -> int:
    in_child_group(root, seconds, folder)
    if change is not None:
        path, tree = change
        sys.meta_path.insert(0, _Finder(module_of(root, path), path, tree))
    import pytest

    listening = Listening()
    flags = ["-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist"]
    flags += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    flags += ["-p", "no:cov", "--hypothesis-seed=0", f"--basetemp={folder / 'tests'}"]
    code = int(pytest.main([*flags, *([] if go_on else ["-x"]), *tests], [listening]))
    said(folder, listening)
    return code


def said(folder: Path, listening: Listening) -> None:
    """Write what each test came to."""
    lines = [f"{'+' if ok else '-'} {name}\n" for name, ok in listening.outcomes.items()]
    (folder / "said").write_text("".join(lines), "utf-8")


def module_of(root: Path, path: Path) -> str:
    """Dotted name of a file below `src`."""
    parts = path.relative_to(root / "src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
