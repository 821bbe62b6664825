"""A dossier as it stood on a day: without what was recorded, or came true, later."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import msgspec

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import tables


def as_known(dossier: Dossier, day: dt.date) -> Dossier:
    """The dossier with only the facts recorded by a day, and in them only what had come true.

    Whatever is asked of it on a later day is a projection: what would hold then if nothing more
    became known.
    """
    kept = {name: rows_as_known(dossier, name, day) for name in tables() if getattr(dossier, name)}
    return msgspec.structs.replace(dossier, **kept)


def rows_as_known(dossier: Dossier, table: str, day: dt.date) -> list[Any]:
    """The rows of one table as `as_known` has them."""
    known = [row for row in getattr(dossier, table) if row.recorded_at <= day]
    late = _that_come_later(table)
    return [_without_later(row, late, day) for row in known] if late else known


@cache
def _that_come_later(table: str) -> tuple[tuple[str, str], ...]:
    """The columns of a table that come true later than a row is recorded, and what says when."""
    columns = tables()[table].columns
    return tuple((name, one.known_from) for name, one in columns.items() if one.known_from)


def _without_later(row: Any, later: tuple[tuple[str, str], ...], day: dt.date) -> Any:
    """A row in which the fields that came true later are empty."""
    late: dict[str, None] = {}
    for name, known_from in later:
        since = getattr(row, known_from)
        if since is None or since > day:
            late[name] = None
    return msgspec.structs.replace(row, **late) if late else row
