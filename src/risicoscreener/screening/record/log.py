"""The record of screenings and decisions: what it can do, whatever it is stored in.

Only this module and its backends touch what is stored. A backend gives a transaction; the
statements are the same for all.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol, Self
from uuid import uuid4

import msgspec

from risicoscreener.errors import RecordError
from risicoscreener.screening.record.chain import (
    Draft,
    Entry,
    Link,
    Payload,
    link_hash,
    sealed,
    start_of,
)

if TYPE_CHECKING:
    from risicoscreener.dossier.reading import Source
    from risicoscreener.models.signing import PrivateKey, PublicKey
    from risicoscreener.screening.record.checkpoint import Checkpoint
    from risicoscreener.screening.record.decision import Actor, Decision, SecondReading
    from risicoscreener.screening.record.entries import KeyEvent
    from risicoscreener.screening.record.retention import Due
    from risicoscreener.screening.record.verification import Verification
    from risicoscreener.screening.result import ScreeningResult
    from risicoscreener.screening.screener import Screener


class Execute(Protocol):
    """Runs statements, with ``?`` for their parameters, in a transaction."""

    def __call__(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a statement; gives the rows."""

    def many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each row of parameters."""


LAST_SEQUENCE = 2**63 - 1
PAGE = 500
"""Entries that are in memory at once when a whole record is read."""

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


class RecordLog(ABC):
    """An append-only record in which every entry names the one before it by its hash.

    Entries are acknowledged when they are on disk. One log can be used by several threads, and one
    record by several processes, each with its own log.

    Attributes
    ----------
    name
        What it is called in messages; never a password.
    id
        What tells this record from all others.
    """

    name: str
    id: str

    def __init__(self, name: str) -> None:
        self.name = name
        self._mutex = threading.RLock()
        self._process = os.getpid()
        self._blobs_there: set[str] = set()
        self._within: Execute | None = None
        self._foundations: dict[tuple[int, str], Any] = {}

    # -- what a backend gives ------------------------------------------------------------------

    @abstractmethod
    def _transaction(self, *, writes: bool) -> AbstractContextManager[Execute]:
        """Run statements that are all there afterwards, or none.

        One that writes is the only one to do so. One that reads sees one moment.
        """

    @abstractmethod
    def _delete_payload(self, execute: Execute, sequence: int, marker: int) -> None:
        """Delete a payload under a marker that was just written."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection; what was acknowledged is on disk already."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    @contextmanager
    def _using(self, *, writes: bool = False) -> Iterator[Execute]:
        """A transaction of this thread; within another of its own it is part of that."""
        if os.getpid() != self._process:
            raise RecordError(
                f"{self.name} was opened in another process; expected one log per process: open "
                "the record again in this one"
            )
        with self._mutex:
            if self._within is not None:  # what is looked up for an entry, under its lock
                yield self._within
                return
            with self._transaction(writes=writes) as execute:
                self._within = execute
                try:
                    yield execute
                finally:
                    self._within = None

    def _begin_record(self, execute: Execute) -> None:
        """Give an empty record its id."""
        execute("INSERT INTO record_start (one, id) VALUES (1, ?)", (uuid4().hex,))

    def _read_id(self) -> str:
        with self._using() as execute:
            found = execute("SELECT id FROM record_start", ())
        if not found:
            raise RecordError(f"{self.name} has no id; expected a record, which has one")
        return str(found[0][0])

    # -- writing -------------------------------------------------------------------------------

    def append(self, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        """Add entries: all of them, or if anything fails none.

        For what this library records itself; `append_screening` and `append_decision` say what
        an entry has to hold.

        Returns
        -------
        The entries, in the order of the drafts. They are on disk.
        """
        with self._using(writes=True) as execute:
            written = self._write(execute, drafts)
        self._blobs_there |= {digest for draft in drafts for digest in draft.blobs}
        return written

    def _write(self, execute: Execute, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        head, latest = self._head(execute)
        written, links, payloads = [], [], []
        for draft in drafts:
            latest = max(latest, dt.datetime.now(dt.UTC))
            link, body, said = sealed(draft, head.sequence + 1, head.sha256, latest)
            head = Head(link.sequence, link_hash(body))
            links.append((link.sequence, body, head.sha256))
            payloads.append((link.sequence, said.subject, said.reference, said.salt, said.body))
            written.append(Entry(link=link, sha256=head.sha256, payload=said))
        blobs = {digest: content for draft in drafts for digest, content in draft.blobs.items()}
        absent = [item for item in blobs.items() if item[0] not in self._blobs_there]
        execute.many(ADD_BLOB, absent)
        execute.many(ADD_LINK, links)
        execute.many(ADD_PAYLOAD, payloads)
        return tuple(written)

    def _head(self, execute: Execute) -> tuple[Head, dt.datetime]:
        """The end, and the moment of its entry."""
        found = execute(LATEST, ())
        if not found:
            return Head(0, start_of(self.id)), dt.datetime.min.replace(tzinfo=dt.UTC)
        sequence, sha256, body = found[0]
        return Head(sequence, sha256), read_link(bytes(body), sequence, self.name).recorded_at

    def append_screening(
        self, result: ScreeningResult, dossier: Source, screener: Screener
    ) -> Entry:
        """Record a screening with all that is needed to repeat it.

        Parameters
        ----------
        result
            What the screener said.
        dossier
            What it said it of. Stored is what was known on the day of the picture, without what
            is kept for audit alone.
        screener
            Its policies, models and definitions are stored once for all entries.

        Raises
        ------
        RecordError
            If the screener does not say the same of what would be stored: what could not be
            repeated is not recorded.
        """
        return self.append_screenings([(result, dossier, screener)])[0]

    def append_screenings(
        self, screenings: Iterable[tuple[ScreeningResult, Source, Screener]]
    ) -> tuple[Entry, ...]:
        """Record several screenings at once, all or none; see `append_screening`."""
        from risicoscreener.screening.record.entries import screening_draft

        return self.append(
            [
                screening_draft(result, dossier, screener, self._foundations)
                for result, dossier, screener in screenings
            ]
        )

    def append_decision(self, decision: Decision) -> Entry:
        """Record the decision of a person on a screening that is in this record.

        What is unusual about it is recorded with it; a person decides, so that nothing is blocked.

        Raises
        ------
        RecordError
            If the screening is not in the record, or the decision cannot be understood, such as an
            override without a reason.
        """
        from risicoscreener.screening.record.entries import decision_draft

        with self._using(writes=True):
            screening = self.screening(decision.screening)
            return self.append([decision_draft(decision, screening, self)])[0]

    def append_second_reading(self, reading: SecondReading) -> Entry:
        """Record what the second reader says of a decision that is in this record.

        Raises
        ------
        RecordError
            If the decision is not in the record, has such a reading already, or was made by the
            same person.
        """
        from risicoscreener.screening.record.entries import second_reading_draft

        with self._using(writes=True):
            return self.append([second_reading_draft(reading, self)])[0]

    def append_key(self, event: KeyEvent) -> Entry:
        """Record that a key to sign with is used from now on, or is not any more."""
        from risicoscreener.screening.record.entries import key_draft

        return self.append([key_draft(event)])[0]

    # -- reading -------------------------------------------------------------------------------

    def __len__(self) -> int:
        return self.head().sequence

    def head(self) -> Head:
        """The last sequence and its hash."""
        with self._using() as execute:
            return self._head(execute)[0]

    def entry(self, sequence: int) -> Entry:
        """One entry.

        Raises
        ------
        RecordError
            If there is none of that sequence.
        """
        with self._using() as execute:
            rows = execute(f"{ENTRIES} WHERE l.sequence = ?", (_sequence(sequence),))
        if not rows:
            raise RecordError(f"{self.name} has no entry {sequence}; expected 1 to {len(self)}")
        return read_entry(stored(rows[0]), self.name)

    def with_hash(self, sha256: str) -> Entry:
        """The entry with this hash.

        Raises
        ------
        RecordError
            If there is none.
        """
        with self._using() as execute:
            rows = execute(f"{ENTRIES} WHERE l.sha256 = ?", (_storable(sha256),))
        if not rows:
            raise RecordError(f"{self.name} has no entry with hash {sha256}")
        return read_entry(stored(rows[0]), self.name)

    def entries(self) -> Iterator[Entry]:
        """All entries in order, as they were at one moment for each `PAGE` of them."""
        after = 0
        while True:
            with self._using() as execute:
                page = self._page(execute, after)
            yield from (read_entry(row, self.name) for row in page)
            if len(page) < PAGE:
                return
            after = page[-1].sequence

    def _page(self, execute: Execute, after: int) -> list[StoredEntry]:
        rows = execute(f"{ENTRIES} WHERE l.sequence > ? ORDER BY l.sequence LIMIT {PAGE}", (after,))
        return [stored(row) for row in rows]

    def about(self, subject: str = "", reference: str = "") -> tuple[Entry, ...]:
        """The entries about a person, or of and on the screening with a sha256, in order."""
        wanted, value = ("reference", reference) if reference else ("subject", subject)
        with self._using() as execute:
            rows = execute(
                f"{ENTRIES} WHERE p.{wanted} = ? ORDER BY l.sequence", (_storable(value),)
            )
        return tuple(read_entry(stored(row), self.name) for row in rows)

    def erased(self) -> tuple[Entry, ...]:
        """The entries that have no payload any more, deleted under a marker or not, in order."""
        with self._using() as execute:
            rows = execute(f"{ENTRIES} WHERE p.sequence IS NULL ORDER BY l.sequence", ())
        return tuple(read_entry(stored(row), self.name) for row in rows)

    def screening(self, reference: str) -> Entry:
        """The entry of the screening whose result has this sha256; of several the last.

        Raises
        ------
        RecordError
            If there is none.
        """
        found = [e for e in self.about(reference=reference) if e.link.kind == "screening"]
        if not found:
            raise RecordError(
                f"{self.name} has no screening {reference}; expected the sha256 of a result that "
                "was recorded and not deleted"
            )
        return found[-1]

    def marker_of(self, sequence: int) -> Entry | None:
        """The entry that marks the deletion of another; None if that was not deleted."""
        with self._using() as execute:
            rows = execute(
                "SELECT marker FROM record_deleted WHERE sequence = ?", (_sequence(sequence),)
            )
        return self.entry(rows[0][0]) if rows else None

    def blob(self, sha256: str) -> bytes:
        """What entries rest on, by its sha256.

        Raises
        ------
        RecordError
            If it is not there.
        """
        with self._using() as execute:
            rows = execute("SELECT content FROM record_blob WHERE sha256 = ?", (_storable(sha256),))
        if not rows:
            raise RecordError(f"{self.name} has nothing with sha256 {sha256}")
        return bytes(rows[0][0])

    # -- proving -------------------------------------------------------------------------------

    def verify(
        self,
        checkpoints: Iterable[Checkpoint] = (),
        *,
        trusted_keys: Iterable[PublicKey] | None = None,
    ) -> Verification:
        """Whether nothing was changed, removed, added or moved; see `verification`.

        Parameters
        ----------
        checkpoints
            What the record was at earlier moments, kept elsewhere. Without them it cannot be
            told whether the end was cut off, or all of it was written again.
        trusted_keys
            If given, one of them must have signed each checkpoint.
        """
        from risicoscreener.screening.record.verification import verify

        return verify(self, checkpoints, trusted_keys)

    def checkpoint(self, private_key: PrivateKey | None = None) -> Checkpoint:
        """What the record is now, to be kept elsewhere; signed if a key is given."""
        from risicoscreener.screening.record.checkpoint import checkpoint_of

        return checkpoint_of(self.id, self.head(), private_key)

    # -- deleting ------------------------------------------------------------------------------

    def due(self, day: dt.date, started: Mapping[str, dt.date]) -> tuple[Due, ...]:
        """The entries whose term of retention has passed; see `retention.due`."""
        from risicoscreener.screening.record.retention import due

        return due(self, day, started)

    def delete(
        self,
        sequences: Iterable[int],
        *,
        basis: str,
        by: Actor,
        day: dt.date | None = None,
        started: Mapping[str, dt.date] | None = None,
    ) -> Entry:
        """Delete what entries say under a legal basis; see `retention.deletion_draft`.

        Returns
        -------
        The marker that is added to the chain.

        Raises
        ------
        RecordError
            If something may not be deleted; or if it was, and a file still has it: see `purge`.
        """
        from risicoscreener.screening.record.retention import deletion_draft

        chosen = tuple(sorted(set(map(_sequence, sequences))))
        with self._using(writes=True) as execute:
            draft = deletion_draft(self, chosen, basis, by, day or dt.date.today(), started or {})
            marker = self._write(execute, [draft])[0]
            for sequence in chosen:
                self._delete_payload(execute, sequence, marker.link.sequence)
        self.purge()
        return marker

    def purge(self) -> None:  # noqa: B027  (nothing, where a backend need do nothing)
        """Let go of what the storage itself still has of what was deleted.

        `delete` does so. It is for when it could not, since another process was reading.

        Raises
        ------
        RecordError
            If somebody still reads what the record was before.
        """


def _sequence(given: Any) -> int:
    """The number of an entry; what no entry can have is refused before a database sees it."""
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= LAST_SEQUENCE:
        raise RecordError(f"there is no entry {given!r}; expected a whole number from 1 on")
    return given


def _storable(text: str) -> str:
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
        return msgspec.json.decode(body, type=Link)
    except (msgspec.MsgspecError, UnicodeError) as error:
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


_MEANT_FOR_A_SERVER = re.compile(
    r"^[a-z][a-z0-9+.\-]*://|\b(password|dbname|host)\s*=", re.IGNORECASE
)


def open_log(target: str | os.PathLike[str], *, create: bool = False) -> RecordLog:
    """The record in a file (SQLite) or on a server (``postgresql://…``).

    Parameters
    ----------
    create
        Make it if it is not there.

    Raises
    ------
    RecordError
        If it is not there, is no record, or cannot be reached. No message has a password.
    """
    address = os.fsdecode(target)
    if address.startswith(("postgresql://", "postgres://")):
        from risicoscreener.screening.record.postgres import PostgresLog

        return PostgresLog(address, create=create)
    if _MEANT_FOR_A_SERVER.search(address):
        # It is not repeated, nor made a file of: it may have a password.
        raise RecordError(
            "the address of the record is neither a file nor a server; expected a path, or "
            "postgresql://user@host/database"
        )
    from risicoscreener.screening.record.sqlite import SqliteLog

    return SqliteLog(target, create=create)
