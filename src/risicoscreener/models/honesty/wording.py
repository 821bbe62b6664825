"""The sentences of this part, in Dutch and English, and its published constants."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from risicoscreener.texts import Sentences

sentence = Sentences("risicoscreener.models.honesty").say


@cache
def _numbers() -> dict[str, Any]:
    path = files("risicoscreener.models.honesty") / "numbers.toml"
    return tomllib.loads(path.read_text("utf-8"))


def constants(name: str) -> dict[str, Any]:
    """Published constants of one formula."""
    found: dict[str, Any] = _numbers()[name]
    return found
