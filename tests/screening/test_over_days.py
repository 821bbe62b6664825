"""Screening on each of many days gives what a screening of those people and days gives."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import KINDS
from comparing import ROUNDING, differences
from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import DossierError, PolicyError
from risicoscreener.features import Index
from strategies import as_of_days, dossier_sets

TODAY = dt.date.today()


SPAN = (dt.date(2020, 1, 1), dt.date(2020, 6, 28))


@pytest.fixture(scope="module")
def few(screener, cohort) -> DossierTables:
    """People whose outcomes change most in these days, and some others."""
    days = [SPAN[0] + dt.timedelta(days=30 * month) for month in range(7)]
    seen = [
        screener.screen_many(cohort.tables, kind, day).decided.outcome
        for kind in KINDS
        for day in days
    ]
    moves = (np.diff(np.array(seen).reshape(len(KINDS), len(days), -1), axis=1) != 0).sum((0, 1))
    return cohort.tables.select(np.sort([*np.argsort(moves)[-20:], *np.argsort(moves)[:5]]))


def on_all_days(tables: DossierTables, first: dt.date, last: dt.date) -> Index:
    days = np.arange((first - EPOCH).days, (last - EPOCH).days + 1, dtype=np.int32)
    people = np.repeat(np.arange(tables.n_persons, dtype=np.int32), len(days))
    return Index(people, np.tile(days, tables.n_persons))


def joined(screened) -> pd.DataFrame:
    whole = pa.concat_tables([table.to_arrow() for table in screened]).unify_dictionaries()
    return whole.to_pandas(date_as_object=False)


def assert_same_frames(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """In all columns; the last bits of an interval depend on the size of a block."""
    assert list(found) == list(expected)
    for name in found:
        if found[name].dtype == np.float64:
            np.testing.assert_allclose(found[name], expected[name], rtol=ROUNDING, err_msg=name)
        else:
            assert _plain(found[name]) == _plain(expected[name]), name


def _plain(column: pd.Series) -> list:
    return [
        None if np.ndim(value) == 0 and pd.isna(value) else tuple(np.atleast_1d(value))
        for value in column
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_decision_is_the_same_on_every_day(screener, few, kind):
    expected = screener.screen_many(few, kind, on_all_days(few, *SPAN)).to_frame()
    days = screener.screen_over_days(few, kind, *SPAN, people_at_once=7)
    assert len(days) == 4
    assert_same_frames(joined(days), expected)
    assert len(expected["outcome"].unique()) > 1


@settings(max_examples=25, deadline=None)
@given(dossier_sets(min_persons=1, max_persons=3), as_of_days(), st.sampled_from(KINDS))
def test_generated_dossiers_are_the_same_on_every_day(screener, listed, day, kind):
    first = min(max(day, *(dossier.person.birth_date for dossier in listed)), TODAY)
    last = min(first + dt.timedelta(days=40), TODAY)
    tables = DossierTables.from_dossiers(listed)
    expected = screener.screen_many(tables, kind, on_all_days(tables, first, last)).to_frame()
    found = screener.screen_over_days(tables, kind, first, last, n_threads=1)
    assert_same_frames(joined(found), expected)


def test_a_row_in_full_is_the_screening_of_that_person_and_day(screener, few):
    (table,) = screener.screen_over_days(few, "leave", *SPAN)
    row = 3 * ((SPAN[1] - SPAN[0]).days + 1) + 100
    dossier = list(few.to_dossiers())[3]
    single = screener.screen(dossier, "leave", as_of=SPAN[0] + dt.timedelta(days=100))
    assert not differences(table.result(row).to_dict(), single.to_dict())


def test_only_changes_are_the_days_on_which_the_outcome_is_another(screener, few):
    whole = joined(screener.screen_over_days(few, "leave", *SPAN))
    before = whole.groupby("person_id", sort=False)["outcome"].shift().astype(object)
    changed = whole[whole["outcome"].astype(object) != before].reset_index(drop=True)
    found = screener.screen_over_days(few, "leave", *SPAN, only_changes=True, people_at_once=10)
    assert_same_frames(joined(found), changed)
    assert few.n_persons < len(changed) < len(whole) / 20


def test_a_change_in_full_is_the_screening_of_that_day(screener, few):
    (table,) = screener.screen_over_days(few, "leave", *SPAN, only_changes=True)
    row = len(table) - 1
    index = Index(np.array([few.n_persons - 1], np.int32), table.as_of[[row]])
    expected = screener.screen_many(few, "leave", index).result(0)
    assert not differences(table.result(row).to_dict(), expected.to_dict())


def test_a_parquet_file_holds_all_tables(screener, few, tmp_path):
    days = screener.screen_over_days(few, "leave", *SPAN, people_at_once=9)
    days.write(tmp_path / "days.parquet")
    found = pq.read_table(tmp_path / "days.parquet").to_pandas(date_as_object=False)
    assert_same_frames(found, joined(days))
    with pytest.raises(DossierError, match="ends in .parquet"):
        days.write(tmp_path / "days.csv")


def test_rows_that_were_set_apart_never_grant_on_any_day(screener, granted):
    granted["debts"] = [*granted.get("debts", []), {"kind": "nonsense"}]
    frames = {
        name: pd.DataFrame([{"person_id": "p", **row} for row in rows])
        for name, rows in {"persons": [granted["person"]], **_parts(granted)}.items()
    }
    tables = DossierTables.from_pandas(frames, on_error="quarantine")
    assert tables.quarantined_rows.tolist() == [1]
    (table,) = screener.screen_over_days(tables, "leave", "2024-03-01", "2024-04-15")
    assert "grant" not in table.outcomes
    assert "deep_assessment" in table.outcomes or "deny" in table.outcomes


def _parts(dossier: dict) -> dict[str, list]:
    return {name: rows for name, rows in dossier.items() if isinstance(rows, list) and rows}


def test_of_no_people_there_is_a_table_without_rows(screener):
    days = screener.screen_over_days(DossierTables.from_dossiers([]), "leave", TODAY, TODAY)
    assert [len(table) for table in days] == [0]


def test_by_default_it_is_a_year_up_to_today(screener, few):
    days = screener.screen_over_days(few, "leave").days
    assert len(days) == 365
    assert EPOCH + dt.timedelta(days=int(days[-1])) == TODAY


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2020-1-1", "2020-02-01", "first is '2020-1-1'; expected a day as YYYY-MM-DD"),
        ("2020-01-01", dt.datetime(2020, 2, 1), "last is datetime"),
        ("2020-01-01", TODAY + dt.timedelta(days=1), "last is .*up to and including today"),
        ("2020-01-02", "2020-01-01", "first not after the last"),
        ("1901-01-01", "2020-01-01", "before the birth of"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(screener, few, first, last, said):
    with pytest.raises(DossierError, match=said):
        screener.screen_over_days(few, "leave", first, last)


def test_a_kind_that_is_not_there_is_refused(screener, few):
    with pytest.raises(PolicyError, match="no policy"):
        screener.screen_over_days(few, "holiday")
