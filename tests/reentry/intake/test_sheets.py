"""Spreadsheets: what is written is read back, and every fault is named by its cell."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.protection import SheetProtection

from cases import example
from risicoscreener.dossier import Dossier, read_dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.intake import Questionnaire
from risicoscreener.reentry.intake.sheets import (
    intake_workbook,
    read_intake_sheet,
    write_intake_sheet,
)
from risicoscreener.reentry.intake.sheets.cells import Unreadable, date_of, number_of
from risicoscreener.reentry.intake.sheets.layout import by_title, layouts
from strategies import dossiers


def as_bytes(workbook: Workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def read(workbook: Workbook, **more):
    return read_intake_sheet(as_bytes(workbook), **more)


def faults(workbook: Workbook, **more) -> list[str]:
    with pytest.raises(ReentryError, match="nothing is read") as raised:
        read(workbook, **more)
    return [str(problem) for problem in raised.value.problems]


def without_audit(dossier: Dossier) -> Dossier:
    return msgspec.structs.replace(dossier, audit=[])


@pytest.fixture
def filled() -> Workbook:
    """The example dossier, in Dutch."""
    return intake_workbook(read_dossier(example("deny")))


@settings(max_examples=20)
@given(dossiers(max_rows=2), st.sampled_from(["nl", "en"]))
def test_what_is_written_is_read_back(dossier, lang):
    data = as_bytes(intake_workbook(dossier, lang=lang))
    assert read_intake_sheet(data).dossier == without_audit(dossier)


@settings(max_examples=10)
@given(dossiers(max_rows=2), st.sampled_from(["nl", "en"]))
def test_what_a_dossier_has_is_not_added_again(dossier, lang):
    data = as_bytes(intake_workbook(dossier, lang=lang))
    found = read_intake_sheet(data, into=dossier)
    assert found.dossier == dossier
    assert sum(found.added.values()) == 0


def test_the_template_is_empty_and_has_a_sheet_for_each_table(tmp_path):
    path = tmp_path / "t.xlsx"
    write_intake_sheet(path, lang="nl")
    workbook = load_workbook(path)
    titles = ["Uitleg", "Persoon", *(one.title("nl") for one in layouts()[1:]), "_lists"]
    assert workbook.sheetnames == titles
    assert set(by_title()) >= {name for name in tables() if name != "audit"}
    assert "audit" not in by_title()
    assert workbook["_lists"].sheet_state == "hidden"
    assert faults(workbook) == ["Persoon!A2 = '0 rows': expected one row, of the person"]


def test_headers_are_protected_and_cells_offer_their_values(filled):
    workbook = load_workbook(io.BytesIO(as_bytes(filled)))
    sheet = workbook["Schulden"]
    protection: SheetProtection = sheet.protection
    assert protection.sheet
    assert sheet["A1"].protection.locked
    assert not sheet.column_dimensions["A"].protection.locked
    offered = {str(one.sqref): one for one in sheet.data_validations.dataValidation}
    kinds = offered["A2:A501"]
    place = kinds.formula1.removeprefix("_lists!").replace("$", "")
    values = [cell.value for row in workbook["_lists"][place] for cell in row]
    assert values[:2] == ["geldboete", "schadevergoedingsmaatregel"]
    assert {one.type for one in offered.values()} == {"list", "date", "decimal"}
    assert "Loopt er een behandeling die moet doorgaan?" in {
        cell.value for cell in workbook["Uitleg"]["A"]
    }


def test_text_that_looks_like_a_formula_is_not_one(tmp_path):
    toml = tmp_path / "own.toml"
    shipped = Questionnaire.shipped()["valid_id"]
    toml.write_text(
        "[[questions]]\n"
        'id = "valid_id"\ntitle = { nl = "x", en = "x" }\ngroup = "identity"\n'
        'text = { nl = "=HYPERLINK(0)", en = "@SUM(1)" }\nasker = "casemanager"\n'
        'registers = ["prison"]\ntable = "identity_care"\nwhere = { kind = ["valid_id"] }\n'
        f'kind = "current"\nfields = ["finding"]\nwithin_days = {shipped.within_days}\n'
        'source = "=1+1"\n',
        "utf-8",
    )
    data = as_bytes(intake_workbook(questions=Questionnaire.from_toml(toml)))
    cells = [c for s in load_workbook(io.BytesIO(data)).worksheets for r in s.rows for c in r]
    assert not [cell for cell in cells if cell.data_type == "f"]
    risky = [cell for cell in cells if str(cell.value).startswith(("=", "+", "-", "@"))]
    assert len(risky) >= 2
    assert all(cell.quotePrefix for cell in risky)


def test_staff_may_write_names_codes_and_dates_as_they_are_used_to(filled):
    sheet = filled["Huisvesting"]
    sheet["A2"], sheet["B2"] = " OWN_ADDRESS ", "1 februari 2019"
    sheet["A3"], sheet["B3"] = "shelter", "2-3-2024"
    found = read(filled).dossier.housing
    assert (found[0].status, found[0].from_on) == ("own_address", dt.date(2019, 2, 1))
    assert (found[1].status, found[1].from_on) == ("shelter", dt.date(2024, 3, 2))


def test_a_row_without_a_day_of_knowing_takes_that_of_the_person(filled):
    sheet = filled["Schulden"]
    recorded = next(cell for cell in sheet[1] if cell.value == "bekend sinds").column
    sheet.cell(2, recorded).value = None
    letter = sheet.cell(2, recorded).column_letter
    assert faults(filled) == [f"Schulden!{letter}2 = None: expected a value for recorded_at"]
    assert read(filled, recorded_at=dt.date(2024, 4, 2)).dossier.debts[0].recorded_at == dt.date(
        2024, 4, 2
    )
    filled["Persoon"]["D2"] = dt.date(2024, 4, 3)
    assert read(filled).dossier.debts[0].recorded_at == dt.date(2024, 4, 3)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1-2-2024", dt.date(2024, 2, 1)),
        ("01-02-2024", dt.date(2024, 2, 1)),
        ("1.2.2024", dt.date(2024, 2, 1)),
        ("31/12/2024", dt.date(2024, 12, 31)),
        ("12/31/2024", dt.date(2024, 12, 31)),
        ("5/5/2024", dt.date(2024, 5, 5)),
        ("2024-02-01", dt.date(2024, 2, 1)),
        ("1 februari 2024", dt.date(2024, 2, 1)),
        ("1 feb. 2024", dt.date(2024, 2, 1)),
        ("1 MRT 2024", dt.date(2024, 3, 1)),
        ("1 March 2024", dt.date(2024, 3, 1)),
        (dt.datetime(2024, 2, 1), dt.date(2024, 2, 1)),
        (dt.date(2024, 2, 1), dt.date(2024, 2, 1)),
    ],
)
def test_dates_that_can_be_read_in_one_way(given, expected):
    assert date_of(given) == expected


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("01/02/2024", "one way"),
        ("1/2/24", "four digits"),
        ("01-02-24", "four digits"),
        ("1 feb 24", "four digits"),
        ("30-2-2024", "a day that exists"),
        ("1-13-2024", "a day that exists"),
        ("1-2.2024", "a date"),
        ("gisteren", "a date"),
        ("2024", "a date"),
        ("1-2-1024", "a day from 1900-01-01"),
        (45323, "a bare number is no date"),
        (True, "a bare number is no date"),
        (dt.datetime(2024, 2, 1, 13, 30), "without a time"),
        (dt.time(9), "a bare number is no date"),
    ],
)
def test_dates_that_cannot(given, said):
    with pytest.raises(Unreadable, match=said):
        date_of(given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (12, 12),
        (12.5, 12.5),
        ("1.234,56", 1234.56),
        ("1,234.56", 1234.56),
        ("€ 870", 870),
        ("€ 1.234,50", 1234.5),
        ("870,-", 870),
        ("12,5", 12.5),
        ("12.5", 12.5),
        ("0,125", 0.125),
        ("1.234.567", 1234567),
        ("-3", -3),
    ],
)
def test_numbers_that_can_be_read_in_one_way(given, expected):
    assert number_of(given) == expected


@pytest.mark.parametrize(
    "given", ["1.234", "12,345", "een", "1 2", "1e5", "--1", "", True, dt.date(2024, 1, 1), "∞"]
)
def test_numbers_that_cannot(given):
    with pytest.raises(Unreadable):
        number_of(given)


@settings(max_examples=300)
@given(st.text("0123456789-./ ,€janfebmrt", max_size=14))
def test_text_gives_a_value_or_says_what_was_expected(text):
    for reader in (date_of, number_of):
        try:
            reader(text)
        except Unreadable as wanted:
            assert str(wanted)


@settings(max_examples=100)
@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_a_day_written_in_any_accepted_way_is_that_day(day):
    months = "januari februari maart april mei juni juli augustus september oktober november"
    name = [*months.split(), "december"][day.month - 1]
    for text in (
        f"{day.day}-{day.month}-{day.year}",
        f"{day.day:02}.{day.month:02}.{day.year}",
        f"{day.day} {name} {day.year}",
        day.isoformat(),
    ):
        assert date_of(text) == day


def test_all_faults_are_named_at_once_by_cell(filled):
    sheet = filled["Schulden"]
    sheet["A2"] = "boetes"
    sheet["C2"] = "1.234"
    sheet["D3"] = "01/02/2023"
    sheet["B3"] = "=A1"
    sheet["C3"] = -5
    filled["Persoon"]["C2"] = 1
    found = faults(filled)
    assert [one.split(" = ")[0] for one in found] == [
        "Persoon!C2",
        "Schulden!A2",
        "Schulden!C2",
        "Schulden!B3",
        "Schulden!C3",
        "Schulden!D3",
    ]
    assert "'boetes': expected one of geldboete, schadevergoedingsmaatregel" in found[1]
    assert "formula" in found[3]
    assert "from 0 to 1e+08" in found[4]


def test_what_only_the_dossier_can_tell_has_its_cell_too(filled):
    sheet = filled["Huisvesting"]
    sheet["C2"] = dt.date(2001, 1, 1)  # until before from
    found = faults(filled)
    assert found
    assert found[0].startswith(("Huisvesting!C2", "Huisvesting!B2"))
    sheet["C2"] = None
    filled["Persoon"]["A2"] = "a person with spaces"
    assert faults(filled)[0].startswith("Persoon!A2")


def test_merged_cells(filled):
    filled["Schulden"].merge_cells("A2:B3")
    assert "Schulden!A2:B3 = 'merged cells': expected a value in each cell" in faults(filled)


def test_hidden_rows_columns_and_sheets(filled):
    sheet = filled["Schulden"]
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["C"].hidden = True
    filled["Huisvesting"].sheet_state = "hidden"
    found = " ".join(faults(filled))
    assert "Schulden!2:2 = 'a hidden row'" in found
    assert "Schulden!C = 'a hidden column'" in found
    assert "Huisvesting = 'a hidden sheet'" in found


def test_formulas_and_errors_of_the_spreadsheet(filled):
    filled["Schulden"]["C2"] = "=SUM(1,2)"
    filled["Schulden"]["C3"] = "#N/A"
    filled["Schulden"]["C3"].data_type = "e"
    found = faults(filled)
    assert found[0].startswith("Schulden!C2 = '=SUM(1,2)': expected a value instead of a formula")
    assert found[1].startswith("Schulden!C3 = '#N/A': expected a value instead of an error")


def test_sheets_and_columns_that_are_not_of_the_template(filled):
    filled.create_sheet("Notities")["A1"] = "x"
    filled.create_sheet("debts")
    sheet = filled["Schulden"]
    sheet["L1"] = "opmerking"
    sheet["M2"] = "los"
    sheet["N1"] = "soort"
    found = faults(filled)
    said = " ".join(found)
    assert "Notities = 'Notities': expected a sheet of the template: Persoon" in said
    assert "debts = 'debts': expected one sheet for debts, not two" in said
    assert "Schulden!L1 = 'opmerking': expected a header of the template: kind" in said
    assert "Schulden!M2 = 'los': expected nothing below an empty header" in said
    assert "Schulden!N1 = 'soort': expected one column for kind, not two" in said


def test_a_sheet_without_a_column_that_is_needed(filled):
    sheet = filled["Schulden"]
    sheet.delete_cols(1)
    assert [one for one in faults(filled) if "expected a value for kind" in one]


def test_rows_that_are_there_twice(filled):
    sheet = filled["Schulden"]
    for place, cell in enumerate(sheet[2], start=1):
        sheet.cell(4, place).value = cell.value
    assert faults(filled) == ["Schulden!A4 = 'a copy': expected another fact than in row 2"]


def test_too_many_rows(filled):
    filled["Schulden"]["A6000"] = "geldboete"
    assert "expected at most 5000" in faults(filled)[0]


def test_a_sheet_of_the_person_that_lacks_or_has_two(filled):
    filled["Persoon"]["A3"] = "another"
    assert faults(filled) == ["Persoon!A2 = '2 rows': expected one row, of the person"]
    del filled["Persoon"]
    assert faults(filled)[0].startswith("Persoon = 'no such sheet'")


def test_another_person_is_not_merged(filled):
    found = faults(filled, into=read_dossier(example("grant")))
    assert found[0].startswith("Persoon!A2 = 'EXAMPLE-DENY': expected EXAMPLE-GRANT")


def test_new_facts_come_besides_what_was_there(filled):
    before = read_dossier(example("deny"))
    sheet = filled["Schulden"]
    sheet["A4"], sheet["B4"], sheet["C4"], sheet["D4"] = (
        "huur",
        "verhuurder",
        "1.050,00",
        "1-3-2024",
    )
    filled["Persoon"]["D2"] = dt.date(2024, 4, 10)
    found = read(filled, into=before)
    assert found.added["debts"] == 1
    assert found.known["debts"] == len(before.debts)
    assert found.dossier.debts[:-1] == before.debts
    assert found.dossier.debts[-1].amount_eur == 1050.0


def test_facts_of_the_future_are_refused_where_a_day_is_given(filled):
    found = faults(filled, recorded_by=dt.date(2024, 3, 1))
    assert all("on or before 2024-03-01" in one for one in found)
    assert all("!" in one for one in found)


# --- files that could harm or mislead ---------------------------------------------------------


def refused(data: bytes) -> str:
    with pytest.raises(ReentryError) as raised:
        read_intake_sheet(data)
    return str(raised.value)


def repacked(data: bytes, changes: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, changes.pop(name, old.read(name)))
        for name, content in changes.items():
            new.writestr(name, content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def test_an_empty_file():
    assert "is empty" in refused(b"")


def test_a_file_of_another_kind():
    assert "no spreadsheet of the kind .xlsx" in refused(b"person_id,birth_date\n1,2")
    assert "no spreadsheet of the kind .xlsx" in refused(b"PK\x03\x04 broken off")


def test_a_password_or_an_old_file():
    assert "has a password, or is of the old kind" in refused(
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512)
    )


def test_a_zip_with_a_password(filled):
    data = bytearray(as_bytes(filled))
    place = data.find(b"PK\x01\x02")
    data[place + 8] |= 1
    assert "has a password" in refused(bytes(data))


def test_a_bomb(filled):
    bomb = repacked(as_bytes(filled), {"xl/media/a.bin": bytes(30_000_000)})
    assert len(bomb) < 200_000
    assert "unpacks to 30" in refused(bomb)
    many = repacked(as_bytes(filled), {f"xl/media/{i}": b"" for i in range(600)})
    assert "in 6" in refused(many)


def test_a_large_file():
    assert "more than 5,000,000 bytes" in refused(b"PK" + bytes(5_000_001))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("xl/vbaProject.bin", "a macro"),
        ("xl/externalLinks/externalLink1.xml", "links to other files"),
        ("xl/embeddings/oleObject1.bin", "an embedded file"),
        ("xl/connections.xml", "a connection"),
    ],
)
def test_macros_links_and_embedded_files(filled, part, said):
    assert said in refused(repacked(as_bytes(filled), {part: b"x"}))


def test_days_counted_from_1904(filled):
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    filled.epoch = CALENDAR_MAC_1904
    assert "counts days from 1904" in refused(as_bytes(filled))


def test_entities_that_grow(filled):
    data = as_bytes(filled)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        name = next(n for n in archive.namelist() if n.startswith("xl/worksheets/sheet"))
        body = archive.read(name)
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
        + body[body.index(b"<worksheet") :]
    )
    assert "cannot be read as a spreadsheet" in refused(repacked(data, {name: laughs}))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "[Content_Types].xml", "xl/styles.xml"])
def test_parts_that_are_damaged(filled, part):
    assert "cannot be read as a spreadsheet" in refused(repacked(as_bytes(filled), {part: b"<x>"}))


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.integers(1, 40))
def test_a_damaged_file_is_refused_or_read_whole(seed, wrong):
    import random

    chance = random.Random(seed)
    data = bytearray(SMALL)
    for _ in range(wrong):
        data[chance.randrange(len(data))] = chance.randrange(256)
    try:
        found = read_intake_sheet(bytes(data))
    except ReentryError:
        return
    assert isinstance(found.dossier, Dossier)


SMALL = as_bytes(intake_workbook(read_dossier(example("grant"))))
