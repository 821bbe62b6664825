"""COMPAS: the usual filter, ages, jail stays, and files that are not what they should be."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.datasets import Dataset, load_compas
from risicoscreener.errors import DataError
from risicoscreener.features import compute_features

from .compas_file import compas_frame


def written(folder: Path, frame: pd.DataFrame) -> Path:
    path = folder / "compas.csv"
    frame.to_csv(path, index=False)
    return path


# -- rows --------------------------------------------------------------------------------------


def test_the_usual_filter_keeps_screenings_near_the_arrest_with_a_known_outcome(
    tmp_path: Path,
) -> None:
    frame = compas_frame(
        9,
        days_b_screening_arrest=[-31, -30, 0, 30, 31, None, 0, 0, 0],
        is_recid=[1, 1, 0, 1, 1, 1, -1, 1, 0],
        c_charge_degree=["F", "F", "M", "F", "F", "F", "F", "O", "M"],
    )
    kept = load_compas(written(tmp_path, frame))
    assert list(kept.frame.index) == [f"COMPAS-{i:06d}" for i in (2, 3, 4, 9)]
    assert list(kept.frame["compas_felony_charge"]) == [1.0, 0.0, 1.0, 0.0]


def test_values_of_the_file_are_the_values_of_the_frame(compas: Dataset) -> None:
    frame = compas_frame()
    assert compas.frame["compas_priors"].sum() == frame["priors_count"].sum()
    assert compas.frame["compas_juvenile_felonies"].sum() == frame["juv_fel_count"].sum()
    assert compas.frame["compas_juvenile_misdemeanours"].sum() == frame["juv_misd_count"].sum()
    assert compas.frame["compas_juvenile_others"].sum() == frame["juv_other_count"].sum()
    assert compas.frame["sex_female"].sum() == (frame["sex"] == "Female").sum()
    assert list(compas.outcome) == list(frame["two_year_recid"])


def test_followed_up_leaves_out_who_was_screened_after_1_april_2014(tmp_path: Path) -> None:
    days = ["2013-05-01", "2014-04-01", "2014-04-02", "2014-12-31"]
    path = written(tmp_path, compas_frame(4, compas_screening_date=days))
    assert len(load_compas(path).frame) == 4
    assert list(load_compas(path, rows="followed_up").frame.index) == [
        "COMPAS-000001",
        "COMPAS-000002",
    ]


# -- people ------------------------------------------------------------------------------------


def test_names_birth_dates_and_case_numbers_are_nowhere_in_what_is_loaded(
    compas: Dataset,
) -> None:
    parts: list[Any] = [compas.frame, compas.audit, compas.outcome, compas.index]
    assert compas.tables is not None
    parts += [table.to_pandas() for table in compas.tables.tables.values()]
    everything = "\n".join(part.to_csv() for part in parts)
    assert "secret" not in everything
    assert "1901-02-03" not in everything


def test_a_file_without_names_gives_the_same_as_one_with_them(
    tmp_path: Path, compas: Dataset
) -> None:
    frame = compas_frame().drop(columns=["name", "first", "last", "dob", "c_case_number"])
    without = load_compas(written(tmp_path, frame))
    pd.testing.assert_frame_equal(without.frame, compas.frame)


def test_age_at_the_screening_is_that_of_2016_less_the_years_between(tmp_path: Path) -> None:
    frame = compas_frame(2, age=[40, 40], compas_screening_date=["2013-04-01", "2014-04-01"])
    ages = load_compas(written(tmp_path, frame)).frame["age_years"]
    # 1 April 2016 is 1,096 and 731 days later; 40 whole years are 40.5 on average.
    assert ages.to_numpy() == pytest.approx([40.5 - 1096 / 365.25, 40.5 - 731 / 365.25], abs=0.002)


def test_the_age_as_published_can_be_had_under_a_name_that_says_what_it_is(
    compas_path: Path,
) -> None:
    published = load_compas(compas_path, age="as_published")
    assert "age_years" not in published.frame
    assert list(published.frame["compas_age_at_collection"]) == list(compas_frame()["age"])


def test_an_unknown_sex_or_count_is_unknown_and_not_zero(tmp_path: Path) -> None:
    frame = compas_frame(3, sex=["Male", None, "Female"], priors_count=[None, 2, 3])
    loaded = load_compas(written(tmp_path, frame)).frame
    assert np.isnan(loaded["sex_female"].iloc[1])
    assert np.isnan(loaded["compas_priors"].iloc[0])


# -- facts -------------------------------------------------------------------------------------


def on_remand(data: Dataset) -> list[float]:
    assert data.tables is not None
    assert data.index is not None
    return list(compute_features(data.tables, data.index, ["on_remand"]).values[:, 0])


def test_a_jail_stay_counts_from_its_day_until_its_end_and_never_before(tmp_path: Path) -> None:
    frame = compas_frame(
        3,
        compas_screening_date="2013-06-10",
        c_jail_in=["2013-06-01 10:00:00", "2013-06-01 10:00:00", "2013-06-20 10:00:00"],
        c_jail_out=["2013-06-05 10:00:00", "2013-07-01 10:00:00", "2013-06-25 10:00:00"],
    )
    loaded = load_compas(written(tmp_path, frame))
    # The third stay began after the screening: it is unknown whether there was one on that day.
    assert on_remand(loaded)[:2] == [0.0, 1.0]
    assert on_remand(loaded)[2] != 1.0


def test_the_end_of_a_stay_after_the_screening_moves_no_feature(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "compas_screening_date": "2013-06-10",
        "c_jail_in": "2013-06-01 10:00:00",
    }
    values = []
    for left in ("2013-06-11 10:00:00", "2015-06-11 10:00:00", None):
        frame = compas_frame(30, c_jail_out=left, **settings)
        loaded = load_compas(written(tmp_path, frame))
        assert loaded.tables is not None
        values.append(compute_features(loaded.tables, loaded.index).values)
    assert np.array_equal(values[0], values[1], equal_nan=True)
    assert np.array_equal(values[0], values[2], equal_nan=True)


# -- files -------------------------------------------------------------------------------------


def refused(path: Path, **options: Any) -> str:
    with pytest.raises(DataError) as caught:
        load_compas(path, **options)
    return str(caught.value)


def test_an_absent_file_a_folder_and_an_empty_file_are_named_with_what_to_do(
    tmp_path: Path,
) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    for path, said in (
        (tmp_path / "no.csv", "does not exist"),
        (tmp_path, "is a folder"),
        (empty, "is empty"),
    ):
        message = refused(path)
        assert str(path) in message
        assert said in message
        assert "compas-scores-two-years.csv" in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!DOCTYPE html>\n<html><body>compas</body></html>\n", "has no column id, sex"),
        (b"id,sex\n1,Male\n", "has no column age"),
        (b"\x89PNG\r\n\x1a\n\x00\xff\xfe\x00", "is no CSV file in UTF-8"),
        (b"PK\x03\x04\x00\x00 a zip file", "has no column id"),
        (b"\n\n\n", "is empty"),
    ],
)
def test_what_is_no_such_csv_file_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "compas.csv"
    path.write_bytes(content)
    message = refused(path)
    assert said in message
    assert str(path) in message
    assert "the raw file" in message


def test_a_header_without_rows_and_rows_that_all_fall_away_are_refused(tmp_path: Path) -> None:
    assert "no rows" in refused(written(tmp_path, compas_frame(0)))
    path = written(tmp_path, compas_frame(5, days_b_screening_arrest=99))
    assert "no row is left" in refused(path)
    path = written(tmp_path, compas_frame(5, compas_screening_date="2014-12-01"))
    assert "no row is left" in refused(path, rows="followed_up")


@pytest.mark.parametrize("fields", [3, 40])
def test_a_row_with_too_many_or_too_few_fields_is_refused(tmp_path: Path, fields: int) -> None:
    path = written(tmp_path, compas_frame(5))
    path.write_text(path.read_text() + ",".join("1" * fields) + "\n")
    assert f"row 6 of the data has {fields} fields; expected 22" in refused(path)


def test_a_quote_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, compas_frame(5))
    path.write_text(path.read_text() + '"6,Male\n')
    assert "is no CSV file" in refused(path)


def test_of_columns_with_one_name_the_first_counts_as_in_the_published_file(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, compas_frame(5))
    header, *rows = path.read_text().splitlines()
    doubled = [f"{header},priors_count", *(f"{row},99" for row in rows)]
    path.write_text("\n".join(doubled))
    assert list(load_compas(path).frame["compas_priors"]) == list(compas_frame(5)["priors_count"])


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("priors_count", "many", "a number from 0 to 500"),
        ("priors_count", "-1", "a number from 0 to 500"),
        ("juv_fel_count", "inf", "a number from 0 to 200"),
        ("age", "", "a number from 10 to 119"),
        ("age", "30.5", "a whole number"),
        ("sex", "Man", "one of Male, Female"),
        ("c_charge_degree", "X", "one of F, M"),
        ("two_year_recid", "2", "a number from 0 to 1"),
        ("two_year_recid", "", "a number from 0 to 1"),
        ("compas_screening_date", "01/02/2013", "a day as 2013-12-31"),
        ("compas_screening_date", "", "a day as 2013-12-31"),
        ("c_jail_in", "2013-02-30 10:00:00", "a day as 2013-12-31"),
        ("c_jail_in", "2013-02-01x", "a day as 2013-12-31"),
        ("id", "1", "each person once"),
    ],
)
def test_an_impossible_value_is_named_with_its_row(
    tmp_path: Path, column: str, value: str, expected: str
) -> None:
    frame = compas_frame(6)
    frame[column] = frame[column].astype(str)
    frame.loc[2, column] = value
    message = refused(written(tmp_path, frame))
    assert f"column {column} holds" in message
    assert "in row 3 of the data (1 in all)" in message
    assert f"expected {expected}" in message


def test_a_row_is_counted_as_in_the_file_also_behind_rows_that_fall_away(tmp_path: Path) -> None:
    frame = compas_frame(6, days_b_screening_arrest=[99, 99, 0, 0, 0, 0]).astype({"age": str})
    frame.loc[4, "age"] = "old"
    assert "in row 5 of the data" in refused(written(tmp_path, frame))


def test_a_stay_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    frame = compas_frame(6)
    frame.loc[2, "c_jail_out"] = "2012-01-01 10:00:00"
    message = refused(written(tmp_path, frame))
    assert "not possible as facts" in message
    assert "released_on" in message


@pytest.mark.parametrize(("option", "value"), [("rows", "all"), ("age", "exact")])
def test_an_unknown_choice_is_refused(compas_path: Path, option: str, value: str) -> None:
    assert f"{option} is '{value}'; expected one of" in refused(compas_path, **{option: value})


@settings(max_examples=150, deadline=None)
@given(
    column=st.sampled_from(sorted(compas_frame(1).columns)),
    value=st.one_of(
        st.text(max_size=70),
        st.integers().map(str),
        st.floats().map(str),
        st.dates().map(str),
        st.datetimes().map(str),
    ),
)
def test_whatever_one_cell_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, column: str, value: str
) -> None:
    frame = compas_frame(5).astype(str)
    frame.loc[2, column] = value
    path = tmp_path_factory.mktemp("cell") / "compas.csv"
    frame.to_csv(path, index=False)
    try:
        loaded = load_compas(path)
    except DataError as error:
        assert str(path) in str(error)
    else:
        assert 4 <= len(loaded.frame) <= 5
        others = [f"COMPAS-{i:06d}" for i in (1, 2, 4, 5)]
        same = load_compas(written(path.parent, compas_frame(5))).frame.loc[others]
        pd.testing.assert_frame_equal(loaded.frame.loc[others], same)


# -- the real file -----------------------------------------------------------------------------


def test_the_real_file_has_the_published_numbers_of_people(real_compas: str) -> None:
    published = load_compas(real_compas)
    assert len(published.frame) == 6172
    assert published.outcome.sum() == 2809
    assert published.audit["race"].value_counts().to_dict() == {
        "African-American": 3175,
        "Caucasian": 2103,
        "Hispanic": 509,
        "Other": 343,
        "Asian": 31,
        "Native American": 11,
    }
    assert published.frame["sex_female"].sum() == 1175
    assert published.frame["compas_felony_charge"].sum() == 3970


def test_in_the_real_file_everyone_screened_after_1_april_2014_has_the_outcome(
    real_compas: str,
) -> None:
    published = load_compas(real_compas)
    followed = load_compas(real_compas, rows="followed_up")
    assert (len(followed.frame), followed.outcome.sum()) == (5304, 1941)
    assert set(published.outcome.drop(followed.outcome.index)) == {1}


def test_in_the_real_file_the_youngest_by_the_published_age_were_screened_late(
    real_compas: str,
) -> None:
    loaded = load_compas(real_compas, age="as_published")
    assert loaded.index is not None
    as_of = loaded.index.set_index("person_id")["as_of"]
    twenty = loaded.frame["compas_age_at_collection"] <= 20
    # Adults from 18 were screened all the time; had the age been that at screening, the share of
    # people of 20 or younger would not depend on the day.
    assert twenty[as_of < "2013-04-01"].mean() < 0.005
    assert twenty[as_of >= "2014-07-01"].mean() > 0.08


def test_the_real_file_loads_without_problems_and_twice_the_same(real_compas: str) -> None:
    first, second = load_compas(real_compas), load_compas(real_compas)
    assert first.tables is not None
    assert first.tables.problems == ()
    assert first.tables.tables["detentions"].num_rows == 6172
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert dataclasses.replace(first).name == "compas"
