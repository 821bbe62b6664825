"""The sentences of this part, from their file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from risicoscreener.texts import LANGUAGES, Lang, Texts


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    path = files("risicoscreener.reentry.conditions") / "texts.toml"
    return tomllib.loads(path.read_text("utf-8"))


def say(section: str, key: str, lang: Lang, **values: Any) -> str:
    """A sentence of the text file with its values filled in."""
    return _texts()[section][key][lang].format(**values)


def in_both(section: str, key: str, **values: Texts) -> Texts:
    """A sentence in each language, with texts filled in."""
    said = {
        lang: say(section, key, lang, **{k: v.text(lang) for k, v in values.items()})
        for lang in LANGUAGES
    }
    return Texts(**said)
