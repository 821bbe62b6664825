"""The sentences of this part, in Dutch and English, and its published constants."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from risicoscreener.texts import check_language


@cache
def _read(name: str) -> dict[str, Any]:
    path = files("risicoscreener.models.honesty") / name
    return tomllib.loads(path.read_text("utf-8"))


def sentence(part: str, entry: str, lang: str, /, **values: object) -> str:
    """One sentence in ``nl`` or ``en``, its places filled."""
    text: str = _read("texts.toml")[part][entry][check_language(lang)]
    return text.format(**values)


def constants(name: str) -> dict[str, Any]:
    """Published constants of one formula."""
    found: dict[str, Any] = _read("numbers.toml")[name]
    return found
