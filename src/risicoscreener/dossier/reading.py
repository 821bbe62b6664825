"""Reading one dossier: fast when it is sound, and otherwise with every problem named.

The fast way decodes with the types of `record` and checks the order of dates by a function
generated from `schema`. Whatever it does not accept goes through the validation of tables, as
tables of one person, which says all that is wrong. A property test holds the two equal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec

from risicoscreener.dossier.problems import Problem
from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import EARLIEST, LATEST, TableSpec, persons, tables
from risicoscreener.errors import DossierError

MAX_BYTES = 5_000_000
"""A dossier larger than this is refused unread; a full one is about 6 kB."""

_decode = msgspec.json.Decoder(Dossier).decode


def read_dossier(
    source: bytes | str | Mapping[str, Any] | Dossier, *, recorded_by: dt.date | None = None
) -> Dossier:
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
    dossier = _read_sound(source, recorded_by)
    if dossier is not None:
        return dossier
    person_id, problems, _ = _examine(source, recorded_by)
    raise DossierError(f"the dossier of {person_id} is not valid", problems)


def read_dossier_leniently(
    source: bytes | str | Mapping[str, Any] | Dossier, *, recorded_by: dt.date | None = None
) -> tuple[Dossier, tuple[Problem, ...]]:
    """As `read_dossier`, but bad rows are set apart and returned as problems.

    Raises
    ------
    DossierError
        If the dossier as a whole, or the person, cannot be read.
    """
    dossier = _read_sound(source, recorded_by)
    if dossier is not None:
        return dossier, ()
    person_id, problems, plain = _examine(source, recorded_by)
    bad = {(p.table, p.row) for p in problems}
    if any(row < 0 or table == "persons" for table, row in bad):
        raise DossierError(f"the dossier of {person_id} is not valid", problems)
    for name in tables():
        if plain.get(name):
            plain[name] = [row for i, row in enumerate(plain[name]) if (name, i) not in bad]
    return msgspec.convert(plain, Dossier), problems


def _read_sound(source: Any, recorded_by: dt.date | None) -> Dossier | None:
    """The dossier if all is well, ``None`` if the long way has to say what is not."""
    try:
        if isinstance(source, (bytes, str)):
            dossier = _decode(source) if len(source) <= MAX_BYTES else None
        elif isinstance(source, Dossier):
            dossier = msgspec.convert(msgspec.to_builtins(source, builtin_types=(dt.date,)), Dossier)
        else:
            dossier = msgspec.convert(source, Dossier)
    except (msgspec.MsgspecError, UnicodeError, TypeError, ValueError, RecursionError):
        return None
    if dossier is None or not _is_sound()(dossier, recorded_by or LATEST):
        return None
    return dossier


@cache
def _is_sound() -> Callable[[Dossier, dt.date], bool]:
    """A function that checks dates and links, generated from the schema's own names."""
    lines = [
        "def is_sound(dossier, last):",
        "    born = dossier.person.birth_date",
        "    if not EARLIEST <= born <= LATEST: return False",
    ]
    for name, spec in tables().items():
        lines += _checks(name, spec)
    lines.append("    return True")
    scope: dict[str, Any] = {"EARLIEST": EARLIEST, "LATEST": LATEST, "linked": _links_are_sound}
    exec("\n".join(lines), scope)  # noqa: S102 - text made of the schema alone
    function: Callable[[Dossier, dt.date], bool] = scope["is_sound"]
    return function


def _checks(name: str, spec: TableSpec) -> list[str]:
    starts = spec.starts
    lines = [
        "    links = False",
        f"    for r in dossier.{name}:",
        f"        start = r.{starts}",
        "        if not born <= start <= r.recorded_at <= last: return False",
        "        if r.fact_id is not None or r.supersedes is not None or r.void: links = True",
    ]
    for column in spec.columns.values():
        if column.kind != "date" or column.name in (starts, "recorded_at"):
            continue
        lines.append(f"        {column.name} = r.{column.name}")
        bounds = f"not born <= {column.name} <= LATEST"
        guard = "" if column.required else f"{column.name} is not None and "
        lines.append(f"        if {guard}{bounds}: return False")
    for earlier, later in spec.order[1:]:
        first = "start" if earlier == starts else earlier
        second = "r.recorded_at" if later == "recorded_at" else later
        optional = [n for n in (earlier, later) if not spec.columns[n].required]
        guard = "".join(f"{n} is not None and " for n in optional)
        lines.append(f"        if {guard}{first} > {second}: return False")
    lines.append(f"    if links and not linked(dossier.{name}): return False")
    return lines


def _links_are_sound(rows: list[Any]) -> bool:
    known: dict[str, Any] = {}
    for row in rows:
        if row.fact_id is not None:
            if row.fact_id in known:
                return False
            known[row.fact_id] = row
    for row in rows:
        if row.supersedes is None:
            if row.void:
                return False
            continue
        target = known.get(row.supersedes)
        if target is None or target is row or target.recorded_at > row.recorded_at:
            return False
    return True


def _examine(
    source: Any, recorded_by: dt.date | None
) -> tuple[str, tuple[Problem, ...], dict[str, Any]]:
    """Everything that is wrong with a dossier, and its plain values."""
    plain = _plain(source)
    person_id = plain.get("person_id")
    shown = person_id if isinstance(person_id, str) and len(person_id) <= 64 else "an unnamed person"
    problems = _problems_of_shape(plain)
    if not problems:
        problems = _problems_of_rows(plain, recorded_by)
    if not problems:
        problems = [_problem_of_decoder(plain)]
    return shown, tuple(problems), plain


def _plain(source: Any) -> dict[str, Any]:
    if isinstance(source, Dossier):
        source = msgspec.to_builtins(source)
    if isinstance(source, (bytes, str)):
        if len(source) > MAX_BYTES:
            raise DossierError(
                f"the dossier has {len(source):,} bytes; expected at most {MAX_BYTES:,}"
            )
        try:
            source = msgspec.json.decode(source)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise DossierError(f"the dossier is not JSON in UTF-8: {error}") from None
    if not isinstance(source, Mapping):
        kind = type(source).__name__
        raise DossierError(f"a dossier is one JSON object, with person_id and person; got {kind}")
    return dict(source)


def _problems_of_shape(plain: dict[str, Any]) -> list[Problem]:
    found = []
    for name in plain:
        if name not in Dossier.__struct_fields__:
            known = ", ".join(Dossier.__struct_fields__)
            found.append(Problem("dossier", -1, str(name), name, f"one of the fields {known}"))
    for name in ("person_id", "person"):
        if name not in plain:
            found.append(Problem("dossier", -1, name, "absent", "a value"))
    if not isinstance(plain.get("person", {}), Mapping):
        found.append(Problem("dossier", -1, "person", plain["person"], "an object"))
    version = plain.get("schema_version", 1)
    if version != 1 or isinstance(version, bool):
        found.append(Problem("dossier", -1, "schema_version", version, "1"))
    for name in tables():
        rows = plain.get(name, [])
        if not isinstance(rows, (list, tuple)):
            found.append(Problem(name, -1, "", rows, "a list of objects"))
            continue
        bad = [i for i, row in enumerate(rows) if not isinstance(row, Mapping)]
        found += [Problem(name, i, "", rows[i], "an object") for i in bad]
    return found


def _problems_of_rows(plain: dict[str, Any], recorded_by: dt.date | None) -> list[Problem]:
    from risicoscreener.dossier.tables import build, cast_any

    person_id = plain["person_id"]
    raw = {"persons": _columns(persons(), person_id, [plain["person"]])}
    found = _unknown_fields("persons", persons(), [plain["person"]])
    for name, spec in tables().items():
        rows = plain.get(name, [])
        raw[name] = _columns(spec, person_id, rows)
        found += _unknown_fields(name, spec, rows)
    checked = build(raw, cast_any, "quarantine", recorded_by)
    orphaned = "a person of the persons table"
    return found + [p for p in checked.problems if p.expected != orphaned]


def _columns(spec: TableSpec, person_id: Any, rows: Any) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {"person_id": [person_id] * len(rows)}
    for name, column in spec.columns.items():
        absent = column.default
        columns[name] = [row.get(name, absent) for row in rows]
    return columns


def _unknown_fields(name: str, spec: TableSpec, rows: Any) -> list[Problem]:
    known = ", ".join(spec.columns)
    return [
        Problem(name, i, str(key), row[key], f"no such field; known: {known}")
        for i, row in enumerate(rows)
        for key in row
        if key not in spec.columns
    ]


def _problem_of_decoder(plain: dict[str, Any]) -> Problem:
    try:
        msgspec.convert(plain, Dossier)
    except msgspec.MsgspecError as error:
        return Problem("dossier", -1, "", "a value", str(error))
    return Problem("dossier", -1, "", "a value", "a dossier that passes all checks")
