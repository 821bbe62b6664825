"""Made-up rows have no value where the day is absent from which it would be known."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.schema import TableSpec


def without_undated(spec: TableSpec, columns: dict[str, Any]) -> dict[str, Any]:
    """The columns, in which such values are absent."""
    kept = dict(columns)
    for name, day in spec.dated:
        known = pc.is_valid(kept[day])
        column = kept[name]
        if isinstance(column, pa.DictionaryArray):
            indices = pc.if_else(known, column.indices, pa.scalar(None, column.indices.type))
            kept[name] = pa.DictionaryArray.from_arrays(indices, column.dictionary)
        else:
            kept[name] = pc.if_else(known, column, pa.scalar(None, column.type))
    return kept
