"""What parts of streams and columns of groups are called, for people who do not read code."""

from __future__ import annotations

from risicoscreener.features.catalogue import catalogue
from risicoscreener.monitoring.baseline import BETWEEN, NOT_KNOWN, SCORE
from risicoscreener.monitoring.wording import tell

WORDS = ("support", "outcomes", "overrides")
"""Kinds whose parts are words of the library."""
OF_PEOPLE = ("prison", "sex")
"""Columns of groups that a table of a record has."""


def part_name(kind: str, part: str, lang: str) -> str:
    """A part of a stream, such as a bin of a feature, in ``nl`` or ``en``."""
    if kind in WORDS:
        return tell(part, lang, topic="part")
    if kind == "missing":
        return feature_name(part, lang)
    column, _, values = part.rpartition(": ")
    name = tell(SCORE, lang, topic="part") if column == SCORE else feature_name(column, lang)
    return f"{name}: {_values(values, lang)}"


def feature_name(name: str, lang: str) -> str:
    """What a feature is, with its name; of one that is not in the catalogue its name."""
    known = catalogue()
    return f"{known[name].text[lang]} ({name})" if name in known else name


def column_name(name: str, lang: str) -> str:
    """A column of groups; one of a table that is not known here keeps its name."""
    return tell(name, lang, topic="column") if name in OF_PEOPLE else name


def _values(values: str, lang: str) -> str:
    """The values of a bin."""
    if values in (NOT_KNOWN, "any"):
        return tell(values, lang, topic="part")
    for sign, said in (("< ", "below"), (">= ", "from")):
        if values.startswith(sign):
            return tell(said, lang, topic="part", value=values.removeprefix(sign))
    low, _, high = values.partition(BETWEEN)
    return tell("between", lang, topic="part", low=low, high=high)
