"""What an earlier export of a study tells of the people of a later one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing.research.anonymity import UNKNOWN, Before, Codes
from risicoscreener.reentry.sharing.research.project import PSEUDONYM, Project
from risicoscreener.reentry.sharing.research.report import ExportReport
from risicoscreener.reentry.sharing.research.stored import (
    PERSONS_FILE,
    ResearchExport,
    read_written,
)


@dataclass(frozen=True)
class Earlier:
    """An earlier export: of each pseudonym which class it is in, and how many each class has."""

    sha256: str
    class_of: dict[str, int]
    sizes: Codes

    def of(self, pseudonyms: Sequence[str]) -> Before:
        """What it tells of people."""
        classes = [self.class_of.get(one, UNKNOWN) for one in pseudonyms]
        return Before(np.array(classes, dtype=np.int64), self.sizes)

    def has_any_of(self, pseudonyms: Sequence[str]) -> bool:
        """Whether anybody is in it."""
        return any(one in self.class_of for one in pseudonyms)


def read_earlier(given: ResearchExport | str | os.PathLike[str], project: Project) -> Earlier:
    """An earlier export of a project, or that in a folder.

    Raises
    ------
    ReentryError
        If it is none, was changed, or is of another project or receiver.
    """
    import pandas as pd

    if isinstance(given, ResearchExport):
        report, sha256, persons = given.report, given.sha256, given.persons
    else:
        report, sha256 = read_written(given)
        file = Path(given) / f"{PERSONS_FILE}.csv"
        try:
            persons = pd.read_csv(file, dtype=str, keep_default_na=False)
        except (OSError, ValueError) as error:
            raise ReentryError(f"{file} cannot be read as a table: {error}") from None
    if (report.project, report.receiver) != (project.id, project.receiver):
        raise ReentryError(
            f"the earlier export {sha256[:16]} is of {report.study}; "
            f"expected one of {project.study}"
        )
    return _classes(persons, report, sha256)


def _classes(persons: Any, report: ExportReport, sha256: str) -> Earlier:
    lacking = {PSEUDONYM, *report.steps} - set(persons.columns)
    if lacking:
        raise ReentryError(
            f"the people of the earlier export {sha256[:16]} have no column {min(lacking)}; "
            "expected the pseudonym and what was made coarser"
        )
    rows = persons[list(report.steps)].astype(str).itertuples(index=False, name=None)
    number: dict[tuple[str, ...], int] = {}
    codes = [number.setdefault(row, len(number)) for row in rows]
    class_of = dict(zip(persons[PSEUDONYM], codes, strict=True))
    sizes = np.bincount(np.array(codes, dtype=np.int64)).astype(np.int64)
    return Earlier(sha256, class_of, sizes)
