"""Hypothesis strategies for dossiers: valid ones for every table, and corrupted ones.

    from strategies import as_of_days, corrupted, dossiers

    @given(dossiers(), as_of_days())
    def test_something(dossier, as_of): ...

Everything is read off `schema.tables()`: a table or field that is added there is generated here.
A row is drawn as one string of bytes, of which each field takes two; so a dossier takes a few
milliseconds, and shrinks to fewer rows with earlier dates and first codes.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import strategies as st

from risicoscreener.dossier.agreements import Agreement
from risicoscreener.dossier.record import Dossier, Person
from risicoscreener.dossier.schema import EARLIEST, LATEST, Column, TableSpec, persons, tables

FIRST_AS_OF = dt.date(2010, 1, 1)
LAST_AS_OF = dt.date(2026, 12, 31)
_FIRST_BIRTH = dt.date(1950, 1, 1)

IDENTIFIERS = (
    "a",
    "GM0363",
    "PI-Vught",
    "null",
    "NA",
    "nan",
    "true",
    "0",
    "1e3",
    "-1.0",
    "2020-01-01",
    "a.b:c-d_e",
    "x" * 64,
)
"""Identifiers that a reader of CSV or frames could take for something else."""


def as_of_days() -> st.SearchStrategy[dt.date]:
    """Days among which the generated facts fall: some are recorded before, some after."""
    return st.dates(FIRST_AS_OF, LAST_AS_OF)


def person_ids() -> st.SearchStrategy[str]:
    """Identifiers, odd ones among them."""
    usual = st.integers(0, 9_999).map("p{:04d}".format)
    odd = st.text("abzABZ019._:-", min_size=1, max_size=8)
    return usual | st.sampled_from(IDENTIFIERS) | odd


@st.composite
def dossiers(
    draw: st.DrawFn,
    *,
    max_rows: int = 3,
    only: tuple[str, ...] | None = None,
    person_id: str | None = None,
    full: bool = False,
) -> Dossier:
    """Valid dossiers.

    Parameters
    ----------
    max_rows
        Largest number of rows in a table.
    only
        Tables that may have rows; all if ``None``.
    person_id
        The id to give; drawn if ``None``.
    full
        Whether every table has as many rows as it may, most of them with all fields: such a
        dossier says little when it fails, and fails much sooner.
    """
    chance = random.Random(draw(st.integers(0, 2**64))) if full else None
    birth = _FIRST_BIRTH + dt.timedelta(days=draw(st.integers(0, 20_000)))
    if draw(st.integers(0, 19)) == 19:
        birth = EARLIEST
    parts = {}
    for name, spec in tables().items():
        if only is None or name in only:
            size = 2 * (len(spec.columns) + 1)
            if chance is not None:
                drawn = [chance.randbytes(size) for _ in range(max_rows)]
            else:
                drawn = [draw(_row_bytes(size)) for _ in range(draw(st.integers(0, max_rows)))]
            parts[name] = _rows(spec, birth, drawn)
    sex = draw(st.sampled_from(persons().columns["sex"].codes))
    return Dossier(
        person_id=draw(person_ids()) if person_id is None else person_id,
        person=Person(birth_date=birth, sex=sex),
        **parts,
    )


@cache
def _row_bytes(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


@st.composite
def dossier_sets(
    draw: st.DrawFn, *, max_persons: int = 4, max_rows: int = 2, min_persons: int = 0
) -> list[Dossier]:
    """Lists of valid dossiers of different people."""
    ids = draw(st.lists(person_ids(), unique=True, min_size=min_persons, max_size=max_persons))
    return [draw(dossiers(max_rows=max_rows, person_id=person_id)) for person_id in ids]


def _rows(spec: TableSpec, birth: dt.date, drawn: list[bytes]) -> list[Any]:
    numbers = [memoryview(one).cast("H").tolist() for one in drawn]
    plain = [_row(spec, birth, chosen) for chosen in numbers]
    for i, row in enumerate(plain):
        if numbers[i][-1] % 3:
            row["fact_id"] = (
                f"f{i}" if numbers[i][-1] % 2 else IDENTIFIERS[i % len(IDENTIFIERS)] + str(i)
            )
            row["fact_id"] = row["fact_id"][-64:]
    for i, row in enumerate(plain):
        _link(plain, i, row, numbers[i][-1])
    _tell_apart(plain)
    if spec.name == "detentions":
        _one_at_a_time(plain)
    return [spec.row(**row) for row in plain]


def _tell_apart(rows: list[dict[str, Any]]) -> None:
    """An id for each row that would otherwise be a copy of an earlier one."""
    for i, row in enumerate(rows):
        if "fact_id" not in row and any(_is_same(row, other) for other in rows[:i]):
            row["fact_id"] = f"event-{i}"


def _is_same(row: dict[str, Any], other: dict[str, Any]) -> bool:
    return {"void": False, **row} == {"void": False, **other}


def _one_at_a_time(rows: list[dict[str, Any]]) -> None:
    """End each stay that counts on the arrival of the next, if it would run longer."""
    gone = {row.get("supersedes") for row in rows}
    counting = [r for r in rows if not r.get("void") and r.get("fact_id", "-") not in gone]
    counting.sort(key=lambda row: row["arrived_on"])
    for row, later in pairwise(counting):
        row["released_on"] = min(row.get("released_on", LATEST), later["arrived_on"])


def _link(rows: list[dict[str, Any]], i: int, row: dict[str, Any], number: int) -> None:
    """Let a row supersede one that was recorded before it, or on the day but given before."""
    earlier = [
        other["fact_id"]
        for j, other in enumerate(rows)
        if j != i and "fact_id" in other and (other["recorded_at"], j) < (row["recorded_at"], i)
    ]
    if earlier and number % 5 >= 2:
        row["supersedes"] = earlier[number % len(earlier)]
        row["void"] = number % 5 == 4


def _row(spec: TableSpec, birth: dt.date, numbers: list[int]) -> dict[str, Any]:
    chosen = dict(zip(spec.columns, numbers, strict=False))
    row = _dates(spec, birth, chosen)
    for name, column in spec.columns.items():
        if column.kind == "date" or name in ("fact_id", "supersedes", "void"):
            continue
        if column.required or chosen[name] % 3:
            row[name] = _value(column, chosen[name] // 3)
    for name, day in spec.dated:
        if day not in row:
            row.pop(name, None)
    for agreement in spec.agreements:
        if applies(agreement, row):
            _agree(agreement, row, spec.columns[agreement.field], chosen[agreement.field] // 3)
    return row


def applies(agreement: Agreement, row: dict[str, Any]) -> bool:
    """Whether a row is one of which an agreement asks something."""
    return all(
        row.get(name) in codes if codes else row.get(name) is not None
        for name, codes in agreement.where
    )


def _agree(agreement: Agreement, row: dict[str, Any], column: Column, number: int) -> None:
    """Let a row keep an agreement that applies to it."""
    name = agreement.field
    if agreement.needed:
        row.setdefault(name, _value(column, number))
    elif name in row and agreement.codes:
        row[name] = agreement.codes[number % len(agreement.codes)]
    elif name in row and agreement.low is not None:
        row[name] = max(row[name], agreement.low)
    elif name in row and agreement.at_most in row:
        row[name] = min(row[name], row[agreement.at_most])


def _value(column: Column, number: int) -> Any:
    match column.kind:
        case "code":
            return column.codes[number % len(column.codes)]
        case "flag":
            return number % 2 == 1
        case "text":
            return IDENTIFIERS[number % len(IDENTIFIERS)]
        case "integer":
            low, high = int(column.low), int(column.high)
            return high if number % 50 == 49 else low + number % min(high - low + 1, 5_000)
    if number % 50 == 49:
        return float(column.high)
    return float(column.low) + number % 8_000 * (column.high - column.low) / 8_000 / 3


def _dates(spec: TableSpec, birth: dt.date, chosen: dict[str, int]) -> dict[str, Any]:
    """Dates of a row: first the occurrence, then each on or after those it may not precede."""
    known: dict[str, Any] = {}
    for name in _in_order(spec):
        number = chosen[name]
        if name == spec.starts:
            known[name] = birth + dt.timedelta(days=number % 13 and 4_000 + number % 20_000)
        elif spec.columns[name].required or number % 2:
            before = [known[e] for e, later in spec.order if later == name and e in known]
            gap = (0, 1, 30, 400, number // 10 % 4_000)[number // 2 % 5]
            known[name] = max([birth, known[spec.starts], *before]) + dt.timedelta(days=gap)
            is_last = all(e != name for e, _ in spec.order)
            if number % 97 == 96 and is_last and name != "recorded_at":
                known[name] = LATEST
    return known


def _in_order(spec: TableSpec) -> list[str]:
    """Date fields such that none comes before one that it may not precede."""
    waiting = [name for name, column in spec.columns.items() if column.kind == "date"]
    placed: list[str] = []
    while waiting:
        free = next(
            name
            for name in waiting
            if all(earlier in placed for earlier, later in spec.order if later == name)
        )
        placed.append(free)
        waiting.remove(free)
    return placed


# --- small plain dossiers, for examples -------------------------------------------------------


def a_person(person_id: str = "p1") -> dict[str, Any]:
    """The smallest plain dossier."""
    return {"person_id": person_id, "person": {"birth_date": "1990-01-01", "sex": "male"}}


def a_debt(**changes: Any) -> dict[str, Any]:
    """A plain row of the debts, with some fields changed or added."""
    sound = {
        "recorded_at": "2021-03-01",
        "kind": "fine",
        "creditor": "state",
        "amount_eur": 300,
        "since": "2020-01-01",
    }
    return {**sound, **changes}


# --- corrupted dossiers -----------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """One thing that was broken: where, to what, and whether a JSON Schema can tell."""

    kind: str
    table: str
    row: int
    field: str
    value: Any
    in_schema: bool = False


@dataclass(frozen=True)
class Corrupted:
    """A dossier as plain values with faults in it."""

    plain: dict[str, Any]
    faults: tuple[Fault, ...]
    recorded_by: dt.date | None = None

    def to_json(self) -> bytes:
        """As JSON, with NaN and Infinity as Python writes them."""
        return json.dumps(self.plain).encode()


_TOO_LARGE = 10**400
_WRONG_EVERYWHERE: tuple[Any, ...] = (True, [], {}, "", "no such value", "\ud800", -5)
_WRONG: dict[str, tuple[Any, ...]] = {
    "date": ("2020-1-1", "2020-02-30", "20200101", 5, 5.5, "2020-01-01 ", "soon", True, [], {}),
    "code": (*_WRONG_EVERYWHERE, "No_Such_Code", 3),
    "flag": ("true", "yes", 1, 0, 1.0, "", [], {}),
    "integer": (*_WRONG_EVERYWHERE, "3", 2.5, 10**12, _TOO_LARGE),
    "number": (*_WRONG_EVERYWHERE, "3", 1e9, _TOO_LARGE),
    "text": (True, [], {}, "", "a b", "a/b", "x" * 65, "é", "\ud800", 7),
}
_NO_NUMBERS = (math.nan, math.inf, -math.inf)
# What only our own reading refuses: a schema has no calendar of what can be meant, `3.0` is an
# integer in it, its `$` may allow a line break, and `date` may be taken for an annotation.
_WRONG_BEYOND_SCHEMA: dict[str, tuple[Any, ...]] = {
    "date": ("1850-01-01", "9999-12-31", "2020-01-01T00:00:00", "2020-01-01\n", *_NO_NUMBERS),
    "code": _NO_NUMBERS,
    "flag": _NO_NUMBERS,
    "integer": (3.0, *_NO_NUMBERS),
    "number": _NO_NUMBERS,
    "text": ("a\n", *_NO_NUMBERS),
}


def wrong_values(column: Column) -> st.SearchStrategy[tuple[Any, bool]]:
    """Values that a field does not accept, each with whether its JSON Schema says so."""
    found = [(value, True) for value in _WRONG[column.kind]]
    found += [(value, False) for value in _WRONG_BEYOND_SCHEMA[column.kind]]
    if column.required or column.default is not None:
        found.append((None, True))
    return st.sampled_from(found)


@st.composite
def corrupted(
    draw: st.DrawFn, dossier: Dossier, *, max_faults: int = 3, rows_only: bool = False
) -> Corrupted:
    """A valid dossier with one or several things broken, each in a row of its own.

    Parameters
    ----------
    dossier
        A valid dossier; if it has no rows, the person or the whole is broken.
    max_faults
        Largest number of faults.
    rows_only
        Break facts only, so that the dossier can be read leniently (needs a dossier with rows).
    """
    plain = msgspec.to_builtins(dossier)
    made = Corrupted(plain, ())
    free = {(name, i) for name in tables() for i in range(len(plain.get(name, [])))}
    if not rows_only and (not free or draw(st.integers(0, 4)) == 0):
        made = draw(st.sampled_from(_OF_THE_WHOLE))(draw, made)
        free -= {(fault.table, fault.row) for fault in made.faults}
    for _ in range(draw(st.integers(0 if made.faults else 1, max_faults))):
        if not free:
            break
        name, i = draw(st.sampled_from(sorted(free)))
        break_it = draw(st.sampled_from(_OF_A_ROW))
        changed = break_it(draw, made, name, i, free)
        made = changed or _wrong_value(draw, made, name, i, free)
        free -= {(fault.table, fault.row) for fault in made.faults}
    return made


def _with(
    made: Corrupted, kind: str, name: str, i: int, field: str, value: Any, **more: Any
) -> Corrupted:
    made.plain[name][i][field] = value
    return replace(made, faults=(*made.faults, Fault(kind, name, i, field, value, **more)))


Rows = set[tuple[str, int]]


def _wrong_value(draw: st.DrawFn, made: Corrupted, name: str, i: int, free: Rows) -> Corrupted:
    columns = tables()[name].columns
    field = draw(st.sampled_from(sorted(columns)))
    value, in_schema = draw(wrong_values(columns[field]))
    return _with(made, "wrong value", name, i, field, value, in_schema=in_schema)


def _absent_value(draw: st.DrawFn, made: Corrupted, name: str, i: int, free: Rows) -> Corrupted:
    required = sorted(n for n, c in tables()[name].columns.items() if c.required)
    field = draw(st.sampled_from(required))
    del made.plain[name][i][field]
    fault = Fault("absent value", name, i, field, None, in_schema=True)
    return replace(made, faults=(*made.faults, fault))


def _unknown_field(draw: st.DrawFn, made: Corrupted, name: str, i: int, free: Rows) -> Corrupted:
    field = draw(st.sampled_from(["nationality", "recordedAt", "", "person_id"]))
    return _with(made, "unknown field", name, i, field, "x", in_schema=True)


def _no_object(draw: st.DrawFn, made: Corrupted, name: str, i: int, free: Rows) -> Corrupted:
    value = draw(st.sampled_from([None, 3, "row", [], True, 2.5]))
    made.plain[name][i] = value
    fault = Fault("no object", name, i, "", value, in_schema=True)
    return replace(made, faults=(*made.faults, fault))


def _contradictory_dates(
    draw: st.DrawFn, made: Corrupted, name: str, i: int, free: Rows
) -> Corrupted | None:
    row = made.plain[name][i]
    pairs = [(a, b) for a, b in tables()[name].order if a in row and b in row]
    earlier, later = draw(st.sampled_from(pairs))
    before = dt.date.fromisoformat(row[earlier]) - dt.timedelta(days=draw(st.integers(1, 40)))
    if before < EARLIEST:
        return None
    return _with(made, "contradictory dates", name, i, later, before.isoformat())


def _disagreement(
    draw: st.DrawFn, made: Corrupted, name: str, i: int, free: Rows
) -> Corrupted | None:
    row = made.plain[name][i]
    found = [one for one in tables()[name].agreements if applies(one, row)]
    if not found:
        return None
    agreement = draw(st.sampled_from(found))
    field, in_schema = agreement.field, agreement.at_most is None
    if agreement.needed:
        row.pop(field, None)
        fault = Fault("disagreement", name, i, field, None, in_schema)
        return replace(made, faults=(*made.faults, fault))
    value: Any = 0
    if agreement.codes:
        codes = tables()[name].columns[field].codes
        value = draw(st.sampled_from([c for c in codes if c not in agreement.codes]))
    elif agreement.low is None:
        if row.get(agreement.at_most, 36_525) == 36_525:
            return None
        value = row[agreement.at_most] + 1
    return _with(made, "disagreement", name, i, field, value, in_schema=in_schema)


def _dangling_link(draw: st.DrawFn, made: Corrupted, name: str, i: int, free: Rows) -> Corrupted:
    row = made.plain[name][i]
    itself = row.get("fact_id", "no-such-fact")
    value = draw(st.sampled_from(["no-such-fact", itself]))
    return _with(made, "dangling supersedes", name, i, "supersedes", value)


def _loose_void(draw: st.DrawFn, made: Corrupted, name: str, i: int, free: Rows) -> Corrupted:
    made.plain[name][i].pop("supersedes", None)
    return _with(made, "void of nothing", name, i, "void", True)


def _duplicate_id(
    draw: st.DrawFn, made: Corrupted, name: str, i: int, free: Rows
) -> Corrupted | None:
    before = [
        j for table, j in free if table == name and j < i and "fact_id" in made.plain[name][j]
    ]
    if not before:
        return None
    j = draw(st.sampled_from(sorted(before)))
    free.discard((name, j))
    return _with(made, "duplicate fact_id", name, i, "fact_id", made.plain[name][j]["fact_id"])


def _earlier_without_id(
    made: Corrupted, name: str, i: int, free: Rows
) -> list[tuple[int, dict[str, Any]]]:
    """Rows before one of the same table, neither of which a link names."""
    rows = made.plain[name]
    if made.faults or "fact_id" in rows[i]:
        return []
    gone = {row.get("supersedes") for row in rows if isinstance(row, dict)}
    found = [(j, rows[j]) for table, j in sorted(free) if table == name and j < i]
    return [(j, row) for j, row in found if row.get("fact_id", "-") not in gone]


def _same_fact_twice(
    draw: st.DrawFn, made: Corrupted, name: str, i: int, free: Rows
) -> Corrupted | None:
    before = [(j, r) for j, r in _earlier_without_id(made, name, i, free) if "fact_id" not in r]
    if not before:
        return None
    j, copied = draw(st.sampled_from(before))
    free.discard((name, j))
    made.plain[name][i] = {**copied}
    fault = Fault("same fact twice", name, i, "fact_id", None)
    return replace(made, faults=(*made.faults, fault))


def _stay_during_another(
    draw: st.DrawFn, made: Corrupted, name: str, i: int, free: Rows
) -> Corrupted | None:
    if name != "detentions":
        return None
    before = [
        (j, row)
        for j, row in _earlier_without_id(made, name, i, free)
        if not row.get("void") and row["arrived_on"] != row.get("released_on")
    ]
    if not before:
        return None
    j, other = draw(st.sampled_from(before))
    free.discard((name, j))
    own = {"prison": "another-prison", "supersedes": None, "fact_id": None}
    made.plain[name][i] = {k: v for k, v in {**other, **own}.items() if v is not None}
    fault = Fault("stay during another", name, i, "arrived_on", other["arrived_on"])
    return replace(made, faults=(*made.faults, fault))


_OF_A_ROW: list[Callable[..., Corrupted | None]] = [
    _wrong_value,
    _wrong_value,
    _absent_value,
    _unknown_field,
    _no_object,
    _contradictory_dates,
    _disagreement,
    _dangling_link,
    _loose_void,
    _duplicate_id,
    _same_fact_twice,
    _stay_during_another,
]


def _born_later(draw: st.DrawFn, made: Corrupted) -> Corrupted:
    """The person is born the day after something happened."""
    starts = [
        (row[spec.starts], name, i)
        for name, spec in tables().items()
        for i, row in enumerate(made.plain.get(name, []))
    ]
    if not starts:
        return _wrong_person(draw, made)
    day, name, i = draw(st.sampled_from(starts))
    born = dt.date.fromisoformat(day) + dt.timedelta(days=1)
    made.plain["person"]["birth_date"] = born.isoformat()
    fault = Fault("born after a fact", name, i, tables()[name].starts or "", day)
    return replace(made, faults=(*made.faults, fault))


def _recorded_later(draw: st.DrawFn, made: Corrupted) -> Corrupted:
    """The last that was recorded is recorded a day too late."""
    recorded = [
        (row["recorded_at"], name, i)
        for name in tables()
        for i, row in enumerate(made.plain.get(name, []))
    ]
    if not recorded:
        return _wrong_person(draw, made)
    day, name, i = max(recorded)
    limit = dt.date.fromisoformat(day) - dt.timedelta(days=1)
    fault = Fault("recorded after the limit", name, i, "recorded_at", day)
    return replace(made, faults=(*made.faults, fault), recorded_by=limit)


def _wrong_person(draw: st.DrawFn, made: Corrupted) -> Corrupted:
    field = draw(st.sampled_from(sorted(persons().columns)))
    value, in_schema = draw(wrong_values(persons().columns[field]))
    made.plain["person"][field] = value
    fault = Fault("wrong person", "persons", 0, field, value, in_schema)
    return replace(made, faults=(*made.faults, fault))


def _wrong_id(draw: st.DrawFn, made: Corrupted) -> Corrupted:
    value = draw(st.sampled_from(["", "a b", "x" * 65, 3, None, True, "é", "a\n"]))
    made.plain["person_id"] = value
    fault = Fault("wrong person_id", "persons", 0, "person_id", value, value != "a\n")
    return replace(made, faults=(*made.faults, fault))


def _unknown_part(draw: st.DrawFn, made: Corrupted) -> Corrupted:
    made.plain["convicted"] = []
    fault = Fault("unknown part", "dossier", -1, "convicted", [], in_schema=True)
    return replace(made, faults=(*made.faults, fault))


def _part_is_no_list(draw: st.DrawFn, made: Corrupted) -> Corrupted:
    without = [name for name in tables() if not made.plain.get(name)]
    if not without:
        return _unknown_part(draw, made)
    name = draw(st.sampled_from(without))
    value = draw(st.sampled_from([None, {}, "none", 0]))
    made.plain[name] = value
    fault = Fault("no list", name, -1, "", value, in_schema=True)
    return replace(made, faults=(*made.faults, fault))


def _other_version(draw: st.DrawFn, made: Corrupted) -> Corrupted:
    value = draw(st.sampled_from([0, 2, "1", True, None, 1.5]))
    made.plain["schema_version"] = value
    fault = Fault("other version", "dossier", -1, "schema_version", value, in_schema=True)
    return replace(made, faults=(*made.faults, fault))


_OF_THE_WHOLE: list[Callable[[st.DrawFn, Corrupted], Corrupted]] = [
    _born_later,
    _recorded_later,
    _wrong_person,
    _wrong_id,
    _unknown_part,
    _part_is_no_list,
    _other_version,
]
