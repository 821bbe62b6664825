"""Texts that people read: each in Dutch and in English."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Literal

from msgspec import Struct

from risicoscreener.errors import RisicoscreenerError

Lang = Literal["nl", "en"]
LANGUAGES: tuple[Lang, ...] = ("nl", "en")


class Texts(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One text in Dutch and in English."""

    nl: str
    en: str

    def text(self, lang: str) -> str:
        """The text in ``nl`` or ``en``."""
        return self.nl if lang == "nl" else self.en


Section = tuple[str, list[str]]
"""A heading and the lines under it."""


def sections_as_text(sections: Iterable[Section]) -> str:
    """Headings with their lines as plain text."""
    lines: list[str] = []
    for heading, items in sections:
        lines += [heading, *(f"  - {item}" for item in items), ""]
    return "\n".join(lines[:-1]) + "\n"


def sections_as_html(sections: Iterable[Section], lang: Lang, kind: str) -> str:
    """Headings with their lines as an HTML fragment; everything from outside is escaped.

    Parameters
    ----------
    sections
        Headings with their lines.
    lang
        Their language.
    kind
        Class of the fragment.
    """
    parts = []
    for heading, items in sections:
        listed = "\n".join(f"<li>{escape(item)}</li>" for item in items)
        parts.append(f"<section><h4>{escape(heading)}</h4><ul>\n{listed}\n</ul></section>")
    body = "\n".join(parts)
    return f'<article class="{kind}" lang="{lang}">\n{body}\n</article>\n'


def check_language(lang: str) -> Lang:
    """The language, if it is one that the library speaks.

    Raises
    ------
    RisicoscreenerError
        Otherwise.
    """
    for spoken in LANGUAGES:
        if lang == spoken:
            return spoken
    raise RisicoscreenerError(f"language {lang!r} is not spoken; expected nl or en")
