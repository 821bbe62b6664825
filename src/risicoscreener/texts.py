"""Texts that people read: each in Dutch and in English."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from functools import cached_property
from html import escape
from importlib.resources import files
from typing import Any, ClassVar, Literal

from msgspec import Struct, to_builtins

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

    def filled(self, **values: object) -> Texts:
        """The same with its gaps filled; of values that are `Texts` the words in each language."""
        return Texts(nl=self.nl.format(**_in(values, "nl")), en=self.en.format(**_in(values, "en")))


class Sentences:
    """The sentences of a package, from a file beside its code; read when the first is asked for.

    Parameters
    ----------
    package
        Its full name, such as ``risicoscreener.victims``.
    file
        In TOML: sections of entries, or entries, each with ``nl`` and ``en``. In braces stand the
        names of what is filled in.
    """

    def __init__(self, package: str, file: str = "texts.toml") -> None:
        self._package = package
        self._file = file

    @cached_property
    def entries(self) -> dict[str, Any]:
        """All that the file holds."""
        return tomllib.loads((files(self._package) / self._file).read_text("utf-8"))

    def say(self, section: str, key: str, lang: str, /, **values: object) -> str:
        """A sentence in ``nl`` or ``en``, its values filled in.

        Raises
        ------
        KeyError
            If the file has no such section or entry, or a value that the sentence names is absent.
        RisicoscreenerError
            If the language is not spoken.
        """
        return _filled(self.entries[section][key], lang, values)

    def say_alone(self, key: str, lang: str, /, **values: object) -> str:
        """As `say`, an entry that stands in no section."""
        return _filled(self.entries[key], lang, values)

    def in_both(self, section: str, key: str, /, **values: object) -> Texts:
        """A sentence in each language; of values that are `Texts` the words in that language."""
        return Texts(**self.entries[section][key]).filled(**values)


def _filled(entry: Mapping[str, str], lang: str, values: Mapping[str, object]) -> str:
    try:
        sentence = entry[lang]
    except KeyError:
        check_language(lang)
        raise
    return sentence.format(**values)


def _in(values: Mapping[str, object], lang: Lang) -> dict[str, object]:
    return {k: v.text(lang) if isinstance(v, Texts) else v for k, v in values.items()}


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


class InWords(Struct, frozen=True):
    """What says itself in headings with lines under them, as text, as HTML and in a notebook.

    ``kind`` is the class of its fragment of HTML.
    """

    kind: ClassVar[str]

    def sections(self, lang: Lang) -> Iterable[Section]:
        """Headings with their lines."""
        raise NotImplementedError

    def text(self, lang: Lang = "nl") -> str:
        """All of it as plain text in ``nl`` or ``en``.

        Raises
        ------
        RisicoscreenerError
            For another language.
        """
        return sections_as_text(self.sections(check_language(lang)))

    def html(self, lang: Lang = "nl") -> str:
        """The same as an HTML fragment; everything from outside is escaped."""
        spoken = check_language(lang)
        return sections_as_html(self.sections(spoken), spoken, self.kind)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, to write as JSON."""
        plain: dict[str, Any] = to_builtins(self)
        return plain

    def __str__(self) -> str:
        return self.text(default_language())

    def _repr_html_(self) -> str:
        return self.html(default_language())


def default_language() -> Lang:
    """Language of a notebook: `RISICOSCREENER_LANG`, Dutch if that is not ``en``."""
    return "en" if os.environ.get("RISICOSCREENER_LANG", "nl").lower().startswith("en") else "nl"


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
