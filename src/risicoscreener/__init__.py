"""From a dossier of dated facts to grant, deny or a deep assessment, with reasons.

>>> import risicoscreener as rs
>>> result = rs.screen(open("examples/grant.json", "rb").read(), decision="leave")  # doctest: +SKIP
>>> print(result.text("en"))                                                        # doctest: +SKIP

The shipped policies are reference policies derived from public regulation, and the shipped
models are fitted on synthetic people: this is not for decisions about people.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier, DossierTables, read_dossier
    from risicoscreener.errors import RisicoscreenerError
    from risicoscreener.features import Feature, catalogue, compute_features
    from risicoscreener.screening import (
        ScreenedTable,
        Screener,
        ScreeningResult,
        screen,
        screen_many,
    )

_HOME = {
    "Dossier": "dossier",
    "DossierTables": "dossier",
    "read_dossier": "dossier",
    "RisicoscreenerError": "errors",
    "Feature": "features",
    "catalogue": "features",
    "compute_features": "features",
    "ScreenedTable": "screening",
    "Screener": "screening",
    "ScreeningResult": "screening",
    "screen": "screening",
    "screen_many": "screening",
}

__all__ = [
    "Dossier",
    "DossierTables",
    "Feature",
    "RisicoscreenerError",
    "ScreenedTable",
    "Screener",
    "ScreeningResult",
    "__version__",
    "catalogue",
    "compute_features",
    "read_dossier",
    "screen",
    "screen_many",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
