"""Days as people write them in Dutch."""

from __future__ import annotations

import datetime as dt

MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
DATE = r"\d{1,2} [a-z]+ \d{4}"
"""Pattern of such a day."""


def day(written: str) -> dt.date:
    """The day of ``1 januari 2017``."""
    number, month, year = written.split()
    return dt.date(int(year), MONTHS.index(month) + 1, int(number))
