"""Outcomes with a time: until the event, a competing event, or the end of complete follow-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from risicoscreener.errors import ModelError

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray

DAYS_PER_YEAR = 365.25
ROWS_NAMED = 5
"""Rows that a message about bad input names."""


@dataclass(frozen=True, eq=False, repr=False)
class TimeToEvent:
    """What is known of ``n`` people: how long they were followed, and what ended it.

    Parameters
    ----------
    time
        ``(n,)``, days from the start to the event or the end of follow-up; not negative.
    cause
        ``(n,)``: 0 for an end without event (censored), 1 for the event, 2 and above for
        competing events, which rule the event out.
    weight
        ``(n,)``, not negative; a weight of 2 is a row seen twice. By default 1.
    names
        Names of the causes 1, 2, ...; by default numbers.

    Raises
    ------
    ModelError
        For shapes that differ, a time or weight that is negative or not finite, a cause that is
        no whole number from 0 up, or fewer names than causes.

    Examples
    --------
    >>> y = TimeToEvent([100.0, 730.0, 30.0], [1, 0, 2], names=("offence", "death"))
    >>> y
    <TimeToEvent of 3: 1 offence, 1 death, 1 without event; up to 730 days>
    >>> y.within(365.0).time
    array([100., 365.,  30.])
    """

    time: FloatArray
    cause: npt.NDArray[np.int64]
    weight: FloatArray = None  # type: ignore[assignment]  # filled in below
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        time = _column(self.time, "time")
        weight = np.ones(len(time)) if self.weight is None else _column(self.weight, "weight")
        cause = _column(self.cause, "cause")
        if not len(time) == len(cause) == len(weight):
            raise ModelError(
                f"time, cause and weight have {len(time)}, {len(cause)} and {len(weight)} rows; "
                "give one of each per person."
            )
        _refuse(~(np.isfinite(time) & (time >= 0)), "time must be a number of days, at least 0")
        _refuse(~(np.isfinite(weight) & (weight >= 0)), "weight must be a number, at least 0")
        whole = np.isfinite(cause) & (cause >= 0) & (cause == np.floor(cause))
        _refuse(~whole, "cause must be 0 (no event), 1 (the event) or 2, 3, ... (competing)")
        causes = int(cause.max(initial=1))
        names = tuple(self.names) or tuple(str(number) for number in range(1, causes + 1))
        if len(names) < causes:
            raise ModelError(f"{len(names)} names were given for {causes} causes.")
        object.__setattr__(self, "time", time)
        object.__setattr__(self, "cause", cause.astype(np.int64))
        object.__setattr__(self, "weight", weight)
        object.__setattr__(self, "names", names)

    def __repr__(self) -> str:
        counts = [f"{(self.cause == k).sum()} {name}" for k, name in enumerate(self.names, 1)]
        counts.append(f"{(self.cause == 0).sum()} without event")
        longest = self.time.max(initial=0.0)
        return f"<TimeToEvent of {len(self)}: {', '.join(counts)}; up to {longest:g} days>"

    def __len__(self) -> int:
        return len(self.time)

    @property
    def shape(self) -> tuple[int]:
        """``(n,)``; with it scikit-learn can divide an outcome in folds."""
        return (len(self),)

    def __getitem__(self, rows: Any) -> TimeToEvent:
        """Only some rows: a slice, a mask or positions."""
        if isinstance(rows, tuple):  # scikit-learn asks for [rows, ...]
            rows = rows[0]
        rows = np.atleast_1d(rows) if not isinstance(rows, slice) else rows
        return TimeToEvent(self.time[rows], self.cause[rows], self.weight[rows], self.names)

    @property
    def longest(self) -> float:
        """The longest follow-up of a row with weight, in days."""
        return float(self.time[self.weight > 0].max(initial=0.0))

    def is_event(self, cause: int = 1) -> npt.NDArray[np.bool_]:
        """Whether follow-up ended with this cause, ``(n,)``."""
        return self.cause == cause

    def within(self, horizon_days: float) -> TimeToEvent:
        """The same people, followed no longer than a horizon; an event on its last day counts."""
        beyond = self.time > horizon_days
        return replace(
            self,
            time=np.where(beyond, horizon_days, self.time),
            cause=np.where(beyond, 0, self.cause),
        )

    def weighted(self, weight: npt.ArrayLike) -> TimeToEvent:
        """The same people with their weights times these."""
        return replace(self, weight=self.weight * _column(weight, "weight"))

    def to_structured(self) -> npt.NDArray[np.void]:
        """Structured array with the fields ``cause`` and ``time``, without the weights."""
        array = np.empty(len(self), dtype=[("cause", np.int64), ("time", np.float64)])
        array["cause"], array["time"] = self.cause, self.time
        return array


def as_time_to_event(y: Any, sample_weight: Any = None) -> TimeToEvent:
    """An outcome in any form that the estimators of this package take.

    Parameters
    ----------
    y
        `TimeToEvent`; a structured array or data frame with the columns ``time`` and ``cause``;
        or a structured array of scikit-survival, whose first field is the event (boolean) and
        whose second is the time.
    sample_weight
        ``(n,)``; multiplies the weights that the outcome already has.

    Raises
    ------
    ValueError
        For another form, or another number of weights than of rows.
    """
    outcome = _read(y)
    if sample_weight is None:
        return outcome
    weight = np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (len(outcome),):
        raise ValueError(f"sample_weight has shape {weight.shape}; expected ({len(outcome)},).")
    return outcome.weighted(weight)


def _read(y: Any) -> TimeToEvent:
    if isinstance(y, TimeToEvent):
        return y
    if isinstance(y, pd.DataFrame):
        fields = list(map(str, y.columns))
    else:
        y = np.asarray(y)
        fields = list(y.dtype.names or ())
    if {"time", "cause"} <= set(fields):
        weight = np.asarray(y["weight"]) if "weight" in fields else None
        return TimeToEvent(np.asarray(y["time"]), np.asarray(y["cause"]), weight)  # type: ignore[arg-type]
    if len(fields) == 2 and np.asarray(y[fields[0]]).dtype == np.bool_:
        cause = np.asarray(y[fields[0]]).astype(np.int64)
        return TimeToEvent(np.asarray(y[fields[1]]), cause)
    raise ValueError(
        "y must be a TimeToEvent, or have the columns time (days) and cause (0 no event, 1 the "
        "event, 2 and above competing)."
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
    ModelError
        For a negative time, an unknown ``observed``, or shapes that differ.
    """
    factor = {"days": 1.0, "years": DAYS_PER_YEAR}.get(unit)
    if factor is None:
        raise ModelError(f"unit is {unit!r}; give 'days' or 'years'.")
    if not (np.isfinite(lag_days) and lag_days >= 0):
        raise ModelError(f"lag_days is {lag_days!r}; give a number of at least 0.")
    first = _column(event, "event")
    read = np.broadcast_to(np.asarray(observed, dtype=np.float64), first.shape) * factor
    _refuse(~np.isfinite(read), "observed must be known: the day the registers were read")
    end = np.maximum(read - lag_days, 0.0)
    if limit_days is not None:
        end = np.minimum(end, limit_days)
    time, cause = end.copy(), np.zeros(len(first), dtype=np.int64)
    named = {name: first, **(competing or {})}
    for number, (label, times) in reversed(list(enumerate(named.items(), 1))):
        at = _column(times, label) * factor
        if at.shape != first.shape:
            raise ModelError(f"{label} has {len(at)} rows; {len(first)} were expected.")
        _refuse(at < 0, f"{label} lies before the start of follow-up")
        _refuse(np.isinf(at), f"{label} is infinite; NaN means that none is known")
        earlier = at <= time  # NaN is not; the first of two on one day wins by coming last here
        time, cause = np.where(earlier, at, time), np.where(earlier, number, cause)
    known = np.ones(len(first)) if weight is None else _column(weight, "weight")
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
    ModelError
        For an unknown start, an event before it, or what is no date.
    """
    origin = _dates(start, "start")
    _refuse(np.isnat(origin), "start must be known")

    def days(dates: Any, label: str) -> FloatArray:
        given = np.broadcast_to(_dates(dates, label), origin.shape)
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


def _dates(values: Any, label: str) -> npt.NDArray[np.datetime64]:
    try:
        if np.ndim(values) == 0:
            return np.array([pd.Timestamp(values)], dtype="datetime64[ns]")
        return pd.to_datetime(pd.Series(np.asarray(values))).to_numpy("datetime64[ns]")
    except (ValueError, TypeError) as error:
        raise ModelError(f"{label} is no date or column of dates: {error}.") from error


def _column(values: Any, label: str) -> FloatArray:
    try:
        column = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{label} holds what is no number: {error}.") from error
    if column.ndim != 1:
        raise ModelError(f"{label} has shape {column.shape}; expected (n,).")
    return column


def _refuse(wrong: npt.NDArray[np.bool_], expectation: str) -> None:
    if wrong.any():
        rows = ", ".join(map(str, np.flatnonzero(wrong)[:ROWS_NAMED]))
        raise ModelError(f"{expectation}; not so in {wrong.sum()} row(s), the first: {rows}.")
