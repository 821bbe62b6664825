"""The sentences of notices, from their file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from risicoscreener.texts import Lang


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    path = files("risicoscreener.reentry.notices") / "texts.toml"
    return tomllib.loads(path.read_text("utf-8"))


def say(section: str, key: str, lang: Lang, **values: Any) -> str:
    """A sentence of the text file with its values filled in."""
    return _texts()[section][key][lang].format(**values)
