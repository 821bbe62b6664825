"""A spreadsheet of an intake as staff fill it in: empty, or with what a dossier holds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.dossier.schema import EARLIEST, LATEST
from risicoscreener.errors import RisicoscreenerError
from risicoscreener.reentry.intake.questions import Questionnaire
from risicoscreener.reentry.intake.sheets.layout import (
    LISTS,
    PERSONS,
    Layout,
    code_texts,
    column_label,
    layouts,
    say,
)
from risicoscreener.texts import Lang, check_language
from risicoscreener.writing import RUN_BY_SPREADSHEETS, put_in_place

if TYPE_CHECKING:
    import os

    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

    from risicoscreener.dossier import Dossier
    from risicoscreener.dossier.schema import Column

PREPARED_ROWS = 500
"""Rows in which a cell offers its list and refuses what does not fit."""
DATE_FORMAT = "DD-MM-YYYY"
_DAY_ZERO = dt.date(1899, 12, 30)
"""The day from which a spreadsheet counts days."""
_HELP = 7


def write_intake_sheet(
    path: str | os.PathLike[str],
    dossier: Dossier | None = None,
    *,
    lang: str = "nl",
    questions: Questionnaire | None = None,
) -> None:
    """Write a spreadsheet to fill in, as an xlsx file.

    It has a sheet with what to do and what is asked, a sheet for the person and one for each part
    of the dossier. Headers are protected, cells offer the values that there are.

    Parameters
    ----------
    path
        Where it is to stand.
    dossier
        What it already holds; nothing by default. Attributes for audit are never written.
    lang
        Language of sheets, headers and values, ``nl`` or ``en``; it is read in both.
    questions
        What is asked; the questionnaire of the package by default.

    Raises
    ------
    RisicoscreenerError
        If openpyxl is not installed, or the language is not spoken.
    OSError
        If it cannot be written.
    """
    workbook = intake_workbook(dossier, lang=lang, questions=questions)
    with put_in_place(path) as unfinished:
        workbook.save(unfinished)


def intake_workbook(
    dossier: Dossier | None = None, *, lang: str = "nl", questions: Questionnaire | None = None
) -> Workbook:
    """As `write_intake_sheet`, the workbook itself."""
    spoken = check_language(lang)
    check_openpyxl()
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.active)
    asked = Questionnaire.shipped() if questions is None else questions
    _read_me(workbook.create_sheet(say("sheet", "read_me", spoken)), asked, spoken)
    lists = _Lists(workbook, spoken)
    for layout in layouts():
        sheet = workbook.create_sheet(layout.title(spoken))
        _prepare(sheet, layout, lists, spoken)
        rows = [] if dossier is None else _rows_of(dossier, layout)
        for number, row in enumerate(rows, start=2):
            for place, column in enumerate(layout.columns, start=1):
                _put(sheet.cell(number, place), column, row.get(column.name), spoken)
    lists.close()
    workbook.active = 1
    return workbook


def check_openpyxl() -> None:
    """Refuse if spreadsheets cannot be handled here.

    Raises
    ------
    RisicoscreenerError
        Naming what to install.
    """
    try:
        import openpyxl  # noqa: F401
    except ImportError:
        raise RisicoscreenerError(
            "spreadsheets need openpyxl; install risicoscreener[sheets]"
        ) from None


def _rows_of(dossier: Dossier, layout: Layout) -> list[dict[str, Any]]:
    """What a dossier has for a sheet, by column; the defaults of a fact too."""
    if layout.table == PERSONS:
        return [{"person_id": dossier.person_id, **msgspec.structs.asdict(dossier.person)}]
    return [msgspec.structs.asdict(row) for row in getattr(dossier, layout.table)]


def _put(cell: Cell, column: Column, value: Any, lang: Lang) -> None:
    """A value in a cell; nothing for what is not known, and for what is not withdrawn."""
    if value is None or (column.name == "void" and not value):
        return
    match column.kind:
        case "code":
            put_text(cell, code_texts(column, lang)[value])
        case "flag":
            put_text(cell, say("flag", "yes" if value else "no", lang))
        case "text":
            put_text(cell, value)
        case "number" if float(f"{value:.15g}") != value:
            put_text(cell, format(Decimal(repr(float(value))), "f"))  # a cell keeps 15 digits
        case _:
            cell.value = value
    if column.kind == "date":
        cell.number_format = DATE_FORMAT


def put_text(cell: Cell, text: str) -> None:
    """Text that no spreadsheet runs, whatever it starts with."""
    cell.value = text
    cell.data_type = "s"
    if text.startswith(RUN_BY_SPREADSHEETS):
        cell.quotePrefix = True


class _Lists:
    """A hidden sheet with the values that cells offer, one column for each list."""

    def __init__(self, workbook: Workbook, lang: Lang) -> None:
        self.sheet = workbook.create_sheet(LISTS)
        self.sheet.sheet_state = "hidden"
        self._workbook = workbook
        self._lang = lang
        self._places: dict[tuple[str, ...], str] = {}

    def range_of(self, values: tuple[str, ...]) -> str:
        """The cells that hold some values; written once."""
        from openpyxl.utils import get_column_letter

        if values not in self._places:
            place = len(self._places) + 1
            for row, value in enumerate(values, start=1):
                put_text(self.sheet.cell(row, place), value)
            letter = get_column_letter(place)
            self._places[values] = f"{LISTS}!${letter}$1:${letter}${len(values)}"
        return self._places[values]

    def close(self) -> None:
        """The sheet comes last and cannot be changed."""
        self._workbook.move_sheet(self.sheet, offset=len(self._workbook.sheetnames))
        self.sheet.protection.sheet = True


def _prepare(sheet: Worksheet, layout: Layout, lists: _Lists, lang: Lang) -> None:
    """Headers that are protected, and columns that are not."""
    from openpyxl.styles import Alignment, Font, PatternFill, Protection
    from openpyxl.utils import get_column_letter

    for place, column in enumerate(layout.columns, start=1):
        letter = get_column_letter(place)
        head = sheet.cell(1, place)
        put_text(head, layout.header(column, lang))
        head.font = Font(bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor="1F3A5F")
        head.alignment = Alignment(wrap_text=True, vertical="top")
        dimension = sheet.column_dimensions[letter]
        dimension.width = 18
        dimension.protection = Protection(locked=False)
        dimension.number_format = {"date": DATE_FORMAT, "text": "@"}.get(column.kind, "General")
        validation = _validation(column, lists, lang)
        if validation is not None:
            sheet.add_data_validation(validation)
            last = 2 if layout.table == PERSONS else PREPARED_ROWS + 1
            validation.add(f"{letter}2:{letter}{last}")
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "A2"
    protection = sheet.protection
    protection.sheet = True
    protection.insertRows = protection.deleteRows = protection.sort = False
    protection.formatColumns = protection.formatCells = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _validation(column: Column, lists: _Lists, lang: Lang) -> Any:
    """What a cell offers and refuses; None for text."""
    from openpyxl.worksheet.datavalidation import DataValidation

    values: dict[str, Any]
    if column.kind in ("code", "flag"):
        words = (say("flag", "yes", lang), say("flag", "no", lang))
        offered = tuple(code_texts(column, lang).values()) if column.kind == "code" else words
        values = {"type": "list", "formula1": lists.range_of(offered)}
        message = say("wrong", "code", lang)
    elif column.kind == "date":
        first, last = (str((day - _DAY_ZERO).days) for day in (EARLIEST, LATEST))
        values = {"type": "date", "operator": "between", "formula1": first, "formula2": last}
        message = say("wrong", "date", lang)
    elif column.kind in ("integer", "number"):
        kind = "whole" if column.kind == "integer" else "decimal"
        bounds = {"formula1": f"{column.low:.0f}", "formula2": f"{column.high:.0f}"}
        values = {"type": kind, "operator": "between", **bounds}
        message = say("wrong", "number", lang, low=f"{column.low:g}", high=f"{column.high:.0f}")
    else:
        return None
    found = DataValidation(allow_blank=True, showErrorMessage=True, **values)
    found.error, found.errorTitle = message, say("wrong", "title", lang)
    return found


def _read_me(sheet: Worksheet, questions: Questionnaire, lang: Lang) -> None:
    """What to do, and what is asked of whom by when."""
    from openpyxl.styles import Alignment, Font

    by_table = {layout.table: layout.title(lang) for layout in layouts()}
    names = {"persons": by_table[PERSONS], "inquiries": by_table["inquiries"]}
    put_text(sheet.cell(1, 1), say("help", "title", lang))
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    recorded = column_label("recorded_at", lang)
    for number in range(1, _HELP + 1):
        text = say("help", f"line_{number}", lang, recorded_at=recorded, **names)
        put_text(sheet.cell(1 + number, 1), text)
    row = _HELP + 3
    for place, key in enumerate(("asked", "by", "where", "within", "source"), start=1):
        put_text(sheet.cell(row, place), say("help", key, lang))
        sheet.cell(row, place).font = Font(bold=True)
    for question in questions:
        row += 1
        put_text(sheet.cell(row, 1), question.text.text(lang))
        put_text(sheet.cell(row, 2), questions.askers[question.asker].text(lang))
        put_text(sheet.cell(row, 3), by_table[question.table])
        sheet.cell(row, 4).value = question.within_days
        put_text(sheet.cell(row, 5), question.source)
    for letter, width in (("A", 76), ("B", 36), ("C", 22), ("D", 14), ("E", 60)):
        sheet.column_dimensions[letter].width = width
    for one in sheet["A"][:_HELP]:
        one.alignment = Alignment(wrap_text=False)
    sheet.protection.sheet = True
