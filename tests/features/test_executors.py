"""One record and many get the same values, and these are what the definitions say."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import DossierTables
from risicoscreener.features import (
    Catalogue,
    Index,
    catalogue,
    compile_plan,
    compute_features,
    many,
)
from risicoscreener.features.one import compile_one
from strategies import as_of_days, dossier_sets, dossiers

from .reference import reference
from .strategies import days_of, features

PLAN = catalogue().plan()
ONE = compile_one(PLAN)
EPOCH = dt.date(1970, 1, 1)


def index_of(rows: list[tuple[int, dt.date]]) -> Index:
    positions = np.array([position for position, _ in rows], dtype=np.int32)
    days = np.array([(day - EPOCH).days for _, day in rows], dtype=np.int32)
    return Index(positions, days)


def assert_same(names, found, expected, exactly=True):
    for name, a, b in zip(names, found, expected, strict=True):
        both_unknown = math.isnan(a) and math.isnan(b)
        close = a == b if exactly else math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
        assert both_unknown or close, f"{name}: {a!r} against {b!r}"


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_record_and_the_tables_give_bit_equal_values_of_the_whole_catalogue(data):
    listed = data.draw(dossier_sets(min_persons=1, max_rows=3))
    position = st.integers(0, len(listed) - 1)
    rows = []
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(position)
        rows.append((at, data.draw(days_of(listed[at]))))
    tables = DossierTables.from_dossiers(listed)
    found = compute_features(tables, index_of(rows)).values
    for i, (at, day) in enumerate(rows):
        assert_same(PLAN.names, found[i], ONE(listed[at], day))


@settings(max_examples=150, deadline=None)
@given(dossiers(max_rows=4), st.data())
def test_every_feature_of_the_catalogue_is_what_its_definition_says(dossier, data):
    day = data.draw(days_of(dossier))
    expected = reference(catalogue(), PLAN.names, dossier, day)
    assert_same(PLAN.names, ONE(dossier, day), expected.values(), exactly=False)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_feature_that_can_be_defined_is_the_same_in_three_ways(data):
    feature = data.draw(features())
    dossier = data.draw(dossiers(max_rows=5, only=("detentions", "inquiries", feature.table)))
    days = [data.draw(days_of(dossier)) for _ in range(2)]
    own = Catalogue({feature.name: feature})
    one = compile_one(own.plan())
    tables = DossierTables.from_dossiers([dossier])
    batch = compute_features(tables, index_of([(0, day) for day in days]), definitions=own)
    for i, day in enumerate(days):
        alone = one(dossier, day)
        assert_same(own, batch.values[i], alone)
        assert_same(own, alone, reference(own, own, dossier, day).values(), exactly=False)


@settings(max_examples=20, deadline=None)
@given(dossier_sets(min_persons=2), as_of_days())
def test_it_does_not_matter_how_the_index_is_cut_into_blocks_or_ordered(listed, day):
    tables = DossierTables.from_dossiers(listed)
    rows = [(at, day - dt.timedelta(days=30 * k)) for k in range(3) for at in range(len(listed))]
    whole = compute_features(tables, index_of(rows)).values
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(many, "BLOCK", 2)
        cut = compute_features(tables, index_of(rows[::-1]), n_threads=2).values
    np.testing.assert_array_equal(whole, cut[::-1])


def test_each_block_that_is_done_is_told(monkeypatch):
    monkeypatch.setattr(many, "BLOCK", 2)
    listed = _some_dossiers(5)
    done: list[int] = []
    compute_features(
        DossierTables.from_dossiers(listed),
        dt.date(2024, 1, 1),
        ["age_years"],
        on_block=done.append,
    )
    assert done == [2, 2, 1]


def test_of_no_index_rows_there_are_no_values():
    tables = DossierTables.from_dossiers(_some_dossiers(2))
    assert compute_features(tables, index_of([])).values.shape == (0, len(PLAN.names))


def test_features_that_are_asked_for_twice_or_in_another_order_stand_as_asked():
    tables = DossierTables.from_dossiers(_some_dossiers(1))
    names = ["sex_female", "age_years", "sex_female"]
    found = compute_features(tables, dt.date(2024, 1, 1), names)
    assert found.names == tuple(names)
    assert found.values[0].tolist() == [0.0, found.values[0, 1], 0.0]


def test_what_an_index_asks_does_not_change_with_the_other_features_asked():
    dossier = _some_dossiers(1)[0]
    alone = [
        compile_one(compile_plan([name], catalogue()))(dossier, dt.date(2024, 1, 1))[0]
        for name in PLAN.names
    ]
    assert_same(PLAN.names, alone, ONE(dossier, dt.date(2024, 1, 1)))


def _some_dossiers(n):
    from risicoscreener.dossier import read_dossier
    from strategies import a_debt, a_person

    return [
        read_dossier({**a_person(f"p{i}"), "debts": [a_debt(fact_id=f"f{j}") for j in range(i)]})
        for i in range(n)
    ]
