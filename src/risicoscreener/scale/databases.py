"""DuckDB and PostgreSQL as sources of dossiers, through Arrow.

Each table of the dossier is read from the table or view of its name, or from a query of the
caller. A query is the caller's own text and is run as it is. The library adds names from the
schema of the dossier and whole numbers to it; ids go beside the text, never into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from itertools import pairwise
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

import pyarrow as pa

from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.frames import first_line
from risicoscreener.dossier.schema import tables as dossier_tables
from risicoscreener.errors import DossierError

if TYPE_CHECKING:
    import datetime as dt

    from risicoscreener.dossier.assembling import OnError

INSTALL = "install risicoscreener[scale]"
BOUNDS = """
SELECT DISTINCT min(person_id) AS first
FROM (
    SELECT person_id, ntile({parts}) OVER (ORDER BY person_id) AS part
    FROM {people} WHERE person_id IS NOT NULL
) AS dealt
GROUP BY part ORDER BY first
"""
"""The first id of each of some groups of people of the same size."""


class _Source(Protocol):
    """A database in which each table of the dossier is a query."""

    def names(self) -> list[str]:
        """The tables of the dossier that it has."""

    def rows(self, name: str, first: Any, end: Any) -> pa.Table:
        """The rows of people from an id up to another; ``None`` is without a bound."""

    def bounds(self, parts: int) -> list[Any]:
        """The first id of each part, in the order of the database."""


def read_duckdb(
    connection: Any,
    tables: Mapping[str, Any] | None = None,
    *,
    on_error: OnError = "raise",
    recorded_by: dt.date | None = None,
) -> DossierTables:
    """Dossiers from DuckDB, which also queries Parquet, CSV and frames.

    Parameters
    ----------
    connection
        An open connection (``duckdb.connect``).
    tables
        Table of the dossier to a query of it, as text or as a relation. By default each table or
        view of the current schema that is named as a table of the dossier.
    on_error, recorded_by
        As for `DossierTables.from_frames`.

    Raises
    ------
    DossierError
        If a query fails, or its rows are not those of dossiers.
    """
    return _read(_DuckDB(connection, tables), on_error, recorded_by)


def read_duckdb_parts(
    connection: Any,
    tables: Mapping[str, Any] | None = None,
    *,
    parts: int,
    on_error: OnError = "raise",
    recorded_by: dt.date | None = None,
) -> Iterator[DossierTables]:
    """Dossiers from DuckDB in groups of people, so that one group at a time is in memory.

    The groups are ranges of ids of about the same number of people, at most ``parts``; together
    they have each row once. Otherwise as `read_duckdb`.
    """
    _check_parts(parts)
    source = _DuckDB(connection, tables)
    return _in_parts(nullcontext(source), parts, on_error, recorded_by)


def read_postgres(
    database: Any,
    tables: Mapping[str, str] | None = None,
    *,
    on_error: OnError = "raise",
    recorded_by: dt.date | None = None,
) -> DossierTables:
    """Dossiers from a PostgreSQL server, in columns; needs the extra ``scale``.

    Days are of type date, codes text or an enumeration, amounts of any kind of number; a time
    with a zone is no day. Rows have no order of their own in PostgreSQL: of facts of one day that
    replace each other, a query that orders them says which came first.

    Parameters
    ----------
    database
        ``postgresql://user@host/database``, or an open connection of
        ``adbc_driver_postgresql.dbapi``. With an address all tables are read as they were at one
        moment, and nothing can be written; over a connection that is its owner's to choose.
    tables
        Table of the dossier to a query. By default each table or view on the search path that
        is named as a table of the dossier.
    on_error, recorded_by
        As for `DossierTables.from_frames`.

    Raises
    ------
    DossierError
        If the server cannot be reached, a query fails, or its rows are not those of dossiers. A
        password is never in the message.
    """
    with _postgres(database, tables) as source:
        return _read(source, on_error, recorded_by)


def read_postgres_parts(
    database: Any,
    tables: Mapping[str, str] | None = None,
    *,
    parts: int,
    on_error: OnError = "raise",
    recorded_by: dt.date | None = None,
) -> Iterator[DossierTables]:
    """Dossiers from a PostgreSQL server in groups of people, one group at a time in memory.

    The groups are ranges of ids of about the same number of people, at most ``parts``; together
    they have each row once. An index on ``person_id``, which is text, makes each range quick to
    find. Otherwise as `read_postgres`.
    """
    _check_parts(parts)
    return _in_parts(_postgres(database, tables), parts, on_error, recorded_by)


def _check_parts(parts: int) -> None:
    if not isinstance(parts, int) or isinstance(parts, bool) or parts < 1:
        raise DossierError(f"parts is {parts!r}; expected a whole number from 1")


def _read(
    source: _Source,
    on_error: OnError,
    recorded_by: dt.date | None,
    first: Any = None,
    end: Any = None,
) -> DossierTables:
    frames = {name: source.rows(name, first, end) for name in source.names()}
    return DossierTables.from_frames(frames, on_error=on_error, recorded_by=recorded_by)


def _in_parts(
    opened: AbstractContextManager[_Source],
    parts: int,
    on_error: OnError,
    recorded_by: dt.date | None,
) -> Iterator[DossierTables]:
    """Groups of people; rows with an id below the first or without one are with the first group."""
    with opened as source:
        if "persons" not in source.names():
            _read(source, on_error, recorded_by)  # says that it is absent
        for first, end in pairwise([None, *source.bounds(parts)[1:], None]):
            yield _read(source, on_error, recorded_by, first, end)


@contextmanager
def _said(name: str, errors: type[Exception]) -> Iterator[None]:
    """What a database says of a table, as an error of this library."""
    try:
        yield
    except errors as error:
        raise DossierError(f"the table {name} cannot be read: {first_line(error)}") from None


def _names() -> list[str]:
    return ["persons", *dossier_tables(), "quarantined"]


def _check_given(given: Mapping[str, Any], kinds: tuple[type, ...], expected: str) -> None:
    if not isinstance(given, Mapping):
        kind = type(given).__name__
        raise DossierError(f"the tables are given as {kind}; expected names with their queries")
    for name, query in given.items():
        if not isinstance(query, kinds):
            kind = type(query).__name__
            raise DossierError(f"the table {name} is given as {kind}; expected {expected}")


# --- DuckDB -----------------------------------------------------------------------------------


class _DuckDB:
    """Relations of a connection; see `_Source`."""

    def __init__(self, connection: Any, given: Mapping[str, Any] | None) -> None:
        try:
            import duckdb
        except ImportError:
            raise DossierError(f"reading from DuckDB needs the package duckdb: {INSTALL}") from None
        if not isinstance(connection, duckdb.DuckDBPyConnection):
            kind = type(connection).__name__
            raise DossierError(f"expected a connection of duckdb, not {kind}")
        self._duckdb, self._connection = duckdb, connection
        if given is None:
            given = {name: f'FROM "{name}"' for name in self._there()}
        _check_given(given, (str, duckdb.DuckDBPyRelation), "a query, as text or as a relation")
        self._relations = {name: self._relation(name, query) for name, query in given.items()}

    def _there(self) -> list[str]:
        with _said("persons", self._duckdb.Error):
            found = {name for (name,) in self._connection.sql("SHOW TABLES").fetchall()}
        return [name for name in _names() if name in found]

    def _relation(self, name: str, query: Any) -> Any:
        with _said(name, self._duckdb.Error):
            found = self._connection.sql(query) if isinstance(query, str) else query
        if found is None:
            raise DossierError(f"the query of the table {name} gives no rows; expected a SELECT")
        return found

    def names(self) -> list[str]:
        return list(self._relations)

    def rows(self, name: str, first: Any, end: Any) -> pa.Table:
        person, relation = self._duckdb.ColumnExpression("person_id"), self._relations[name]
        with _said(name, self._duckdb.Error):
            if end is not None:
                below = person < self._duckdb.ConstantExpression(end)
                relation = relation.filter(below | person.isnull() if first is None else below)
            if first is not None:
                relation = relation.filter(person >= self._duckdb.ConstantExpression(first))
            return relation.to_arrow_table()

    def bounds(self, parts: int) -> list[Any]:
        people = f"people_{token_hex(8)}"  # as no table of the caller is called
        query = BOUNDS.format(parts=parts, people=people)
        with _said("persons", self._duckdb.Error):
            found = self._relations["persons"].query(people, query).fetchall()
        return [first for (first,) in found]


# --- PostgreSQL -------------------------------------------------------------------------------

THERE = """
SELECT relname FROM pg_catalog.pg_class
WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.pg_table_is_visible(oid)
"""
KEEP = """
SELECT set_config('risicoscreener.first', $1, false), set_config('risicoscreener.end', $2, false)
"""
AT_ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
FROM_FIRST = "person_id >= current_setting('risicoscreener.first')"
UP_TO_END = "person_id < current_setting('risicoscreener.end')"
"""Ids are settings of the session and not parameters: only a query without any is a COPY, which
is read as it comes and never stands twice in memory."""


@contextmanager
def _postgres(database: Any, given: Mapping[str, str] | None) -> Iterator[_Source]:
    try:
        import adbc_driver_postgresql.dbapi as driver
    except ImportError:
        what = "the package adbc_driver_postgresql"
        raise DossierError(f"reading from PostgreSQL needs {what}: {INSTALL}") from None
    if isinstance(database, str):
        with closing(_connected(driver, database)) as connection:
            source = _Postgres(driver, connection, given)
            source.begin()
            yield source
    elif isinstance(database, driver.Connection):
        yield _Postgres(driver, database, given)
    else:
        kind = type(database).__name__
        raise DossierError(
            "expected postgresql://user@host/database or a connection of "
            f"adbc_driver_postgresql.dbapi, not {kind}"
        )


def _connected(driver: Any, address: str) -> Any:
    if not address.startswith(("postgresql://", "postgres://")):
        raise DossierError(
            "the address of the server is not understood; expected postgresql://user@host/database"
        )
    try:
        return driver.connect(address)
    except driver.Error as error:
        said = _without_password(first_line(error), address)
        raise DossierError(f"the PostgreSQL server cannot be reached: {said}") from None


def _without_password(said: str, address: str) -> str:
    """A message without what may be a password, also where the address was misread."""
    _, _, after_user = address.partition("://")[2].rpartition("@")[0].partition(":")
    pieces = [after_user, *re.split(r"[@/:?#]", after_user)]
    pieces += [unquote(piece) for piece in pieces]
    secrets = sorted({piece for piece in pieces if piece}, key=len, reverse=True)
    return re.sub("|".join([*map(re.escape, secrets), r"password=\S+"]), "…", said)


class _Postgres:
    """Queries to a server; see `_Source`."""

    def __init__(self, driver: Any, connection: Any, given: Mapping[str, str] | None) -> None:
        self._driver, self._connection = driver, connection
        if given is not None:
            _check_given(given, (str,), "a query as text")
        self._given = given

    def begin(self) -> None:
        """Read only, and all of it as it is at this moment."""
        self._ask("persons", AT_ONE_MOMENT, fetch=False)

    def _queries(self) -> Mapping[str, str]:
        if self._given is None:
            found = set(self._ask("persons", THERE).column("relname").to_pylist())
            self._given = {name: f'TABLE "{name}"' for name in _names() if name in found}
        return self._given

    def _of(self, name: str) -> str:
        """A query in brackets; the line break ends a comment in its last line."""
        return f"(\n{self._queries()[name].rstrip().rstrip(';')}\n)"

    def _ask(
        self, name: str, query: str, given: tuple[Any, ...] | None = None, *, fetch: bool = True
    ) -> pa.Table:
        with _said(name, self._driver.Error), self._connection.cursor() as cursor:
            cursor.execute(query, given)
            return cursor.fetch_arrow_table() if fetch else None

    def names(self) -> list[str]:
        return list(self._queries())

    def rows(self, name: str, first: Any, end: Any) -> pa.Table:
        if first is not None or end is not None:
            self._ask(name, KEEP, (first or "", end or ""))
        wanted = [FROM_FIRST] if first is not None else []
        if end is not None:
            wanted.append(UP_TO_END if wanted else f"({UP_TO_END} OR person_id IS NULL)")
        where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
        # Names from the schema and the caller's own query; no value is part of the text.
        return self._ask(name, f"SELECT * FROM {self._of(name)} AS asked{where}")  # noqa: S608

    def bounds(self, parts: int) -> list[Any]:
        people = f"{self._of('persons')} AS people"
        found = self._ask("persons", BOUNDS.format(parts=parts, people=people))
        return list(found.column("first").to_pylist())
