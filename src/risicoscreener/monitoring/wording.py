"""The sentences of this package, from their files."""

from __future__ import annotations

from risicoscreener.texts import Sentences

FOLLOWING, MONITOR = "texts.toml", "monitor_texts.toml"


say = Sentences("risicoscreener.monitoring").say
_MONITOR = Sentences("risicoscreener.monitoring", "monitor_texts.toml")


def tell(name: str, lang: str, /, *, topic: str = "say", **parts: object) -> str:
    """A sentence on a monitor."""
    return _MONITOR.say(topic, name, lang, **parts)
