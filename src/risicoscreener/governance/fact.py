"""A fact that a document rests on: what is known, in Dutch and English, and where it comes from."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct

from risicoscreener.texts import Lang, Texts

PACKAGE = "risicoscreener.governance"


class Fact(Struct, frozen=True, kw_only=True):
    """What is known about one subject.

    Attributes
    ----------
    name
        By which documents ask for it.
    lines
        What is known, a line each.
    source
        From what it was read: a bundle with its hash, a policy, a record.
    to_verify
        It rests on a legal text that was not read in full.
    """

    name: str
    lines: tuple[Texts, ...]
    source: Texts
    to_verify: bool = False

    def text(self, lang: str = "nl") -> str:
        """All lines as one text in ``nl`` or ``en``."""
        return "\n".join(line.text(lang) for line in self.lines)


@cache
def read_toml_of(name: str) -> dict[str, Any]:
    """A file of this package."""
    return tomllib.loads((files(PACKAGE) / name).read_text("utf-8"))


def say(section: str, key: str, /, **parts: Any) -> Texts:
    """A sentence with its gaps filled in; a part that is `Texts` is said in each language."""
    return Texts(**read_toml_of("texts.toml")[section][key]).filled(**parts)


def word(section: str, key: str, lang: Lang, /, **parts: Any) -> str:
    """A sentence in one language."""
    return say(section, key, **parts).text(lang)


def same(text: str) -> Texts:
    """A name, a number or a quotation: the same in every language."""
    return Texts(nl=text, en=text)


def joined(texts: Any, between: str = "; ") -> Texts:
    """Texts one after the other."""
    listed = tuple(texts)
    return Texts(nl=between.join(t.nl for t in listed), en=between.join(t.en for t in listed))
