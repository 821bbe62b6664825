"""From what stands in a cell to a value of the dossier: nothing is guessed.

A text that can be read in two ways (1.234; 01/02/2024; a year of two digits) is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from risicoscreener.dossier.schema import EARLIEST, LATEST, Column
from risicoscreener.reentry.intake.sheets.layout import code_texts, codes_by_text, flags_by_text

_SPACES = re.compile(r"[\s\u00a0\u200b\u202f]+")
_MONTHS = (
    ("januari", "jan", "january"),
    ("februari", "feb", "february"),
    ("maart", "mrt", "march", "mar"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "jun", "june"),
    ("juli", "jul", "july"),
    ("augustus", "aug", "august"),
    ("september", "sep", "sept"),
    ("oktober", "okt", "october", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DUTCH = re.compile(r"(\d{1,2})([-.])(\d{1,2})\2(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_WORDS = re.compile(r"(\d{1,2})[ -]([a-z]+)\.?[ -](\d{4})")
_SHORT_YEAR = re.compile(r"\d{1,2}([-./ ])\d{1,2}\1\d{2}|\d{1,2}[ -][a-z]+\.?[ -]\d{2}")
_PLAIN = re.compile(r"-?\d+")
_GROUPED = {
    ",": re.compile(r"-?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?"),
    ".": re.compile(r"-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?"),
}
_DECIMAL = re.compile(r"-?\d+[.,]\d+")
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
MOST_DIGITS = 400
DATE_EXPECTED = "a date, or day-month-year with four digits for the year such as 1-2-2024"


class Unreadable(Exception):  # noqa: N818 - not an error to users; it carries what was expected
    """What was expected of a cell instead."""


def value_of(column: Column, given: Any) -> Any:
    """The value of a cell that is not empty: a date, a code, a text, a number or a flag.

    Raises
    ------
    Unreadable
        With what was expected, as a clause.
    """
    if isinstance(given, str):
        given = _SPACES.sub(" ", given).strip()
    match column.kind:
        case "date":
            return date_of(given)
        case "code":
            return _code(column, given)
        case "flag":
            return _flag(given)
        case "integer" | "number":
            return _number(column, given)
    return _text(given)


def date_of(given: Any) -> dt.date:
    """A day from a date cell or from text that can be read in one way.

    Raises
    ------
    Unreadable
        With what was expected.
    """
    if isinstance(given, dt.datetime):
        if given.time() != dt.time():
            raise Unreadable("a date without a time of day")
        given = given.date()
    if isinstance(given, dt.date):
        return _between(given)
    if not isinstance(given, str):
        raise Unreadable(f"{DATE_EXPECTED}; a bare number is no date: format the cell as one")
    return _between(_date_of_text(given.casefold()))


def _date_of_text(text: str) -> dt.date:
    if found := _ISO.fullmatch(text):
        return _day(found[1], found[2], found[3])
    if found := _DUTCH.fullmatch(text):
        return _day(found[4], found[3], found[1])
    if found := _SLASHED.fullmatch(text):
        first, second = int(found[1]), int(found[2])
        if first <= 12 and second <= 12 and first != second:
            raise Unreadable(
                "a date that can be read in one way: with slashes the month may come first; "
                f"write {first}-{second}-{found[3]} if the day does"
            )
        day, month = (found[2], found[1]) if second > 12 else (found[1], found[2])
        return _day(found[3], month, day)
    if (found := _WORDS.fullmatch(text)) and found[2] in _MONTH:
        return _day(found[3], str(_MONTH[found[2]]), found[1])
    if _SHORT_YEAR.fullmatch(text):
        raise Unreadable(f"four digits for the year: {DATE_EXPECTED}")
    raise Unreadable(DATE_EXPECTED)


def _day(year: str, month: str, day: str) -> dt.date:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise Unreadable("a day that exists") from None


def _between(day: dt.date) -> dt.date:
    if not EARLIEST <= day <= LATEST:
        raise Unreadable(f"a day from {EARLIEST} to {LATEST}")
    return day


def _code(column: Column, given: Any) -> str:
    known = codes_by_text(column.codes)
    found = known.get(given.casefold()) if isinstance(given, str) else None
    if found is None:
        offered = ", ".join(code_texts(column, "nl").values())
        raise Unreadable(f"one of {offered}; or the English name of it")
    return found


def _flag(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    found = flags_by_text().get(given.casefold()) if isinstance(given, str) else None
    if found is None:
        raise Unreadable("ja or nee (yes or no); empty if it is not known")
    return found


def _number(column: Column, given: Any) -> int | float:
    value = number_of(given)
    if column.kind == "integer":
        if value != int(value):
            raise Unreadable("a whole number")
        value = int(value)
    low, high = column.low, column.high
    if (low is not None and value < low) or (high is not None and value > high):
        raise Unreadable(f"a number from {low:g} to {high:g}")
    return value


def number_of(given: Any) -> int | float:
    """A number from a cell, or from text that can be read in one way, Dutch or English.

    Raises
    ------
    Unreadable
        With what was expected.
    """
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise Unreadable("a number")
    if not isinstance(given, str):
        if given != given or given in (float("inf"), float("-inf")):
            raise Unreadable("a finite number")
        return given
    text = given.removeprefix("€").removesuffix("€").strip().removesuffix(",-").removesuffix(",--")
    if _PLAIN.fullmatch(text):
        return _converted(text)
    if _AMBIGUOUS.fullmatch(text):
        raise Unreadable("a number that can be read in one way; write it without dots and commas")
    for decimal, pattern in _GROUPED.items():
        if pattern.fullmatch(text):
            return _converted(
                text.replace("." if decimal == "," else ",", "").replace(decimal, ".")
            )
    if _DECIMAL.fullmatch(text):
        return _converted(text.replace(",", "."))
    raise Unreadable("a number")


def _converted(text: str) -> int | float:
    if len(text) > MOST_DIGITS:
        raise Unreadable(f"a number of at most {MOST_DIGITS} digits")
    return float(text) if "." in text else int(text)


def _text(given: Any) -> str:
    if isinstance(given, str):
        return given
    raise Unreadable(
        "text; a number may have lost leading zeros: format the cell as text and type it again"
    )
