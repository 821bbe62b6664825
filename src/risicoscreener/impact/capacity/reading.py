"""Stays from the tables of dossiers, or from one table with dates."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity.stays import LOW_UNITS, PROGRAMME, Days, Stays, regimes
from risicoscreener.impact.people import NOT_SET, UNKNOWN_PRISON

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import DossierTables

_DATES = {
    "arrived_on": "arrived",
    "left_on": "left",
    "switched_on": "switched",
    "low_from_on": "low_from",
    "expected_on": "expected",
    "conditional_on": "conditional",
}


def stays_of(
    dossiers: DossierTables, as_of: dt.date, seen_from: dt.date, index: pd.DataFrame | None
) -> Stays:
    """See `Stays.of`."""
    first, last = _period(seen_from, as_of)
    rows = _visible(dossiers, "detentions", as_of)
    rows = rows[(rows["arrived_on"].dt.date <= as_of)]
    chains = rows.groupby(["person", "arrived_on"], sort=True, observed=True)
    whole = chains.tail(1)
    begun = chains.head(1)
    kept = ~whole["gone"].to_numpy(bool)
    frame = whole.assign(
        kind=begun["regime"].astype(str).to_numpy(),
        regime=whole["regime"].astype(str).to_numpy(),
        switched_on=_switches(rows, whole),
        left_on=whole["released_on"].where(whole["released_on"] < np.datetime64(as_of)),
        expected_on=whole["expected_release_on"],
        conditional_on=whole["conditional_release_on"],
    )[kept].reset_index(drop=True)
    frame["low_from_on"] = _low_units(rows, frame)
    _add_liberties(frame, _visible(dossiers, "liberties", as_of), as_of)
    if index is not None:
        frame = _on_the_day(frame, dossiers, index)
    return _made(frame, first, last)


def stays_from_frame(frame: pd.DataFrame, seen_from: dt.date, seen_until: dt.date) -> Stays:
    """See `Stays.from_frame`."""
    import pandas as pd

    first, last = _period(seen_from, seen_until)
    absent = [name for name in ("arrived_on", "left_on", "kind") if name not in frame.columns]
    if absent:
        raise ImpactError(
            f"the table has no column {absent[0]!r}; expected arrived_on, left_on, kind"
        )
    given = list(frame.columns)
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        raise ImpactError(f"the table has the column {twice!r} twice; expected it once")
    made = frame.reset_index(drop=True).copy()
    for name in _DATES:
        if name not in made.columns:
            made[name] = pd.NaT
        made[name] = _dates(made[name], name)
    if "regime" not in made.columns:
        made["regime"] = made["kind"]
    if "prison" not in made.columns:
        made["prison"] = UNKNOWN_PRISON
    made["sentence_days"] = _sentences(made)
    _check_rows(made)
    made["left_on"] = made["left_on"].where(made["left_on"] < np.datetime64(seen_until))
    return _made(made, first, last)


def _dates(given: pd.Series[Any], name: str) -> pd.Series[Any]:
    """Days as they are written by ISO 8601; 01/02 could be either, and is refused."""
    import pandas as pd

    try:
        found = pd.to_datetime(given, format="ISO8601", errors="coerce")
    except (ValueError, TypeError) as error:
        raise ImpactError(f"column {name!r} holds no dates: {error}") from None
    wrong = np.flatnonzero((found.isna() & given.notna()).to_numpy(bool))
    if len(wrong):
        row = int(wrong[0])
        raise ImpactError(
            f"column {name!r} holds no dates: {given.iloc[row]!r} in row {row}; expected YYYY-MM-DD"
        )
    if found.dtype.kind != "M" or getattr(found.dtype, "tz", None) is not None:
        raise ImpactError(f"column {name!r} holds no dates: they have a zone; expected YYYY-MM-DD")
    return found


def _sentences(made: pd.DataFrame) -> pd.Series[Any]:
    import pandas as pd

    if "sentence_days" not in made.columns:
        return pd.Series(0, index=made.index)
    found = pd.to_numeric(made["sentence_days"], errors="coerce")
    wrong = (made["sentence_days"].notna() & found.isna()) | (found < 0) | (found % 1 > 0)
    _refuse(made, "sentence_days", wrong, "a whole number of days, 0 or more")
    return found.fillna(0)


def _check_rows(made: pd.DataFrame) -> None:
    _refuse(made, "arrived_on", made["arrived_on"].isna(), "a date")
    for name in ("kind", "regime"):
        _refuse(made, name, ~made[name].isin(regimes()), f"one of {', '.join(regimes())}")
    _refuse(made, "left_on", made["left_on"] < made["arrived_on"], "a day on or after arrived_on")


def _refuse(made: pd.DataFrame, name: str, wrong: pd.Series[Any], expected: str) -> None:
    rows = np.flatnonzero(wrong.to_numpy(bool))
    if len(rows):
        row = int(rows[0])
        value = made[name].iloc[row]
        shown = value.date() if hasattr(value, "date") and value == value else repr(value)
        raise ImpactError(f"{name} is {shown} in row {row}; expected {expected}")


def _period(first: dt.date, last: dt.date) -> tuple[int, int]:
    for name, day in (("seen_from", first), ("as_of", last)):
        if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
            raise ImpactError(f"{name} is {day!r}; expected a datetime.date")
    if last <= first:
        raise ImpactError(
            f"stays are watched from {first} to {last}; expected a later day than the first"
        )
    return (first - EPOCH).days, (last - EPOCH).days


def _visible(dossiers: DossierTables, table: str, as_of: dt.date) -> pd.DataFrame:
    """Rows recorded by a day and not withdrawn, in the order of recording; ``gone``: replaced."""
    import pandas as pd

    rows = dossiers.to_pandas(table)
    rows["person"] = dossiers.owners(table)
    rows = rows[(rows["recorded_at"].dt.date <= as_of).to_numpy()]
    replaced = rows.loc[rows["supersedes"].notna(), ["person", "supersedes"]]
    named = pd.MultiIndex.from_arrays([rows["person"], rows["fact_id"]])
    gone = named.isin(pd.MultiIndex.from_frame(replaced)) | rows["void"].to_numpy(bool)
    return rows.assign(gone=gone).sort_values(["person", "recorded_at"], kind="stable")


def _switches(rows: pd.DataFrame, whole: pd.DataFrame) -> npt.NDArray[Any]:
    """For each stay the day on which its last ground of detention was recorded first."""
    import pandas as pd

    keys = ["person", "arrived_on"]
    last = whole[[*keys, "regime"]].rename(columns={"regime": "last"})
    joined = rows[[*keys, "regime", "recorded_at"]].merge(last, on=keys)
    other = joined["regime"].astype(str) != joined["last"].astype(str)
    changed = joined.assign(other=other).groupby(keys)["other"].any()
    since = joined[~other].groupby(keys)["recorded_at"].min().where(changed)
    found = since.reindex(pd.MultiIndex.from_frame(whole[keys]))
    day: npt.NDArray[Any] = found.to_numpy("datetime64[ns]")
    return np.where(day > whole["arrived_on"].to_numpy("datetime64[ns]"), day, np.datetime64("NaT"))


def _low_units(rows: pd.DataFrame, frame: pd.DataFrame) -> npt.NDArray[Any]:
    """The first day in a low-security unit, as the placements tell."""
    import pandas as pd

    keys = ["person", "arrived_on"]
    low = rows[rows["unit"].isin(LOW_UNITS)]
    since = low["unit_since"].fillna(low["recorded_at"])
    first = low.assign(since=since).groupby(keys)["since"].min()
    found: npt.NDArray[Any] = first.reindex(pd.MultiIndex.from_frame(frame[keys])).to_numpy(
        "datetime64[ns]"
    )
    return found


def _add_liberties(frame: pd.DataFrame, liberties: pd.DataFrame, as_of: dt.date) -> None:
    """Placements in low security and in a penitentiary programme, by the stay that they are in."""
    begun = ~liberties["gone"] & (liberties["started_on"] < np.datetime64(as_of))
    started = liberties[begun.to_numpy(bool)]
    for kinds, column in ((LOW_UNITS, "low_from_on"), ((PROGRAMME,), "left_on")):
        of_kind = started[started["kind"].isin(kinds)][["person", "started_on"]]
        pairs = frame[["person", "arrived_on", "left_on"]].reset_index().merge(of_kind, on="person")
        during = (pairs["started_on"] >= pairs["arrived_on"]) & ~(
            pairs["started_on"] > pairs["left_on"]
        )
        first = pairs[during].groupby("index")["started_on"].min().reindex(frame.index)
        frame[column] = frame[column].where(frame[column].notna() & ~(first < frame[column]), first)


def _on_the_day(frame: pd.DataFrame, dossiers: DossierTables, index: pd.DataFrame) -> pd.DataFrame:
    """Of each person the stay in which their day lies.

    Which of the stays is meant is read from all that is recorded: it says how the sample was
    drawn, and not what was known.
    """
    import pandas as pd

    from risicoscreener.features.index import Index

    at = Index.of(dossiers, index)
    days = np.full(dossiers.n_persons, NOT_SET, dtype=np.int64)
    days[at.positions] = at.days
    day = days[frame["person"].to_numpy()]
    rows = _visible(dossiers, "detentions", dt.date.max)
    keys = ["person", "arrived_on"]
    last = rows[~rows["gone"]].groupby(keys)["released_on"].last()
    begin, end = (
        _days(frame["arrived_on"]),
        _days(last.reindex(pd.MultiIndex.from_frame(frame[keys]))),
    )
    there = (day != NOT_SET) & (begin <= day) & ((end >= day) | (end == NOT_SET))
    return frame[there].groupby("person", sort=True).tail(1).reset_index(drop=True)


def _made(frame: pd.DataFrame, first: int, last: int) -> Stays:
    arrived, left = _days(frame["arrived_on"]), _days(frame["left_on"])
    seen = (arrived < last) & ((left == NOT_SET) | (left > first))
    if not seen.any():
        raise ImpactError(
            f"there is no stay from {EPOCH + dt.timedelta(days=first)} to "
            f"{EPOCH + dt.timedelta(days=last)}; expected some to forecast from"
        )
    frame = frame[seen]
    columns = {field: _days(frame[name]) for name, field in _DATES.items()}
    prison = frame["prison"].astype(object).where(frame["prison"].notna(), UNKNOWN_PRISON)
    return Stays(
        seen_from=first,
        seen_until=last,
        entered=np.maximum(columns["arrived"], first),
        kind=frame["kind"].to_numpy().astype(str),
        regime=frame["regime"].to_numpy().astype(str),
        prison=prison.to_numpy().astype(str),
        sentence_days=frame["sentence_days"].fillna(0).to_numpy(np.int64),
        outcomes={},
        person=frame["person"].to_numpy(np.int64) if "person" in frame.columns else None,
        **columns,
    )


def _days(dates: pd.Series[Any]) -> Days:
    found = dates.to_numpy("datetime64[D]")
    return np.where(np.isnat(found), NOT_SET, found.astype(np.int64))
