"""Public holidays: the days of a year that are no working days wherever they fall in the week."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Annotated

from dateutil.easter import easter
from msgspec import Meta, Struct, field

from risicoscreener.dossier.schema import EARLIEST, LATEST
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.reading import read_data
from risicoscreener.texts import Texts

HERE = "risicoscreener.reentry.conditions"
FIRST_YEAR, LAST_YEAR = EARLIEST.year - 2, LATEST.year + 2
"""Years of which holidays are known: those of a dossier, and of what is counted from its bounds."""
EQUATED = Texts("met een feestdag gelijkgesteld", "treated as a holiday")
ONE_DAY = dt.timedelta(days=1)
SUNDAY = 6


class PublicHoliday(Struct, frozen=True, kw_only=True):
    """One holiday of one year.

    Attributes
    ----------
    text
        What it is called.
    to_verify
        Whether the text that makes it one was not read.
    """

    on: dt.date
    text: Texts
    source: str
    remark: Texts | None = None
    to_verify: bool = False


class _Returning(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A holiday of every year; see ``holidays.toml`` for the fields."""

    id: str
    text: Texts
    source: str
    month: Annotated[int, Meta(ge=1, le=12)] | None = None
    day: Annotated[int, Meta(ge=1, le=31)] | None = None
    from_easter: Annotated[int, Meta(ge=-60, le=60)] | None = None
    sunday_moves: int = 0
    from_year: int = 1
    until_year: int = 9999
    remark: Texts | None = None
    to_verify: bool = False

    def in_year(self, year: int) -> dt.date | None:
        """The day of a year; None if there was none then."""
        if not self.from_year <= year <= self.until_year:
            return None
        if self.from_easter is not None:
            return easter(year) + self.from_easter * ONE_DAY
        assert self.month is not None
        assert self.day is not None
        day = dt.date(year, self.month, self.day)
        return day + self.sunday_moves * ONE_DAY if day.weekday() == SUNDAY else day


class _Equated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Single days that a decree puts on a level with a holiday."""

    days: tuple[dt.date, ...]
    source: str
    remark: Texts | None = None
    to_verify: bool = False


class _Holidays(Struct, frozen=True, forbid_unknown_fields=True):
    days: tuple[_Returning, ...]
    equated: tuple[_Equated, ...] = field(default=())


def public_holidays(year: int) -> tuple[PublicHoliday, ...]:
    """The holidays of a year in the Netherlands, by day.

    Parameters
    ----------
    year
        From 1898 to 2201.

    Returns
    -------
    tuple of PublicHoliday
        Those of the Algemene termijnenwet (article 3), and the days that a decree known here puts
        on a level with them. Two holidays can fall on one day. Sundays that are one anyway (Easter,
        Whitsun) are not among them.

    Raises
    ------
    ReentryError
        For what is no such year.
    """
    if isinstance(year, bool) or not isinstance(year, int) or not FIRST_YEAR <= year <= LAST_YEAR:
        raise ReentryError(f"year {year!r}; expected a whole number {FIRST_YEAR} to {LAST_YEAR}")
    return tuple(sorted(_of(year), key=lambda one: one.on))


def _of(year: int) -> list[PublicHoliday]:
    known = _known()
    found = [
        PublicHoliday(
            on=on, text=one.text, source=one.source, remark=one.remark, to_verify=one.to_verify
        )
        for one in known.days
        if (on := one.in_year(year)) is not None
    ]
    found += [
        PublicHoliday(
            on=on, text=EQUATED, source=one.source, remark=one.remark, to_verify=one.to_verify
        )
        for one in known.equated
        for on in one.days
        if on.year == year
    ]
    return found


@cache
def _known() -> _Holidays:
    known: _Holidays = read_data(HERE, "holidays.toml", _Holidays)
    for one in known.days:
        is_dated = one.month is not None and one.day is not None
        if is_dated == (one.from_easter is not None):
            raise ReentryError(f"holiday {one.id!r}; expected month and day, or from_easter")
    return known


@cache
def days_off() -> frozenset[dt.date]:
    """Every day of the years known here that is a holiday."""
    return frozenset(one.on for year in range(FIRST_YEAR, LAST_YEAR + 1) for one in _of(year))
