"""What is left of a dossier for a purpose: the rows and columns that it names."""

from __future__ import annotations

import datetime as dt
from operator import attrgetter
from typing import Any

import msgspec

from risicoscreener.dossier.known import as_known, rows_as_known
from risicoscreener.dossier.record import Detention, Dossier
from risicoscreener.dossier.schema import id_column, tables
from risicoscreener.dossier.visible import visible
from risicoscreener.reentry.sharing.purposes import PERSONS, Purpose

Row = dict[str, Any]


def minimised(dossier: Dossier, purpose: Purpose, as_of: dt.date) -> dict[str, Any]:
    """Per table the rows and columns that a purpose names, as known on a day."""
    known = as_known(dossier, as_of)
    content: dict[str, Any] = {}
    for table, names in purpose.fields.items():
        if table == PERSONS:
            person = {id_column().name: dossier.person_id, **msgspec.structs.asdict(dossier.person)}
            content[table] = {name: person[name] for name in names}
        else:
            rows = rows_for(known, purpose, table, as_of)
            content[table] = [
                {name: value for name in names if (value := getattr(row, name)) is not None}
                for row in rows
            ]
    plain: dict[str, Any] = msgspec.to_builtins(content)
    return plain


def rows_for(known: Dossier, purpose: Purpose, table: str, as_of: dt.date) -> list[Any]:
    """The facts of a table that count for a purpose, in the order of their days.

    Parameters
    ----------
    known
        A dossier as it was known on the day (`as_known`).
    """
    spec = tables()[table]
    found = [row for _, row in visible(getattr(known, table), as_of)]
    for name, values in purpose.where.get(table, {}).items():
        found = [row for row in found if getattr(row, name) in values]
    if table in purpose.running:
        found = [row for row in found if _runs(row, spec.ends, as_of)]
    found.sort(key=attrgetter(str(spec.starts)))
    return found[-1:] if table in purpose.last else found


def _runs(row: Any, ends: str | None, as_of: dt.date) -> bool:
    end = getattr(row, str(ends))
    return end is None or end > as_of


def last_stay(dossier: Dossier, as_of: dt.date) -> Detention | None:
    """The stay that began last, as known on a day; None if there is none."""
    stays = [row for _, row in visible(rows_as_known(dossier, "detentions", as_of), as_of)]
    return max(stays, key=lambda row: row.arrived_on, default=None)
