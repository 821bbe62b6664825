"""The words of the service, in Dutch and in English."""

from __future__ import annotations

from typing import Any

from risicoscreener.texts import Lang, Sentences

_SENTENCES = Sentences("risicoscreener.serve")
say = _SENTENCES.say


def data() -> dict[str, Any]:
    """All words."""
    return _SENTENCES.entries


def language_of(accepted: str) -> Lang:
    """The language of a request, by its header ``Accept-Language``; Dutch where it asks neither."""
    for part in accepted.lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("en"):
            return "en"
        if tag.startswith("nl"):
            return "nl"
    return "nl"
