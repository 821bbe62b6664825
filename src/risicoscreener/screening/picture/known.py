"""Dossier tables as they stood on a day: `dossier.known.as_known` for many people at once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from risicoscreener.dossier.schema import tables

if TYPE_CHECKING:
    from risicoscreener.dossier import DossierTables


def known_tables(dossiers: DossierTables, day: dt.date) -> DossierTables:
    """The tables with only the facts recorded by a day, and in them only what had come true.

    Everyone stays, perhaps without facts. Rows are not validated again.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from risicoscreener.dossier import DossierTables

    parts = {"persons": dossiers.tables["persons"]}
    now = pa.scalar(day, pa.date32())
    for name, spec in tables().items():
        table = dossiers.tables[name]
        table = table.filter(pc.less_equal(table.column("recorded_at"), now)).combine_chunks()
        later = {
            since: pc.fill_null(pc.greater(table.column(since), now), False)
            for since in {c.known_from for c in spec.columns.values() if c.known_from}
        }
        for column in spec.columns.values():
            if column.known_from and pc.any(later[column.known_from]).as_py():
                place = table.schema.get_field_index(column.name)
                field = table.schema.field(place)
                kept = pc.if_else(
                    later[column.known_from], pa.scalar(None, field.type), table.column(place)
                )
                table = table.set_column(place, field, kept.cast(field.type))
        parts[name] = table.combine_chunks()
    return DossierTables(parts, (), dossiers.quarantined_rows)
