"""A cohort of any size, written in parts, each by the process that drew it."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from risicoscreener.errors import DataError
from risicoscreener.synthetic.cohort import (
    BLOCK_SIZE,
    PART_BLOCKS,
    blocks_of,
    check_size,
    cohort_of,
    parameters_of,
)
from risicoscreener.synthetic.parameters import DEFAULT_POPULATION, Parameters
from risicoscreener.synthetic.scenario import Scenario
from risicoscreener.synthetic.stages.draws import Block
from risicoscreener.synthetic.stages.lives import draw_lives
from risicoscreener.synthetic.storing.card import Attained, DataCard, Recipe, card_of
from risicoscreener.synthetic.storing.digest import Leaves, joined, leaves_of
from risicoscreener.writing import check_new_folder, put_folder_in_place


def write_cohort(
    folder: str | Path,
    n: int,
    *,
    seed: int = 1,
    population: str | None = None,
    changes: Mapping[str, Any] | None = None,
    scenario: Scenario | None = None,
    n_jobs: int = 1,
    on_part: Callable[[int, int], None] | None = None,
    with_targets: bool = False,
) -> DataCard:
    """Draw a cohort and write it, in the memory of one part for each process.

    `Cohort.read` gives what `simulate` gives with the same arguments, and the files are the same
    to the byte for any ``n_jobs``. Up to 32,768 people a table is one file; of more people it is a
    folder of parts, as data sets are written by other programs, and `Cohort.read_parts` goes
    through them. A card stands beside them, as ``card.json`` and ``CARD.md``.

    Parameters
    ----------
    folder
        Where the cohort is to stand; absent or empty. It is put there when all of it is written.
    n, seed, population, changes, scenario
        As for `simulate`.
    n_jobs
        Number of processes, -1 for one on each core; each draws, joins, checks and writes parts
        of its own.
    on_part
        Called after each part with the number of people written and the number in all.
    with_targets
        Whether the card is to say what the cohort reaches of the published aggregates, which are
        of all releases: of another population it says nothing. Takes a second or two.

    Returns
    -------
    DataCard
        What was written, with a digest of it.

    Raises
    ------
    DataError
        As `simulate`, or if there is something in the folder or it cannot be made.
    """
    check_size(n, seed, n_jobs)
    parameters = parameters_of(population, changes, scenario)
    recipe = Recipe(
        name=Path(folder).resolve().name,
        n=int(n),
        seed=int(seed),
        population=parameters.population,
        scenario=scenario,
        changes=_plain(changes or {}),
    )
    _check_place(folder)
    with put_folder_in_place(folder) as unfinished:
        jobs = _parts_of(recipe, parameters, unfinished)
        parts: list[_Written] = []
        with _written(jobs, n_jobs) as written:
            for part in written:
                parts.append(part)
                if on_part is not None:
                    on_part(sum(one.n for one in parts), recipe.n)
        reached = _attained(recipe) if with_targets else None
        card = _card(recipe, parameters.entries["calendar.extracted_on"].value, parts, reached)
        card.write(unfinished)
    return card


def _parts_of(recipe: Recipe, parameters: Parameters, folder: Path) -> list[_Part]:
    blocks = blocks_of(recipe.n, recipe.seed, parameters)
    groups = [blocks[first : first + PART_BLOCKS] for first in range(0, len(blocks), PART_BLOCKS)]
    return [_Part(folder, number, group, len(groups) > 1) for number, group in enumerate(groups)]


def _attained(recipe: Recipe) -> Attained | None:
    from risicoscreener.synthetic.storing.attained import attained

    if recipe.population != DEFAULT_POPULATION:
        return None
    return attained(
        recipe.n, seed=recipe.seed, population=recipe.population, changes=recipe.all_changes
    )


def _card(
    recipe: Recipe,
    registers_read_on: dt.date,
    parts: list[_Written],
    reached: Attained | None,
) -> DataCard:
    leaves = joined([part.leaves for part in parts])
    days = [part.index_days for part in parts]
    index_days = min(first for first, _ in days), max(last for _, last in days)
    return card_of(recipe, leaves, index_days, registers_read_on, reached)


def _plain(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes without numbers of NumPy, which a card could not show."""
    return {
        path: value.item() if isinstance(value, np.generic) else value
        for path, value in changes.items()
    }


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


@dataclass(frozen=True)
class _Written:
    """What the card says of a part that was written."""

    n: int
    leaves: dict[str, Leaves]
    index_days: tuple[dt.date, dt.date]


@contextmanager
def _written(jobs: list[_Part], n_jobs: int) -> Iterator[Iterator[_Written]]:
    """Each part after it was written.

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


def _write_part(part: _Part) -> _Written:
    first, _ = part.blocks[0]
    drawn = [draw_lives(block, wanted) for block, wanted in part.blocks]
    cohort = cohort_of(drawn, first.number * BLOCK_SIZE, first.parameters)
    cohort.write(part.folder, part=part.number if part.is_one_of_several else None)
    days = cohort.truth.persons["as_of"]
    return _Written(len(days), leaves_of(cohort), (days.min().date(), days.max().date()))
