"""How far is looked: from the arrival to the last day of release that is expected."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.dossier.schema import EARLIEST, EPOCH, day_number
from risicoscreener.features.many import EventTables, compute_block

if TYPE_CHECKING:
    from risicoscreener.dossier import DossierTables
    from risicoscreener.screening.screener import Screener

DAYS_AHEAD = 730
"""How far is looked ahead where no day of release is known."""
MOST_DAYS_AHEAD = 7305
"""No time line is longer than these twenty years ahead."""
SERVED, RELEASES = "served_days", ("days_until_release", "days_until_conditional_release")


def day_of(number: int) -> dt.date:
    """The day that is so many days after 1970-01-01."""
    return EPOCH + dt.timedelta(days=number)


def horizon(
    screener: Screener, tables: DossierTables, positions: np.ndarray, days: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First day of the stay (else the day itself), and last day of release (-1: not known)."""
    plan = screener.definitions.plan([SERVED, *RELEASES])
    events = EventTables(tables)
    events.prepare(plan)
    values = compute_block(plan, events, positions, days)
    served = np.nan_to_num(values[:, 0], nan=0.0)
    earliest = day_number(EARLIEST)
    first = np.maximum(days - served.astype(np.int32), earliest)
    ahead = np.fmax(values[:, 1], values[:, 2])
    release = np.where(np.isnan(ahead), -1, days + np.nan_to_num(ahead)).astype(np.int64)
    return first.astype(np.int32), release
