"""A record in a file and one on a PostgreSQL server, and ways to tamper with either."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cases import example
from risicoscreener import Screener
from risicoscreener.screening.record import RecordLog, open_log
from risicoscreener.screening.result import ScreeningResult


@dataclass
class Place:
    """Where a record is kept in a test: it can be opened again, and written to behind its back."""

    target: str
    opened: list[RecordLog] = field(default_factory=list)

    def open(self, *, create: bool = False) -> RecordLog:
        log = open_log(self.target, create=create)
        self.opened.append(log)
        return log

    def tamper(self, statement: str, *parameters: Any) -> None:
        """Run a statement as whoever owns the database, with what guards it set aside."""
        if self.target.startswith("postgresql"):
            import psycopg

            with psycopg.connect(self.target, autocommit=True) as connection:
                connection.execute("SET session_replication_role = replica")
                connection.execute(statement.replace("?", "%s"), parameters or None)
            return
        with sqlite3.connect(self.target) as connection:
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in found.fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(statement, parameters)
        connection.close()

    def guarded(self, statement: str) -> None:
        """Run a statement with what guards the database in place."""
        if self.target.startswith("postgresql"):
            import psycopg

            with psycopg.connect(self.target, autocommit=True) as connection:
                connection.execute(statement)
            return
        connection = sqlite3.connect(self.target)
        try:
            with connection:
                connection.execute(statement)
        finally:
            connection.close()


numbers = itertools.count()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        target = str(tmp_path / "record.db")
    else:
        target = request.getfixturevalue("postgres").new_schema(f"r{next(numbers)}")
    made = Place(target)
    yield made
    for log in made.opened:
        log.close()


@pytest.fixture
def log(place: Place) -> RecordLog:
    """An empty record."""
    return place.open(create=True)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[RecordLog]:
    """An empty record in a file, for what does not depend on where it is kept."""
    with open_log(tmp_path / "small.db", create=True) as log:
        yield log


@pytest.fixture(scope="session")
def screened(screener: Screener) -> Callable[..., ScreeningResult]:
    """The result for one of the example dossiers."""

    def screen(name: str, kind: str = "leave", **named: Any) -> ScreeningResult:
        return screener.screen(example(name), kind, **named)

    return screen
