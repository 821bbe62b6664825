"""Whether what is given is what a purpose names: tables, columns, rows, and the values in them."""

from __future__ import annotations

from functools import cache
from typing import Any, get_type_hints

import msgspec

from risicoscreener.dossier.problems import on_one_line
from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import id_column, persons, tables
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing.purposes import PERSONS, Purpose
from risicoscreener.reentry.sharing.view import SCREENING, rows_in


def check_names(content: dict[str, Any], purpose: Purpose) -> None:
    """Raise ReentryError for a column, or an extract, that a purpose does not name."""
    beyond = [SCREENING] if SCREENING in content and not purpose.extract else []
    for table in content.keys() - {SCREENING}:
        names = set[str]().union(*rows_in(content, table))
        beyond += [f"{table}.{name}" for name in names.difference(purpose.fields.get(table, ()))]
    if beyond:
        beyond.sort()
        named = {*purpose.named, *((SCREENING,) if purpose.extract else ())}
        raise ReentryError(
            f"{purpose.recipient}/{purpose.id} does not name {on_one_line(beyond[0])}; expected "
            f"only {', '.join(sorted(named))}"
        )


def check_content(content: dict[str, Any], fields: tuple[str, ...], purpose: Purpose) -> None:
    """Raise ReentryError unless content has just these fields, with values that a dossier can have.

    Parameters
    ----------
    content
        Per table its rows, as plain values; ``persons`` is one row.
    fields
        What can be in it, as ``table.column``: none that the purpose does not name.
    """
    where = f"{purpose.recipient}/{purpose.id}"
    beyond = [field for field in fields if field not in purpose.named]
    if beyond or len(set(fields)) < len(fields):
        got = beyond[0] if beyond else "a field twice"
        raise ReentryError(
            f"{where} does not name {on_one_line(got)}; expected of {', '.join(purpose.named)}"
        )
    named: dict[str, list[str]] = {}
    for field in fields:
        table, name = field.split(".")
        named.setdefault(table, []).append(name)
    given = set(content) - {SCREENING}
    if given != set(named):
        differs = sorted(given ^ set(named))[0]
        raise ReentryError(
            f"{where}: table {differs!r} is there or lacking; expected {', '.join(named)}"
        )
    for table, names in named.items():
        _check_table(content[table], table, tuple(names), purpose)


def _check_table(given: Any, table: str, names: tuple[str, ...], purpose: Purpose) -> None:
    where = f"{purpose.recipient}/{purpose.id}: {table}"
    kind = _row_type(table, names)
    try:
        msgspec.convert(given, kind if table == PERSONS else list[kind])  # type: ignore[valid-type]
    except msgspec.ValidationError as error:
        raise ReentryError(f"{where}: {on_one_line(str(error))}") from None
    rows = [given] if table == PERSONS else given
    if table in purpose.last and len(rows) > 1:
        raise ReentryError(f"{where} has {len(rows)} rows; expected the last only")
    for row in rows:
        empty = [name for name, value in row.items() if value is None]
        if empty:
            raise ReentryError(f"{where}.{empty[0]} is null; expected it left out")
        for name, values in purpose.where.get(table, {}).items():
            if name in row and row[name] not in values:
                there = ", ".join(map(str, values))
                raise ReentryError(f"{where}.{name} is {row[name]!r}; expected one of {there}")


@cache
def _row_type(table: str, names: tuple[str, ...]) -> type[msgspec.Struct]:
    """A row with some columns of a table, of the types that they have in a dossier."""
    row = persons().row if table == PERSONS else tables()[table].row
    hints = get_type_hints(row, include_extras=True)
    first = id_column().name
    hints[first] = get_type_hints(Dossier, include_extras=True)[first]
    needed = table == PERSONS
    return msgspec.defstruct(
        table.title(),
        [(name, hints[name]) if needed else (name, hints[name], None) for name in names],
        kw_only=True,
        forbid_unknown_fields=True,
    )
