"""A picture of a day has nothing in it that became known later."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.features import Catalogue, catalogue, compute_features
from risicoscreener.features.one import compile_one
from strategies import a_debt, a_person, dossiers

from .strategies import a_feature, days_of, features
from .test_executors import assert_same

PLAN = catalogue().plan()
ONE = compile_one(PLAN)


def with_rows(dossier: Dossier, rows: dict[str, list]) -> Dossier:
    return msgspec.structs.replace(dossier, **rows)


def in_both(dossier: Dossier, day: dt.date) -> list[list[float]]:
    """Values by the way of one record and by that of tables."""
    tables = DossierTables.from_dossiers([dossier])
    return [ONE(dossier, day), compute_features(tables, day).values[0].tolist()]


def assert_nothing_moves(before: Dossier, after: Dossier, day: dt.date) -> None:
    assert_same(PLAN.names, ONE(after, day), ONE(before, day))


@settings(max_examples=80, deadline=None)
@given(dossiers(max_rows=3), st.data())
def test_facts_recorded_later_may_be_deleted(dossier, data):
    day = data.draw(days_of(dossier))
    kept = {n: [r for r in getattr(dossier, n) if r.recorded_at <= day] for n in tables()}
    assert_nothing_moves(dossier, with_rows(dossier, kept), day)


@settings(max_examples=80, deadline=None)
@given(dossiers(max_rows=4), st.data())
def test_facts_recorded_later_may_stand_anywhere(dossier, data):
    day = data.draw(days_of(dossier))
    moved = {}
    for name in tables():
        rows = getattr(dossier, name)
        moved[name] = [r for r in rows if r.recorded_at <= day]
        for late in data.draw(st.permutations([r for r in rows if r.recorded_at > day])):
            moved[name].insert(data.draw(st.integers(0, len(moved[name]))), late)
    assert_nothing_moves(dossier, with_rows(dossier, moved), day)


@settings(max_examples=80, deadline=None)
@given(dossiers(max_rows=2), dossiers(max_rows=3), st.data())
def test_facts_recorded_later_may_be_invented_corrections_too(dossier, invented, data):
    day = data.draw(days_of(dossier))
    joined = {}
    for name, spec in tables().items():
        ids = [
            r.fact_id
            for r in getattr(dossier, name)
            if r.fact_id is not None and r.recorded_at <= day
        ]
        late = [
            msgspec.structs.replace(
                row,
                fact_id=f"late-{i}",
                supersedes=ids[i % len(ids)] if ids else None,
                void=bool(ids) and i % 2 == 0,
            )
            for i, row in enumerate(getattr(invented, name))
            if row.recorded_at > day and getattr(row, spec.starts) >= dossier.person.birth_date
        ]
        if name == "detentions":  # a stay that is only withdrawn is nobody's second one
            late = [row for row in late if row.void]
        joined[name] = [*late[::2], *getattr(dossier, name), *late[1::2]]
    for found in in_both(with_rows(dossier, joined), day):
        assert_same(PLAN.names, found, ONE(dossier, day))


@settings(max_examples=80, deadline=None)
@given(dossiers(max_rows=3), st.data())
def test_fields_that_are_known_from_a_later_day_may_be_anything(dossier, data):
    day = data.draw(days_of(dossier))
    forgotten = {n: [forget(r, n, day) for r in getattr(dossier, n)] for n in tables()}
    assert_nothing_moves(dossier, with_rows(dossier, forgotten), day)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_feature_that_can_be_defined_reads_a_field_before_it_is_known(data):
    feature = data.draw(features())
    dossier = data.draw(dossiers(max_rows=4, only=("detentions", "inquiries", feature.table)))
    day = data.draw(days_of(dossier))
    one = compile_one(Catalogue({"trial": feature}).plan())
    early = {
        n: [forget(r, n, day) for r in getattr(dossier, n) if r.recorded_at <= day]
        for n in tables()
    }
    assert_same(["trial"], one(with_rows(dossier, early), day), one(dossier, day))


def forget(row, table, day):
    """The row without what becomes known after a day: as if the fields were empty."""
    late = {}
    for name, column in tables()[table].columns.items():
        since = getattr(row, column.known_from) if column.known_from else None
        if column.known_from and (since is None or since > day):
            late[name] = None
    return msgspec.structs.replace(row, **late)


def debts_of(*rows):
    return read_dossier({**a_person(), "debts": list(rows)})


CORRECTION = {"fact_id": "b", "supersedes": "a", "recorded_at": "2021-06-01"}
WRONG = a_debt(fact_id="a", amount_eur=300)


def total(dossier, day):
    own = Catalogue({"t": a_feature("t", "sum", field="amount_eur")})
    alone = compile_one(own.plan())(dossier, day)[0]
    tables = DossierTables.from_dossiers([dossier])
    assert compute_features(tables, day, definitions=own).values[0, 0] == alone
    return alone


def test_a_correction_counts_from_the_day_it_was_recorded():
    dossier = debts_of(WRONG, a_debt(amount_eur=50, **CORRECTION))
    assert total(dossier, dt.date(2021, 5, 31)) == 300
    assert total(dossier, dt.date(2021, 6, 1)) == 50


def test_a_withdrawal_leaves_nothing_from_the_day_it_was_recorded():
    dossier = debts_of(
        WRONG, a_debt(recorded_at="2021-01-01", amount_eur=7), a_debt(void=True, **CORRECTION)
    )
    assert total(dossier, dt.date(2021, 5, 31)) == 307
    assert total(dossier, dt.date(2021, 6, 1)) == 7


def test_a_corrected_correction_counts_as_last_corrected():
    again = a_debt(fact_id="c", supersedes="b", recorded_at="2021-07-01", amount_eur=10)
    dossier = debts_of(again, a_debt(amount_eur=50, **CORRECTION), WRONG)
    days = [dt.date(2021, 5, 1), dt.date(2021, 6, 15), dt.date(2021, 7, 1)]
    assert [total(dossier, day) for day in days] == [300, 50, 10]


@pytest.mark.parametrize("withdrawn_on", ["2021-06-01", "2023-01-01"])
def test_a_withdrawn_inquiry_leaves_it_unknown_from_the_day_of_the_withdrawal(withdrawn_on):
    asked = {
        "subject": "debts",
        "source": "municipality",
        "consulted_on": "2021-01-05",
        "complete": True,
    }
    inquiries = [
        {**asked, "recorded_at": "2021-01-05", "fact_id": "a"},
        {**asked, "recorded_at": withdrawn_on, "supersedes": "a", "void": True},
    ]
    dossier = read_dossier({**a_person(), "inquiries": inquiries})
    found = in_both(dossier, dt.date(2022, 1, 1))
    for values in found:
        value = values[PLAN.names.index("debts_open")]
        assert (value != value) is (withdrawn_on == "2021-06-01")


def test_an_end_counts_from_the_day_on_which_it_ends():
    ends = a_debt(until="2022-01-01", recorded_at="2020-01-01")
    own = Catalogue({"t": a_feature("t", "count", open=True)})
    one = compile_one(own.plan())
    assert one(debts_of(ends), dt.date(2021, 12, 31)) == [1.0]
    assert one(debts_of(ends), dt.date(2022, 1, 1)) == [0.0]
