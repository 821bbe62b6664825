"""Which sheets and columns a spreadsheet of an intake has, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from risicoscreener.dossier.schema import Column, id_column, persons, tables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.features.wording import field_label, table_label
from risicoscreener.texts import LANGUAGES, Lang, Sentences

LISTS = "_lists"
"""Hidden sheet with the values to choose from."""
PERSONS = "persons"
NOT_IN_SHEETS = ("audit",)
"""Attributes for audit are kept apart from what staff fill in."""
REQUIRED_MARK = " *"


@dataclass(frozen=True, slots=True)
class Layout:
    """One sheet: the table that it fills and its columns, in order."""

    table: str
    columns: tuple[Column, ...]

    def title(self, lang: Lang) -> str:
        """Name of the sheet."""
        if self.table == PERSONS:
            return say("sheet", "persons", lang)
        label = table_label(self.table, lang)
        return label[:1].upper() + label[1:]

    def header(self, column: Column, lang: Lang) -> str:
        """Text above a column; the day on which a fact is known may stand on the first sheet."""
        mark = REQUIRED_MARK if column.required and column.name != "recorded_at" else ""
        return column_label(column.name, lang) + mark

    def by_header(self) -> dict[str, Column]:
        """Columns by each text that may stand above them, in small letters."""
        found = {}
        for column in self.columns:
            for name in (column.name, *(column_label(column.name, lang) for lang in LANGUAGES)):
                found[name.casefold()] = column
        return found


_SENTENCES = Sentences("risicoscreener.reentry.intake.sheets")
say = _SENTENCES.say


def column_label(name: str, lang: Lang) -> str:
    """What a column is called."""
    own = _SENTENCES.entries["column"].get(name)
    return own[lang] if own else field_label(name, lang)


@cache
def layouts() -> tuple[Layout, ...]:
    """Every sheet in order: the person, then the tables of the dossier."""
    known_since = tables()["inquiries"].columns["recorded_at"]
    person = (id_column(), *persons().columns.values(), known_since)
    found = [Layout(PERSONS, person)]
    for name, spec in tables().items():
        if name not in NOT_IN_SHEETS:
            columns = sorted(spec.columns.values(), key=lambda c: c.name in _LAST)
            found.append(Layout(name, tuple(columns)))
    return tuple(found)


_LAST = ("recorded_at", "fact_id", "supersedes", "void")
"""Columns that staff hardly fill in, after the others."""


@cache
def by_title() -> dict[str, Layout]:
    """Sheets by each name that they may have, in small letters."""
    found = {}
    for layout in layouts():
        for name in (layout.table, *(layout.title(lang) for lang in LANGUAGES)):
            found[name.casefold()] = layout
    return found


@cache
def skipped_titles() -> frozenset[str]:
    """Sheets that hold nothing to read, in small letters."""
    return frozenset({LISTS, *(say("sheet", "read_me", lang).casefold() for lang in LANGUAGES)})


def code_texts(column: Column, lang: Lang) -> dict[str, str]:
    """What each code of a column is called."""
    vocabulary = next(v for v in vocabularies().values() if v.codes == column.codes)
    return {code: vocabulary.label(code, lang) for code in column.codes}


@cache
def codes_by_text(codes: tuple[str, ...]) -> dict[str, str]:
    """Codes by each text that may stand in a cell, in small letters."""
    vocabulary = next(v for v in vocabularies().values() if v.codes == codes)
    found = {vocabulary.label(code, lang).casefold(): code for code in codes for lang in LANGUAGES}
    return found | {code.casefold(): code for code in codes}


@cache
def flags_by_text() -> dict[str, bool]:
    """Yes and no by each text that may stand in a cell, in small letters."""
    words = {lang: (say("flag", "yes", lang), say("flag", "no", lang)) for lang in LANGUAGES}
    return {word: word == yes for yes, no in words.values() for word in (yes, no)}
