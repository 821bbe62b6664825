"""A report as plain data: the one structure from which page, JSON and tables are made.

Texts stand in it in one language; numbers and names are the same in every language. Pictures are
not in it: each is drawn from the results, and the table behind it holds its numbers.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct

Level = Literal["good", "uncertain", "problem", "unknown"]
ColumnKind = Literal["text", "count", "number", "share", "estimate"]
REPORT_SCHEMA_VERSION = 1


class FigureValue(Struct, frozen=True, kw_only=True):
    """One figure with its interval, as of an `risicoscreener.evaluation.Estimate`.

    Attributes
    ----------
    value, low, high
        None where there is none; `problem` then names why, and `text` says it.
    text
        Value and interval in words of the report's language.
    """

    measure: str
    value: float | None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    method: str = ""
    n: int = 0
    events: int = 0
    problem: str = ""
    text: str = ""


Value = str | int | float | FigureValue | None


class Column(Struct, frozen=True, kw_only=True):
    """A column of a table: its name in every language, its title in one, what it holds."""

    name: str
    title: str
    kind: ColumnKind = "text"
    digits: int = 3


class Table(Struct, frozen=True, kw_only=True, tag="table", tag_field="kind"):
    """A table; each row has a value for each column, and its first column names the row."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()


class Paragraph(Struct, frozen=True, kw_only=True, tag="paragraph", tag_field="kind"):
    """A text; ``plain`` is for every reader, ``statistics`` for who reads figures."""

    text: str
    role: Literal["plain", "statistics", "warning", "method"] = "plain"


class Items(Struct, frozen=True, kw_only=True, tag="items", tag_field="kind"):
    """A list of texts."""

    items: tuple[str, ...]
    ordered: bool = False


class Picture(Struct, frozen=True, kw_only=True, tag="picture", tag_field="kind"):
    """A picture: what it shows in words, and the numbers behind it."""

    name: str
    title: str
    description: str
    table: Table


class IconBand(Struct, frozen=True, kw_only=True):
    """People of 1,000 on one side of a cut-off, with and without the outcome."""

    label: str
    with_outcome: int
    without_outcome: int
    description: str


class Icons(Struct, frozen=True, kw_only=True, tag="icons", tag_field="kind"):
    """Of 1,000 people: an icon for each, in bands that the cut-offs make."""

    name: str
    title: str
    bands: tuple[IconBand, ...]
    key_with: str
    key_without: str
    table: Table


class FlowStep(Struct, frozen=True, kw_only=True):
    """A step in the flow of rows: how many there are, or how many are left out here."""

    text: str
    count: int
    excluded: bool = False


class Flow(Struct, frozen=True, kw_only=True, tag="flow", tag_field="kind"):
    """From all rows of the table to those on which the figures rest."""

    name: str
    title: str
    steps: tuple[FlowStep, ...]
    table: Table


Block = Paragraph | Items | Table | Picture | Icons | Flow


class Section(Struct, frozen=True, kw_only=True):
    """A chapter: first what it says in plain words, then figures."""

    name: str
    title: str
    lead: str
    blocks: tuple[Block, ...] = ()


class Verdict(Struct, frozen=True, kw_only=True):
    """The answer to one question, with the rule that gave it.

    Attributes
    ----------
    level
        ``good``, ``uncertain``, ``problem`` or ``unknown``; `word` and `symbol` say the same.
    sentence
        The answer in plain words.
    criterion
        The rule, with its limits.
    source
        Where the limits come from, or that they are a choice of the project.
    figures
        The figures that were held against the limits.
    """

    question: str
    title: str
    level: Level
    word: str
    symbol: str
    sentence: str
    criterion: str
    source: str
    figures: tuple[FigureValue, ...] = ()


class Origin(Struct, frozen=True, kw_only=True):
    """Where the report comes from, so that it can be made again."""

    table: str
    sha256: str
    command: str
    seed: int
    replicates: int
    made_on: str
    versions: dict[str, str]


class Reference(Struct, frozen=True, kw_only=True):
    """A paper, and for what it is used."""

    text: str
    used_for: str


class ReportData(Struct, frozen=True, kw_only=True):
    """All that a report says.

    Attributes
    ----------
    summary
        Sentences in plain words, before the verdicts.
    counted
        How many answers are in order, uncertain, not in order, or cannot be said.
    verdicts
        One answer for each question, in a fixed order.
    sections
        Chapters after the summary.
    """

    schema_version: int = REPORT_SCHEMA_VERSION
    language: Literal["nl", "en"]
    title: str
    about: dict[str, str]
    summary: tuple[str, ...]
    counted: str
    verdicts: tuple[Verdict, ...]
    sections: tuple[Section, ...]
    origin: Origin

    def tables(self) -> dict[str, Table]:
        """By name every table, also those behind pictures."""
        found: dict[str, Table] = {}
        for section in self.sections:
            for block in section.blocks:
                table = block if isinstance(block, Table) else getattr(block, "table", None)
                if table is not None:
                    found[table.name] = table
        return found


def report_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a report."""
    from risicoscreener.dossier.json_schema import DIALECT

    return {"$schema": DIALECT, "title": "ReportData", **msgspec.json.schema(ReportData)}
