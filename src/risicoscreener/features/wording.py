"""How facts and values are said: names of tables, fields and units, in Dutch and in English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from risicoscreener.dossier.schema import Column
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.texts import Lang, check_language


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    path = files("risicoscreener.features") / "texts.toml"
    return tomllib.loads(path.read_text("utf-8"))


def say(section: str, key: str, lang: Lang, **values: Any) -> str:
    """A sentence of the text file with its values filled in."""
    return _texts()[section][key][lang].format(**values)


def table_label(table: str, lang: str) -> str:
    """What a table is called."""
    own = _texts()["table"].get(table)
    return own[check_language(lang)] if own else vocabularies()["subject"].label(table, lang)


def field_label(name: str, lang: str) -> str:
    """What a field is called."""
    return _texts()["field"].get(name, {}).get(check_language(lang), name)


def unit_label(unit: str, lang: str) -> str:
    """What a unit is called: definitions name it in English; one not known stays as it is."""
    return _texts()["unit"].get(unit, {}).get(check_language(lang), unit)


def label(section: str, key: str, lang: str) -> str:
    """What a group, a sensitivity or a direction of features is called."""
    return _texts()[section][key][check_language(lang)]


def say_number(value: float, lang: Lang) -> str:
    """A number in at most two decimals, with the decimal mark of the language."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if lang == "nl" else text


def say_value(column: Column, value: Any, lang: Lang) -> str:
    """The value of a field of a fact."""
    if column.kind == "flag":
        return say("phrase", "yes" if value else "no", lang)
    if column.kind == "code":
        return _labels(column)[value][lang]
    if column.kind in ("integer", "number"):
        return say_number(float(value), lang)
    return str(value)


def _labels(column: Column) -> Mapping[str, dict[str, str]]:
    return next(v.texts for v in vocabularies().values() if v.codes == column.codes)
