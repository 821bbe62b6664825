"""A synthetic cohort: dossiers, and apart from them the truth behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from risicoscreener.dossier.files import files_of, parts_of, table_path
from risicoscreener.dossier.schema import tables
from risicoscreener.dossier.tables import DossierTables, concatenate
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DataError, DossierError
from risicoscreener.synthetic.parameters import (
    DEFAULT_POPULATION,
    Parameters,
    load_parameters,
)
from risicoscreener.synthetic.scenario import MOST_PEOPLE, Scenario
from risicoscreener.synthetic.stages.draws import Array, Block
from risicoscreener.synthetic.stages.lives import Lives, draw_lives
from risicoscreener.synthetic.stages.rows import (
    as_extracted,
    join,
    persons_to_arrow,
    to_arrow,
    told_apart,
)
from risicoscreener.writing import put_in_place

if TYPE_CHECKING:
    import pandas as pd

BLOCK_SIZE = 4096
PART_BLOCKS = 8
PART_SIZE = PART_BLOCKS * BLOCK_SIZE
"""People of a cohort are joined and written so many at a time."""
DOSSIERS, TRUTH, INDEX = "dossiers", "truth", "index.parquet"
_UNFINISHED = ".partial"
"""Ending of a folder that is being written; only a process that was killed leaves one."""
_DAYS = frozenset(("as_of", "release_on"))


@dataclass(frozen=True)
class Truth:
    """What the dossiers do not say; each attribute is a table of its own.

    Attributes
    ----------
    persons
        One row for each person, by ``person_id``: the index day ``as_of`` inside the stay,
        ``release_on``, what nobody measures (``latent_…``), for each outcome (``any``,
        ``violence``, ``serious_violence``) and horizon (``1y``, ``2y``, ``5y`` after release) the
        true probability of a case (``probability_any_2y``) and whether there was one (``any_2y``),
        both also as a register that is read late enough shows them (``…_registered``) and the
        second as it shows on the day on which registers were read (``any_2y_seen``); the years to
        the first case (``years_to_any``, absent where there is none in the years followed) and to
        what ruled one out (``competing_event``, ``years_to_competing_event``).
    liberties
        One row for each leave movement decided before the registers were read: ``person_id``,
        ``as_of`` (the day before the decision), ``kind``, ``probability_failed``, ``failed``.
    interventions
        One row for each person, by ``person_id``: which help they received, and probability and
        outcome with and without each (``probability_any_2y_if_supervision_1``).
    """

    persons: pd.DataFrame
    liberties: pd.DataFrame
    interventions: pd.DataFrame

    def observations(self) -> dict[str, pd.DataFrame]:
        """Every table with ``person_id`` as a column, as a model recipe observes them."""
        return {
            name: frame if frame.index.name is None else frame.reset_index()
            for name, frame in self.by_name().items()
        }

    def by_name(self) -> dict[str, pd.DataFrame]:
        """The tables by their names."""
        return {name: getattr(self, name) for name in TRUTH_TABLES}

    @classmethod
    def concatenate(cls, parts: Sequence[Truth]) -> Truth:
        """The truth of several groups of people as one."""
        return cls(**{n: _stacked([getattr(part, n) for part in parts]) for n in TRUTH_TABLES})


TRUTH_TABLES = tuple(field.name for field in fields(Truth))
_DRAWN_AS = {"persons": "truth", "liberties": "movements", "interventions": "interventions"}
"""For each table of the truth the columns of `Lives` that it is made of."""


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    is_by_person = frames[0].index.name is not None
    return pd.concat(frames, ignore_index=not is_by_person) if len(frames) > 1 else frames[0]


@dataclass(frozen=True)
class Cohort:
    """Synthetic people: their dossiers, and the truth."""

    tables: DossierTables
    truth: Truth

    def write(self, folder: str | Path, *, part: int | None = None) -> None:
        """Write ``dossiers/*.parquet`` and ``truth/*.parquet`` in a folder.

        ``index.parquet`` has for whom and on which day there is a truth: person_id and as_of.

        Parameters
        ----------
        part
            Number of this group of people, from 0, if several are written to one folder: each
            table is then a folder of parts.
        """
        folder = Path(folder)
        self.tables.write(folder / DOSSIERS, part=part)
        (folder / TRUTH).mkdir(parents=True, exist_ok=True)
        for name, frame in self.truth.by_name().items():
            _write_frame(frame, folder / TRUTH / f"{name}.parquet", part)
        _write_frame(self.index(), folder / INDEX, part)

    def index(self) -> pd.DataFrame:
        """For whom and on which day there is a truth: ``person_id`` and ``as_of``."""
        return self.truth.persons.reset_index()[["person_id", "as_of"]]

    @classmethod
    def read(cls, folder: str | Path) -> Cohort:
        """The cohort that `write` or `write_cohort` put in a folder.

        Raises
        ------
        DataError
            If the truth is absent, cannot be read, or is that of other people, or if the folder
            was never finished.
        DossierError
            If the dossiers are absent or not valid.
        """
        folder = _finished(folder)
        return _together(DossierTables.read(folder / DOSSIERS), _read_truth(folder), folder)

    @classmethod
    def read_parts(cls, folder: str | Path) -> Iterator[Cohort]:
        """The parts of a cohort in a folder in turn; one if it is not in parts.

        A cohort of any size is gone through in the memory of a part.

        Raises
        ------
        DataError, DossierError
            As `read`, and if not every table has the same parts.
        """
        folder = _finished(folder)
        names: list[str] | list[None] = parts_of(folder / DOSSIERS) or [None]
        for name, found in zip(names, DossierTables.read_parts(folder / DOSSIERS), strict=True):
            yield _together(found, _read_truth(folder, name), folder)

    @classmethod
    def concatenate(cls, parts: Sequence[Cohort]) -> Cohort:
        """Several groups of people as one cohort; no person may occur in two of them."""
        if len(parts) == 1:
            return parts[0]
        truth = Truth.concatenate([part.truth for part in parts])
        return cls(concatenate([part.tables for part in parts]), truth)


def _write_frame(frame: pd.DataFrame, path: Path, part: int | None) -> None:
    with put_in_place(table_path(path, part)) as unfinished:
        frame.to_parquet(unfinished)


def _finished(folder: str | Path) -> Path:
    folder = Path(folder)
    if folder.resolve().name.endswith(_UNFINISHED):
        raise DataError(
            f"{folder} is a cohort that was not written to its end, as a name in {_UNFINISHED} "
            "says: the process that wrote it works on it, or was stopped; expected a finished "
            "cohort: remove the folder and make it again"
        )
    return folder


def _together(found: DossierTables, truth: Truth, folder: Path) -> Cohort:
    ids = found.person_ids.to_pylist()
    for name, frame in truth.by_name().items():
        if frame.index.name is not None and frame.index.to_list() != ids:
            raise DataError(
                f"the table {name} of the truth in {folder} is not on the people of the dossiers "
                "beside it; expected a row for each of them, in the same order"
            )
    return Cohort(found, truth)


def _read_truth(folder: Path, part: str | None = None) -> Truth:
    """All of the truth, or that of one part."""
    import pandas as pd

    frames = {}
    try:
        for name in TRUTH_TABLES:
            path = folder / TRUTH / f"{name}.parquet"
            paths = files_of(path) if part is None else [path / part]
            frames[name] = _stacked([pd.read_parquet(file) for file in paths])
    except (OSError, pa.ArrowException, DossierError) as error:
        what = f"the truth of the cohort in {folder} cannot be read: {error}"
        raise DataError(f"{what}; expected the files that Cohort.write makes") from None
    return Truth(**frames)


def simulate(
    n: int,
    *,
    seed: int = 1,
    population: str | None = None,
    changes: Mapping[str, Any] | None = None,
    scenario: Scenario | None = None,
    n_jobs: int = 1,
    on_block: Callable[[int], None] | None = None,
) -> Cohort:
    """A cohort of synthetic people, in memory; `write_cohort` writes one of any size.

    People are drawn in blocks of 4,096, each from random streams of its own. So the same seed
    gives the same cohort for any ``n_jobs``, and the first people of a larger cohort are the
    people of a smaller one.

    Parameters
    ----------
    n
        Number of people, from 1 to 9,999,999.
    seed
        A whole number from zero up.
    population
        ``flow`` (all releases, the default) or ``sentenced`` (sentences of at least half a year).
    changes
        New values of parameters by path, as for `load_parameters`.
    scenario
        Gives the population, and values of parameters, to which those of ``changes`` are added.
    n_jobs
        Number of processes; -1 for one on each core.
    on_block
        Called after each block with the number of people drawn so far.

    Raises
    ------
    DataError
        For a number of people, processes or a seed out of range, for a population or a parameter
        that does not exist, or for a population beside a scenario.
    """
    check_size(n, seed, n_jobs)
    parameters = parameters_of(population, changes, scenario)
    drawn = _counted(_draw(blocks_of(int(n), int(seed), parameters), n_jobs), on_block)
    parts: list[Cohort] = []
    while group := list(islice(drawn, PART_BLOCKS)):
        parts.append(cohort_of(group, len(parts) * PART_SIZE, parameters))
    return Cohort.concatenate(parts)


def _counted(drawn: Iterator[Lives], on_block: Callable[[int], None] | None) -> Iterator[Lives]:
    done = 0
    for lives in drawn:
        done += lives.size
        if on_block is not None:
            on_block(done)
        yield lives


def parameters_of(
    population: str | None, changes: Mapping[str, Any] | None, scenario: Scenario | None
) -> Parameters:
    """The parameters of a population, or of a scenario, with changes.

    Raises
    ------
    DataError
        As `load_parameters`, if both a population and a scenario are given, or if the scenario
        has targets to which it must be fitted first.
    """
    if scenario is None:
        return load_parameters(population or DEFAULT_POPULATION, changes)
    if population is not None:
        raise DataError(
            f"population is {population!r} beside the scenario {scenario.id!r}, which has people "
            f"of the population {scenario.population!r}; expected one of the two"
        )
    if scenario.targets:
        raise DataError(
            f"the scenario {scenario.id!r} has targets to which it must be fitted first, such as "
            f"{next(iter(scenario.targets))!r}; expected a fitted one, as `risicoscreener synth "
            "fit --scenario FILE --out FITTED` writes and "
            "risicoscreener.synthetic.scenario_file.fitted(scenario) gives"
        )
    return load_parameters(scenario.population, {**scenario.changes, **(changes or {})})


def check_size(n: int, seed: int, n_jobs: int) -> None:
    """Check how many people are asked for, the seed, and the number of processes.

    Raises
    ------
    DataError
        If one of them is out of range.
    """
    if not isinstance(n, Integral) or not 1 <= n <= MOST_PEOPLE:
        raise DataError(f"n is {n}; expected a whole number of people from 1 to {MOST_PEOPLE:,}")
    if not isinstance(seed, Integral) or seed < 0:
        raise DataError(f"seed is {seed}; expected zero or a positive whole number")
    if not isinstance(n_jobs, Integral) or not n_jobs:
        raise DataError(f"n_jobs is {n_jobs}; expected a number of processes, or -1 for all cores")


def blocks_of(n: int, seed: int, parameters: Parameters) -> list[tuple[Block, int]]:
    """The blocks of a cohort, each with how many of its people are asked for."""
    return [
        (Block(seed, number, BLOCK_SIZE, parameters), min(BLOCK_SIZE, n - first))
        for number, first in enumerate(range(0, n, BLOCK_SIZE))
    ]


def _draw(blocks: list[tuple[Block, int]], n_jobs: int) -> Iterator[Lives]:
    """The people of each block in turn."""
    if n_jobs == 1 or len(blocks) == 1:
        yield from (draw_lives(block, wanted) for block, wanted in blocks)
        return
    from joblib import Parallel, delayed

    run = Parallel(n_jobs=n_jobs, return_as="generator")
    yield from run(delayed(draw_lives)(block, wanted) for block, wanted in blocks)


def cohort_of(drawn: Sequence[Lives], first: int, parameters: Parameters) -> Cohort:
    """People of successive blocks as a cohort, after the ``first`` people of a larger one."""
    offsets = np.cumsum([0, *(lives.size for lives in drawn)])
    ids = pa.array([f"SYN-{first + i:07d}" for i in range(1, int(offsets[-1]) + 1)])
    extracted_on = parameters["calendar.extracted_on"]
    raw = {"persons": persons_to_arrow(ids, **_joined([lives.persons for lives in drawn]))}
    for name in tables():
        blocks = [
            told_apart(as_extracted(lives.facts.pop(name), extracted_on)).moved(int(by))
            for lives, by in zip(drawn, offsets, strict=False)
        ]
        raw[name] = to_arrow(join(blocks), ids)
    return Cohort(DossierTables.from_arrow(raw), _truth(ids, drawn, offsets, extracted_on))


def _truth(ids: pa.Array, drawn: Sequence[Lives], offsets: Array, extracted_on: int) -> Truth:
    """The tables of the truth; decisions after the registers were read are not among them."""
    frames = {}
    for name, drawn_as in _DRAWN_AS.items():
        columns = [getattr(lives, drawn_as) for lives in drawn]
        is_by_person = "owner" not in columns[0]
        frames[name] = (
            _of_persons(ids, columns) if is_by_person else _of_rows(ids, columns, offsets)
        )
    happened = frames["liberties"]["as_of"] <= np.datetime64(extracted_on, "D")
    frames["liberties"] = frames["liberties"][happened].reset_index(drop=True)
    return Truth(**frames)


def _joined(parts: Sequence[dict[str, Array]]) -> dict[str, Array]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _of_persons(ids: pa.Array, parts: Sequence[dict[str, Array]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(_readable(_joined(parts)), pd.Index(ids.to_pandas(), name="person_id"))


def _of_rows(ids: pa.Array, parts: Sequence[dict[str, Array]], offsets: Array) -> pd.DataFrame:
    import pandas as pd

    columns = _joined(parts)
    counts = [len(part["owner"]) for part in parts]
    owner = columns.pop("owner") + np.repeat(offsets[:-1], counts)
    return pd.DataFrame({"person_id": ids.take(pa.array(owner)).to_pandas(), **_readable(columns)})


def _readable(columns: dict[str, Array]) -> dict[str, Array]:
    """Columns with days as such, and kinds of liberties by their codes."""
    readable = dict(columns)
    for name in _DAYS & columns.keys():
        readable[name] = columns[name].astype("datetime64[D]").astype("datetime64[ns]")
    if "kind" in columns:
        readable["kind"] = np.array(vocabularies()["liberty_kind"].codes)[columns["kind"]]
    return readable
