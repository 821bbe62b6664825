"""A table is read strictly: what is wrong is named, what is missing is counted, nothing is guessed."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.report.evaluation.problems import TableError
from risicoscreener.report.evaluation.reading import MOST_LEVELS, check_rows, read_rows


@pytest.fixture
def file(tmp_path):
    def write(text: str, name: str = "table.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode("utf-8"))
        return path

    return write


def problems(frame_or_path, **options):
    read = check_rows if isinstance(frame_or_path, pd.DataFrame) else read_rows
    with pytest.raises(TableError) as caught:
        read(frame_or_path, **options)
    return caught.value.problems


def test_a_csv_gives_numbers_labels_and_the_digest_of_its_bytes(file):
    path = file("probability,outcome,sex\n0.1,0,man\n0.7,1,vrouw\n")
    rows = read_rows(path, groups=["sex"])
    assert rows.values["probability"].tolist() == [0.1, 0.7]
    assert rows.values["outcome"].tolist() == [0, 1]
    assert rows.labels["sex"].tolist() == ["man", "vrouw"]
    assert rows.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_semicolons_and_decimal_commas_of_dutch_spreadsheets_are_read(file):
    rows = read_rows(file("\ufeffprobability;outcome\r\n0,25;1\r\n1;0\r\n"))
    assert rows.values["probability"].tolist() == [0.25, 1.0]


def test_a_decimal_comma_in_a_file_with_commas_is_an_error_and_not_a_guess(file):
    found = problems(file('probability,outcome\n"0,25",1\n'))
    assert [(p.column, p.row, p.value) for p in found] == [("probability", 1, "0,25")]


def test_parquet_is_read_like_csv(tmp_path):
    path = tmp_path / "table.parquet"
    frame = pd.DataFrame({"probability": [0.1, np.nan], "outcome": [True, False]})
    frame.to_parquet(path)
    rows = read_rows(path)
    assert rows.values["outcome"].tolist() == [1.0, 0.0]
    assert rows.excluded == {"no_probability": 1}


def test_a_probability_out_of_range_is_an_error_that_names_column_row_value_and_expectation(file):
    (found,) = problems(file("probability,outcome\n0.2,1\n1.4,0\n-3,0\n"))
    assert (found.column, found.row, found.value, found.more) == ("probability", 2, "1.4", 1)
    assert "[0, 1]" in found.expected


def test_all_problems_are_named_at_once(file):
    found = problems(file("probability,outcome,weight\nx,2,-1\n"))
    assert [p.column for p in found] == ["probability", "outcome", "weight"]


@pytest.mark.parametrize("value", ["0,5", "inf", "50%", "half", "1e400"])
def test_what_is_no_probability_is_refused(file, value):
    (found,) = problems(file(f'probability,outcome\n"{value}",1\n'))
    assert found.value == value


@pytest.mark.parametrize("missing", ["", "NA", "nan", "null", "None", " "])
def test_missing_values_are_counted_and_left_out(file, missing):
    rows = read_rows(file(f"probability,outcome\n0.5,{missing}\n{missing},1\n0.5,1\n"))
    assert rows.excluded == {"no_probability": 1, "no_outcome": 1}
    assert rows.used.tolist() == [False, False, True]
    assert rows.missing == {"probability": 1, "outcome": 1}


def test_a_row_with_two_reasons_counts_under_the_first(file):
    rows = read_rows(file("probability,outcome\n,\n0.5,1\n"))
    assert rows.excluded == {"no_probability": 1}


def test_rows_of_weight_0_are_left_out_and_counted(file):
    rows = read_rows(file("probability,outcome,weight\n0.5,1,0\n0.5,0,2\n0.5,0,\n"))
    assert rows.excluded == {"no_weight": 1, "zero_weight": 1}


def test_columns_get_their_role_by_name_or_as_told(file):
    path = file("p_hat,back,probability_new,age\n0.2,1,0.3,old\n")
    rows = read_rows(path, named={"probability": "p_hat", "outcome": "back"}, groups=["age"])
    assert rows.columns.of == {"probability": "p_hat", "outcome": "back"}
    assert rows.rivals["new"].tolist() == [0.3]


def test_a_column_that_is_not_there_is_named_with_those_that_are(file):
    found = problems(file("p,outcome\n0.1,1\n"), groups=["sex"])
    assert [p.column for p in found] == ["probability", "sex"]
    assert "'p', 'outcome'" in str(found[0])


def test_an_unknown_role_is_refused(file):
    found = problems(file("probability,outcome\n0.1,1\n"), named={"score": "probability"})
    assert "not 'score'" in found[0].expected


def test_a_name_that_stands_twice_is_refused(file):
    found = problems(file("probability,outcome,outcome\n0.1,1,0\n"))
    assert found[0].column == "outcome"


def test_a_group_with_too_many_values_is_a_measurement_and_refused():
    n = MOST_LEVELS + 1
    frame = pd.DataFrame({"probability": [0.1] * n, "outcome": [0] * n, "age": range(n)})
    (found,) = problems(frame, groups=["age"])
    assert "cut it into classes" in found.expected


def test_a_person_needs_a_name_in_every_row(file):
    (found,) = problems(file("probability,outcome,person_id\n0.1,1,a\n0.1,0,\n"))
    assert (found.column, found.row) == ("person_id", 2)


def test_a_time_needs_one_horizon(file):
    (found,) = problems(file("probability,outcome,time\n0.1,1,9\n"))
    assert "horizon" in found.expected
    (found,) = problems(file("probability,outcome,time,horizon\n0.1,1,9,30\n0.1,0,9,60\n"))
    assert "one horizon" in found.expected


def test_with_a_time_the_outcome_is_a_cause(file):
    rows = read_rows(file("probability,outcome,time,horizon\n0.1,2,9,30\n0.1,0,40,30\n0.2,1,,30\n"))
    assert rows.values["outcome"].tolist() == [2, 0, 1]
    assert rows.horizon_days == 30
    assert rows.excluded == {"no_time": 1}


def test_a_file_that_is_no_table_says_so(file, tmp_path):
    with pytest.raises(TableError, match="cannot be read as CSV"):
        read_rows(file(""))
    with pytest.raises(TableError, match="cannot be read as Parquet"):
        read_rows(file("no parquet", "table.parquet"))
    path = tmp_path / "latin.csv"
    path.write_bytes("probability,outcome,naam\n0.1,1,Zoë\n".encode("latin-1"))
    with pytest.raises(TableError, match="UTF-8"):
        read_rows(path)


def test_the_digest_of_a_frame_follows_its_content():
    frame = pd.DataFrame({"probability": [0.1, 0.2], "outcome": [0, 1]})
    first = check_rows(frame).sha256
    assert check_rows(frame.copy()).sha256 == first
    assert check_rows(frame.assign(outcome=[1, 1])).sha256 != first


@given(
    st.lists(
        st.tuples(
            st.none() | st.floats(0, 1), st.none() | st.sampled_from([0, 1, True, False, 1.0])
        ),
        max_size=30,
    )
)
def test_every_row_is_used_or_counted_under_one_reason(rows):
    frame = pd.DataFrame(rows, columns=["probability", "outcome"], dtype=object)
    found = check_rows(frame)
    assert found.used.sum() + sum(found.excluded.values()) == found.n == len(rows)
    complete = [p is not None and y is not None for p, y in rows]
    assert found.used.tolist() == complete
