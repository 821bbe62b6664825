"""A dossier as a form, and what the form says as a dossier: for the page to try a case by hand."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct

from risicoscreener.dossier.schema import Column, TableSpec, persons, tables
from risicoscreener.errors import DossierError, RisicoscreenerError
from risicoscreener.reentry.sharing.purposes import NEVER_SHARED, PERSONS, columns_of
from risicoscreener.reentry.sharing.wording import field_label, table_label, value_label
from risicoscreener.screening import Screener, ScreeningResult
from risicoscreener.screening.explanation import Explanation, explain
from risicoscreener.screening.render import say_outcome
from risicoscreener.serve.wording import say
from risicoscreener.texts import Lang

EXAMPLES = ("grant", "deny", "deep_assessment")
MOST_ROWS = 500
_PLACE = re.compile("[0-9]{1,4}")
Plain = dict[str, Any]


class Field(Struct, frozen=True):
    """One input of the form."""

    name: str
    label: str
    kind: str
    value: str
    options: tuple[tuple[str, str], ...] = ()


class Row(Struct, frozen=True):
    """A row of a table in the form; the last one of each is empty, for a new fact."""

    title: str
    fields: tuple[Field, ...]


class Table(Struct, frozen=True):
    """A table in the form."""

    name: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]


class Tried(Struct, frozen=True, kw_only=True):
    """What came of a case: an explanation, or what is wrong with the dossier."""

    explanation: Explanation | None = None
    faults: tuple[str, ...] = ()


class Difference(Struct, frozen=True):
    """Something that differs between the example and the case."""

    what: str
    before: str
    now: str


@cache
def example(name: str) -> str:
    """A made-up dossier that comes with the package, as JSON."""
    return (files("risicoscreener.serve") / "page" / f"{name}.json").read_text("utf-8")


def form_of(plain: Plain, lang: Lang) -> tuple[Table, ...]:
    """The form that has the facts of a dossier."""
    person = Table(
        PERSONS,
        table_label(PERSONS, lang),
        _headings(PERSONS, persons(), lang),
        (_row(PERSONS, persons(), 0, plain["person"], lang),),
    )
    listed = [person]
    for name, spec in tables().items():
        if name in NEVER_SHARED:
            continue
        rows = [*plain.get(name, []), {}]
        listed.append(
            Table(
                name,
                say("page", "rows", lang, table=table_label(name, lang), n=len(rows) - 1),
                _headings(name, spec, lang),
                tuple(
                    _row(name, spec, i, row, lang, new=i == len(rows) - 1)
                    for i, row in enumerate(rows)
                ),
            )
        )
    return tuple(listed)


def _columns(table: str, spec: TableSpec) -> list[Column]:
    return [spec.columns[name] for name in columns_of(table) if name in spec.columns]


def _headings(table: str, spec: TableSpec, lang: Lang) -> tuple[str, ...]:
    return tuple(field_label(table, column.name, lang) for column in _columns(table, spec))


def _row(
    table: str, spec: TableSpec, place: int, row: Plain, lang: Lang, *, new: bool = False
) -> Row:
    title = say("page", "new_row", lang) if new else say("page", "row", lang, n=place + 1)
    fields = tuple(
        Field(
            f"{table}.{place}.{column.name}",
            f"{field_label(table, column.name, lang)}, {title}",
            column.kind,
            _typed(row.get(column.name)),
            _options(table, column, lang),
        )
        for column in _columns(table, spec)
    )
    return Row(title, fields)


def _typed(value: Any) -> str:
    """A value as somebody would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _options(table: str, column: Column, lang: Lang) -> tuple[tuple[str, str], ...]:
    if column.kind == "flag":
        return (("true", say("page", "yes", lang)), ("false", say("page", "no", lang)))
    return tuple((code, value_label(table, column.name, code, lang)) for code in column.codes)


def dossier_of(given: Mapping[str, str]) -> Plain:
    """The dossier that a form says; what is no number stays text, to be refused by its name.

    Raises
    ------
    DossierError
        If there are more rows than anybody fills in.
    """
    plain: Plain = {"person_id": given.get("person_id", ""), "person": {}}
    rows: dict[tuple[str, int], Plain] = {}
    for name, value in given.items():
        table, _, rest = name.partition(".")
        place, _, field = rest.partition(".")
        spec = persons() if table == PERSONS else tables().get(table)
        if spec is None or field not in spec.columns or not _PLACE.fullmatch(place):
            continue
        if int(place) >= MOST_ROWS:
            raise DossierError(
                f"{table} has more than {MOST_ROWS} rows; expected at most that many"
            )
        if value.strip():
            row = rows.setdefault((table, int(place)), {})
            row[field] = _value(spec.columns[field], value.strip())
    for (table, _), row in sorted(rows.items()):
        if table == PERSONS:
            plain["person"] = row
        elif table not in NEVER_SHARED and set(row) != {"recorded_at"}:
            plain.setdefault(table, []).append(row)
    return plain


def _value(column: Column, text: str) -> Any:
    if column.kind == "flag":
        return {"true": True, "false": False}.get(text, text)
    try:
        if column.kind == "integer":
            return int(text)
        if column.kind == "number":
            return float(text)
    except ValueError:
        return text
    return text


def tried(screener: Screener, plain: Plain, decision: str, as_of: dt.date | str | None) -> Tried:
    """What comes of a dossier."""
    try:
        found = explain(
            json.dumps(plain).encode(), decision, as_of=as_of or None, screener=screener
        )
    except RisicoscreenerError as error:
        problems = [str(problem) for problem in getattr(error, "problems", ())]
        return Tried(faults=tuple(problems or [str(error)]))
    return Tried(explanation=found)


def differences(before: Plain, now: Plain, lang: Lang) -> list[Difference]:
    """The facts that differ between two dossiers, in the order of the form."""
    found = _between(PERSONS, before["person"], now["person"], lang, "")
    for name in tables():
        if name in NEVER_SHARED:
            continue
        old, new = before.get(name, []), now.get(name, [])
        if old == new:
            continue
        for place in range(max(len(old), len(new))):
            one = old[place] if place < len(old) else {}
            other = new[place] if place < len(new) else {}
            title = say("page", "row", lang, n=place + 1)
            found += _between(name, one, other, lang, f", {title}")
    return found


def _between(table: str, old: Plain, new: Plain, lang: Lang, row: str) -> list[Difference]:
    spec = persons() if table == PERSONS else tables()[table]
    return [
        Difference(
            f"{table_label(table, lang)}{row}: {field_label(table, column.name, lang)}",
            _said(table, column.name, old.get(column.name), lang),
            _said(table, column.name, new.get(column.name), lang),
        )
        for column in _columns(table, spec)
        if old.get(column.name) != new.get(column.name)
    ]


def _said(table: str, name: str, value: Any, lang: Lang) -> str:
    if value is None:
        return say("page", "nothing", lang)
    try:
        return value_label(table, name, value, lang)
    except (KeyError, ValueError):
        return str(value)


def outcomes(before: ScreeningResult, now: ScreeningResult, lang: Lang) -> list[Difference]:
    """Outcome and probabilities of both."""
    found = [
        Difference(
            say("page", "outcome", lang),
            say_outcome(before, before.outcome, lang),
            say_outcome(now, now.outcome, lang),
        )
    ]
    old = {model.name: model.probability for model in before.models}
    found += [
        Difference(
            say("page", "probability", lang, model=model.outcome.text(lang)),
            f"{old[model.name]:.1%}",
            f"{model.probability:.1%}",
        )
        for model in now.models
        if model.name in old
    ]
    return found
