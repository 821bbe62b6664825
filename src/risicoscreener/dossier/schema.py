"""The tables of a dossier, described by the record classes: columns, dates, and their order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect as mi

from risicoscreener.dossier import record as rec
from risicoscreener.dossier.agreements import AGREEMENTS, Agreement
from risicoscreener.dossier.vocabulary import vocabularies

EPOCH = dt.date(1970, 1, 1)
"""The day that counts as 0 where days are numbers."""
EARLIEST = dt.date(1900, 1, 1)
LATEST = dt.date(2199, 12, 31)
"""Days outside these cannot be meant; they are refused wherever a date is given."""
_EPOCH = EPOCH.toordinal()


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a table.

    Attributes
    ----------
    kind
        ``date``, ``code``, ``text``, ``integer``, ``number`` or ``flag``.
    codes
        Permitted codes in the order of their vocabulary, for a ``code``.
    known_from
        Date field before which this field counts as unknown, if any.
    low, high
        Permitted range of a number, inclusive.
    pattern
        Regular expression that a text must match.
    """

    name: str
    kind: str
    required: bool
    default: Any
    codes: tuple[str, ...] = ()
    known_from: str | None = None
    low: float | None = None
    high: float | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table: its row class, the date that places a row in time, and the order of its dates.

    Attributes
    ----------
    starts
        Field with the day on which the fact occurred or began; ``None`` for persons.
    ends
        Field with the last day of a spell, if the table has spells.
    order
        Pairs of date fields of which the first may not come after the second.
    agreements
        What fields of one row ask of each other.
    """

    name: str
    row: type[msgspec.Struct]
    starts: str | None
    ends: str | None
    order: tuple[tuple[str, str], ...]
    columns: dict[str, Column]
    agreements: tuple[Agreement, ...] = ()

    @property
    def dated(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a field and the date from which it is known, without which it has no value."""
        return tuple(
            (name, column.known_from)
            for name, column in self.columns.items()
            if column.known_from is not None and column.known_from != name
        )


_PLAIN: dict[str, tuple[type[msgspec.Struct], str, str | None, tuple[tuple[str, str], ...]]] = {
    "detentions": (
        rec.Detention,
        "arrived_on",
        "released_on",
        (
            ("arrived_on", "released_on"),
            ("arrived_on", "expected_release_on"),
            ("arrived_on", "conditional_release_on"),
        ),
    ),
    "convictions": (
        rec.Conviction,
        "offence_on",
        None,
        (("offence_on", "judged_on"), ("judged_on", "recorded_at"), ("judged_on", "breached_on")),
    ),
    "debts": (rec.Debt, "since", "until", (("since", "until"), ("since", "arranged_on"))),
    "housing": (rec.Housing, "from_on", "until_on", (("from_on", "until_on"),)),
    "income_work": (rec.IncomeWork, "from_on", "until_on", (("from_on", "until_on"),)),
    "identity_care": (rec.IdentityCare, "from_on", "until_on", (("from_on", "until_on"),)),
    "conduct": (rec.Conduct, "occurred_on", None, ()),
    "programme": (rec.Programme, "occurred_on", None, (("occurred_on", "status_on"),)),
    "liberties": (
        rec.Liberty,
        "asked_on",
        None,
        (("asked_on", "decided_on"), ("decided_on", "started_on"), ("started_on", "ended_on")),
    ),
    "victims": (rec.VictimFact, "known_on", None, (("known_on", "informed_on"),)),
    "assessments": (
        rec.Assessment,
        "asked_on",
        None,
        (("asked_on", "done_on"), ("done_on", "valid_until")),
    ),
    "inquiries": (rec.Inquiry, "consulted_on", None, ()),
    "audit": (rec.AuditFact, "noted_on", None, ()),
}


def _unwrap(kind: mi.Type) -> tuple[mi.Type, dict[str, Any]]:
    """The type inside annotations and ``| None``, and the extra annotations on the way."""
    extra: dict[str, Any] = {}
    while isinstance(kind, (mi.Metadata, mi.UnionType)):
        if isinstance(kind, mi.Metadata):
            extra |= kind.extra or {}
            kind = kind.type
        else:
            (kind,) = (t for t in kind.types if not isinstance(t, mi.NoneType))
    return kind, extra


def _column(field: mi.Field) -> Column:
    kind_of_type, extra = _unwrap(field.type)
    column: dict[str, Any] = {
        "name": field.encode_name,
        "required": field.required,
        "default": None if field.default is msgspec.NODEFAULT else field.default,
        "known_from": extra.get("known_from"),
    }
    match kind_of_type:
        case mi.DateType():
            return Column(kind="date", **column)
        case mi.LiteralType(values=values):
            codes = _codes_in_order(values)
            return Column(kind="code", codes=codes, **column)
        case mi.BoolType():
            return Column(kind="flag", **column)
        case mi.IntType(ge=low, le=high):
            return Column(kind="integer", low=low, high=high, **column)
        case mi.FloatType(ge=low, le=high):
            return Column(kind="number", low=low, high=high, **column)
        case mi.StrType(pattern=pattern):
            return Column(kind="text", pattern=pattern, **column)
    raise TypeError(f"no column kind for {field.name}: {kind_of_type}")


def _codes_in_order(values: tuple[Any, ...]) -> tuple[str, ...]:
    """Codes in the order of their vocabulary (inspection of a ``Literal`` sorts them)."""
    wanted = frozenset(values)
    for vocabulary in vocabularies().values():
        if frozenset(vocabulary.codes) == wanted:
            return vocabulary.codes
    raise TypeError(f"no vocabulary has exactly the codes {sorted(wanted)}")


def _columns(row: type[msgspec.Struct], only: tuple[str, ...] = ()) -> dict[str, Column]:
    info = mi.type_info(row)
    assert isinstance(info, mi.StructType)
    chosen = [f for f in info.fields if not only or f.encode_name in only]
    return {field.encode_name: _column(field) for field in chosen}


@cache
def tables() -> dict[str, TableSpec]:
    """Every table of facts, by name, in the order of the dossier; ``persons`` is apart."""
    return {
        name: TableSpec(
            name,
            row,
            starts,
            ends,
            ((starts, "recorded_at"), *order),
            _columns(row),
            AGREEMENTS.get(name, ()),
        )
        for name, (row, starts, ends, order) in _PLAIN.items()
    }


@cache
def id_column() -> Column:
    """The column `person_id`, which every table has."""
    return _columns(rec.Dossier, ("person_id",))["person_id"]


@cache
def persons() -> TableSpec:
    """The table with one row for each person."""
    return TableSpec("persons", rec.Person, None, None, (), _columns(rec.Person))
