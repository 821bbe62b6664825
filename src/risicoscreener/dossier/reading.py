"""Reading one dossier: fast when it is sound, and otherwise with every problem named.

The fast way decodes with the types of `record` and checks the order of dates by a function
generated from `schema`. Whatever it does not accept goes through the validation of tables, as
tables of one person, which says all that is wrong. A property test holds the two equal.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec

from risicoscreener.dossier.agreements import Agreement
from risicoscreener.dossier.duplicates import repeats_a_fact, required_fields
from risicoscreener.dossier.links import rows_in_cycles
from risicoscreener.dossier.problems import Problem, shown
from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import (
    EARLIEST,
    LATEST,
    TableSpec,
    id_column,
    persons,
    tables,
)
from risicoscreener.dossier.stays import stays_overlap
from risicoscreener.errors import DossierError
from risicoscreener.strict_json import Repeated, read_json

Source = bytes | str | Mapping[str, Any] | Dossier

MAX_BYTES = 5_000_000
"""A dossier larger than this is refused unread; a full one is about 6 kB."""

_decode = msgspec.json.Decoder(Dossier).decode
_encode_into = msgspec.json.Encoder().encode_into
_SOMEBODY = "-"


def read_dossier(source: Source, *, recorded_by: dt.date | None = None) -> Dossier:
    """A validated dossier from JSON, from a mapping of plain values, or from a record.

    Parameters
    ----------
    source
        JSON as UTF-8 bytes or text, a mapping such as `json.loads` gives, or a `Dossier`.
    recorded_by
        Last day on which a fact can have been recorded; no limit if ``None``.

    Raises
    ------
    DossierError
        If it is no dossier; ``problems`` has everything that was found.
    """
    dossier = _read_fast(source, recorded_by)
    if dossier is not None:
        return dossier
    found = _examine(source, recorded_by)
    if found.dossier is not None:
        return found.dossier
    raise DossierError(f"the dossier of {found.whose} is not valid", found.problems)


def read_dossier_leniently(
    source: Source, *, recorded_by: dt.date | None = None
) -> tuple[Dossier, tuple[Problem, ...]]:
    """As `read_dossier`, but bad rows are set apart and returned as problems.

    Raises
    ------
    DossierError
        If the dossier as a whole, or the person, cannot be read.
    """
    dossier = _read_fast(source, recorded_by)
    if dossier is not None:
        return dossier, ()
    found = _examine(source, recorded_by)
    if found.dossier is not None:
        return found.dossier, ()
    bad = {(p.table, p.row) for p in found.problems}
    if not any(row < 0 or table == "persons" for table, row in bad):
        remaining = _check(_without(found.plain, bad), recorded_by)
        if remaining is not None:
            return remaining, found.problems
    raise DossierError(f"the dossier of {found.whose} is not valid", found.problems)


def _without(plain: dict[str, Any], bad: set[tuple[str, int]]) -> dict[str, Any]:
    kept = {
        name: [row for i, row in enumerate(plain[name]) if (name, i) not in bad]
        for name in tables()
        if name in plain
    }
    return {**plain, **kept}


def _read_fast(source: Any, recorded_by: dt.date | None) -> Dossier | None:
    """The dossier if all is well, ``None`` if the long way has to say what is not."""
    if not isinstance(source, (bytes, str)):
        try:
            return _check(_plain_values(source), recorded_by)
        except (TypeError, ValueError, RecursionError):
            return None
    if len(source) > MAX_BYTES:
        return None
    try:
        dossier = _decode(source)
    except (msgspec.MsgspecError, UnicodeError, TypeError, RecursionError):
        return None
    if not fits_together(dossier, recorded_by) or _may_repeat_a_key(source, dossier):
        return None
    return dossier


def _may_repeat_a_key(source: bytes | str, dossier: Dossier) -> bool:
    """Whether an object has a key twice, of which the decoder keeps the last.

    Each key is followed by a colon. Where nothing is escaped, what was kept has as many of them
    as its encoding, and each key that was lost adds one. A default that is written out adds one
    too; then the slow reader says whether it is that.
    """
    given = source if isinstance(source, bytes) else source.encode()
    encoded = bytearray(len(given))
    _encode_into(dossier, encoded)
    if given == encoded:
        return False
    if b"\\" not in given:
        extra = given.count(b":") - encoded.count(b":")
        if extra == 0 or (extra == 1 and b'"schema_version"' in given):
            return False
    try:
        return bool(read_json(given.decode())[1])
    except (ValueError, RecursionError):
        return True


def fits_together(dossier: Dossier, recorded_by: dt.date | None) -> bool:
    """Whether the dates and links are sound, and no fact is there twice or excludes another.

    For records of the right types, such as a sound dossier with one more fact; `read_dossier`
    says what is wrong where it does not.
    """
    return _is_sound()(dossier, _last_day(recorded_by)) and not stays_overlap(dossier.detentions)


def _check(plain: dict[str, Any], recorded_by: dt.date | None) -> Dossier | None:
    """The dossier of plain values if it is sound."""
    try:
        dossier = msgspec.convert(plain, Dossier)
    except (msgspec.MsgspecError, UnicodeError, TypeError, ValueError, RecursionError):
        return None
    return dossier if fits_together(dossier, recorded_by) else None


def _last_day(recorded_by: dt.date | None) -> dt.date:
    return LATEST if recorded_by is None else min(recorded_by, LATEST)


@cache
def _is_sound() -> Callable[[Dossier, dt.date], bool]:
    """A function that checks the rows of each table, generated from the schema's own names."""
    scope: dict[str, Any] = {
        "EARLIEST": EARLIEST,
        "LATEST": LATEST,
        "linked": _links_are_sound,
        "repeats": repeats_a_fact,
        "recorded_at_of": attrgetter("recorded_at"),
    }
    lines = [
        "def is_sound(dossier, last):",
        "    born = dossier.person.birth_date",
        "    if not EARLIEST <= born <= LATEST: return False",
    ]
    for name, spec in tables().items():
        scope[f"required_{name}"] = required_fields(spec)
        lines += _checks(name, spec)
    lines.append("    return True")
    exec("\n".join(lines), scope)  # noqa: S102 - text made of the schema alone
    function: Callable[[Dossier, dt.date], bool] = scope["is_sound"]
    return function


def _checks(name: str, spec: TableSpec) -> list[str]:
    given = [spec.starts, *_between(spec), "recorded_at"]
    days = [column.name for column in spec.columns.values() if column.kind == "date"]
    lines = [
        f"    rows = dossier.{name}",
        "    if rows:",
        "      links = False",
        "      for r in rows:",
        *(f"        {day} = r.{day}" for day in days),
        f"        if not born <= {' <= '.join(map(str, given))} <= last: return False",
        "        if r.fact_id is not None or r.supersedes is not None or r.void: links = True",
    ]
    settled = {(earlier, later) for earlier, later in spec.order if later in given}
    for day in (day for day in days if day not in given):
        first = "born"
        for earlier in (e for e, later in spec.order if later == day and e in given):
            first = earlier
            settled.add((earlier, day))
        guard = "" if spec.columns[day].required else f"{day} is not None and "
        lines.append(f"        if {guard}not {first} <= {day} <= LATEST: return False")
    for earlier, later in (pair for pair in spec.order if pair not in settled):
        optional = [n for n in (earlier, later) if not spec.columns[n].required]
        guard = "".join(f"{n} is not None and " for n in optional)
        lines.append(f"        if {guard}{earlier} > {later}: return False")
    for field, day in spec.dated:
        lines.append(f"        if {day} is None and r.{field} is not None: return False")
    lines += [f"        if {_disagrees(one)}: return False" for one in spec.agreements]
    lines.append("      if links and not linked(rows): return False")
    alike = f"len({{*map(recorded_at_of, rows)}}) < len(rows) and repeats(rows, required_{name})"
    lines.append(f"      if len(rows) > 1 and {alike}: return False")
    return lines


def _between(spec: TableSpec) -> list[str]:
    """A day that a row must have, after its start and up to the day on which it was recorded."""
    found = [
        later
        for earlier, later in spec.order
        if earlier == spec.starts
        and spec.columns[later].required
        and (later, "recorded_at") in spec.order
    ]
    return found[:1]


def _disagrees(agreement: Agreement) -> str:
    """The expression that a row does not keep an agreement."""
    holds = [
        f"r.{name} in {codes!r}" if codes else f"r.{name} is not None"
        for name, codes in agreement.where
    ]
    field = f"r.{agreement.field}"
    if agreement.needed:
        return " and ".join([*holds, f"{field} is None"])
    holds.append(f"{field} is not None")
    if agreement.codes:
        return " and ".join([*holds, f"{field} not in {agreement.codes!r}"])
    if agreement.low is not None:
        return " and ".join([*holds, f"{field} < {agreement.low}"])
    bound = f"r.{agreement.at_most}"
    return " and ".join([*holds, f"{bound} is not None", f"{field} > {bound}"])


def _links_are_sound(rows: list[Any]) -> bool:
    place = {row.fact_id: i for i, row in enumerate(rows) if row.fact_id is not None}
    if len(place) < sum(row.fact_id is not None for row in rows):
        return False
    supersedes = {}
    for i, row in enumerate(rows):
        if row.supersedes is None:
            if row.void:
                return False
            continue
        target = place.get(row.supersedes)
        if target is None or target == i or rows[target].recorded_at > row.recorded_at:
            return False
        supersedes[i] = target
    return not rows_in_cycles(supersedes)


@dataclass(frozen=True, slots=True)
class _Findings:
    """What the long way finds: a dossier, or what is wrong and the values to show it in."""

    whose: str
    plain: dict[str, Any]
    problems: tuple[Problem, ...] = ()
    dossier: Dossier | None = None


def _examine(source: Any, recorded_by: dt.date | None) -> _Findings:
    plain, hidden = _plain(source)
    of_rows = _problems_of_rows(plain, recorded_by, hidden)
    problems = [*hidden, *_problems_of_shape(plain), *of_rows]
    whose = plain["person_id"] if _is_id(plain.get("person_id")) else "an unnamed person"
    if problems:
        return _Findings(whose, plain, tuple(problems))
    dossier = _check(plain, recorded_by)
    if dossier is None:  # the two ways disagree, which a property test excludes
        return _Findings(whose, plain, (_problem_of_decoder(plain),))
    return _Findings(whose, plain, dossier=dossier)


def _is_id(value: Any) -> bool:
    pattern = id_column().pattern or ""
    return isinstance(value, str) and re.search(pattern, value) is not None


def _plain(source: Any) -> tuple[dict[str, Any], list[Problem]]:
    """A dossier as a mapping of plain values, and the keys that were given twice."""
    hidden: list[Problem] = []
    if isinstance(source, (bytes, str)):
        value = _parse(source, hidden)
    elif isinstance(source, (Mapping, Dossier)):
        try:
            value = _plain_values(source)
        except (TypeError, ValueError, RecursionError) as error:
            raise DossierError(
                f"the dossier holds what JSON cannot: {error}; expected objects, lists, text, "
                "numbers, dates, true, false and null"
            ) from None
    else:
        value = source
    if not isinstance(value, dict):
        kind = type(value).__name__
        raise DossierError(f"a dossier is one JSON object, with person_id and person; got {kind}")
    return value, hidden


def _parse(source: bytes | str, hidden: list[Problem]) -> Any:
    """JSON by the reader of Python, which takes NaN and huge numbers, to be refused by name."""
    if len(source) > MAX_BYTES:
        size = f"{len(source):,} {'bytes' if isinstance(source, bytes) else 'characters'}"
        raise DossierError(f"the dossier has {size}; expected at most {MAX_BYTES:,}")
    try:
        text = source.decode("utf-8") if isinstance(source, bytes) else source
        value, repeated = read_json(text)
    except (ValueError, RecursionError) as error:
        raise DossierError(f"the dossier is not JSON in UTF-8: {error}") from None
    hidden += [_problem_of_key(one) for one in repeated]
    return value


def _problem_of_key(repeated: Repeated) -> Problem:
    """A key that an object has twice, in the table and row where it is."""
    expected = "each key once in an object, since of two values one would be lost"
    value = repeated.values[0]
    match repeated.path:
        case ("person", *_):
            return Problem("persons", 0, repeated.key, value, expected)
        case (str(name), int(row), *_) if name in tables():
            return Problem(name, row, repeated.key, value, expected)
    return Problem("dossier", -1, repeated.key, value, expected)


def _plain_values(source: Any) -> Any:
    """Records and mappings as dicts, lists and scalars; what no field accepts stays visible."""
    if isinstance(source, Mapping) and not isinstance(source, dict):
        source = dict(source)
    return msgspec.to_builtins(source, builtin_types=_KEPT, enc_hook=_plain_value)


# `datetime` is not among these: it becomes a text with a time in it, which no date field accepts.
_KEPT = (bytes, bytearray, memoryview, Decimal, UUID, dt.date, dt.time, dt.timedelta)


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        item = value.item()
        if isinstance(item, (str, int, float, dt.date)):
            return item
    return f"<{type(value).__name__}>"


def _problems_of_shape(plain: dict[str, Any]) -> list[Problem]:
    found = []
    known = Dossier.__struct_fields__
    expected = f"one of the fields {', '.join(known)}"
    strange = [name for name in plain if name not in known]
    found += [Problem("dossier", -1, _name(name), plain[name], expected) for name in strange]
    for name in ("person_id", "person"):
        if name not in plain:
            found.append(Problem("dossier", -1, name, "absent", "a value"))
    if not isinstance(plain.get("person", {}), dict):
        found.append(Problem("dossier", -1, "person", plain["person"], "an object"))
    version = plain.get("schema_version", 1)
    if version != 1 or not isinstance(version, int) or isinstance(version, bool):
        found.append(Problem("dossier", -1, "schema_version", version, "1"))
    for name in tables():
        rows = plain.get(name, [])
        if not isinstance(rows, list):
            found.append(Problem(name, -1, "", rows, "a list of objects"))
    return found


def _problems_of_rows(
    plain: dict[str, Any], recorded_by: dt.date | None, hidden: list[Problem]
) -> list[Problem]:
    """What the validation of tables says of the rows, in so far as there are rows to read.

    Rows that ``hidden`` names already are set apart.
    """
    from risicoscreener.dossier.assembling import Frame, find_problems
    from risicoscreener.dossier.casting import Form

    whose = plain["person_id"] if _is_id(plain.get("person_id")) else None
    given = {"persons": [plain.get("person")]}
    given |= {name: plain[name] for name in tables() if isinstance(plain.get(name), list)}
    raw: dict[str, Frame] = {}
    found = _problems_of_id(plain)
    for name, rows in given.items():
        spec = persons() if name == "persons" else tables()[name]
        strange = _strange_rows(spec, rows, whose)
        found += strange
        known = (problem for problem in hidden if problem.table == name)
        bad = tuple({problem.row for problem in (*strange, *known)})
        raw[name] = Frame(*_columns(spec, whose or _SOMEBODY, rows), len(rows), bad)
    no_objects = {(problem.table, problem.row) for problem in found if not problem.field}
    said = [problem for problem in found if problem.table != "persons" or problem.field]
    checked = find_problems(raw, Form.RECORD, recorded_by)
    own = [p for p in checked if (p.table, p.row) not in no_objects and _is_own(p)]
    return said + (own if whose else [replace(problem, person_id=None) for problem in own])


def _problems_of_id(plain: dict[str, Any]) -> list[Problem]:
    from risicoscreener.dossier.casting import UnreadableError, read_value

    try:
        if "person_id" in plain:  # that it is absent is a problem of shape
            read_value(id_column(), plain["person_id"])
    except UnreadableError as error:
        return [Problem("persons", 0, "person_id", plain["person_id"], str(error))]
    return []


def _is_own(problem: Problem) -> bool:
    """Not a consequence, for a fact, of a fault in the person."""
    return problem.field != "person_id" or problem.table == "persons"


def _columns(spec: TableSpec, person_id: Any, rows: list[Any]) -> tuple[list[str], list[Any]]:
    objects = [row if isinstance(row, dict) else {} for row in rows]
    columns: list[Any] = [[person_id] * len(rows)]
    for name, column in spec.columns.items():
        columns.append([row.get(name, column.default) for row in objects])
    return ["person_id", *spec.columns], columns


def _name(given: Any) -> str:
    return given if isinstance(given, str) else shown(given)


def _strange_rows(spec: TableSpec, rows: list[Any], whose: str | None) -> list[Problem]:
    """Rows that are no object, and fields that no row has."""
    expected = f"no such field; known: {', '.join(spec.columns)}"
    found = []
    for i, row in enumerate(rows):
        if not isinstance(row, dict):
            found.append(Problem(spec.name, i, "", row, "an object", whose))
            continue
        names = [name for name in row if name not in spec.columns]
        found += [Problem(spec.name, i, _name(name), row[name], expected, whose) for name in names]
    return found


def _problem_of_decoder(plain: dict[str, Any]) -> Problem:
    try:
        msgspec.convert(plain, Dossier)
    except (msgspec.MsgspecError, UnicodeError, TypeError, ValueError, RecursionError) as error:
        return Problem("dossier", -1, "", "a value", str(error))
    return Problem("dossier", -1, "", "a value", "a dossier that passes all checks")
