"""The small cohort in the repository is what the generator makes, and it can be screened."""

from __future__ import annotations

import pandas as pd

from cases import ROOT
from risicoscreener import screen_many
from risicoscreener.synthetic import Cohort, simulate

FOLDER = ROOT / "data" / "synthetic" / "sentenced_40"


def test_the_stored_cohort_is_that_of_its_command():
    stored, made = Cohort.read(FOLDER), simulate(40, seed=1, population="sentenced")
    for name, table in made.tables.tables.items():
        assert stored.tables.tables[name].equals(table), name
    pd.testing.assert_frame_equal(stored.truth.persons, made.truth.persons)
    pd.testing.assert_frame_equal(stored.truth.liberties, made.truth.liberties)


def test_the_stored_cohort_is_screened_by_its_index():
    index = pd.read_parquet(FOLDER / "index.parquet")
    screened = screen_many(Cohort.read(FOLDER).tables, "leave", index)
    assert len(screened) == 40
    assert len(set(screened.outcomes)) > 1
