"""The schema as lines of text, by which the compiled library reads one dossier.

It says of a dossier that it is sound, and has its columns, or that it does not know; then
`reading` looks, and says what is wrong. What is handed over is read off `schema`, so that a field
or a rule is stated once.
"""

from __future__ import annotations

import datetime as dt
from ctypes import c_char_p, c_double, c_int32, c_size_t, c_void_p
from dataclasses import dataclass
from functools import cache, cached_property
from math import inf
from typing import TYPE_CHECKING

from risicoscreener.dossier.schema import (
    EARLIEST,
    LATEST,
    Column,
    TableSpec,
    day_number,
    id_column,
    persons,
    tables,
)
from risicoscreener.dossier.stays import TABLE as STAYS
from risicoscreener.native import library
from risicoscreener.native.handle import Handle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.dossier.agreements import Agreement
    from risicoscreener.native import Library

KINDS_OF_COLUMNS = {
    "date": "days",
    "code": "codes",
    "flag": "codes",
    "integer": "numbers",
    "number": "numbers",
    "text": "texts",
}
"""In which columns of the library a field of a kind stands."""

_BOUNDS = ("-25567", "84005")
_PATTERN = r"^[A-Za-z0-9._:\-]{1,64}\Z"
_LINKS = ("fact_id", "supersedes")
_MOST = 63
"""Fields of a table, tables, and codes of a vocabulary: they are bits of one number."""


class _UnfitError(Exception):
    """The schema has something that the library cannot hold."""


@dataclass(frozen=True)
class Columns:
    """Where the fields of a table stand in the library."""

    spec: TableSpec

    @cached_property
    def places(self) -> dict[str, int]:
        """Place of each field among the columns of its kind."""
        count = dict.fromkeys(KINDS_OF_COLUMNS.values(), 0)
        found = {}
        for name, column in self.spec.columns.items():
            kind = KINDS_OF_COLUMNS[column.kind]
            found[name] = count[kind]
            count[kind] += 1
        return found

    def day(self, name: str) -> int:
        """Place of a day among the days."""
        if self.spec.columns[name].kind != "date":
            raise _UnfitError(name)
        return self.places[name]

    def number(self, name: str) -> int:
        """Place of a field among all fields."""
        return list(self.spec.columns).index(name)


@cache
def schema_text() -> bytes | None:
    """The schema for `rs_reader_new`; ``None`` if it has what the library cannot hold."""
    try:
        return "\n".join(_lines()).encode("ascii")
    except _UnfitError:
        return None


def _lines() -> list[str]:
    bounds = tuple(str(day_number(day)) for day in (EARLIEST, LATEST))
    if bounds != _BOUNDS or id_column().pattern != _PATTERN:
        raise _UnfitError("days or ids")
    stays, person = Columns(tables()[STAYS]), Columns(persons())
    ends = (list(tables()).index(STAYS), stays.day("arrived_on"), stays.day("released_on"))
    top = ["person_id", "person", "schema_version", *tables()]
    lines = [_line("top", _words(top)), _line("ends", *ends, person.day("birth_date"))]
    for spec in (persons(), *tables().values()):
        lines += _table(Columns(spec))
    return lines


def _line(*parts: object) -> str:
    return "|".join(map(str, parts))


def _words(words: Sequence[str]) -> str:
    plain = all(word.isascii() and word.replace("_", "").isalnum() for word in words)
    if len(words) > _MOST or not plain:
        raise _UnfitError(words)
    return ",".join(words)


def _pairs(pairs: Sequence[tuple[object, object]]) -> str:
    return ",".join(f"{a}>{b}" for a, b in pairs)


def _table(columns: Columns) -> list[str]:
    spec, links = columns.spec, [0] * 5
    if spec.starts is not None:
        names = ("fact_id", "supersedes", "void")
        days = [columns.day(spec.starts), columns.day("recorded_at")]
        links = [*days, *(columns.places[name] for name in names)]
    order = [(columns.day(a), columns.day(b)) for a, b in spec.order]
    dated = [(columns.number(field), columns.day(day)) for field, day in spec.dated]
    return [
        _line("table", _words(list(spec.columns)), *links, _pairs(order), _pairs(dated)),
        *(_field(columns, column) for column in spec.columns.values()),
        *(_agreement(columns, one) for one in spec.agreements),
    ]


def _field(columns: Columns, column: Column) -> str:
    if column.kind == "text" and column.pattern != _PATTERN:
        raise _UnfitError(column.name)
    if column.default is not None and column.kind not in ("code", "flag"):
        raise _UnfitError(column.name)
    fallback = -1
    if column.default is not None:
        fallback = column.codes.index(column.default) if column.codes else int(column.default)
    return _line(
        "field",
        column.kind,
        columns.places[column.name],
        int(column.required),
        int(not column.required and column.default is None),
        int(column.name in _LINKS),
        fallback,
        -inf if column.low is None else column.low,
        inf if column.high is None else column.high,
        _words(column.codes),
    )


def _agreement(columns: Columns, one: Agreement) -> str:
    spec = columns.spec
    conditions = [
        (columns.number(name), _bits(spec.columns[name], codes)) for name, codes in one.where
    ]
    return _line(
        "agreement",
        columns.number(one.field),
        _pairs(conditions),
        int(one.needed),
        _bits(spec.columns[one.field], one.codes),
        -1 if one.at_most is None else columns.number(one.at_most),
        -inf if one.low is None else one.low,
    )


def _bits(column: Column, codes: Sequence[str]) -> int:
    """Some codes of a field as bits; 0 for none, which is any value at all."""
    return sum(1 << column.codes.index(code) for code in codes)


class Reader(Handle):
    """The reader of the library, for all threads.

    `numbers` is there to compare it with `reading`; a screening hands the reader itself on.
    """

    def __init__(self, library: Library, text: bytes) -> None:
        new = library.quick.rs_reader_new
        new.argtypes, new.restype = [c_char_p, c_size_t], c_void_p
        super().__init__(library, new(text, len(text)), "rs_reader_free")
        self._numbers = library.quick.rs_reader_numbers
        self._numbers.argtypes = [c_void_p, c_char_p, c_size_t, c_int32, c_void_p, c_size_t]
        self._numbers.restype = c_int32

    def numbers(self, data: bytes, last: dt.date) -> list[float] | None:
        """The columns of a dossier as numbers; ``None`` if Python has to look.

        Parameters
        ----------
        last
            Last day on which a fact can have been recorded.
        """
        given = (self.at, data, len(data), day_number(last))
        n = self._numbers(*given, None, 0)
        if n < 0:
            return None
        found = (c_double * n)()
        self._numbers(*given, found, n)
        return list(found)


def reader() -> Reader | None:
    """The compiled reader, made once; ``None`` where there is no library or it cannot hold all."""
    loaded = library()
    return None if loaded is None else _reader(loaded)


@cache
def _reader(loaded: Library) -> Reader | None:
    text = schema_text()
    made = None if text is None else Reader(loaded, text)
    return made if made is not None and made.at else None
