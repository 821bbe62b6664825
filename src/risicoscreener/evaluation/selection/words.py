"""Short texts of this topic, in Dutch and in English."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from risicoscreener.texts import Texts


@cache
def _all() -> dict[str, Texts]:
    file = files("risicoscreener.evaluation.selection") / "words.toml"
    return msgspec.toml.decode(file.read_bytes(), type=dict[str, Texts])


def words(name: str, lang: str) -> str:
    """A text of ``words.toml``."""
    return _all()[name].text(lang)
