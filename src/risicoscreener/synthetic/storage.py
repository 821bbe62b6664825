"""A cohort of any size, written in parts, each by the process that drew it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from risicoscreener.errors import DataError
from risicoscreener.synthetic.cohort import (
    BLOCK_SIZE,
    PART_BLOCKS,
    blocks_of,
    check_size,
    cohort_of,
)
from risicoscreener.synthetic.draws import Block
from risicoscreener.synthetic.lives import draw_lives
from risicoscreener.synthetic.parameters import DEFAULT_POPULATION, load_parameters
from risicoscreener.writing import check_new_folder, put_folder_in_place


def write_cohort(
    folder: str | Path,
    n: int,
    *,
    seed: int = 1,
    population: str = DEFAULT_POPULATION,
    changes: Mapping[str, Any] | None = None,
    n_jobs: int = 1,
    on_part: Callable[[int, int], None] | None = None,
) -> None:
    """Draw a cohort and write it, in the memory of one part for each process.

    `Cohort.read` gives what `simulate` gives with the same arguments, and the files are the same
    to the byte for any ``n_jobs``. Up to 32,768 people a table is one file; of more people it is a
    folder of parts, as data sets are written by other programs, and `Cohort.read_parts` goes
    through them.

    Parameters
    ----------
    folder
        Where the cohort is to stand; absent or empty. It is put there when all of it is written.
    n, seed, population, changes
        As for `simulate`.
    n_jobs
        Number of processes; each draws, joins, checks and writes parts of its own.
    on_part
        Called after each part with the number of people written and the number in all.

    Raises
    ------
    DataError
        As `simulate`, or if there is something in the folder or it cannot be made.
    """
    check_size(n, seed)
    n, seed = int(n), int(seed)
    blocks = blocks_of(n, seed, load_parameters(population, changes))
    groups = [blocks[first : first + PART_BLOCKS] for first in range(0, len(blocks), PART_BLOCKS)]
    _check_place(folder)
    with put_folder_in_place(folder) as unfinished:
        jobs = [_Part(unfinished, k, group, len(groups) > 1) for k, group in enumerate(groups)]
        done = 0
        with _written(jobs, n_jobs) as written:
            for size in written:
                done += size
                if on_part is not None:
                    on_part(done, n)


def _check_place(folder: str | Path) -> None:
    try:
        check_new_folder(folder)
    except OSError as error:
        what = f"a cohort cannot be written to {folder}: {error.strerror}"
        raise DataError(f"{what}; expected a folder that is not there yet, or is empty") from None


@dataclass(frozen=True)
class _Part:
    """A part of a cohort that is to be written: which blocks, and where."""

    folder: Path
    number: int
    blocks: list[tuple[Block, int]]
    is_one_of_several: bool


@contextmanager
def _written(jobs: list[_Part], n_jobs: int) -> Iterator[Iterator[int]]:
    """The number of people in each part, after it was written.

    Whoever stops before the last part stops the processes too, so that none writes on in a folder
    that is being removed.
    """
    if n_jobs == 1 or len(jobs) == 1:
        yield map(_write_part, jobs)
        return
    from joblib import Parallel, delayed

    run = Parallel(n_jobs=n_jobs, return_as="generator")(delayed(_write_part)(job) for job in jobs)
    try:
        yield run
    finally:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "[0-9]+ tasks", UserWarning)  # parts not wanted
            run.close()


def _write_part(part: _Part) -> int:
    first, _ = part.blocks[0]
    drawn = [draw_lives(block, wanted) for block, wanted in part.blocks]
    cohort = cohort_of(drawn, first.number * BLOCK_SIZE, first.parameters)
    cohort.write(part.folder, part=part.number if part.is_one_of_several else None)
    return cohort.tables.n_persons
