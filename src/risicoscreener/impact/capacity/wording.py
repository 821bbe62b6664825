"""The sentences of this part, from their file."""

from __future__ import annotations

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.texts import Sentences, check_language

_SENTENCES = Sentences("risicoscreener.impact.capacity")


def say(section: str, name: str, lang: str, /, **values: object) -> str:
    """One sentence in ``nl`` or ``en``, its gaps filled; ``grounds`` are those of detention."""
    if section == "grounds":
        return vocabularies()["regime"].label(name, check_language(lang))
    return _SENTENCES.say(section, name, lang, **values)
