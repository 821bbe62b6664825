"""Tables as CSV in which a spreadsheet runs nothing."""

from __future__ import annotations

from typing import Any

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(frame: Any) -> str:
    """A DataFrame as CSV; text that a spreadsheet would run as a formula gets an apostrophe."""
    safe = frame.map(_safe) if len(frame) else frame
    text: str = safe.to_csv(index=False, lineterminator="\n")
    return text


def _safe(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(RUN_BY_SPREADSHEETS):
        return f"'{value}"
    return value
