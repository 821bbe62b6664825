"""Days that are counted from a release or an arrival, in calendar days or in working days.

Working days are Monday to Friday without the public holidays of `holidays`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from typing import Literal

import numpy as np

from risicoscreener.reentry.conditions.definition import Action
from risicoscreener.reentry.conditions.holidays import (
    FIRST_YEAR,
    LAST_YEAR,
    ONE_DAY,
    PublicHoliday,
    days_off,
    public_holidays,
)

Roll = Literal["forward", "backward"]
SATURDAY = 5


def works_on(action: Action, done_on: dt.date) -> dt.date:
    """The day from which an action that is done on a day has its effect."""
    if action.lead_counts == "working_days":
        return working_days(done_on, action.lead_days, "forward")
    return done_on + action.lead_days * ONE_DAY


def latest_before(action: Action, target: dt.date) -> dt.date:
    """The last day on which an action can be done so that it works by a day."""
    if action.lead_counts == "working_days":
        return working_days(target, -action.lead_days, "backward")
    return on_a_day_for(action, target - action.lead_days * ONE_DAY, "backward")


def on_a_day_for(action: Action, day: dt.date, roll: Roll) -> dt.date:
    """The day itself, or the nearest before or after it on which the action can be done."""
    return day if action.any_day else working_days(day, 0, roll)


def working_days(day: dt.date, number: int, roll: Roll) -> dt.date:
    """So many working days after or before a day; in a weekend counted from the next or last."""
    counted = np.busday_offset(
        np.datetime64(day, "D"), number, roll=roll, busdaycal=_calendar()
    ).item()
    assert isinstance(counted, dt.date)
    return counted


def is_working_day(day: dt.date) -> bool:
    """Whether it is Monday to Friday and no public holiday."""
    return day.weekday() < SATURDAY and day not in days_off()


def working_days_left(first: dt.date, last: dt.date) -> int:
    """Working days from a day up to and including another."""
    return int(np.busday_count(first, last + ONE_DAY, busdaycal=_calendar()))


def holidays_within(first: dt.date, last: dt.date) -> Iterator[PublicHoliday]:
    """The holidays from a day up to and including another that are not in a weekend."""
    for year in range(max(first.year, FIRST_YEAR), min(last.year, LAST_YEAR) + 1):
        for one in public_holidays(year):
            if first <= one.on <= last and one.on.weekday() < SATURDAY:
                yield one


@cache
def _calendar() -> np.busdaycalendar:
    return np.busdaycalendar(holidays=[*days_off()])
