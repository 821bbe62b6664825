"""The record behind a service: what waits is written together, and then acknowledged.

One thread writes. While it waits for the disk others get ready, and go with the next transaction:
so a busy service writes many screenings with one wait, and an idle one does not wait for company.
With an entry goes the key under which a client asked for it, in the same transaction: who asks
again gets the same answer, and nothing is recorded twice.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from risicoscreener.errors import RecordError
from risicoscreener.screening.record import open_log

if TYPE_CHECKING:
    from risicoscreener.screening.record.chain import Draft, Entry
    from risicoscreener.screening.record.log import RecordLog
    from risicoscreener.screening.record.storage import Execute

MOST_AT_ONCE = 256
KEPT = dt.timedelta(hours=24)
"""How long a key of a client is remembered."""
FORGET_EVERY = 1_000
"""Transactions after which keys that are too old are forgotten."""
SETTLE_SECONDS = 1.0
"""How often what writing puts off is done."""
TROUBLE_SECONDS = 10.0
"""How long after a writing that failed, or from when on in one that hangs, the record is said to be
out of order; then others may try again."""
TABLE = """
    CREATE TABLE IF NOT EXISTS service_answer (
        name text PRIMARY KEY, fingerprint text NOT NULL, sequence bigint NOT NULL,
        given_on text NOT NULL, salt text NOT NULL, at text NOT NULL
    )
"""
FIND = "SELECT fingerprint, sequence, given_on, salt FROM service_answer WHERE name = ?"
ADD = (
    "INSERT INTO service_answer (name, fingerprint, sequence, given_on, salt, at) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
FORGET = "DELETE FROM service_answer WHERE at < ?"


class Key(Struct, frozen=True, kw_only=True):
    """Under which name a client asked, what it asked, and what makes the answer the same again.

    Attributes
    ----------
    name, fingerprint
        Hashes: of the client with its key, and of all that was asked.
    given_on, salt
        Day and salt of the view.
    """

    name: str
    fingerprint: str
    given_on: dt.date
    salt: str


class Earlier(Struct, frozen=True):
    """What was answered before under a key: the first entry, and what makes the view again."""

    key: Key
    entry: Entry


class Job(Struct, frozen=True):
    """Entries that belong together, and the key under which they were asked for."""

    drafts: tuple[Draft, ...]
    key: Key | None = None


Written: TypeAlias = "Sequence[Entry] | Earlier"


class HasJob(Protocol):
    """What was made, with what is to be written of it."""

    @property
    def job(self) -> Job | None:
        """The entries."""


Made = TypeVar("Made", bound=HasJob)


class Recorder:
    """Writes what comes, in one thread of its own.

    Parameters
    ----------
    target
        As for `open_log`; made if it is not there.

    Raises
    ------
    RecordError
        If it cannot be reached or made.
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self._log: RecordLog | None = None
        puts_off = self._open().leave_settling()
        self._reading = open_log(target)
        self._settling = _Settling(target) if puts_off else None
        self._queue: SimpleQueue[tuple[Job, Future[Written]] | None] = SimpleQueue()
        self._transactions = 0
        self._failed_at = float("-inf")
        self._writing_since = float("inf")
        self._thread = threading.Thread(target=self._work, name="record", daemon=True)
        self._thread.start()

    def add(self, job: Job) -> Future[Written]:
        """Have entries written; the future is done when they are on disk.

        Its result is the entries, or what was answered before under the same key. It fails with
        RecordError if nothing was written.
        """
        done: Future[Written] = Future()
        self._queue.put((job, done))
        return done

    def add_made(self, make: Callable[[], Made], done: Future[tuple[Made, Written]]) -> None:
        """Make something, and have its job written, in the thread of the caller.

        Parameters
        ----------
        make
            Makes something with a job.
        done
            A future that nobody has begun. It is done when the job is on disk, with what was made
            and what was written, or fails as one of them. Whoever cancels it before the job is
            handed over knows that nothing is kept; after that it cannot be cancelled.
        """
        try:
            made = make()
            job = made.job
            if job is None:
                raise RecordError("an answer without a job; expected what is to be recorded of it")
        except BaseException as error:
            if done.set_running_or_notify_cancel():
                done.set_exception(error)
            return
        if done.set_running_or_notify_cancel():
            self.add(job).add_done_callback(partial(_tell, done, made))

    def earlier(self, name: str) -> Earlier | None:
        """What was answered before under the name of a key.

        Raises
        ------
        RecordError
            If the record cannot be read.
        """
        with self._reading.transaction() as execute:
            found = _find(execute, name)
            return None if found is None else Earlier(found[0], self._reading.entry(found[1]))

    def check(self) -> None:
        """Raise RecordError if the record cannot be read, or could not be written just now."""
        now = time.monotonic()
        if now - self._failed_at < TROUBLE_SECONDS or now - self._writing_since > TROUBLE_SECONDS:
            raise RecordError("the record could not be written just now")
        self._reading.head()

    def close(self) -> None:
        """Write what waits, and let go of the record."""
        self._queue.put(None)
        self._thread.join()
        if self._settling is not None:
            self._settling.close()
        self._reading.close()
        if self._log is not None:
            self._log.close()

    # -- in the thread ---------------------------------------------------------------------------

    def _open(self) -> RecordLog:
        if self._log is None:
            log = open_log(self._target, create=True)
            if not _has_table(log):  # who may only write could not even ask for it to be made
                with log.transaction(writes=True) as execute:
                    execute(TABLE, ())
            log.leave_settling()
            self._log = log
        return self._log

    def _work(self) -> None:
        stopped = False
        while not stopped:
            waiting = [self._queue.get()]
            while not self._queue.empty() and len(waiting) < MOST_AT_ONCE:
                waiting.append(self._queue.get())
            stopped = None in waiting
            self._writing_since = time.monotonic()
            self._write([one for one in waiting if one is not None])
            self._writing_since = float("inf")

    def _write(self, waiting: list[tuple[Job, Future[Written]]]) -> None:
        waiting = [one for one in waiting if one[1].set_running_or_notify_cancel()]
        if waiting:
            self._finish(waiting)

    def _finish(self, waiting: list[tuple[Job, Future[Written]]]) -> None:
        try:
            written = self._together([job for job, _ in waiting])
        except BaseException as error:
            self._let_go()
            if len(waiting) > 1:  # what spoils one transaction need not spoil the others
                for one in waiting:
                    self._finish([one])
                return
            self._failed_at = time.monotonic()
            waiting[0][1].set_exception(_as_record_error(error))
            return
        self._failed_at = float("-inf")
        for (_, done), found in zip(waiting, written, strict=True):
            done.set_result(found)

    def _let_go(self) -> None:
        """Open the record anew next time: what this log knows may not be true any more."""
        log, self._log = self._log, None
        if log is not None:
            try:
                log.close()
            except Exception:  # it is of no use any more
                return

    def _together(self, jobs: list[Job]) -> list[Written]:
        """Write jobs in one transaction; one whose key is known is not written again."""
        log = self._open()
        with log.transaction(writes=True) as execute:
            found: list[Written | None] = []
            fresh: dict[str, int] = {}
            for place, job in enumerate(jobs):
                found.append(self._known(log, execute, job.key, fresh))
                if found[place] is None and job.key is not None:
                    fresh[job.key.name] = place
            new = [place for place, one in enumerate(found) if one is None]
            entries = iter(log.append([d for place in new for d in jobs[place].drafts]))
            for place in new:
                found[place] = [next(entries) for _ in jobs[place].drafts]
            now = dt.datetime.now(dt.UTC)
            for place in fresh.values():
                execute(ADD, _row(jobs[place].key, found[place], now))
            self._transactions += 1
            if self._transactions % FORGET_EVERY == 1:
                execute(FORGET, ((now - KEPT).isoformat(),))
        return [one for one in found if one is not None]

    def _known(
        self, log: RecordLog, execute: Execute, key: Key | None, fresh: dict[str, int]
    ) -> Earlier | None:
        if key is None:
            return None
        if key.name in fresh:
            raise RecordError("the same key twice in one transaction")
        found = _find(execute, key.name)
        return None if found is None else Earlier(found[0], log.entry(found[1]))


class _Settling:
    """Has a record settle now and then, in a thread of its own: no answer waits for that."""

    def __init__(self, target: str) -> None:
        self._log = open_log(target)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="settle", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self._ended.wait(SETTLE_SECONDS):
            with suppress(RecordError):  # who writes finds out what is wrong
                self._log.settle()

    def close(self) -> None:
        """End, and let go of the record."""
        self._ended.set()
        self._thread.join()
        self._log.close()


def _tell(done: Future[tuple[Made, Written]], made: Made, writing: Future[Written]) -> None:
    error = writing.exception()
    if error is None:
        done.set_result((made, writing.result()))
    else:
        done.set_exception(error)


def _has_table(log: RecordLog) -> bool:
    try:
        with log.transaction() as execute:
            _find(execute, "")
    except RecordError:
        return False
    return True


def _find(execute: Execute, name: str) -> tuple[Key, int] | None:
    rows = execute(FIND, (name,))
    if not rows:
        return None
    fingerprint, sequence, given_on, salt = rows[0]
    key = Key(
        name=name,
        fingerprint=fingerprint,
        given_on=dt.date.fromisoformat(given_on),
        salt=salt,
    )
    return key, sequence


def _row(key: Key | None, written: Written | None, now: dt.datetime) -> tuple[object, ...]:
    assert key is not None
    assert isinstance(written, list)
    first = written[0].link.sequence
    return (
        key.name,
        key.fingerprint,
        first,
        key.given_on.isoformat(),
        key.salt,
        now.isoformat(),
    )


def _as_record_error(error: BaseException) -> RecordError:
    return error if isinstance(error, RecordError) else RecordError(type(error).__name__)
