"""Write a record to tests/screening/golden/<version>/, for later versions to read.

    python scripts/golden_record.py

Once for a release, and not again: a record of that version is what a later one must verify, show
and repeat. It holds a screening of each outcome, decisions on them, a second reading, a deletion,
what became of a key, and a checkpoint beside it.
"""

from __future__ import annotations

import datetime as dt
import lzma
import sqlite3
import sys
import tempfile
from pathlib import Path

from golden_results import FOLDER, ROOT
from risicoscreener import Screener, __version__
from risicoscreener.decision.outcome import Outcome
from risicoscreener.screening import ScreeningResult
from risicoscreener.screening.record import (
    Decision,
    KeyEvent,
    RecordLog,
    SecondReading,
    keep,
    open_log,
)

sys.path.insert(0, str(ROOT / "tests"))

from screening.record.making import ARCHIVIST, OFFICER, decide

RECORD, CHECKPOINTS = "record.db.xz", "checkpoints.jsonl"
DAY = dt.date(2024, 4, 15)
OPENED = dt.datetime(2024, 4, 15, 12, 0, tzinfo=dt.UTC)


def fill(log: RecordLog) -> None:
    """Entries of each kind."""
    screener, results = Screener.load(), {}
    for name in ("grant", "deep_assessment", "deny"):
        source = (ROOT / "examples" / f"{name}.json").read_bytes()
        results[name] = screener.screen(source, "leave", as_of=DAY)
        log.append_screening(results[name], source, screener)
    log.append_decision(_decided(results["grant"], "grant"))
    upward = log.append_decision(_decided(results["deny"], "grant"))
    log.append_second_reading(
        SecondReading(
            decision=upward.sha256,
            read_by=OFFICER,
            read_at=OPENED + dt.timedelta(hours=1),
            agrees=False,
            words="the facts are right",
        )
    )
    log.append_decision(_decided(results["deep_assessment"], "deny"))
    log.append_key(
        KeyEvent(key_id="0" * 16, public_key="a" * 44, event="introduced", at=OPENED, by=ARCHIVIST)
    )
    log.delete([2], basis="court", by=ARCHIVIST)


def _decided(result: ScreeningResult, outcome: Outcome) -> Decision:
    return decide(
        result,
        outcome,
        opened_at=OPENED,
        decided_at=OPENED + dt.timedelta(minutes=10),
        legal_ground=None if result.outcome == "grant" else "Rtvi art. 4",
    )


def main() -> None:
    """Make the record in a folder aside, and put it in place."""
    folder = FOLDER / __version__
    if (folder / RECORD).exists():
        raise SystemExit(f"{folder / RECORD} is there; a record of a release is not written again")
    with tempfile.TemporaryDirectory() as aside:
        path = Path(aside) / "record.db"
        with open_log(path, create=True) as log:
            fill(log)
            mark = log.checkpoint()
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        (folder / RECORD).write_bytes(lzma.compress(path.read_bytes()))
    keep(mark, folder / CHECKPOINTS)


if __name__ == "__main__":
    main()
