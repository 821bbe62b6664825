"""A PostgreSQL server of one's own: in a temporary folder, on a socket there, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

SETTINGS = "-c listen_addresses='' -c unix_socket_permissions=0700 -c shared_buffers=32MB"


def programs() -> Path | None:
    """The folder with initdb and pg_ctl; None if no server is installed."""
    beside = shutil.which("initdb")
    folders = [Path(beside).resolve().parent] if beside else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "pg_ctl").exists()), None)


class Server:
    """A running server.

    Parameters
    ----------
    folder
        An empty folder that the user that runs the server owns.
    user
        That user, another than root, which a server refuses; None for who runs this.
    """

    def __init__(self, folder: Path, user: str | None) -> None:
        found = programs()
        if found is None:
            raise FileNotFoundError("initdb and pg_ctl: install PostgreSQL")
        self.programs, self.folder, self.user = found, folder, user
        self.run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale")
        self.start()

    def run(self, program: str, *words: str) -> None:
        """Run a program of the server on its data."""
        extra: dict[str, int] = {}
        if self.user is not None:
            entry = pwd.getpwnam(self.user)
            extra = {"user": entry.pw_uid, "group": entry.pw_gid}
        # What it says goes to a file: a server keeps a pipe open for as long as it runs.
        with (self.folder / "said").open("ab") as said:
            done = subprocess.run(
                [self.programs / program, "-D", self.folder / "data", *words],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                check=False,
                **extra,
            )
        if done.returncode:
            raise RuntimeError(f"{program}: {(self.folder / 'said').read_text()}")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.run("pg_ctl", "-w", "-o", f"{SETTINGS} -k {self.folder}", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; ``immediate`` as if it lost power, but for what the system still writes."""
        self.run("pg_ctl", "-w", "-m", mode, "stop")

    def dsn(self, schema: str = "public", user: str = "postgres") -> str:
        """Address of a schema."""
        path = quote(f"-csearch_path={schema}")
        return f"postgresql://{user}@/postgres?host={quote(str(self.folder))}&options={path}"

    def new_schema(self, name: str) -> str:
        """Make a schema; gives its address."""
        import psycopg

        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(f'CREATE SCHEMA "{name}"'.encode())
        return self.dsn(name)


@contextmanager
def server() -> Iterator[Server]:
    """A server for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="rs-pg-", dir="/tmp"))
    user = None
    if os.geteuid() == 0:
        user = "postgres" if _has_user("postgres") else "nobody"
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    try:
        running = Server(folder, user)
        try:
            yield running
        finally:
            running.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
