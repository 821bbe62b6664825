"""Reading data sets from a package or a CSV file, with every way in which that can go wrong."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from risicoscreener.errors import DataError

PACKAGE_REMEDY = 'Install the tested version with: pip install "risicoscreener[data]".'


@dataclass(frozen=True)
class Source:
    """Columns of text as they were given, and how to speak of them.

    Attributes
    ----------
    table
        All values as text, missing where nothing is given; its index counts rows of data from 1.
    where
        What was read, for messages.
    remedy
        What to do if it is not what it should be.
    """

    table: pd.DataFrame
    where: str
    remedy: str

    def keep(self, rows: np.ndarray) -> Source:
        """The rows in a mask, shape (n,)."""
        return Source(self.table.loc[rows], self.where, self.remedy)

    def refuse(self, wrong: pd.Series[bool] | np.ndarray, column: str, expected: str) -> None:
        """Raise for the first row in which a column is wrong.

        Raises
        ------
        DataError
            Naming the row, the column, the value and what was expected.
        """
        places = np.flatnonzero(wrong)
        if len(places):
            value = self.table[column].iloc[places[0]]
            shown = "nothing" if pd.isna(value) else repr(str(value)[:40])
            raise DataError(
                f"{self.where}: column {column} holds {shown} in row {self.table.index[places[0]]}"
                f" of the data ({len(places)} in all); expected {expected}. {self.remedy}"
            )

    def numbers(
        self, column: str, low: float, high: float, *, required: bool = False
    ) -> np.ndarray:
        """A column as numbers, shape (n,), NaN where nothing is given."""
        given = self.table[column]
        values = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        outside = ~((values >= low) & (values <= high))
        wrong = outside if required else outside & given.notna().to_numpy()
        self.refuse(wrong, column, f"a number from {low:g} to {high:g}")
        return values

    def whole(self, column: str, low: int, high: int) -> np.ndarray:
        """A column as whole numbers that are all given, shape (n,), int64."""
        values = self.numbers(column, low, high, required=True)
        self.refuse(values != np.floor(values), column, "a whole number")
        return values.astype(np.int64)

    def coded(self, column: str, values: Mapping[str, float]) -> np.ndarray:
        """A column of codes as numbers, shape (n,), NaN where nothing is given."""
        given = self.table[column]
        self.refuse(~given.isin([*values]) & given.notna(), column, f"one of {', '.join(values)}")
        return given.map(dict(values)).to_numpy(dtype=np.float64)

    def labels(self, column: str) -> pd.Series[str]:
        """A column of text; a number that is whole is written without a point."""
        return self.table[column].str.replace(r"\.0$", "", regex=True)

    def days(self, column: str, *, required: bool = False) -> np.ndarray:
        """A column of days, or of days with a time, as ``datetime64[D]``; NaT where unknown."""
        given = self.table[column]
        form = r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?"
        fits = given.str.fullmatch(form, na=False)
        read = pd.to_datetime(given.str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
        wrong = read.isna() | ~fits
        self.refuse(wrong if required else wrong & given.notna(), column, "a day as 2013-12-31")
        days: np.ndarray = read.to_numpy().astype("datetime64[D]")
        return days


def from_package(
    name: str, load: Callable[[], pd.DataFrame], columns: Iterable[str], rows: int
) -> Source:
    """The data set that a package carries.

    Parameters
    ----------
    name
        Name of the package.
    load
        Imports the package and gives its table.
    rows
        Number of people that the data set has.

    Raises
    ------
    DataError
        If the package is not installed, or its table lacks a column or people.
    """
    where = f"the data of the package {name}"
    try:
        table = load()
    except (ImportError, OSError) as error:
        raise DataError(
            f"this data set comes from the package {name}, which cannot be used ({error}). "
            f"{PACKAGE_REMEDY}"
        ) from error
    wanted = list(dict.fromkeys(columns))
    _check_columns(where, list(map(str, table.columns)), wanted, PACKAGE_REMEDY)
    if len(table) != rows:
        raise DataError(f"{where} has {len(table)} rows; expected {rows}. {PACKAGE_REMEDY}")
    given = table[wanted]
    text = given.astype(str).where(given.notna())
    return Source(text.set_axis(range(1, len(text) + 1)), where, PACKAGE_REMEDY)


def from_csv(path: str | os.PathLike[str], columns: Iterable[str], remedy: str) -> Source:
    """Some columns of a CSV file; the others are not read, whatever they hold.

    Raises
    ------
    DataError
        If the file is absent, empty, no CSV, not UTF-8, lacks a column, or has a row with
        another number of fields than the header.
    """
    where, wanted = f"file {os.fspath(path)}", list(dict.fromkeys(columns))
    if not Path(path).is_file():
        kind = "is a folder" if Path(path).is_dir() else "does not exist"
        raise DataError(f"{where} {kind}; expected a CSV file. {remedy}")
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            return _read_rows(csv.reader(stream, strict=True), where, wanted, remedy)
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{where} is no CSV file in UTF-8 ({error}). {remedy}") from error
    except OSError as error:
        raise DataError(f"{where} cannot be read ({error.strerror}). {remedy}") from error


def _read_rows(rows: Iterator[list[str]], where: str, wanted: list[str], remedy: str) -> Source:
    """Wanted columns of rows that all have the fields of the header.

    A row with a field too many or too few is refused: its values stand under other columns. Of
    columns with one name the first counts.
    """
    filled = (row for row in rows if row)
    header = next(filled, None)
    if header is None:
        raise DataError(f"{where} is empty; expected a CSV file with a header. {remedy}")
    _check_columns(where, header, wanted, remedy)
    places = [header.index(name) for name in wanted]
    found = []
    for number, row in enumerate(filled, start=1):
        if len(row) != len(header):
            raise DataError(
                f"{where}: row {number} of the data has {len(row)} fields; expected "
                f"{len(header)}, as the header has. {remedy}"
            )
        found.append([row[place] or None for place in places])
    if not found:
        raise DataError(f"{where} has a header and no rows; expected rows of people. {remedy}")
    table = pd.DataFrame(found, columns=wanted, dtype="str", index=range(1, len(found) + 1))
    return Source(table, where, remedy)


def _check_columns(where: str, found: list[str], wanted: list[str], remedy: str) -> None:
    absent = [name for name in wanted if name not in found]
    if absent:
        shown = ", ".join(name[:30] for name in found[:8])
        raise DataError(
            f"{where} has no column {', '.join(absent)}; it begins with the columns {shown}. "
            f"{remedy}"
        )
