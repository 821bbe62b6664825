"""The chain: from a dossier to an outcome with reasons, for one person and for a million."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from risicoscreener.screening.result import ScreeningResult, result_json_schema
    from risicoscreener.screening.screener import (
        Screener,
        day_of_picture,
        latest_day,
        screen,
        screen_many,
    )
    from risicoscreener.screening.table import ScreenedTable

__all__ = [
    "ScreenedTable",
    "Screener",
    "ScreeningResult",
    "day_of_picture",
    "latest_day",
    "result_json_schema",
    "screen",
    "screen_many",
]

_HOME = {
    "ScreenedTable": "table",
    "Screener": "screener",
    "ScreeningResult": "result",
    "day_of_picture": "screener",
    "latest_day": "screener",
    "result_json_schema": "result",
    "screen": "screener",
    "screen_many": "screener",
}


def __getattr__(name: str) -> object:
    # The table form needs pyarrow, which a caller with one record does not pay for.
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
