"""The same tables in another form of Arrow, in other blocks or in threads, are read the same."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import DossierTables, assembling, duplicates, files, row_checks
from risicoscreener.synthetic import simulate
from strategies import dossier_sets

TEXT_TYPES = (pa.string(), pa.large_string(), pa.string_view())


def plain(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array, of text where it is coded."""
    kind = pa.string() if pa.types.is_dictionary(column.type) else column.type
    return pa.array(column.to_pylist(), kind)


def in_another_form(column: pa.ChunkedArray, data: st.DataObject) -> pa.ChunkedArray:
    """The same values: in other chunks, each cut out of something longer, of another kind of text."""
    values = plain(column)
    if pa.types.is_string(values.type):
        kind = data.draw(st.sampled_from([*TEXT_TYPES, "coded", "coded with more"]))
        values = (
            coded(values, kind == "coded with more", data)
            if isinstance(kind, str)
            else values.cast(kind)
        )
    ends = sorted({0, len(values), *data.draw(st.lists(st.integers(0, len(values)), max_size=3))})
    chunks = [values.slice(a, b - a) for a, b in pairwise(ends)]
    return pa.chunked_array([cut_out(chunk) for chunk in chunks], values.type)


def coded(values: pa.Array, with_more: bool, data: st.DataObject) -> pa.DictionaryArray:
    """Text as codes of a dictionary in any order, perhaps with entries that no row has."""
    distinct = sorted({v for v in values.to_pylist() if v is not None})
    distinct = [*distinct, "nobody-has-this"] if with_more else distinct
    order = data.draw(st.permutations(distinct))
    place = {value: i for i, value in enumerate(order)}
    index_type = data.draw(st.sampled_from([pa.int8(), pa.int32(), pa.uint16(), pa.int64()]))
    indices = [None if v is None else place[v] for v in values.to_pylist()]
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, index_type), pa.array(order, pa.string())
    )


def cut_out(values: pa.Array) -> pa.Array:
    """The same values as a slice of an array with other values around them."""
    if not len(values):
        return values
    return pa.concat_arrays([values[-1:], values, values[:1]]).slice(1, len(values))


def raw_of(tables: DossierTables, data: st.DataObject) -> dict[str, pa.Table]:
    """Tables as a user might have them: in any order of rows, with some rows that are wrong."""
    raw = {}
    for name, table in tables.tables.items():
        rows = list(range(table.num_rows))
        if rows and name != "persons":
            rows += data.draw(st.lists(st.sampled_from(rows), max_size=2))  # given twice
        rows = data.draw(st.permutations(rows))
        columns = {
            n: plain(table.column(n)).take(pa.array(rows, pa.int64())) for n in table.column_names
        }
        if rows and name != "persons" and data.draw(st.integers(0, 3)) == 0:
            ids = columns["person_id"].to_pylist()
            ids[0] = "nobody"
            columns["person_id"] = pa.array(ids, pa.string())
        if rows and data.draw(st.integers(0, 3)) == 0:
            spoil(columns, data)
        raw[name] = pa.table(columns)
    return raw


def spoil(columns: dict[str, pa.Array], data: st.DataObject) -> None:
    """A day that is far too early, or absent, in one row."""
    dates = [name for name, column in columns.items() if pa.types.is_date(column.type)]
    name = data.draw(st.sampled_from(dates))
    days = columns[name].cast(pa.int32()).to_pylist()
    days[data.draw(st.integers(0, len(days) - 1))] = data.draw(st.sampled_from([None, -25000, 99]))
    columns[name] = pa.array(days, pa.int32()).cast(pa.date32())


def read(raw: dict[str, pa.Table]) -> DossierTables:
    return DossierTables.from_arrow(raw, on_error="quarantine")


def assert_same(one: Any, other: Any) -> None:
    """Tables, problems in their order, and counts are the same."""
    assert [str(p) for p in one.problems] == [str(p) for p in other.problems]
    assert one.quarantined_rows.tolist() == other.quarantined_rows.tolist()
    for name, table in one.tables.items():
        assert table.equals(other.tables[name]), name
        other.tables[name].validate(full=True)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_form_in_which_arrow_holds_a_table_does_not_matter(data):
    raw = raw_of(DossierTables.from_dossiers(data.draw(dossier_sets())), data)
    shaped = {
        name: pa.table({n: in_another_form(table.column(n), data) for n in table.column_names})
        for name, table in raw.items()
    }
    assert_same(read(raw), read(shaped))


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 5), st.integers(1, 5), st.sampled_from([1, 2, 3]))
def test_how_many_rows_are_checked_together_and_in_threads_does_not_matter(
    data, together, compared, threads
):
    raw = raw_of(DossierTables.from_dossiers(data.draw(dossier_sets())), data)
    whole = read(raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_checks, "ROWS", together)
        patch.setattr(duplicates, "BLOCK", compared)
        patch.setattr(assembling, "FEW_ROWS", 0)
        patch.setattr(assembling.os, "cpu_count", lambda: threads)
        assert_same(whole, read(raw))


def coded_apart(*entries: tuple[str | None, ...]) -> pa.ChunkedArray:
    """Chunks that each have a dictionary of their own, with every entry of it once."""
    chunks = [
        pa.DictionaryArray.from_arrays(
            pa.array(range(len(each)), pa.int8()), pa.array(each, pa.string())
        )
        for each in entries
    ]
    return pa.chunked_array(chunks)


@pytest.mark.parametrize("column", ["person_id", "sex", "birth_date"])
def test_chunks_with_an_unknown_among_their_codes_are_read(column):
    people = {
        "person_id": pa.array(["a", "b", "c", "d"]),
        "birth_date": pa.array(["1990-01-01"] * 4).cast(pa.date32()),
        "sex": pa.array(["male"] * 4),
    }
    shown = {"person_id": ("a", "c", "d"), "sex": ("male", "female", "male")}
    one, *others = shown.get(column, ("1990-01-01", "1990-01-02", "1990-01-03"))
    people[column] = coded_apart((one, None), tuple(others))
    if column == "birth_date":
        days = pa.dictionary(pa.int8(), pa.date32())
        people[column] = pa.chunked_array([c.cast(days) for c in people[column].chunks])
    found = read({"persons": pa.table(people)})
    assert [(p.row, p.field, p.value) for p in found.problems] == [(1, column, None)]
    assert found.n_persons == 3


def test_more_codes_in_all_chunks_than_their_type_counts_are_told_one_by_one():
    strange = [tuple(f"x{i}" for i in range(start, start + 100)) for start in (0, 100)]
    ids = pa.array([f"p{i}" for i in range(200)])
    born = pa.array(["1990-01-01"] * 200).cast(pa.date32())
    people = pa.table({"person_id": ids, "birth_date": born, "sex": coded_apart(*strange)})
    assert [p.value for p in read({"persons": people}).problems] == [*strange[0], *strange[1]]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), st.integers(0, 2**32 - 1))
def test_numbers_that_occur_twice_are_found_by_their_slots(numbers, spread):
    hashes = (np.array(numbers, np.uint32) * np.uint32(spread | 1)).astype(np.uint32)
    found = duplicates._Room(len(hashes)).twice_among(hashes)
    values, counts = np.unique(hashes, return_counts=True)
    assert set(found.tolist()) == set(values[counts > 1].tolist())


def test_numbers_that_share_a_slot_are_told_apart(monkeypatch):
    monkeypatch.setattr(duplicates, "_SLOT_BITS", 1)
    hashes = np.array([5, 6, 7, 8, 6, 9, 7, 7], np.uint32)
    assert set(duplicates._Room(8).twice_among(hashes).tolist()) == {6, 7}


def test_tables_are_read_as_they_were_written_in_several_row_groups(tmp_path, monkeypatch):
    tables = simulate(40, seed=3).tables
    monkeypatch.setattr(files, "ROW_GROUP", 25)
    tables.write(tmp_path)
    assert_same(tables, DossierTables.read(tmp_path))
