"""For whom and on which day a batch is wanted: what is a day, and what is none."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import DossierError
from risicoscreener.features import Index

DAY = dt.date(2024, 4, 15)


@pytest.fixture
def tables(granted):
    return DossierTables.from_dossiers([read_dossier(granted)])


def index_with(as_of):
    return pd.DataFrame({"person_id": ["EXAMPLE-GRANT"], "as_of": as_of})


@pytest.mark.parametrize(
    "as_of",
    [
        [DAY],
        ["2024-04-15"],
        pd.array(["2024-04-15"], "string"),
        pd.Categorical(["2024-04-15"]),
        pd.to_datetime(["2024-04-15"]),
        np.array(["2024-04-15"], "datetime64[s]"),
        [dt.datetime(2024, 4, 15)],
        pd.Series([pd.Timestamp("2024-04-15")], dtype=object),
        pd.array([DAY], pd.ArrowDtype(pa.date32())),
        pd.array([dt.datetime(2024, 4, 15)], pd.ArrowDtype(pa.timestamp("ns"))),
    ],
    ids=lambda as_of: str(getattr(as_of, "dtype", type(as_of[0]).__name__)),
)
def test_a_day_is_read_however_it_is_kept(screener, tables, as_of):
    screened = screener.screen_many(tables, "leave", index_with(as_of))
    assert screened.result(0).as_of == DAY
    assert screened.outcomes.tolist() == ["grant"]


@pytest.mark.parametrize(
    "as_of",
    [
        [dt.datetime(2024, 4, 15, 12)],
        pd.to_datetime(["2024-04-15 00:00:01"]),
        pd.to_datetime(["2024-04-15"]).tz_localize("Europe/Amsterdam"),
        pd.Series([dt.datetime(2024, 4, 15, 13)], dtype=object),
        pd.Series([dt.datetime(2024, 4, 15, tzinfo=dt.UTC)], dtype=object),
        pd.array([dt.datetime(2024, 4, 15, 12)], pd.ArrowDtype(pa.timestamp("us"))),
        np.array([19828], "int32"),
        [19828],
        pd.array([19828], "Int64"),
        pd.Series([19828], dtype=object),
        pd.Series([np.int32(19828)], dtype=object),
        pd.Categorical(pd.to_datetime(["2024-04-15 12:00"])),
        pd.Categorical(np.array([19828], "int32")),
    ],
    ids=lambda as_of: str(getattr(as_of, "dtype", type(as_of[0]).__name__)),
)
def test_what_has_a_time_or_a_zone_or_is_a_number_is_no_day_as_for_one_person(
    screener, tables, as_of
):
    with pytest.raises(DossierError, match=r"index row 0: as_of is .* \(1 row\(s\) like this\)"):
        screener.screen_many(tables, "leave", index_with(as_of))


@pytest.mark.parametrize("text", ["20240415", "2024-W16-1", "2024-04-15T00:00", "15-04-2024", ""])
def test_text_that_is_no_day_for_one_person_is_none_in_a_batch(screener, granted, tables, text):
    with pytest.raises(DossierError, match="as_of"):
        screener.screen(granted, as_of=text)
    with pytest.raises(DossierError, match="as_of"):
        screener.screen_many(tables, "leave", index_with([text]))
    with pytest.raises(DossierError, match="YYYY-MM-DD"):
        screener.screen_many(tables, "leave", text)


def test_the_first_row_that_is_no_day_is_named(screener, tables):
    days = pd.to_datetime(["2024-04-14 00:00", "2024-04-15 08:00", "2024-04-15 09:00"])
    index = pd.DataFrame({"person_id": "EXAMPLE-GRANT", "as_of": days})
    with pytest.raises(DossierError, match=r"index row 1: .*08:00.*\(2 row\(s\)"):
        screener.screen_many(tables, "leave", index)


@pytest.mark.parametrize("missing", [[None], [pd.NaT], pd.to_datetime([None]), [np.nan]])
def test_a_missing_day_is_missing(screener, tables, missing):
    index = pd.concat([index_with(["2024-04-15"]), index_with(missing)], ignore_index=True)
    with pytest.raises(DossierError, match="as_of"):
        screener.screen_many(tables, "leave", index)
    timed = pd.Series([pd.NaT, dt.datetime(2024, 4, 15)], dtype=object)
    twice = pd.DataFrame({"person_id": "EXAMPLE-GRANT", "as_of": timed})
    with pytest.raises(DossierError, match="row 0: as_of is missing"):
        screener.screen_many(tables, "leave", twice)


def test_an_arrow_table_of_several_chunks_is_an_index(screener, tables):
    one = pa.table({"person_id": ["EXAMPLE-GRANT"], "as_of": [DAY]})
    screened = screener.screen_many(tables, "leave", pa.concat_tables([one, one]))
    assert screened.outcomes.tolist() == ["grant", "grant"]
    assert screener.screen_many(tables, "leave", one.to_batches()[0]).counts()["grant"] == 1


@pytest.mark.parametrize(
    "index", [3, [DAY], {"person_id": ["x"]}, np.datetime64("2024-04-15"), object()]
)
def test_what_is_no_index_is_refused_by_its_type(screener, tables, index):
    with pytest.raises(DossierError, match=f"of type {type(index).__name__}; expected a frame"):
        screener.screen_many(tables, "leave", index)


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (pd.DataFrame([["x", DAY, DAY]], columns=["person_id", "as_of", "as_of"]), "as_of twice"),
        (pd.DataFrame({"person_id": ["x"]}), "no column as_of"),
        (pd.DataFrame({"as_of": [DAY]}), "no column person_id"),
        (pd.DataFrame(), "no column as_of and person_id"),
        (pd.DataFrame({"person_id": ["nobody"], "as_of": [DAY]}), "nobody is not in"),
        (pd.DataFrame({"person_id": [None], "as_of": [DAY]}), "not in the dossiers"),
        (pd.DataFrame({"person_id": [1, "x"], "as_of": [DAY, DAY]}), "cannot be read"),
    ],
)
def test_an_index_that_lacks_something_says_what(screener, tables, index, said):
    with pytest.raises(DossierError, match=said):
        screener.screen_many(tables, "leave", index)


@pytest.mark.parametrize(
    ("positions", "days"),
    [
        ([0], [19828]),
        (np.array([0.0]), np.array([19828])),
        (np.array([0]), np.array(["2024-04-15"], "datetime64[D]")),
        (np.array([[0]]), np.array([[19828]])),
        (np.array([0]), np.array([19828, 19829])),
    ],
)
def test_positions_and_days_are_whole_numbers_one_of_each_for_a_row(
    screener, tables, positions, days
):
    with pytest.raises(DossierError, match="a position and a day for each row"):
        screener.screen_many(tables, "leave", Index(positions, days))


def test_positions_and_days_are_an_index(screener, tables):
    at = Index(np.array([0, 0]), np.array([19828, 19827]))
    screened = screener.screen_many(tables, "leave", at)
    assert [screened.result(i).as_of for i in (0, 1)] == [DAY, DAY - dt.timedelta(days=1)]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_no_rows_give_no_results_that_can_be_counted_and_written(
    screener, tables, tmp_path, suffix
):
    for index in (
        pd.DataFrame({"person_id": [], "as_of": []}),
        pd.DataFrame({"person_id": pd.array([], "string"), "as_of": pd.to_datetime([])}),
    ):
        screened = screener.screen_many(tables, "leave", index)
        assert len(screened) == 0
        assert set(screened.counts().values()) == {0}
        screened.write(tmp_path / f"none.{suffix}")
        assert len(screened.to_frame()) == 0
        with pytest.raises(IndexError):
            screened.result(0)


def test_nobody_is_screened_alike(screener):
    nobody = {"persons": pd.DataFrame({"person_id": [], "birth_date": [], "sex": []}, dtype=str)}
    assert set(screener.screen_many(nobody, "leave", DAY).counts().values()) == {0}


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(40)))
def test_a_thousand_days_of_one_person_may_come_in_any_order(screener, tables_of_many, order):
    first = dt.date(2021, 7, 1)
    days = [first + dt.timedelta(days=25 * i) for i in order]
    index = pd.DataFrame({"person_id": "EXAMPLE-GRANT", "as_of": days}, index=[7] * len(order))
    screened = screener.screen_many(tables_of_many, "leave", index)
    sorted_days = screener.screen_many(tables_of_many, "leave", index.sort_values("as_of"))
    place = np.argsort(order)
    assert screened.outcomes[place].tolist() == sorted_days.outcomes.tolist()


@pytest.fixture(scope="session")
def tables_of_many():
    from cases import example

    return DossierTables.from_dossiers([read_dossier(example(n)) for n in ("deny", "grant")])


def test_the_day_of_birth_is_the_first_that_can_be_meant(screener, granted, tables):
    """1979-05-21: there is no policy of that day, which is said only once the day is one."""
    born = dt.date(1979, 5, 21)
    assert screener.screen_many(tables, "leave", born).counts()["not_screened"] == 1
    with pytest.raises(DossierError, match=r"index row 0: as_of is 1979-05-20; .*EXAMPLE-GRANT"):
        screener.screen_many(tables, "leave", born - dt.timedelta(days=1))
    with pytest.raises(DossierError, match="before the birth of EXAMPLE-GRANT"):
        screener.screen(granted, as_of=born - dt.timedelta(days=1))


def test_today_is_the_last_day_that_can_be_meant(screener, granted, tables):
    today = dt.date.today()
    assert screener.screen(granted, as_of=today).as_of == today
    assert screener.screen_many(tables, "leave", index_with([today])).result(0).as_of == today
    assert screener.screen_many(tables, "leave").result(0).as_of == today
    tomorrow = today + dt.timedelta(days=1)
    with pytest.raises(DossierError, match="up to and including today"):
        screener.screen(granted, as_of=tomorrow)
    with pytest.raises(DossierError, match="up to and including today"):
        screener.screen_many(tables, "leave", index_with([tomorrow]))


def test_the_first_day_of_1900_is_the_earliest(screener, granted, tables):
    with pytest.raises(DossierError, match="before the birth"):
        screener.screen(granted, as_of="1900-01-01")
    with pytest.raises(DossierError, match="from 1900-01-01"):
        screener.screen(granted, as_of="1899-12-31")


def test_frames_with_a_fact_of_tomorrow_are_refused_as_a_dossier_is(screener, granted):
    tomorrow = (dt.date.today() + dt.timedelta(days=1)).isoformat()
    granted["debts"][0]["recorded_at"] = tomorrow
    with pytest.raises(DossierError, match="recorded_at"):
        screener.screen(granted)
    made = DossierTables.from_dossiers([read_dossier(granted)])
    for frames in (dict(made.tables), {n: t.to_pandas() for n, t in made.tables.items()}):
        with pytest.raises(DossierError, match="recorded_at"):
            screener.screen_many(frames, "leave", DAY)
