"""Parts of a whole, worked on by several processes of one machine."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from numbers import Integral
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from risicoscreener.errors import PartError, RisicoscreenerError, ScaleError
from risicoscreener.scale.orphans import end_with

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from concurrent.futures import Future

P = TypeVar("P")
R = TypeVar("R")

AHEAD = 2
"""Parts for each process that are begun before their results are taken."""
LONGEST_WAIT = 2.0
"""Seconds in which work that was handed over reaches a process."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What processes may use together is not more than there are processors."""
STOPS = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}
LOST = (
    "a process that worked on this part, or on one of the few after it, was killed or ran out of "
    "memory; what was given before is sound. Use fewer processes, or smaller parts"
)


def map_parts(
    function: Callable[[P], R],
    parts: Sequence[P],
    n_jobs: int = 1,
    *,
    name: Callable[[P], str] = str,
) -> Generator[R, None, None]:
    """What a function gives for each part, in the order of the parts, whatever the processes.

    No more than two parts for each process are worked on ahead; so results that are used one by one
    do not pile up. Whoever stops before the last part stops the processes too.

    Parameters
    ----------
    function
        Takes a part, in another process if ``n_jobs`` is not 1: what it takes and gives is copied
        between processes, so let it be names of files rather than tables.
    n_jobs
        Number of processes; 1 for this one alone, -1 for as many as there are processors.
    name
        What a part is called in an error.

    Raises
    ------
    ScaleError
        If ``n_jobs`` is no number of processes, or they cannot be started.
    PartError
        At the first part, in their order, that fails on an error of this library, of the file
        system or of memory, or of which the process was lost; the error is its cause. Another
        error is raised as it is, with a note that names the part.

    Examples
    --------
    >>> list(map_parts(len, ["a", "bb"]))
    [1, 2]
    """
    jobs = checked_jobs(n_jobs)
    listed = list(parts)
    return _mapped(_Guarded(function), listed, [name(part) for part in listed], jobs)


def checked_jobs(n_jobs: int) -> int:
    """A number of processes as it was given.

    Raises
    ------
    ScaleError
        If it is none.
    """
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, Integral) or n_jobs == 0 or n_jobs < -1:
        raise ScaleError(
            f"n_jobs is {n_jobs!r}; expected a number of processes, or -1 for one per processor"
        )
    return int(n_jobs)


def threads_each(jobs: int) -> int | None:
    """Threads of each process, so that together they are as many as processors.

    ``None`` for one process, which may use them all.
    """
    if jobs == 1:
        return None
    return 1 if jobs < 0 else max(1, (os.cpu_count() or 1) // jobs)


@dataclass(frozen=True)
class _Failed:
    """An error in a process, handed back as a value so that earlier parts are given first."""

    error: Exception


@dataclass(frozen=True)
class _Guarded(Generic[P, R]):
    """A function whose errors are values."""

    function: Callable[[P], R]

    def __call__(self, part: P) -> R | _Failed:
        try:
            return self.function(part)
        except Exception as error:
            return _Failed(error)


def _mapped(
    guarded: _Guarded[P, R], parts: list[P], names: list[str], jobs: int
) -> Generator[R, None, None]:
    with _running(guarded, parts, jobs) as run:
        for name in names:
            done = _next(run, name)
            if isinstance(done, _Failed):
                raise _named(done.error, name)
            yield done


@contextmanager
def _running(guarded: _Guarded[P, R], parts: list[P], jobs: int) -> Iterator[Iterator[R | _Failed]]:
    if jobs == 1 or len(parts) < 2:
        yield map(guarded, parts)
        return
    window = _Window(guarded, parts, min(len(parts), _processes(jobs)))
    try:
        yield window.results()
    finally:
        window.close()


class _Window:
    """Work on parts some way ahead of whoever takes the results.

    `joblib.Parallel` goes on to the last part whether results are taken or not, so that those of a
    whole nation would wait in memory; hence its executor, without it. And one of its own: the one
    that joblib keeps is shared by all who use joblib between two results, and ends with theirs.
    """

    def __init__(self, guarded: _Guarded[P, R], parts: list[P], n_processes: int) -> None:
        from joblib.externals.loky import ProcessPoolExecutor

        threads = str(max(1, _processes(-1) // n_processes))
        with _startable(), _deaf_to_stops():
            self._executor = ProcessPoolExecutor(
                n_processes,
                env={name: os.environ.get(name, threads) for name in THREADS},
                initializer=end_with,
                initargs=(os.getpid(),),
            )
        self._guarded = guarded
        self._waiting = iter(parts)
        self._ahead: deque[Any] = deque()
        self._most = AHEAD * n_processes

    def _begin_next(self) -> None:
        for part in islice(self._waiting, 1):
            with _startable(), _deaf_to_stops():
                self._ahead.append(self._executor.submit(self._guarded, part))

    def results(self) -> Iterator[Any]:
        """In the order of the parts."""
        for _ in range(self._most):
            self._begin_next()
        while self._ahead:
            done = self._ahead[0].result()
            self._ahead.popleft()
            yield done
            self._begin_next()

    def close(self) -> None:
        """End the processes, at once if they have work that nobody waits for."""
        # Work that did not yet reach a process when it is stopped makes the executor stumble.
        until = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < until and not all(map(_is_under_way, self._ahead)):
            time.sleep(0.005)
        self._executor.shutdown(wait=True, kill_workers=bool(self._ahead))


def _is_under_way(future: Future[Any]) -> bool:
    return future.running() or future.done()


def _processes(jobs: int) -> int:
    from joblib import cpu_count

    return int(cpu_count()) if jobs < 0 else jobs


@contextmanager
def _startable() -> Iterator[None]:
    """Where the system has no room for another process, that is said; no part is to blame."""
    try:
        yield
    except OSError as error:
        raise ScaleError(
            f"processes cannot be started: {error.strerror or error}; use fewer, or n_jobs=1"
        ) from error


@contextmanager
def _deaf_to_stops() -> Iterator[None]:
    """Processes that start here leave Ctrl-C and the like to this one, which stops them quietly.

    A terminal sends it to all of them. It is not lost here: it comes when the processes are there.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # to start it later would lift the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _next(run: Iterator[R | _Failed], name: str) -> R | _Failed:
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        return next(run)
    except TerminatedWorkerError as error:
        raise PartError(name, LOST) from error


def _named(error: Exception, name: str) -> Exception:
    """An error that says in which part it was."""
    if isinstance(error, (RisicoscreenerError, OSError, MemoryError)):
        named = PartError(name, str(error) or type(error).__name__)
        named.__cause__ = error
        return named
    error.add_note(f"while working on {name}")
    return error
