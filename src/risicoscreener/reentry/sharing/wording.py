"""The sentences of sharing, and what tables, fields and codes of a dossier are called in it."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from risicoscreener.dossier.schema import persons, tables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.texts import Lang, Sentences

_SENTENCES = Sentences("risicoscreener.reentry.sharing")
say = _SENTENCES.say


def table_label(table: str, lang: Lang) -> str:
    """What a table is called."""
    label: str = _SENTENCES.entries["table"][table][lang]
    return label


def field_label(table: str, name: str, lang: Lang) -> str:
    """What a field is called: by its own name, or by that in its table where it differs."""
    own = _SENTENCES.entries.get("field_of", {}).get(table, {})
    label: str = own.get(name, _SENTENCES.entries["field"].get(name, {}))[lang]
    return label


@cache
def code_vocabulary(table: str, name: str) -> str:
    """The vocabulary of a field that holds codes."""
    spec = persons() if table == "persons" else tables()[table]
    codes = spec.columns[name].codes
    return next(key for key, one in vocabularies().items() if one.codes == codes)


def value_label(table: str, name: str, value: Any, lang: Lang) -> str:
    """A value of a field as people read it."""
    if isinstance(value, bool):
        return say("value", "yes" if value else "no", lang)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dt.date) or not isinstance(value, str):
        return str(value)
    spec = persons() if table == "persons" else tables()[table]
    column = spec.columns.get(name)
    if column is None or not column.codes:
        return value
    return vocabularies()[code_vocabulary(table, name)].label(value, lang)
