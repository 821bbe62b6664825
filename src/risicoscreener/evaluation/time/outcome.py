"""Outcomes with a time: until the event, a competing event, or the end of complete follow-up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import OutcomeError
from risicoscreener.evaluation.estimate import FloatArray

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
    OutcomeError
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
        time = column(self.time, "time")
        weight = np.ones(len(time)) if self.weight is None else column(self.weight, "weight")
        cause = column(self.cause, "cause")
        if not len(time) == len(cause) == len(weight):
            raise OutcomeError(
                f"time, cause and weight have {len(time)}, {len(cause)} and {len(weight)} rows; "
                "give one of each per person."
            )
        refuse_rows(
            ~(np.isfinite(time) & (time >= 0)), "time must be a number of days, at least 0", time
        )
        refuse_rows(
            ~(np.isfinite(weight) & (weight >= 0)), "weight must be a number, at least 0", weight
        )
        whole = np.isfinite(cause) & (cause >= 0) & (cause == np.floor(cause))
        refuse_rows(
            ~whole, "cause must be 0 (no event), 1 (the event) or 2, 3, ... (competing)", cause
        )
        causes = int(cause.max(initial=1))
        names = tuple(self.names) or tuple(str(number) for number in range(1, causes + 1))
        if len(names) < causes:
            raise OutcomeError(f"{len(names)} names were given for {causes} causes.")
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
        return replace(self, weight=self.weight * column(weight, "weight"))

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
    if hasattr(y, "columns"):  # a data frame
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


def column(values: Any, label: str) -> FloatArray:
    """Values as a column of numbers."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise OutcomeError(f"{label} holds what is no number: {error}.") from error
    if array.ndim != 1:
        raise OutcomeError(f"{label} has shape {array.shape}; expected (n,).")
    return array


def numbers_for(values: Any, label: str, n: int) -> FloatArray:
    """A column of ``n`` numbers, none missing."""
    found = column(values, label)
    if len(found) != n:
        raise OutcomeError(f"{label} has {len(found)} rows; {n} were expected.")
    refuse_rows(np.isnan(found), f"{label} must be a number")
    return found


def refuse_rows(
    wrong: npt.NDArray[np.bool_], expectation: str, values: FloatArray | None = None
) -> None:
    """Refuse if any row is wrong, and name the first with their values."""
    if wrong.any():
        first = np.flatnonzero(wrong)[:ROWS_NAMED]
        rows = ", ".join(str(r) if values is None else f"{r} ({values[r]:g})" for r in first)
        raise OutcomeError(f"{expectation}; not so in {wrong.sum()} row(s), the first: {rows}.")
