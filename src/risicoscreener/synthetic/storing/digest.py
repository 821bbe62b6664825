"""A digest of what a cohort says, whatever the files and the versions that wrote them.

The bytes of a Parquet file depend on the library that made it, and on whether a table is one file
or several. So the digest is over the content, in an encoding of its own:

- A table is cut into *leaves*: the rows of 4,096 people in their order.
- A leaf of a column is the SHA-256 of: the number of rows (int64); for each row whether it has a
  value (uint8); the values, 0 where there is none. All numbers are little-endian. Days are int32
  since 1970-01-01, whole numbers int64, other numbers float64 without a minus on zero, flags
  uint8. Of text, codes included, first come the distinct values in the order of their UTF-8 bytes
  (their number and their lengths as int64, then the bytes), and then for each row the place of its
  value among them, int32. Persons of facts are places among the people of the leaf, int32.
- A leaf in which nothing has a value is 32 zero bytes, and a column that has only such leaves
  counts as not there: an optional field may be added to a table without another digest.
- The digest of a table is the SHA-256 over its columns in the order of their names: of each the
  name and the kind, each followed by a zero byte, and the SHA-256 of its leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.casting import as_one
from risicoscreener.synthetic.cohort import BLOCK_SIZE, DOSSIERS, TRUTH, Cohort
from risicoscreener.synthetic.stages.draws import Array

if TYPE_CHECKING:
    import pandas as pd

NOTHING = bytes(32)
_TYPES = {"day": "<i4", "integer": "<i8", "number": "<f8", "flag": "u1", "person": "<i4"}
"""How the values of a column of each kind are encoded; text has an encoding of its own."""


@dataclass(frozen=True)
class Leaves:
    """Digests of the columns of one table, for some of the people of a cohort.

    Attributes
    ----------
    rows
        Number of rows.
    columns
        By name the kind of each column and the digests of its leaves, 32 bytes each.
    """

    rows: int
    columns: Mapping[str, tuple[str, bytes]]

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of each column: day, integer, number, flag, text or person."""
        return {name: kind for name, (kind, _) in self.columns.items()}

    @property
    def sha256(self) -> str:
        """Digest of the table, in hexadecimal."""
        whole = hashlib.sha256()
        for name in sorted(self.columns):
            kind, leaves = self.columns[name]
            if leaves.strip(b"\0"):
                whole.update(f"{name}\0{kind}\0".encode() + hashlib.sha256(leaves).digest())
        return whole.hexdigest()

    @classmethod
    def joined(cls, parts: Sequence[Leaves]) -> Leaves:
        """The digests of successive groups of people together.

        Each group but the last has to be of a multiple of 4,096 people.
        """
        columns = {
            name: (kind, b"".join(part.columns[name][1] for part in parts))
            for name, kind in parts[0].kinds.items()
        }
        return cls(sum(part.rows for part in parts), columns)


def leaves_of(cohort: Cohort) -> dict[str, Leaves]:
    """Digests of every table of a cohort, by names such as ``dossiers/debts``."""
    import pandas as pd

    n = cohort.tables.n_persons
    everyone = np.arange(n, dtype=np.int32)
    found = {}
    for name, table in cohort.tables.tables.items():
        owner = everyone if name == "persons" else cohort.tables.owners(name)
        found[f"{DOSSIERS}/{name}"] = _leaves(table, owner, n, name != "persons")
    ids = cohort.truth.persons.index
    for name, frame in cohort.truth.by_name().items():
        by_person = frame.index.name is not None
        owner = (
            everyone
            if by_person
            else ids.get_indexer(pd.Index(frame["person_id"])).astype(np.int32)
        )
        found[f"{TRUTH}/{name}"] = _leaves(_table_of(frame), owner, n, not by_person)
    return found


def joined(parts: Sequence[Mapping[str, Leaves]]) -> dict[str, Leaves]:
    """Digests of the tables of a cohort from those of its parts, in their order."""
    return {name: Leaves.joined([part[name] for part in parts]) for name in parts[0]}


def digest_of(tables: Mapping[str, str]) -> str:
    """The digest of a whole cohort, from those of its tables by name."""
    lines = "".join(f"{name} {tables[name]}\n" for name in sorted(tables))
    return hashlib.sha256(lines.encode()).hexdigest()


def _table_of(frame: pd.DataFrame) -> pa.Table:
    whole = frame if frame.index.name is None else frame.reset_index()
    return pa.Table.from_pandas(whole, preserve_index=False)


def _leaves(table: pa.Table, owner: Array, n: int, are_facts: bool) -> Leaves:
    """Digests of a table of which the rows stand in the order of the people that own them."""
    firsts = np.arange(0, n, BLOCK_SIZE, dtype=np.int32)
    cuts = [*np.searchsorted(owner, firsts).tolist(), len(owner)]
    slices = [slice(begin, end) for begin, end in pairwise(cuts)]
    columns = {}
    for name in table.column_names:
        if are_facts and name == "person_id":
            column = _Column("person", owner % BLOCK_SIZE, np.ones(len(owner), dtype=bool))
        else:
            column = _column(as_one(table.column(name)))
        columns[name] = (column.kind, b"".join(column.leaf(rows) for rows in slices))
    return Leaves(table.num_rows, columns)


@dataclass(frozen=True)
class _Column:
    """Values of a column as numbers; of a text the place in ``texts``, -1 where there is none."""

    kind: str
    values: Array
    known: Array
    texts: Sequence[bytes] = ()

    def leaf(self, rows: slice) -> bytes:
        known = self.known[rows]
        if not known.any():
            return NOTHING
        of_leaf = hashlib.sha256(np.int64(len(known)).astype("<i8").tobytes())
        of_leaf.update(known.astype("u1").tobytes())
        for piece in self._pieces(self.values[rows]):
            of_leaf.update(piece)
        return of_leaf.digest()

    def _pieces(self, values: Array) -> Iterator[bytes]:
        if self.kind == "text":
            yield from self._text(values)
        else:
            yield values.astype(_TYPES[self.kind]).tobytes()

    def _text(self, places: Array) -> Iterator[bytes]:
        occurs = np.zeros(len(self.texts) + 1, dtype=bool)  # the last for what is absent
        occurs[places] = True
        found = np.flatnonzero(occurs[:-1]).tolist()
        found.sort(key=self.texts.__getitem__)
        texts = [self.texts[place] for place in found]
        yield np.array([len(texts), *map(len, texts)], dtype="<i8").tobytes()
        yield b"".join(texts)
        new = np.full(len(self.texts) + 1, -1, dtype="<i4")
        new[found] = np.arange(len(found))
        yield new[places].tobytes()


def _column(values: pa.Array) -> _Column:
    kind = _kind(values.type)
    known = values.is_valid().to_numpy(zero_copy_only=False)
    if pa.types.is_null(values.type):
        return _Column(kind, np.full(len(values), -1), known)
    if kind == "text":
        coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
        places = coded.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
        return _Column(
            kind, places, known, [text.encode() for text in coded.dictionary.to_pylist()]
        )
    if kind == "day":
        values = values.cast(pa.date32()).view(pa.int32())
    absent = False if kind == "flag" else 0
    numbers = pc.fill_null(values, absent).to_numpy(zero_copy_only=False)
    return _Column(kind, numbers + 0.0 if kind == "number" else numbers, known)


def _kind(of: pa.DataType) -> str:
    if pa.types.is_date(of) or pa.types.is_timestamp(of):
        return "day"
    if pa.types.is_boolean(of):
        return "flag"
    if pa.types.is_integer(of):
        return "integer"
    return "number" if pa.types.is_floating(of) else "text"
