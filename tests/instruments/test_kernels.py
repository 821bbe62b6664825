"""Date arithmetic and rates, as the official services count."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument_inputs import complete
from risicoscreener.dossier.months import months_later
from risicoscreener.instruments import Instrument
from risicoscreener.instruments.kernels import (
    KERNELS,
    age,
    any_holds,
    whole_months,
    whole_years,
)

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


def day(text):
    return dt.date.fromisoformat(text)


def score(id="ogrs4g", **changes):
    return Instrument.load(id, "1.0").score(complete(id, **changes))


class TestDates:
    @pytest.mark.parametrize(
        ("birth", "on", "years"),
        [
            ("1988-02-29", "2009-02-28", 20),
            ("1988-02-29", "2009-03-01", 21),
            ("1988-02-29", "2012-02-29", 24),
            ("1990-06-15", "2010-06-14", 19),
            ("1990-06-15", "2010-06-15", 20),
            ("1990-06-15", "1990-06-16", 0),
        ],
    )
    def test_a_birthday_counts_on_the_day_and_on_1_march_without_a_29_february(
        self, birth, on, years
    ):
        assert age(day(birth), day(on)) == years

    def test_on_the_day_of_birth_there_is_no_age(self):
        assert age(day("1990-01-01"), day("1990-01-01")) is None

    @pytest.mark.parametrize(
        ("start", "end", "months"),
        [
            ("2024-01-31", "2024-02-29", 0),
            ("2024-01-31", "2024-03-31", 2),
            ("2024-01-31", "2024-03-30", 1),
            ("2024-01-15", "2024-01-15", 0),
            ("2024-03-31", "2024-01-31", -2),
            ("2024-03-30", "2024-01-31", -1),
        ],
    )
    def test_months_are_whole(self, start, end, months):
        assert whole_months(day(start), day(end)) == months

    def test_what_lies_after_the_last_day_of_the_calendar_is_that_day(self):
        assert months_later(day("9999-12-31"), 3) == dt.date.max
        assert months_later(day("9999-09-30"), 3) == day("9999-12-30")

    @given(DAYS, DAYS)
    def test_months_there_are_minus_the_months_back(self, start, end):
        assert whole_months(start, end) == -whole_months(end, start)

    @given(DAYS, DAYS)
    def test_years_are_twelve_months_each(self, start, end):
        assert whole_years(start, end) == math.trunc(whole_months(start, end) / 12)

    @given(DAYS, st.integers(0, 100), st.integers(-1, 1))
    def test_a_year_is_complete_on_the_day_itself(self, start, years, days):
        end = months_later(start, 12 * years) + dt.timedelta(days)
        assert whole_years(start, end) == math.trunc(whole_months(start, end) / 12)

    @pytest.mark.parametrize(
        ("start", "later"), [("2024-11-30", "2025-02-28"), ("2023-11-30", "2024-02-29")]
    )
    def test_three_months_later_is_never_in_the_month_after(self, start, later):
        assert months_later(day(start), 3) == day(later)


class TestOffenceFreeMonths:
    def test_before_the_period_begins_they_do_not_apply(self):
        result = score(assessment_date="2025-01-01", followup_date="2025-01-02")
        assert result.derived["offence_free_months"] is None
        assert result.contributions["offence_free_months"] == 0.0

    def test_on_the_day_that_it_begins_they_are_none(self):
        result = score(assessment_date="2025-01-01", followup_date="2025-01-01")
        assert result.derived["offence_free_months"] == 0

    @pytest.mark.parametrize(
        ("begin", "months"),
        [("2022-01-02", 35), ("2022-01-01", 36), ("2021-12-01", 36), ("1999-01-01", 36)],
    )
    def test_they_are_counted_up_to_36(self, begin, months):
        result = score(conviction_date="1999-01-01", age_at_first_sanction=8, followup_date=begin)
        assert result.derived["offence_free_months"] == months


class TestSanctions:
    @pytest.mark.parametrize(
        ("sanctions", "first", "second", "copas"),
        [(1, True, False, None), (2, False, True, None), (3, False, False, math.log(3 / 42))],
    )
    def test_the_first_the_second_and_the_rate_from_the_third_exclude_each_other(
        self, sanctions, first, second, copas
    ):
        derived = score(sanctions=sanctions).derived
        assert (derived["first_sanction"], derived["second_sanction"]) == (first, second)
        assert derived["copas_g"] == (None if copas is None else pytest.approx(copas))
        assert derived["second_sanction_years"] == (16 if second else None)

    def test_none_is_out_of_range(self):
        assert not score(sanctions=0).ok

    def test_first_and_current_sanction_on_one_day_are_no_years_apart(self):
        derived = score(age_at_first_sanction=34).derived
        assert derived["second_sanction_years"] == 0

    @pytest.mark.parametrize(("violent", "never", "once"), [(0, True, False), (1, False, True)])
    def test_without_violence_there_is_no_rate_of_it(self, violent, never, once):
        derived = score("ogrs4v", violent_sanctions=violent).derived
        assert (derived["never_violent"], derived["once_violent"]) == (never, once)
        assert (derived["violent_rate"] is None) == never


class TestUnknown:
    @pytest.mark.parametrize("name", ["age", "total", "log_rate", "at_least", "not_above", "same"])
    def test_a_kernel_knows_nothing_if_an_operand_is_unknown(self, name):
        options = {"log_rate": {"plus_years": 1}, "at_least": {"value": 1}}.get(name, {})
        assert KERNELS[name](None, 1, **options) is None

    def test_any_true_is_unknown_when_only_the_unknown_could_make_it_so(self):
        assert KERNELS["any_true"](False, None) is None
        assert KERNELS["any_true"](True, None) is True
        assert KERNELS["all_true"](True, None) is None
        assert KERNELS["all_true"](False, None) is False

    def test_an_unknown_value_satisfies_no_condition(self):
        assert not any_holds([{"a": {"max": 5}}, {"a": [None]}, {"a": None}], {"a": None}.get)

    def test_a_rate_of_nothing_is_unknown_and_not_minus_infinity(self):
        assert KERNELS["log_rate"](0, 3, plus_years=10) is None
