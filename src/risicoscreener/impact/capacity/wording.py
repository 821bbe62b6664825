"""The sentences of this part, from their file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.texts import Texts, check_language


@cache
def _read() -> dict[str, dict[str, Texts]]:
    text = (files("risicoscreener.impact.capacity") / "texts.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, dict[str, Texts]])


def say(section: str, name: str, lang: str, /, **values: object) -> str:
    """One sentence in ``nl`` or ``en``, its gaps filled; ``grounds`` are those of detention."""
    if section == "grounds":
        return vocabularies()["regime"].label(name, check_language(lang))
    return _read()[section][name].text(check_language(lang)).format(**values)
