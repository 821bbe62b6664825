"""Periods of months: their edges, names, and which are over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from risicoscreener.errors import MonitoringError

MOST_PERIODS = 1200


@dataclass(frozen=True)
class Period:
    """From its first day until, and not including, the first day of the next."""

    start: dt.date
    end: dt.date

    @property
    def name(self) -> str:
        """Such as ``2024-03``: its first month."""
        return f"{self.start:%Y-%m}"

    @property
    def months(self) -> float:
        """Its length in mean months."""
        return (self.end - self.start).days / (365.25 / 12)


def later(day: dt.date, months: int) -> dt.date:
    """The first day of the month so many months later."""
    number = day.year * 12 + day.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def periods_over(first: dt.date, months: int, as_of: dt.date) -> tuple[Period, ...]:
    """The periods from a first day that are over on a day.

    Raises
    ------
    MonitoringError
        If there are too many to be meant.
    """
    found: list[Period] = []
    start = first
    while (end := later(start, months)) <= as_of:
        found.append(Period(start, end))
        start = end
        if len(found) > MOST_PERIODS:
            raise MonitoringError(
                f"from {first} to {as_of} are more than {MOST_PERIODS} periods; expected fewer"
            )
    return tuple(found)
