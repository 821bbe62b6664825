"""A table may be a folder of files with its parts; what cannot be meant as one is refused."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import DossierError
from strategies import a_debt as debt
from strategies import a_person as person

GROUPS = (
    [{**person("a"), "debts": [debt(), debt(fact_id="f2")]}, person("b")],
    [{**person("c"), "debts": [debt(amount_eur=5.0)]}],
)
EVERYBODY = [record for group in GROUPS for record in group]


def tables_of(records):
    return DossierTables.from_dossiers([read_dossier(record) for record in records])


def assert_same(one, other):
    assert one.tables.keys() == other.tables.keys()
    for name, table in one.tables.items():
        assert table.equals(other.tables[name]), name


@pytest.fixture(params=["parquet", "csv"])
def form(request):
    return request.param


@pytest.fixture
def folder(tmp_path):
    for part, group in enumerate(GROUPS):
        tables_of(group).write(tmp_path, part=part)
    return tmp_path


def refused(path, read=DossierTables.read):
    with pytest.raises(DossierError) as caught:
        read(path)
    return str(caught.value)


def test_parts_are_read_as_the_one_table_that_they_are(tmp_path, form):
    for part, group in enumerate(GROUPS):
        tables_of(group).write(tmp_path, form, part=part)
    assert {p.name for p in (tmp_path / f"debts.{form}").iterdir()} == {
        f"part-00000.{form}",
        f"part-00001.{form}",
    }
    assert_same(DossierTables.read(tmp_path), tables_of(EVERYBODY))


def test_parts_are_gone_through_one_by_one(folder):
    for read, group in zip(DossierTables.read_parts(folder), GROUPS, strict=True):
        assert_same(read, tables_of(group))


def test_a_table_that_is_one_file_is_one_part(tmp_path):
    tables_of(EVERYBODY).write(tmp_path)
    (only,) = DossierTables.read_parts(tmp_path)
    assert_same(only, tables_of(EVERYBODY))


def test_one_table_may_have_parts_where_others_have_none(tmp_path):
    whole = tables_of(EVERYBODY)
    whole.write(tmp_path)
    (tmp_path / "debts.parquet").unlink()
    (tmp_path / "debts.parquet").mkdir()
    for number, rows in enumerate((whole.tables["debts"][:1], whole.tables["debts"][1:])):
        pa.parquet.write_table(rows, tmp_path / "debts.parquet" / f"part-{number}.parquet")
    assert_same(DossierTables.read(tmp_path), whole)
    assert "other parts than persons.parquet" in refused(
        tmp_path, lambda path: list(DossierTables.read_parts(path))
    )


def test_parts_that_pandas_wrote_with_a_column_that_has_nothing_in_it_are_read(folder):
    first, second = sorted((folder / "debts.parquet").iterdir())
    for path in (first, second):
        frame = pd.read_parquet(path)
        frame.astype({"fact_id": object, "kind": str}).to_parquet(path)
    assert_same(DossierTables.read(folder), tables_of(EVERYBODY))


def test_marks_of_the_programs_that_write_data_sets_are_no_parts(folder):
    for name in ("_SUCCESS", "._SUCCESS.crc", ".part-00000.parquet.crc"):
        (folder / "debts.parquet" / name).write_text("")
    assert_same(DossierTables.read(folder), tables_of(EVERYBODY))


def test_a_folder_without_parts_is_refused(folder):
    for path in (folder / "debts.parquet").iterdir():
        path.unlink()
    assert "debts.parquet is a folder without parts" in refused(folder)


@pytest.mark.parametrize("name", ["notes.txt", "part-00002.csv", "part-00002"])
def test_a_foreign_file_among_the_parts_is_refused(folder, name):
    (folder / "debts.parquet" / name).write_text("x")
    assert f"debts.parquet has {name!r} in it" in refused(folder)


def test_a_folder_among_the_parts_is_refused(folder):
    (folder / "debts.parquet" / "year=2020.parquet").mkdir()
    assert "has 'year=2020.parquet' in it" in refused(folder)


def test_parts_of_different_columns_are_refused_with_what_differs(folder):
    path = folder / "debts.parquet" / "part-00001.parquet"
    pa.parquet.write_table(pa.parquet.read_table(path).drop_columns("creditor"), path)
    text = refused(folder)
    assert "part-00001.parquet has other columns than part-00000.parquet (creditor)" in text


def test_parts_of_different_kinds_are_refused(folder):
    path = folder / "debts.parquet" / "part-00001.parquet"
    table = pa.parquet.read_table(path)
    at = table.column_names.index("amount_eur")
    pa.parquet.write_table(table.set_column(at, "amount_eur", pa.array([[5.0]])), path)
    assert "debts.parquet has parts of different kinds" in refused(folder)


def test_a_damaged_part_is_named(folder):
    path = folder / "debts.parquet" / "part-00001.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    assert "debts.parquet/part-00001.parquet cannot be read as parquet" in refused(folder)


def test_a_part_that_one_table_lacks_is_refused_when_parts_are_gone_through(folder):
    (folder / "debts.parquet" / "part-00001.parquet").unlink()
    text = refused(folder, lambda path: list(DossierTables.read_parts(path)))
    assert "debts.parquet has other parts than persons.parquet" in text


def test_the_same_person_in_two_parts_is_refused(folder):
    tables_of(GROUPS[0]).write(folder, part=2)
    assert "persons" in refused(folder)


def test_a_table_is_not_written_whole_beside_its_parts_nor_the_other_way_round(folder, tmp_path):
    with pytest.raises(DossierError, match="is there in parts and would be written whole"):
        tables_of(EVERYBODY).write(folder)
    assert_same(DossierTables.read(folder), tables_of(EVERYBODY))
    tables_of(EVERYBODY).write(tmp_path / "whole")
    with pytest.raises(DossierError, match="is there whole and would be written in parts"):
        tables_of(EVERYBODY).write(tmp_path / "whole", part=0)
    assert_same(DossierTables.read(tmp_path / "whole"), tables_of(EVERYBODY))


def test_rows_set_apart_are_counted_over_all_parts(tmp_path):
    wrong = pa.table(
        {"person_id": ["c", "c"], "birth_date": ["1990-01-01"] * 2, "sex": ["male"] * 2}
    )
    doubtful = DossierTables.from_arrow({"persons": wrong}, on_error="quarantine")
    tables_of(GROUPS[0]).write(tmp_path, part=0)
    doubtful.write(tmp_path, part=1)
    assert DossierTables.read(tmp_path).quarantined_rows.tolist() == [0, 0, 1]
