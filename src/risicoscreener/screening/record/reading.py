"""A record as it can be read: entries, blobs and markers of deletion, at one moment.

Only this module, what writes (`log`), what proves (`verification`) and the backends touch what is
stored (`storage`).
"""

from __future__ import annotations

import datetime as dt
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Self

from risicoscreener.errors import RecordError
from risicoscreener.screening.record.chain import Entry, start_of
from risicoscreener.screening.record.storage import (
    ENTRIES,
    LATEST,
    MARKER,
    Execute,
    Head,
    StoredEntry,
    checked_sequence,
    read_entry,
    read_link,
    storable,
    stored,
)

PAGE = 500
"""Entries that are in memory at once when a whole record is read."""


class RecordReader(ABC):
    """What can be read of a record, whatever it is stored in.

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
        self._within: Execute | None = None
        self._may_write = False
        self._blobs_there: set[str] = set()

    @abstractmethod
    def _transaction(self, *, writes: bool) -> AbstractContextManager[Execute]:
        """Run statements that are all there afterwards, or none.

        One that writes is the only one to do so. One that reads sees one moment.
        """

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
    def transaction(self, *, writes: bool = False) -> Iterator[Execute]:
        """Do several things at one moment: all that is written in it is there afterwards, or none.

        What this thread asks of the log within it belongs to it, other transactions too; other
        threads wait. Nothing in it is on disk before it ends. If it ends with an exception, nothing
        of it is. A deletion is a transaction of its own: it cannot be within one.

        Parameters
        ----------
        writes
            It may write, and nobody else does until it ends. One that only reads sees what was
            there when it began.

        Yields
        ------
        What runs statements of one's own in it, such as on a table beside the record.

        Raises
        ------
        RecordError
            If the log was opened in another process, the storage fails, or something is to be
            written within a transaction that only reads.
        """
        if os.getpid() != self._process:
            raise RecordError(
                f"{self.name} was opened in another process; expected one log per process: open "
                "the record again in this one"
            )
        with self._mutex:
            if self._within is not None:  # what is looked up for an entry, under its lock
                if writes and not self._may_write:
                    raise RecordError(
                        f"{self.name} is to be written within a transaction that only reads; "
                        "expected one with writes=True"
                    )
                yield self._within
                return
            try:
                with self._transaction(writes=writes) as execute:
                    self._within, self._may_write = execute, writes
                    yield execute
            except BaseException:
                self._blobs_there.clear()  # those of this transaction are not there
                raise
            finally:
                self._within = None

    def _read_id(self) -> str:
        with self.transaction() as execute:
            found = execute("SELECT id FROM record_start", ())
        if not found:
            raise RecordError(f"{self.name} has no id; expected a record, which has one")
        return str(found[0][0])

    def __len__(self) -> int:
        return self.head().sequence

    def head(self) -> Head:
        """The last sequence and its hash."""
        with self.transaction() as execute:
            return self._head(execute)[0]

    def _head(self, execute: Execute) -> tuple[Head, dt.datetime]:
        """The end, and the moment of its entry."""
        found = execute(LATEST, ())
        if not found:
            return Head(0, start_of(self.id)), dt.datetime.min.replace(tzinfo=dt.UTC)
        sequence, sha256, body = found[0]
        return Head(sequence, sha256), read_link(bytes(body), sequence, self.name).recorded_at

    def entry(self, sequence: int) -> Entry:
        """One entry.

        Raises
        ------
        RecordError
            If there is none of that sequence.
        """
        with self.transaction() as execute:
            rows = execute(f"{ENTRIES} WHERE l.sequence = ?", (checked_sequence(sequence),))
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
        with self.transaction() as execute:
            rows = execute(f"{ENTRIES} WHERE l.sha256 = ?", (storable(sha256),))
        if not rows:
            raise RecordError(f"{self.name} has no entry with hash {sha256}")
        return read_entry(stored(rows[0]), self.name)

    def entries(self) -> Iterator[Entry]:
        """All entries in order, as they were at one moment for each `PAGE` of them."""
        after = 0
        while True:
            with self.transaction() as execute:
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
        with self.transaction() as execute:
            rows = execute(
                f"{ENTRIES} WHERE p.{wanted} = ? ORDER BY l.sequence", (storable(value),)
            )
        return tuple(read_entry(stored(row), self.name) for row in rows)

    def erased(self) -> tuple[Entry, ...]:
        """The entries that have no payload any more, deleted under a marker or not, in order."""
        with self.transaction() as execute:
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
        with self.transaction() as execute:
            rows = execute(MARKER, (checked_sequence(sequence),))
        return self.entry(rows[0][0]) if rows else None

    def blob(self, sha256: str) -> bytes:
        """What entries rest on, by its sha256.

        Raises
        ------
        RecordError
            If it is not there.
        """
        with self.transaction() as execute:
            rows = execute("SELECT content FROM record_blob WHERE sha256 = ?", (storable(sha256),))
        if not rows:
            raise RecordError(f"{self.name} has nothing with sha256 {sha256}")
        return bytes(rows[0][0])
