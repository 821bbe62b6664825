"""What the compiled reader has to find in a dossier, from the record that Python reads."""

from __future__ import annotations

import copy
import datetime as dt
import json
import random
from typing import Any

from risicoscreener.dossier.compiled import Reader
from risicoscreener.dossier.reading import read_dossier
from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import Column, day_number, persons, tables
from risicoscreener.errors import DossierError

FAR = 2**30
LAST = dt.date(2026, 6, 1)


def takes(reader: Reader, data: bytes, last: dt.date = LAST) -> bool:
    """Whether the reader takes a dossier, after checking that Python does too, with equal values.

    What Python refuses the reader must leave to it.
    """
    found = reader.numbers(data, last)
    if found is None:
        return False
    try:
        dossier = read_dossier(data, recorded_by=last)
    except DossierError as error:
        raise AssertionError(f"taken, and refused by Python: {data!r}") from error
    assert [str(value) for value in values_of(data, found)] == list(map(str, expected(dossier)))
    return True


def expected(dossier: Dossier) -> list[Any]:
    """All values in the order of `reader::numbers`, with texts as they are."""
    found: list[Any] = [dossier.person_id]
    for name, spec in (("person", persons()), *tables().items()):
        rows = [dossier.person] if name == "person" else getattr(dossier, name)
        found.append(len(rows))
        for column in spec.columns.values():
            found += [_number(column, getattr(row, column.name)) for row in rows]
    return [value if isinstance(value, str) or value is None else float(value) for value in found]


def _number(column: Column, value: Any) -> Any:
    if column.kind == "text":
        return value
    if value is None:
        return {"date": FAR, "code": -1, "flag": -1}.get(column.kind, float("nan"))
    if column.kind == "date":
        return day_number(value)
    return column.codes.index(value) if column.kind == "code" else value


def values_of(data: bytes, numbers: list[float]) -> list[Any]:
    """The same of what the reader found, in which a text is where it stands."""
    rest = iter(numbers)
    found: list[Any] = [_text(data, next(rest))]
    for spec in (persons(), *tables().values()):
        n = int(next(rest))
        found.append(float(n))
        for column in spec.columns.values():
            some = [next(rest) for _ in range(n)]
            found += [_text(data, x) for x in some] if column.kind == "text" else some
    assert next(rest, None) is None
    return found


def _text(data: bytes, number: float) -> str | None:
    start, end = divmod(int(number), 2**24)
    return data[start:end].decode() if end else None


def altered(plain: dict[str, Any], draw: random.Random) -> bytes:
    """A dossier in which a table, a row, a field or some bytes are altered, or nothing."""
    plain = copy.deepcopy(plain)
    for _ in range(draw.choice((0, 1, 1, 2))):
        _alter(plain, draw)
    separators = draw.choice(((", ", ": "), (",", ":"), (" ,\n", " :\t")))
    data = json.dumps(plain, separators=separators, indent=draw.choice((None, None, 1))).encode()
    return _damaged(data, draw) if draw.random() < 0.3 else data


_ODD = (
    *(None, True, False, 3, 0, 1, -1, 2.5, 1e9, 0.1, 1e-7, 123456789012345, 36525.0, -0.0),
    *("x", "none", "é", "", "a b", "x" * 65, "2020-02-30", "2020-1-01", [], {}),
)


def _alter(plain: dict[str, Any], draw: random.Random) -> None:
    names = [name for name in plain if isinstance(plain[name], list)]
    if not names:
        return
    name = draw.choice(names)
    rows, what = plain[name], draw.random()
    if what < 0.1:
        plain[name] = draw.sample(rows, draw.randrange(len(rows) + 1))
    elif what < 0.2 and rows:
        rows.append(dict(draw.choice(rows)))
    elif what < 0.4 and rows:
        _link(rows, draw)
    elif rows:
        row = draw.choice(rows)
        field = draw.choice(list(row))
        day = (LAST - dt.timedelta(days=draw.randrange(-400, 8000))).isoformat()
        if draw.random() < 0.2:
            del row[field]
        else:
            row[field] = draw.choice((draw.choice(rows).get(field), day, draw.choice(_ODD)))


def _link(rows: list[dict[str, Any]], draw: random.Random) -> None:
    """Ids for facts, and a fact that corrects or withdraws one of them, soundly or not."""
    for number, row in enumerate(rows):
        if draw.random() < 0.7:
            row["fact_id"] = f"f{number if draw.random() < 0.95 else 0}"
    target = draw.choice(rows)
    correction = dict(draw.choice((target, draw.choice(rows))))
    correction |= {"fact_id": f"f{len(rows)}", "supersedes": target.get("fact_id", "f1")}
    correction["recorded_at"] = draw.choice((target, draw.choice(rows))).get("recorded_at")
    if draw.random() < 0.3:
        correction["void"] = True
    if draw.random() < 0.2:
        target["supersedes"] = correction["fact_id"]
    rows.insert(draw.randrange(len(rows) + 1), correction)


def _damaged(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data))
    return draw.choice(
        (
            data[:at],
            data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :],
            data[:at] + data[at + draw.randrange(1, 30) :],
            data[:at] + data[at : at + 40] + data[at:],
            data + data[:at],
            data[:at]
            + draw.choice((b" ", b"\n", b"\\u0061", b"\x00", b"\xff", b"0", b'"', b","))
            + data[at:],
        )
    )
