"""How facts and values are said: names of tables, fields and units, in Dutch and in English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from risicoscreener.dossier.schema import Column
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.features.definition import GIVEN, OF_FEATURES, Feature
from risicoscreener.texts import Lang, Sentences, check_language

SENTENCES = Sentences("risicoscreener.features")
say = SENTENCES.say


def table_label(table: str, lang: str) -> str:
    """What a table is called."""
    own = SENTENCES.entries["table"].get(table)
    return own[check_language(lang)] if own else vocabularies()["subject"].label(table, lang)


def field_label(name: str, lang: str) -> str:
    """What a field is called."""
    return SENTENCES.entries["field"].get(name, {}).get(check_language(lang), name)


def unit_label(unit: str, lang: str) -> str:
    """What a unit is called: definitions name it in English; one not known stays as it is."""
    return SENTENCES.entries["unit"].get(unit, {}).get(check_language(lang), unit)


def group_label(group: str, lang: str) -> str:
    """What a group of features is called; one that has no name stays as it is."""
    return SENTENCES.entries["group"].get(group, {}).get(check_language(lang), group)


def label(section: str, key: str, lang: str) -> str:
    """What a group, a sensitivity or a direction of features is called."""
    return SENTENCES.entries[section][key][check_language(lang)]


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


def formula(feature: Feature) -> str:
    """The definition on one line, in the words of the algebra and the schema."""
    if feature.aggregate in OF_FEATURES:
        text = _of_features(feature)
    elif feature.aggregate == GIVEN:
        text = f"given as {feature.field}"
    else:
        inside = [feature.table or "person", *_conditions(feature), *_window(feature)]
        of = f" of {feature.field}" if feature.field else ""
        by = f" by {feature.kernel}" if feature.kernel else ""
        text = f"{feature.aggregate}{of}{by} in {', '.join(inside)}"
    if feature.values:
        text += f"; {', '.join(f'{code} = {_short(v)}' for code, v in feature.values.items())}"
    return text if feature.cap is None else f"{text}; at most {_short(feature.cap)}"


def _of_features(feature: Feature) -> str:
    if feature.aggregate == "ratio":
        scale = "" if feature.scale == 1.0 else f"{_short(feature.scale)} * "
        text = f"{scale}{feature.numerator} / {feature.denominator}"
        if feature.none_value is None:
            return text
        return f"{text}; {_short(feature.none_value)} if {feature.denominator} <= 0"
    if feature.aggregate == "linear":
        terms = [_term(coefficient, name) for name, coefficient in feature.terms.items()]
        constant = [_short(feature.constant)] if feature.constant else []
        return " + ".join([*constant, *terms]).replace("+ -", "- ")
    parts = []
    for case in feature.cases:
        low, high = f"{_short(case.low)} <= ", f" <= {_short(case.high)}"
        low, high = (
            low if case.low > float("-inf") else "",
            high if case.high < float("inf") else "",
        )
        parts.append(f"{_short(case.value)} if {low}{case.feature}{high}")
    if feature.otherwise is not None:
        parts.append(f"otherwise {_short(feature.otherwise)}")
    if feature.requires:
        parts.append(f"requires {', '.join(feature.requires)}")
    return "; ".join(parts)


def _term(coefficient: float, name: str) -> str:
    if abs(coefficient) == 1.0:
        return name if coefficient > 0 else f"-{name}"
    return f"{_short(coefficient)} * {name}"


def _conditions(feature: Feature) -> list[str]:
    found = ["open"] if feature.open else []
    for name, test in feature.where.items():
        if isinstance(test, list):
            found.append(f"{name} in {' '.join(test)}")
        elif isinstance(test, dict):
            found += [f"{name} {_SIGN[end]} {_limit(limit)}" for end, limit in test.items()]
        else:
            found.append(f"{name} {test}".replace(" True", " true").replace(" False", " false"))
    return found


_SIGN = {"min": ">=", "max": "<="}


def _window(feature: Feature) -> list[str]:
    found = [f"by {feature.on}"] if feature.on else []
    if feature.window_days is not None:
        until = f"{feature.skip_days} to " if feature.skip_days else "less than "
        found.append(f"{until}{feature.window_days} days ago")
    elif feature.skip_days:
        found.append(f"at least {feature.skip_days} days ago")
    if feature.bin_days is not None:
        found.append(f"bins of {feature.bin_days} days")
    return [*found, "since arrival"] if feature.since_arrival else found


def _limit(value: float | dt.date) -> str:
    return value.isoformat() if isinstance(value, dt.date) else _short(value)


def _short(value: float) -> str:
    return "unknown" if value != value else f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
