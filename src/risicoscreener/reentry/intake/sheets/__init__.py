"""Spreadsheets of an intake, as staff use them: written, and read with every fault by its cell."""

from risicoscreener.reentry.intake.sheets.reading import CellProblem, ReadIntake, read_intake_sheet
from risicoscreener.reentry.intake.sheets.writing import intake_workbook, write_intake_sheet

__all__ = [
    "CellProblem",
    "ReadIntake",
    "intake_workbook",
    "read_intake_sheet",
    "write_intake_sheet",
]
