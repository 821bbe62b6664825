"""The sentences of this package, from their file."""

from __future__ import annotations

from importlib.resources import files

from risicoscreener.texts import Sentences

_SENTENCES = Sentences("risicoscreener.screening.record")
say = _SENTENCES.in_both


def read(file: str) -> bytes:
    """A data file of this package."""
    return (files("risicoscreener.screening.record") / file).read_bytes()


def names(topic: str) -> tuple[str, ...]:
    """The names of a section of the file."""
    return tuple(_SENTENCES.entries[topic])
