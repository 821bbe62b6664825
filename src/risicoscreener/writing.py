"""Files are written beside their place and put in it when whole: nobody reads half a file."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST_NAME = 200
"""Characters of a file's name that are kept in the name of the unfinished file beside it."""


@contextmanager
def put_in_place(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Where to write a file that is to stand at ``path`` once it is whole.

    Whoever reads ``path`` meanwhile finds what was there before. If writing fails, or is stopped,
    that remains and the unfinished file is removed. A link is followed, so that what it points to
    is replaced; a device or a pipe is written to as it is.

    Parameters
    ----------
    path
        Where the file is to stand.

    Yields
    ------
    Path
        The name to write to, in the same folder.

    Raises
    ------
    OSError
        If there can be no file at ``path``, or it could not be written in full.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "result.txt"
    >>> with put_in_place(path) as unfinished:
    ...     _ = unfinished.write_text("whole")
    >>> path.read_text()
    'whole'
    """
    target = check_place(path)
    if target.exists() and not target.is_file():
        yield target
        return
    name = f".{target.name[:LONGEST_NAME]}.{secrets.token_hex(4)}.partial"
    unfinished = target.with_name(name)
    try:
        yield unfinished
        if target.exists():
            shutil.copymode(target, unfinished)
        _to_disk(unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def check_place(path: str | os.PathLike[str]) -> Path:
    """The file that `put_in_place` would write, links followed.

    For a command that works long before it writes: it fails before the work.

    Raises
    ------
    OSError
        If its folder is absent or a file, if it is a folder itself, or may not be written.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.exists():
        raise _refusal(errno.ENOENT, path)
    if not target.parent.is_dir():
        raise _refusal(errno.ENOTDIR, path)
    if target.is_dir():
        raise _refusal(errno.EISDIR, path)
    changed = target if target.exists() else target.parent
    if not os.access(changed, os.W_OK):
        raise _refusal(errno.EACCES, path)
    return target


def _refusal(number: int, path: str | os.PathLike[str]) -> OSError:
    return OSError(number, os.strerror(number), os.fspath(path))


def _to_disk(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
