"""Tables as CSV in which a spreadsheet runs nothing."""

from __future__ import annotations

from typing import Any

from risicoscreener.writing import RUN_BY_SPREADSHEETS


def csv_text(frame: Any) -> str:
    """A DataFrame as CSV; text that a spreadsheet would run as a formula gets an apostrophe."""
    safe = frame.map(_safe) if len(frame) else frame
    text: str = safe.to_csv(index=False, lineterminator="\n")
    return text


def _safe(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # csv leaves a lone return unquoted, so that a row would end there and a formula begin
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if value.startswith(RUN_BY_SPREADSHEETS) else text
