"""The sentences of this package, from their file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from risicoscreener.texts import Texts


@cache
def _texts() -> dict[str, dict[str, Texts]]:
    content = (files("risicoscreener.monitoring") / "texts.toml").read_bytes()
    return msgspec.toml.decode(content, type=dict[str, dict[str, Texts]])


def say(topic: str, name: str, lang: str, **parts: object) -> str:
    """A sentence in ``nl`` or ``en`` with its gaps filled."""
    return _texts()[topic][name].text(lang).format(**parts)
