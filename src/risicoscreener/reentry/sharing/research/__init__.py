"""Exports for research in which nobody is named, and a report of what risk remains.

>>> from risicoscreener.reentry.sharing.research import export, read_project
>>> made = export(tables, read_project("project.toml"), key, as_of)          # doctest: +SKIP
>>> print(made.report.text("en"))                                            # doctest: +SKIP

Pseudonyms are keyed per project and receiver; dates are shifted per person, and nothing tells by
how much; rare codes are taken together; quasi-identifiers are made coarser, and who still stands
out is left out, until every group of people who look alike has at least k people of at least l
kinds, also together with earlier exports.
"""

from __future__ import annotations

from risicoscreener.reentry.sharing.research.anonymity import (
    Measured,
    measure,
)
from risicoscreener.reentry.sharing.research.cells import CellTable, cell_table
from risicoscreener.reentry.sharing.research.exporting import export
from risicoscreener.reentry.sharing.research.project import Project, read_project, shipped_project
from risicoscreener.reentry.sharing.research.pseudonyms import Pseudonyms, new_key, read_key
from risicoscreener.reentry.sharing.research.report import ExportReport
from risicoscreener.reentry.sharing.research.stored import ResearchExport, open_export

__all__ = [
    "CellTable",
    "ExportReport",
    "Measured",
    "Project",
    "Pseudonyms",
    "ResearchExport",
    "cell_table",
    "export",
    "measure",
    "new_key",
    "open_export",
    "read_key",
    "read_project",
    "shipped_project",
]
