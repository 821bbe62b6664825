"""rossi: counts against what is published, and one declared day for everyone."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from risicoscreener.datasets import Dataset, load_rossi
from risicoscreener.errors import DataError


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    from lifelines.datasets import load_rossi as load

    table: pd.DataFrame = load()
    return table


def test_114_of_432_men_are_arrested_within_52_weeks(rossi: Dataset) -> None:
    assert len(rossi.frame) == 432
    assert rossi.outcome.sum() == 114
    assert rossi.horizon_days == 364


def test_who_is_not_arrested_was_followed_for_the_whole_year(rossi: Dataset) -> None:
    assert rossi.follow_up is not None
    assert rossi.follow_up["event"].sum() == 114
    assert set(rossi.follow_up["weeks"][rossi.outcome == 0]) == {52}


def test_half_of_them_drew_financial_aid(rossi: Dataset) -> None:
    assert rossi.frame["rossi_financial_aid"].sum() == 216


def test_sums_are_those_of_the_package(rossi: Dataset, raw: pd.DataFrame) -> None:
    assert rossi.frame["prior_convictions"].sum() == raw["prio"].sum() == 1289
    assert (rossi.audit["race"] == "black").sum() == raw["race"].sum() == 379


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("fin", "rossi_financial_aid"),
        ("wexp", "rossi_work_experience"),
        ("paro", "rossi_parole"),
        ("mar", "rossi_married"),
        ("prio", "prior_convictions"),
    ],
)
def test_a_column_holds_the_values_of_the_package(
    rossi: Dataset, raw: pd.DataFrame, column: str, name: str
) -> None:
    assert list(rossi.frame[name]) == list(raw[column])


def test_age_is_the_age_given_at_the_declared_day(rossi: Dataset, raw: pd.DataFrame) -> None:
    assert rossi.index is not None
    assert set(rossi.index["as_of"]) == {pd.Timestamp("1973-01-01")}
    assert np.abs(rossi.frame["age_years"].to_numpy() - raw["age"].to_numpy()).max() < 0.005


def test_the_week_of_the_arrest_is_no_feature(rossi: Dataset, raw: pd.DataFrame) -> None:
    for name in rossi.frame.columns:
        assert abs(np.corrcoef(rossi.frame[name], raw["week"])[0, 1]) < 0.5, name


def test_without_the_package_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "lifelines.datasets", None)
    with pytest.raises(DataError, match=r'lifelines.*pip install "risicoscreener\[data\]"'):
        load_rossi()
