"""What documents read of an evaluation report: the part of its plain data that they use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.errors import GovernanceError
from risicoscreener.governance.fact import say
from risicoscreener.strict_json import decode_json
from risicoscreener.texts import Lang, Texts

PLAIN = ("plain", "warning")
"""Roles of paragraphs for every reader."""


class Origin(Struct, frozen=True, kw_only=True):
    """Where the report comes from."""

    table: str
    command: str
    made_on: str


class Verdict(Struct, frozen=True, kw_only=True):
    """The answer to one question."""

    title: str
    word: str
    sentence: str

    def text(self) -> str:
        """The answer as one line."""
        return f"{self.title}: {self.word}. {self.sentence}"


class Chapter(Struct, frozen=True, kw_only=True):
    """A chapter; its blocks are read where they are needed."""

    name: str
    lead: str
    blocks: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        """What is read of blocks is there: a text of paragraphs, rows that are lists."""
        for block in self.blocks:
            if block.get("kind") == "paragraph" and not isinstance(block.get("text"), str):
                raise ValueError(f"a paragraph of {self.name} has no text")
            rows = block.get("rows", [])
            if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
                raise ValueError(f"the rows of {str(block.get('name'))[:100]} are no lists")

    def lines(self) -> list[str]:
        """Its lead and the paragraphs that are for every reader."""
        texts = [b for b in self.blocks if b.get("kind") == "paragraph" and b.get("role") in PLAIN]
        return [self.lead, *(str(block["text"]) for block in texts)]


class Evaluation(Struct, frozen=True, kw_only=True):
    """An evaluation report in one language, as ``risicoscreener report --json`` writes it."""

    schema_version: Literal[1]
    language: Lang
    summary: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    sections: tuple[Chapter, ...]
    origin: Origin

    @property
    def source(self) -> Texts:
        """The evaluation as a source."""
        origin = self.origin
        parts = {"table": origin.table, "day": origin.made_on, "command": origin.command}
        return say("source", "evaluation", **parts)

    def chapter(self, name: str) -> list[str]:
        """The lines of a chapter; none without it."""
        return [line for one in self.sections if one.name == name for line in one.lines()]

    def rows(self, table: str) -> list[list[str]]:
        """The rows of a table, as texts.

        Raises
        ------
        GovernanceError
            If the report has no such table.
        """
        for section in self.sections:
            for block in section.blocks:
                if block.get("name") == table and "rows" in block:
                    return [[str(cell) for cell in row] for row in block["rows"]]
        raise GovernanceError(f"the evaluation has no table {table!r}; expected one")


def read_evaluation(path: str | os.PathLike[str]) -> Evaluation:
    """The report in a file.

    Raises
    ------
    GovernanceError
        If it is none, or of another version than is read here.
    OSError
        If the file cannot be read.
    """
    try:
        return decode_json(Path(path).read_bytes(), Evaluation)
    except msgspec.DecodeError as error:
        raise GovernanceError(
            f"{os.fspath(path)} is no evaluation report: {error}; expected the JSON that "
            "`risicoscreener report --json` writes"
        ) from None


def by_language(*evaluations: Evaluation) -> Mapping[Lang, Evaluation]:
    """Reports by their language; one stands in for the other that is not given.

    Raises
    ------
    GovernanceError
        If two are in one language, or they are not of the same table and command but for that.
    """
    found: dict[Lang, Evaluation] = {}
    for one in evaluations:
        if one.language in found:
            raise GovernanceError(f"two evaluations in {one.language!r}; expected one of each")
        found[one.language] = one
    tables = {(one.origin.table, len(one.verdicts)) for one in evaluations}
    if len(tables) > 1:
        names = ", ".join(sorted(name for name, _ in tables))
        raise GovernanceError(f"the evaluations are of {names}; expected one in two languages")
    return found
