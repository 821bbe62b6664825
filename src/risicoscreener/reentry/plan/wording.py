"""The sentences of this part, from their file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from risicoscreener.texts import LANGUAGES, Lang, Texts


@cache
def texts() -> dict[str, dict[str, dict[str, str]]]:
    """All of them, by section and key."""
    path = files("risicoscreener.reentry.plan") / "texts.toml"
    return tomllib.loads(path.read_text("utf-8"))


def say(section: str, key: str, lang: Lang, **values: Any) -> str:
    """A sentence of the text file with its values filled in."""
    return texts()[section][key][lang].format(**values)


def in_both(section: str, key: str) -> Texts:
    """A sentence without values in each language."""
    return Texts(**{lang: say(section, key, lang) for lang in LANGUAGES})
