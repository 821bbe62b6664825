"""The sentences of this package, from their file."""

from __future__ import annotations

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.texts import Lang, Sentences

say = Sentences("risicoscreener.victims").say


def code_label(vocabulary: str, code: str, lang: Lang) -> str:
    """What a code of the dossier is called."""
    return vocabularies()[vocabulary].label(code, lang)
