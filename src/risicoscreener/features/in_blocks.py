"""People on many days, in blocks of people that are made one after the other."""

from __future__ import annotations

import datetime as dt
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from risicoscreener.dossier.schema import EARLIEST, EPOCH
from risicoscreener.errors import DossierError
from risicoscreener.features.many import EventTables
from risicoscreener.writing import check_place, put_in_place

if TYPE_CHECKING:
    from pathlib import Path

    from risicoscreener.dossier.tables import DossierTables
    from risicoscreener.features.plan import FeaturePlan


class AsArrow(Protocol):
    """What a block can do."""

    def to_arrow(self) -> pa.Table:
        """A row for each person and day."""


_Block = TypeVar("_Block", bound=AsArrow)
_Made = TypeVar("_Made")


class BlocksOverDays(Generic[_Block]):
    """Blocks of people on all days, made anew each time they are iterated over.

    Attributes
    ----------
    days
        Days since 1970-01-01, shape (days,), int32.
    n_people
        Number of people, of whom each is in one block.

    Raises
    ------
    DossierError
        If a day has yet to come or lies before the birth of someone, or ``last`` before ``first``.
    """

    def __init__(
        self,
        plan: FeaturePlan,
        dossiers: DossierTables,
        first: dt.date,
        last: dt.date,
        *,
        rows_at_once: int,
        people_at_once: int | None = None,
        n_threads: int | None = None,
    ) -> None:
        self.days = days_between(dossiers, first, last)
        self.n_people = dossiers.n_persons
        self._plan, self._dossiers = plan, dossiers
        self._n_threads = n_threads or os.cpu_count() or 1
        self._people_at_once = max(people_at_once or rows_at_once // len(self.days), 1)

    def __len__(self) -> int:
        """Number of blocks."""
        return max(1, -(-self.n_people // self._people_at_once))

    def __iter__(self) -> Iterator[_Block]:
        events = EventTables(self._dossiers)
        events.prepare(self._plan)
        parts = list(parts_of(self.n_people, self._people_at_once)) or [slice(0, 0)]
        blocks = in_turn(lambda people: self._block(events, people), parts, self._n_threads)
        with closing(blocks):
            for _ in parts:
                # The blocks are the parallel work: threads inside the linear algebra would only
                # wait. Whoever takes a block has the process as it was.
                with threadpool_limits(1, "blas"):
                    block = next(blocks)
                yield block

    def _block(self, events: EventTables, people: slice) -> _Block:
        """What is known of some people who follow each other."""
        raise NotImplementedError

    def write(self, path: str | Path) -> None:
        """Write all rows to a Parquet file, a group of rows for each block.

        Raises
        ------
        DossierError
            If the name does not end in ``.parquet``.
        OSError
            If it cannot be written; what was there is then still there.
        """
        write_parquet(path, (block.to_arrow() for block in self))


def days_between(dossiers: DossierTables, first: dt.date, last: dt.date) -> np.ndarray:
    """The days from the first to the last, in days since 1970-01-01.

    Raises
    ------
    DossierError
        If they are no days that can be meant of these people.
    """
    for name, day in (("first", first), ("last", last)):
        if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
            raise DossierError(f"{name} is {day!r}; expected a date, without a time")
    today = dt.date.today()
    if not EARLIEST <= first <= last <= today:
        raise DossierError(
            f"first is {first} and last is {last}; expected days from {EARLIEST} up to and "
            f"including today, {today}, the first not after the last"
        )
    born = dossiers.tables["persons"].column("birth_date").combine_chunks().cast(pa.int32())
    begin = (first - EPOCH).days
    unborn = np.flatnonzero(born.to_numpy() > begin)
    if len(unborn):
        row = int(unborn[0])
        raise DossierError(
            f"first is {first}, before the birth of {dossiers.person_ids[row]} on "
            f"{EPOCH + dt.timedelta(days=born[row].as_py())}; expected a day on which all were "
            f"born ({len(unborn)} were not)"
        )
    return np.arange(begin, (last - EPOCH).days + 1, dtype=np.int32)


def parts_of(n: int, size: int) -> Iterator[slice]:
    """Positions below ``n`` in parts of some size."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def in_turn(
    work: Callable[[slice], _Made], parts: Iterable[slice], n_threads: int
) -> Generator[_Made, None, None]:
    """What is made of each part, in order; at most one part more than there are threads waits."""
    with ThreadPoolExecutor(n_threads) as pool:
        waiting: deque[Future[_Made]] = deque()
        try:
            for part in parts:
                waiting.append(pool.submit(work, part))
                if len(waiting) > n_threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for other in waiting:
                other.cancel()


def write_parquet(path: str | Path, blocks: Iterator[pa.Table]) -> None:
    """Write blocks to one Parquet file as they come; nothing is left if one fails.

    Raises
    ------
    DossierError
        If the name does not end in ``.parquet``.
    OSError
        If it cannot be written; what was there is then still there.
    """
    import pyarrow.parquet

    if not str(path).endswith(".parquet"):
        raise DossierError(f"{path}: expected a name that ends in .parquet")
    check_place(path)
    with put_in_place(path) as unfinished:
        block = next(blocks)
        with pyarrow.parquet.ParquetWriter(unfinished, block.schema) as writer:
            writer.write_table(block)
            for block in blocks:
                writer.write_table(block)
