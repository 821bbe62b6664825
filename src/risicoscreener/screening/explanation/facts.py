"""The facts that counted, each once, with who holds them and how a correction is asked for."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from risicoscreener.dossier.schema import tables
from risicoscreener.features.lineage import lineage
from risicoscreener.features.wording import field_label, say_value, table_label
from risicoscreener.screening.explanation.explanation import FactUsed
from risicoscreener.screening.explanation.wording import disputes, say
from risicoscreener.screening.render import say_date
from risicoscreener.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from risicoscreener.dossier import Dossier
    from risicoscreener.dossier.schema import Column
    from risicoscreener.features import Catalogue
    from risicoscreener.features.lineage import Lineage, LineageRow
    from risicoscreener.texts import Lang

FEW = 4
"""So many facts that are alike are told in one line."""


def facts_behind(
    dossier: Dossier, day: dt.date, features: Iterable[str], definitions: Catalogue
) -> tuple[FactUsed, ...]:
    """The facts that some features rest on, in the order of the dossier."""
    rows: dict[tuple[str, int], LineageRow] = {}
    used: dict[tuple[str, int], dict[Texts, None]] = {}
    for name in features:
        if name not in definitions:
            continue
        feature = definitions[name]
        text = Texts(nl=feature.text["nl"], en=feature.text["en"])
        for row in _rows(lineage(dossier, name, day, definitions)):
            place = (row.table, row.position)
            fields = rows[place].fields if place in rows else {}
            rows[place] = row
            rows[place].fields.update({**fields, **row.fields})
            used.setdefault(place, {})[text] = None
    order = {name: i for i, name in enumerate(tables())}
    return tuple(
        _fact(rows[place], tuple(used[place]))
        for place in sorted(rows, key=lambda p: (order[p[0]], p[1]))
    )


def told_once(facts: Iterable[FactUsed], lang: Lang) -> list[tuple[str, FactUsed]]:
    """Each fact in words with the day since when it is known; many that are alike in one line."""
    alike: dict[tuple[str, Texts, tuple[Texts, ...]], list[FactUsed]] = {}
    for fact in facts:
        alike.setdefault((fact.table, fact.kind, fact.used_for), []).append(fact)
    told = []
    for listed in alike.values():
        if len(listed) < FEW:
            told += [(_known_since(fact, lang), fact) for fact in listed]
        else:
            told.append((_all_of(listed, lang), listed[0]))
    return told


def _known_since(fact: FactUsed, lang: Lang) -> str:
    day = say_date(fact.recorded_at, lang)
    return say("fact", "one", lang, text=fact.text.text(lang), day=day)


def _all_of(listed: list[FactUsed], lang: Lang) -> str:
    days = sorted(fact.recorded_at for fact in listed)
    span = {"first": say_date(days[0], lang), "last": say_date(days[-1], lang)}
    kind = listed[0].kind.text(lang)
    return say("fact", "many", lang, n=len(listed), kind=kind, **span)


def _rows(found: Lineage) -> Iterator[LineageRow]:
    """The facts of a value and of the values that it is made of, inquiries left out."""
    for row in found.rows:
        if row.table != "inquiries":
            yield row
    for made_of in found.inputs:
        yield from _rows(made_of)


def _fact(row: LineageRow, used_for: tuple[Texts, ...]) -> FactUsed:
    dispute = disputes()[row.table]
    said = {lang: _said(row, lang) for lang in LANGUAGES}
    kind = {lang: _said(row, lang, dates=False) for lang in LANGUAGES}
    return FactUsed(
        table=row.table,
        position=row.position,
        recorded_at=row.recorded_at,
        text=Texts(nl=said["nl"], en=said["en"]),
        kind=Texts(nl=kind["nl"], en=kind["en"]),
        used_for=used_for,
        holder=dispute.holder,
        how=dispute.how,
        source=dispute.source,
        to_verify=dispute.to_verify,
    )


def _said(row: LineageRow, lang: Lang, *, dates: bool = True) -> str:
    """A fact in words: its table and the fields that counted."""
    columns = tables()[row.table].columns
    fields = "; ".join(
        f"{field_label(name, lang)} {_value(columns[name], value, lang)}"
        for name, value in row.fields.items()
        if value is not None and (dates or columns[name].kind != "date")
    )
    table = table_label(row.table, lang)
    return f"{table} ({fields})" if fields else table


def _value(column: Column, value: object, lang: Lang) -> str:
    return say_date(value, lang) if isinstance(value, dt.date) else say_value(column, value, lang)
