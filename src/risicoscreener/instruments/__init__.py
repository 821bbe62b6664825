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

from risicoscreener.instruments.definition import Definition
from risicoscreener.instruments.golden import InstrumentVerification, golden_files, verify
from risicoscreener.instruments.instrument import Instrument, instruments
from risicoscreener.instruments.result import (
    InstrumentProblem,
    InstrumentResult,
    InstrumentScore,
)

__all__ = [
    "Definition",
    "Instrument",
    "InstrumentProblem",
    "InstrumentResult",
    "InstrumentScore",
    "InstrumentVerification",
    "golden_files",
    "instruments",
    "verify",
]
