"""The JSON Schema of a dossier, made from the record classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import tables

if TYPE_CHECKING:
    from risicoscreener.dossier.agreements import Agreement

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def dossier_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one dossier in its record form."""
    schema = {"$schema": DIALECT, "title": "Dossier", **msgspec.json.schema(Dossier)}
    for spec in tables().values():
        # That one number is at most another is what a schema has no word for.
        said = [_as_schema(one) for one in spec.agreements if one.at_most is None]
        if said:
            schema["$defs"][spec.row.__name__]["allOf"] = said
    return schema


def _as_schema(agreement: Agreement) -> dict[str, Any]:
    """An agreement between the fields of a row, as ``if`` and ``then``."""
    given: dict[str, Any] = {"not": {"type": "null"}}
    where = {name: {"enum": [*codes]} if codes else given for name, codes in agreement.where}
    then: dict[str, Any] = {}
    if agreement.needed:
        then = {"properties": {agreement.field: given}, "required": [agreement.field]}
    elif agreement.codes:
        then = {"properties": {agreement.field: {"enum": [*agreement.codes]}}}
    elif agreement.low is not None:
        then = {"properties": {agreement.field: {"minimum": agreement.low}}}
    return {"if": {"properties": where, "required": [*where]}, "then": then}
