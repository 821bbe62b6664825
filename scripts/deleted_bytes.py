"""What a PostgreSQL server still has on disk of entries that were deleted from a record.

    python scripts/deleted_bytes.py

Adds and deletes entries, and looks for the salts of the deleted ones in the files of the tables
and of the write-ahead log: after the deletion, after VACUUM, and after VACUUM FULL.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import private_postgres
from risicoscreener.screening.record import Actor, open_log
from risicoscreener.screening.record.chain import Draft

BODY = b"x" * 20_000
BY = Actor("archivist", "ARC-0001")


def salts_of(connection: object) -> list[bytes]:
    """The salts of all entries that have a payload."""
    rows = connection.execute("SELECT salt FROM record_payload").fetchall()  # type: ignore[attr-defined]
    return [bytes(salt) for (salt,) in rows]


def still_there(folder: Path, salts: list[bytes]) -> int:
    """How many of the salts stand in some file below a folder."""
    found: set[bytes] = set()
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found |= {salt for salt in salts if salt in content}
    return len(found)


def main(entries: int) -> None:
    import psycopg

    with private_postgres.server() as server:
        target = server.new_schema("deleted")
        with open_log(target, create=True) as log:
            draft = Draft(
                kind="screening", category="penitentiary_file", body=BODY, subject="SYN-000001"
            )
            for _ in range(entries):
                log.append([draft])
            with psycopg.connect(target, autocommit=True) as connection:
                salts = salts_of(connection)
            log.delete(list(range(1, entries + 1)), basis="court", by=BY)
        with psycopg.connect(target, autocommit=True) as connection:
            for step in ("", "VACUUM record_payload", "VACUUM FULL record_payload"):
                if step:
                    connection.execute(step.encode())
                connection.execute(b"CHECKPOINT")
                tables = still_there(server.folder / "data" / "base", salts)
                log_ahead = still_there(server.folder / "data" / "pg_wal", salts)
                print(
                    f"{step or 'after the deletion':<28}: of {len(salts)} salts {tables} in the "
                    f"tables, {log_ahead} in the write-ahead log"
                )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=40)
    main(parser.parse_args().entries)
