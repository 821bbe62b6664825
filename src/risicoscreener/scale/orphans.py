"""A process that works for another ends with it, also if that one is killed."""

from __future__ import annotations

import os
import threading
import time

SECONDS = 1.0
"""How often a process looks whether the one it works for is there."""

_watching: set[int] = set()


def end_with(parent: int) -> None:
    """End this process soon after its parent has ended; asked again, it does nothing more.

    A process that is killed cannot tell those that work for it. They would finish what they have,
    and then wait for ever for more.

    Parameters
    ----------
    parent
        Number of the process that this one works for; if it is this one, nothing is done.
    """
    me = os.getpid()
    if me == parent or me in _watching or os.name != "posix":
        return
    _watching.add(me)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS)
    os._exit(1)
