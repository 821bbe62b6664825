"""What a record is stored as: rows of links and payloads, the statements, and how rows are read.

The statements are the same for all backends, which give what runs them (`Execute`).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Protocol

import msgspec

from risicoscreener.errors import RecordError
from risicoscreener.screening.record.chain import Entry, Link, Payload
from risicoscreener.strict_json import decode_json


class Execute(Protocol):
    """Runs statements, with ``?`` for their parameters, in a transaction."""

    def __call__(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a statement; gives the rows."""

    def many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each row of parameters."""


LAST_SEQUENCE = 2**63 - 1

MARKER = "SELECT marker FROM record_deleted WHERE sequence = ?"
LATEST = "SELECT sequence, sha256, body FROM record_link ORDER BY sequence DESC LIMIT 1"
ADD_BLOB = "INSERT INTO record_blob (sha256, content) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING"
ADD_LINK = "INSERT INTO record_link (sequence, body, sha256) VALUES (?, ?, ?)"
ADD_PAYLOAD = (
    "INSERT INTO record_payload (sequence, subject, reference, salt, body) VALUES (?, ?, ?, ?, ?)"
)
ENTRIES = """
    SELECT l.sequence, l.body, l.sha256, p.subject, p.reference, p.salt, p.body
    FROM record_link l LEFT JOIN record_payload p ON p.sequence = l.sequence
"""


class StoredEntry(msgspec.Struct, frozen=True):
    """The row of an entry as it is stored, believed in nothing."""

    sequence: int
    body: bytes
    sha256: str
    payload: Payload | None


class Head(msgspec.Struct, frozen=True):
    """The end of a record: the last sequence (0 if empty) and its hash."""

    sequence: int
    sha256: str


def checked_sequence(given: Any) -> int:
    """The number of an entry; what no entry can have is refused before a database sees it.

    Raises
    ------
    RecordError
        If it is no whole number, or out of range.
    """
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= LAST_SEQUENCE:
        raise RecordError(f"there is no entry {given!r}; expected a whole number from 1 on")
    return given


def storable(text: str) -> str:
    """A text that a database can hold.

    Raises
    ------
    RecordError
        If it is none: it has half a character, or the byte 0.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RecordError(f"{text!r} is no text in UTF-8; expected one") from None
    if "\0" in text:
        raise RecordError(f"{text!r} has the byte 0; expected none")
    return text


def stored(row: Sequence[Any]) -> StoredEntry:
    """A row of `ENTRIES`."""
    sequence, body, sha256, subject, reference, salt, payload = row
    said = None
    if payload is not None:
        said = Payload(
            subject=subject or "",
            reference=reference or "",
            salt=_bytes(salt),
            body=_bytes(payload),
        )
    return StoredEntry(sequence, _bytes(body), sha256 or "", said)


def _bytes(cell: Any) -> bytes:
    """The bytes of a cell; whoever owns a database can empty it in spite of its constraints."""
    return b"" if cell is None else bytes(cell)


def read_link(body: bytes, sequence: int, name: str) -> Link:
    """The link in the bytes of a row.

    Raises
    ------
    RecordError
        If it is none.
    """
    try:
        return decode_json(body, Link)
    except msgspec.DecodeError as error:
        raise RecordError(f"entry {sequence} of {name} cannot be read: {error}") from None


def read_entry(row: StoredEntry, name: str) -> Entry:
    """The entry of a row.

    Raises
    ------
    RecordError
        If it cannot be read.
    """
    link = read_link(row.body, row.sequence, name)
    return Entry(link=link, sha256=row.sha256, payload=row.payload)


def statements(file: str) -> str:
    """The statements that make the tables of a record."""
    return (files("risicoscreener.screening.record") / file).read_text("utf-8")
