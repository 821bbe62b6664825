"""What tests of all parts share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from risicoscreener.cli import main

if TYPE_CHECKING:
    import private_postgres
    from report.browser import Browser

# How long an example takes is a matter of what else the machine does, and no fault.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture
def run(capsys):
    """Run a command in this process: its exit code, standard output and standard error."""

    def call(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture(scope="session")
def postgres() -> Iterator[private_postgres.Server]:
    """A PostgreSQL server of the tests' own, for as long as they last."""
    import private_postgres  # not on every system

    try:
        import psycopg  # noqa: F401
    except ImportError:
        reason = "psycopg is not installed"
    else:
        reason = "" if private_postgres.programs() else "PostgreSQL is not installed"
    if reason:
        if os.environ.get("RISICOSCREENER_REQUIRE_POSTGRES"):
            pytest.fail(reason)
        pytest.skip(reason)
    with private_postgres.server() as server:
        yield server


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser with one tab, for the tests of a module."""
    from report.browser import REQUIRED, browser, lacking

    if lacking() and not REQUIRED:
        pytest.skip(lacking())
    assert not lacking()
    with browser(tmp_path_factory.mktemp("profile")) as found:
        yield found
