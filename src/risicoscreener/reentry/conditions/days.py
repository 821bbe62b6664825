"""Days that are counted from a release or an arrival, in calendar days or in working days.

Working days are Monday to Friday; public holidays are not known and count as working days.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import numpy as np

from risicoscreener.reentry.conditions.definition import Action

Roll = Literal["forward", "backward"]
ONE_DAY = dt.timedelta(days=1)


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
    counted = np.busday_offset(np.datetime64(day, "D"), number, roll=roll).item()
    assert isinstance(counted, dt.date)
    return counted


def is_working_day(day: dt.date) -> bool:
    """Whether it is Monday to Friday."""
    return day.weekday() < 5
