"""Long work at the command line that is stopped: by Ctrl-C, by a plain kill, by a closed screen."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from risicoscreener.cli.common import EXIT_STOPPED

_SIGNALS = ("SIGTERM", "SIGHUP")


class Stopped(KeyboardInterrupt):
    """Work was stopped; the message is for whoever stopped it.

    Parameters
    ----------
    message
        One line.
    exit_code
        128 and the number of the signal, as shells count.
    """

    def __init__(self, message: str, exit_code: int = EXIT_STOPPED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@contextmanager
def stoppable() -> Iterator[None]:
    """A plain kill, or a terminal that is closed, stops work as Ctrl-C does: with its cleaning up.

    Signals that were ignored, as under ``nohup``, stay so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    usual = {number: signal.getsignal(number) for number in numbers}
    changed = [number for number in numbers if usual[number] == signal.SIG_DFL]
    for number in changed:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, usual[number])


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped("stopped", 128 + number)
