"""The sentences of this package, from their file."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from risicoscreener.texts import Sentences, Texts

PROJECT = "project"
"""Source of what no regulation says: a choice of this project."""


_SENTENCES = Sentences("risicoscreener.decision")


@cache
def texts(section: str, name: str) -> Texts:
    """One text, such as ``texts("outcome", "grant")`` or ``texts("risk.levels", "low")``."""
    found: Any = _SENTENCES.entries
    for part in (*section.split("."), name):
        found = found[part]
    return msgspec.convert(found, Texts)


def say(section: str, name: str, **parts: Texts | str | int) -> Texts:
    """The sentence of that name, with its gaps filled in each language."""
    return texts(section, name).filled(**parts)


def join(separator: str | Texts, parts: Iterable[Texts]) -> Texts:
    """Texts in a row, each language apart."""
    listed = list(parts)
    return Texts(
        nl=_in(separator, "nl").join(p.nl for p in listed),
        en=_in(separator, "en").join(p.en for p in listed),
    )


def _in(part: Texts | str | int, lang: str) -> str:
    return part.text(lang) if isinstance(part, Texts) else str(part)


def cited(source: str, remark: Texts | None = None) -> Texts:
    """A source in each language, and what the remark says of it.

    Parameters
    ----------
    source
        Citations, joined by ``"; "``; they are the same in every language, but for `PROJECT`.
    remark
        What is taken from them, what was not read, or what is a choice.
    """
    parts = [part.strip() for part in source.split(";")]
    said = [texts("source", PROJECT) if p == PROJECT else Texts(nl=p, en=p) for p in parts]
    return join("; ", said if remark is None else [*said, remark])


def level_texts(domain: str, level: str) -> Texts:
    """What a level of a built-in domain means."""
    return texts(f"{domain}.levels", level)


def band_names(bands: int) -> tuple[str, ...] | None:
    """Names of so many risk bands, lowest first; None where no names are defined."""
    names = _SENTENCES.entries["risk"]["bands"].get(str(bands))
    return None if names is None else tuple(names)


def band_counts() -> tuple[int, ...]:
    """The numbers of bands that have names."""
    return tuple(int(n) for n in _SENTENCES.entries["risk"]["bands"])
