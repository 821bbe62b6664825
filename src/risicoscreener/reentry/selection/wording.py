"""The sentences of the selection model, from their file."""

from __future__ import annotations

from risicoscreener.evaluation.figure import number
from risicoscreener.features.catalogue import catalogue
from risicoscreener.reentry.selection.aids import RISK
from risicoscreener.texts import Lang, Sentences

say = Sentences("risicoscreener.reentry.selection").say


def per_hundred(value: float, lang: Lang) -> str:
    """A difference of shares as people of a hundred, with one decimal."""
    return number(100 * value, 1, lang)


def feature_label(name: str, lang: Lang) -> str:
    """What a modifier is called."""
    return say("feature", RISK, lang) if name == RISK else catalogue()[name].text[lang]
