"""A record in a file, with the SQLite that comes with Python."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from risicoscreener.errors import RecordError
from risicoscreener.screening.record.log import RecordLog
from risicoscreener.screening.record.storage import Execute, statements

APPLICATION_ID = 0x72736C67
"""Written in the head of the file, to tell a record from other databases."""
PAGE_BYTES = 16_384
"""An entry fills seven of the usual pages and two of these."""
MOST_PAGES_WAITING = 16_384
"""Pages in the write-ahead log (256 MB) after which who writes brings them into the file, though
that was left to another."""
SETTLING_SECONDS = 0.5
"""How long one that settles is waited for, which SQLite does not do: it waits for who reads."""
PATIENCE_SECONDS = 60.0
"""How long a writer waits for another."""


class SqliteLog(RecordLog):
    """A record in a file.

    Parameters
    ----------
    path
        The file. SQLite keeps two more beside it while it is open; on a network drive the locks
        that keep writers apart do not hold.
    create
        Make it if it is not there.

    Raises
    ------
    RecordError
        If it is not there, or is no record.
    """

    def __init__(self, path: str | os.PathLike[str], *, create: bool = False) -> None:
        super().__init__(os.fsdecode(path))
        file = Path(path)
        if "\0" in self.name:
            raise RecordError(f"{self.name!r} has the byte 0; expected the path of a file")
        if not create and not file.is_file():
            raise RecordError(f"there is no record {file}; expected a file that holds one")
        if create:
            _make_private(file)
        try:
            self._connection = sqlite3.connect(
                file, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise RecordError(f"record {file} cannot be opened: {error}") from None
        try:
            self._set_up(create)
        except BaseException:
            self._connection.close()
            raise

    def _set_up(self, create: bool) -> None:
        with self._said():
            run = self._connection.execute
            # What is acknowledged must outlive a loss of power, and what is deleted must be gone.
            run("PRAGMA synchronous = FULL")
            run("PRAGMA secure_delete = ON")
            run("PRAGMA foreign_keys = ON")
            # Text that is none was not written by this library; its hash does not fit then.
            self._connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            is_empty = not run("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if create and is_empty:
                run(f"PRAGMA page_size = {PAGE_BYTES}")
                run("PRAGMA journal_mode = WAL")
                self._make_tables()
            if run("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise RecordError(f"{self.name} is no record; expected a file that holds one")
        self.id = self._read_id()

    def _make_tables(self) -> None:
        """Make the tables in an empty file; of several processes one does."""
        with self._transaction(writes=True) as execute:
            if execute("SELECT count(*) FROM sqlite_master", ())[0][0]:
                return
            for statement in _split(statements("sqlite.sql")):
                execute(statement, ())
            execute(f"PRAGMA application_id = {APPLICATION_ID}", ())
            self._begin_record(execute)

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise RecordError(f"record {self.name}: {error}") from None

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Execute]:
        connection = self._connection
        with self._said():
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            try:
                yield _Execute(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _delete_payload(self, execute: Execute, sequence: int, marker: int) -> None:
        execute("INSERT INTO record_deleted (sequence, marker) VALUES (?, ?)", (sequence, marker))
        execute("DELETE FROM record_payload WHERE sequence = ?", (sequence,))

    def leave_settling(self) -> bool:
        """Bring pages of the write-ahead log into the file only if nobody else does."""
        with self._mutex, self._said():
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {MOST_PAGES_WAITING}")
        return True

    def settle(self) -> None:
        """Bring pages of the write-ahead log into the file, and have it begin anew.

        The first pass keeps nobody from writing. The second brings what was written meanwhile, and
        is put off until the next time if somebody still reads what the record was before.
        """
        with self._mutex, self._said():
            run = self._connection.execute
            run("PRAGMA wal_checkpoint(PASSIVE)")
            run("PRAGMA busy_timeout = 0")
            try:
                run("PRAGMA wal_checkpoint(RESTART)")
            finally:
                run(f"PRAGMA busy_timeout = {1000 * PATIENCE_SECONDS:.0f}")

    def purge(self) -> None:
        """Empty the write-ahead log, so that what was deleted goes from there too.

        Raises
        ------
        RecordError
            If another process still reads what the record was before.
        """
        with self._mutex, self._said():
            until = time.monotonic() + SETTLING_SECONDS
            while self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > until:
                    raise RecordError(
                        f"what was deleted from {self.name} is marked and gone from it, but still "
                        f"stands in {self.name}-wal, since another process is reading; expected it "
                        "to end before the record is purged"
                    )
                time.sleep(SETTLING_SECONDS / 50)

    def close(self) -> None:
        """Close the file."""
        if os.getpid() == self._process:
            self._connection.close()


class _Execute:
    """Statements in a transaction; see `storage.Execute`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __call__(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, parameters).fetchall()

    def many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self._connection.executemany(statement, rows)


def _make_private(file: Path) -> None:
    """Make the file readable by its owner alone, from its first byte on."""
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise RecordError(f"record {file} cannot be made: {error.strerror}") from None


def _split(script: str) -> Iterator[str]:
    """The statements of a script; one that makes a trigger has semicolons within."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
