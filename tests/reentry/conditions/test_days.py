"""Working days, and the public holidays that are none."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risicoscreener.errors import ReentryError
from risicoscreener.reentry.conditions import public_holidays
from risicoscreener.reentry.conditions.days import (
    holidays_within,
    is_working_day,
    latest_before,
    on_a_day_for,
    working_days,
    working_days_left,
    works_on,
)
from risicoscreener.reentry.conditions.definition import Action
from risicoscreener.texts import Texts

ONE_DAY = dt.timedelta(days=1)
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))
PUBLISHED = {
    # lists of holidays on public pages: a law firm (2022), a trade association (2023),
    # alle-feestdagen.be (2026), a calendar of public holidays (2028)
    2022: ["01-01", "04-15", "04-18", "04-27", "05-05", "05-26", "06-06", "12-25", "12-26"],
    2023: ["01-01", "04-07", "04-10", "04-27", "05-05", "05-18", "05-29", "12-25", "12-26"],
    2026: ["01-01", "04-03", "04-06", "04-27", "05-05", "05-14", "05-25", "12-25", "12-26"],
    2028: ["01-01", "04-14", "04-17", "04-27", "05-05", "05-25", "06-05", "12-25", "12-26"],
}
DECREES = {
    2017: ["04-28", "05-26"],
    2018: ["05-11", "12-24", "12-31"],
    2019: ["05-31", "12-27"],
    2023: ["04-28", "05-19"],
    2024: ["05-10", "12-27"],
    2025: ["05-30"],
    2026: ["01-02", "05-15"],
    2027: ["05-07"],
    2028: ["04-28", "05-26"],
}


def in_year(year: int, days: list[str]) -> set[dt.date]:
    return {dt.date.fromisoformat(f"{year}-{day}") for day in days}


def easter_by_hand(year: int) -> dt.date:
    """Easter Sunday by the anonymous Gregorian algorithm (Nature, 1876), written out."""
    golden, century, of_century = year % 19, year // 100, year % 100
    moon = (
        19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15
    ) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


def free(year: int) -> set[dt.date]:
    """The days of the act, one by one, without any code of the package."""
    easter = easter_by_hand(year)
    found = {easter + days * ONE_DAY for days in (-2, 1, 39, 50)}
    found |= in_year(year, ["01-01", "05-05", "12-25", "12-26", *DECREES.get(year, [])])
    birthday = dt.date(year, 4, 27) if year >= 2014 else dt.date(year, 4, 30)
    return found | {birthday - ONE_DAY if birthday.isoweekday() == 7 else birthday}


def works(day: dt.date) -> bool:
    return day.isoweekday() <= 5 and day not in free(day.year)


def an_action(lead: int, counts: str = "days") -> Action:
    return Action(
        id="a",
        condition="debts",
        owner="casemanager",
        after="municipality",
        source="project",
        text=Texts("a", "a"),
        minutes=10,
        weight=1,
        lead_days=lead,
        lead_counts=counts,
    )


@pytest.mark.parametrize("year", PUBLISHED)
def test_holidays_are_those_that_others_list(year):
    expected = in_year(year, PUBLISHED[year]) | in_year(year, DECREES.get(year, []))
    assert {one.on for one in public_holidays(year)} == expected


@pytest.mark.parametrize("year", range(1898, 2202))
def test_holidays_of_every_year_are_those_of_the_act(year):
    found = public_holidays(year)
    assert {one.on for one in found} == free(year)
    assert [one.on for one in found] == sorted(one.on for one in found)
    assert all(one.on.year == year and one.text.nl and one.source for one in found)


@pytest.mark.parametrize(
    ("year", "day", "called"),
    [
        (2013, "04-30", "Koninginnedag"),
        (2006, "04-29", "Koninginnedag"),
        (2014, "04-26", "Koningsdag"),
        (2024, "04-27", "Koningsdag"),
        (2025, "04-26", "Koningsdag"),
        (2016, "05-05", "Bevrijdingsdag Hemelvaartsdag"),
    ],
)
def test_the_birthday_of_the_king_is_not_kept_on_a_sunday(year, day, called):
    on = dt.date.fromisoformat(f"{year}-{day}")
    found = sorted(one.text.nl for one in public_holidays(year) if one.on == on)
    assert " ".join(found) == called


@pytest.mark.parametrize("year", [1897, 2202, "2024", 2024.0, True, None])
def test_a_year_that_is_none_is_refused(year):
    with pytest.raises(ReentryError, match="expected a whole number 1898 to 2201"):
        public_holidays(year)


@given(DAYS)
@example(dt.date(2024, 4, 1))
def test_a_working_day_is_no_weekend_and_no_holiday(day):
    assert is_working_day(day) == works(day)


@given(DAYS, st.integers(-40, 40))
@example(dt.date(2023, 12, 22), 1)
@example(dt.date(2023, 5, 1), 9)
def test_working_days_are_counted_one_by_one(day, number):
    step = ONE_DAY if number >= 0 else -ONE_DAY
    found, left = day, abs(number)
    while not works(found):
        found += step
    while left:
        found += step
        left -= works(found)
    assert working_days(day, number, "forward" if number >= 0 else "backward") == found
    if number >= 0:
        assert works_on(an_action(number, "working_days"), day) == found


@given(DAYS, st.integers(0, 15), st.sampled_from(["days", "working_days"]))
@example(dt.date(2024, 4, 2), 5, "working_days")
def test_the_latest_day_is_the_last_that_still_works(target, lead, counts):
    action = an_action(lead, counts)
    latest = latest_before(action, target)
    assert works(latest)
    assert works_on(action, latest) <= target
    following = on_a_day_for(action, latest + ONE_DAY, "forward")
    assert works_on(action, following) > target


@given(DAYS, st.integers(0, 400))
def test_working_days_left_are_the_days_in_the_week_without_holidays(first, length):
    last = min(first + length * ONE_DAY, dt.date(2199, 12, 31))
    days = [first + n * ONE_DAY for n in range((last - first).days + 1)]
    assert working_days_left(first, last) == sum(map(works, days))
    named = {one.on for one in holidays_within(first, last)}
    assert named == {day for day in days if day.isoweekday() <= 5 and not works(day)}
