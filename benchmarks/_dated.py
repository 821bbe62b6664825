"""Made-up rows keep what their fields ask of each other, so that validation accepts them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.agreements import Agreement
from risicoscreener.dossier.schema import TableSpec


def without_undated(spec: TableSpec, columns: dict[str, Any]) -> dict[str, Any]:
    """The columns, without values that have no day, and with rows that agree in themselves."""
    kept = dict(columns)
    for name, day in spec.dated:
        known = pc.is_valid(kept[day])
        column = kept[name]
        if isinstance(column, pa.DictionaryArray):
            indices = pc.if_else(known, column.indices, pa.scalar(None, column.indices.type))
            kept[name] = pa.DictionaryArray.from_arrays(indices, column.dictionary)
        else:
            kept[name] = pc.if_else(known, column, pa.scalar(None, column.type))
    for agreement in spec.agreements:
        kept[agreement.field] = _agreeing(agreement, kept)
    return kept


def _agreeing(agreement: Agreement, columns: dict[str, Any]) -> pa.Array:
    column = columns[agreement.field]
    if agreement.low is not None:
        return pc.max_element_wise(column, agreement.low, skip_nulls=False).cast(column.type)
    if agreement.at_most is not None:
        return pc.if_else(
            pc.greater(column, columns[agreement.at_most]).fill_null(False),
            columns[agreement.at_most],
            column,
        )
    wrong = np.ones(len(column), bool)
    for name, codes in agreement.where:
        given = columns[name]
        found = pc.is_in(given.cast(pa.string()), pa.array(codes)) if codes else given.is_valid()
        wrong &= found.to_numpy(zero_copy_only=False)
    codes = column.dictionary.to_pylist()
    asked = [codes.index(code) for code in agreement.codes] or [*range(len(codes))]
    indices = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    wrong &= ~np.isin(indices, asked)
    if not agreement.needed:
        wrong &= indices >= 0
    indices = np.where(wrong, asked[0], indices).astype(np.int8)
    return pa.DictionaryArray.from_arrays(pa.array(indices, mask=indices < 0), column.dictionary)
