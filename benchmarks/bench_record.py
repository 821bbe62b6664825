"""How fast a record is written and verified, beside lines of JSON that are forced to disk.

    python benchmarks/bench_record.py

Entries say as much as a screening does. The peer is a file to which a line is added and forced to
disk (fsync) for each entry: it shows neither edits nor removals, and two writers spoil it. It is
timed in turn with the record, and the ratio is taken pair by pair.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

import private_postgres
from risicoscreener import Screener
from risicoscreener.screening.record import RecordLog, open_log, replay_all
from risicoscreener.screening.record.chain import Draft
from risicoscreener.screening.record.entries import screening_draft
from risicoscreener.screening.record.sqlite import SqliteLog

EXAMPLE = Path(__file__).parent.parent / "examples" / "grant.json"
BATCH = 100


def seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


class Lines:
    """The peer: a line for each entry, forced to disk."""

    def __init__(self, path: Path) -> None:
        self.stream = path.open("ab")

    def append(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            self.stream.write(draft.body + b"\n")
        self.stream.flush()
        os.fsync(self.stream.fileno())


def rate(log: RecordLog | Lines, draft: Draft, n: int, batch: int) -> float:
    """Entries in a second."""
    return n / seconds(lambda: [log.append([draft] * batch) for _ in range(n // batch)])


def stored_bytes(log: RecordLog, folder: Path) -> int:
    if isinstance(log, SqliteLog):
        return (folder / "a.db").stat().st_size
    with log._using() as execute:
        return execute("SELECT pg_total_relation_size('record_payload')", ())[0][0]


def main(n: int, rounds: int) -> None:
    screener = Screener.load()
    given = EXAMPLE.read_bytes()
    result = screener.screen(given, "leave")
    made: dict = {}
    draft = screening_draft(result, given, screener, made)
    print(f"an entry says {len(draft.body):,} bytes; what it rests on, once, ", end="")
    print(f"{sum(map(len, draft.blobs.values())):,} bytes")
    each = seconds(lambda: [screening_draft(result, given, screener, made) for _ in range(200)])
    print(f"make an entry of a screening, which screens again: {each / 200 * 1e6:,.0f} µs")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lines = Lines(folder / "lines.jsonl")
        logs = {"SQLite": stack.enter_context(open_log(folder / "a.db", create=True))}
        if private_postgres.programs() is not None:
            server = stack.enter_context(private_postgres.server())
            logs["PostgreSQL"] = stack.enter_context(open_log(server.dsn(), create=True))
        for name, log in logs.items():
            for batch in (1, BATCH):
                pairs = [
                    (rate(lines, draft, n, batch), rate(log, draft, n, batch))
                    for _ in range(rounds)
                ]
                peer, own = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
                ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
                print(
                    f"{name:11} {batch:4} at a time: {own:8,.0f} a second; lines {peer:8,.0f}; "
                    f"the record takes {ratio:.1f} times as long"
                )
            print(f"{name:11} {stored_bytes(log, folder) / len(log):,.0f} bytes for each entry")
            took = min(seconds(log.verify) for _ in range(rounds))
            print(f"{name:11} verify: {len(log) / took:8,.0f} entries a second of {len(log):,}")
        small = stack.enter_context(open_log(folder / "small.db", create=True))
        small.append([draft] * 500)
        took = min(seconds(lambda: list(replay_all(small))) for _ in range(rounds))
        print(f"replay: {500 / took:8,.0f} a second of 500, models loaded once")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    main(given.entries, given.rounds)
