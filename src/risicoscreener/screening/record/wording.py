"""The sentences of this package, from their file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from risicoscreener.texts import Texts


@cache
def _texts() -> dict[str, dict[str, Texts]]:
    return msgspec.toml.decode(read("texts.toml"), type=dict[str, dict[str, Texts]])


def read(file: str) -> bytes:
    """A data file of this package."""
    return (files("risicoscreener.screening.record") / file).read_bytes()


def names(topic: str) -> tuple[str, ...]:
    """The names of a section of the file."""
    return tuple(_texts()[topic])


def say(topic: str, name: str, **parts: object) -> Texts:
    """A sentence with its gaps filled; a part that is itself a text is taken in each language."""
    sentence = _texts()[topic][name]
    return Texts(
        nl=sentence.nl.format(**{k: _in(v, "nl") for k, v in parts.items()}),
        en=sentence.en.format(**{k: _in(v, "en") for k, v in parts.items()}),
    )


def _in(part: object, lang: str) -> str:
    return part.text(lang) if isinstance(part, Texts) else str(part)
