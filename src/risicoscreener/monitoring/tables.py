"""What is watched, as columns: screenings with their decisions, and outcomes as they come in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.dossier.schema import day_number
from risicoscreener.errors import MonitoringError

FloatArray = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]
Texts = npt.NDArray[Any]

BUNDLE = "bundle"
"""Column that says with which models a screening was made; no feature and no group."""
NEVER = 2**31
"""A day that has not come."""


@dataclass(frozen=True, eq=False)
class Screenings:
    """Screenings as columns, sorted by day and person.

    Attributes
    ----------
    person
        ``(n,)`` case ids.
    as_of
        ``(n,)`` days since 1970-01-01.
    probability
        ``(n,)``; NaN where the model did not speak.
    support
        ``(n,)`` ``inside``, ``outside``, ``insufficient`` or empty.
    outcome
        ``(n,)`` outcome of the screening, or empty.
    direction, decided_on, seconds
        ``(n,)`` what was decided beside the screening (empty: nothing yet), when, and in how much
        time (NaN: not known).
    settled_on
        ``(n,)`` day on which a deep assessment was settled; `NEVER` if it was not.
    columns
        Features and groups by name, ``(n,)`` each, as they came.
    """

    person: Texts
    as_of: Days
    probability: FloatArray
    support: Texts
    outcome: Texts
    direction: Texts
    decided_on: Days
    seconds: FloatArray
    settled_on: Days
    columns: dict[str, Any]

    def __len__(self) -> int:
        return len(self.person)

    def rows(self, chosen: Any) -> Screenings:
        """Part of the rows."""
        cut = {
            name: getattr(self, name)[chosen]
            for name in (
                *("person", "as_of", "probability", "support", "outcome"),
                *("direction", "decided_on", "seconds", "settled_on"),
            )
        }
        return Screenings(**cut, columns={k: v[chosen] for k, v in self.columns.items()})

    def between(self, start: dt.date, end: dt.date) -> Screenings:
        """Screened from one day until, and not including, another."""
        first, last = day_number(start), day_number(end)
        return self.rows((self.as_of >= first) & (self.as_of < last))

    def numbers(self, name: str) -> FloatArray:
        """A column as numbers; what is missing is NaN.

        Raises
        ------
        MonitoringError
            If there is no such column, or it holds no numbers.
        """
        if name not in self.columns:
            raise MonitoringError(
                f"there is no column {name}; expected one of {', '.join(sorted(self.columns))}"
            )
        try:
            return np.asarray(self.columns[name], dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise MonitoringError(f"column {name} holds what is no number: {error}") from None

    def labels(self, name: str) -> Texts:
        """A column as labels; what is missing is empty.

        Raises
        ------
        MonitoringError
            If there is no such column.
        """
        if name not in self.columns:
            raise MonitoringError(
                f"there is no column {name} to tell groups apart; expected one of "
                f"{', '.join(sorted(self.columns))}"
            )
        return labels_of(self.columns[name])

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns with numbers."""
        found = []
        for name, values in self.columns.items():
            if np.asarray(values).dtype.kind in "fiub":
                found.append(name)
        return tuple(sorted(found))


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Outcomes as they came in, as columns.

    Attributes
    ----------
    person
        ``(n,)`` case ids.
    start_on
        ``(n,)`` first day of follow-up: release, or the start of the liberty.
    registered_on
        ``(n,)`` day on which the first outcome within the horizon was registered; `NEVER` if none
        was.
    """

    person: Texts
    start_on: Days
    registered_on: Days

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, eq=False)
class Followed:
    """Screenings of which the outcome is awaited, one for each start of follow-up.

    Attributes
    ----------
    screenings
        The last screening before each start.
    start_on, registered_on
        ``(n,)`` as of `Outcomes`.
    repeated, without
        Screenings that a later one before the same start took the place of, and those without a
        row of outcomes.
    unscreened, shared
        Rows of outcomes of people who were screened only after them, and those after an earlier
        start on the same screening. They are in no test.
    """

    screenings: Screenings
    start_on: Days
    registered_on: Days
    repeated: int
    without: int
    unscreened: int = 0
    shared: int = 0

    def __len__(self) -> int:
        return len(self.start_on)

    def rows(self, chosen: Any) -> Followed:
        """Part of the rows."""
        return replace(
            self,
            screenings=self.screenings.rows(chosen),
            start_on=self.start_on[chosen],
            registered_on=self.registered_on[chosen],
        )


def followed(screenings: Screenings, outcomes: Outcomes) -> Followed:
    """For each start of follow-up the last screening before it, in the order of the starts.

    One person counts once for each start: two screenings would share one outcome.
    """
    import pandas as pd

    left = pd.DataFrame(
        {"person": outcomes.person.astype(str), "start": outcomes.start_on,
         "registered": outcomes.registered_on}
    ).sort_values(["start", "person"], kind="stable")  # fmt: skip
    right = pd.DataFrame(
        {"person": screenings.person.astype(str), "as_of": screenings.as_of,
         "row": np.arange(len(screenings))}
    ).sort_values(["as_of", "person"], kind="stable")  # fmt: skip
    joined = pd.merge_asof(left, right, left_on="start", right_on="as_of", by="person")
    # A screening belongs to the first start after it only.
    screened = joined.dropna(subset=["row"])
    there = screened.drop_duplicates("row", keep="first")
    before_all = joined["row"].isna() & joined["person"].isin(right["person"])
    rows = there["row"].to_numpy(np.int64)
    starts = np.sort(left["start"].to_numpy())
    followed_people = set(left["person"])
    known = right["person"].isin(followed_people).to_numpy()
    before_some = right["as_of"].to_numpy() <= (starts[-1] if len(starts) else -1)
    return Followed(
        screenings.rows(rows),
        there["start"].to_numpy(np.int64),
        there["registered"].to_numpy(np.int64),
        repeated=int((known & before_some).sum()) - len(rows),
        without=int((~known).sum()),
        unscreened=int(before_all.sum()),
        shared=len(screened) - len(there),
    )


def labels_of(values: Any) -> Texts:
    """A column as text; what is missing is empty."""
    import pandas as pd

    series = pd.Series(np.asarray(values, dtype=object) if not hasattr(values, "dtype") else values)
    missing = series.isna().to_numpy()
    if series.dtype.kind == "f":
        series = series.map("{:g}".format)
    found: Texts = series.astype(object).map(str).to_numpy(object)
    found[missing] = ""
    return found
