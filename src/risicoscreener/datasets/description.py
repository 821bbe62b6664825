"""What a data set is, read from its file: texts, source, licence, columns and conventions."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from risicoscreener.features import Feature, catalogue
from risicoscreener.features.definition import Direction, Sensitivity
from risicoscreener.texts import Texts


@dataclass(frozen=True)
class ColumnDefinition:
    """A column of a data set that is none of our features: what `Feature` says, without a rule.

    Attributes
    ----------
    name, text, unit, source
        What it is called, what it means (``nl``, ``en``), in which unit, and whose data it is.
    raw
        Column of the data set from which it is read.
    values
        Number for each code of that column; empty if it holds numbers.
    low, high
        Valid range, inclusive.
    direction, sensitivity, why
        As for a feature.
    """

    name: str
    text: Texts
    unit: str
    source: str
    raw: str
    low: float
    high: float
    values: Mapping[str, float]
    direction: Direction = "none"
    sensitivity: Sensitivity = "allowed"
    why: Texts | None = None

    @property
    def digest(self) -> str:
        """Hash of all that determines the value: the data set, its column and its codes."""
        plain = [self.name, self.raw, dict(self.values)]
        canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


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
    definition: Feature | ColumnDefinition
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
    definition: Feature | ColumnDefinition
    if "feature" in entry:
        definition = catalogue()[entry["feature"]]
    else:
        low, high = entry["range"]
        definition = ColumnDefinition(
            name=name,
            text=Texts(**entry["text"]),
            unit=entry["unit"],
            source=source,
            raw=entry["raw"],
            low=float(low),
            high=float(high),
            values=values,
            direction=entry["direction"],
            sensitivity=entry.get("sensitivity", "allowed"),
            why=Texts(**entry["why"]) if "why" in entry else None,
        )
    return RawColumn(name, entry["raw"], values, definition, entry.get("optional", False))
