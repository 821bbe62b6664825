"""The sentences of the selection model, from their file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from risicoscreener.evaluation.figure import number
from risicoscreener.features.catalogue import catalogue
from risicoscreener.reentry.selection.aids import RISK
from risicoscreener.texts import Lang


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    path = files("risicoscreener.reentry.selection") / "texts.toml"
    return tomllib.loads(path.read_text("utf-8"))


def say(section: str, key: str, lang: Lang, **values: Any) -> str:
    """A sentence of the text file with its values filled in."""
    return _texts()[section][key][lang].format(**values)


def per_hundred(value: float, lang: Lang) -> str:
    """A difference of shares as people of a hundred, with one decimal."""
    return number(100 * value, 1, lang)


def feature_label(name: str, lang: Lang) -> str:
    """What a modifier is called."""
    return say("feature", RISK, lang) if name == RISK else catalogue()[name].text[lang]
