"""Published instruments: executable, sourced and proven by golden vectors.

Each version of an instrument is a data file with its inputs, formulas, bands and the origin of
every number. It scores one person or a table, says every objection, falls back to its static
variant and says so, and lowers to a `RiskModel` like any other.

Examples
--------
>>> from risicoscreener.instruments import Instrument
>>> Instrument.load("ogrs4g").definition.title.en
'General reoffending predictor OGRS4/G'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from risicoscreener.instruments.definition import Definition
from risicoscreener.instruments.golden import InstrumentVerification, golden_files, verify
from risicoscreener.instruments.instrument import Instrument
from risicoscreener.instruments.result import (
    InstrumentProblem,
    InstrumentResult,
    InstrumentScore,
)
from risicoscreener.instruments.shipped import instruments

if TYPE_CHECKING:
    from risicoscreener.instruments.mapping import DossierInputs, inputs_from_dossier

__all__ = [
    "Definition",
    "DossierInputs",
    "Instrument",
    "InstrumentProblem",
    "InstrumentResult",
    "InstrumentScore",
    "InstrumentVerification",
    "golden_files",
    "inputs_from_dossier",
    "instruments",
    "verify",
]


def __getattr__(name: str) -> object:
    # What reads a dossier needs the features, which who has the inputs does not pay for.
    if name in ("DossierInputs", "inputs_from_dossier"):
        from risicoscreener.instruments import mapping

        return getattr(mapping, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
