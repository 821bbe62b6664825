"""Defendants in Broward County, Florida, 2013-2014 (ProPublica's file of COMPAS scores)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from risicoscreener.datasets.dataset import Dataset, People, build
from risicoscreener.datasets.description import describe
from risicoscreener.datasets.reading import Source, from_csv
from risicoscreener.errors import DataError

Rows = Literal["published", "followed_up"]
Age = Literal["at_screening", "as_published"]

REMEDY = (
    "Give the path of compas-scores-two-years.csv, which ProPublica published in its repository "
    "compas-analysis (the raw file, not the page that shows it)."
)
SEXES = {"Male": "male", "Female": "female"}
NEEDED = (
    "id",
    "sex",
    "age",
    "race",
    "days_b_screening_arrest",
    "compas_screening_date",
    "c_jail_in",
    "c_jail_out",
    "is_recid",
    "two_year_recid",
)
DAYS_PER_YEAR = 365.25


def load_compas(
    path: str | os.PathLike[str], *, rows: Rows = "published", age: Age = "at_screening"
) -> Dataset:
    """Defendants scored with COMPAS, and a new charge within two years.

    Jail stays are dated and become dossier facts, as does birth (see `Dataset.dating`). Prior
    and juvenile charges are counts without dates, and stay columns of the frame. A charge is no
    irrevocable conviction, so it becomes no fact. Names, birth dates and case numbers are not
    read, also if the file has them.

    Parameters
    ----------
    path
        The CSV file, which this library does not carry.
    rows
        ``published``: the usual filter (screened within 30 days of the arrest, recidivism known,
        no ordinary offence), 6,172 people. ``followed_up``: of those the ones screened by
        1 April 2014. Later the file has only people with a new charge (Barenstein 2019), so
        that the day of screening gives the outcome away.
    age
        ``at_screening``: age on the day of the screening, within half a year. ``as_published``:
        the age in the file, of 2016, as most publications use it; the youngest in it were
        screened late, and so it gives part of the outcome away.

    Raises
    ------
    DataError
        If the file is absent, empty, no CSV, lacks columns, or holds impossible values.
    """
    _check_choice("rows", rows, ("published", "followed_up"))
    _check_choice("age", age, ("at_screening", "as_published"))
    description = describe("compas")
    settings = description.settings
    raw = [column.raw for column in description.columns.values()]
    source = from_csv(path, [*NEEDED, *raw], REMEDY)
    source = source.keep(_usual_filter(source, settings))
    screened = source.days("compas_screening_date", required=True)
    if rows == "followed_up":
        early = screened <= np.datetime64(settings["followed_until"], "D")
        source, screened = source.keep(early), screened[early]
    if not len(screened):
        raise DataError(f"{source.where}: no row is left after the usual filter. {REMEDY}")
    people = People(_ids(source), _birth_dates(source, settings), _sexes(source), screened)
    return build(
        description,
        source,
        people,
        source.whole("two_year_recid", 0, 1) == 1,
        facts={"detentions": _jail_stays(source, people)},
        leave_out=("compas_age_at_collection",) if age == "at_screening" else ("age_years",),
    )


def _check_choice(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise DataError(f"{name} is {value!r}; expected one of {', '.join(known)}.")


def _usual_filter(source: Source, settings: Mapping[str, Any]) -> np.ndarray:
    """ProPublica's choice of rows, shape (n,) of the file."""
    distance = np.abs(source.numbers("days_b_screening_arrest", -1e5, 1e5))
    near = distance <= settings["days_from_arrest"]  # not known is not near
    known = source.whole("is_recid", -1, 1) != settings["unknown_recidivism"]
    ordinary = source.labels("c_charge_degree") == settings["ordinary_offence"]
    chosen: np.ndarray = near & known & ~ordinary.to_numpy(dtype=bool, na_value=False)
    return chosen


def _ids(source: Source) -> np.ndarray:
    numbers = source.whole("id", 0, 10**9)
    source.refuse(pd.Series(numbers).duplicated().to_numpy(), "id", "each person once")
    return np.array([f"COMPAS-{number:06d}" for number in numbers], dtype=object)


def _birth_dates(source: Source, settings: Mapping[str, Any]) -> np.ndarray:
    """In the middle of the year that the age, given in whole years at the collection, allows."""
    age = source.whole("age", 10, 119)
    days_old = np.round((age + 0.5) * DAYS_PER_YEAR).astype("timedelta64[D]")
    collected = np.full(len(age), settings["collected_on"], dtype="datetime64[D]")
    born: np.ndarray = collected - days_old
    return born


def _sexes(source: Source) -> np.ndarray:
    given = source.table["sex"]
    source.refuse(~given.isin([*SEXES]) & given.notna(), "sex", f"one of {', '.join(SEXES)}")
    return given.map(SEXES).fillna("unknown").to_numpy(dtype=object)


def _jail_stays(source: Source, people: People) -> pd.DataFrame:
    """The stay in jail of the charge that the screening was for.

    Recorded on the day of arrival: a stay that began after the screening is not in its picture,
    and neither is the end of a stay that had not come yet.
    """
    arrived, left = source.days("c_jail_in"), source.days("c_jail_out")
    known = ~np.isnat(arrived)
    return pd.DataFrame(
        {
            "person_id": people.person_id[known],
            "arrived_on": arrived[known],
            "regime": "remand",
            "released_on": left[known],
            "recorded_at": arrived[known],
        }
    )
