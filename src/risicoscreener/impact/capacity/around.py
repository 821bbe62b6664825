"""A synthetic flow of people around a day, from which capacity can be forecast."""

from __future__ import annotations

import datetime as dt
from typing import Any

from risicoscreener.impact.settings import months_after

MONTHS_BEFORE, MONTHS_AFTER = 36, 72
"""A synthetic cohort has one stay of each person, by an index day in its second half: who is inside
during the period that is watched has that day at most about so many months outside it. Stays that
are longer are missing in part, so that few of the very long ones are."""
READ_AFTER_MONTHS = 36


def flow_around(day: dt.date, years: int, people_a_year: int) -> tuple[int, dict[str, Any]]:
    """How many people to simulate, and with which calendar, to watch the years before a day.

    Returns
    -------
    The number of people and ``changes`` for `risicoscreener.synthetic.simulate` with the population
    ``flow``. `Stays.of` takes the index of that cohort, and ``seen_from`` so many years before.

    Raises
    ------
    ImpactError
        If the calendar has no such days.
    """
    first = months_after(day, -12 * years - MONTHS_BEFORE)
    last = months_after(day, MONTHS_AFTER)
    changes: dict[str, dt.date] = {
        "calendar.as_of_from": first,
        "calendar.as_of_to": last,
        "calendar.extracted_on": months_after(last, READ_AFTER_MONTHS),
    }
    months = 12 * years + MONTHS_BEFORE + MONTHS_AFTER
    return max(1, round(people_a_year * months / 12)), changes
