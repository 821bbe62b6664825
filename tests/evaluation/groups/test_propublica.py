"""The published table of COMPAS by race comes out of the file, if it is there."""

from __future__ import annotations

import os

import numpy as np
import pytest

from propublica import GROUPS, Table, by_decile, cannot_be_alike, page_part, rates, read


@pytest.fixture(scope="module")
def table() -> Table:
    path = os.environ.get("RISICOSCREENER_COMPAS")
    if not path:
        pytest.skip("RISICOSCREENER_COMPAS does not name ProPublica's file")
    return read(path)


def test_all_rows_are_counted(table):
    assert len(table.race) == 7214


@pytest.mark.parametrize(
    ("race", "name", "published"),
    [
        ("African-American", "false_positive_rate", 0.4485),
        ("Caucasian", "false_positive_rate", 0.2345),
        ("African-American", "false_negative_rate", 0.2799),
        ("Caucasian", "false_negative_rate", 0.4772),
        (None, "false_positive_rate", 0.3235),
        (None, "false_negative_rate", 0.3740),
        ("African-American", "ppv", 0.63),
        ("Caucasian", "ppv", 0.59),
    ],
)
def test_the_published_rates_come_out(table, race, name, published):
    digits = len(str(published).split(".")[1])
    assert round(rates(table, race)[name].value, digits) == pytest.approx(published, abs=1e-12)


def test_at_the_same_decile_about_as_many_were_charged_again(table):
    rows = [by_decile(table, race) for race in GROUPS]
    apart = [a.value - b.value for a, b in zip(*rows, strict=True)]
    overlap = [a.low <= b.high and b.low <= a.high for a, b in zip(*rows, strict=True)]
    assert all(overlap)
    assert abs(float(np.mean(apart))) < 0.03


def test_base_rates_alone_leave_most_of_the_difference(table):
    found = cannot_be_alike(table)
    counted = [found[race]["false_positive_rate"].value for race in GROUPS]
    assert found.implied_spread / (counted[0] - counted[1]) == pytest.approx(0.77, abs=0.01)


def test_the_tables_of_the_page_are_made_of_any_such_rows():
    rng = np.random.default_rng(0)
    made_up = Table(
        rng.integers(1, 11, 400), rng.integers(0, 2, 400), rng.choice([*GROUPS, "Other"], 400)
    )
    lines = page_part(made_up).splitlines()
    assert lines[0].startswith("| % of 400 rows | everybody | African-American | Caucasian |")
    assert sum(line.startswith("| 1") for line in lines) == 2  # deciles 1 and 10
