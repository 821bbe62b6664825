"""Runs tests on a change in children of a process that has imported and collected them already.

Most of what a child of `mutation_children` does is to import the package and to collect tests.
Where the function that holds the change was not run before the first test, all of that comes to the
same with the change as without it: then a child only needs to put the changed code in its place.
Which functions were run is noted while the tests are collected. Where it was run, a test that fails
is taken for one that would fail too had all been imported with the change (`mutate_code.py compare`
tries some of these anew); where none fails, and for a change outside a function, `Collected.run`
says that this way will not do.
"""

from __future__ import annotations

import functools
import gc
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

from mutation_children import Ended, Listening, in_child_group, module_of, run_forked, said
from mutation_points import changed

Place = tuple[int, int]
Key = tuple[str, str, int]
"""File, qualified name and first line of a function."""


class Collected:
    """Tests that are collected, and the functions that were run for it.

    A plugin of pytest: `work` is called with it where pytest would run the tests.
    """

    def __init__(self, root: Path, package: Path, work: Callable[[Collected], None]) -> None:
        self.root, self.package, self.work = root, str(package), work
        self.run_before: dict[int, CodeType] = {}
        self.items: dict[str, pytest.Item] = {}
        self.alive: dict[Key, list[FunctionType]] = defaultdict(list)

    def collect(self, files: Sequence[str]) -> None:
        """Collect test files, and do the work."""
        sys.setprofile(self._note)
        threading.setprofile(self._note)
        flags = ["-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist"]
        flags += ["-p", "no:cov", "--hypothesis-seed=0", "-W", "ignore::pytest.PytestWarning"]
        code = pytest.main([*flags, *files], [self])
        if code:
            raise SystemExit(f"pytest ended with {code!r}")

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(self.package):
            self.run_before[id(code)] = code

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Do the work instead of running the tests."""
        sys.setprofile(None)
        threading.setprofile(None)
        session.config.pluginmanager.unregister(name="terminalreporter")
        self.session = session
        self.items = {item.nodeid: item for item in session.items}
        for found in gc.get_objects():
            if type(found) is FunctionType and found.__code__.co_filename.startswith(self.package):
                self.alive[_key(found.__code__)].append(found)
        self.was_run = {_key(code) for code in self.run_before.values()}
        gc.freeze()
        self.work(self)
        return True

    def run(
        self, tests: Sequence[str], path: Path, place: Place, *, seconds: int
    ) -> tuple[Ended, str] | None:
        """Run tests on a change, up to the first that fails; nothing where this way will not do.

        Beside how they ended: `collected`, or `in place` where the function was run before.
        """
        known = module_of(self.root, path) in sys.modules and set(tests) <= set(self.items)
        pairs = self._to_exchange(path, path.read_text("utf-8"), place) if known else []
        if not pairs:
            return None
        ended = run_forked(lambda folder: self._in_child(tests, pairs, seconds, folder), seconds)
        if all(_key(code) not in self.was_run for _, code in pairs):
            return ended, "collected"
        return (ended, "in place") if ended.failed else None

    def _to_exchange(
        self, path: Path, source: str, place: Place
    ) -> list[tuple[FunctionType, CodeType]]:
        """Functions whose code is another, with that; empty where the change cannot be taken so."""
        before = _compiled(path, source)
        after = compile(changed(source, place), str(path), "exec", dont_inherit=True)
        pairs = []
        try:
            for old, new in _functions_changed(before, after):
                functions = self.alive[_key(old)]
                if not functions or old.co_freevars != new.co_freevars:
                    return []
                pairs += [(function, new) for function in functions]
        except _NotInAFunctionError:
            return []
        return pairs

    def _in_child(
        self,
        tests: Sequence[str],
        pairs: Sequence[tuple[FunctionType, CodeType]],
        seconds: int,
        folder: Path,
    ) -> int:
        in_child_group(self.root, seconds, folder)
        _no_memory_of_examples()
        factory = self.session.config._tmp_path_factory  # type: ignore[attr-defined]
        factory._basetemp, factory._given_basetemp = None, folder / "tests"
        for function, code in pairs:
            function.__code__ = code
        listening = Listening()
        self.session.config.pluginmanager.register(listening)
        items = [self.items[name] for name in tests]
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if not all(listening.outcomes.values()):
                break
        said(folder, listening)
        passed = all(listening.outcomes.values())
        self.session._setupstate.teardown_exact(None)  # what a session keeps, such as a server
        return int(not passed)


class _NotInAFunctionError(Exception):
    pass


@functools.cache
def _compiled(path: Path, source: str) -> CodeType:
    return compile(source, str(path), "exec", dont_inherit=True)


def _key(code: CodeType) -> Key:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _functions_changed(before: CodeType, after: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """The outermost functions whose code differs; raises where it is not within a function."""
    if _own(before) != _own(after):
        raise _NotInAFunctionError
    for old, new in zip(_below(before), _below(after), strict=True):
        if old == new:
            continue
        if not old.co_flags & CO_OPTIMIZED:  # the body of a class
            yield from _functions_changed(old, new)
        elif old.co_name.startswith("<"):  # run on import, or not known by its name
            raise _NotInAFunctionError
        else:
            yield old, new


def _below(code: CodeType) -> list[CodeType]:
    return [const for const in code.co_consts if isinstance(const, CodeType)]


def _own(code: CodeType) -> tuple[object, ...]:
    """What a code object does, without the code that it holds."""
    consts = tuple(
        "code" if isinstance(c, CodeType) else (type(c), repr(c)) for c in code.co_consts
    )
    return code.co_code, code.co_names, consts, code.co_varnames, code.co_exceptiontable


def _no_memory_of_examples() -> None:
    """Examples that failed for another change are not tried first."""
    from hypothesis.database import DirectoryBasedExampleDatabase as Kept

    Kept.save = lambda *_: None  # type: ignore[method-assign]
    Kept.fetch = lambda *_: iter(())  # type: ignore[method-assign]
