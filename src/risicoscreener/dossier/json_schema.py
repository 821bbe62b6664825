"""The JSON Schema of a dossier, made from the record classes."""

from __future__ import annotations

from typing import Any

import msgspec

from risicoscreener.dossier.record import Dossier

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def dossier_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one dossier in its record form."""
    return {"$schema": DIALECT, "title": "Dossier", **msgspec.json.schema(Dossier)}
