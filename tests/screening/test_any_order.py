"""Blocks, threads and the order of people and rows do not matter for what a batch finds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import KINDS
from risicoscreener import Screener
from risicoscreener.decision import many as deciding
from risicoscreener.dossier import DossierTables
from risicoscreener.features import Index, compute_features
from risicoscreener.features import many as computing
from risicoscreener.models import covariance
from risicoscreener.screening import many as screening
from risicoscreener.synthetic import Cohort

ROUNDING = 1e-12
"""For the interval, a product of matrices, and for sums where rows come in another order."""


@pytest.fixture(scope="module")
def tables(cohort: Cohort) -> DossierTables:
    return cohort.tables.select(np.arange(150))


@pytest.fixture(scope="module")
def index(tables: DossierTables, cohort: Cohort) -> Index:
    """Each person on their own day."""
    days = cohort.truth.persons["as_of"].to_numpy()[:150].astype("datetime64[D]").astype(np.int32)
    return Index(np.arange(150, dtype=np.int32), days)


def assert_same(found: pa.Table, expected: pa.Table, rounded: tuple[str, ...] = ()) -> None:
    """All columns are equal, but for rounding of the interval and of what ends as is said."""
    assert found.column_names == expected.column_names
    for name in expected.column_names:
        one, other = found.column(name).to_pylist(), expected.column(name).to_pylist()
        if name.endswith(("_lower", "_upper", *rounded)):
            assert [a is None for a in one] == [b is None for b in other], name
            numbers = [np.array(column, dtype=np.float64) for column in (one, other)]
            np.testing.assert_allclose(*numbers, rtol=ROUNDING)
        else:
            assert one == other, name


@settings(max_examples=12, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("kind", KINDS)
def test_blocks_and_threads_do_not_matter(screener: Screener, tables, index, kind, data):
    expected = screener.screen_many(tables, kind, index).to_arrow()
    size = st.integers(1, 200)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screening, "BLOCK", data.draw(size))
        patch.setattr(computing, "BLOCK", data.draw(size))
        patch.setattr(deciding, "BLOCK", data.draw(size))
        patch.setattr(covariance, "INTERVAL_ROWS", data.draw(size))
        threads = data.draw(st.integers(1, 4))
        found = screener.screen_many(tables, kind, index, n_threads=threads).to_arrow()
    assert_same(found, expected)


@settings(max_examples=12, deadline=None)
@given(order=st.permutations(range(150)), least=st.integers(0, 150))
def test_the_order_of_the_questions_does_not_matter(
    screener: Screener, tables, index, order, least
):
    """Any order, and people left out: then columns are made as a whole, or with gaps."""
    expected = screener.screen_many(tables, "leave", index).to_arrow()
    order = np.array(order)
    for chosen in (order, np.sort(order)[least:], np.sort(order[least:])):
        asked = Index(chosen.astype(np.int32), index.days[chosen])
        found = screener.screen_many(tables, "leave", asked).to_arrow()
        assert_same(found, expected.take(pa.array(chosen)))


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(range(150)))
def test_the_order_of_the_people_does_not_matter(screener: Screener, tables, index, order):
    expected = screener.screen_many(tables, "leave", index).to_arrow()
    raw = {**tables.tables, "persons": tables.tables["persons"].take(pa.array(order))}
    turned = DossierTables.from_arrow(raw)
    asked = Index(np.arange(150, dtype=np.int32), index.days[np.array(order)])
    assert_same(
        screener.screen_many(turned, "leave", asked).to_arrow(), expected.take(pa.array(order))
    )


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_of_a_person_does_not_matter(screener: Screener, tables, index, seed):
    """But for sums, which are added in the order of the rows."""
    shuffled = DossierTables.from_arrow(in_another_order(tables, seed))
    one, other = (compute_features(each, index).values for each in (tables, shuffled))
    np.testing.assert_allclose(other, one, rtol=ROUNDING)
    found, expected = (
        screener.screen_many(each, "leave", index).to_arrow() for each in (shuffled, tables)
    )
    assert_same(found, expected, rounded=("_probability",))


def in_another_order(tables: DossierTables, seed: int) -> dict[str, pa.Table]:
    rng = np.random.default_rng(seed)
    return {
        name: table
        if name == "persons"
        else table.take(pa.array(rng.permutation(table.num_rows), pa.int64()))
        for name, table in tables.tables.items()
    }


def test_only_sums_depend_on_the_order_of_the_rows(tables, index):
    """What is not added up is equal to the last bit."""
    shuffled = DossierTables.from_arrow(in_another_order(tables, 1))
    one, other = (compute_features(each, index) for each in (tables, shuffled))
    added = {
        name
        for name, a, b in zip(one.names, one.values.T, other.values.T, strict=True)
        if not np.array_equal(a, b, equal_nan=True)
    }
    for name in added:
        assert one.catalogue[name].aggregate in ("sum", "slope", "kernel", "ratio", "linear"), name
