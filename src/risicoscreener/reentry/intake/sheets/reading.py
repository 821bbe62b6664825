"""Reads a spreadsheet of an intake into a dossier; every fault is named by its cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.dossier.problems import Problem, shown
from risicoscreener.dossier.reading import read_dossier
from risicoscreener.dossier.schema import Column, persons, tables
from risicoscreener.errors import DossierError, ReentryError
from risicoscreener.reentry.intake.sheets.cells import Unreadable, value_of
from risicoscreener.reentry.intake.sheets.layout import (
    PERSONS,
    REQUIRED_MARK,
    Layout,
    by_title,
    layouts,
    skipped_titles,
)
from risicoscreener.reentry.intake.sheets.opening import open_workbook

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

    from risicoscreener.dossier import Dossier

MOST_ROWS = 5000
MOST_COLUMNS = 100
RECORDED = "recorded_at"


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One fault in a spreadsheet.

    Attributes
    ----------
    address
        Sheet and cell, such as ``Schulden!C7``.
    value
        What was found.
    expected
        What was expected, as a clause.
    """

    address: str
    value: Any
    expected: str

    def __str__(self) -> str:
        return f"{self.address} = {shown(self.value)}: expected {self.expected}"


@dataclass(frozen=True, slots=True)
class ReadIntake:
    """What a spreadsheet gave.

    Attributes
    ----------
    dossier
        The dossier, with what it held before.
    added, known
        Per table how many facts are new, and how many it had already.
    """

    dossier: Dossier
    added: dict[str, int]
    known: dict[str, int]


def read_intake_sheet(
    source: str | os.PathLike[str] | bytes,
    *,
    into: Dossier | None = None,
    recorded_at: dt.date | None = None,
    recorded_by: dt.date | None = None,
) -> ReadIntake:
    """A dossier from a spreadsheet that staff filled in.

    Nothing is read of a file with a fault. A fact that the dossier has already, apart from the day
    on which it became known, is not added again: it was known earlier.

    Parameters
    ----------
    source
        An xlsx file, or its bytes; untrusted.
    into
        A dossier of the same person to add to.
    recorded_at
        Day on which a row became known that does not say it, where the sheet of the person does
        not either.
    recorded_by
        Facts recorded later are refused; no limit if None.

    Raises
    ------
    ReentryError
        With every fault in ``problems``.
    OSError
        If it cannot be read.
    RisicoscreenerError
        If openpyxl is not installed.
    """
    workbook = open_workbook(source)
    reading = _Reading(recorded_at)
    sheets = reading.sheets(workbook.worksheets)
    person = reading.person(sheets.get(PERSONS))
    for layout in layouts():
        if layout.table != PERSONS and layout.table in sheets:
            reading.facts(sheets[layout.table], layout)
    reading.refuse()
    merged = _Merging(reading, person, into)
    return merged.read(recorded_by)


@dataclass
class _Row:
    """One row: its values by field, and where each stands."""

    sheet: Worksheet
    number: int
    values: dict[str, Any]
    letters: dict[str, str]

    def address(self, name: str | None) -> str:
        """The cell of a field; the row if it has none."""
        return _address(self.sheet, f"{self.letters.get(name or '', 'A')}{self.number}")


@dataclass
class _Reading:
    """A workbook that is read sheet by sheet, with all faults found so far."""

    recorded_at: dt.date | None
    problems: list[CellProblem] = field(default_factory=list)
    rows: dict[str, list[_Row]] = field(default_factory=dict)

    def fail(self, address: str, value: Any, expected: str) -> None:
        self.problems.append(CellProblem(address, value, expected))

    def refuse(self) -> None:
        """End here if anything is wrong."""
        if self.problems:
            count = len(self.problems)
            raise ReentryError(
                f"the spreadsheet has {count} fault{'s' if count > 1 else ''}; nothing is read",
                tuple(self.problems),
            )

    def sheets(self, found: list[Worksheet]) -> dict[str, Worksheet]:
        """The sheets by the table that they fill."""
        known: dict[str, Worksheet] = {}
        for sheet in found:
            name = sheet.title.strip().casefold()
            if name in skipped_titles():
                continue
            layout = by_title().get(name)
            where = _address(sheet, "")
            if layout is None:
                titles = ", ".join(one.title("nl") for one in layouts())
                self.fail(where, sheet.title, f"a sheet of the template: {titles}")
            elif layout.table in known:
                self.fail(where, sheet.title, f"one sheet for {layout.table}, not two")
            elif sheet.sheet_state != "visible":
                self.fail(where, "a hidden sheet", "a sheet that can be seen")
            else:
                known[layout.table] = sheet
        return known

    def person(self, sheet: Worksheet | None) -> _Row | None:
        """The row of the person; its day of knowing becomes that of rows without one."""
        layout = layouts()[0]
        if sheet is None:
            title = layout.title("nl")
            self.fail(title, "no such sheet", f"the sheet {title} with the person")
            return None
        rows = list(self._rows(sheet, layout, needed=False))
        if len(rows) != 1:
            self.fail(_address(sheet, "A2"), f"{len(rows)} rows", "one row, of the person")
            return None
        row = rows[0]
        for name in ("person_id", *persons().columns):
            if name not in row.values:
                self.fail(row.address(name), None, "a value, since it is needed")
        self.recorded_at = row.values.pop(RECORDED, None) or self.recorded_at
        return row

    def facts(self, sheet: Worksheet, layout: Layout) -> None:
        """The facts of one sheet."""
        seen: dict[str, int] = {}
        kept = self.rows.setdefault(layout.table, [])
        for row in self._rows(sheet, layout):
            same = seen.setdefault(repr(sorted(row.values.items())), row.number)
            if same != row.number:
                self.fail(row.address(None), "a copy", f"another fact than in row {same}")
            kept.append(row)

    def _rows(self, sheet: Worksheet, layout: Layout, needed: bool = True) -> Iterator[_Row]:
        """Rows with anything in them, values read."""
        if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
            size = f"{sheet.max_row} rows and {sheet.max_column} columns"
            most = f"at most {MOST_ROWS} and {MOST_COLUMNS}; delete those that are empty"
            self.fail(_address(sheet, ""), size, most)
            return
        for merged in sheet.merged_cells.ranges:
            self.fail(_address(sheet, merged.coord), "merged cells", "a value in each cell")
        columns = self._columns(sheet, layout)
        self._hidden_columns(sheet, columns)
        for cells in sheet.iter_rows(min_row=2):
            filled = [cell for cell in cells if not _is_empty(cell)]
            if filled:
                row = self._row(sheet, columns, filled)
                if needed:
                    self._complete(row, columns, layout)
                yield row

    def _columns(self, sheet: Worksheet, layout: Layout) -> dict[str, Column]:
        """Columns by their letter."""
        known = layout.by_header()
        found: dict[str, Column] = {}
        for cell in next(sheet.iter_rows(min_row=1, max_row=1), ()):
            if _is_empty(cell):
                continue
            text = str(cell.value).strip().removesuffix(REQUIRED_MARK).strip().casefold()
            column = known.get(text)
            where = _address(sheet, cell.coordinate)
            if column is None:
                names = ", ".join(one.name for one in layout.columns)
                self.fail(where, cell.value, f"a header of the template: {names}")
            elif column in found.values():
                self.fail(where, cell.value, f"one column for {column.name}, not two")
            else:
                found[cell.column_letter] = column
        return found

    def _hidden_columns(self, sheet: Worksheet, columns: Mapping[str, Column]) -> None:
        from openpyxl.utils import column_index_from_string

        places = {column_index_from_string(letter): letter for letter in columns}
        for dimension in sheet.column_dimensions.values():
            if dimension.hidden:
                span = range(dimension.min or 0, (dimension.max or 0) + 1)
                for letter in (places[i] for i in places if i in span):
                    self.fail(_address(sheet, letter), "a hidden column", "one that can be seen")

    def _row(self, sheet: Worksheet, columns: Mapping[str, Column], cells: list[Cell]) -> _Row:
        number = cells[0].row
        if sheet.row_dimensions[number].hidden:
            where = _address(sheet, f"{number}:{number}")
            self.fail(where, "a hidden row", "a row that can be seen: undo the filter")
        row = _Row(sheet, number, {}, {column.name: c for c, column in columns.items()})
        for cell in cells:
            column = columns.get(cell.column_letter)
            where = _address(sheet, cell.coordinate)
            if column is None:
                self.fail(where, cell.value, "nothing below an empty header")
                continue
            try:
                row.values[column.name] = _value(cell, column)
            except Unreadable as wanted:
                self.fail(where, cell.value, str(wanted))
                row.values[column.name] = _WRONG
        return row

    def _complete(self, row: _Row, columns: Mapping[str, Column], layout: Layout) -> None:
        """A day of knowing, and every field that is needed."""
        if RECORDED not in row.values and self.recorded_at is not None:
            row.values[RECORDED] = self.recorded_at
        if all(column.name != RECORDED for column in columns.values()):
            row.letters[RECORDED] = "A"
        for column in layout.columns:
            if column.required and column.name not in row.values:
                self.fail(row.address(column.name), None, f"a value for {column.name}")


_WRONG = "<not read>"


def _is_empty(cell: Cell) -> bool:
    value = cell.value
    return value is None or (isinstance(value, str) and not value.strip("\u00a0\u200b \t\r\n"))


def _value(cell: Cell, column: Column) -> Any:
    if cell.data_type == "f":
        raise Unreadable("a value instead of a formula: paste it as a value")
    if cell.data_type == "e":
        raise Unreadable("a value instead of an error of the spreadsheet")
    return value_of(column, cell.value)


def _address(sheet: Worksheet, cell: str) -> str:
    from openpyxl.utils import quote_sheetname

    plain = sheet.title.replace("_", "").isalnum()
    title = sheet.title if plain else quote_sheetname(sheet.title)
    return f"{title}!{cell}" if cell else title


@dataclass
class _Merging:
    """What was read, laid beside a dossier that was there before."""

    reading: _Reading
    person: _Row | None
    into: Dossier | None
    places: dict[tuple[str, int], _Row] = field(default_factory=dict)

    def read(self, recorded_by: dt.date | None) -> ReadIntake:
        assert self.person is not None  # otherwise a fault was found
        plain: dict[str, Any] = {} if self.into is None else msgspec.to_builtins(self.into)
        held = {name: len(plain.get(name, ())) for name in tables()}
        who = {k: v for k, v in self.person.values.items() if k != "person_id"}
        if self.into is not None:
            self._check_same(self.into)
        plain |= {"person_id": self.person.values["person_id"], "person": who}
        added, known = {}, {}
        for table, rows in self.reading.rows.items():
            new = self._new(table, rows, plain.get(table, []))
            added[table], known[table] = len(new), len(rows) - len(new)
            for place, row in enumerate(new, start=held[table]):
                self.places[table, place] = row
            if new or plain.get(table):
                plain[table] = [*plain.get(table, []), *(row.values for row in new)]
        try:
            dossier = read_dossier(plain, recorded_by=recorded_by)
        except DossierError as error:
            problems = tuple(self._in_cells(problem) for problem in error.problems)
            count = len(problems)
            raise ReentryError(
                f"the spreadsheet has {count} fault{'s' if count > 1 else ''}; nothing is read",
                problems,
            ) from None
        return ReadIntake(dossier, added, known)

    def _check_same(self, into: Dossier) -> None:
        """The dossier to add to is of the same person."""
        assert self.person is not None
        expected = {"person_id": into.person_id, **msgspec.structs.asdict(into.person)}
        for name, value in expected.items():
            if self.person.values[name] != value:
                where = self.person.address(name)
                self.reading.fail(where, self.person.values[name], f"{value}, as in the dossier")
        self.reading.refuse()

    def _new(self, table: str, rows: list[_Row], before: list[dict[str, Any]]) -> list[_Row]:
        """The rows that the dossier does not have yet."""
        had = {_without_day(table, row) for row in before}
        return [row for row in rows if _without_day(table, row.values) not in had]

    def _in_cells(self, problem: object) -> object:
        """A problem of the dossier, by the cell that it is in."""
        if not isinstance(problem, Problem):
            return problem
        row = self.places.get((problem.table, problem.row))
        if problem.table == PERSONS or problem.field == "person_id":
            row = self.person
        if row is None:
            return problem
        return CellProblem(row.address(problem.field), problem.value, problem.expected)


def _without_day(table: str, row: Mapping[str, Any]) -> str:
    """What a fact says, apart from the day on which it became known and what is usual."""
    columns = tables()[table].columns
    kept = {
        name: _alike(value)
        for name, value in row.items()
        if name != RECORDED and value is not None and value != columns[name].default
    }
    return repr(sorted(kept.items()))


def _alike(value: Any) -> Any:
    """A value so that equal ones are written alike: days as text, numbers with a fraction."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
