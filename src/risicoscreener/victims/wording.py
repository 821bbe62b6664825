"""The sentences of this package, from their file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.texts import Lang

Section = tuple[str, list[str]]


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    path = files("risicoscreener.victims") / "texts.toml"
    return tomllib.loads(path.read_text("utf-8"))


def say(section: str, key: str, lang: Lang, **values: Any) -> str:
    """A sentence of the text file with its values filled in."""
    return _texts()[section][key][lang].format(**values)


def code_label(vocabulary: str, code: str, lang: Lang) -> str:
    """What a code of the dossier is called."""
    return vocabularies()[vocabulary].label(code, lang)


def as_text(sections: Iterable[Section]) -> str:
    """Headings with their lines as plain text."""
    lines: list[str] = []
    for heading, items in sections:
        lines += [heading, *(f"  - {item}" for item in items), ""]
    return "\n".join(lines[:-1]) + "\n"


def as_html(sections: Iterable[Section], lang: Lang) -> str:
    """Headings with their lines as an HTML fragment; everything from outside is escaped."""
    parts = []
    for heading, items in sections:
        listed = "\n".join(f"<li>{escape(item)}</li>" for item in items)
        parts.append(f"<section><h4>{escape(heading)}</h4><ul>\n{listed}\n</ul></section>")
    body = "\n".join(parts)
    return f'<article class="rs-victims" lang="{lang}">\n{body}\n</article>\n'
