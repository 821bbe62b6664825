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
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
"""What text starts with that a spreadsheet would run as a formula."""


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
    unfinished = target.with_name(_unfinished_name(target))
    try:
        yield unfinished
        if target.exists():
            shutil.copymode(target, unfinished)
        _to_disk(unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def put_folder_in_place(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A folder to write to that is to stand at ``path`` once everything in it is whole.

    Nothing stands at ``path`` until then. If writing fails, or is stopped, the unfinished folder
    beside it is removed; a process that is killed leaves it, with a name that ends in ``.partial``.

    Parameters
    ----------
    path
        Where the folder is to stand; folders above it are made, a link is followed.

    Yields
    ------
    Path
        An empty folder beside it.

    Raises
    ------
    OSError
        If something is at ``path`` that is not an empty folder, or there can be no folder.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "cohort"
    >>> with put_folder_in_place(path) as unfinished:
    ...     _ = (unfinished / "a.txt").write_text("whole")
    >>> (path / "a.txt").read_text()
    'whole'
    """
    target = check_new_folder(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(_unfinished_name(target))
    unfinished.mkdir()
    try:
        yield unfinished
        for file in unfinished.rglob("*"):
            if file.is_file():
                _to_disk(file)
        if target.exists():
            target.rmdir()
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def check_new_folder(path: str | os.PathLike[str]) -> Path:
    """The folder that `put_folder_in_place` would make, links followed.

    For a command that works long before it writes: it fails before the work.

    Raises
    ------
    OSError
        If something is there that is not an empty folder, or the folder above cannot be written.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_dir():
        raise _refusal(errno.EEXIST, path)
    if target.is_dir() and any(target.iterdir()):
        raise _refusal(errno.ENOTEMPTY, path)
    above = next(folder for folder in target.parents if folder.exists())
    if not above.is_dir():
        raise _refusal(errno.ENOTDIR, path)
    if not os.access(above, os.W_OK):
        raise _refusal(errno.EACCES, path)
    return target


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


def _unfinished_name(target: Path) -> str:
    return f".{target.name[:LONGEST_NAME]}.{secrets.token_hex(4)}.partial"


def _refusal(number: int, path: str | os.PathLike[str]) -> OSError:
    return OSError(number, os.strerror(number), os.fspath(path))


def _to_disk(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
