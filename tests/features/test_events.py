"""The tables as arrays: what is made when, which rows are seen on a day, and whose they are."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from risicoscreener import native
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.schema import EPOCH, tables
from risicoscreener.dossier.visible import visible
from risicoscreener.features import Catalogue, catalogue, in_blocks, many, over_days
from risicoscreener.features import events as module
from risicoscreener.features.compiled import compiled
from risicoscreener.features.events import FAR, EventTables, first_of_each
from risicoscreener.features.many import compute_block
from risicoscreener.features.over_days import FeaturesOverDays
from strategies import a_debt, a_person, as_of_days, dossier_sets

from .every_part import READ, definitions
from .strategies import a_feature

DAY = dt.date(2024, 6, 1)


def number(day):
    return (day - EPOCH).days


def people(*parts):
    listed = [read_dossier({**a_person(f"p{i}"), **each}) for i, each in enumerate(parts)]
    return DossierTables.from_dossiers(listed)


@pytest.mark.parametrize(
    ("segment", "first"),
    [([], []), ([3], [0]), ([0, 0], [0]), ([0, 0, 1, 1, 1, 4], [0, 2, 5]), ([1, 2, 3], [0, 1, 2])],
)
def test_another_segment_begins_where_the_number_changes(segment, first):
    assert first_of_each(np.array(segment, dtype=np.int32)).tolist() == first


def test_rows_of_each_person_begin_where_those_of_the_one_before_end():
    found = people({}, {"debts": [a_debt(), a_debt(kind="tax")]}, {}, {"debts": [a_debt()]}, {})
    assert EventTables(found).offsets("debts").tolist() == [0, 0, 2, 2, 3, 3]
    assert EventTables(found).offsets("conduct").tolist() == [0] * 6
    assert EventTables(people()).offsets("debts").tolist() == [0]


@settings(max_examples=60)
@given(dossier_sets(max_rows=5), as_of_days())
def test_what_is_seen_of_the_tables_on_a_day_is_what_is_seen_of_each_record(listed, day):
    events = EventTables(DossierTables.from_dossiers(listed))
    for table in tables():
        expected = []
        for facts in (getattr(dossier, table) for dossier in listed):
            seen = {position for position, _ in visible(facts, day)}
            expected += [position in seen for position in range(len(facts))]
        assert events.visible_on(table, number(day)).tolist() == expected


def noted(day, **changes):
    return a_debt(recorded_at=day, **changes)


def test_a_fact_is_replaced_by_the_first_correction_of_the_same_person():
    first = [
        noted("2024-01-01", fact_id="a"),
        noted("2024-01-05", fact_id="b"),
        noted("2024-01-09", fact_id="c", supersedes="a"),
        noted("2024-01-07", fact_id="d", supersedes="a", void=True),
        noted("2024-01-02"),
    ]
    other = [noted("2024-01-01", fact_id="a"), noted("2024-01-03", fact_id="c")]
    third = [noted("2024-01-01", fact_id="c"), noted("2024-01-04", supersedes="c")]
    events = EventTables(people({"debts": first}, {"debts": other}, {"debts": third}))
    gone = events.replaced_on("debts")
    found = {(row, int(day)) for row, day in enumerate(gone) if day != FAR}
    assert found == {(0, number(dt.date(2024, 1, 7))), (7, number(dt.date(2024, 1, 4)))}
    assert gone.dtype == np.int32
    assert events.has_void("debts")


def test_of_facts_that_none_corrects_none_is_replaced_or_withdrawn():
    events = EventTables(people({"debts": [noted("2024-01-01", fact_id="a")]}))
    assert events.replaced_on("debts") is None
    assert not events.has_void("debts")
    assert events.replaced_on("conduct") is None
    assert events.visible_on("debts", number(dt.date(2024, 1, 1))).tolist() == [True]
    assert events.visible_on("debts", number(dt.date(2023, 12, 31))).tolist() == [False]


def test_columns_are_numbers_in_which_absent_has_one_of_its_own():
    work = {"recorded_at": "2024-01-01", "kind": "work", "from_on": "2024-01-01"}
    stay = {"recorded_at": "2024-01-01", "arrived_on": "2024-01-01", "regime": "sentence"}
    events = EventTables(
        people(
            {
                "income_work": [work, {**work, "hours_per_week": 8, "until_on": "2024-01-02"}],
                "detentions": [
                    {**stay, "prison": "A", "unlawful_stay": False, "released_on": "2024-01-01"},
                    stay,
                ],
                "debts": [a_debt(), a_debt(arrangement="agreed", arranged_on="2024-01-01")],
            }
        )
    )
    day = number(dt.date(2024, 1, 1))
    place = tables()["debts"].columns["arrangement"].codes.index("agreed")
    assert events.column("income_work", "until_on").tolist() == [FAR, day + 1]
    assert events.column("income_work", "from_on").tolist() == [day, day]
    np.testing.assert_array_equal(events.column("income_work", "hours_per_week"), [np.nan, 8.0])
    assert events.column("detentions", "prison").tolist() == [0, -1]
    assert events.column("detentions", "unlawful_stay").tolist() == [0, -1]
    assert events.column("debts", "arrangement").tolist() == [-1, place]
    assert events.column("persons", "birth_date").tolist() == [number(dt.date(1990, 1, 1))]


@pytest.mark.parametrize("made", [True, False])
def test_some_rows_of_a_column_are_those_of_the_whole(made):
    events = EventTables(people({"debts": [a_debt(amount_eur=n) for n in range(6)]}))
    if made:
        events.column("debts", "amount_eur")
    for rows in (slice(2, 4), slice(0, 0), np.array([4, 2, 2, 5]), np.array([], dtype=np.int64)):
        found = events.rows("debts", "amount_eur", rows)
        assert found.tolist() == np.arange(6.0)[rows].tolist()
    assert (("debts", "amount_eur") in events._columns) == made


# --- what is made before it is asked for ------------------------------------------------------


class Watched(EventTables):
    """Notes which columns are asked for."""

    def __init__(self, dossiers):
        super().__init__(dossiers)
        self.asked = set()

    def column(self, table, name):
        self.asked.add((table, name))
        return super().column(table, name)

    def rows(self, table, name, rows):
        self.asked.add((table, name))
        return super().rows(table, name, rows)


def everybody(*, corrected=True):
    gone = {"fact_id": "b", "supersedes": "a", "void": True}
    own = {"debts": [a_debt(fact_id="a"), a_debt(**gone)]} if corrected else {}
    return people(own, {"debts": [a_debt()]})


@pytest.mark.parametrize("table", READ)
def test_all_that_a_plan_asks_for_was_made_before(table):
    whole, order, on = definitions(table), np.array([1, 0]), np.full(2, number(DAY))
    # Where nothing is withdrawn it is not asked whether, and of an inquiry never when it was.
    less = {(name, "void") for name in tables()} | {("inquiries", "consulted_on")}
    rows = [f for f in whole.values() if f.table]
    each = {(f.on, f.field, f.open or f.aggregate == "days_covered", *f.where): f for f in rows}
    with native.without():
        for names in (None, *([f.name] for f in each.values())):
            plan, found = whole.plan(names), Watched(everybody())
            found.prepare(plan, order)
            made = {*found._columns}
            found.asked.clear()
            compute_block(plan, found, order, on)
            assert found.asked <= made
            assert names is not None or made - found.asked <= less


def test_of_people_in_order_only_what_is_of_the_person_is_made_before():
    own = {
        "n": a_feature("n", table="conduct"),
        "sex": a_feature("sex", "person", field="sex", values={"male": 1.0}),
    }
    plan = Catalogue(own).plan()
    of_person = {("persons", "birth_date"), ("persons", "sex")}
    stays = {("detentions", name) for name in ("recorded_at", "void", "arrived_on", "released_on")}
    names = ("recorded_at", "void", "consulted_on", "subject", "complete")
    asked = {("inquiries", name) for name in names}
    conduct = {("conduct", name) for name in ("recorded_at", "void", "occurred_on")}
    with native.without():
        for positions in ([0, 1], [0, 0, 1], [], None, [1, 0]):
            found = EventTables(everybody(corrected=False))
            at = None if positions is None else np.array(positions, dtype=np.int32)
            found.prepare(plan, at)
            in_order = at is not None and positions != [1, 0]
            more = set() if in_order else stays | asked | conduct
            assert {*found._columns} == of_person | more
            read = {"detentions", "inquiries", "conduct"}
            assert {*found._offsets} == {*found._replaced} == {*found._has_void} == read


@pytest.mark.parametrize("few", [1, 2, 3])
def test_threads_make_what_is_made_without_them(monkeypatch, few):
    plan = definitions("debts").plan()
    with native.without():
        alone = EventTables(everybody())
        alone.prepare(plan)
        monkeypatch.setattr(module, "FEW_PERSONS", few)
        found = EventTables(everybody())
        found.prepare(plan)
    assert {*found._columns} == {*alone._columns}
    for key, column in found._columns.items():
        np.testing.assert_array_equal(column, alone._columns[key])


def test_a_copy_has_all_but_addresses():
    plan = catalogue().plan(["age_years", "debts_open"])
    found = EventTables(everybody())
    found.prepare(plan)
    library = compiled(plan)
    assert len(found._bound) == (library is not None)
    if library is not None:
        assert found.bound(library) is found.bound(library)
    for copied in (copy.copy(found), pickle.loads(pickle.dumps(found))):
        assert copied._bound == {}
        assert {*vars(copied)} == {*vars(found)}
        assert copied.n_persons == 2
        day = np.full(2, number(DAY))
        np.testing.assert_array_equal(
            compute_block(plan, copied, np.arange(2), day),
            compute_block(plan, found, np.arange(2), day),
        )


def in_blocks_over_days(plan):
    day = DAY - dt.timedelta(days=1)
    for _ in FeaturesOverDays(plan, everybody(), day, DAY, people_at_once=1, n_threads=2):
        pass


def in_blocks_of_rows(plan):
    many.compute_many(plan, everybody(), np.array([1, 0]), np.full(2, number(DAY)), n_threads=2)


@pytest.mark.parametrize("way", [in_blocks_over_days, in_blocks_of_rows])
def test_columns_are_made_before_threads_work_with_them(monkeypatch, way):
    made = []

    class Noting(EventTables):
        def _numbers(self, table, name, rows):
            made.append((table, name))
            return super()._numbers(table, name, rows)

    def noting(*given):
        made.append("a block")
        return compute_block(*given)

    for where in (many, in_blocks, over_days):
        monkeypatch.setattr(where, "EventTables", Noting)
    for where in (many, over_days):
        monkeypatch.setattr(where, "compute_block", noting)
    monkeypatch.setattr(many, "BLOCK", 1)
    with native.without():
        way(definitions("debts").plan())
    first = made.index("a block")
    assert first > 20
    assert set(made[first:]) == {"a block"}
    assert len(made[first:]) >= 2


@pytest.mark.parametrize(
    ("links", "replaced"), [("-a-", True), ("-b-", False), ("-ab", True), ("--a", False)]
)
def test_a_correction_of_what_is_not_there_replaces_nothing(links, replaced):
    rows = [noted("2024-01-01", fact_id="a"), noted("2024-01-05")]
    found = people({"debts": rows}, {"debts": rows[1:]})
    arrow = found.tables["debts"]
    place = arrow.column_names.index("supersedes")
    field = arrow.schema.field(place)
    column = pa.array([None if link == "-" else link for link in links], field.type)
    changed = replace(
        found, tables={**found.tables, "debts": arrow.set_column(place, field, column)}
    )
    gone = number(dt.date(2024, 1, 5)) if replaced else FAR
    assert EventTables(changed).replaced_on("debts").tolist() == [gone, FAR, FAR]
