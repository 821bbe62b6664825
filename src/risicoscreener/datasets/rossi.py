"""Men released from prisons of Maryland, early 1970s (Rossi, Berk and Lenihan)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from risicoscreener.datasets.dataset import Dataset, People, build
from risicoscreener.datasets.description import describe
from risicoscreener.datasets.reading import from_package

MAX_AGE = 120
MAX_WEEKS = 1000


def load_rossi() -> Dataset:
    """432 men released from prisons of Maryland, and arrest within 52 weeks.

    The data have no dates: only birth (from the age, at a declared day) can be a fact of a
    dossier. The copy in ``lifelines`` has no weekly employment; it would be known only after
    release, and so be no feature at release.

    Returns
    -------
    Dataset
        114 of 432 with the outcome; all others were followed for 52 weeks.

    Raises
    ------
    DataError
        If the package ``lifelines`` is absent (extra ``data``) or has another table.
    """
    description = describe("rossi")
    raw = [column.raw for column in description.columns.values()]
    needed = [*raw, *description.audit, "age", "week", "arrest"]
    settings = description.settings
    source = from_package("lifelines", _table, needed, settings["rows"])
    age = source.whole("age", 0, MAX_AGE)
    epoch = np.datetime64(settings["epoch"], "D")
    born = (epoch.astype("datetime64[Y]") - age).astype("datetime64[D]")  # the epoch is 1 January
    n = len(age)
    people = People(
        person_id=np.array([f"ROSSI-{i:06d}" for i in range(1, n + 1)], dtype=object),
        birth_date=born,
        sex=np.full(n, settings["sex"], dtype=object),
        as_of=np.full(n, epoch),
    )
    arrested = source.whole("arrest", 0, 1)
    weeks = source.whole("week", 0, MAX_WEEKS)
    outcome = (arrested == 1) & (weeks <= settings["outcome_weeks"])
    follow_up = {"weeks": weeks, "event": arrested}
    return build(description, source, people, outcome, follow_up=follow_up)


def _table() -> pd.DataFrame:
    from lifelines.datasets import load_rossi as load

    table: pd.DataFrame = load()
    return table
