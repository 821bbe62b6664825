"""Folders of Parquet or CSV: read as they were meant, or refused with the file named."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import DossierError
from strategies import a_debt as debt
from strategies import a_person as person

PERSONS = "person_id,birth_date,sex\na,1990-01-01,male\nb,1991-01-01,female\n"
HEADER = "person_id,recorded_at,kind,creditor,amount_eur,since\n"
ROW = "a,2021-01-01,fine,state,300.5,2020-01-01\n"


def folder_of(path, **files):
    for name, content in {"persons": PERSONS, **files}.items():
        data = content.encode() if isinstance(content, str) else content
        (path / f"{name}.csv").write_bytes(data)
    return path


def refused(path):
    with pytest.raises(DossierError) as caught:
        DossierTables.read(path)
    return str(caught.value)


def test_a_csv_is_read_by_the_schema_and_not_by_what_values_look_like(tmp_path):
    people = PERSONS.replace("a,", "007,").replace("b,", "1e5,")
    made = DossierTables.read(folder_of(tmp_path, persons=people))
    assert made.person_ids.to_pylist() == ["007", "1e5"]


def test_a_byte_order_mark_quotes_windows_line_ends_and_any_order_of_columns_are_fine(tmp_path):
    text = '\ufeff"kind","person_id","since",recorded_at,"amount_eur",creditor\r\n'
    text += '"fine","a","2020-01-01",2021-01-01,"300.5",state\r\n'
    persons = "\ufeff" + PERSONS.replace("\n", "\r\n")
    made = DossierTables.read(folder_of(tmp_path, debts=text, persons=persons))
    (dossier, _) = made.to_dossiers()
    assert dossier == read_dossier(
        {**person("a"), "debts": [debt(recorded_at="2021-01-01", amount_eur=300.5)]}
    )


def test_numbers_and_flags_are_read_from_text_in_one_way_of_writing_each(tmp_path):
    header = HEADER.replace("\n", ",void\n")
    good = header + "a,2021-01-01,fine,state,3e2,2020-01-01,false\n"
    assert DossierTables.read(folder_of(tmp_path, debts=good)).tables["debts"].num_rows == 1
    for amount in ("1_000", " 3", "3 ", "٣", "nan", "inf", "1,5", "0x10", "3.", "+3", "1e9", "-1"):
        row = f'a,2021-01-01,fine,state,"{amount}",2020-01-01,false\n'
        assert "amount_eur" in refused(folder_of(tmp_path, debts=header + row))
    for flag in ("True", "1", "yes", "FALSE"):
        row = f"a,2021-01-01,fine,state,300,2020-01-01,{flag}\n"
        assert "expected true or false" in refused(folder_of(tmp_path, debts=header + row))


def test_a_quoted_comma_or_line_break_is_a_wrong_value_and_no_new_cell(tmp_path):
    for odd in ('"fi,ne"', '"fi\nne"', '"fi""ne"'):
        text = HEADER + ROW.replace("fine", odd) + ROW
        with pytest.raises(DossierError) as caught:
            DossierTables.read(folder_of(tmp_path, debts=text))
        (problem,) = caught.value.problems
        assert (problem.table, problem.row, problem.field) == ("debts", 0, "kind")


def test_a_header_alone_is_an_empty_table(tmp_path):
    made = DossierTables.read(folder_of(tmp_path, debts=HEADER))
    assert made.tables["debts"].num_rows == 0


def test_the_words_for_nothing_of_other_programs_are_values(tmp_path):
    for word in ("NA", "null", "None", "nan", "NULL"):
        header = HEADER.replace("\n", ",fact_id\n")
        made = DossierTables.read(
            folder_of(tmp_path, debts=header + ROW.replace("\n", f",{word}\n"))
        )
        assert made.tables["debts"].column("fact_id").to_pylist() == [word]


def test_another_delimiter_is_seen_by_its_header(tmp_path):
    text = refused(folder_of(tmp_path, debts=(HEADER + ROW).replace(",", ";")))
    assert "person_id;recorded_at" in text
    assert "debts.person_id = 'absent'" in text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\x00\x01\x02",
        HEADER.encode() + b"a,2021-01-01\n",
        HEADER.encode() + b"a,2021-01-01,fine,state,3,2020-01-01,7\n",
        HEADER.encode() + b'a,"2021-01-01,fine,state,3,2020-01-01\n',
        HEADER.encode() + b"\xff,2021-01-01,fine,state,3,2020-01-01\n",
        (HEADER + ROW).encode("utf-16"),
        b"person_id,person_id\na,b\n",
        b"person_id,\na,b\n",
    ],
)
def test_a_file_that_is_no_csv_of_the_table_is_refused_by_name(tmp_path, content):
    assert "debts" in refused(folder_of(tmp_path, debts=content))


@given(st.binary(max_size=80) | st.text('personid_,;"\n\r ab19-', max_size=80).map(str.encode))
@settings(max_examples=100, deadline=None)
def test_any_bytes_as_a_csv(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("csv")
    for files in ({"debts": content}, {"persons": content}, {"debts": HEADER.encode() + content}):
        try:
            DossierTables.read(folder_of(path, **files))
        except DossierError as error:
            assert str(error)


@pytest.fixture
def parquet(tmp_path):
    dossier = read_dossier({**person("a"), "debts": [debt(), debt(fact_id="f2")]})
    DossierTables.from_dossiers([dossier]).write(tmp_path)
    return tmp_path


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_parquet_that_is_cut_off_or_changed_is_refused_or_read(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("parquet")
    dossier = read_dossier({**person("a"), "debts": [debt(), debt(fact_id="f2")]})
    DossierTables.from_dossiers([dossier]).write(path)
    file = path / "debts.parquet"
    content = bytearray(file.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
        file.write_bytes(content)
        assert "debts.parquet cannot be read as parquet" in refused(path)
    else:  # in the data pages: what has changed is seen by its checksum, its length or its value
        at = data.draw(st.integers(4, len(content) // 4))
        content[at] ^= 1 << data.draw(st.integers(0, 7))
        file.write_bytes(content)
        try:
            DossierTables.read(path, on_error="quarantine")
        except DossierError as error:
            assert str(error)


def test_a_parquet_of_other_columns_is_refused(parquet):
    pa.parquet.write_table(pa.table({"x": [1]}), parquet / "debts.parquet")
    text = refused(parquet)
    assert "debts.x" in text
    assert "expected a column person_id" in text


def test_a_folder_without_dossiers_is_refused(tmp_path):
    assert "has no persons.parquet and no persons.csv" in refused(tmp_path)
    assert "is not a folder" in refused(tmp_path / "elsewhere")


def test_a_file_of_another_name_is_refused_and_not_passed_over(tmp_path):
    assert "conviction" in refused(folder_of(tmp_path, conviction=HEADER))


def test_a_folder_with_both_formats_is_neither_written_nor_read(parquet):
    made = DossierTables.read(parquet)
    with pytest.raises(DossierError, match="already has dossiers as parquet"):
        made.write(parquet, "csv")
    assert not (parquet / "persons.csv").exists()
    folder_of(parquet)
    assert "both as parquet and as csv" in refused(parquet)


def test_only_known_formats_are_written(parquet):
    made = DossierTables.read(parquet)
    with pytest.raises(ValueError, match="expected one of parquet, csv"):
        made.write(parquet, "feather")


def test_writing_again_replaces_what_was_there(parquet):
    DossierTables.from_dossiers([read_dossier(person("b"))]).write(parquet)
    (dossier,) = DossierTables.read(parquet).to_dossiers()
    assert dossier == read_dossier(person("b"))
    assert not list(parquet.glob("*.partial"))


@pytest.mark.parametrize("content", ["x\n1\n", "person_id,rows\na,many\n", "person_id,rows\na,\n"])
def test_a_count_of_rows_set_apart_that_is_none_is_refused(tmp_path, content):
    assert "quarantined" in refused(folder_of(tmp_path, quarantined=content))
