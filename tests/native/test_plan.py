"""Features from the compiled library are those of numpy to the last bit, whatever is asked."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.every_part import READ, definitions
from features.strategies import a_feature, days_of, features
from risicoscreener import native
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.schema import EPOCH, Column, tables
from risicoscreener.features import Catalogue, bytecode, catalogue, compute_features, many
from risicoscreener.features.bytecode import REPLACED_ON, WITHDRAWN, encode, left_out
from risicoscreener.features.compiled import (
    ABSENT,
    TEXTS,
    BoundTables,
    CompiledPlan,
    compiled,
)
from risicoscreener.features.definition import Case
from risicoscreener.features.kernels import _KERNELS, register_kernel
from risicoscreener.features.many import EventTables, compute_block
from risicoscreener.features.plan import Condition, FeaturePlan, RowFeature, RowFilter
from risicoscreener.synthetic import simulate
from strategies import a_debt, a_person, dossier_sets

pytestmark = pytest.mark.usefixtures("library")


def both_ways(plan, tables, positions, days):
    """The values by the library and by numpy, which must differ in nothing."""
    positions = np.array(positions, dtype=np.int32)
    days = np.array([(day - EPOCH).days for day in days], dtype=np.int32)
    assert compiled(plan) is not None
    found = compute_block(plan, EventTables(tables), positions, days)
    with native.without():
        expected = compute_block(plan, EventTables(tables), positions, days)
    for column, name in enumerate(plan.names):
        np.testing.assert_array_equal(found[:, column], expected[:, column], err_msg=name)
    return found


@st.composite
def index_rows(draw, listed):
    """People in any order, each any number of times, on days that mean something."""
    rows = []
    for _ in range(draw(st.integers(0, 8))):
        at = draw(st.integers(0, len(listed) - 1))
        rows.append((at, draw(days_of(listed[at]))))
    return [at for at, _ in rows], [day for _, day in rows]


@settings(max_examples=150)
@given(st.data())
def test_any_features_that_can_be_defined_are_those_of_numpy(data):
    several = [data.draw(features(f"trial_{i}")) for i in range(data.draw(st.integers(1, 6)))]
    listed = data.draw(dossier_sets(min_persons=1, max_rows=4))
    plan = Catalogue({feature.name: feature for feature in several}).plan()
    both_ways(plan, DossierTables.from_dossiers(listed), *data.draw(index_rows(listed)))


@settings(max_examples=60)
@given(st.data())
def test_the_whole_catalogue_is_that_of_numpy(data):
    listed = data.draw(dossier_sets(min_persons=1, max_rows=4))
    tables = DossierTables.from_dossiers(listed)
    both_ways(catalogue().plan(), tables, *data.draw(index_rows(listed)))


@pytest.fixture(scope="module")
def many_people():
    return simulate(700, seed=3, population="sentenced").tables


def test_more_people_than_one_block_on_days_of_their_own(many_people):
    rng = np.random.default_rng(5)
    positions = rng.integers(0, many_people.n_persons, 1500)
    days = [dt.date(2023, 1, 1) + dt.timedelta(days=int(d)) for d in rng.integers(0, 700, 1500)]
    both_ways(catalogue().plan(), many_people, positions, days)


def test_tables_that_are_slices_of_others(many_people):
    """Bits then begin within a byte, and values not where their memory begins."""
    whole = many_people.tables
    offsets = {name: EventTables(many_people).offsets(name) for name in whole if name != "persons"}
    for first in (1, 3, 13):
        part = {"persons": whole["persons"].slice(first, 100)}
        for name, ends in offsets.items():
            part[name] = whole[name].slice(ends[first], ends[first + 100] - ends[first])
        tables = DossierTables.from_arrow(part)
        day = dt.date(2024, 6, 1)
        both_ways(catalogue().plan(), tables, range(100), [day] * 100)


def test_columns_in_chunks(many_people):
    both_ways(catalogue().plan(), in_chunks(many_people), range(700), [dt.date(2024, 6, 1)] * 700)


def test_it_makes_the_whole_catalogue():
    assert not left_out(catalogue().plan())


def in_chunks(whole):
    """Each table in two parts, which have to be joined before the library reads them."""
    return DossierTables.from_arrow(
        {
            name: pa.concat_tables([table.slice(0, 5), table.slice(5)])
            for name, table in whole.tables.items()
        }
    )


@pytest.mark.parametrize("table", READ)
def test_nothing_of_a_table_is_left_to_numpy(table, many_people, monkeypatch):
    plan = definitions(table).plan()
    positions, days = np.arange(0, 700, 9), np.full(78, (dt.date(2024, 6, 1) - EPOCH).days)
    with native.without():
        expected = compute_block(plan, EventTables(many_people), positions, days)
    monkeypatch.setattr(many, "_by_numpy", None)
    for people in (many_people, in_chunks(many_people)):
        events = EventTables(people)
        events.prepare(plan)
        bound = events.bound(compiled(plan))
        gc.collect()
        # What was let go of is written over, so that it cannot be read by chance.
        sizes = {len(array) for array in people.tables.values()} | {people.n_persons + 1}
        other = [np.full(n, 99, dtype=f"int{bits}") for n in sizes for bits in (8, 32, 64) * 20]
        other += [pa.concat_arrays([pa.array(array)] * 2).slice(0, len(array)) for array in other]
        other += [pa.concat_arrays([array[:1], array[1:]]) for array in other[-len(other) // 2 :]]
        found = compute_block(plan, events, positions, days)
        for column, name in enumerate(plan.names):
            np.testing.assert_array_equal(found[:, column], expected[:, column], err_msg=name)
        assert events.bound(compiled(plan)) is bound
        assert other


def test_what_the_library_is_pointed_at_is_held_for_as_long():
    listed = [read_dossier({**a_person(f"p{i}"), "debts": corrected()}) for i in range(2)]
    events = EventTables(DossierTables.from_dossiers(listed))
    plan = catalogue().plan()  # a plan that nobody holds is forgotten
    library = compiled(plan)
    bound = BoundTables(library, events)
    held = set()
    for kept in bound._kept:
        for one in kept if isinstance(kept, list) else [kept]:
            buffers = one.buffers() if isinstance(one, pa.Array) else []
            held |= {each.address for each in buffers if each is not None}
            held |= {one.ctypes.data} if isinstance(one, np.ndarray) else set()
    given = dict(zip(library.columns, bound.columns, strict=True))
    assert {c.values for c in given.values() if c.values} | {*bound.offsets} <= held
    assert {c.valid for c in given.values() if c.valid} <= held
    for name in (REPLACED_ON, WITHDRAWN):
        assert given["debts", name].values
        assert given["conduct", name].form == ABSENT
    # Of a text all that matters is whether it is there.
    own = Catalogue({"trial": a_feature(where={"fact_id": "present"})}).plan()
    library = compiled(own)
    columns = BoundTables(library, events).columns
    text = columns[library.columns.index(("debts", "fact_id"))]
    assert (text.form, text.values, text.len) == (TEXTS, None, 4)


def corrected():
    first = a_debt(fact_id="a")
    return [first, a_debt(fact_id="b", supersedes="a", void=True)]


@pytest.mark.parametrize("table", ["detentions", "debts", "assessments"])
def test_each_feature_alone_is_made_by_the_library(table, many_people, monkeypatch):
    own, positions = definitions(table), np.arange(0, 700, 25)
    days = np.full(len(positions), (dt.date(2024, 6, 1) - EPOCH).days)
    with native.without():
        expected = compute_block(own.plan(), EventTables(many_people), positions, days)
    monkeypatch.setattr(many, "_by_numpy", None)
    for column, name in enumerate(own):
        found = compute_block(own.plan([name]), EventTables(many_people), positions, days)
        np.testing.assert_array_equal(found[:, 0], expected[:, column], err_msg=name)


@pytest.mark.parametrize(("n", "out"), [(63, frozenset()), (64, {"count", "value"})])
def test_a_column_of_more_codes_than_a_number_has_bits_stays_in_numpy(n, out, monkeypatch):
    column = Column("kind", "code", True, None, codes=tuple(f"c{i}" for i in range(n)))
    spec = dataclasses.replace(
        tables()["debts"], columns={**tables()["debts"].columns, "kind": column}
    )
    monkeypatch.setattr(bytecode, "tables", lambda: {**tables(), "debts": spec})
    rows = {
        "count": (RowFilter((Condition("kind", "in", codes=("c62",)),), False, "since"), None),
        "value": (RowFilter((), False, "since"), column),
        "plain": (RowFilter((), False, "since"), None),
    }
    own = {name: a_feature(name) for name in rows}
    items = tuple(RowFeature(own[name], *each) for name, each in rows.items())
    plan = FeaturePlan((*rows,), own, {"debts": items})
    assert left_out(plan) == out
    assert encode(plan).names == tuple(name for name in rows if name not in out)


@pytest.fixture
def own_kernel():
    name = "number_of_days"
    register_kernel(
        name,
        lambda ago: float(len(set(ago))),
        lambda ago, segment, n: np.bincount(segment, minlength=n).astype(float),
    )
    yield name
    del _KERNELS[name]


def test_what_it_does_not_know_stays_in_numpy_with_all_that_is_made_of_it(own_kernel, many_people):
    own = {
        "kernel": a_feature("kernel", "kernel", table="conduct", kernel=own_kernel),
        "debts": a_feature("debts"),
        "half": a_feature("half", "linear", terms={"kernel": 0.5, "debts": 1.0}),
        "some": a_feature("some", "cases", cases=(Case("debts", 1.0, low=1.0),), otherwise=0.0),
    }
    plan = Catalogue(own).plan(["half", "some", "kernel", "debts"])
    assert left_out(plan) == {"kernel", "half"}
    found = both_ways(plan, many_people, range(700), [dt.date(2024, 6, 1)] * 700)
    assert np.nanmax(found[:, 0]) > 0


def test_a_plan_of_which_it_makes_nothing_stays_in_numpy(own_kernel):
    own = {"kernel": a_feature("kernel", "kernel", table="conduct", kernel=own_kernel)}
    assert compiled(Catalogue(own).plan()) is None


@settings(max_examples=300)
@given(st.data())
def test_numbers_that_are_no_plan_are_refused_or_harm_nothing(library, data):
    made = encode(catalogue().plan(["undesired_incidents_6w", "sex_female", "debts_open"]))
    numbers = made.numbers.copy()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(numbers) - 1))
        numbers[at] = data.draw(st.integers(-3, 200) | st.integers(-(2**63), 2**63 - 1))
    if data.draw(st.booleans()):
        numbers = np.ascontiguousarray(numbers[: data.draw(st.integers(0, len(numbers)))])
    CompiledPlan(catalogue().plan(["age_years"]), library)  # declares the functions
    at = library.quick.rs_plan_new(
        numbers.ctypes.data, len(numbers), made.pool.ctypes.data, len(made.pool)
    )
    if at:
        library.quick.rs_plan_free(at)


def test_a_person_that_there_is_not_is_told_as_without_the_library(many_people):
    plan, events = catalogue().plan(["age_years"]), EventTables(many_people)
    for position in (700, -701):
        with pytest.raises(IndexError):
            compute_block(plan, events, np.array([position]), np.array([19000]))


def test_threads_share_a_plan(many_people):
    day = dt.date(2024, 6, 1)
    alone = compute_features(many_people, day, n_threads=1).values
    with ThreadPoolExecutor(8) as pool:
        runs = pool.map(lambda _: compute_features(many_people, day, n_threads=2).values, range(16))
        for found in runs:
            np.testing.assert_array_equal(found, alone)


def test_a_plan_that_is_gone_is_forgotten_and_one_that_was_used_can_be_sent_on():
    from risicoscreener.features import compiled as module

    plan = catalogue().plan(["age_years", "sex_female"])
    before = len(module._MADE)
    assert compiled(plan) is compiled(plan)
    assert len(module._MADE) == before + 1
    assert pickle.loads(pickle.dumps(plan)) == plan
    del plan
    gc.collect()
    assert len(module._MADE) == before
