"""A view: the copy of a dossier, or of a result, with exactly what a purpose names."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.dossier.schema import id_column
from risicoscreener.reentry.sharing.minimising import Row
from risicoscreener.reentry.sharing.purposes import PERSONS
from risicoscreener.reentry.sharing.wording import field_label, say, table_label, value_label
from risicoscreener.screening.audience import recipients
from risicoscreener.screening.record.chain import canonical, sha256_of
from risicoscreener.texts import (
    Lang,
    Section,
    Texts,
    check_language,
    sections_as_html,
    sections_as_text,
)

SCREENING = "screening"
"""What the extract of a result is called among the tables of a view."""


class View(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one recipient gets for one purpose, and until when it may be used.

    Attributes
    ----------
    fields
        What could be in it, as ``table.column``; also what turned out to be empty.
    consent
        The reference of the consent that it rests on, if the purpose needs one.
    content
        Per table the rows with the named columns; ``persons`` is one row; ``screening`` is the
        extract of a result.
    salt, sha256
        The hash is of the salt and all else, so that nobody can guess the content from it.
    """

    format_version: Literal[1] = 1
    recipient: str
    purpose: str
    title: Texts
    source: str
    to_verify: bool
    as_of: dt.date
    ends_on: dt.date
    fields: tuple[str, ...]
    consent: str | None = None
    content: dict[str, Any]
    salt: str
    sha256: str = ""

    def text(self, lang: Lang = "nl") -> str:
        """The view in words, in ``nl`` or ``en``."""
        return sections_as_text(_outline(self, check_language(lang)))

    def html(self, lang: Lang = "nl") -> str:
        """The same as an HTML fragment; everything from outside is escaped."""
        lang = check_language(lang)
        return sections_as_html(_outline(self, lang), lang, "rs-view")

    def _repr_html_(self) -> str:
        return self.html()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, to write as JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def to_json(self) -> bytes:
        """The view as JSON; `open_view` reads it."""
        return msgspec.json.encode(self)

    def to_frames(self) -> dict[str, Any]:
        """A DataFrame for each table that the purpose names, with its columns, also if empty."""
        import pandas as pd

        named: dict[str, list[str]] = {}
        for field in self.fields:
            table, name = field.split(".")
            named.setdefault(table, []).append(name)
        return {
            table: pd.DataFrame(rows_in(self.content, table), columns=names)
            for table, names in named.items()
        }


def rows_in(content: dict[str, Any], table: str) -> list[Row]:
    """The rows of a table in what is given; who it is about is one row."""
    rows = content.get(table, [])
    return [rows] if isinstance(rows, dict) else list(rows)


def digest_of_view(view: View) -> str:
    """The hash of a view, over its salt and all else."""
    return sha256_of(canonical(msgspec.structs.replace(view, sha256="")))


# --- in words -----------------------------------------------------------------------------------


def _outline(view: View, lang: Lang) -> list[Section]:
    titled = recipients().get(view.recipient)
    recipient = view.recipient if titled is None else titled.text(lang)
    person = view.content.get(PERSONS, {}).get(id_column().name)
    key = "title" if person else "title_nobody"
    heading = say("view", key, lang, recipient=recipient, person_id=person)
    source = view.source
    if view.to_verify:
        source = say("purpose", "unread", lang, source=source)
    lines = [
        say("view", "purpose", lang, purpose=view.title.text(lang)),
        say("purpose", "basis", lang, basis=source),
        say("view", "as_of", lang, day=view.as_of),
        say("view", "ends", lang, day=view.ends_on),
        say("view", "reference", lang, id=view.sha256[:16]),
    ]
    if view.consent is not None:
        lines.append(say("view", "consent", lang, reference=view.consent))
    sections: list[Section] = [(heading, lines)]
    for table in dict.fromkeys(field.split(".")[0] for field in view.fields):
        told = [_said_row(table, row, lang) for row in rows_in(view.content, table) if row]
        nothing = [say("view", "nothing", lang)]
        sections.append((table_label(table, lang), told or nothing))
    if SCREENING in view.content:
        sections.append(
            (say("view", SCREENING, lang), _said_extract(view.content[SCREENING], lang))
        )
    return sections


def _said_row(table: str, row: Row, lang: Lang) -> str:
    return "; ".join(
        f"{field_label(table, name, lang)}: {value_label(table, name, value, lang)}"
        for name, value in row.items()
    )


def _said_extract(extract: dict[str, Any], lang: Lang) -> list[str]:
    from risicoscreener.screening.result import ScreeningResult

    result = msgspec.convert(extract, ScreeningResult)
    lines = (line.strip() for line in result.text(lang).splitlines())
    return [line for line in lines if line.strip("-=")]
