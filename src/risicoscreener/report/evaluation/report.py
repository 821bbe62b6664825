"""An evaluation report: for a notebook, a file, or a program that reads its numbers."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.report.evaluation.about import About
from risicoscreener.report.evaluation.building import Built, build
from risicoscreener.report.evaluation.data import ReportData
from risicoscreener.report.evaluation.facts import Facts
from risicoscreener.report.evaluation.options import Options
from risicoscreener.report.evaluation.page import as_page
from risicoscreener.report.evaluation.reading import Rows, check_rows, read_rows
from risicoscreener.report.evaluation.tables import as_csv, as_frame
from risicoscreener.texts import check_language
from risicoscreener.writing import put_in_place

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class EvaluationReport:
    """How good predicted probabilities are, in words, figures and pictures.

    Make one with `of` (a table in memory) or `read` (a file). Nothing is computed until it is
    asked for, and nothing twice.

    Attributes
    ----------
    facts
        The rows and all results.
    language
        ``nl`` or ``en``.
    """

    facts: Facts
    language: str = "nl"
    _built: list[Built] = field(default_factory=list, repr=False)

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        *,
        language: str = "nl",
        columns: Mapping[str, str] | None = None,
        groups: Sequence[str] = (),
        about: About | Mapping[str, Any] | None = None,
        name: str = "",
        **options: Any,
    ) -> EvaluationReport:
        """A report on a table in memory.

        Parameters
        ----------
        frame
            A row for each person or assessment, with ``probability`` and ``outcome``; and where
            there are any ``weight``, ``time`` and ``horizon`` (days), ``prison``, ``person_id``,
            ``decision`` and ``probability_NAME`` of a second model.
        language
            ``nl`` or ``en``.
        columns
            By role the column that has it, where that is not the column of the same name.
        groups
            Columns that divide people into groups.
        about
            Facts that no table holds; see `About`.
        name
            What the table is called in the report.
        **options
            Of `Options`: cut_offs, seed, replicates, made_on, jobs.

        Raises
        ------
        TableError
            If the table cannot be used; with every problem, its column, row and value.
        EvaluationError
            For options out of range.
        """
        rows = check_rows(frame, name=name, named=columns, groups=groups)
        return cls._with(rows, language, about, options)

    @classmethod
    def read(
        cls,
        path: str | Path,
        *,
        language: str = "nl",
        columns: Mapping[str, str] | None = None,
        groups: Sequence[str] = (),
        about: About | Mapping[str, Any] | None = None,
        **options: Any,
    ) -> EvaluationReport:
        """A report on a CSV or Parquet file; as `of`.

        Raises
        ------
        TableError, EvaluationError
            As `of`.
        OSError
            If the file cannot be read.
        """
        rows = read_rows(path, named=columns, groups=groups)
        return cls._with(rows, language, about, options)

    @classmethod
    def _with(
        cls,
        rows: Rows,
        language: str,
        about: About | Mapping[str, Any] | None,
        options: dict[str, Any],
    ) -> EvaluationReport:
        if not isinstance(about, About):
            about = msgspec.convert(dict(about or {}), About)
        return cls(Facts(rows, Options(**options), about), check_language(language))

    def in_language(self, language: str) -> EvaluationReport:
        """The same report in another language; nothing is computed again."""
        return EvaluationReport(self.facts, check_language(language))

    @property
    def data(self) -> ReportData:
        """All that the report says, as plain data."""
        return self._made.data

    @property
    def _made(self) -> Built:
        if not self._built:
            self._built.append(build(self.facts, check_language(self.language)))
        return self._built[0]

    def to_html(self) -> str:
        """The report as one page, without scripts or anything from outside."""
        made = self._made
        return as_page(made.data, {name: draw() for name, draw in made.pictures.items()})

    def to_dict(self) -> dict[str, Any]:
        """Plain values, after `report_json_schema`."""
        plain: dict[str, Any] = msgspec.json.decode(self.to_json())
        return plain

    def to_json(self) -> bytes:
        """The report as JSON, after `report_json_schema`."""
        return msgspec.json.format(msgspec.json.encode(self.data), indent=1) + b"\n"

    def tables(self) -> dict[str, pd.DataFrame]:
        """By name every table, also those behind pictures, with plain numbers."""
        return {name: as_frame(table) for name, table in self.data.tables().items()}

    def save(self, path: str | Path) -> Path:
        """Write the page to a file; gives its path.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        _write(path, self.to_html())
        return Path(path)

    def save_json(self, path: str | Path) -> Path:
        """Write the plain data to a file; gives its path.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        _write(path, self.to_json().decode())
        return Path(path)

    def save_tables(self, folder: str | Path) -> tuple[Path, ...]:
        """Write each table as CSV into a folder, which is made if need be; gives the paths.

        Raises
        ------
        OSError
            If they cannot be written.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name, table in self.data.tables().items():
            path = folder / f"{name}.csv"
            _write(path, as_csv(table))
            written.append(path)
        return tuple(written)

    def __str__(self) -> str:
        data = self.data
        lines = [data.title, *data.summary, "", data.counted]
        lines += [f"{v.symbol} {v.title} {v.word}. {v.sentence}" for v in data.verdicts]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        page = html.escape(self.to_html(), quote=True)
        title = html.escape(self.data.title, quote=True)
        # A page of its own within the notebook: neither can change how the other looks.
        return (
            f'<iframe title="{title}" srcdoc="{page}" sandbox="" '
            'style="width:100%;height:48rem;border:1px solid #9aa0aa;background:#fff"></iframe>'
        )


def _write(path: str | Path, text: str) -> None:
    with put_in_place(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
