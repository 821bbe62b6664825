"""Work on parts that other processes can import: slow, failing, and fatal."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from risicoscreener.errors import DossierError


def doubled(part: int) -> int:
    time.sleep(0.05 * (part % 2 == 0))  # the even ones end after the odd ones that follow
    return 2 * part


def fails_at_three(part: int) -> int:
    if part == 3:
        time.sleep(0.2)
        raise DossierError("a fact without a person")
    if part == 4:
        raise DossierError("a later part, which fails sooner")
    return part


def is_killed_at_two(part: int) -> int:
    if part == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return part


def begun(path: Path) -> Path:
    """Leaves a file, so that who waits can see how far the work is."""
    path.touch()
    return path
