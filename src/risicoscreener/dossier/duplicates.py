"""The same fact given twice: rows of a person that are equal in every field and have no id.

A fact that was counted twice weighs twice, and a copy can stand where a correction was meant. Two
real events that are alike are told apart by a `fact_id`.

Tables have many rows and few duplicates. So all rows are first compared by a small hash of their
dates, block by block in the cache; only the rows that agree in it are looked at more closely.
"""

from __future__ import annotations

from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import pyarrow as pa

    from risicoscreener.dossier.checked import CheckedTable
    from risicoscreener.dossier.schema import TableSpec

BLOCK = 16_384
MOST_PLACES = 2**16
_SLOT_BITS = 18
_FACTORS = (2_654_435_761, 2_246_822_519)


def repeats_a_fact(rows: list[Any], fields: Sequence[attrgetter[Any]]) -> bool:
    """Whether a table of one person has the same fact twice.

    Parameters
    ----------
    rows
        The records of a table.
    fields
        What facts must have, the cheapest to compare first: if all differ in one, none is equal.
    """
    for field in fields:
        if len({*map(field, rows)}) == len(rows):
            return False
    unnamed = [msgspec.structs.astuple(row) for row in rows if row.fact_id is None]
    return len(set(unnamed)) < len(unnamed)


def required_fields(spec: TableSpec) -> tuple[attrgetter[Any], ...]:
    """The fields by which to tell facts of a table apart, for `repeats_a_fact`.

    Of those that were recorded on one day, which are few, most differ in the first code that they
    must have, and hardly any agrees in everything that it must have.
    """
    required = [column for column in spec.columns.values() if column.required]
    codes = [column.name for column in required if column.kind == "code"][:1]
    return (*map(attrgetter, codes), attrgetter(*(column.name for column in required)))


def check_duplicates(table: CheckedTable) -> None:
    """Set apart each row that is equal to an earlier one of the person and has no id."""
    import numpy as np

    if len(table.owner) < 2:
        return
    agree = _rows_that_agree(table)
    agree = agree[~table.bad[agree] & (table.owner[agree] >= 0)]
    ids = table.columns["fact_id"]
    if ids.null_count < len(ids) and len(agree):
        unnamed = ids.is_null().to_numpy(zero_copy_only=False)
        agree = agree[unnamed[agree]]
    if len(agree) < 2:
        return
    rows, first = _repeats(table, agree)
    place = dict(zip(rows.tolist(), first.tolist(), strict=True))
    said = "no second copy of row {}; an event of its own that is alike is told apart by a fact_id"
    table.reject(np.sort(rows), "fact_id", lambda row: said.format(place[row]))


def _rows_that_agree(table: CheckedTable) -> np.ndarray:
    """Rows that may be equal to another one, by a hash of person and dates: few, if any."""
    import numpy as np

    recorded, starts = table.days("recorded_at"), table.days(str(table.spec.starts))
    if recorded is None or starts is None:
        return np.empty(0, dtype=np.int64)
    columns = [c.view(np.uint32) for c in (recorded.values, table.owner, starts.values)]
    bounds = _blocks(table)
    room = _Room(max(end - begin for begin, end in bounds))
    codes = _whole_codes(table)
    found = []
    for begin, end in bounds:
        rows = _agreeing([c[begin:end] for c in columns], room) + begin
        found.append(_agreeing_in_codes(rows, columns, codes) if len(rows) else rows)
    return np.concatenate(found)


def _whole_codes(table: CheckedTable) -> list[np.ndarray]:
    """The columns of codes in which nothing is absent, as numbers."""
    import pyarrow as pa

    columns = table.columns.values()
    whole = [c for c in columns if pa.types.is_dictionary(c.type) and not c.indices.null_count]
    return [c.indices.to_numpy(zero_copy_only=False) for c in whole]


def _agreeing_in_codes(
    rows: np.ndarray, columns: list[np.ndarray], codes: list[np.ndarray]
) -> np.ndarray:
    """Those of some rows, which agree in days, that agree in their codes with another one too."""
    import numpy as np

    mixed = np.empty(len(rows), dtype=np.uint32)
    _hash([column[rows] for column in columns], mixed)
    for column in codes:
        mixed *= _FACTORS[0]
        mixed += column[rows].astype(np.uint32)
    twice = _twice_in_order(mixed)
    return rows[np.isin(mixed, twice)] if len(twice) else rows[:0]


def _blocks(table: CheckedTable) -> list[tuple[int, int]]:
    """Bounds between which all rows of a person stand; everything at once if they are scattered."""
    import numpy as np

    owner, n = table.owner, len(table.owner)
    if n <= BLOCK or not table.in_order:
        return [(0, n)]
    cuts = np.searchsorted(owner, owner[BLOCK:n:BLOCK])
    bounds = np.unique(np.concatenate(([0], cuts, [n]))).tolist()
    return list(pairwise(bounds))


def _agreeing(columns: list[np.ndarray], room: _Room) -> np.ndarray:
    """Positions of rows of which the hash occurs twice; ``room`` is there to work in."""
    import numpy as np

    hashes = room.hashes[: len(columns[0])]
    _hash(columns, hashes)
    twice = room.twice_among(hashes) if len(hashes) <= MOST_PLACES else _twice_in_order(hashes)
    if not len(twice):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.isin(hashes, twice))


def _twice_in_order(hashes: np.ndarray) -> np.ndarray:
    """Numbers that occur more than once."""
    import numpy as np

    in_order = np.sort(hashes)
    return in_order[1:][in_order[1:] == in_order[:-1]]


class _Room:
    """Where a block of rows is compared: each leaves its place in a slot that its hash tells.

    Who finds another place there than the own one shares the slot. That takes two passes, where
    putting the hashes in order takes many.
    """

    def __init__(self, n: int) -> None:
        import numpy as np

        self.hashes = np.empty(n, dtype=np.uint32)
        n = min(n, MOST_PLACES)
        self._slots = np.empty(1 << _SLOT_BITS, dtype=np.uint16)
        self._places = np.arange(n, dtype=np.uint16)
        self._mixed = np.empty(n, dtype=np.uint32)
        self._slot = np.empty(n, dtype=np.intp)
        self._last = np.empty(n, dtype=np.uint16)

    def twice_among(self, hashes: np.ndarray) -> np.ndarray:
        """Numbers that occur more than once, of at most `MOST_PLACES`."""
        import numpy as np

        n = len(hashes)
        mixed, slot, last, place = (
            part[:n] for part in (self._mixed, self._slot, self._last, self._places)
        )
        np.multiply(hashes, _FACTORS[0], out=mixed)
        np.right_shift(mixed, 32 - _SLOT_BITS, out=slot, casting="unsafe")
        self._slots[slot] = place
        self._slots.take(slot, out=last, mode="clip")  # clip: numpy skips its bounds check
        shared = np.flatnonzero(last != place)
        ousted, there = hashes[shared], hashes[last[shared]]
        return np.concatenate((ousted[ousted == there], _twice_in_order(ousted)))


def _hash(columns: list[np.ndarray], into: np.ndarray) -> None:
    import numpy as np

    first, second, third = columns
    np.multiply(first, _FACTORS[0], out=into)
    into += second
    into *= _FACTORS[1]
    into += third


def _repeats(table: CheckedTable, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import pyarrow as pa

    def codes_of(column: pa.Array) -> Callable[[np.ndarray], np.ndarray]:
        return lambda chosen: _codes(column.take(pa.array(chosen)))

    return find_repeats(table.owner, rows, [codes_of(c) for c in table.columns.values()])


def find_repeats(
    owner: np.ndarray, rows: np.ndarray, fields: Sequence[Callable[[np.ndarray], np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    """Rows that are equal to an earlier one of the same person in every field, and the first such.

    Parameters
    ----------
    owner
        Number of the person of each row of the table, int.
    rows
        Positions of the rows to compare, ascending.
    fields
        For each field a function from positions to numbers from 0, the same for equal values.
    """
    import numpy as np

    group = owner[rows].astype(np.int64)
    for codes_of in fields:
        _, group = np.unique(group, return_inverse=True)
        alike = np.bincount(group)[group] > 1
        rows, group = rows[alike], group[alike]
        if not len(rows):
            return rows, rows
        codes = codes_of(rows)
        group = group * (codes.max() + 1) + codes
    _, first, group = np.unique(group, return_index=True, return_inverse=True)
    again = rows[first][group] != rows
    return rows[again], rows[first][group][again]


def _codes(column: pa.Array) -> np.ndarray:
    """A number from 0 for each value, the same for equal ones; what is absent is a value too."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_floating(column.type):  # minus zero is zero
        given = column.fill_null(float("nan")).to_numpy(zero_copy_only=False) + 0.0
        _, numbers = np.unique(given, return_inverse=True, equal_nan=True)
        return numbers.astype(np.int64)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    codes: np.ndarray = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int64) + 1
