"""Opens a spreadsheet that comes from outside: what could harm or mislead is refused first."""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from risicoscreener.errors import ReentryError
from risicoscreener.reentry.intake.sheets.writing import check_openpyxl

if TYPE_CHECKING:
    from openpyxl import Workbook

MOST_BYTES = 5_000_000
MOST_UNPACKED = 20_000_000
MOST_FILES = 500
"""An intake of one person is a hundredth of this."""
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_REFUSED = {
    "vbaproject.bin": "a macro; expected a file without: save it as .xlsx",
    "xl/externallinks/": "links to other files; expected a file without",
    "xl/embeddings/": "an embedded file; expected a file without",
    "xl/connections.xml": "a connection to a data source; expected a file without",
}


def open_workbook(source: str | os.PathLike[str] | bytes) -> Workbook:
    """The workbook of an xlsx file, with formulas as they are written.

    Raises
    ------
    ReentryError
        If it is empty, too large, encrypted, damaged, of another kind, or has macros, links to
        other files or days counted from 1904.
    OSError
        If it cannot be read.
    """
    check_openpyxl()
    name, data = _bytes_of(source)
    _check_kind(name, data)
    _check_parts(name, data)
    return _loaded(name, data)


def _bytes_of(source: str | os.PathLike[str] | bytes) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        return "the spreadsheet", source
    with Path(source).open("rb") as stream:
        return os.fspath(source), stream.read(MOST_BYTES + 1)


def _check_kind(name: str, data: bytes) -> None:
    if not data:
        raise ReentryError(f"{name} is empty; expected a spreadsheet (.xlsx)")
    if len(data) > MOST_BYTES:
        raise ReentryError(f"{name} has more than {MOST_BYTES:,} bytes; expected one intake")
    if data.startswith(_OLE):
        raise ReentryError(
            f"{name} has a password, or is of the old kind (.xls); expected an .xlsx without one"
        )
    if not zipfile.is_zipfile(io.BytesIO(data)):
        raise ReentryError(f"{name} is no spreadsheet of the kind .xlsx, or is damaged")


def _check_parts(name: str, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except Exception as error:  # a damaged archive makes zipfile fail in many ways
        raise ReentryError(f"{name} is damaged: {error}") from None
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_FILES or unpacked > MOST_UNPACKED:
        raise ReentryError(
            f"{name} unpacks to {unpacked:,} bytes in {len(parts)} parts; expected at most "
            f"{MOST_UNPACKED:,} in {MOST_FILES}"
        )
    if any(part.flag_bits & 1 for part in parts):
        raise ReentryError(f"{name} has a password; expected a file without one")
    for part in parts:
        for fragment, what in _REFUSED.items():
            if fragment in part.filename.casefold():
                raise ReentryError(f"{name} has {what}")


def _loaded(name: str, data: bytes) -> Workbook:
    from openpyxl import load_workbook
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workbook = load_workbook(io.BytesIO(data), data_only=False, keep_links=False)
    except Exception as error:  # a hostile file makes openpyxl fail in every way there is
        reason = f"{type(error).__name__}: {error}"[:200]
        raise ReentryError(f"{name} cannot be read as a spreadsheet (.xlsx): {reason}") from None
    if workbook.epoch == CALENDAR_MAC_1904:
        raise ReentryError(
            f"{name} counts days from 1904; expected from 1900: turn off 'use 1904 date system' "
            "in the options, check all dates and save it anew"
        )
    return workbook
