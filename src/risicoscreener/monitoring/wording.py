"""The sentences of this package, from their files."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from risicoscreener.texts import Texts

FOLLOWING, MONITOR = "texts.toml", "monitor_texts.toml"


@cache
def _texts(file: str) -> dict[str, dict[str, Texts]]:
    content = (files("risicoscreener.monitoring") / file).read_bytes()
    return msgspec.toml.decode(content, type=dict[str, dict[str, Texts]])


def say(topic: str, name: str, lang: str, /, *, file: str = FOLLOWING, **parts: object) -> str:
    """A sentence in ``nl`` or ``en`` with its gaps filled."""
    return _texts(file)[topic][name].text(lang).format(**parts)


def tell(name: str, lang: str, /, *, topic: str = "say", **parts: object) -> str:
    """A sentence on a monitor."""
    return say(topic, name, lang, file=MONITOR, **parts)
