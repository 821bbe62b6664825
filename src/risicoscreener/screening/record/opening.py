"""Which kind of record stands behind an address: a file, or a server."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from risicoscreener.errors import RecordError

if TYPE_CHECKING:
    from risicoscreener.screening.record.log import RecordLog

_MEANT_FOR_A_SERVER = re.compile(
    r"^[a-z][a-z0-9+.\-]*://|\b(password|dbname|host)\s*=", re.IGNORECASE
)


def open_log(target: str | os.PathLike[str], *, create: bool = False) -> RecordLog:
    """The record in a file (SQLite) or on a server (``postgresql://…``).

    Parameters
    ----------
    create
        Make it if it is not there.

    Raises
    ------
    RecordError
        If it is not there, is no record, or cannot be reached. No message has a password.
    """
    address = os.fsdecode(target)
    if address.startswith(("postgresql://", "postgres://")):
        from risicoscreener.screening.record.postgres import PostgresLog

        return PostgresLog(address, create=create)
    if _MEANT_FOR_A_SERVER.search(address):
        # It is not repeated, nor made a file of: it may have a password.
        raise RecordError(
            "the address of the record is neither a file nor a server; expected a path, or "
            "postgresql://user@host/database"
        )
    from risicoscreener.screening.record.sqlite import SqliteLog

    return SqliteLog(target, create=create)
