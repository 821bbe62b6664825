"""What the fields of a cohort mean: from the schema, and those of the truth from a file."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct

from risicoscreener.dossier.schema import Column, TableSpec, persons, tables
from risicoscreener.dossier.vocabulary import Vocabulary, vocabularies
from risicoscreener.synthetic.cohort import DOSSIERS, TRUTH


class Field(Struct, frozen=True, forbid_unknown_fields=True):
    """A field of a table: its name, its kind, its unit (empty if it has none), what it means."""

    name: str
    kind: str
    unit: str
    meaning: str


@cache
def card_texts() -> dict[str, Any]:
    """The texts of data cards."""
    text = (files("risicoscreener.synthetic.storing") / "card.toml").read_text("utf-8")
    return tomllib.loads(text)


def table_meaning(table: str) -> str:
    """What a table such as ``dossiers/debts`` or ``truth/persons`` holds, in a sentence or two."""
    group, _, name = table.partition("/")
    if group == TRUTH:
        return str(card_texts()["tables"][name])
    return (_spec(name).row.__doc__ or "").split("\n")[0]


def field(table: str, name: str, kind: str) -> Field:
    """A field of a table such as ``dossiers/debts``.

    Parameters
    ----------
    kind
        Kind of its values; of dossiers the schema says more.
    """
    group, _, table_name = table.partition("/")
    if group == DOSSIERS and (column := _spec(table_name).columns.get(name)) is not None:
        return Field(name, _kind(column), unit(name), _of_dossier(column))
    own = card_texts()[DOSSIERS if group == DOSSIERS else table_name]
    return Field(name, "text" if kind == "person" else kind, unit(name), _meaning(own, name))


def unit(name: str) -> str:
    """Unit of a field by its name; empty if it has none."""
    found = (said for pattern, said in card_texts()["units"].items() if re.search(pattern, name))
    return next(found, "")


def _spec(table: str) -> TableSpec:
    return persons() if table == "persons" else tables()[table]


def _kind(column: Column) -> str:
    return {"date": "day"}.get(column.kind, column.kind)


def _of_dossier(column: Column) -> str:
    """What the schema says of a field."""
    meanings = card_texts()[DOSSIERS]
    said = [meanings[column.name]] if column.name in meanings else []
    if column.kind == "code":
        vocabulary = _vocabulary(column)
        said += [f"{vocabulary.title['en'].lower()}, a code of `{vocabulary.name}`"]
    if column.low is not None and column.high is not None:
        said.append(f"from {column.low:,.10g} to {column.high:,.10g}")
    if column.known_from is not None:
        of_itself = column.known_from == column.name
        said.append(f"known from {'that day' if of_itself else f'`{column.known_from}`'}")
    if not column.required and column.default is None:
        said.append("may be absent")
    return "; ".join(said)


def _vocabulary(column: Column) -> Vocabulary:
    return next(found for found in vocabularies().values() if found.codes == column.codes)


def _meaning(meanings: dict[str, str], name: str) -> str:
    """What a field means; empty if the file does not say."""
    for template, meaning in meanings.items():
        if found := re.fullmatch(_pattern(template), name):
            stands_for = card_texts()["stands_for"]
            said = {what: stands_for[what][value] for what, value in found.groupdict().items()}
            return meaning.format(**said)
    return ""


@cache
def _pattern(template: str) -> str:
    """A regular expression for the names of which a template stands for each."""
    pattern = template
    for what, values in card_texts()["stands_for"].items():
        pattern = pattern.replace(f"{{{what}}}", f"(?P<{what}>{'|'.join(values)})")
    return pattern
