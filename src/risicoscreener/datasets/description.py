"""What a data set is, read from its file: texts, source, licence, columns and conventions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from risicoscreener.features import Feature, catalogue
from risicoscreener.features.definition import GIVEN
from risicoscreener.texts import Texts


@dataclass(frozen=True)
class AuditColumn:
    """An attribute that is kept for audit only: its text, and a label for each code."""

    text: Texts
    values: Mapping[str, str]


@dataclass(frozen=True)
class RawColumn:
    """Where the values of one column of features come from."""

    name: str
    raw: str
    values: Mapping[str, float]
    definition: Feature
    optional: bool


@dataclass(frozen=True)
class Description:
    """A data set as its file describes it.

    Attributes
    ----------
    from_dossier
        Our features that are computed from the dossier tables.
    columns
        Columns that are read from the data as they are, by name.
    settings
        Days, filters and conventions of the data set.
    """

    name: str
    title: Texts
    population: Texts
    outcome: Texts
    dating: Texts
    horizon_days: int
    source: str
    licence: str
    from_dossier: tuple[str, ...]
    columns: Mapping[str, RawColumn]
    audit: Mapping[str, AuditColumn]
    settings: Mapping[str, Any]


@cache
def describe(name: str) -> Description:
    """The description of ``recid``, ``rossi`` or ``compas``."""
    raw = _read(f"{name}.toml")
    source = raw["source"]
    return Description(
        name=raw["name"],
        title=Texts(**raw["title"]),
        population=Texts(**raw["population"]),
        outcome=Texts(**raw["outcome"]),
        dating=Texts(**raw["dating"]),
        horizon_days=raw["horizon_days"],
        source=source,
        licence=raw["licence"],
        from_dossier=tuple(raw["from_dossier"]),
        columns={key: _column(key, entry, source) for key, entry in raw["columns"].items()},
        audit={
            key: AuditColumn(Texts(**entry["text"]), entry.get("values", {}))
            for key, entry in raw["audit"].items()
        },
        settings=raw["settings"],
    )


@cache
def barred_words() -> frozenset[str]:
    """Words that no column of features may have in its name."""
    return frozenset(_read("barred.toml")["words"])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("risicoscreener.datasets") / name).read_text("utf-8"))


def _column(name: str, entry: dict[str, Any], source: str) -> RawColumn:
    values: dict[str, float] = entry.get("values", {})
    if "feature" in entry:
        definition = catalogue()[entry["feature"]]
    else:
        low, high = entry["range"]
        definition = Feature(
            name=name,
            group=entry["group"],
            aggregate=GIVEN,
            field=entry["raw"],
            values=values,
            text=entry["text"],
            unit=entry["unit"],
            source=source,
            low=float(low),
            high=float(high),
            direction=entry["direction"],
            sensitivity=entry.get("sensitivity", "allowed"),
            why=entry.get("why", {}),
        )
    return RawColumn(name, entry["raw"], values, definition, entry.get("optional", False))
