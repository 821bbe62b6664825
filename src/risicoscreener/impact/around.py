"""A synthetic flow of people around a period: who is inside during it, and for how long."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from risicoscreener.impact.settings import months_after

if TYPE_CHECKING:
    from risicoscreener.impact.settings import Settings

MONTHS_AROUND = 6
"""Of people who are inside in a period, the index days lie at most about so many months outside."""
READ_AFTER_MONTHS = 36


def cohort_around(settings: Settings, people_a_year: int) -> tuple[int, dict[str, Any]]:
    """How many people to simulate, and the calendar with which, so that a period has its flow.

    A synthetic cohort has one index day for each person, spread evenly over a window; who is in the
    last phase of a stay during the period has an index day somewhat before or after it.

    Returns
    -------
    The number of people and ``changes`` for `risicoscreener.synthetic.simulate`.
    """
    first = months_after(settings.start, -settings.warm_up_months - MONTHS_AROUND)
    last = months_after(settings.end, MONTHS_AROUND)
    months = settings.months + settings.warm_up_months + 2 * MONTHS_AROUND
    changes: dict[str, dt.date] = {
        "calendar.as_of_from": first,
        "calendar.as_of_to": last,
        "calendar.extracted_on": months_after(last, READ_AFTER_MONTHS),
    }
    return max(1, round(people_a_year * months / 12)), changes
