"""The sentences of this package, from their file."""

from __future__ import annotations

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.texts import Lang, Sentences

NOT_RECORDED = "not_recorded"


say = Sentences("risicoscreener.conduct").say


def say_grade(grade: str | None, lang: Lang) -> str:
    """What a grade is called, or that there is none."""
    return say("grade", grade or NOT_RECORDED, lang)


def code_label(vocabulary: str, code: str, lang: Lang) -> str:
    """What a code of the dossier is called."""
    return vocabularies()[vocabulary].label(code, lang)
