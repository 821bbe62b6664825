"""A dossier as it stood on a day: without what was recorded, or came true, later."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import tables


def as_known(dossier: Dossier, day: dt.date) -> Dossier:
    """The dossier with only the facts recorded by a day, and in them only what had come true.

    Whatever is asked of it on a later day is a projection: what would hold then if nothing more
    became known.
    """
    kept = {
        name: [_without_later(row, name, day) for row in rows if row.recorded_at <= day]
        for name in tables()
        if (rows := getattr(dossier, name))
    }
    return msgspec.structs.replace(dossier, **kept)


def _without_later(row: Any, table: str, day: dt.date) -> Any:
    """A row in which the fields that came true later are empty."""
    late: dict[str, None] = {}
    for name, column in tables()[table].columns.items():
        since = getattr(row, column.known_from) if column.known_from else None
        if column.known_from and (since is None or since > day):
            late[name] = None
    return msgspec.structs.replace(row, **late) if late else row
