"""Kill writers of a record at random moments, and look at what is left of it.

    python scripts/kill_log.py                 # 200 runs on a file
    python scripts/kill_log.py --on postgres   # on a server, of which the client is killed
    python scripts/kill_log.py --on postgres --kill server

A writer adds entries, one at a time and in batches, and says on a pipe which are on disk. It is
killed with SIGKILL (a server is stopped without a checkpoint). Afterwards the record is opened
anew. Lost is an entry that was acknowledged and is not there; torn is one that is there in part; a
batch is torn if not all of it is there.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

import private_postgres
from risicoscreener.screening.record import RecordLog, open_log
from risicoscreener.screening.record.chain import Draft

BATCH = 5
BODY_BYTES = 20_000
"""About as much as a screening says."""
LONGEST_SECONDS = 0.25
RUNS_PER_RECORD = 10
"""The whole record is verified after each run, so that it must not grow for ever."""


class Said(msgspec.Struct):
    """What an entry says: which batch, which of it, and what makes it long."""

    run: int
    batch: int
    number: int
    of: int
    long: str


@dataclass
class Found:
    """What was left after some runs."""

    runs: int = 0
    acknowledged: int = 0
    there: int = 0
    lost: int = 0
    torn: int = 0
    broken: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing was lost, torn or broken."""
        return not (self.lost or self.torn or self.broken)

    def __str__(self) -> str:
        return (
            f"{self.runs} runs: {self.acknowledged} entries acknowledged, {self.there} there; "
            f"{self.lost} lost, {self.torn} torn, chain broken {self.broken} times"
        )


def write(target: str, run: int) -> None:
    """Add entries until killed; a line of standard output for each that is on disk."""
    with open_log(target) as log:
        batch = 0
        while True:
            n = 1 if batch % 3 else BATCH
            log.append([_draft(Said(run, batch, i, n, "x" * BODY_BYTES)) for i in range(n)])
            os.write(1, f"{batch}\n".encode())
            batch += 1


def _draft(said: Said) -> Draft:
    return Draft(
        kind="screening",
        category="penitentiary_file",
        body=msgspec.json.encode(said),
        subject=f"SYN-{said.run:06}",
    )


def kill_writers(
    new_target: Callable[[int], str],
    runs: int,
    seed: int,
    server: private_postgres.Server | None,
) -> Found:
    """Start and kill so many writers, each on the record that the one before it left.

    Parameters
    ----------
    new_target
        Gives the place of another record; there is one for each `RUNS_PER_RECORD`.
    server
        Stopped instead, if given.
    """
    found, moments = Found(), random.Random(seed)
    target = ""
    for run in range(runs):
        if run % RUNS_PER_RECORD == 0:
            target = new_target(run)
            open_log(target, create=True).close()
        acknowledged = _one_run(target, run, moments.uniform(0.0, LONGEST_SECONDS), server)
        with open_log(target) as log:
            _look(log, run, acknowledged, found)
    return found


def _one_run(target: str, run: int, seconds: float, server: private_postgres.Server | None) -> int:
    """The number of batches that a writer said were on disk before it or its server was killed."""
    words = [sys.executable, str(Path(__file__).resolve()), "--write", target, "--run", str(run)]
    writer = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert writer.stdout is not None
    lines: list[bytes] = []
    reader = threading.Thread(target=_read, args=(writer.stdout, lines))
    reader.start()
    started = time.monotonic()
    while not lines and time.monotonic() - started < 60:
        time.sleep(0.002)  # the moment is within the writing, not within the start of Python
    time.sleep(seconds)
    if server is not None:
        server.stop("immediate")
    writer.kill()
    writer.wait()
    reader.join()
    if server is not None:
        server.start()
    return len([line for line in lines if line.endswith(b"\n")])


def _read(stream: IO[bytes], lines: list[bytes]) -> None:
    for line in stream:
        lines += [line]


def _look(log: RecordLog, run: int, acknowledged: int, found: Found) -> None:
    """Count what is there of a run, and what should be."""
    batches: dict[int, list[Said]] = {}
    for entry in log.about(f"SYN-{run:06}"):
        assert entry.payload is not None
        try:
            said = msgspec.json.decode(entry.payload.body, type=Said)
        except msgspec.MsgspecError:
            found.torn += 1
            continue
        found.torn += len(said.long) != BODY_BYTES
        batches.setdefault(said.batch, []).append(said)
    found.torn += sum(len(batch) != batch[0].of for batch in batches.values())
    found.lost += sum(
        (BATCH if batch % 3 == 0 else 1) for batch in range(acknowledged) if batch not in batches
    )
    found.runs += 1
    found.acknowledged += sum(BATCH if batch % 3 == 0 else 1 for batch in range(acknowledged))
    found.there += sum(map(len, batches.values()))
    found.broken += not log.verify().ok


def main(runs: int, seed: int, on: str, kill: str) -> Found:
    """Kill so many writers of a new record in a file or on a server."""
    where = private_postgres.server() if on == "postgres" else nullcontext()
    with where as server, tempfile.TemporaryDirectory() as folder:

        def new_target(run: int) -> str:
            if server is None:
                return str(Path(folder) / f"{run}.db")
            return server.new_schema(f"run{run}")

        return kill_writers(new_target, runs, seed, server if kill == "server" else None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--on", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--kill", choices=("client", "server"), default="client")
    parser.add_argument("--write", metavar="TARGET", help=argparse.SUPPRESS)
    parser.add_argument("--run", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        write(given.write, given.run)
    outcome = main(given.runs, given.seed, given.on, given.kill)
    print(outcome)
    sys.exit(not outcome.ok)
