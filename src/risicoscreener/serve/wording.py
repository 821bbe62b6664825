"""The words of the service, in Dutch and in English."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from risicoscreener.texts import Lang


@cache
def data() -> dict[str, Any]:
    """All words."""
    return tomllib.loads((files("risicoscreener.serve") / "texts.toml").read_text("utf-8"))


def say(section: str, key: str, lang: Lang, **values: object) -> str:
    """A sentence with its values filled in."""
    text: str = data()[section][key][lang]
    return text.format(**values) if values else text


def language_of(accepted: str) -> Lang:
    """The language of a request, by its header ``Accept-Language``; Dutch where it asks neither."""
    for part in accepted.lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("en"):
            return "en"
        if tag.startswith("nl"):
            return "nl"
    return "nl"
