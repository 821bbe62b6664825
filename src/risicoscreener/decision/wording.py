"""The sentences of this package, from their file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from risicoscreener.texts import Texts


@cache
def _read() -> dict[str, Any]:
    path = files("risicoscreener.decision") / "texts.toml"
    return tomllib.loads(path.read_text("utf-8"))


@cache
def texts(section: str, name: str) -> Texts:
    """One text, such as ``texts("outcome", "grant")`` or ``texts("risk.levels", "low")``."""
    found: Any = _read()
    for part in (*section.split("."), name):
        found = found[part]
    return msgspec.convert(found, Texts)


def say(name: str, **parts: Texts | str | int) -> Texts:
    """The sentence of that name, with its gaps filled in each language."""
    sentence = texts("sentence", name)
    return Texts(
        nl=sentence.nl.format(**{k: _in(v, "nl") for k, v in parts.items()}),
        en=sentence.en.format(**{k: _in(v, "en") for k, v in parts.items()}),
    )


def join(separator: str, parts: list[Texts]) -> Texts:
    """Texts in a row, each language apart."""
    return Texts(nl=separator.join(p.nl for p in parts), en=separator.join(p.en for p in parts))


def _in(part: Texts | str | int, lang: str) -> str:
    return part.text(lang) if isinstance(part, Texts) else str(part)


def level_texts(domain: str, level: str) -> Texts:
    """What a level of a built-in domain means."""
    return texts(f"{domain}.levels", level)


def band_names(bands: int) -> tuple[str, ...] | None:
    """Names of so many risk bands, lowest first; None where no names are defined."""
    names = _read()["risk"]["bands"].get(str(bands))
    return None if names is None else tuple(names)


def band_counts() -> tuple[int, ...]:
    """The numbers of bands that have names."""
    return tuple(int(n) for n in _read()["risk"]["bands"])
