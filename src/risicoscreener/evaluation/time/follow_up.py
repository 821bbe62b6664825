"""Time and cause from dates: what a register that lags lets one know of each person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import OutcomeError
from risicoscreener.evaluation.estimate import FloatArray
from risicoscreener.evaluation.time.outcome import (
    DAYS_PER_YEAR,
    TimeToEvent,
    column,
    refuse_rows,
)


def follow_up(
    event: npt.ArrayLike,
    observed: npt.ArrayLike,
    *,
    competing: Mapping[str, npt.ArrayLike] | None = None,
    lag_days: float = 0.0,
    limit_days: float | None = None,
    weight: npt.ArrayLike | None = None,
    unit: Literal["days", "years"] = "days",
    name: str = "event",
) -> TimeToEvent:
    """Time and cause from the times of events and of the reading of the registers.

    An event becomes visible only when it is registered, months later. Someone read ``observed``
    days after the start is known to be free of events only up to ``observed - lag_days``: later
    events are partly visible, and to count those while the others pass for event-free would
    make risk look smaller than it is. So all follow-up ends there, with or without an event
    after it.

    Parameters
    ----------
    event
        ``(n,)``, from the start to the event; NaN if none is known.
    observed
        ``(n,)`` or one number: from the start to the day on which the registers were read.
    competing
        Per competing event the times, NaN if none is known. Where two coincide the event of
        interest comes first, then the order given.
    lag_days
        Days within which (nearly) all events are registered.
    limit_days
        End of follow-up in any case.
    weight
        ``(n,)``, as in `TimeToEvent`.
    unit
        Of ``event``, ``observed`` and ``competing``; the result is in days.
    name
        Of the event.

    Returns
    -------
    Someone of whom nothing is complete has time 0 and no event, and does not count in a fit.

    Raises
    ------
    OutcomeError
        For a negative time, an unknown ``observed``, shapes that differ, or a competing event
        with the name of the event.
    """
    factor = {"days": 1.0, "years": DAYS_PER_YEAR}.get(unit)
    if factor is None:
        raise OutcomeError(f"unit is {unit!r}; give 'days' or 'years'.")
    if not (np.isfinite(lag_days) and lag_days >= 0):
        raise OutcomeError(f"lag_days is {lag_days!r}; give a number of at least 0.")
    first = column(event, "event")
    read = _for_each(observed, "observed", len(first)) * factor
    refuse_rows(~np.isfinite(read), "observed must be known: the day the registers were read")
    end = np.maximum(read - lag_days, 0.0)
    if limit_days is not None:
        end = np.minimum(end, limit_days)
    time, cause = end.copy(), np.zeros(len(first), dtype=np.int64)
    if competing and name in competing:
        raise OutcomeError(f"{name!r} is the event and a competing event; give them two names.")
    named = {name: first, **(competing or {})}
    for number, (label, times) in reversed(list(enumerate(named.items(), 1))):
        at = column(times, label) * factor
        if at.shape != first.shape:
            raise OutcomeError(f"{label} has {len(at)} rows; {len(first)} were expected.")
        refuse_rows(at < 0, f"{label} lies before the start of follow-up")
        refuse_rows(np.isinf(at), f"{label} is infinite; NaN means that none is known")
        earlier = at <= time  # NaN is not; the first of two on one day wins by coming last here
        time, cause = np.where(earlier, at, time), np.where(earlier, number, cause)
    known = np.ones(len(first)) if weight is None else column(weight, "weight")
    unseen = read - lag_days <= 0
    return TimeToEvent(np.where(unseen, 0.0, time), np.where(unseen, 0, cause), known, tuple(named))


def follow_up_from_dates(
    start: Any,
    event: Any,
    extracted: Any,
    *,
    competing: Mapping[str, Any] | None = None,
    lag_days: float = 0.0,
    limit_days: float | None = None,
    weight: npt.ArrayLike | None = None,
    name: str = "event",
) -> TimeToEvent:
    """Time and cause from dates; as `follow_up`.

    Parameters
    ----------
    start
        ``(n,)``, the day follow-up starts (release, start of a leave).
    event
        ``(n,)``, the day of the event, or NaT.
    extracted
        The day on which the registers were read; one or ``(n,)``.
    competing
        Per competing event its days, NaT if none is known.
    lag_days, limit_days, weight, name
        As for `follow_up`.

    Raises
    ------
    OutcomeError
        For an unknown start, an event before it, or what is no date.
    """
    origin = _dates(start, "start")
    refuse_rows(np.isnat(origin), "start must be known")

    def days(dates: Any, label: str) -> FloatArray:
        given = _dates(dates, label)
        if len(given) not in (1, len(origin)):
            raise OutcomeError(f"{label} has {len(given)} rows; {len(origin)} were expected.")
        gone: FloatArray = (given - origin) / np.timedelta64(1, "D")
        return gone

    return follow_up(
        days(event, name),
        days(extracted, "extracted"),
        competing={label: days(dates, label) for label, dates in (competing or {}).items()},
        lag_days=lag_days,
        limit_days=limit_days,
        weight=weight,
        name=name,
    )


def _for_each(values: npt.ArrayLike, label: str, n: int) -> FloatArray:
    """One number for each row, of a column or of one number for all."""
    given = column(np.atleast_1d(np.asarray(values)), label)
    if len(given) not in (1, n):
        raise OutcomeError(f"{label} has {len(given)} rows; {n} were expected.")
    return np.broadcast_to(given, (n,))


def _dates(values: Any, label: str) -> npt.NDArray[np.datetime64]:
    import pandas as pd

    try:
        if np.ndim(values) == 0:
            return np.array([pd.Timestamp(values)], dtype="datetime64[ns]")
        return pd.to_datetime(pd.Series(np.asarray(values))).to_numpy("datetime64[ns]")
    except (ValueError, TypeError) as error:
        raise OutcomeError(f"{label} is no date or column of dates: {error}.") from error
