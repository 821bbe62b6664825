"""Faults at a chosen moment: at the n-th time that a file of a folder is opened, made or moved."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

AS_OF, RECORDED_BY = dt.date(2026, 6, 1), dt.date(2026, 11, 1)
EVENTS = {"open", "os.rename", "os.remove", "os.mkdir"}
LEFT_ALONE = ".lock"
"""A process that goes on holds it, so what is done with it is no event."""

_watching: list[Callable[[str, tuple[Any, ...]], None]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event in EVENTS:
        for watch in _watching:
            watch(event, arguments)


sys.addaudithook(_hook)


@contextmanager
def fault_at(folder: Path, number: int, act: Callable[[], None]) -> Iterator[list[str]]:
    """Act before the n-th event in a folder, counted from 1; yields the events so far."""
    seen: list[str] = []
    inside = os.fspath(folder) + os.sep

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        path = os.fspath(arguments[0]) if isinstance(arguments[0], (str, Path)) else ""
        if path.startswith(inside) and not path.endswith(LEFT_ALONE):
            seen.append(f"{event} {path.removeprefix(inside)}")
            if len(seen) == number:
                act()

    _watching.append(watch)
    try:
        yield seen
    finally:
        _watching.clear()


def stop() -> None:
    raise KeyboardInterrupt


def no_room() -> None:
    raise OSError(28, "No space left on device")


def _run_until_killed(folder: str, out: str, number: str) -> None:
    """Screen a folder in this process, which is killed at an event."""
    from risicoscreener.scale.runs import screen_folder

    with fault_at(Path(out), int(number), lambda: os.kill(os.getpid(), signal.SIGKILL)):
        screen_folder(folder, out, as_of=AS_OF, recorded_by=RECORDED_BY)


if __name__ == "__main__":
    _run_until_killed(*sys.argv[1:])
