"""A record on a PostgreSQL server. Needs the extra ``postgres`` (psycopg)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import RecordError
from risicoscreener.screening.record.log import RecordLog
from risicoscreener.screening.record.storage import Execute, statements

if TYPE_CHECKING:
    import psycopg

LOCK = "SELECT pg_advisory_xact_lock(hashtext('risicoscreener-record'), hashtext(current_schema()))"
"""Held from the reading of the end of the chain until the entry is on disk."""
NOT_THERE = "42P01"
"""What PostgreSQL says where a table is not there."""


class PostgresLog(RecordLog):
    """A record in the first schema of the search path of a database.

    Parameters
    ----------
    dsn
        ``postgresql://user@host/database``. A password is better kept in ``~/.pgpass``; it is
        never in a message of this library.
    create
        Make the tables if they are not there; asks for the right to.

    Raises
    ------
    RecordError
        If the server cannot be reached, has no record, or does not write to disk.
    """

    def __init__(self, dsn: str, *, create: bool = False) -> None:
        self._dsn = dsn
        super().__init__(_public_name(dsn))
        self._open: psycopg.Connection[tuple[Any, ...]] | None = None
        try:
            if create:
                self._make_tables()
            self.id = self._read_id()
        except BaseException:
            self.close()
            raise

    def _make_tables(self) -> None:
        with self._transaction(writes=True) as execute:
            if execute("SELECT to_regclass('record_start') IS NOT NULL", ())[0][0]:
                return
            execute(statements("postgres.sql"), ())
            self._begin_record(execute)

    def _connection(self) -> psycopg.Connection[tuple[Any, ...]]:
        """The connection, made anew if the server went away."""
        import psycopg

        if self._open is None or self._open.closed:
            self._open = None
            opened = psycopg.connect(self._dsn, autocommit=True)
            try:
                self._check_durable(opened)
            except BaseException:
                opened.close()
                raise
            self._open = opened
        return self._open

    def _check_durable(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        found = connection.execute("SHOW fsync").fetchone()
        if found is None or found[0] != "on":
            raise RecordError(
                f"the server of {self.name} has fsync off; expected on: what is recorded must "
                "outlive a loss of power"
            )
        found = connection.execute("SHOW synchronous_commit").fetchone()
        if found is None or found[0] in ("off", "local"):
            connection.execute("SET synchronous_commit = on")

    @contextmanager
    def _said(self) -> Iterator[None]:
        import psycopg

        try:
            yield
        except psycopg.Error as error:
            if error.sqlstate == NOT_THERE:
                raise RecordError(f"there is no record in {self.name}") from None
            raise RecordError(
                f"record {self.name}: {_without_password(error, self._dsn)}"
            ) from None

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Execute]:
        with self._said():
            connection = self._connection()
            execute = _Execute(connection)
            connection.execute(
                "BEGIN" if writes else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            )
            try:
                if writes:
                    execute(LOCK, ())
                yield execute
                connection.execute("COMMIT")
            except BaseException:
                if not connection.closed:
                    connection.execute("ROLLBACK")
                raise

    def _delete_payload(self, execute: Execute, sequence: int, marker: int) -> None:
        execute("SELECT record_delete_payload(?, ?)", (sequence, marker))

    def close(self) -> None:
        """Close the connection."""
        if self._open is not None and os.getpid() == self._process:
            self._open.close()
            self._open = None


class _Execute:
    """Statements in a transaction; see `storage.Execute`."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def __call__(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        if not parameters:  # may be several statements, which give no rows as binary
            cursor = self._connection.execute(statement.encode())
        else:
            cursor = self._connection.execute(_with_marks(statement), parameters, binary=True)
        return cursor.fetchall() if cursor.description else []

    def many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_with_marks(statement), rows)


def _with_marks(statement: str) -> bytes:
    return statement.replace("?", "%s").encode()


def _public_name(dsn: str) -> str:
    """A DSN without its password.

    Raises
    ------
    RecordError
        If it is none; the message does not repeat it.
    """
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        raise RecordError(
            "a record on PostgreSQL needs the package psycopg: install risicoscreener[postgres]"
        ) from None
    try:
        parts = conninfo_to_dict(dsn)
    except ProgrammingError:
        raise RecordError(
            "the address of the server is not understood; expected postgresql://user@host/database"
        ) from None
    host, user, database = (parts.get(name) for name in ("host", "user", "dbname"))
    if "@" in str(host):
        # What stands before it is the rest of a password.
        raise RecordError(
            "the address of the server has more than one @; expected those in a password as %40"
        )
    return f"postgresql://{f'{user}@' if user else ''}{host or ''}/{database or ''}"


def _without_password(error: Exception, dsn: str) -> str:
    """The first line of an error, which should not and does not have the password."""
    from psycopg.conninfo import conninfo_to_dict

    said = str(error).strip().splitlines() or [type(error).__name__]
    password = conninfo_to_dict(dsn).get("password") or ""
    secrets = [re.escape(str(password))] if password else []
    return re.sub("|".join([*secrets, r"password=\S+"]), "…", said[0])
