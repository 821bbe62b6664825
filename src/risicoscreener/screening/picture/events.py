"""Facts one by one, in the order in which they were recorded, and the file that holds them.

Each line of the file is one JSON object:

``{"person_id": "SYN-000001", "person": {…}}``
    Who it is about; the first line, and only there.
``{"table": "conduct", "fact": {…}}``
    A fact, with the fields of the table in a dossier. A correction is a fact too.
``{"advance_to": "2021-07-01"}``
    Nothing happened, and the day has come.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from msgspec import Struct

from risicoscreener.dossier.reading import read_dossier
from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DossierError
from risicoscreener.strict_json import read_json

MAX_BYTES = 20_000_000
"""A file of events larger than this is refused."""


class Event(Struct, frozen=True):
    """One fact that arrives: the table it belongs to, and the fact as a record or plain values."""

    table: str
    fact: Any


Happening: TypeAlias = Event | dt.date
"""A fact that arrives, or a day that has come."""


class FactRef(Struct, frozen=True):
    """Where a fact stands in the dossier, and since when it is known."""

    table: str
    position: int
    recorded_at: dt.date


@dataclass(frozen=True)
class EventFile:
    """What a file of events holds.

    Attributes
    ----------
    person
        A dossier without facts.
    events
        The facts and days, in the order of the file.
    """

    person: Dossier
    events: tuple[Happening, ...]


def read_events(data: bytes | str, origin: str = "events") -> EventFile:
    """The events in the text of a file.

    Parameters
    ----------
    data
        JSON lines in UTF-8.
    origin
        Names the file in errors.

    Raises
    ------
    DossierError
        Naming the line and what was expected there. Facts are read when they are added to a
        picture.
    """
    if len(data) > MAX_BYTES:
        raise DossierError(f"{origin} is larger than {MAX_BYTES:,}; expected the events of one")
    lines = list(_objects(data, origin))
    if not lines:
        raise DossierError(f"{origin} is empty; expected a first line with person_id and person")
    (number, first), *rest = lines
    if set(first) != {"person_id", "person"}:
        raise DossierError(
            f"{origin}, line {number}: {_keys(first)}; expected person_id and person, who it is "
            "about"
        )
    person = read_dossier(first)
    return EventFile(person, tuple(_happening(plain, n, origin) for n, plain in rest))


def _objects(data: bytes | str, origin: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The object in each line that is not blank, with the number of the line."""
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        raise DossierError(f"{origin} is not UTF-8: {error}") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value, repeated = read_json(line)
        except (ValueError, RecursionError) as error:
            raise DossierError(f"{origin}, line {number} is not JSON: {error}") from None
        if not isinstance(value, dict):
            raise DossierError(f"{origin}, line {number}: expected an object, with table and fact")
        if repeated:
            raise DossierError(f"{origin}, line {number}: {repeated[0].key!r} is there twice")
        yield number, value


def _happening(plain: Mapping[str, Any], number: int, origin: str) -> Happening:
    place = f"{origin}, line {number}"
    if set(plain) == {"advance_to"}:
        return _day(plain["advance_to"], "advance_to", place)
    if set(plain) != {"table", "fact"}:
        raise DossierError(f"{place}: {_keys(plain)}; expected table and fact, or advance_to")
    table, fact = plain["table"], plain["fact"]
    check_table(table, place)
    if not isinstance(fact, dict):
        raise DossierError(f"{place}: the fact is {fact!r}; expected an object")
    _day(fact.get("recorded_at"), "recorded_at", place)
    return Event(table, fact)


def check_table(table: Any, place: str) -> None:
    """Refuse a table that a dossier does not have.

    Raises
    ------
    DossierError
        Naming the place.
    """
    if not isinstance(table, str) or table not in tables():
        raise DossierError(f"{place}: table {table!r}; expected one of {', '.join(tables())}")


def _day(given: Any, name: str, place: str) -> dt.date:
    try:
        return dt.date.fromisoformat(given)
    except (TypeError, ValueError):
        raise DossierError(f"{place}: {name} is {given!r}; expected a day as YYYY-MM-DD") from None


def _keys(plain: Mapping[str, Any]) -> str:
    return f"it has {', '.join(map(str, plain)) or 'no keys'}"
