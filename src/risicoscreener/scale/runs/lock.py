"""One run at a time writes to a folder: a file says which process does."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec

from risicoscreener.errors import ScaleError
from risicoscreener.strict_json import decode_json

LOCK = ".lock"
_ATTEMPTS = 3
_STATE, _STARTED = 0, 19
"""Places in ``/proc/<pid>/stat`` after the name of the process."""


class Owner(msgspec.Struct, frozen=True):
    """The process that writes to a folder.

    Attributes
    ----------
    pid, host
        Which process on which machine.
    started
        When the machine says that it started, so that a later process that got the same number is
        not taken for it; empty where the machine does not say.
    token
        Tells apart runs of one process.
    """

    pid: Annotated[int, msgspec.Meta(gt=0, lt=2**31)]
    host: str
    started: str
    token: str

    @property
    def is_gone(self) -> bool:
        """Whether the process is known to have ended; of another machine that is not known."""
        if self.host != socket.gethostname() or os.name != "posix":
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:  # it is there, of another user, and may not be looked at
            return started(self.pid) not in ("", self.started)
        return started(self.pid) != self.started


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else runs in this folder meanwhile.

    What a process left that was killed is put aside.

    Raises
    ------
    ScaleError
        If another process runs in it, or may.
    """
    path, mine = folder / LOCK, _this_process()
    try:
        _take(path, mine)
        yield
    finally:
        if _content(path) == mine:
            path.unlink(missing_ok=True)


def started(pid: int) -> str:
    """When a process started, as the machine counts; empty if it ended or that is not told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[_STATE] == "Z" else fields[_STARTED]


def _this_process() -> bytes:
    pid = os.getpid()
    owner = Owner(pid, socket.gethostname(), started(pid), secrets.token_hex(8))
    return msgspec.json.encode(owner)


def _take(path: Path, mine: bytes) -> None:
    for _ in range(_ATTEMPTS):
        if _created(path, mine):
            return
        there = _content(path)
        if there is None:
            continue  # it was released just now
        _check_gone(path, there)
        _set_aside(path, there)
    raise ScaleError(f"other runs keep taking {path.parent}; expected one at a time")


def _created(path: Path, content: bytes) -> bool:
    try:
        stream = path.open("xb", buffering=0)
    except FileExistsError:
        return False
    try:
        with stream:
            stream.write(content)
    except BaseException:  # as of a full disk: a file that names nobody would hold up everybody
        path.unlink()
        raise
    return True


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _check_gone(path: Path, there: bytes) -> None:
    try:
        owner = decode_json(there, Owner)
    except msgspec.DecodeError:
        who = "a process that did not say which it is"
    else:
        if owner.is_gone:
            return
        who = f"process {owner.pid} on {owner.host}"
    raise ScaleError(
        f"another run writes to {path.parent}: {who}; wait until it ends, or give another folder. "
        f"If it is certain that it ended, remove {path}"
    )


def _set_aside(path: Path, there: bytes) -> None:
    """Remove a file of a process that is gone, but not one that was made since it was read."""
    aside = path.with_name(f"{LOCK}.{secrets.token_hex(8)}.partial")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return  # another run was first
    if _content(aside) != there:
        aside.rename(path)
    aside.unlink(missing_ok=True)
