"""The nested form: one row for each person, and back without loss or copy."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.nested import nested_schema
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DossierError
from strategies import a_debt, a_person, dossier_sets


def of(*plain: dict) -> DossierTables:
    return DossierTables.from_dossiers([read_dossier(one) for one in plain])


def two_people() -> DossierTables:
    return of(
        {**a_person("a"), "debts": [a_debt(), a_debt(amount_eur=5)]},
        a_person("b"),
        {**a_person("c"), "debts": [a_debt(kind="tax")]},
    )


def assert_same(found: DossierTables, expected: DossierTables) -> None:
    for name, table in expected.tables.items():
        assert found.tables[name].equals(table), name
    assert found.quarantined_rows.tolist() == expected.quarantined_rows.tolist()


@settings(deadline=None)
@given(dossier_sets(), st.booleans())
def test_nesting_and_back_gives_the_same_tables(dossiers, as_text):
    given_tables = DossierTables.from_dossiers(dossiers)
    nested = given_tables.to_nested(as_text=as_text)
    nested.validate(full=True)
    assert nested.num_rows == len(dossiers)
    assert not as_text or nested.schema.equals(nested_schema())
    assert_same(DossierTables.from_nested(nested), given_tables)


@settings(deadline=None)
@given(dossier_sets(min_persons=1), st.data())
def test_a_slice_in_any_chunks_holds_its_people_with_all_their_facts(dossiers, data):
    given_tables = DossierTables.from_dossiers(dossiers)
    nested = given_tables.to_nested(as_text=data.draw(st.booleans()))
    start = data.draw(st.integers(0, len(dossiers)))
    stop = data.draw(st.integers(start, len(dossiers)))
    middle = data.draw(st.integers(start, stop))
    pieces = [nested.slice(start, middle - start), nested.slice(middle, stop - middle)]
    found = DossierTables.from_nested(pa.concat_tables(pieces))
    assert_same(found, given_tables.select(range(start, stop)))


@pytest.mark.parametrize("as_text", [False, True])
def test_numbers_and_days_are_not_copied_on_the_way(as_text):
    before = two_people()
    nested = before.to_nested(as_text=False)
    if as_text:
        nested = before.to_nested(as_text=True)
        start = nested.column("debts").chunk(0).flatten().field("amount_eur").buffers()[1].address
    else:
        start = address(before, "amount_eur")
    assert address(DossierTables.from_nested(nested), "amount_eur") == start


def address(made: DossierTables, name: str) -> int:
    return made.tables["debts"].column(name).chunk(0).buffers()[1].address


def test_a_parquet_file_of_one_row_for_each_person_is_read_back(tmp_path):
    path = tmp_path / "nested.parquet"
    before = two_people()
    pyarrow.parquet.write_table(before.to_nested(as_text=True), path)
    assert_same(DossierTables.from_nested(pyarrow.parquet.read_table(path)), before)


@pytest.mark.parametrize("kind", [pa.large_list, lambda rows: pa.list_(rows, 1)])
def test_other_kinds_of_lists_are_read(kind):
    before = two_people()
    nested = before.to_nested(as_text=True).drop_columns(["conduct"])
    rows = pa.array(
        [[a_row()], [a_row()], [a_row()]], kind(nested.schema.field("debts").type.value_type)
    )
    found = DossierTables.from_nested(
        nested.set_column(nested.column_names.index("debts"), "debts", rows)
    )
    assert found.owners("debts").tolist() == [0, 1, 2]
    assert found.tables["conduct"].num_rows == 0


def a_row() -> dict:
    row = of({**a_person(), "debts": [a_debt()]}).tables["debts"].to_pylist()[0]
    return {name: value for name, value in row.items() if name != "person_id"}


def replaced(nested: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return nested.set_column(nested.column_names.index(name), name, column)


def test_a_null_list_has_no_rows():
    nested = two_people().to_nested(as_text=True)
    debts = nested.column("debts").combine_chunks()
    masked = pa.array([None, *debts.to_pylist()[1:]], debts.type)
    found = DossierTables.from_nested(replaced(nested, "debts", masked))
    assert found.owners("debts").tolist() == [2]
    found = DossierTables.from_nested(replaced(nested, "debts", pa.nulls(3)))
    assert found.tables["debts"].num_rows == 0


def test_absent_tables_and_optional_fields_are_as_if_empty():
    nested = pa.table(
        {
            "person_id": pa.array(["a", "b"]).dictionary_encode(),
            "birth_date": pa.array([0, 1], pa.int32()).cast(pa.date32()),
            "sex": ["male", "female"],
            "debts": [[{k: v for k, v in a_row().items() if v is not None}], []],
        }
    )
    found = DossierTables.from_nested(nested)
    assert found.tables["debts"].num_rows == 1
    assert sum(found.tables[name].num_rows for name in tables()) == 1


def test_rows_set_apart_are_counted_with_those_of_before():
    nested = two_people().to_nested(as_text=True)
    nested = replaced(nested, "quarantined_rows", pa.array([0, 4, None], pa.int64()))
    lists = nested.column("debts").to_pylist()
    lists[0][1]["kind"] = "no such kind"
    wrong = replaced(nested, "debts", pa.array(lists, nested.schema.field("debts").type))
    with pytest.raises(DossierError, match=r"debts\[1\].kind = 'no such kind'.*\(person a\)"):
        DossierTables.from_nested(wrong)
    found = DossierTables.from_nested(wrong, on_error="quarantine")
    assert found.quarantined_rows.tolist() == [1, 4, 0]
    assert [problem.person_id for problem in found.problems] == ["a"]
    assert_same(DossierTables.from_nested(found.to_nested()), found)


def test_a_row_that_is_null_is_a_fault_of_its_person():
    nested = two_people().to_nested(as_text=True)
    lists = nested.column("debts").to_pylist()
    lists[2] = [None]
    with pytest.raises(DossierError, match=r"debts\[2\].recorded_at = None.*\(person c\)"):
        DossierTables.from_nested(
            replaced(nested, "debts", pa.array(lists, nested.schema.field("debts").type))
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.to_pylist(), "expected a pyarrow Table of nested dossiers, not list"),
        (lambda t: t.drop_columns(["person_id"]), "nested.person_id = 'absent'"),
        (lambda t: t.drop_columns(["sex"]), "persons.sex = 'absent'"),
        (lambda t: t.append_column("nationality", t.column("sex")), "nested.nationality"),
        (lambda t: t.append_column("debts", t.column("debts")), "each column once"),
        (
            lambda t: replaced(t, "debts", t.column("sex")),
            "nested.debts = 'string': expected a list of rows",
        ),
        (lambda t: replaced(t, "debts", pa.array([[1], [], []])), "expected a list of rows"),
        (lambda t: replaced(t, "quarantined_rows", pa.array([-1, 0, 0])), "quarantined_rows = -1"),
        (
            lambda t: replaced(t, "quarantined_rows", pa.array(["1", "", ""])),
            "quarantined_rows = 'string'",
        ),
        (
            lambda t: replaced(t, "person_id", pa.array(["a", "a", "c"])),
            "persons\\[1\\].person_id = 'a'",
        ),
        (
            lambda t: replaced(t, "person_id", pa.array([None, "b", "c"])),
            "persons\\[0\\].person_id = None",
        ),
        (lambda t: replaced(t, "person_id", pa.array([1, 2, 3])), "persons\\[0\\].person_id = 1"),
    ],
)
def test_what_is_no_nested_form_is_refused_with_its_place(change, message):
    with pytest.raises(DossierError, match=message):
        DossierTables.from_nested(change(two_people().to_nested(as_text=True)))


def test_a_row_without_any_field_is_none_that_may_be_left_out():
    people = two_people().to_nested().drop_columns(["debts"])
    empty = pa.array([[], None, []], pa.list_(pa.null()))
    assert DossierTables.from_nested(people.append_column("debts", empty)).n_persons == 3
    rows = pa.array([[None], [], []], pa.list_(pa.null()))
    with pytest.raises(DossierError, match=r"debts.recorded_at = 'absent'"):
        DossierTables.from_nested(people.append_column("debts", rows), on_error="quarantine")
