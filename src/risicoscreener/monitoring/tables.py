"""What is watched, as columns: screenings with their decisions, and outcomes as they come in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import MonitoringError

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]
Texts = npt.NDArray[Any]

NEVER = 2**31
"""A day that has not come."""
EPOCH = dt.date(1970, 1, 1)
DIRECTIONS = ("agreed", "up", "down")
KNOWN = ("person_id", "as_of", "outcome", "direction", "decided_on", "seconds", "settled_on")
"""Columns of a table of screenings with a meaning of their own; others are features or groups."""
OF_RESULTS = ("policy", "rule", "requirements_not_met", "requirements_unknown", "conditions")
ENDINGS = ("_probability", "_lower", "_upper", "_support", "_reason_1", "_reason_2", "_reason_3")


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


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
        return _labels(self.columns[name])

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
        Screenings that an later one before the same start took the place of, and those without a
        row of outcomes.
    """

    screenings: Screenings
    start_on: Days
    registered_on: Days
    repeated: int
    without: int

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


def screenings_of(frame: pd.DataFrame, model: str) -> Screenings:
    """Screenings from a table, such as `screen_many` writes, with columns added to it.

    Parameters
    ----------
    frame
        ``person_id`` and ``as_of``; for the model ``<model>_probability`` and ``<model>_support``
        (or ``probability`` and ``support``); ``outcome``; and, where decisions were taken,
        ``direction`` (agreed, up, down), ``decided_on``, ``seconds`` and ``settled_on``. Other
        columns are features, if they are numbers, or groups.

    Raises
    ------
    MonitoringError
        If a column lacks or holds what it cannot; the first row and its value are named.
    """
    for name in ("person_id", "as_of"):
        if name not in frame:
            raise MonitoringError(f"the screenings have no column {name}; expected one")
    probability = _named(frame, f"{model}_probability", "probability")
    if probability is None:
        raise MonitoringError(
            f"the screenings have no column {model}_probability or probability; expected the "
            "probability of the model"
        )
    n = len(frame)
    p = _numbers(frame[probability], probability)
    wrong = np.isfinite(p) & ((p < 0) | (p > 1))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise MonitoringError(f"{probability}[{row}] is {p[row]:g}; expected 0 to 1, or nothing")
    support = _named(frame, f"{model}_support", "support")
    direction = _optional(frame, "direction", n)
    odd = [one for one in np.unique(direction) if one and one not in DIRECTIONS]
    if odd:
        raise MonitoringError(
            f"direction is {odd[0]!r}; expected one of {', '.join(DIRECTIONS)}, or nothing"
        )
    found = Screenings(
        person=_ids(frame["person_id"]),
        as_of=_days(frame["as_of"], "as_of", needed=True),
        probability=p,
        support=np.full(n, "", object) if support is None else _labels(frame[support]),
        outcome=_optional(frame, "outcome", n),
        direction=direction,
        decided_on=_optional_days(frame, "decided_on", n),
        seconds=_numbers(frame["seconds"], "seconds") if "seconds" in frame else np.full(n, np.nan),
        settled_on=_optional_days(frame, "settled_on", n),
        columns=_others(frame, {probability, support}),
    )
    _check_decisions(found)
    order = np.lexsort((found.person.astype(str), found.as_of))
    found = found.rows(order)
    same = (found.person[1:] == found.person[:-1]) & (found.as_of[1:] == found.as_of[:-1])
    if same.any():
        row = int(np.argmax(same))
        day = EPOCH + dt.timedelta(days=int(found.as_of[row]))
        raise MonitoringError(f"{found.person[row]} is screened twice on {day}; expected once")
    return found


def outcomes_of(frame: pd.DataFrame) -> Outcomes:
    """Outcomes from a table with ``person_id``, ``start_on`` and ``registered_on``.

    Raises
    ------
    MonitoringError
        If a column lacks or holds what it cannot, or someone starts twice on a day.
    """
    for name in ("person_id", "start_on", "registered_on"):
        if name not in frame:
            raise MonitoringError(
                f"the outcomes have no column {name}; expected person_id, start_on and "
                "registered_on (empty as long as nothing is registered)"
            )
    found = Outcomes(
        _ids(frame["person_id"]),
        _days(frame["start_on"], "start_on", needed=True),
        _days(frame["registered_on"], "registered_on"),
    )
    early = found.registered_on < found.start_on
    if early.any():
        row = int(np.argmax(early))
        raise MonitoringError(
            f"registered_on of {found.person[row]} is before start_on; expected it after"
        )
    keys = list(zip(found.person.tolist(), found.start_on.tolist(), strict=True))
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise MonitoringError(f"{twice[0]} has two outcomes of one start_on; expected one")
    return found


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
    there = joined.dropna(subset=["row"]).drop_duplicates("row", keep="first")
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
    )


def _named(frame: pd.DataFrame, *names: str) -> str | None:
    return next((name for name in names if name in frame), None)


def _others(frame: pd.DataFrame, used: set[str | None]) -> dict[str, Any]:
    """Columns that are features or groups."""
    found = {}
    for name in frame.columns:
        text = str(name)
        taken = text in KNOWN or text in OF_RESULTS or text in used
        if not taken and not text.endswith(ENDINGS):
            found[text] = _column(frame[name])
    return found


def _column(values: pd.Series) -> Any:
    """Numbers where a column can be read so, else labels; what is missing stays so."""
    if values.dtype.kind in "fiub":
        return values.to_numpy(np.float64)
    labels = _labels(values)
    known = labels != ""
    numbers = np.full(len(labels), np.nan)
    try:
        numbers[known] = labels[known].astype(np.float64)
    except ValueError:
        return labels
    return numbers if known.any() else labels


def _labels(values: Any) -> Texts:
    import pandas as pd

    series = pd.Series(np.asarray(values, dtype=object) if not hasattr(values, "dtype") else values)
    missing = series.isna().to_numpy()
    if series.dtype.kind == "f":
        series = series.map("{:g}".format)
    found: Texts = series.astype(object).map(str).to_numpy(object)
    found[missing] = ""
    return found


def _optional(frame: pd.DataFrame, name: str, n: int) -> Texts:
    return _labels(frame[name]) if name in frame else np.full(n, "", object)


def _optional_days(frame: pd.DataFrame, name: str, n: int) -> Days:
    return _days(frame[name], name) if name in frame else np.full(n, NEVER, np.int64)


def _ids(values: pd.Series) -> Texts:
    found = _labels(values)
    if (found == "").any():
        row = int(np.argmax(found == ""))
        raise MonitoringError(f"person_id[{row}] is missing; expected a case id")
    return found


def _numbers(values: pd.Series, name: str) -> FloatArray:
    import pandas as pd

    found = pd.to_numeric(values, errors="coerce")
    wrong = (found.isna() & values.notna()).to_numpy()
    if wrong.any():
        row = int(np.argmax(wrong))
        raise MonitoringError(f"{name}[{row}] is {values.iloc[row]!r}; expected a number")
    return found.to_numpy(np.float64, na_value=np.nan)


def _days(values: pd.Series, name: str, *, needed: bool = False) -> Days:
    """Days since 1970-01-01; `NEVER` where there is none."""
    import pandas as pd

    if values.dtype.kind == "M" and not needed:
        there = values.notna().to_numpy()
        quick = np.full(len(values), NEVER, np.int64)
        quick[there] = values[there].to_numpy("datetime64[D]").astype(np.int64)
        return quick
    plain = values.astype(object)
    read = pd.to_datetime(plain, errors="coerce", format="ISO8601")
    absent = plain.isna().to_numpy() | (plain.map(str) == "").to_numpy()
    wrong = read.isna().to_numpy() & ~absent
    if needed:
        wrong |= absent
    if wrong.any():
        row = int(np.argmax(wrong))
        raise MonitoringError(f"{name}[{row}] is {values.iloc[row]!r}; expected a day, YYYY-MM-DD")
    if getattr(read.dtype, "tz", None) is not None:
        read = read.dt.tz_localize(None)
    found = np.full(len(values), NEVER, np.int64)
    found[~absent] = read[~absent].to_numpy("datetime64[D]").astype(np.int64)
    return found


def _check_decisions(found: Screenings) -> None:
    """A decision has a day, not before its screening."""
    without = (found.direction != "") & (found.decided_on == NEVER)
    if without.any():
        row = int(np.argmax(without))
        raise MonitoringError(f"direction[{row}] is given and decided_on is not; expected both")
    for name in ("decided_on", "settled_on"):
        early = getattr(found, name) < found.as_of
        if early.any():
            row = int(np.argmax(early))
            raise MonitoringError(
                f"{name}[{row}] of {found.person[row]} is before as_of; expected it after"
            )


def read_tables(
    screened: Sequence[pd.DataFrame], groups: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Tables of screenings under each other, with columns of groups by person.

    Raises
    ------
    MonitoringError
        If the groups name nobody, or someone twice.
    """
    import pandas as pd

    frame = pd.concat(list(screened), ignore_index=True) if len(screened) > 1 else screened[0]
    if groups is None:
        return frame
    if "person_id" not in groups:
        raise MonitoringError("the groups have no column person_id; expected one")
    if groups["person_id"].duplicated().any():
        twice = groups["person_id"][groups["person_id"].duplicated()].iloc[0]
        raise MonitoringError(f"the groups have {twice} twice; expected each person once")
    added = [name for name in groups.columns if name not in frame.columns]
    return frame.merge(groups[["person_id", *added]], on="person_id", how="left")
