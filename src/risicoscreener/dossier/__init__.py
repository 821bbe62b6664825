"""What is known about someone: dated facts, as a record or as tables, with validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from risicoscreener.dossier.json_schema import dossier_json_schema
from risicoscreener.dossier.problems import Problem
from risicoscreener.dossier.reading import read_dossier, read_dossier_leniently
from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.vocabulary import Vocabulary, vocabularies

if TYPE_CHECKING:
    from risicoscreener.dossier.tables import DossierTables, concatenate

__all__ = [
    "Dossier",
    "DossierTables",
    "Problem",
    "Vocabulary",
    "concatenate",
    "dossier_json_schema",
    "read_dossier",
    "read_dossier_leniently",
    "vocabularies",
]


def __getattr__(name: str) -> object:
    # The table form needs pyarrow, which a caller with one record does not pay for.
    if name in ("DossierTables", "concatenate"):
        from risicoscreener.dossier import tables

        return getattr(tables, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
